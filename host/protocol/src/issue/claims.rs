//! Claims on their way from the ID system to the relying party: consented ∩ requested ∩ registered ∩ released
//! (`protocol.md` 45), readable only by whoever holds the code or the token.

use esignet_jose::digest;
use esignet_jose::seal::SealKey;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::id_token::RESERVED;
use crate::endpoint::key_binding::KeyHolder;
use crate::identity_assurance::{VERIFIED_CLAIMS, offer};
use crate::word::claims_request::base;

/// What the ID system released and the end-user agreed to: each value once, and where it goes. A record of the store
/// takes 16 KB, and values may be large.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct ReleasedClaims {
    /// The values, by names that may carry a language tag.
    pub values: Map<String, Value>,
    /// The names that go to the userinfo endpoint.
    pub userinfo: Vec<String>,
    /// The names that go into the id_token.
    pub id_token: Vec<String>,
    /// What is verified (OIDC4IDA §5.1).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub verified: Vec<VerifiedElement>,
    /// Whose key would be bound, when the scope has `key_binding`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<Box<KeyHolder>>,
}

/// An element of `verified_claims`, and where it goes.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifiedElement {
    /// The element.
    pub element: Value,
    /// Whether it goes to userinfo.
    pub userinfo: bool,
    /// Whether it goes into the id_token.
    pub id_token: bool,
}

impl ReleasedClaims {
    /// What the userinfo endpoint answers.
    pub fn for_userinfo(&self) -> Map<String, Value> {
        self.of(&self.userinfo, |verified| verified.userinfo)
    }

    /// What the id_token says beyond the facts of the protocol.
    pub fn for_id_token(&self) -> Map<String, Value> {
        self.of(&self.id_token, |verified| verified.id_token)
    }

    fn of(&self, names: &[String], goes: fn(&VerifiedElement) -> bool) -> Map<String, Value> {
        let values = self.values.iter().filter(|(name, _)| names.contains(name) && !is_reserved(base(name)));
        let mut claims: Map<String, Value> =
            values.map(|(name, value)| (name.clone(), value.clone())).collect();
        let mut verified: Vec<Value> = self
            .verified
            .iter()
            .filter(|verified| goes(verified))
            .map(|verified| verified.element.clone())
            .collect();
        // OIDC4IDA §5.1: an object, or an array of several.
        let verified = if verified.len() > 1 { Some(verified.into()) } else { verified.pop() };
        claims.extend(verified.map(|verified| (VERIFIED_CLAIMS.to_owned(), verified)));
        claims
    }
}

/// The sealed claims do not open: another token, or damage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("sealed claims do not open under this code or token")]
pub struct Unopenable;

/// Seals claims under a key derived from a code or token, which the server itself does not keep (`state.md`).
pub fn seal<T: Serialize>(handle: &str, claims: &T) -> Result<Vec<u8>, Unopenable> {
    seal_as(AAD, handle, claims)
}

/// Opens what [`seal`] sealed under the same code or token.
pub fn open<T: for<'a> Deserialize<'a>>(handle: &str, sealed: &[u8]) -> Result<T, Unopenable> {
    open_as(AAD, handle, sealed)
}

/// As [`seal`], for something else that belongs to the same code or token: each use has a key of its own.
pub fn seal_as<T: Serialize>(purpose: &[u8], handle: &str, value: &T) -> Result<Vec<u8>, Unopenable> {
    let plain = Zeroizing::new(serde_json::to_vec(value).map_err(|_| Unopenable)?);
    key(purpose, handle).seal(purpose, &plain).map_err(|_| Unopenable)
}

/// Opens what [`seal_as`] sealed for the same.
pub fn open_as<T: for<'a> Deserialize<'a>>(
    purpose: &[u8],
    handle: &str,
    sealed: &[u8],
) -> Result<T, Unopenable> {
    let plain = key(purpose, handle).open(purpose, sealed).map_err(|_| Unopenable)?;
    serde_json::from_slice(&plain).map_err(|_| Unopenable)
}

const AAD: &[u8] = b"esignet released claims 1";
/// Whose key would be bound ([`crate::endpoint::key_binding::KeyHolder`]).
pub const KEY_HOLDER: &[u8] = b"esignet key holder 1";

fn key(purpose: &[u8], handle: &str) -> SealKey {
    SealKey::new(*digest::hkdf_sha256(handle.as_bytes(), b"", purpose))
}

/// Whether a name, without a language tag, is no claim that a plugin can make: it states a fact of the protocol, or holds
/// what is verified, which comes out of [`crate::identity_assurance::matching`] alone.
pub fn is_reserved(name: &str) -> bool {
    RESERVED.contains(&name) || name == VERIFIED_CLAIMS || offer::claim_of(name).is_some()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: &Value) -> Map<String, Value> {
        value.as_object().cloned().expect("an object")
    }

    #[test]
    fn facts_of_the_protocol_and_what_is_verified_cannot_be_claimed() {
        let values = object(
            &json!({"name": "A", "name#fr": "B", "sub": "evil", "acr#fr": "evil", "verified_claims": {}}),
        );
        let userinfo = values.keys().cloned().collect();
        let released = ReleasedClaims { values, userinfo, ..ReleasedClaims::default() };
        assert_eq!(released.for_userinfo(), object(&json!({"name": "A", "name#fr": "B"})));
        assert!(released.for_id_token().is_empty());
    }

    #[test]
    fn one_verification_is_an_object_and_several_are_an_array() {
        let element =
            |name: &str, userinfo, id_token| VerifiedElement { element: json!(name), userinfo, id_token };
        let verified = vec![element("a", true, false), element("b", true, true)];
        let released = ReleasedClaims { verified, ..ReleasedClaims::default() };
        assert_eq!(released.for_userinfo(), object(&json!({"verified_claims": ["a", "b"]})));
        assert_eq!(released.for_id_token(), object(&json!({"verified_claims": "b"})));
    }

    #[test]
    fn claims_open_only_with_the_handle_they_were_sealed_under() {
        let values = object(&json!({"name": "A", "name#fr": "B", "email": "e"}));
        let (userinfo, id_token) = (vec!["name".to_owned(), "name#fr".to_owned()], vec!["email".to_owned()]);
        let claims = ReleasedClaims { values, userinfo, id_token, ..ReleasedClaims::default() };
        let sealed = seal("the code", &claims).expect("seals");
        assert!(open::<ReleasedClaims>("another code", &sealed).is_err());
        let opened: ReleasedClaims = open("the code", &sealed).expect("opens");
        assert_eq!(opened.for_userinfo(), object(&json!({"name": "A", "name#fr": "B"})));
        assert_eq!(opened.for_id_token(), object(&json!({"email": "e"})));
    }
}
