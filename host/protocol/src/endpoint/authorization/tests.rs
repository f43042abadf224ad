use super::*;
use crate::testing::{client, key, request};

const NOW: Timestamp = Timestamp(1_700_000_000);

fn pushed(client_id: &str) -> PushedRequest {
    PushedRequest {
        client_id: ClientId::parse(client_id).expect("valid"),
        request: request(&[]),
        open_until: Timestamp(NOW.0 + 60),
    }
}

fn query(pairs: &[(&str, &str)]) -> Query {
    let mut body = form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(pairs);
    Query::parse(body.finish().as_bytes()).expect("well formed")
}

#[test]
fn only_client_and_request_uri_are_read() {
    let query = query(&[
        ("client_id", "rp"),
        ("request_uri", "urn:ietf:params:oauth:request_uri:abc"),
        ("redirect_uri", "https://evil.example"),
        ("scope", "whatever"),
        ("scope", "twice"),
    ]);
    let (client_id, brought) = parse(Ok(query)).expect("parses");
    assert_eq!(client_id.as_str(), "rp");
    assert!(matches!(brought, Brought::Pushed(request_uri) if request_uri.expose() == "abc"));
}

#[test]
fn a_request_that_does_not_say_who_asks_gets_a_page() {
    let kind = |pairs: &[(&str, &str)]| parse(Ok(query(pairs))).err().map(Refusal::kind);
    assert_eq!(kind(&[("request_uri", "urn:x")]), Some(ProblemKind::MalformedRequest));
    assert_eq!(kind(&[("client_id", "a b")]), Some(ProblemKind::MalformedRequest));
    assert_eq!(kind(&[("client_id", "rp"), ("client_id", "rp")]), Some(ProblemKind::MalformedRequest));
    let urn = ("request_uri", "urn:ietf:params:oauth:request_uri:abc");
    assert_eq!(kind(&[("client_id", "rp"), urn, urn]), Some(ProblemKind::MalformedRequest));
    let target = ("redirect_uri", "https://rp.example/cb");
    assert_eq!(kind(&[("client_id", "rp"), urn, target, target]), Some(ProblemKind::MalformedRequest));
    let malformed = parse(Err(ParametersError::Malformed)).err().map(Refusal::kind);
    assert_eq!(malformed, Some(ProblemKind::MalformedRequest));
}

#[test]
fn only_an_interop_client_brings_its_request_itself_and_only_to_a_registered_place() {
    let mut client = client(&key());
    let direct = |client: &Client, pairs: &[(&str, &str)]| {
        decide_direct(client, &query(pairs)).map(|target| target.redirect_uri.to_string())
    };
    let good = ("redirect_uri", "https://rp.example/cb");
    let foreign = ("request_uri", "https://rp.example/r.jwt");
    assert_eq!(direct(&client, &[good]), Err(Refusal::NotPushed));
    assert_eq!(direct(&client, &[good, foreign]), Err(Refusal::ForeignRequestUri));
    client.profile = Profile::Interop;
    assert_eq!(direct(&client, &[good]), Ok("https://rp.example/cb".to_owned()));
    client.require_signed_request_object = true;
    assert_eq!(direct(&client, &[good]), Err(Refusal::NotPushed), "a request object is pushed");
    client.require_signed_request_object = false;
    assert_eq!(
        direct(&client, &[good, ("scope", "a"), ("scope", "b")]),
        Ok("https://rp.example/cb".to_owned())
    );
    assert_eq!(direct(&client, &[good, foreign]), Ok("https://rp.example/cb".to_owned()));
    assert_eq!(direct(&client, &[foreign]), Err(Refusal::ForeignRequestUri));
    assert_eq!(direct(&client, &[]), Err(Refusal::RedirectUri));
    assert_eq!(direct(&client, &[("redirect_uri", "https://evil.example")]), Err(Refusal::RedirectUri));
}

#[test]
fn a_pushed_request_opens_for_its_client_and_in_time() {
    let client = client(&key());
    let verdict = |pushed, now| decide(&client, pushed, now).err();
    assert_eq!(verdict(Some(pushed("rp")), NOW), None);
    assert_eq!(verdict(Some(pushed("rp")), Timestamp(NOW.0 + 59)), None);
    assert_eq!(verdict(Some(pushed("rp")), Timestamp(NOW.0 + 60)), Some(Refusal::ExpiredRequestUri));
    assert_eq!(verdict(Some(pushed("other")), NOW), Some(Refusal::RequestUriOfOtherClient));
    assert_eq!(verdict(None, NOW), Some(Refusal::UnknownRequestUri));
}
