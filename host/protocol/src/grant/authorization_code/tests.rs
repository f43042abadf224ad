use serde_json::json;

use super::*;
use crate::endpoint::path;
use crate::extension::dpop::{self, Expected};
use crate::testing::{CHALLENGE, VERIFIER, key, parameters, policy};

const NOW: Timestamp = Timestamp(1_700_000_000);

fn code(dpop_jkt: Option<&str>) -> IssuedCode {
    let value = json!({
        "grant": "g", "client_id": "rp", "redirect_uri": "https://rp.example/cb", "code_challenge": CHALLENGE,
        "dpop_jkt": dpop_jkt, "nonce": null, "scope": "openid", "sealed_claims": "",
        "login": { "subject": "s", "acr": "a", "amr": ["otp"], "auth_time": NOW },
        "expires_at": NOW.0 + 60,
    });
    serde_json::from_value(value).expect("a code")
}

fn proof() -> Proof {
    let url = "https://id.example.org/oauth/token";
    let claims = json!({ "htm": "POST", "htu": url, "iat": NOW.0, "jti": "j" });
    let token = key().sign_claims_embedding_key("dpop+jwt", &claims).expect("signs");
    dpop::decide(&token, Expected { method: "POST", path: path::TOKEN, access_token: None }, &policy(), NOW)
        .expect("good")
}

fn form(verifier: &str, redirect_uri: &str) -> Parameters {
    parameters(&[("code_verifier", verifier), ("redirect_uri", redirect_uri)])
}

fn by_proof(proof: &Proof) -> Possession<'_> {
    Possession { proof: Some(proof), certificate: None }
}

#[test]
fn a_code_is_exchanged_for_tokens_bound_to_the_key_of_the_proof() {
    let proof = proof();
    let good = form(VERIFIER, "https://rp.example/cb");
    let bound = Ok(Some(Confirmation::Jkt(proof.jkt.clone())));
    for code in [code(None), code(Some(&proof.jkt))] {
        assert_eq!(decide(&code, SenderConstraint::Dpop, &good, by_proof(&proof), NOW), bound);
        assert_eq!(decide(&code, SenderConstraint::IfProved, &good, by_proof(&proof), NOW), bound);
    }
}

#[test]
fn a_code_is_not_exchanged_unless_everything_fits() {
    let proof = proof();
    let good = form(VERIFIER, "https://rp.example/cb");
    let judged = |code: &IssuedCode, form: &Parameters, possession, now| {
        decide(code, SenderConstraint::Dpop, form, possession, now).map(drop)
    };
    let last = Timestamp(NOW.0 + 60);
    assert_eq!(judged(&code(None), &good, by_proof(&proof), last), Ok(()), "in its last second");
    let late = Timestamp(NOW.0 + 61);
    assert_eq!(judged(&code(None), &good, by_proof(&proof), late), Err(Refusal::CodeExpired));
    let elsewhere = form(VERIFIER, "https://rp.example/other");
    assert_eq!(judged(&code(None), &elsewhere, by_proof(&proof), NOW), Err(Refusal::RedirectUriMismatch));
    for verifier in ["", CHALLENGE, &VERIFIER.to_uppercase()] {
        let wrong = form(verifier, "https://rp.example/cb");
        assert_eq!(
            judged(&code(None), &wrong, by_proof(&proof), NOW),
            Err(Refusal::PkceMismatch),
            "{verifier}"
        );
    }
    let none = Possession::default();
    assert_eq!(judged(&code(None), &good, none, NOW), Err(Refusal::Dpop(DpopRefusal::Missing)));
    let other_key = Err(Refusal::Dpop(DpopRefusal::OtherKey));
    assert_eq!(judged(&code(Some(CHALLENGE)), &good, by_proof(&proof), NOW), other_key);
}

#[test]
fn a_verifier_where_no_challenge_was_sent_is_refused() {
    let mut code = code(None);
    code.code_challenge = None;
    let judged =
        |form: &Parameters| decide(&code, SenderConstraint::IfProved, form, Possession::default(), NOW);
    assert_eq!(judged(&form(VERIFIER, "https://rp.example/cb")), Err(Refusal::PkceMismatch));
    assert_eq!(judged(&parameters(&[("redirect_uri", "https://rp.example/cb")])), Ok(None));
}

#[test]
fn tokens_are_bound_to_the_certificate_where_the_client_says_so() {
    let shown_proof = proof();
    let good = form(VERIFIER, "https://rp.example/cb");
    let shown = Possession { proof: None, certificate: Some("thumbprint") };
    let judged =
        |code: &IssuedCode, possession| decide(code, SenderConstraint::Certificate, &good, possession, NOW);
    let bound = Ok(Some(Confirmation::Certificate("thumbprint".to_owned())));
    assert_eq!(judged(&code(None), shown), bound);
    assert_eq!(judged(&code(None), Possession::default()), Err(Refusal::NoCertificate));
    // A proof is no certificate, and a code that is bound to a key needs its proof whatever else is shown.
    assert_eq!(judged(&code(None), by_proof(&shown_proof)), Err(Refusal::NoCertificate));
    assert_eq!(judged(&code(Some(CHALLENGE)), shown), Err(Refusal::Dpop(DpopRefusal::Missing)));
}

#[test]
fn a_bearer_token_is_only_for_who_may_have_one() {
    let good = form(VERIFIER, "https://rp.example/cb");
    let judged =
        |code: &IssuedCode| decide(code, SenderConstraint::IfProved, &good, Possession::default(), NOW);
    assert_eq!(judged(&code(None)), Ok(None));
    // RFC 9449 §10: never a bearer token for a code that is bound to a key.
    assert_eq!(judged(&code(Some(CHALLENGE))), Err(Refusal::Dpop(DpopRefusal::Missing)));
}
