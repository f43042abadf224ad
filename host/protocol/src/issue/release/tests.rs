use serde_json::json;

use super::*;
use crate::testing::{client, key, request_of};

const NOW: Timestamp = Timestamp(1_800_000_000);

fn asked(scope: &str, claims: &Value) -> AuthorizationRequest {
    let mut client = client(&key());
    client.claims.insert(VERIFIED_CLAIMS.to_owned());
    request_of(&client, &[("scope", Some(scope)), ("claims", Some(&claims.to_string()))])
}

fn granted(name: &str, (userinfo, id_token): (bool, bool)) -> OfferedClaim {
    OfferedClaim { name: name.to_owned(), userinfo, id_token, ..OfferedClaim::default() }
}

fn announced() -> VerifiedOffer {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    VerifiedOffer {
        trust_frameworks: words(&["gold"]),
        claims: words(&["name", "birthdate"]),
        ..VerifiedOffer::default()
    }
}

fn object(value: Value) -> Map<String, Value> {
    let Value::Object(object) = value else { panic!("not an object") };
    object
}

fn element(claims: &Value) -> Value {
    json!({ "verification": { "trust_framework": null }, "claims": claims })
}

#[test]
fn the_id_system_is_asked_for_what_was_agreed_to_and_no_more() {
    let claims = json!({
        "userinfo": { "name#fr": null, "email": null, "verified_claims": element(&json!({ "name": null, "birthdate": null })) },
        "id_token": { "name": null, "verified_claims": element(&json!({ "name": null })) },
    });
    let request = asked("openid profile", &claims);
    let agreed = [granted("name", (true, true)), granted("verified_claims.name", (true, true))];
    let wanted = Release { request: &request, granted: &agreed, locale: "en" }.wanted();
    assert_eq!(wanted.claims, ["name", "name#fr"]);
    assert_eq!(
        wanted.verified_claims,
        [element(&json!({ "name": null }))],
        "once, and without the birthdate"
    );

    let agreed = [granted("email", (true, false))];
    let wanted = Release { request: &request, granted: &agreed, locale: "en" }.wanted();
    assert_eq!(wanted, ClaimsWanted { claims: vec!["email".to_owned()], verified_claims: Vec::new() });
}

#[test]
fn what_goes_to_userinfo_and_what_into_the_id_token_are_kept_apart() {
    let claims = json!({
        "userinfo": { "email": null, "verified_claims": element(&json!({ "name": null })) },
        "id_token": { "name#fr": null, "verified_claims": element(&json!({ "birthdate": null })) },
    });
    let request = asked("openid", &claims);
    let agreed = [
        granted("email", (true, false)),
        granted("name", (false, true)),
        granted("verified_claims.name", (true, false)),
        granted("verified_claims.birthdate", (false, true)),
    ];
    let gold = json!({ "trust_framework": "gold", "time": "2026-01-01" });
    let given = json!({
        "email": "e", "name": "A", "name#fr": "B", "salary": 1,
        "verified_claims": { "verification": gold, "claims": { "name": "A", "birthdate": "2001-01-01" } },
    });
    let release = Release { request: &request, granted: &agreed, locale: "en" };
    let kept = release.kept(object(given), &announced(), NOW);
    let framework = json!({ "trust_framework": "gold" });
    let userinfo =
        json!({ "email": "e", "verified_claims": { "verification": framework, "claims": { "name": "A" } } });
    assert_eq!(Value::from(kept.for_userinfo()), userinfo);
    let id_token = json!({ "name#fr": "B",
        "verified_claims": { "verification": framework, "claims": { "birthdate": "2001-01-01" } } });
    assert_eq!(Value::from(kept.for_id_token()), id_token);
}

#[test]
fn plain_claims_are_never_taken_for_verified_ones_nor_verified_ones_for_plain() {
    let claims = json!({ "userinfo": { "verified_claims": element(&json!({ "name": null })) } });
    let request = asked("openid", &claims);
    let agreed = [granted("verified_claims.name", (true, false))];
    let release = Release { request: &request, granted: &agreed, locale: "en" };
    let unverified =
        json!({ "name": "A", "verified_claims.name": "A", "verified_claims#fr": { "name": "A" } });
    assert!(release.kept(object(unverified), &announced(), NOW).for_userinfo().is_empty());

    let agreed = [granted("name", (true, false))];
    let request = asked("openid profile", &json!({}));
    let release = Release { request: &request, granted: &agreed, locale: "en" };
    let gold = json!({ "trust_framework": "gold" });
    let verified = json!({ "verified_claims": { "verification": gold, "claims": { "name": "A" } } });
    assert!(release.kept(object(verified), &announced(), NOW).for_userinfo().is_empty());
}

#[test]
fn verifications_that_together_are_too_much_for_a_record_are_not_all_returned() {
    let elements: Vec<Value> = (0..8)
        .map(|level| {
            json!({ "verification": { "trust_framework": null, "time": null,
            format!("new{level}"): null }, "claims": { "name": null } })
        })
        .collect();
    let request = asked("openid", &json!({ "userinfo": { "verified_claims": elements } }));
    let agreed = [granted("verified_claims.name", (true, false))];
    let mut verification = json!({ "trust_framework": "gold", "time": "2026-01-01" });
    for level in 0..8 {
        verification[format!("new{level}")] = json!(level);
    }
    let given = json!({ "verified_claims": { "verification": verification, "claims": { "name": "x".repeat(4000) } } });
    let release = Release { request: &request, granted: &agreed, locale: "en" };
    let kept = release.kept(object(given), &announced(), NOW);
    assert_eq!(kept.verified.len(), 2);
    assert!(bytes(&kept.for_userinfo()) <= MAX_BYTES);
}
