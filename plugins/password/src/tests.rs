use esignet_sdk::known_secret::Login;

use super::*;

fn settings() -> Password {
    Password::default()
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

fn typed(value: &[u8]) -> Input {
    Input::Answers(vec![Answer { name: "password".into(), value: value.to_vec() }])
}

fn delegated(state: &[u8], value: &str) -> (Proof, Vec<u8>) {
    let step = resumed(state, typed(value.as_bytes()));
    let Step::Delegate(delegation) = step else { panic!("not delegated: {step:?}") };
    (delegation.proof, delegation.state)
}

#[test]
fn the_form_has_one_field_that_a_password_manager_can_fill_in() {
    let Question { form, rejection, .. } = asked();
    assert_eq!((rejection, form.resend_after_seconds), (None, None));
    let [field] = form.fields.as_slice() else { panic!("not one field") };
    assert_eq!((field.name.as_str(), field.kind.as_str(), field.required), ("password", "password", true));
    let constraints: Vec<_> = field.constraints.iter().map(|c| (c.name.as_str(), c.value.as_str())).collect();
    assert_eq!(constraints, [("max-length", "256"), ("autocomplete", "current-password")]);
}

#[test]
fn a_password_goes_to_the_id_system_exactly_as_it_was_typed() {
    for password in [" correct horse ", "كلمة السر", "p", "\u{1f600}\u{301}", &"x".repeat(256)] {
        let (proof, _) = delegated(&asked().state, password);
        assert_eq!(proof, Proof::new("PWD", "alpha-numeric", password));
    }
}

#[test]
fn nothing_that_was_typed_stays_in_the_state_or_in_the_question() {
    let (_, state) = delegated(&asked().state, "correct horse");
    let again = question(resumed(&state, Input::Rejected(Rejection::wrong())));
    let said = format!("{again:?}{}", String::from_utf8(state).unwrap());
    assert!(!said.contains("correct"), "{said}");
}

#[test]
fn what_cannot_be_a_password_never_reaches_the_id_system_and_costs_no_try() {
    for nonsense in [b"".to_vec(), "x".repeat(257).into_bytes(), vec![0xff, 0xfe]] {
        let again = question(resumed(&asked().state, typed(&nonsense)));
        assert_eq!(again.rejection, Some(Rejection::new("malformed")), "{nonsense:?}");
        assert_eq!(again.state, asked().state, "{nonsense:?} changed what has happened");
    }
}

#[test]
fn a_wrong_password_is_asked_for_again_with_no_more_tries_than_the_login_has() {
    let (_, state) = delegated(&asked().state, "wrong");
    let again = question(resumed(&state, Input::Rejected(Rejection::wrong().attempts_left(9))));
    assert_eq!(again.rejection, Some(Rejection::wrong().attempts_left(2)));
    let again = question(resumed(&state, Input::Rejected(Rejection::wrong())));
    assert_eq!(again.rejection, Some(Rejection::wrong()), "what the ID system does not say is not made up");
}

#[test]
fn after_the_last_try_the_factor_is_locked_in_this_login() {
    let mut state = asked().state;
    for _ in 0..3 {
        state = delegated(&state, "wrong").1;
        let step = resumed(&state, Input::Rejected(Rejection::wrong()));
        if let Step::Ask(question) = step {
            state = question.state;
        } else {
            assert_eq!(step, Step::Refused(Rejection::locked().attempts_left(0)));
            assert_eq!(resumed(&state, typed(b"x")), Step::Refused(Rejection::locked()), "nor by going back");
            return;
        }
    }
    panic!("a fourth try is offered");
}

#[test]
fn every_word_is_in_the_manifest_in_all_its_languages_and_in_the_readme() {
    let (readme, manifest) = (include_str!("../README.md"), include_str!("../plugin.toml"));
    let form = settings().form();
    let field = form.fields.first().unwrap();
    for message in [&form.title, &form.submit, &field.label] {
        assert!(readme.contains(&format!("`{}`", message.key)), "{} is not in the README", message.key);
        let entries = manifest.matches(&format!("\"{}\" =", message.key)).count();
        assert_eq!(entries, 3, "{} in en, fr and ar", message.key);
    }
}
