//! The header `DPoP` (RFC 9449 §4).

use esignet_jose::signing_key::Header;
use esignet_protocol::endpoint::path;
use esignet_protocol::extension::dpop::{self, Expected};

use crate::party::{KEY, NOW, POLICY, choice, members, text};

/// As a text, and as the payload of a proof that is signed: what is accepted is for this request and for now.
pub(crate) fn run(input: &[u8]) {
    let expected = Expected { method: "POST", path: path::TOKEN, access_token: None };
    let Some((raw, rest)) = choice(input) else { return };
    if raw {
        let Some(proof) = text(rest) else { return };
        let _ = dpop::decide(proof, expected, &POLICY, NOW);
        return;
    }
    let proof = KEY.sign(&Header::typed("dpop+jwt").embedding_key(), rest).expect("the key signs");
    let Ok(accepted) = dpop::decide(&proof, expected, &POLICY, NOW) else { return };
    assert_eq!(accepted.jkt, KEY.public_jwk().thumbprint());
    let claims = members(rest);
    assert_eq!(claims["htm"], "POST");
    let url = url::Url::parse(claims["htu"].as_str().expect("a text")).expect("a URL");
    assert_eq!((url.scheme(), url.host_str(), url.path()), ("https", Some("op.example"), "/oauth/token"));
    let issued_at = claims["iat"].as_f64().expect("a time");
    assert!((1_699_990_000.0..1_700_010_000.0).contains(&issued_at), "a proof of another time");
    assert!(claims["jti"].as_str().is_some_and(|jti| !jti.is_empty()));
}
