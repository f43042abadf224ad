//! `scope` (RFC 6749 §3.3) and the claims that OpenID Connect scopes stand for (OIDC Core §5.4).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// The scopes this server knows, with the claims each asks for.
pub const KNOWN: &[(&str, &[&str])] = &[
    ("openid", &[]),
    (
        "profile",
        &[
            "name",
            "family_name",
            "given_name",
            "middle_name",
            "nickname",
            "preferred_username",
            "profile",
            "picture",
            "website",
            "gender",
            "birthdate",
            "zoneinfo",
            "locale",
            "updated_at",
        ],
    ),
    ("email", &["email", "email_verified"]),
    ("phone", &["phone_number", "phone_number_verified"]),
    ("address", &["address"]),
    (KEY_BINDING, &[]),
];

/// Lets a client have keys bound to the person (ADR 104).
pub const KEY_BINDING: &str = "key_binding";

/// A set of known scope values; order does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Scope(BTreeSet<&'static str>);

/// The scope names a value this server does not know, or none at all (RFC 6749 §5.2, `invalid_scope`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the scope is empty or names a value that is not supported")]
pub struct UnknownScope;

impl Scope {
    /// Takes values separated by single spaces, all of them known.
    pub fn parse(text: &str) -> Result<Self, UnknownScope> {
        let known = |value: &str| KNOWN.iter().map(|(name, _)| *name).find(|name| *name == value);
        let values =
            text.split(' ').map(|value| known(value).ok_or(UnknownScope)).collect::<Result<_, _>>()?;
        Ok(Self(values))
    }

    /// Whether this is an OpenID Connect request: without `openid` there is no id_token (OIDC Core §3.1.2.1).
    pub fn has_openid(&self) -> bool {
        self.0.contains("openid")
    }

    /// Whether a key is to be bound to the person.
    pub fn has_key_binding(&self) -> bool {
        self.0.contains(KEY_BINDING)
    }

    /// The claims that the scope values stand for.
    pub fn claims(&self) -> impl Iterator<Item = &'static str> + '_ {
        KNOWN.iter().filter(|(name, _)| self.0.contains(name)).flat_map(|(_, claims)| claims.iter().copied())
    }
}

impl TryFrom<String> for Scope {
    type Error = UnknownScope;

    fn try_from(text: String) -> Result<Self, UnknownScope> {
        Self::parse(&text)
    }
}

impl From<Scope> for String {
    fn from(scope: Scope) -> Self {
        scope.to_string()
    }
}

impl std::fmt::Display for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let values: Vec<_> = self.0.iter().copied().collect();
        f.write_str(&values.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_scopes_is_irrelevant() {
        assert_eq!(Scope::parse("profile openid"), Scope::parse("openid profile"));
    }

    #[test]
    fn an_unknown_or_empty_scope_is_refused() {
        for bad in ["", " ", "openid  profile", "openid admin", "openid offline_access", "OPENID"] {
            assert_eq!(Scope::parse(bad), Err(UnknownScope), "{bad:?}");
        }
    }

    #[test]
    fn scopes_stand_for_their_claims() {
        let scope = Scope::parse("openid email").expect("known");
        assert_eq!(scope.claims().collect::<Vec<_>>(), ["email", "email_verified"]);
        assert!(scope.has_openid());
    }
}
