//! The parameter `request` (RFC 9101 §4).

use esignet_jose::signing_key::Header;
use esignet_protocol::extension::request_object;

use crate::party::{CLIENT, CLIENT_ID, KEY, NOW, POLICY, choice, members, text};

/// As a text nobody has asked for anything by it; as the payload of a signed one, what is taken is the client's, for us and
/// of now, and no claim about the JWT is a parameter.
pub(crate) fn run(input: &[u8]) {
    let Some((raw, rest)) = choice(input) else { return };
    let judged = |object: &str| request_object::decide(object, &CLIENT, &CLIENT.jwks, &POLICY.issuer, NOW);
    if raw {
        let Some(object) = text(rest) else { return };
        assert!(judged(object).is_err(), "an object that the client never signed");
        return;
    }
    let object = KEY.sign(&Header::typed("oauth-authz-req+jwt"), rest).expect("the key signs");
    let Ok(parameters) = judged(&object) else { return };
    let claims = members(rest);
    assert_eq!((&claims["iss"], &claims["client_id"]), (&CLIENT_ID.into(), &CLIENT_ID.into()));
    for name in ["iss", "aud", "exp", "nbf", "iat", "jti", "sub", "request", "request_uri"] {
        assert!(!parameters.has(name), "{name} is no parameter");
    }
    let [not_before, expires_at] = ["nbf", "exp"].map(|name| claims[name].as_f64().expect("a time"));
    assert!(expires_at - not_before <= 3_601.0, "good for too long");
}
