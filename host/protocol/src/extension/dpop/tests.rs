use esignet_jose::signing_key::{Header, SigningKey};
use serde_json::{Value, json};

use super::*;
use crate::endpoint::path;
use crate::policy::MutualTls;
use crate::testing::{key, policy};

const NOW: Timestamp = Timestamp(1_700_000_000);
const URL: &str = "https://id.example.org/oauth/token";

fn expected() -> Expected<'static> {
    Expected { method: "POST", path: path::TOKEN, access_token: None }
}

fn claims(changes: &[(&str, Value)]) -> Value {
    let mut claims = json!({ "htm": "POST", "htu": URL, "iat": NOW.0, "jti": "j-1" });
    for (name, value) in changes {
        claims[*name] = value.clone();
    }
    claims
}

fn proof(key: &SigningKey, changes: &[(&str, Value)]) -> String {
    key.sign_claims_embedding_key("dpop+jwt", &claims(changes)).expect("signs")
}

fn verdict(changes: &[(&str, Value)]) -> Result<(), DpopRefusal> {
    decide(&proof(&key(), changes), expected(), &policy(), NOW).map(drop)
}

#[test]
fn a_good_proof_names_its_key() {
    let key = key();
    let good = decide(&proof(&key, &[]), expected(), &policy(), NOW).expect("good");
    assert_eq!(good.jkt, key.public_jwk().thumbprint());
}

#[test]
fn a_proof_is_for_one_method_and_one_url() {
    assert_eq!(verdict(&[("htm", json!("GET"))]), Err(DpopRefusal::WrongMethod));
    assert_eq!(verdict(&[("htm", json!("post"))]), Err(DpopRefusal::WrongMethod));
    for same in [
        "https://ID.example.org/oauth/token",
        "HTTPS://id.example.org:443/oauth/token",
        "https://id.example.org/x/../oauth/token",
        "https://id.example.org/oauth/token?query#fragment",
    ] {
        assert_eq!(verdict(&[("htu", json!(same))]), Ok(()), "{same}");
    }
    for other in [
        "https://id.example.org/oauth/par",
        "http://id.example.org/oauth/token",
        "https://evil.example/oauth/token",
        "/oauth/token",
    ] {
        assert_eq!(verdict(&[("htu", json!(other))]), Err(DpopRefusal::WrongUrl), "{other}");
    }
}

#[test]
fn a_proof_is_of_now() {
    assert_eq!(verdict(&[("iat", json!(NOW.0 + 10))]), Ok(()));
    assert_eq!(verdict(&[("iat", json!(NOW.0 + 60))]), Err(DpopRefusal::NotYet));
    assert_eq!(verdict(&[("iat", json!(NOW.0 - 60))]), Ok(()));
    assert_eq!(verdict(&[("iat", json!(NOW.0 - 61))]), Err(DpopRefusal::TooOld));
    assert_eq!(verdict(&[("nbf", json!(NOW.0 + 60))]), Err(DpopRefusal::NotYet));
    assert_eq!(verdict(&[("exp", json!(NOW.0 - 11))]), Err(DpopRefusal::Expired));
}

#[test]
fn a_claim_of_the_wrong_type_is_not_taken_for_absent() {
    for (name, value) in
        [("iat", json!("1700000000")), ("jti", json!(7)), ("htm", json!(null)), ("exp", json!(true))]
    {
        assert!(matches!(verdict(&[(name, value)]), Err(DpopRefusal::Claim(_))), "{name}");
    }
    assert_eq!(verdict(&[("jti", json!(""))]), Err(DpopRefusal::BadJti));
    assert_eq!(verdict(&[("jti", json!("j".repeat(1025)))]), Err(DpopRefusal::BadJti));
}

