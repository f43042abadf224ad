use serde_json::json;

use super::*;

fn records() -> Records {
    let claims = json!({
        "name": { "pointer": "/name" },
        "name#fr": { "pointer": "/nom" },
        "name#zh-Hant": { "pointer": "/zh" },
        "gender#ar": { "pointer": "/jins" },
        "birthdate": { "pointer": "/born", "date": "yyyy-MM-dd" },
        "email_verified": { "pointer": "/mailOk" },
        "address": { "pointer": "/address" },
    });
    let verified = json!([
        { "trust-framework": "xx_civil", "claims": ["name", "birthdate"], "when": { "pointer": "/seen", "equals": true },
          "assurance-level": "high", "time": "/seenAt", "verification-process": "/case" },
        { "trust-framework": "xx_bank", "claims": ["name"], "when": { "pointer": "/bank" } },
    ]);
    Records::checked(serde_json::from_value(claims).unwrap(), serde_json::from_value(verified).unwrap())
        .unwrap()
}

fn record() -> Record {
    let document = json!({
        "name": "Amina", "nom": "Aminah", "jins": "أنثى", "born": "1991-04-17", "mailOk": true,
        "address": { "country": "MA" }, "seen": true, "seenAt": "2026-03-12T10:21Z",
    });
    let records = records();
    let (record, unexpected) = records.of(&document);
    assert_eq!(unexpected, [""; 0]);
    record
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

fn released(names: &[&str], languages: &[&str]) -> Value {
    Value::Object(record().release(&owned(names), &owned(languages)))
}

#[test]
fn names_and_languages_are_those_of_the_mappings() {
    assert_eq!(records().names(), ["address", "birthdate", "email_verified", "gender", "name"]);
    assert_eq!(records().languages(), ["ar", "fr", "zh-Hant"]);
    let offer = records().offer().unwrap();
    assert_eq!(
        (offer.trust_frameworks, offer.claims),
        (owned(&["xx_bank", "xx_civil"]), owned(&["birthdate", "name"]))
    );
}

#[test]
fn a_claim_comes_in_the_best_language_and_tagged_in_each_that_is_wanted() {
    assert_eq!(released(&["name"], &[]), json!({ "name": "Amina" }));
    assert_eq!(released(&["name"], &["en"]), json!({ "name": "Amina" }));
    assert_eq!(released(&["name"], &["de", "fr-CA"]), json!({ "name": "Aminah", "name#fr": "Aminah" }));
    assert_eq!(released(&["name#FR"], &["de"]), json!({ "name#fr": "Aminah" }));
    assert_eq!(
        released(&["gender"], &["en"]),
        json!({ "gender": "أنثى" }),
        "better in another language than not at all"
    );
    assert_eq!(released(&["nickname", "name#zh-Hant"], &["fr"]), json!({}));
    assert_eq!(released(&[], &["fr"]), json!({}));
}

#[test]
fn what_has_another_type_than_openid_connect_wants_is_no_claim() {
    let records = records();
    let (record, unexpected) =
        records.of(&json!({ "mailOk": "true", "address": "Rabat", "born": "17.4.1991" }));
    assert_eq!(unexpected, ["address", "birthdate", "email_verified"]);
    assert_eq!(record, Record::default());
}

#[test]
fn statuses_say_what_there_is_and_what_of_it_is_verified() {
    let (record, _) = records().of(&json!({ "nom": "Aminah", "bank": 1 }));
    let statuses = record.statuses(&owned(&["name", "birthdate"]));
    let seen: Vec<_> = statuses.iter().map(|s| (s.claim.as_str(), s.available, s.verified)).collect();
    assert_eq!(seen, [("name", true, true), ("birthdate", false, false)]);
}

#[test]
fn only_what_holds_for_the_person_and_was_asked_for_is_released_as_verified() {
    let elements = json!([{
        "verification": { "trust_framework": null, "time": null, "verification_process": null },
        "claims": { "name": null, "email_verified": null },
    }]);
    let released = record().release_verified(elements.as_array().unwrap(), &owned(&["en"]));
    assert_eq!(
        Value::Array(released),
        json!([{
            "verification": { "trust_framework": "xx_civil", "time": "2026-03-12T10:21Z" },
            "claims": { "name": "Amina" },
        }])
    );
    assert_eq!(record().release_verified(&[], &[]), [json!(null); 0]);
    let (unseen, _) = records().of(&json!({ "name": "Amina", "seen": "true" }));
    assert_eq!(unseen.release_verified(elements.as_array().unwrap(), &[]), [json!(null); 0]);
}
