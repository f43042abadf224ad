//! What a person is asked to release as verified, claim by claim (OIDC4IDA §5.7.3; `protocol.md` 51).

use esignet_jose::digest;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::VERIFIED_CLAIMS;
use super::request::VerifiedClaimsRequest;
use crate::authorization_request::AuthorizationRequest;
use crate::issue::claims::is_reserved;
use crate::ports::plugins::{Authenticated, VerifiedOffer};
use crate::transaction::stage::OfferedClaim;
use crate::word::claims_request::base;

/// What there is to say of a claim that would be released as verified.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AsVerified {
    /// What the relying party says it is for, each word of it once.
    pub purposes: Vec<String>,
    /// Whether the relying party would also learn what proved it: documents, records, people who vouched.
    pub evidence: bool,
    /// SHA-256, base64url, over what is asked of the verification: two questions that differ in it are not the same, though
    /// they read alike. Purposes make no difference.
    pub asked_hash: String,
}

/// The name that a claim has on the form and wherever it is remembered what somebody agreed to: to release a claim is not to
/// release that it was verified, and how.
pub fn offered_name(claim: &str) -> String {
    format!("{VERIFIED_CLAIMS}.{claim}")
}

/// The claim of an offer to release it as verified.
pub fn claim_of(offered_name: &str) -> Option<&str> {
    offered_name.strip_prefix(VERIFIED_CLAIMS)?.strip_prefix('.')
}

/// The claims that can be released as verified of those requested, in the order of the ID system: registered (whatever else
/// was asked has been dropped from the request), announced, and verified of this person.
pub fn offer(
    request: &AuthorizationRequest,
    offer: &VerifiedOffer,
    person: &Authenticated,
) -> Vec<OfferedClaim> {
    let possible = |element: &&VerifiedClaimsRequest| {
        let known = &offer.trust_frameworks;
        element
            .trust_frameworks()
            .is_none_or(|wanted| known.iter().any(|known| wanted.iter().any(|one| one == known)))
    };
    let userinfo: Vec<_> = request.claims.verified_userinfo.iter().filter(possible).collect();
    let id_token: Vec<_> = request.claims.verified_id_token.iter().filter(possible).collect();
    let is_verified = |name: &&String| {
        !person.unavailable_claims.contains(name)
            && !person.unverified_claims.contains(name)
            && !is_reserved(name)
    };
    let names = offer.claims.iter().filter(is_verified);
    names.filter_map(|name| offered(name, &userinfo, &id_token)).collect()
}

fn offered(
    claim: &str,
    userinfo: &[&VerifiedClaimsRequest],
    id_token: &[&VerifiedClaimsRequest],
) -> Option<OfferedClaim> {
    let asks = |element: &VerifiedClaimsRequest| element.claims.keys().any(|name| base(name) == claim);
    let mut offered = OfferedClaim {
        name: offered_name(claim),
        essential: false,
        userinfo: userinfo.iter().any(|element| asks(element)),
        id_token: id_token.iter().any(|element| asks(element)),
        verified: None,
    };
    let mut verified = AsVerified::default();
    for element in userinfo.iter().chain(id_token).filter(|element| asks(element)) {
        verified.evidence |= element.wants_evidence();
        for (_, wanted) in element.claims.iter().filter(|(name, _)| base(name) == claim) {
            offered.essential |= wanted.essential;
            let new = wanted.purpose.iter().filter(|purpose| !verified.purposes.contains(purpose));
            verified.purposes.extend(new.cloned().collect::<Vec<_>>());
        }
    }
    // Apart, since the same for another place is another question.
    let asked = [userinfo, id_token].map(|place| {
        place
            .iter()
            .filter(|element| asks(element))
            .map(|element| element.verification_without_purposes())
            .collect::<Value>()
    });
    verified.asked_hash = digest::sha256_base64url(Value::from(asked.to_vec()).to_string().as_bytes());
    offered.verified = Some(verified);
    (offered.userinfo || offered.id_token).then_some(offered)
}

#[cfg(test)]
mod tests;
