use std::cell::RefCell;

use super::*;
use crate::own::settings::tests::own;

const NOW: u64 = 1_700_000_000;
const NUMBER: &str = "+212655501417";

/// A host for tests: its randomness counts, its key folds, its gateway remembers and answers as it is told.
struct World {
    settings: Own,
    drawn: RefCell<u8>,
    sent: RefCell<Vec<Outgoing>>,
    answer: RefCell<Result<u16, Failure>>,
}

impl World {
    fn new() -> Self {
        let (drawn, sent) = (RefCell::new(0), RefCell::default());
        Self { settings: own(), drawn, sent, answer: RefCell::new(Ok(200)) }
    }

    fn draw(&self, count: u32) -> Vec<u8> {
        *self.drawn.borrow_mut() += 1;
        vec![*self.drawn.borrow(); count as usize]
    }

    fn send(&self, outgoing: &Outgoing) -> Result<gateway::Answer, Failure> {
        self.sent.borrow_mut().push(outgoing.clone());
        self.answer.borrow().clone().map(|status| gateway::Answer { status, retry_after: Some(90) })
    }

    fn at<T>(&self, now: u64, transaction: &str, act: impl FnOnce(&Desk<'_>) -> T) -> T {
        act(&Desk {
            settings: &self.settings,
            transaction,
            locale: "en",
            now,
            draw: &|count| Ok(self.draw(count)),
            keyed: &|data| Ok(keyed(data)),
            equal: |a, b| a == b,
            send: &|outgoing| self.send(outgoing),
        })
    }

    fn begun(&self) -> Step {
        self.at(NOW, "t-1", |desk| begin(&phone(NUMBER), desk)).unwrap()
    }

    fn resumed(&self, state: &[u8], input: Input, now: u64) -> Step {
        self.at(now, "t-1", |desk| resume(&phone(NUMBER), state, input, desk)).unwrap()
    }

    /// The code of the last message.
    fn last_code(&self) -> String {
        let body = String::from_utf8(self.sent.borrow().last().unwrap().body.clone()).unwrap();
        let (_, text) = body.split_once("\"text\":\"").unwrap();
        text.chars().take(6).collect()
    }
}

/// Other octets for other data, as far as tests need it.
fn keyed(data: &[u8]) -> Vec<u8> {
    let mut hasher = std::hash::DefaultHasher::new();
    std::hash::Hash::hash(data, &mut hasher);
    std::hash::Hasher::finish(&hasher).to_be_bytes().to_vec()
}

fn phone(number: &str) -> Individual {
    Individual { kind: "phone".into(), value: number.into(), attributes: vec![] }
}

fn question(step: Step) -> Question {
    let Step::Ask(question) = step else { panic!("nothing is asked: {step:?}") };
    question
}

fn typed(code: &str) -> Input {
    Input::Answers(vec![Answer { name: "otp".into(), value: code.as_bytes().to_vec() }])
}

#[test]
fn a_code_goes_to_the_number_that_was_typed_and_what_is_shown_of_it_is_masked() {
    let world = World::new();
    let asked = question(world.begun());
    assert_eq!(world.last_code(), "111111");
    assert_eq!(world.sent.borrow().len(), 1);
    assert_eq!((asked.rejection, asked.form.resend_after_seconds), (None, Some(60)));
    let field = asked.form.fields.first().unwrap();
    assert!(field.hint.as_ref().unwrap().text.ends_with("to the phone XXXXXX1417."));
}

#[test]
fn nothing_in_the_state_tells_code_or_number() {
    let world = World::new();
    let state = String::from_utf8(question(world.begun()).state).unwrap();
    assert!(!state.contains("111111") && !state.contains("1417") && !state.contains("t-1"), "{state}");
}

#[test]
fn the_right_code_proves_the_number_and_says_so() {
    let world = World::new();
    let state = question(world.begun()).state;
    let Step::Proved(evidence) = world.resumed(&state, typed("111111"), NOW + 299) else {
        panic!("not proved")
    };
    assert_eq!(
        (evidence.factor.as_str(), evidence.amr.as_slice()),
        ("OTP", &["otp".to_owned(), "sms".to_owned()][..])
    );
    assert_eq!((evidence.fact("channel"), evidence.fact("address")), (Some("sms"), Some(NUMBER)));
}

#[test]
fn a_wrong_code_may_be_tried_again_three_times_in_all() {
    let world = World::new();
    let mut state = question(world.begun()).state;
    for left in [2, 1] {
        let again = question(world.resumed(&state, typed("111112"), NOW));
        assert_eq!(again.rejection, Some(Rejection::wrong().attempts_left(left)));
        state = again.state;
    }
    let last = world.resumed(&state, typed("111112"), NOW);
    assert_eq!(last, Step::Refused(Rejection::locked().attempts_left(0)));
}

#[test]
fn another_code_gives_no_more_tries() {
    let world = World::new();
    let mut state = question(world.begun()).state;
    for _ in 0..2 {
        state = question(world.resumed(&state, typed("999999"), NOW)).state;
    }
    state = question(world.resumed(&state, Input::Resend, NOW + 60)).state;
    assert_eq!(world.last_code(), "222222");
    assert!(matches!(world.resumed(&state, typed("999999"), NOW + 60), Step::Refused(_)));
}

#[test]
fn a_code_is_good_for_its_time_and_for_its_login_and_for_its_number() {
    let world = World::new();
    let state = question(world.begun()).state;
    let late = question(world.resumed(&state, typed("111111"), NOW + 300));
    assert_eq!(late.rejection, Some(Rejection::expired().attempts_left(2)));
    for (transaction, number) in [("t-2", NUMBER), ("t-1", "+212655501418")] {
        let elsewhere =
            world.at(NOW, transaction, |desk| resume(&phone(number), &state, typed("111111"), desk));
        assert_eq!(question(elsewhere.unwrap()).rejection, Some(Rejection::wrong().attempts_left(2)));
    }
}

#[test]
fn the_code_before_the_last_one_is_no_longer_right() {
    let world = World::new();
    let state = question(world.begun()).state;
    let state = question(world.resumed(&state, Input::Resend, NOW + 60)).state;
    assert_eq!(question(world.resumed(&state, typed("111111"), NOW + 61)).rejection.unwrap().reason, "wrong");
    assert!(matches!(world.resumed(&state, typed("222222"), NOW + 61), Step::Proved(_)));
}

#[test]
fn what_cannot_be_a_code_costs_no_try() {
    let world = World::new();
    let state = question(world.begun()).state;
    for nonsense in ["", "11111", "1111111", "11111a", "１１１１１１"] {
        let again = question(world.resumed(&state, typed(nonsense), NOW));
        assert_eq!(
            (again.rejection, again.state),
            (Some(Rejection::new("malformed")), state.clone()),
            "{nonsense}"
        );
    }
}

#[test]
fn another_code_is_sent_when_its_time_has_come_and_no_more_than_the_operator_allows() {
    let world = World::new();
    let mut asked = question(world.begun());
    let early = question(world.resumed(&asked.state, Input::Resend, NOW + 59));
    assert_eq!(early.rejection, Some(Rejection::new("too-soon").retry_after(1)));
    for sends in 1..3 {
        asked = question(world.resumed(&asked.state, Input::Resend, NOW + 60 * sends));
    }
    assert_eq!(asked.form.resend_after_seconds, None, "the form must not offer what would be refused");
    assert_eq!(world.resumed(&asked.state, Input::Resend, NOW + 600), Step::Refused(Rejection::locked()));
    assert_eq!(world.sent.borrow().len(), 3);
}

#[test]
fn whatever_the_gateway_says_of_the_first_code_nobody_is_asked_for_one_that_was_not_sent() {
    let world = World::new();
    let begun = |answer| {
        *world.answer.borrow_mut() = answer;
        world.at(NOW, "t-1", |desk| begin(&phone(NUMBER), desk))
    };
    assert_eq!(begun(Ok(422)), Ok(Step::Refused(Rejection::unknown())));
    assert_eq!(begun(Ok(429)), Ok(Step::Refused(Rejection::new("unavailable").retry_after(90))));
    assert!(matches!(begun(Ok(500)), Err(Failure::Unavailable(text)) if text.ends_with("answered 500")));
    for failure in [Failure::unavailable("it did not answer"), Failure::misconfigured("no such upstream")] {
        assert_eq!(begun(Err(failure.clone())), Err(failure));
    }
}

#[test]
fn a_gateway_that_fails_later_takes_nothing_from_the_code_that_is_there() {
    for (answer, seconds) in
        [(Ok(503), None), (Err(Failure::unavailable("no answer")), None), (Ok(429), Some(90))]
    {
        let world = World::new();
        let state = question(world.begun()).state;
        *world.answer.borrow_mut() = answer;
        let again = question(world.resumed(&state, Input::Resend, NOW + 60));
        let rejection = Rejection { retry_after_seconds: seconds, ..Rejection::new("unavailable") };
        assert_eq!(again.rejection, Some(rejection));
        assert!(again.form.resend_after_seconds >= Some(60), "nobody knocks at it without pause");
        assert!(matches!(world.resumed(&again.state, typed("111111"), NOW + 61), Step::Proved(_)));
    }
}

#[test]
fn the_hosts_bound_stops_another_code_and_leaves_the_one_that_is_there() {
    let world = World::new();
    let state = question(world.begun()).state;
    let bound = Rejection::locked().attempts_left(0).retry_after(3_600);
    let again = question(world.resumed(&state, Input::OtpNotSent(bound.clone()), NOW + 60));
    assert_eq!((again.rejection, again.form.resend_after_seconds), (Some(bound), Some(3_600)));
    assert!(matches!(world.resumed(&again.state, typed("111111"), NOW + 61), Step::Proved(_)));
    assert_eq!(world.sent.borrow().len(), 1);
}

#[test]
fn an_identifier_that_is_no_address_has_nothing_sent() {
    let world = World::new();
    let begun = |kind: &str, value: &str| {
        let individual = Individual { kind: kind.into(), value: value.into(), attributes: vec![] };
        world.at(NOW, "t-1", |desk| begin(&individual, desk)).unwrap()
    };
    assert_eq!(begun("uin", "2053718694"), Step::Refused(Rejection::unknown()));
    assert_eq!(begun("phone", "+33612345678"), Step::Refused(Rejection::unknown()));
    assert_eq!(begun("phone", "my phone"), Step::Refused(Rejection::new("malformed")));
    assert!(world.sent.borrow().is_empty());
}

#[test]
fn the_id_systems_no_to_the_address_ends_the_factor() {
    let world = World::new();
    let state = question(world.begun()).state;
    assert_eq!(
        world.resumed(&state, Input::Rejected(Rejection::wrong()), NOW),
        Step::Refused(Rejection::wrong())
    );
}

#[test]
fn a_state_of_another_version_or_of_the_id_systems_codes_is_our_fault_not_the_persons() {
    for state in [br#"{"version":1,"sends":1,"sent":null}"#.as_slice(), br#"{"version":2}"#, b"", b"{}"] {
        assert!(
            matches!(Login::restore(state), Err(Failure::Internal(_))),
            "{}",
            String::from_utf8_lossy(state)
        );
    }
    let ours = question(World::new().begun()).state;
    assert!(crate::flow::Login::restore(&ours).is_err(), "nor the other way round");
}
