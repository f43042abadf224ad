use std::cell::RefCell;
use std::collections::BTreeMap;

use super::*;
use crate::secret::tests::{individual, keyed};

const NOW: u64 = 1_800_000_000;

/// What the host's cache does, as far as it is used here; the value is when the mark goes.
#[derive(Default)]
struct Marks(RefCell<BTreeMap<String, u64>>);

impl Marks {
    fn spend(&self, mark: &str, seconds: u32, now: u64) -> bool {
        let mut marks = self.0.borrow_mut();
        marks.retain(|_, until| *until > now);
        let absent = !marks.contains_key(mark);
        marks.entry(mark.to_owned()).or_insert(now + u64::from(seconds));
        absent
    }
}

fn secret(value: &str) -> Vec<u8> {
    crate::secret::of(&individual("uin", value), keyed).unwrap()
}

/// What comes of a code for somebody at a time.
fn judged(login: Login, code: &str, (person, now): (&str, u64), marks: &Marks) -> Step {
    let spend = |mark: &str, seconds: u32| Ok(marks.spend(mark, seconds, now));
    let judge = Judge {
        settings: Settings::default(),
        secret: secret(person),
        now,
        equal: |a, b| a == b,
        spend: &spend,
    };
    login.go_on(given(code), &judge).unwrap()
}

fn given(code: &str) -> Input {
    Input::Answers(vec![Answer { name: "totp".into(), value: code.as_bytes().to_vec() }])
}

fn code_at(person: &str, now: u64) -> String {
    code::of(&secret(person), now / 30, 6)
}

fn proved() -> Step {
    Step::Proved(Evidence::new("TOTP", &["otp"]))
}

fn asked_again(step: Step) -> (Login, Rejection) {
    let Step::Ask(question) = step else { panic!("nothing is asked: {step:?}") };
    (Login::restore(&question.state).unwrap(), question.rejection.expect("it says why"))
}

#[test]
fn the_form_asks_for_a_code_that_is_typed_once() {
    let Step::Ask(question) = Login::new().ask(None, &Settings::default()) else {
        panic!("nothing is asked")
    };
    let [field] = question.form.fields.as_slice() else { panic!("not one field") };
    assert_eq!((field.name.as_str(), field.kind.as_str(), field.required), ("totp", "otp", true));
    let constraints: Vec<_> = field.constraints.iter().map(|c| (c.name.as_str(), c.value.as_str())).collect();
    assert_eq!(constraints, [("length", "6"), ("characters", "digits"), ("autocomplete", "one-time-code")]);
}

#[test]
fn the_code_of_now_and_of_one_step_around_it_is_proof_and_no_other_is() {
    for (steps, is_right) in [(-2_i64, false), (-1, true), (0, true), (1, true), (2, false)] {
        let then = NOW.checked_add_signed(steps * 30).unwrap();
        let step = judged(Login::new(), &code_at("1", then), ("1", NOW), &Marks::default());
        assert_eq!(step == proved(), is_right, "{steps}: {step:?}");
    }
}

#[test]
fn the_code_of_somebody_else_is_wrong() {
    let step = judged(Login::new(), &code_at("2", NOW), ("1", NOW), &Marks::default());
    assert_eq!(asked_again(step).1, Rejection::wrong().attempts_left(4));
}

#[test]
fn replay_a_code_is_taken_once_as_long_as_it_is_good() {
    let marks = Marks::default();
    let code = code_at("1", NOW + 30);
    assert_eq!(judged(Login::new(), &code, ("1", NOW), &marks), proved());
    for later in [0, 1, 30, 59, 60, 89] {
        let step = judged(Login::new(), &code, ("1", NOW + later), &marks);
        assert_eq!(asked_again(step).1, Rejection::expired().attempts_left(4), "{later} s later");
    }
    let step = judged(Login::new(), &code, ("1", NOW + 90), &marks);
    assert_eq!(asked_again(step).1, Rejection::wrong().attempts_left(4), "then it is good no more");
    assert_eq!(
        judged(Login::new(), &code_at("2", NOW), ("2", NOW), &marks),
        proved(),
        "others are not concerned"
    );
}

