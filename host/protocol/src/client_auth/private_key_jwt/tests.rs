use esignet_jose::algorithm::Algorithm;
use esignet_jose::signing_key::SigningKey;
use serde_json::{Value, json};

use super::*;
use crate::testing::{client, key, policy};

const NOW: Timestamp = Timestamp(1_700_000_000);
const ISSUER: &str = "https://id.example.org";

fn claims(changes: &[(&str, Value)]) -> Value {
    let mut claims = json!({
        "iss": "rp", "sub": "rp", "aud": ISSUER, "iat": NOW.0, "exp": NOW.0 + 60, "jti": "j-1",
    });
    for (name, value) in changes {
        if value.is_null() {
            drop(claims.as_object_mut().expect("object").remove(*name));
        } else {
            claims[*name] = value.clone();
        }
    }
    claims
}

fn judge(key: &SigningKey, assertion: &str) -> Result<AcceptedAssertion, AssertionRefusal> {
    judge_as(&client(key), assertion)
}

fn judge_as(client: &Client, assertion: &str) -> Result<AcceptedAssertion, AssertionRefusal> {
    UnverifiedAssertion::parse(Some(ASSERTION_TYPE), Some(assertion))?.decide(
        client,
        &client.jwks,
        &policy(),
        NOW,
    )
}

fn verdict(changes: &[(&str, Value)]) -> Result<AcceptedAssertion, AssertionRefusal> {
    let key = key();
    judge(&key, &key.sign_claims("JWT", &claims(changes)).expect("signs"))
}

#[test]
fn a_good_assertion_is_remembered_until_it_could_not_be_replayed() {
    let accepted = verdict(&[]).expect("good");
    assert_eq!(accepted.jti, "j-1");
    assert!(accepted.replay_until > Timestamp(NOW.0 + 60 + LEEWAY));
}

#[test]
fn the_audience_is_the_issuer_as_one_string_and_nothing_else() {
    for aud in [
        json!([ISSUER]),
        json!(format!("{ISSUER}/oauth/token")),
        json!(format!("{ISSUER}/oauth/par")),
        json!(format!("{ISSUER}/")),
        json!([ISSUER, "x"]),
    ] {
        assert_eq!(verdict(&[("aud", aud.clone())]), Err(AssertionRefusal::WrongAudience), "{aud}");
    }
    assert_eq!(verdict(&[("aud", Value::Null)]), Err(AssertionRefusal::WrongAudience));
}

#[test]
fn issuer_and_subject_are_the_client() {
    assert_eq!(verdict(&[("iss", json!("other"))]), Err(AssertionRefusal::NotTheClient));
    assert_eq!(verdict(&[("sub", json!("other"))]), Err(AssertionRefusal::NotTheClient));
    assert_eq!(verdict(&[("iss", Value::Null)]), Err(AssertionRefusal::NotTheClient));
}

#[test]
fn an_assertion_is_short_lived_and_of_now() {
    assert_eq!(verdict(&[("exp", json!(NOW.0 - 11))]), Err(AssertionRefusal::Expired));
    assert!(verdict(&[("exp", json!(NOW.0 - 9))]).is_ok(), "ten seconds of leeway");
    assert_eq!(verdict(&[("exp", json!(NOW.0 + 311))]), Err(AssertionRefusal::TooLong));
    assert!(verdict(&[("exp", json!(NOW.0 + 310))]).is_ok(), "five minutes and the leeway");
    assert!(verdict(&[("nbf", json!(NOW.0 + 10))]).is_ok());
    assert_eq!(verdict(&[("nbf", json!(NOW.0 + 11))]), Err(AssertionRefusal::NotYet));
    assert_eq!(verdict(&[("exp", json!(NOW.0 - 10))]), Err(AssertionRefusal::Expired));
    assert!(verdict(&[("iat", json!(NOW.0 + 10))]).is_ok());
    for name in ["iat", "nbf"] {
        assert_eq!(verdict(&[(name, json!(NOW.0 + 60))]), Err(AssertionRefusal::NotYet), "{name}");
    }
    for wrong in [Value::Null, json!("1700000060"), json!(-1), json!(true)] {
        assert!(matches!(verdict(&[("exp", wrong.clone())]), Err(AssertionRefusal::Claim(_))), "{wrong}");
    }
}

