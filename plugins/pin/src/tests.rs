use esignet_sdk::known_secret::Login;

use super::*;

fn settings() -> Pin {
    Pin::default()
}

fn question(step: Step) -> Question {
    let Step::Ask(question) = step else { panic!("nothing is asked: {step:?}") };
    question
}

fn asked() -> Question {
    question(Login::new().ask(None, &settings()))
}

fn resumed(state: &[u8], input: Input) -> Step {
    Login::restore(state).unwrap().go_on(input, &settings()).unwrap()
}

fn typed(value: &str) -> Input {
    Input::Answers(vec![Answer { name: "pin".into(), value: value.as_bytes().to_vec() }])
}

fn delegated(state: &[u8], value: &str) -> (Proof, Vec<u8>) {
    let step = resumed(state, typed(value));
    let Step::Delegate(delegation) = step else { panic!("not delegated: {step:?}") };
    (delegation.proof, delegation.state)
}

#[test]
fn the_form_asks_for_four_to_eight_digits_and_hides_them() {
    let Question { form, rejection, .. } = asked();
    assert_eq!((rejection, form.resend_after_seconds), (None, None));
    let [field] = form.fields.as_slice() else { panic!("not one field") };
    assert_eq!((field.name.as_str(), field.kind.as_str(), field.required), ("pin", "pin", true));
    let constraints: Vec<_> = field.constraints.iter().map(|c| (c.name.as_str(), c.value.as_str())).collect();
    assert_eq!(
        constraints,
        [
            ("min-length", "4"),
            ("max-length", "8"),
            ("characters", "digits"),
            ("autocomplete", "current-password")
        ]
    );
}

#[test]
fn a_pin_goes_to_the_id_system_as_it_was_typed() {
    let (proof, _) = delegated(&asked().state, "545411");
    assert_eq!(proof, Proof::new("PIN", "number", "545411"));
}

#[test]
fn what_cannot_be_a_pin_never_reaches_the_id_system_and_costs_no_try() {
    for nonsense in ["", "123", "123456789", "12a4", "１２３４", "12 34", "-1234"] {
        let again = question(resumed(&asked().state, typed(nonsense)));
        assert_eq!(again.rejection, Some(Rejection::new("malformed")), "{nonsense:?}");
        assert_eq!(again.state, asked().state, "{nonsense:?} changed what has happened");
    }
    let twice = Input::Answers(vec![
        Answer { name: "pin".into(), value: b"1234".to_vec() },
        Answer { name: "pin".into(), value: b"5678".to_vec() },
    ]);
    assert_eq!(question(resumed(&asked().state, twice)).rejection, Some(Rejection::new("malformed")));
}

#[test]
fn a_wrong_pin_is_asked_for_again_with_no_more_tries_than_the_login_has() {
    let (_, state) = delegated(&asked().state, "1234");
    let again = question(resumed(&state, Input::Rejected(Rejection::wrong().attempts_left(9))));
    assert_eq!(again.rejection, Some(Rejection::wrong().attempts_left(2)));
    let again = question(resumed(&state, Input::Rejected(Rejection::wrong().attempts_left(1))));
    assert_eq!(again.rejection, Some(Rejection::wrong().attempts_left(1)));
    let again = question(resumed(&state, Input::Rejected(Rejection::wrong())));
    assert_eq!(again.rejection, Some(Rejection::wrong()), "what the ID system does not say is not made up");
}

#[test]
fn after_the_last_try_the_factor_is_locked_in_this_login() {
    let mut state = asked().state;
    for _ in 0..3 {
        state = delegated(&state, "1234").1;
        let step = resumed(&state, Input::Rejected(Rejection::wrong()));
        if let Step::Ask(question) = step {
            state = question.state;
        } else {
            assert_eq!(step, Step::Refused(Rejection::locked().attempts_left(0)));
            assert_eq!(
                resumed(&state, typed("1234")),
                Step::Refused(Rejection::locked()),
                "nor by going back"
            );
            return;
        }
    }
    panic!("a fourth try is offered");
}

#[test]
fn every_word_is_in_the_manifest_in_all_its_languages_and_in_the_readme() {
    let (readme, manifest) = (include_str!("../README.md"), include_str!("../plugin.toml"));
    let fixed = Pin { min_length: 6, max_length: 6, ..settings() };
    for form in [settings().form(), fixed.form()] {
        let field = form.fields.first().unwrap();
        for message in [&form.title, &form.submit, &field.label, field.hint.as_ref().unwrap()] {
            assert!(readme.contains(&format!("`{}`", message.key)), "{} is not in the README", message.key);
            let entries = manifest.matches(&format!("\"{}\" =", message.key)).count();
            assert_eq!(entries, 3, "{} in en, fr and ar", message.key);
        }
    }
}