#[test]
fn a_wrong_code_spends_nothing() {
    let marks = Marks::default();
    judged(Login::new(), &code_at("2", NOW), ("1", NOW), &marks);
    assert!(marks.0.borrow().is_empty());
}

#[test]
fn without_a_cache_nobody_gets_in() {
    let spend = |_: &str, _: u32| Err(Failure::unavailable("the cache does not answer"));
    let judge = Judge {
        settings: Settings::default(),
        secret: secret("1"),
        now: NOW,
        equal: |a, b| a == b,
        spend: &spend,
    };
    let failed = Login::new().go_on(given(&code_at("1", NOW)), &judge);
    assert!(matches!(failed, Err(Failure::Unavailable(_))), "{failed:?}");
}

#[test]
fn a_mark_tells_neither_the_person_nor_the_code() {
    let marks = Marks::default();
    let code = code_at("2053718694", NOW);
    judged(Login::new(), &code, ("2053718694", NOW), &marks);
    let marks = marks.0.borrow();
    let (mark, until) = marks.first_key_value().unwrap();
    assert!(mark.len() == 32 && !mark.contains("2053718694") && !mark.contains(&code), "{mark}");
    assert_eq!(*until, NOW + 60 + MARGIN_SECONDS);
}

#[test]
fn after_five_wrong_codes_the_factor_is_locked_in_this_login_even_for_the_right_one() {
    let marks = Marks::default();
    let wrong = code_at("2", NOW);
    let mut login = Login::new();
    for left in (1..=4).rev() {
        let (next, rejection) = asked_again(judged(login, &wrong, ("1", NOW), &marks));
        assert_eq!(rejection, Rejection::wrong().attempts_left(left));
        login = next;
    }
    let step = judged(login.clone(), &wrong, ("1", NOW), &marks);
    assert_eq!(step, Step::Refused(Rejection::locked().attempts_left(0)));
    login.tries = 5;
    assert_eq!(judged(login, &code_at("1", NOW), ("1", NOW), &marks), Step::Refused(Rejection::locked()));
}

#[test]
fn what_cannot_be_a_code_is_not_judged_and_costs_no_try() {
    for nonsense in ["", "12345", "1234567", "12345a", "１２３４５６"] {
        let (login, rejection) = asked_again(judged(Login::new(), nonsense, ("1", NOW), &Marks::default()));
        assert_eq!((login, rejection), (Login::new(), Rejection::new("malformed")), "{nonsense:?}");
    }
}

#[test]
fn a_person_whom_the_id_system_rejects_is_not_asked_again() {
    let spend = |_: &str, _: u32| Ok(true);
    let judge = Judge {
        settings: Settings::default(),
        secret: secret("1"),
        now: NOW,
        equal: |a, b| a == b,
        spend: &spend,
    };
    let step = Login::new().go_on(Input::Rejected(Rejection::locked()), &judge);
    assert_eq!(step, Ok(Step::Refused(Rejection::locked())));
}

#[test]
fn the_first_seconds_of_1970_have_codes_too() {
    let code = code_at("1", 0);
    assert_eq!(judged(Login::new(), &code, ("1", 3), &Marks::default()), proved());
}

#[test]
fn a_state_of_another_version_is_our_fault_not_the_persons() {
    for state in [br#"{"version":2,"tries":0}"#.as_slice(), br#"{"version":1}"#, b"", b"{}"] {
        let failure = Login::restore(state);
        assert!(matches!(failure, Err(Failure::Internal(_))), "{}", String::from_utf8_lossy(state));
    }
}

#[test]
fn every_word_is_in_the_manifest_in_all_its_languages_and_in_the_readme() {
    let (readme, manifest) = (include_str!("../../README.md"), include_str!("../../plugin.toml"));
    let form = form(6);
    let field = form.fields.first().unwrap();
    for message in [&form.title, &form.submit, &field.label, field.hint.as_ref().unwrap()] {
        assert!(readme.contains(&format!("`{}`", message.key)), "{} is not in the README", message.key);
        let entries = manifest.matches(&format!("\"{}\" =", message.key)).count();
        assert_eq!(entries, 3, "{} in en, fr and ar", message.key);
    }
}