#[test]
fn a_jti_is_required_and_bounded() {
    assert!(matches!(verdict(&[("jti", Value::Null)]), Err(AssertionRefusal::Claim(_))));
    assert_eq!(verdict(&[("jti", json!(""))]), Err(AssertionRefusal::BadJti));
    assert_eq!(verdict(&[("jti", json!("j".repeat(1025)))]), Err(AssertionRefusal::BadJti));
}

#[test]
fn a_jwt_that_is_for_something_else_is_no_assertion() {
    let key = key();
    for typ in ["dpop+jwt", "oauth-authz-req+jwt", "at+jwt"] {
        let token = key.sign_claims(typ, &claims(&[])).expect("signs");
        assert_eq!(judge(&key, &token), Err(AssertionRefusal::WrongType), "{typ}");
    }
}

#[test]
fn only_a_registered_key_signs_for_a_client() {
    let (registered, other) = (key(), key());
    let token = other.sign_claims("JWT", &claims(&[])).expect("signs");
    assert_eq!(judge(&registered, &token), Err(AssertionRefusal::NoKey), "another kid");
    let embedded = other.sign_claims_embedding_key("JWT", &claims(&[])).expect("signs");
    assert!(judge(&registered, &embedded).is_err(), "a key in the header is ignored");
    let rsa = SigningKey::generate(Algorithm::Rs256).expect("a key");
    let weak = rsa.sign_claims("JWT", &claims(&[])).expect("signs");
    assert_eq!(judge(&rsa, &weak), Err(AssertionRefusal::AlgorithmNotAllowed));
}

#[test]
fn the_type_of_the_assertion_is_exact() {
    let key = key();
    let token = key.sign_claims("JWT", &claims(&[])).expect("signs");
    for kind in [None, Some(""), Some("urn:ietf:params:oauth:client-assertion-type:saml2-bearer")] {
        let parsed = UnverifiedAssertion::parse(kind, Some(&token));
        assert_eq!(parsed.err(), Some(AssertionRefusal::WrongAssertionType));
    }
}

#[test]
fn an_interop_client_may_name_our_endpoints_and_sign_for_an_hour_with_rs256() {
    let key = SigningKey::generate(Algorithm::Rs256).expect("a key");
    let mut client = client(&key);
    client.profile = Profile::Interop;
    let judged = |changes: &[(&str, Value)]| {
        judge_as(&client, &key.sign_claims("JWT", &claims(changes)).expect("signs"))
    };
    for aud in [ISSUER.to_owned(), format!("{ISSUER}/oauth/token"), format!("{ISSUER}/oauth/par")] {
        assert!(judged(&[("aud", json!(aud))]).is_ok(), "{aud}");
    }
    for aud in
        [json!([ISSUER]), json!(format!("{ISSUER}/authorize")), json!("https://evil.example/oauth/token")]
    {
        assert_eq!(judged(&[("aud", aud.clone())]), Err(AssertionRefusal::WrongAudience), "{aud}");
    }
    assert!(judged(&[("exp", json!(NOW.0 + 3_600))]).is_ok());
    assert_eq!(judged(&[("exp", json!(NOW.0 + 3_611))]), Err(AssertionRefusal::TooLong));
    let without_iat = judged(&[("iat", Value::Null)]).expect("good");
    let with_nbf = judged(&[("iat", Value::Null), ("nbf", json!(NOW.0 - 5))]).expect("good");
    assert_eq!(with_nbf.issued_at, NOW.minus(5), "it was good for nothing before nbf");
    assert!(without_iat.issued_at < NOW.minus(3_000), "it may have been issued an hour ago");
}
