use super::*;
use crate::testing::{client, key, parameters, request};

const NOW: Timestamp = Timestamp(1_700_000_000);

fn pushed(client_id: &str) -> PushedRequest {
    PushedRequest {
        client_id: ClientId::parse(client_id).expect("valid"),
        request: request(&[]),
        open_until: Timestamp(NOW.0 + 60),
    }
}

#[test]
fn only_client_and_request_uri_are_read() {
    let query = parameters(&[
        ("client_id", "rp"),
        ("request_uri", "urn:ietf:params:oauth:request_uri:abc"),
        ("redirect_uri", "https://evil.example"),
        ("scope", "whatever"),
    ]);
    let (client_id, request_uri) = parse(Ok(query)).expect("parses");
    assert_eq!(client_id.as_str(), "rp");
    assert_eq!(request_uri.expect("given").expose(), "abc");
}

#[test]
fn a_request_that_names_no_target_of_ours_gets_a_page() {
    let kind = |pairs: &[(&str, &str)]| parse(Ok(parameters(pairs))).err().map(Refusal::kind);
    assert_eq!(kind(&[("request_uri", "urn:x")]), Some(ProblemKind::MalformedRequest));
    assert_eq!(kind(&[("client_id", "a b")]), Some(ProblemKind::MalformedRequest));
    assert_eq!(
        kind(&[("client_id", "rp"), ("request_uri", "https://rp.example/r.jwt")]),
        Some(ProblemKind::RequestUri)
    );
    let duplicate = parse(Err(ParametersError::Duplicate)).err().map(Refusal::kind);
    assert_eq!(duplicate, Some(ProblemKind::MalformedRequest));
}

#[test]
fn a_pushed_request_opens_for_its_client_and_in_time() {
    let client = client(&key());
    let verdict = |pushed, now| decide(&client, pushed, now).err();
    assert_eq!(verdict(Some(pushed("rp")), NOW), None);
    assert_eq!(verdict(Some(pushed("rp")), Timestamp(NOW.0 + 60)), None);
    assert_eq!(verdict(Some(pushed("rp")), Timestamp(NOW.0 + 61)), Some(Refusal::ExpiredRequestUri));
    assert_eq!(verdict(Some(pushed("other")), NOW), Some(Refusal::RequestUriOfOtherClient));
    assert_eq!(verdict(None, NOW), Some(Refusal::UnknownRequestUri));
}
