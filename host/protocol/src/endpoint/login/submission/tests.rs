use super::*;
use crate::assurance::Method;
use crate::id_systems::IdSystemName;
use crate::issue::authorization_code::Login;
use crate::ports::plugins::{Authenticated as Verdict, Form, Message};
use crate::testing::{SeededEntropy, parameters, request};
use crate::transaction::browser::Browser;
use crate::transaction::pins::Pins;
use crate::transaction::stage::{Authenticated, Proving};
use crate::word::acr::Acr;
use crate::word::client_id::ClientId;
use crate::word::handle::HandleHash;

const NOW: Timestamp = Timestamp(1_700_000_000);

fn at(stage: Stage) -> Transaction {
    Transaction {
        id: "t".to_owned(),
        short_id: "S".to_owned(),
        client_id: ClientId::parse("rp").expect("valid"),
        request_uri: HandleHash::of(b"r"),
        request: request(&[]),
        locale: "en".to_owned(),
        browser: Browser::new(&SeededEntropy::default()),
        deadline: NOW.plus(300),
        pins: Pins::default(),
        stage,
    }
}

fn otp() -> Method {
    Method { acr: Acr("otp".to_owned()), factors: vec!["OTP".to_owned()] }
}

fn by_otp() -> Way {
    Way { method: otp(), kinds: vec![("uin".to_owned(), IdSystemName::default())] }
}

fn uin() -> IndividualKind {
    IndividualKind {
        kind: "uin".to_owned(),
        label: std::collections::BTreeMap::new(),
        max_length: 10,
        digits: true,
    }
}

fn decision(stage: Stage, form: &[(&str, &str)]) -> Decision {
    decide(&at(stage), &[by_otp()], &[uin()], &parameters(form), NOW)
}

fn identify_rejection(form: &[(&str, &str)]) -> Option<String> {
    let decided = decision(Stage::Requested(Requested::default()), form);
    let Decision::Ask(Stage::Requested(requested)) = decided else { return None };
    requested.rejection.map(|rejection| rejection.reason)
}

fn proving() -> Stage {
    let words = || Message { key: String::new(), text: String::new(), arguments: Vec::new() };
    let form = Form { title: words(), fields: Vec::new(), submit: words(), resend_after_seconds: Some(30) };
    Stage::Proving(Box::new(Proving {
        acr: otp().acr,
        factors: otp().factors,
        current: 0,
        individual: Individual { kind: "uin".to_owned(), value: "1".to_owned(), attributes: Vec::new() },
        id_system: IdSystemName::default(),
        pending: Pending::Question { form, rejection: None, asked_at: NOW.minus(29), state: Vec::new() },
        proofs: Vec::new(),
        evidence: Vec::new(),
        reserved: 0,
        failures: 0,
        attempts: 1,
        challenges: 0,
    }))
}

fn authenticated() -> Stage {
    let claim = |name: &str, essential| OfferedClaim {
        name: name.to_owned(),
        essential,
        userinfo: true,
        id_token: false,
        verified: None,
    };
    Stage::Authenticated(Box::new(Authenticated {
        login: Login {
            subject: "s".to_owned(),
            acr: otp().acr,
            amr: vec!["otp".to_owned()],
            auth_time: NOW,
            trace: None,
        },
        id_system: IdSystemName::default(),
        verdict: Verdict {
            subject: "p".to_owned(),
            partner_specific: false,
            continuation: Vec::new(),
            unavailable_claims: Vec::new(),
            unverified_claims: Vec::new(),
        },
        offer: vec![claim("name", true), claim("email", false), claim("birthdate", false)],
    }))
}

#[test]
fn an_identifier_is_folded_and_begins_the_first_method() {
    let begun = decision(Stage::Requested(Requested::default()), &[("individual", " ١٢٣ 4567890 ")]);
    let Decision::Begin(begun) = begun else { panic!("does not begin") };
    let Chosen { method, individual, .. } = begun.chosen;
    assert_eq!((method, individual.kind.as_str(), individual.value.as_str()), (otp(), "uin", "1234567890"));
}

#[test]
fn an_identifier_that_cannot_be_one_is_asked_again() {
    assert_eq!(identify_rejection(&[]).as_deref(), Some("missing"));
    assert_eq!(identify_rejection(&[("individual", "   ")]).as_deref(), Some("missing"));
    assert_eq!(identify_rejection(&[("individual", "12345678901")]).as_deref(), Some("malformed"));
    assert_eq!(identify_rejection(&[("individual", "<script>")]).as_deref(), Some("malformed"));
    assert_eq!(identify_rejection(&[("individual", "1"), ("method", "7")]).as_deref(), Some("malformed"));
    assert_eq!(
        identify_rejection(&[("individual", "1"), ("kind", "passport")]).as_deref(),
        Some("malformed")
    );
}

#[test]
fn a_code_cannot_be_asked_for_again_before_its_time() {
    assert!(matches!(decision(proving(), &[("action", "resend")]), Decision::Nothing));
    let later =
        decide(&at(proving()), &[by_otp()], &[uin()], &parameters(&[("action", "resend")]), NOW.plus(1));
    assert!(matches!(later, Decision::Resume(Input::Resend)));
}

#[test]
fn a_form_of_another_stage_does_nothing() {
    assert!(matches!(
        decision(Stage::Requested(Requested::default()), &[("action", "allow")]),
        Decision::Nothing
    ));
    assert!(matches!(decision(proving(), &[("action", "allow")]), Decision::Nothing));
    assert!(matches!(decision(authenticated(), &[("action", "continue")]), Decision::Nothing));
    assert!(matches!(decision(authenticated(), &[("individual", "1")]), Decision::Nothing));
}

#[test]
fn every_stage_can_be_cancelled() {
    for stage in [Stage::Requested(Requested::default()), proving(), authenticated()] {
        assert!(matches!(decision(stage, &[("action", "cancel")]), Decision::End(Refusal::Cancelled)));
    }
    assert!(matches!(decision(authenticated(), &[("action", "deny")]), Decision::End(Refusal::Denied)));
}

#[test]
fn what_is_released_is_essential_or_ticked_and_was_offered() {
    let form =
        [("action", "allow"), ("claim.email", "on"), ("claim.gender", "on"), ("claim.birthdate", "yes")];
    let Decision::Release(granted) = decision(authenticated(), &form) else { panic!("does not release") };
    let names: Vec<_> = granted.iter().map(|claim| claim.name.as_str()).collect();
    assert_eq!(names, ["name", "email"]);
}
