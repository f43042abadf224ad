use serde_json::json;

use super::*;
use crate::extension::dpop::{self, Expected};
use crate::testing::{CHALLENGE, VERIFIER, key, parameters};

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
    dpop::decide(&token, Expected { method: "POST", url, access_token: None }, NOW).expect("good")
}

fn form(verifier: &str, redirect_uri: &str) -> Parameters {
    parameters(&[("code_verifier", verifier), ("redirect_uri", redirect_uri)])
}

#[test]
fn a_code_is_exchanged_for_tokens_bound_to_the_key_of_the_proof() {
    let proof = proof();
    let good = form(VERIFIER, "https://rp.example/cb");
    assert_eq!(decide(&code(None), &good, Some(&proof), NOW), Ok(proof.jkt.clone()));
    assert_eq!(decide(&code(Some(&proof.jkt)), &good, Some(&proof), NOW), Ok(proof.jkt.clone()));
}

#[test]
fn a_code_is_not_exchanged_unless_everything_fits() {
    let proof = proof();
    let good = form(VERIFIER, "https://rp.example/cb");
    let late = Timestamp(NOW.0 + 61);
    assert_eq!(decide(&code(None), &good, Some(&proof), late), Err(Refusal::CodeExpired));
    let elsewhere = form(VERIFIER, "https://rp.example/other");
    assert_eq!(decide(&code(None), &elsewhere, Some(&proof), NOW), Err(Refusal::RedirectUriMismatch));
    for verifier in ["", CHALLENGE, &VERIFIER.to_uppercase()] {
        let wrong = form(verifier, "https://rp.example/cb");
        assert_eq!(decide(&code(None), &wrong, Some(&proof), NOW), Err(Refusal::PkceMismatch), "{verifier}");
    }
    assert_eq!(decide(&code(None), &good, None, NOW), Err(Refusal::Dpop(DpopRefusal::Missing)));
    assert_eq!(
        decide(&code(Some(CHALLENGE)), &good, Some(&proof), NOW),
        Err(Refusal::Dpop(DpopRefusal::OtherKey))
    );
}
