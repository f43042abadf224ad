use super::*;

const NOW: u64 = 1_700_000_000;

fn settings() -> OfIdSystem {
    OfIdSystem::default()
}

fn receipt() -> OtpReceipt {
    let target =
        |channel: &str, masked: &str| MaskedTarget { channel: channel.into(), masked: masked.into() };
    OtpReceipt { targets: vec![target("sms", "XXXXXX4417")], valid_seconds: 180, resend_after_seconds: 60 }
}

fn delivery(step: Step) -> Login {
    let Step::DeliverOtp(delivery) = step else { panic!("no code is sent: {step:?}") };
    Login::restore(&delivery.state).unwrap()
}

fn question(step: Step) -> Question {
    let Step::Ask(question) = step else { panic!("nothing is asked: {step:?}") };
    question
}

/// A login in which one code has been sent.
fn asked() -> Question {
    let login = delivery(Login::new().deliver(&settings()));
    question(login.go_on(Input::OtpSent(receipt()), &settings(), NOW).unwrap())
}

fn resumed(state: &[u8], input: Input, now: u64) -> Step {
    Login::restore(state).unwrap().go_on(input, &settings(), now).unwrap()
}

fn typed(value: &str) -> Input {
    Input::Answers(vec![Answer { name: "otp".into(), value: value.as_bytes().to_vec() }])
}

#[test]
fn the_form_asks_for_six_digits_and_says_where_the_code_went() {
    let Question { form, rejection, .. } = asked();
    assert_eq!(rejection, None);
    assert_eq!(form.resend_after_seconds, Some(60));
    let [field] = form.fields.as_slice() else { panic!("not one field") };
    assert_eq!((field.name.as_str(), field.kind.as_str(), field.required), ("otp", "otp", true));
    let constraints: Vec<_> = field.constraints.iter().map(|c| (c.name.as_str(), c.value.as_str())).collect();
    assert_eq!(constraints, [("length", "6"), ("characters", "digits"), ("autocomplete", "one-time-code")]);
    let hint = field.hint.as_ref().unwrap();
    assert_eq!(hint.key, "otp-hint-sms");
    assert!(hint.text.contains("XXXXXX4417"));
    assert!(hint.arguments.contains(&Attribute::new("targets", "XXXXXX4417")));
}

#[test]
fn a_well_formed_code_goes_to_the_id_system_as_it_was_typed() {
    let Step::Delegate(delegation) = resumed(&asked().state, typed("111111"), NOW) else {
        panic!("not delegated")
    };
    assert_eq!(delegation.proof, Proof::new("OTP", "alpha-numeric", "111111"));
}

#[test]
fn what_cannot_be_a_code_never_reaches_the_id_system() {
    for nonsense in ["", "11111", "1111111", "11111a", "１１１１１１", "111 11", "-11111"] {
        let again = question(resumed(&asked().state, typed(nonsense), NOW));
        assert_eq!(again.rejection, Some(Rejection::new("malformed")), "{nonsense:?}");
        assert_eq!(again.state, asked().state, "{nonsense:?} changed what has happened");
    }
    let without_answer = question(resumed(&asked().state, Input::Answers(vec![]), NOW));
    assert_eq!(without_answer.rejection, Some(Rejection::new("malformed")));
}

#[test]
fn a_wrong_code_is_asked_for_again_with_the_id_systems_own_reason() {
    let rejection = Rejection::wrong().attempts_left(2);
    let again = question(resumed(&asked().state, Input::Rejected(rejection.clone()), NOW + 20));
    assert_eq!(again.rejection, Some(rejection));
    assert_eq!(again.form.resend_after_seconds, Some(40), "the countdown must go on, not begin again");
}

#[test]
fn a_locked_person_is_not_asked_again() {
    for rejection in [Rejection::locked(), Rejection::wrong().attempts_left(0)] {
        let step = resumed(&asked().state, Input::Rejected(rejection.clone()), NOW);
        assert_eq!(step, Step::Refused(rejection));
    }
}

#[test]
fn another_code_is_sent_when_its_time_has_come_and_not_before() {
    let early = question(resumed(&asked().state, Input::Resend, NOW + 59));
    assert_eq!(early.rejection, Some(Rejection::new("too-soon").retry_after(1)));
    delivery(resumed(&asked().state, Input::Resend, NOW + 60));
}

#[test]
fn no_more_codes_are_sent_than_the_operator_allows() {
    let mut now = NOW;
    let mut last = asked();
    for _ in 1..settings().max_sends {
        now += 60;
        let login = delivery(resumed(&last.state, Input::Resend, now));
        last = question(login.go_on(Input::OtpSent(receipt()), &settings(), now).unwrap());
    }
    assert_eq!(last.form.resend_after_seconds, None, "the form must not offer what would be refused");
    let step = resumed(&last.state, Input::Resend, now + 60);
    assert_eq!(step, Step::Refused(Rejection::locked()));
}

#[test]
fn a_code_that_cannot_be_sent_refuses_the_factor_unless_an_earlier_one_is_there() {
    let rejection = Rejection::new("too-many").retry_after(600);
    let first = delivery(Login::new().deliver(&settings()));
    let step = first.go_on(Input::OtpNotSent(rejection.clone()), &settings(), NOW).unwrap();
    assert_eq!(step, Step::Refused(rejection.clone()));
    let later = question(resumed(&asked().state, Input::OtpNotSent(rejection.clone()), NOW));
    assert_eq!(later.rejection, Some(rejection));
}

#[test]
fn a_state_of_another_version_is_our_fault_not_the_persons() {
    for state in [br#"{"version":2,"sends":1,"sent":null}"#.as_slice(), br#"{"version":1}"#, b"", b"{}"] {
        let failure = Login::restore(state);
        assert!(matches!(failure, Err(Failure::Internal(_))), "{}", String::from_utf8_lossy(state));
    }
}

#[test]
fn every_hint_names_a_key_of_the_readme() {
    let readme = include_str!("../../README.md");
    let target = |channel: &str| MaskedTarget { channel: channel.into(), masked: "X".into() };
    let cases = [
        vec![],
        vec![target("sms")],
        vec![target("email")],
        vec![target("sms"), target("email")],
        vec![target("post")],
    ];
    for targets in cases {
        let form = form(6, &targets, None);
        let field = form.fields.first().unwrap();
        for message in [&form.title, &form.submit, &field.label, field.hint.as_ref().unwrap()] {
            assert!(readme.contains(&format!("`{}`", message.key)), "{} is not in the README", message.key);
        }
    }
}