#[test]
fn only_a_dpop_jwt_with_its_public_key_in_the_header_is_a_proof() {
    let key = key();
    let typed = key.sign_claims_embedding_key("at+jwt", &claims(&[])).expect("signs");
    assert_eq!(decide(&typed, expected(), &policy(), NOW), Err(DpopRefusal::WrongType));
    let keyless = key.sign_claims("dpop+jwt", &claims(&[])).expect("signs");
    assert_eq!(decide(&keyless, expected(), &policy(), NOW), Err(DpopRefusal::NoKey));
    let payload = serde_json::to_vec(&claims(&[])).expect("json");
    let untyped = key.sign(&Header::untyped().embedding_key(), &payload).expect("signs");
    assert_eq!(decide(&untyped, expected(), &policy(), NOW), Err(DpopRefusal::WrongType));
    assert!(matches!(decide("garbage", expected(), &policy(), NOW), Err(DpopRefusal::Jws(_))));
}

#[test]
fn a_proof_signed_by_another_key_than_its_header_says_is_refused() {
    let (one, other) = (key(), key());
    let parts = |token: String| token.split('.').map(str::to_owned).collect::<Vec<_>>();
    let (a, b) = (parts(proof(&one, &[])), parts(proof(&other, &[])));
    let forged = format!("{}.{}.{}", a[0], a[1], b[2]);
    assert_eq!(decide(&forged, expected(), &policy(), NOW), Err(DpopRefusal::Jws(JwsError::SignatureWrong)));
}

#[test]
fn at_a_resource_a_proof_is_for_one_access_token() {
    let token = AccessToken::issued("the token".to_owned());
    let at_userinfo = Expected { access_token: Some(&token), ..expected() };
    let hash = digest::sha256_base64url(b"the token");
    let with =
        |ath: &str| decide(&proof(&key(), &[("ath", json!(ath))]), at_userinfo, &policy(), NOW).map(drop);
    assert_eq!(with(&hash), Ok(()));
    assert_eq!(with("wrong"), Err(DpopRefusal::WrongTokenHash));
    let without = decide(&proof(&key(), &[]), at_userinfo, &policy(), NOW);
    assert!(matches!(without, Err(DpopRefusal::Claim(_))));
}

#[test]
fn two_headers_are_refused_and_none_is_none() {
    assert_eq!(parse(&[]), Ok(None));
    assert_eq!(parse(&["a".to_owned(), "a".to_owned()]), Err(DpopRefusal::SeveralHeaders));
}

#[test]
fn a_proof_may_name_the_url_where_certificates_are_shown() {
    let mut policy = policy();
    let alias = [("htu", json!("https://mtls.id.example.org/oauth/token"))];
    let judged = |policy: &Policy| decide(&proof(&key(), &alias), expected(), policy, NOW).map(drop);
    assert_eq!(judged(&policy), Err(DpopRefusal::WrongUrl));
    policy.mutual_tls = Some(MutualTls { base: "https://mtls.id.example.org".to_owned() });
    assert_eq!(judged(&policy), Ok(()));
}

#[test]
fn where_a_nonce_is_asked_for_it_tells_the_age_and_not_the_clients_clock() {
    let mut policy = policy();
    let nonces = nonce::NonceKey([1; 32]);
    policy.dpop_nonces = Some(nonces.clone());
    let judged = |changes: &[(&str, Value)]| decide(&proof(&key(), changes), expected(), &policy, NOW);
    let fresh = json!(nonces.issue(NOW.minus(nonce::TTL)));
    let stale = json!(nonces.issue(NOW.minus(nonce::TTL + 1)));
    assert_eq!(judged(&[]).map(drop), Err(DpopRefusal::NonceNeeded));
    assert_eq!(judged(&[("nonce", stale)]).map(drop), Err(DpopRefusal::NonceNeeded));
    assert_eq!(judged(&[("nonce", json!("ours?"))]).map(drop), Err(DpopRefusal::NonceNeeded));
    let slow_clock = [("nonce", fresh.clone()), ("iat", json!(NOW.0 - 3_600))];
    let good = judged(&slow_clock).expect("good");
    assert_eq!(good.issued_at, NOW.minus(nonce::TTL));
    assert!(good.good_until >= NOW, "remembered for as long as the nonce is good");
    assert_eq!(judged(&[("nonce", fresh), ("iat", json!(NOW.0 + 60))]).map(drop), Err(DpopRefusal::NotYet));
}
