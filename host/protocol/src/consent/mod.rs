//! Consent: what the end-user is asked to release, and what they agreed to (OIDC Core §3.1.2.4, `protocol.md` 32).
//!
//! | What | File |
//! |---|---|
//! | what is kept of it | `record.rs` |
//! | when it answers a later login | `reuse.rs` |
//! | how it is given | `give.rs` |
//! | what the person can show of it | `receipt.rs` |
//! | how it ends | `withdraw.rs` |

pub mod give;
pub mod receipt;
pub mod record;
pub mod reuse;
pub mod withdraw;

use crate::authorization_request::AuthorizationRequest;
use crate::client::Client;
use crate::identity_assurance;
use crate::issue::claims::is_reserved;
use crate::ports::plugins::{Authenticated, IdSystemDescriptor};
use crate::transaction::stage::OfferedClaim;
use crate::word::claims_request::{ClaimRequest, base};
use crate::word::parameters::Parameters;

/// The claims to ask about: requested ∩ registered ∩ what the ID system can release for this person, in the order of
/// the ID system. Claims of a scope are voluntary; `claims` may call one essential. A claim is one choice, in however many
/// languages it is asked for; to release it as verified is another.
pub fn offer(
    request: &AuthorizationRequest,
    client: &Client,
    id_system: &IdSystemDescriptor,
    person: &Authenticated,
) -> Vec<OfferedClaim> {
    let of_scope: Vec<&str> = request.scope.claims().collect();
    let possible = id_system.claims.iter().filter(|name| {
        client.claims.contains(*name) && !person.unavailable_claims.contains(name) && !is_reserved(name)
    });
    let single = possible.filter_map(|name| {
        let of_name = |(asked, _): &(&String, &ClaimRequest)| base(asked) == name;
        let userinfo: Vec<_> = request.claims.userinfo.iter().filter(of_name).collect();
        let id_token: Vec<_> = request.claims.id_token.iter().filter(of_name).collect();
        let offered = OfferedClaim {
            name: name.clone(),
            essential: userinfo.iter().chain(&id_token).any(|(_, claim)| claim.essential),
            userinfo: !userinfo.is_empty() || of_scope.contains(&name.as_str()),
            id_token: !id_token.is_empty(),
            verified: None,
        };
        (offered.userinfo || offered.id_token).then_some(offered)
    });
    let verified = id_system.verified.iter();
    let verified = verified.flat_map(|offer| identity_assurance::offer::offer(request, offer, person));
    single.chain(verified).collect()
}

/// What a person agreed to: the essential claims, by going on, and the voluntary ones they ticked. What was not offered
/// cannot be ticked.
pub fn granted(offer: &[OfferedClaim], form: &Parameters) -> Vec<OfferedClaim> {
    let ticked =
        |claim: &&OfferedClaim| claim.essential || form.one(&format!("claim.{}", claim.name)) == Some("on");
    offer.iter().filter(ticked).cloned().collect()
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod intersection;
