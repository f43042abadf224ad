//! A key or a set of keys that a client registers or serves (RFC 7517).

use esignet_jose::jwk::EncryptionKey;
use esignet_jose::{Jwk, JwkSet};
use serde_json::Value;

use crate::party::text;

const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// What is read is written as it reads back, and with nothing private in it.
pub(crate) fn run(input: &[u8]) {
    let Some(text) = text(input) else { return };
    if let Ok(key) = Jwk::from_json(text) {
        public(&key.to_value());
        let again = Jwk::from_value(&key.to_value()).expect("what was written is read");
        assert_eq!(again, key);
        assert_eq!(again.to_value(), key.to_value());
        assert!(!key.algorithms().is_empty());
    }
    if let Ok(set) = JwkSet::from_json(text) {
        let written = set.to_value();
        written["keys"].as_array().expect("a set").iter().for_each(public);
        let again = JwkSet::from_value(&written).expect("what was written is read");
        assert_eq!(again.to_value(), written);
        assert!(again.skipped().is_empty());
    }
    if let Some(key) =
        serde_json::from_str(text).ok().and_then(|value: Value| EncryptionKey::from_value(&value).ok())
    {
        public(&key.to_value());
        let again = EncryptionKey::from_value(&key.to_value()).expect("what was written is read");
        assert_eq!((again.thumbprint(), again.to_value()), (key.thumbprint(), key.to_value()));
    }
}

fn public(key: &Value) {
    assert!(PRIVATE.iter().all(|member| key.get(member).is_none()), "a private member was kept");
}
