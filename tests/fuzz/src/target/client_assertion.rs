//! The parameter `client_assertion` (RFC 7523 §2.2).

use esignet_jose::signing_key::Header;
use esignet_protocol::client_auth::private_key_jwt::{ASSERTION_TYPE, UnverifiedAssertion};

use crate::party::{CLIENT, CLIENT_ID, KEY, NOW, POLICY, choice, members, text};

/// As a text nobody is authenticated by it; as the payload of a signed one, who is authenticated has said so.
pub(crate) fn run(input: &[u8]) {
    let Some((raw, rest)) = choice(input) else { return };
    if raw {
        let Some(assertion) = text(rest) else { return };
        let Ok(unverified) = UnverifiedAssertion::parse(Some(ASSERTION_TYPE), Some(assertion)) else {
            return;
        };
        let accepted = unverified.decide(&CLIENT, &CLIENT.jwks, &POLICY, NOW).is_ok();
        assert!(!accepted, "an assertion that the client never signed");
        return;
    }
    let assertion = KEY.sign(&Header::typed("JWT"), rest).expect("the key signs");
    let Ok(unverified) = UnverifiedAssertion::parse(Some(ASSERTION_TYPE), Some(&assertion)) else { return };
    let Ok(accepted) = unverified.decide(&CLIENT, &CLIENT.jwks, &POLICY, NOW) else { return };
    let claims = members(rest);
    assert_eq!((&claims["iss"], &claims["sub"]), (&CLIENT_ID.into(), &CLIENT_ID.into()));
    assert_eq!(claims["aud"], POLICY.issuer.as_str());
    assert_eq!(claims["jti"], accepted.jti.as_str());
    let expires_at = claims["exp"].as_f64().expect("a time");
    assert!((1_699_999_000.0..1_700_010_000.0).contains(&expires_at), "good for too long or no longer");
    assert!(accepted.replay_until > NOW, "an assertion that is accepted is remembered");
}
