//! What was verified of a person, and how (OpenID Connect for Identity Assurance 1.0).

use std::collections::{BTreeMap, BTreeSet};

use esignet_sdk::prelude::*;
use serde_json::{Map, Value, json};

use crate::claims;
use crate::people::{Person, Verified};

/// What of these people is verified, for the descriptor; none when nothing is of anybody.
pub(crate) fn offer(people: &BTreeMap<String, Person>) -> Option<VerifiedOffer> {
    let verified: Vec<&Verified> = people.values().flat_map(|person| &person.verified).collect();
    let evidence = || verified.iter().flat_map(|verified| list(&verified.verification, "evidence"));
    let checks = || evidence().flat_map(|evidence| list(evidence, "check_details"));
    let types = |member: &str| words(evidence().filter_map(|evidence| text(evidence.get(member)?, "type")));
    let offer = VerifiedOffer {
        trust_frameworks: words(
            verified.iter().filter_map(|verified| verified.verification.get("trust_framework")?.as_str()),
        ),
        claims: words(verified.iter().flat_map(|verified| verified.claims.iter().map(String::as_str))),
        evidence: words(evidence().filter_map(|evidence| evidence.get("type")?.as_str())),
        documents: types("document_details"),
        documents_methods: Vec::new(),
        documents_check_methods: words(checks().filter_map(|check| check.get("check_method")?.as_str())),
        electronic_records: types("record"),
    };
    (!verified.is_empty()).then_some(offer)
}

/// Each verification of the person, with the claims and the members that any of the `elements` asks for. The host compares
/// them with what exactly was asked.
pub(crate) fn release(person: &Person, elements: &[Value], languages: &[String]) -> Vec<Value> {
    let asked = |part: &str| {
        let members = elements.iter().filter_map(|element| element.get(part)?.as_object());
        members.flat_map(Map::keys).cloned().collect::<BTreeSet<String>>()
    };
    let (members, names) = (asked("verification"), asked("claims"));
    let release = |verified: &Verified| {
        let base = |name: &str| name.split('#').next().unwrap_or(name).to_owned();
        let names: Vec<_> =
            names.iter().filter(|name| verified.claims.contains(&base(name))).cloned().collect();
        let mut verification = verified.verification.clone();
        verification.retain(|member, _| member == "trust_framework" || members.contains(member));
        let claims = claims::release(person, &names, languages);
        (!claims.is_empty()).then(|| json!({ "verification": verification, "claims": claims }))
    };
    person.verified.iter().filter_map(release).collect()
}

fn list<'a>(of: &'a Map<String, Value>, member: &str) -> impl Iterator<Item = &'a Map<String, Value>> {
    of.get(member).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object)
}

fn text<'a>(of: &'a Value, member: &str) -> Option<&'a str> {
    of.get(member)?.as_str()
}

/// Each word once, in order.
fn words<'a>(words: impl Iterator<Item = &'a str>) -> Vec<String> {
    words.collect::<BTreeSet<_>>().into_iter().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::people;

    fn released(number: &str, elements: &Value, languages: &[&str]) -> Value {
        let person = people::all(None).unwrap().remove(number).unwrap();
        let languages: Vec<String> = languages.iter().map(|&language| language.to_owned()).collect();
        Value::Array(release(&person, elements.as_array().unwrap(), &languages))
    }

    #[test]
    fn what_the_descriptor_offers_is_what_the_people_have() {
        let offer = offer(&people::all(None).unwrap()).unwrap();
        assert_eq!(offer.trust_frameworks, ["example_aml", "example_gov"]);
        assert_eq!(offer.claims, ["address", "birthdate", "family_name", "gender", "given_name", "name"]);
        assert_eq!(offer.evidence, ["document", "electronic_record"]);
        assert_eq!(offer.documents, ["idcard", "passport"]);
        assert_eq!(offer.documents_check_methods, ["kbv", "pvr", "vpip"]);
        assert_eq!(offer.electronic_records, ["bank_account"]);
        let nothing = people::all(Some(r#"{ "1": { "phone": "+1", "email": "x@y.example" } }"#)).unwrap();
        assert!(super::offer(&nothing).is_none());
    }

    #[test]
    fn only_the_claims_and_members_that_were_asked_for_are_released() {
        let elements = json!([
            { "verification": { "trust_framework": null, "time": null }, "claims": { "given_name": null } },
        ]);
        assert_eq!(
            released("2053718694", &elements, &["en"]),
            json!([{
                "verification": { "trust_framework": "example_gov", "time": "2026-03-12T10:21Z" },
                "claims": { "given_name": "Amina", "given_name#en": "Amina" },
            }])
        );
    }

    #[test]
    fn nothing_is_released_as_verified_of_somebody_of_whom_nothing_is() {
        let elements = json!([{ "verification": { "trust_framework": null }, "claims": { "name": null } }]);
        assert_eq!(released("3819204756", &elements, &["en"]), json!([]));
        assert_eq!(released("2053718694", &json!([]), &["en"]), json!([]));
    }
}
