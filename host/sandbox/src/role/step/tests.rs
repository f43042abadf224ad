use super::*;
use crate::bindings::esignet::types::{forms, types as words};
use crate::words::Words;

fn in_english(words: &Words) -> InLocale<'_> {
    InLocale { words, locale: "en" }
}

fn descriptor() -> AuthFactorDescriptor {
    AuthFactorDescriptor {
        factor: "OTP".into(),
        amr: vec!["otp".into()],
        needs_individual: true,
        sends_codes: false,
        judges_itself: false,
    }
}

fn message(text: &str) -> words::Message {
    words::Message { key: String::new(), text: text.into(), arguments: Vec::new() }
}

fn field(name: &str, kind: &str) -> forms::Field {
    forms::Field {
        name: name.into(),
        kind: kind.into(),
        label: message("Label"),
        hint: None,
        required: true,
        constraints: Vec::new(),
    }
}

fn ask(fields: Vec<forms::Field>, state_bytes: usize) -> Result<(Step, usize), Breach> {
    let form = forms::Form { title: message("T"), fields, submit: message("S"), resend_after_seconds: None };
    accepted(
        wit::Step::Ask(wit::Question { form, rejection: None, state: vec![0; state_bytes] }),
        &descriptor(),
        in_english(&Words::default()),
    )
}

fn proved(factor: &str, amr: &[&str]) -> Result<(Step, usize), Breach> {
    let amr = amr.iter().map(|value| (*value).to_owned()).collect();
    let evidence = words::Evidence { factor: factor.into(), amr, attributes: Vec::new() };
    accepted(wit::Step::Proved(evidence), &descriptor(), in_english(&Words::default()))
}

#[test]
fn a_form_of_known_fields_with_names_of_their_own_is_asked() {
    assert!(ask(vec![field("otp", "otp"), field("consent_1", "checkbox")], STATE_BYTES).is_ok());
}

#[test]
fn a_form_that_breaks_the_contract_is_refused() {
    for (what, fields) in [
        ("a bad name", vec![field("o\"tp", "otp")]),
        ("no name", vec![field("", "otp")]),
        ("a long name", vec![field(&"x".repeat(65), "otp")]),
        ("an unknown kind", vec![field("otp", "file")]),
        ("a name twice", vec![field("otp", "otp"), field("otp", "text")]),
        ("too many fields", (0..33).map(|n| field(&format!("f{n}"), "text")).collect()),
        ("a long label", vec![forms::Field { label: message(&"x".repeat(1025)), ..field("otp", "otp") }]),
    ] {
        assert!(ask(fields, 0).is_err(), "{what} passed");
    }
}

#[test]
fn state_is_bounded() {
    assert!(ask(vec![field("otp", "otp")], STATE_BYTES + 1).is_err());
}

#[test]
fn a_lie_about_amr_is_narrowed_to_what_was_announced() {
    let (step, taken_out) = proved("OTP", &["otp", "hwk", "mfa"]).unwrap();
    let Step::Proved(evidence) = step else { panic!("another step") };
    assert_eq!(evidence.amr, ["otp"]);
    assert_eq!(taken_out, 2);
}

#[test]
fn evidence_of_which_nothing_is_left_is_refused_and_says_what_to_do() {
    let refused = proved("OTP", &["hwk"]).err().unwrap();
    assert!(refused.0.contains("factor OTP") && refused.0.contains("[assurance]"), "{}", refused.0);
    assert!(proved("OTP", &[]).is_ok(), "nothing was taken out");
}

#[test]
fn evidence_and_proofs_of_another_factor_are_refused() {
    assert!(proved("BIO", &["otp"]).is_err());
    let proof = words::Proof {
        factor: "BIO".into(),
        format: "sbi-json".into(),
        value: Vec::new(),
        attributes: Vec::new(),
    };
    let delegation = wit::Delegation { proof, state: Vec::new() };
    assert!(accepted(wit::Step::Delegate(delegation), &descriptor(), in_english(&Words::default())).is_err());
}

#[test]
fn an_endless_pause_is_refused() {
    let pause =
        |seconds| wit::Step::Pause(wit::Pause { seconds, message: message("wait"), state: Vec::new() });
    assert!(accepted(pause(600), &descriptor(), in_english(&Words::default())).is_ok());
    assert!(accepted(pause(601), &descriptor(), in_english(&Words::default())).is_err());
}
