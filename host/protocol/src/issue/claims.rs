//! Claims on their way from the ID system to the relying party: consented ∩ requested ∩ registered ∩ released
//! (`protocol.md` 45), readable only by whoever holds the code or the token.

use esignet_jose::digest;
use esignet_jose::seal::SealKey;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::id_token::RESERVED;
use crate::transaction::stage::OfferedClaim;

/// What the ID system released and the end-user agreed to: each value once, and where it goes. A record of the store
/// takes 16 KB, and values may be large.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct ReleasedClaims {
    /// The values, by names that may carry a language tag.
    pub values: Map<String, Value>,
    /// The names, without tags, that go to the userinfo endpoint.
    pub userinfo: Vec<String>,
    /// The names, without tags, that go into the id_token.
    pub id_token: Vec<String>,
}

impl ReleasedClaims {
    /// What may go on of what an ID system gave: the granted claims, in the languages that were asked for.
    pub fn of(given: &Map<String, Value>, granted: &[OfferedClaim], claims_locales: &[String]) -> Self {
        let mut values = only(given, &granted.iter().map(|claim| claim.name.as_str()));
        in_languages(&mut values, claims_locales);
        let going_to = |place: fn(&&OfferedClaim) -> bool| {
            granted.iter().filter(place).map(|claim| claim.name.clone()).collect()
        };
        Self {
            values,
            userinfo: going_to(|claim| claim.userinfo),
            id_token: going_to(|claim| claim.id_token),
        }
    }

    /// What the userinfo endpoint answers.
    pub fn for_userinfo(&self) -> Map<String, Value> {
        only(&self.values, &self.userinfo.iter().map(String::as_str))
    }

    /// What the id_token says beyond the facts of the protocol.
    pub fn for_id_token(&self) -> Map<String, Value> {
        only(&self.values, &self.id_token.iter().map(String::as_str))
    }
}

/// The sealed claims do not open: another token, or damage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("sealed claims do not open under this code or token")]
pub struct Unopenable;

/// Seals claims under a key derived from a code or token, which the server itself does not keep (`state.md`).
pub fn seal<T: Serialize>(handle: &str, claims: &T) -> Result<Vec<u8>, Unopenable> {
    let plain = serde_json::to_vec(claims).map_err(|_| Unopenable)?;
    key(handle).seal(AAD, &plain).map_err(|_| Unopenable)
}

/// Opens what [`seal`] sealed under the same code or token.
pub fn open<T: for<'a> Deserialize<'a>>(handle: &str, sealed: &[u8]) -> Result<T, Unopenable> {
    let plain = key(handle).open(AAD, sealed).map_err(|_| Unopenable)?;
    serde_json::from_slice(&plain).map_err(|_| Unopenable)
}

const AAD: &[u8] = b"esignet released claims 1";

fn key(handle: &str) -> SealKey {
    SealKey::new(*digest::hkdf_sha256(handle.as_bytes(), b"", AAD))
}

/// The claims among `released` whose names, without a language tag (`name#fr`, OIDC Core §5.2), are in `wanted`.
/// Whatever else a plugin put in is dropped, and so is any name that states a fact of the protocol.
pub fn only<'a>(
    released: &Map<String, Value>,
    wanted: &(impl Iterator<Item = &'a str> + Clone),
) -> Map<String, Value> {
    let keep = |name: &str| {
        let base = name.split('#').next().unwrap_or(name);
        !RESERVED.contains(&base) && wanted.clone().any(|claim| claim == base)
    };
    released
        .iter()
        .filter(|(name, _)| keep(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// Drops values in languages that nobody asked for (OIDC Core §5.2); what has no language tag stays.
pub fn in_languages(claims: &mut Map<String, Value>, wanted: &[String]) {
    claims.retain(|name, _| match name.split_once('#') {
        Some((_, tag)) => wanted.iter().any(|language| language.eq_ignore_ascii_case(tag)),
        None => true,
    });
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: &Value) -> Map<String, Value> {
        value.as_object().cloned().expect("an object")
    }

    #[test]
    fn claims_nobody_asked_for_are_dropped_and_facts_of_the_protocol_cannot_be_claimed() {
        let released =
            object(&json!({"name": "A", "name#fr": "B", "email": "e", "sub": "evil", "acr": "evil"}));
        let kept = only(&released, &["name", "sub", "acr"].into_iter());
        assert_eq!(kept, object(&json!({"name": "A", "name#fr": "B"})));
    }

    #[test]
    fn a_language_that_nobody_asked_for_is_dropped() {
        let mut claims = object(&json!({"name": "A", "name#fr": "B", "name#xx": "C"}));
        in_languages(&mut claims, &["FR".to_owned()]);
        assert_eq!(claims, object(&json!({"name": "A", "name#fr": "B"})));
    }

    #[test]
    fn claims_open_only_with_the_handle_they_were_sealed_under() {
        let values = object(&json!({"name": "A", "name#fr": "B", "email": "e"}));
        let (userinfo, id_token) = (vec!["name".to_owned()], vec!["email".to_owned()]);
        let claims = ReleasedClaims { values, userinfo, id_token };
        let sealed = seal("the code", &claims).expect("seals");
        assert!(open::<ReleasedClaims>("another code", &sealed).is_err());
        let opened: ReleasedClaims = open("the code", &sealed).expect("opens");
        assert_eq!(opened.for_userinfo(), object(&json!({"name": "A", "name#fr": "B"})));
        assert_eq!(opened.for_id_token(), object(&json!({"email": "e"})));
    }
}
