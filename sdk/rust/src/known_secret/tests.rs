use super::*;
use crate::form::{Field, answer};
use crate::word::Message;

/// A word of three letters.
struct Word;

impl KnownSecret for Word {
    const FACTOR: &'static str = "WORD";
    const AMR: &'static [&'static str] = &["kba"];
    const FORMAT: &'static str = "letters";

    fn from_config() -> Result<Self, Failure> {
        Ok(Self)
    }
    fn max_tries(&self) -> u16 {
        3
    }
    fn form(&self) -> Form {
        let words = || Message::new("word", "Word");
        Form::new(words(), words()).field(Field::new("word", "text", words()))
    }
    fn typed(&self, answers: &[Answer]) -> Option<Vec<u8>> {
        answer(answers, "word").filter(|typed| typed.len() == 3).map(<[u8]>::to_vec)
    }
}

fn question(step: Step) -> Question {
    let Step::Ask(question) = step else { panic!("nothing is asked: {step:?}") };
    question
}

fn asked() -> Question {
    question(Login::new().ask(None, &Word))
}

fn resumed(state: &[u8], input: Input) -> Step {
    Login::restore(state).unwrap().go_on(input, &Word).unwrap()
}

fn typed(value: &str) -> Input {
    Input::Answers(vec![Answer { name: "word".into(), value: value.as_bytes().to_vec() }])
}

fn delegated(state: &[u8], value: &str) -> (Proof, Vec<u8>) {
    let step = resumed(state, typed(value));
    let Step::Delegate(delegation) = step else { panic!("not delegated: {step:?}") };
    (delegation.proof, delegation.state)
}

#[test]
fn a_secret_goes_to_the_id_system_as_it_was_typed_and_stays_in_no_state() {
    let (proof, state) = delegated(&asked().state, "abc");
    assert_eq!(proof, Proof::new("WORD", "letters", "abc"));
    assert_eq!(state, br#"{"version":1,"tries":1}"#);
}

#[test]
fn what_cannot_be_one_never_reaches_the_id_system_and_costs_no_try() {
    for nonsense in ["", "ab", "abcd"] {
        let again = question(resumed(&asked().state, typed(nonsense)));
        assert_eq!(again.rejection, Some(Rejection::new("malformed")), "{nonsense:?}");
        assert_eq!(again.state, asked().state, "{nonsense:?} changed what has happened");
    }
}

#[test]
fn a_wrong_one_is_asked_for_again_with_no_more_tries_than_the_login_has() {
    let (_, state) = delegated(&asked().state, "abc");
    for (theirs, shown) in [(Some(9), Some(2)), (Some(1), Some(1)), (None, None)] {
        let rejection = Rejection { attempts_left: theirs, ..Rejection::wrong() };
        let again = question(resumed(&state, Input::Rejected(rejection)));
        let said = again.rejection.unwrap();
        assert_eq!((said.reason.as_str(), said.attempts_left), ("wrong", shown));
    }
}

#[test]
fn after_the_last_try_the_factor_is_locked_in_this_login() {
    let mut state = asked().state;
    for _ in 0..2 {
        state = delegated(&state, "abc").1;
        state = question(resumed(&state, Input::Rejected(Rejection::wrong()))).state;
    }
    state = delegated(&state, "abc").1;
    let last = resumed(&state, Input::Rejected(Rejection::wrong()));
    assert_eq!(last, Step::Refused(Rejection::locked().attempts_left(0)));
    assert_eq!(resumed(&state, typed("abc")), Step::Refused(Rejection::locked()), "nor by going back");
}

#[test]
fn a_lock_of_the_id_system_ends_the_factor() {
    let (_, state) = delegated(&asked().state, "abc");
    for last in [Rejection::locked().retry_after(60), Rejection::wrong().attempts_left(0)] {
        assert_eq!(resumed(&state, Input::Rejected(last.clone())), Step::Refused(last));
    }
}

#[test]
fn an_input_that_it_never_has_and_a_state_of_another_version_are_our_fault() {
    assert!(matches!(Login::new().go_on(Input::Resend, &Word), Err(Failure::Internal(_))));
    for state in [br#"{"version":2,"tries":0}"#.as_slice(), br#"{"version":1}"#, b"", b"{}"] {
        let failure = Login::restore(state);
        assert!(matches!(failure, Err(Failure::Internal(_))), "{}", String::from_utf8_lossy(state));
    }
}
