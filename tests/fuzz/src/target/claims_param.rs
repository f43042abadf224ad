//! The parameter `claims` (OIDC Core §5.5).

use esignet_protocol::word::claims_request::ClaimsRequest;

use crate::party::text;

/// What is read is kept, and reads back from how it is kept.
pub(crate) fn run(input: &[u8]) {
    let Some(text) = text(input) else { return };
    let Ok(claims) = ClaimsRequest::parse(text) else { return };
    let kept = serde_json::to_vec(&claims).expect("it can be kept");
    let again: ClaimsRequest = serde_json::from_slice(&kept).expect("what was kept is read");
    assert_eq!(claims, again);
    let mut none = claims;
    none.retain(|_| false);
    assert_eq!(none, ClaimsRequest::default());
}
