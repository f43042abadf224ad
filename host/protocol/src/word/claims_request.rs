//! The `claims` parameter (OIDC Core §5.5): single claims wanted in userinfo or in the id_token, and claims wanted verified
//! (OIDC4IDA §5.3).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::identity_assurance::VERIFIED_CLAIMS;
use crate::identity_assurance::request::{self as verified, VerifiedClaimsRequest};

/// The deepest nesting taken (`protocol.md` 53); `verified_claims` has a bound of its own.
const MAX_DEPTH: usize = 8;

/// What was asked of one claim.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimRequest {
    /// Whether the relying party calls it essential for the task.
    pub essential: bool,
    /// The values it would accept; empty when it did not say.
    pub values: Vec<Value>,
}

/// Claims wanted, by where they should be delivered; the two are kept apart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimsRequest {
    /// From the userinfo endpoint.
    pub userinfo: BTreeMap<String, ClaimRequest>,
    /// In the id_token.
    pub id_token: BTreeMap<String, ClaimRequest>,
    /// `verified_claims` from the userinfo endpoint.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub verified_userinfo: Vec<VerifiedClaimsRequest>,
    /// `verified_claims` in the id_token.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub verified_id_token: Vec<VerifiedClaimsRequest>,
}

/// The parameter is not a JSON object of the shape of OIDC Core §5.5.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the claims parameter is not a JSON object as OIDC Core section 5.5 has it")]
pub struct MalformedClaims;

impl ClaimsRequest {
    /// Reads the parameter. Members other than `userinfo` and `id_token` are ignored, as are unknown claims later.
    pub fn parse(text: &str) -> Result<Self, MalformedClaims> {
        let value: Value = serde_json::from_str(text).map_err(|_| MalformedClaims)?;
        let object = value.as_object().ok_or(MalformedClaims)?;
        Ok(Self {
            userinfo: read(object, "userinfo")?,
            id_token: read(object, "id_token")?,
            verified_userinfo: read_verified(object, "userinfo")?,
            verified_id_token: read_verified(object, "id_token")?,
        })
    }

    /// Keeps the claims of these names, which are given without language tags. Claims are wanted verified only by who may have
    /// `verified_claims`, and of those only the claims that are kept otherwise as well.
    pub fn retain(&mut self, keep: impl Fn(&str) -> bool) {
        self.userinfo.retain(|name, _| keep(base(name)));
        self.id_token.retain(|name, _| keep(base(name)));
        for elements in [&mut self.verified_userinfo, &mut self.verified_id_token] {
            let kept =
                elements.iter().filter(|_| keep(VERIFIED_CLAIMS)).filter_map(|element| element.only(&keep));
            *elements = kept.collect();
        }
    }

    /// The values asked of `sub` anywhere (OIDC Core §5.5.1: a login of somebody else must not succeed).
    pub fn subjects(&self) -> impl Iterator<Item = &Value> {
        [&self.userinfo, &self.id_token]
            .into_iter()
            .filter_map(|claims| claims.get("sub"))
            .flat_map(|claim| &claim.values)
    }
}

/// A claim's name without its language tag (OIDC Core §5.2).
pub fn base(name: &str) -> &str {
    name.split_once('#').map_or(name, |(base, _)| base)
}

/// The language tag of a claim's name.
pub fn tag(name: &str) -> Option<&str> {
    name.split_once('#').map(|(_, tag)| tag)
}

fn read(
    object: &Map<String, Value>,
    member: &str,
) -> Result<BTreeMap<String, ClaimRequest>, MalformedClaims> {
    match object.get(member) {
        None | Some(Value::Null) => Ok(BTreeMap::new()),
        Some(Value::Object(claims)) => {
            let single = claims.iter().filter(|(name, _)| *name != VERIFIED_CLAIMS);
            single.map(|(name, asked)| Ok((name.clone(), read_claim(asked)?))).collect()
        }
        Some(_) => Err(MalformedClaims),
    }
}

fn read_verified(
    object: &Map<String, Value>,
    member: &str,
) -> Result<Vec<VerifiedClaimsRequest>, MalformedClaims> {
    let asked = object.get(member).and_then(|claims| claims.get(VERIFIED_CLAIMS));
    asked.map_or(Ok(Vec::new()), verified::parse)
}

