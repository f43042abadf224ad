//! The body of a pushed authorization request, after its client is known (RFC 9126 §2).

use esignet_protocol::authorization_request::{AuthorizationRequest, validation};
use esignet_protocol::extension::id_token_hint::HintRefusal;
use esignet_protocol::word::parameters::Parameters;

use crate::party::CLIENT;

/// What is taken goes to a registered target, is asked with PKCE, and reads back from how it is kept.
pub(crate) fn run(input: &[u8]) {
    let Ok(parameters) = Parameters::parse(input) else { return };
    let hint = |_: &str| Err(HintRefusal::NotOurs);
    let Ok(request) = validation::decide(&parameters, &CLIENT, None, hint) else { return };
    assert!(CLIENT.redirect_uris.contains(&request.redirect_uri));
    assert_eq!(parameters.one("code_challenge_method"), Some("S256"));
    assert_eq!(parameters.one("response_type"), Some("code"));
    let kept = serde_json::to_vec(&request).expect("it can be kept");
    let again: AuthorizationRequest = serde_json::from_slice(&kept).expect("what was kept is read");
    assert_eq!(serde_json::to_vec(&again).expect("it can be kept"), kept);
}
