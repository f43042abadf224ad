use std::cell::RefCell;

use serde_json::json;

use super::super::settings::tests::{own, with};
use super::*;

fn amina() -> Address {
    Address { channel: Channel::Sms, text: "+212655501417".into() }
}

fn mailbox() -> Address {
    Address { channel: Channel::Email, text: "a&b=c@mail.example".into() }
}

/// What a gateway that answers this makes of a message, and what it was asked.
fn delivered(to: &Address, settings: &Own, answer: Answer) -> (Result<Outcome, Failure>, Outgoing) {
    let asked = RefCell::new(None);
    let send = |outgoing: &Outgoing| {
        *asked.borrow_mut() = Some(outgoing.clone());
        Ok(answer)
    };
    let outcome = deliver(&Message { to, code: "012345", locale: "fr" }, settings, &send);
    (outcome, asked.into_inner().unwrap())
}

const fn answer(status: u16) -> Answer {
    Answer { status, retry_after: None }
}

#[test]
fn a_text_message_is_asked_for_by_the_request_that_the_operator_wrote() {
    let (outcome, request) = delivered(&amina(), &own(), answer(200));
    assert_eq!(outcome, Ok(Outcome::Accepted));
    assert_eq!(
        (request.upstream, request.method.as_str(), request.path.as_str()),
        ("sms", "POST", "/v1/messages")
    );
    let headers: Vec<_> =
        request.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(headers, [("x-sender", "GOV"), ("content-type", "application/json")]);
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    let text = "012345 est votre code de connexion. Il est valable 5 minutes. Ne le donnez à personne.";
    assert_eq!(body, json!({ "to": "+212655501417", "body": { "text": text, "kind": "otp", "parts": 1 } }));
}

#[test]
fn an_email_is_asked_for_as_a_form_whose_values_end_nothing() {
    let (outcome, request) = delivered(&mailbox(), &own(), answer(202));
    assert_eq!((outcome, request.method.as_str()), (Ok(Outcome::Accepted), "PUT"));
    let body = String::from_utf8(request.body).unwrap();
    assert!(
        body.contains("rcpt=a%26b%3Dc%40mail.example&subject=Votre+code+de+connexion&text=012345+est"),
        "{body}"
    );
}

#[test]
fn a_query_has_the_digits_of_a_number_and_no_content_no_type() {
    let get = json!({ "method": "GET", "path": "/send", "query": { "to": "{digits}", "code": "{code}", "l": "{locale}" } });
    let (_, request) = delivered(&amina(), &with("/send/sms", get).unwrap(), answer(200));
    let query: Vec<_> = request.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(query.join("&"), "code=012345&l=fr&to=212655501417");
    assert_eq!((request.headers.len(), request.body.len()), (0, 0));
}

#[test]
fn an_answer_is_what_the_operator_says_it_is_and_else_the_gateway_is_out_of_order() {
    let outcome = |to: &Address, status| delivered(to, &own(), answer(status)).0;
    assert_eq!(outcome(&amina(), 204), Ok(Outcome::Accepted));
    assert_eq!(outcome(&amina(), 422), Ok(Outcome::NoSuchAddress));
    for (to, status) in [
        (amina(), 400),
        (amina(), 401),
        (amina(), 301),
        (amina(), 500),
        (amina(), 503),
        // Only what `success` lists, where it is there.
        (mailbox(), 200),
        (mailbox(), 422),
    ] {
        let failure = outcome(&to, status);
        let told = format!("the gateway `{}` answered {status}", to.channel.word());
        assert_eq!(failure, Err(Failure::unavailable(told)));
    }
}

#[test]
fn a_busy_gateway_is_asked_again_when_it_says_and_within_an_hour() {
    for (retry_after, seconds) in [(None, 60), (Some(5), 5), (Some(0), 1), (Some(1_000_000), 3_600)] {
        let (outcome, _) = delivered(&amina(), &own(), Answer { status: 429, retry_after });
        assert_eq!(outcome, Ok(Outcome::Busy { seconds }));
    }
}
