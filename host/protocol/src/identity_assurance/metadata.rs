//! What is published of identity assurance (OIDC4IDA §8): what the loaded ID systems say that they can verify.

use serde_json::{Map, Value};

use crate::ports::plugins::VerifiedOffer;

/// The members for the metadata document, none where nothing is verified: what one ID system can verify or another. A list
/// that is optional and empty is not there.
pub fn members<'a>(offers: impl Iterator<Item = &'a VerifiedOffer>) -> Map<String, Value> {
    let offers: Vec<&VerifiedOffer> = offers.collect();
    if offers.is_empty() {
        return Map::new();
    }
    let all = |list: fn(&VerifiedOffer) -> &Vec<String>| {
        once(offers.iter().flat_map(|offer| list(offer).iter().map(String::as_str)))
    };
    let lists = [
        ("trust_frameworks_supported", all(|offer| &offer.trust_frameworks)),
        ("claims_in_verified_claims_supported", all(|offer| &offer.claims)),
        ("evidence_supported", all(|offer| &offer.evidence)),
        ("documents_supported", all(|offer| &offer.documents)),
        ("documents_methods_supported", all(|offer| &offer.documents_methods)),
        ("documents_check_methods_supported", all(|offer| &offer.documents_check_methods)),
        ("electronic_records_supported", all(|offer| &offer.electronic_records)),
    ];
    let filled = lists.into_iter().filter(|(_, list)| !list.is_empty());
    // Drafts before the final specification had this member, and libraries of relying parties look for it.
    let supported = ("verified_claims_supported".to_owned(), Value::Bool(true));
    filled.map(|(name, list)| (name.to_owned(), list.into())).chain([supported]).collect()
}

/// Each word once, where it comes first.
pub(crate) fn once<'a>(words: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut list = Vec::new();
    for word in words {
        if !list.contains(&word) {
            list.push(word);
        }
    }
    list
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_the_id_system_does_not_have_is_not_published() {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let offer = VerifiedOffer {
            trust_frameworks: words(&["nist_800_63A"]),
            claims: words(&["given_name"]),
            evidence: words(&["vouch"]),
            ..VerifiedOffer::default()
        };
        let published = json!({
            "verified_claims_supported": true,
            "trust_frameworks_supported": ["nist_800_63A"],
            "claims_in_verified_claims_supported": ["given_name"],
            "evidence_supported": ["vouch"],
        });
        assert_eq!(Value::Object(members([&offer].into_iter())), published);
    }
}
