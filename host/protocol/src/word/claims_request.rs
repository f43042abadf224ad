//! The `claims` parameter (OIDC Core §5.5): single claims wanted in userinfo or in the id_token.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The deepest nesting taken (`protocol.md` 53).
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
}

/// The parameter is not a JSON object of the shape of OIDC Core §5.5.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the claims parameter is not a JSON object as OIDC Core section 5.5 has it")]
pub struct MalformedClaims;

impl ClaimsRequest {
    /// Reads the parameter. Members other than `userinfo` and `id_token` are ignored, as are unknown claims later.
    pub fn parse(text: &str) -> Result<Self, MalformedClaims> {
        let value: Value = serde_json::from_str(text).map_err(|_| MalformedClaims)?;
        if depth(&value) > MAX_DEPTH {
            return Err(MalformedClaims);
        }
        let object = value.as_object().ok_or(MalformedClaims)?;
        Ok(Self { userinfo: read(object, "userinfo")?, id_token: read(object, "id_token")? })
    }

    /// Keeps the claims of these names.
    pub fn retain(&mut self, keep: impl Fn(&str) -> bool) {
        self.userinfo.retain(|name, _| keep(name));
        self.id_token.retain(|name, _| keep(name));
    }

    /// The values asked of `sub` anywhere (OIDC Core §5.5.1: a login of somebody else must not succeed).
    pub fn subjects(&self) -> impl Iterator<Item = &Value> {
        [&self.userinfo, &self.id_token]
            .into_iter()
            .filter_map(|claims| claims.get("sub"))
            .flat_map(|claim| &claim.values)
    }
}

fn read(
    object: &Map<String, Value>,
    member: &str,
) -> Result<BTreeMap<String, ClaimRequest>, MalformedClaims> {
    match object.get(member) {
        None | Some(Value::Null) => Ok(BTreeMap::new()),
        Some(Value::Object(claims)) => {
            claims.iter().map(|(name, asked)| Ok((name.clone(), read_claim(asked)?))).collect()
        }
        Some(_) => Err(MalformedClaims),
    }
}

fn read_claim(asked: &Value) -> Result<ClaimRequest, MalformedClaims> {
    match asked {
        // `verified_claims` may be an array (OIDC4IDA §6); it is no claim of ours and is ignored by name later.
        Value::Null | Value::Array(_) => Ok(ClaimRequest::default()),
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
        Value::Bool(_) | Value::Number(_) | Value::String(_) => Err(MalformedClaims),
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
        ];
        for text in bad.into_iter().chain(bad_members) {
            assert_eq!(ClaimsRequest::parse(text), Err(MalformedClaims), "{text}");
        }
    }
}
