//! The query of an authorization request (RFC 6749 §3.1, RFC 9126 §4).

use esignet_protocol::endpoint::authorization;
use esignet_protocol::word::parameters::{MAX_COUNT, MAX_TOTAL, Parameters};

/// What is taken is within its bounds, says the same when it is written again, and names what it named.
pub(crate) fn run(input: &[u8]) {
    let Ok(parameters) = Parameters::parse(input) else { return };
    assert!(input.len() <= MAX_TOTAL, "the bound comes first");
    let pairs: Vec<(&str, &str)> = parameters.with_prefix("").collect();
    assert!(pairs.len() <= MAX_COUNT);
    assert!(pairs.iter().all(|(_, value)| !value.is_empty() && value.len() <= MAX_TOTAL));

    let written = form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish();
    if written.len() <= MAX_TOTAL {
        let again = Parameters::parse(written.as_bytes()).expect("what was taken is taken again");
        assert!(pairs == again.with_prefix("").collect::<Vec<_>>());
    }

    if let Ok((client_id, request_uri)) = authorization::parse(Ok(parameters.clone())) {
        assert_eq!(Some(client_id.as_str()), parameters.one("client_id"));
        assert_eq!(request_uri.map(|uri| uri.to_urn()).as_deref(), parameters.one("request_uri"));
    }
}