fn read_claim(asked: &Value) -> Result<ClaimRequest, MalformedClaims> {
    // The parameter, `userinfo` and the claim are around it.
    if depth(asked) > MAX_DEPTH - 2 {
        return Err(MalformedClaims);
    }
    match asked {
        Value::Null => Ok(ClaimRequest::default()),
        Value::Object(members) => {
            let essential = match members.get("essential") {
                None => false,
                Some(Value::Bool(essential)) => *essential,
                Some(_) => return Err(MalformedClaims),
            };
            let values = match (members.get("value"), members.get("values")) {
                (None, None) => Vec::new(),
                (Some(value), None) => vec![value.clone()],
                (None, Some(Value::Array(values))) => values.clone(),
                _ => return Err(MalformedClaims),
            };
            Ok(ClaimRequest { essential, values })
        }
        Value::Array(_) | Value::Bool(_) | Value::Number(_) | Value::String(_) => Err(MalformedClaims),
    }
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn userinfo_and_id_token_are_kept_apart() {
        let text = r#"{"userinfo":{"name":{"essential":true},"email":null},"id_token":{"acr":{"values":["a","b"]}}}"#;
        let claims = ClaimsRequest::parse(text).expect("well formed");
        assert!(claims.userinfo["name"].essential);
        assert!(!claims.userinfo["email"].essential);
        assert_eq!(claims.id_token["acr"].values.len(), 2);
        assert!(!claims.id_token.contains_key("name"));
    }

    #[test]
    fn what_is_not_of_the_shape_of_the_specification_is_refused() {
        let deep = format!(r#"{{"userinfo":{{"x":{}1{}}}}}"#, "[".repeat(9), "]".repeat(9));
        let bad = ["", "null", "[]", r#"{"userinfo":1}"#, r#"{"userinfo":{"name":"x"}}"#, &deep];
        let bad_members = [
            r#"{"userinfo":{"name":{"essential":"yes"}}}"#,
            r#"{"id_token":{"a":{"value":1,"values":[1]}}}"#,
            r#"{"id_token":{"a":[]}}"#,
            r#"{"userinfo":{"verified_claims":null}}"#,
            r#"{"userinfo":{"verified_claims":{}}}"#,
        ];
        let deepest = format!(r#"{{"userinfo":{{"x":{{"value":{}1{}}}}}}}"#, "[".repeat(5), "]".repeat(5));
        assert!(ClaimsRequest::parse(&deepest).is_ok());
        for text in bad.into_iter().chain(bad_members) {
            assert_eq!(ClaimsRequest::parse(text), Err(MalformedClaims), "{text}");
        }
    }

    #[test]
    fn claims_that_a_client_may_have_are_kept_in_every_language() {
        let text = r##"{"userinfo":{"name":null,"name#fr":null,"email#fr":null,"#fr":null}}"##;
        let mut claims = ClaimsRequest::parse(text).expect("well formed");
        claims.retain(|name| name == "name");
        assert_eq!(claims.userinfo.keys().collect::<Vec<_>>(), ["name", "name#fr"]);
    }

    #[test]
    fn claims_are_wanted_verified_only_as_far_as_the_client_may_have_both() {
        let text = r#"{"userinfo":{"verified_claims":{"verification":{"trust_framework":null},
            "claims":{"name":null,"name#fr":null,"email":null}}},"id_token":{"verified_claims":[{"verification":
            {"trust_framework":null},"claims":{"email":null}}]}}"#;
        let parsed = ClaimsRequest::parse(text).expect("well formed");
        assert!(parsed.userinfo.is_empty() && parsed.id_token.is_empty(), "it is no claim like others");

        let mut of_one_who_may = parsed.clone();
        of_one_who_may.retain(|name| ["name", "verified_claims"].contains(&name));
        let left: Vec<_> = of_one_who_may.verified_userinfo[0].claims.keys().collect();
        assert_eq!(left, ["name", "name#fr"]);
        assert!(of_one_who_may.verified_id_token.is_empty(), "an element without claims is gone");

        let mut of_one_who_may_not = parsed;
        of_one_who_may_not.retain(|name| ["name", "email"].contains(&name));
        assert!(of_one_who_may_not.verified_userinfo.is_empty());
    }
}
