//! The thumbprint that names a key by its content (RFC 7638 §3).

use super::material::Material;
use crate::digest::sha256_base64url;

/// The SHA-256 thumbprint as base64url.
///
/// The required members stand in lexicographic order without white space (RFC 7638 §3.2, §3.3);
/// their values are base64url or fixed names, so no JSON escape can occur.
pub(super) fn of(material: &Material) -> String {
    let mut members = material.members();
    members.sort_unstable_by_key(|(name, _)| *name);
    let members: Vec<String> =
        members.iter().map(|(name, value)| format!("\"{name}\":\"{value}\"")).collect();
    sha256_base64url(format!("{{{}}}", members.join(",")).as_bytes())
}

#[cfg(test)]
mod tests {
    use crate::jwk::Jwk;

    #[test]
    fn the_rsa_key_of_rfc_7638_section_3_1_has_its_published_thumbprint() {
        let key = Jwk::from_json(
            r#"{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}"#,
        )
        .unwrap();
        assert_eq!(key.thumbprint(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
        assert_eq!(key.kid(), Some("2011-04-29"));
    }

    #[test]
    fn the_ed25519_key_of_rfc_8037_appendix_a_3_has_its_published_thumbprint() {
        let key = Jwk::from_json(
            r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#,
        )
        .unwrap();
        assert_eq!(key.thumbprint(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }
}
