//! What is published of identity assurance (OIDC4IDA §8): what the loaded ID system says that it can verify.

use serde_json::{Map, Value};

use crate::ports::plugins::VerifiedOffer;

/// The members for the metadata document. A list that is optional and empty is not there.
pub fn members(offer: &VerifiedOffer) -> Map<String, Value> {
    let lists = [
        ("trust_frameworks_supported", &offer.trust_frameworks),
        ("claims_in_verified_claims_supported", &offer.claims),
        ("evidence_supported", &offer.evidence),
        ("documents_supported", &offer.documents),
        ("documents_methods_supported", &offer.documents_methods),
        ("documents_check_methods_supported", &offer.documents_check_methods),
        ("electronic_records_supported", &offer.electronic_records),
    ];
    let filled = lists.into_iter().filter(|(_, list)| !list.is_empty());
    // Drafts before the final specification had this member, and libraries of relying parties look for it.
    let supported = ("verified_claims_supported".to_owned(), Value::Bool(true));
    filled.map(|(name, list)| (name.to_owned(), list.clone().into())).chain([supported]).collect()
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
        assert_eq!(Value::Object(members(&offer)), published);
    }
}
