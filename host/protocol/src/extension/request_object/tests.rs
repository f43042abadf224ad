use esignet_jose::algorithm::Algorithm;
use esignet_jose::signing_key::{Header, SigningKey};
use serde_json::json;

use super::*;
use crate::client::Profile;
use crate::testing::{client, key};

const NOW: Timestamp = Timestamp(1_700_000_000);

fn issuer() -> Issuer {
    Issuer::parse("https://id.example.org").expect("an issuer")
}

fn claims() -> Value {
    json!({
        "iss": "rp", "aud": "https://id.example.org", "client_id": "rp", "nbf": NOW.0, "exp": NOW.0 + 300,
        "jti": "j", "response_type": "code", "redirect_uri": "https://rp.example/cb", "scope": "openid",
        "max_age": 60, "claims": { "userinfo": { "name": null } },
    })
}

fn with(member: &str, value: impl Into<Value>) -> Value {
    let mut claims = claims();
    claims[member] = value.into();
    claims
}

fn without(member: &str) -> Value {
    let mut claims = claims();
    claims.as_object_mut().expect("an object").remove(member);
    claims
}

fn verdict(key: &SigningKey, object: &str) -> Result<Parameters, RequestObjectRefusal> {
    let client = client(key);
    decide(object, &client, &client.jwks, &issuer(), NOW)
}

fn refusal(claims: &Value) -> Option<RequestObjectRefusal> {
    let key = key();
    let object = key.sign_claims(TYPE, claims).expect("signs");
    verdict(&key, &object).err()
}

#[test]
fn claims_become_the_parameters_that_they_stand_for() {
    let key = key();
    let object = key.sign_claims(TYPE, &claims()).expect("signs");
    let parameters = verdict(&key, &object).expect("good");
    assert_eq!(parameters.one("redirect_uri"), Some("https://rp.example/cb"));
    assert_eq!(parameters.one("max_age"), Some("60"));
    assert_eq!(parameters.one("claims"), Some(r#"{"userinfo":{"name":null}}"#));
    for about_the_jwt in ["iss", "aud", "exp", "nbf", "jti"] {
        assert!(!parameters.has(about_the_jwt), "{about_the_jwt}");
    }
}

#[test]
fn each_rule_refuses_what_breaks_it() {
    use RequestObjectRefusal as R;
    let missing = |claim| R::Claim(ClaimError::Missing { claim });
    let table = [
        (without("iss"), missing("iss")),
        (with("iss", "other"), R::NotTheIssuer),
        (without("client_id"), R::OtherClient),
        (with("client_id", "other"), R::OtherClient),
        (with("sub", "rp"), R::LooksLikeAnAssertion),
        (without("aud"), R::WrongAudience),
        (with("aud", "https://id.example.org/oauth/par"), R::WrongAudience),
        (with("aud", json!(["https://other.example"])), R::WrongAudience),
        (without("exp"), missing("exp")),
        (with("exp", NOW.0 - 10), R::Expired),
        (with("exp", NOW.0 + 3_601), R::TooLong),
        (without("nbf"), missing("nbf")),
        (with("nbf", NOW.0 + 11), R::NotYet),
        (with("nbf", NOW.0 - 3_601), R::TooOld),
        (with("exp", "1700000300"), R::Claim(ClaimError::WrongType { claim: "exp" })),
        (with("request", "eyJ"), R::Nested),
        (with("request_uri", "urn:ietf:params:oauth:request_uri:x"), R::Nested),
        (with("state", true), R::NotAParameter),
        (with("state", "x".repeat(3_000)), R::Parameters(ParametersError::TooLarge)),
    ];
    for (claims, expected) in table {
        assert_eq!(refusal(&claims), Some(expected), "{claims}");
    }
}

#[test]
fn clocks_may_differ_by_ten_seconds_and_an_hour_is_the_limit() {
    for claims in [
        with("nbf", NOW.0 + 10),
        with("exp", NOW.0 - 9),
        with("aud", json!(["https://other.example", "https://id.example.org"])),
        with("sub", "somebody-else"),
        with("exp", NOW.0 + 3_600),
    ] {
        assert_eq!(refusal(&claims), None, "{claims}");
    }
    let mut an_hour_ago = with("nbf", NOW.0 - 3_600);
    an_hour_ago["exp"] = json!(NOW.0);
    assert_eq!(refusal(&an_hour_ago), None);
}

#[test]
fn another_kind_of_jwt_never_passes_as_a_request_object() {
    let key = key();
    for typ in ["JWT", "dpop+jwt", "at+jwt", "client-authentication+jwt"] {
        let object = key.sign_claims(typ, &claims()).expect("signs");
        assert_eq!(verdict(&key, &object).err(), Some(RequestObjectRefusal::WrongType), "{typ}");
    }
    let payload = serde_json::to_vec(&claims()).expect("JSON");
    let untyped = key.sign(&Header::untyped(), &payload).expect("signs");
    assert!(verdict(&key, &untyped).is_ok());
}

#[test]
fn only_the_clients_own_keys_and_algorithms_count() {
    let (ours, other) = (key(), key());
    let object = other.sign_claims(TYPE, &claims()).expect("signs");
    assert_eq!(verdict(&ours, &object).err(), Some(RequestObjectRefusal::NoKey));

    let rsa = SigningKey::generate(Algorithm::Rs256).expect("a key");
    let object = rsa.sign_claims(TYPE, &claims()).expect("signs");
    let mut client = client(&rsa);
    let judged = |client: &Client| decide(&object, client, &client.jwks, &issuer(), NOW).err();
    assert_eq!(judged(&client), Some(RequestObjectRefusal::AlgorithmNotAllowed));
    client.profile = Profile::Interop;
    assert_eq!(judged(&client), None);
    client.request_object_signing_alg = Some(Algorithm::Es256);
    assert_eq!(judged(&client), Some(RequestObjectRefusal::AlgorithmNotAllowed));
}
