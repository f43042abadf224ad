//! The header of a JWS that we write (RFC 7515 §4).

use serde_json::{Map, Value};

use super::SignError;
use crate::algorithm::Algorithm;
use crate::jwk::Jwk;

/// The members that the key decides or that this host never writes: a receiver that follows
/// `jku` or `x5u` has no place here, and `crit` and `b64` are refused on the way in too.
const RESERVED: [&str; 8] = ["alg", "kid", "typ", "jwk", "crit", "b64", "jku", "x5u"];

/// How the reader of a JWS learns which key to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum KeyReference {
    /// By `kid`, among keys that the reader already trusts.
    Named,
    /// The public key itself in `jwk`.
    Embedded,
}

/// The header that the caller asks for; `alg` and the key reference come from the key.
#[derive(Debug, Clone)]
pub struct Header<'a> {
    typ: Option<&'a str>,
    key: KeyReference,
    extra: Map<String, Value>,
}

impl<'a> Header<'a> {
    /// A header of this `typ`, the media type without `application/` (RFC 7515 §4.1.9).
    pub fn typed(typ: &'a str) -> Self {
        Self { typ: Some(typ), ..Self::untyped() }
    }

    /// A header without `typ`; prefer [`typed`](Self::typed), which keeps kinds of tokens apart
    /// (RFC 8725 §3.11).
    pub fn untyped() -> Self {
        Self { typ: None, key: KeyReference::Named, extra: Map::new() }
    }

    /// The same header with the public key in `jwk` and without `kid`.
    #[must_use]
    pub fn embedding_key(self) -> Self {
        Self { key: KeyReference::Embedded, ..self }
    }

    /// The same header with another member, as `cty`.
    #[must_use]
    pub fn with(mut self, member: impl Into<String>, value: impl Into<Value>) -> Self {
        self.extra.insert(member.into(), value.into());
        self
    }

    /// The header as JSON octets.
    pub(super) fn to_json(&self, algorithm: Algorithm, public: &Jwk) -> Result<Vec<u8>, SignError> {
        if let Some(member) = RESERVED.into_iter().find(|member| self.extra.contains_key(*member)) {
            return Err(SignError::ReservedMember { member });
        }
        let mut header = jsonwebtoken::Header::new(algorithm.into());
        header.typ = self.typ.map(str::to_owned);
        match self.key {
            KeyReference::Named => header.kid = public.kid().map(str::to_owned),
            // As an extra member, since the library's own key type would add members of its own.
            KeyReference::Embedded => header.extras.insert("jwk", public.to_bare_value()),
        }
        for (member, value) in &self.extra {
            header.extras.insert(member.as_str(), value);
        }
        serde_json::to_vec(&header).map_err(|_| SignError::HeaderNotJson)
    }
}
