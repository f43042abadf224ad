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
use crate::issue::id_token::RESERVED;
use crate::ports::plugins::IdSystemDescriptor;
use crate::transaction::stage::OfferedClaim;
use crate::word::parameters::Parameters;

/// The claims to ask about: requested ∩ registered ∩ what the ID system can release for this person, in the order of
/// the ID system. Claims of a scope are voluntary; `claims` may call one essential.
pub fn offer(
    request: &AuthorizationRequest,
    client: &Client,
    id_system: &IdSystemDescriptor,
    unavailable: &[String],
) -> Vec<OfferedClaim> {
    let of_scope: Vec<&str> = request.scope.claims().collect();
    let possible = id_system.claims.iter().filter(|name| {
        client.claims.contains(*name) && !unavailable.contains(name) && !RESERVED.contains(&name.as_str())
    });
    possible
        .filter_map(|name| {
            let userinfo = request.claims.userinfo.get(name);
            let id_token = request.claims.id_token.get(name);
            let offered = OfferedClaim {
                name: name.clone(),
                essential: [userinfo, id_token].into_iter().flatten().any(|claim| claim.essential),
                userinfo: userinfo.is_some() || of_scope.contains(&name.as_str()),
                id_token: id_token.is_some(),
            };
            (offered.userinfo || offered.id_token).then_some(offered)
        })
        .collect()
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
