//! The header of a JWE that we write (RFC 7516 §4).

use serde_json::{Map, Value};

use super::{ContentEncryption, KeyManagement};

/// The header that the caller asks for; `alg`, `enc`, `kid` and `epk` come from the encryption.
#[derive(Debug, Clone, Copy, Default)]
pub struct Header<'a> {
    typ: Option<&'a str>,
    cty: Option<&'a str>,
}

impl<'a> Header<'a> {
    /// A header that says nothing of the content.
    pub const fn plain() -> Self {
        Self { typ: None, cty: None }
    }

    /// The header around a signed JWT, with `cty` = `JWT` (RFC 7519 §5.2).
    pub const fn nested() -> Self {
        Self { typ: None, cty: Some("JWT") }
    }

    /// A header with this `cty`, the media type of the content without `application/` (RFC 7516 §4.1.12).
    pub const fn containing(content_type: &'a str) -> Self {
        Self { typ: None, cty: Some(content_type) }
    }

    /// The same header with this `typ`, the media type of the whole without `application/` (RFC 7516 §4.1.11).
    #[must_use]
    pub const fn typed(self, typ: &'a str) -> Self {
        Self { typ: Some(typ), ..self }
    }

    /// The members, without the ephemeral key.
    pub(super) fn members(
        &self,
        algorithm: KeyManagement,
        content: ContentEncryption,
        kid: Option<&str>,
    ) -> Map<String, Value> {
        let chosen = [("alg", Some(algorithm.as_str())), ("enc", Some(content.as_str()))];
        let asked = [("kid", kid), ("typ", self.typ), ("cty", self.cty)];
        chosen
            .into_iter()
            .chain(asked)
            .filter_map(|(name, value)| value.map(|value| (name.to_owned(), value.into())))
            .collect()
    }
}
