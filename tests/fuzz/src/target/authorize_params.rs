//! The query of an authorization request (RFC 6749 §3.1, RFC 9126 §4).

use esignet_protocol::endpoint::authorization::{self, Brought};
use esignet_protocol::word::parameters::{MAX_COUNT, MAX_TOTAL, Parameters};
use esignet_protocol::word::query::Query;

/// What a `request_uri` of ours begins with and more: an empty one behind it is none.
const URN: &str = "urn:ietf:params:oauth:request_uri:x";

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

    let query = Query::parse(input).expect("what stands once each is a query");
    assert!(query.repeated.is_empty());
    if let Ok((client_id, brought)) = authorization::parse(Ok(query)) {
        assert_eq!(Some(client_id.as_str()), parameters.one("client_id"));
        match brought {
            Brought::Pushed(uri) => assert_eq!(Some(uri.to_urn().as_str()), parameters.one("request_uri")),
            Brought::Direct(_) => {
                assert!(!parameters.one("request_uri").is_some_and(|uri| uri.starts_with(URN)));
            }
        }
    }
}
