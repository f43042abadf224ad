use esignet_jose::signing_key::SigningKey;
use serde_json::{Value, json};

use super::*;
use crate::testing::{key, policy};

const NOW: Timestamp = Timestamp(1_800_000_000);
const TOKEN: &str = "an-access-token";

fn proof(key: &SigningKey, typ: &str, changes: &[(&str, Value)]) -> String {
    let ath = digest::sha256_base64url(TOKEN.as_bytes());
    let mut claims = json!({ "aud": "https://id.example.org", "iat": NOW, "jti": "j", "ath": ath });
    for (name, value) in changes {
        claims[*name] = value.clone();
    }
    key.sign_claims_embedding_key(typ, &claims).expect("signs")
}

fn judged(proof: &str, algorithms: &[Algorithm]) -> Result<ProvedKey, KeyProofRefusal> {
    let token = AccessToken::presented(TOKEN).expect("a token");
    decide(proof, (&token, algorithms), &policy(), NOW)
}

fn refusal(changes: &[(&str, Value)]) -> KeyProofRefusal {
    judged(&proof(&key(), TYPE, changes), &ALGORITHMS).expect_err("is refused")
}

#[test]
fn a_good_proof_names_the_key_that_made_it() {
    let key = key();
    let proved = judged(&proof(&key, TYPE, &[]), &ALGORITHMS).expect("is good");
    assert_eq!(proved.key.thumbprint(), key.public_jwk().thumbprint());
}

#[test]
fn a_proof_is_for_this_server_and_this_token_and_now() {
    assert_eq!(refusal(&[("aud", json!("https://evil.example"))]), KeyProofRefusal::WrongAudience);
    // RFC 8725 §3.9: an audience that others are in, too, is none.
    let several = json!(["https://id.example.org"]);
    assert!(matches!(refusal(&[("aud", several)]), KeyProofRefusal::Claim(_)));
    assert_eq!(refusal(&[("ath", json!("x"))]), KeyProofRefusal::WrongTokenHash);
    assert_eq!(refusal(&[("jti", json!(""))]), KeyProofRefusal::BadJti);
    assert_eq!(refusal(&[("iat", json!(NOW.0 - 61))]), KeyProofRefusal::Use(DpopRefusal::TooOld));
    assert_eq!(refusal(&[("iat", json!(NOW.0 + 11))]), KeyProofRefusal::Use(DpopRefusal::NotYet));
    assert!(matches!(refusal(&[("iat", json!("now"))]), KeyProofRefusal::Use(DpopRefusal::Claim(_))));
}

#[test]
fn a_dpop_proof_is_no_key_proof() {
    let dpop = judged(&proof(&key(), "dpop+jwt", &[]), &ALGORITHMS);
    assert_eq!(dpop.err(), Some(KeyProofRefusal::WrongType));
}

#[test]
fn a_key_that_the_binder_does_not_take_is_refused() {
    let good = proof(&key(), TYPE, &[]);
    assert_eq!(judged(&good, &[Algorithm::EdDsa]).err(), Some(KeyProofRefusal::AlgorithmNotAllowed));
    assert_eq!(judged(&good, &[]).err(), Some(KeyProofRefusal::AlgorithmNotAllowed));
}

#[test]
fn the_key_of_a_proof_is_the_one_that_signed_it() {
    let good = proof(&key(), TYPE, &[]);
    let other = proof(&key(), TYPE, &[]);
    let (header, _) = other.split_once('.').expect("a JWS");
    let (_, rest) = good.split_once('.').expect("a JWS");
    assert!(matches!(judged(&format!("{header}.{rest}"), &ALGORITHMS).err(), Some(KeyProofRefusal::Jws(_))));
}
