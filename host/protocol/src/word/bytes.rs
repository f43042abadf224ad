//! Bytes inside a record, as base64url text: a JSON array of numbers would be three times as long.

use esignet_jose::digest;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serializer};

/// Writes the text.
pub fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&digest::encode_base64url(bytes))
}

/// Reads the text.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
    digest::decode_base64url(&text).map_err(D::Error::custom)
}
