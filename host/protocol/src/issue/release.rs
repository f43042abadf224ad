//! What the ID system is asked to release, and what of its answer goes where: consented ∩ requested ∩ registered ∩ released
//! (`protocol.md` 45). Whatever else it gives is dropped.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::claims::{ReleasedClaims, VerifiedElement, is_reserved};
use super::languages::{self, Languages};
use crate::authorization_request::AuthorizationRequest;
use crate::identity_assurance::matching::{self, Terms};
use crate::identity_assurance::request::VerifiedClaimsRequest;
use crate::identity_assurance::{VERIFIED_CLAIMS, offer};
use crate::ports::plugins::{ClaimsWanted, VerifiedOffer};
use crate::transaction::stage::OfferedClaim;
use crate::word::claims_request::{ClaimRequest, base};
use crate::word::time::Timestamp;

/// The most bytes of claims that are kept: what an ID system may release at once, since a record of the store takes 16 KB.
const MAX_BYTES: usize = 10 * 1024;

/// What a person agreed to, of one request.
#[derive(Clone, Copy)]
pub struct Release<'a> {
    /// What was asked.
    pub request: &'a AuthorizationRequest,
    /// What was agreed to.
    pub granted: &'a [OfferedClaim],
    /// The language that the person reads.
    pub locale: &'a str,
}

/// One of the two places that claims go to.
struct Place {
    names: Vec<String>,
    verified: Vec<VerifiedClaimsRequest>,
}

impl Release<'_> {
    /// What to ask of the ID system: each name once, each element once.
    pub fn wanted(&self) -> ClaimsWanted {
        let places = [self.userinfo(), self.id_token()];
        let names: BTreeSet<String> = places.iter().flat_map(|place| place.names.iter().cloned()).collect();
        let mut verified: Vec<VerifiedClaimsRequest> = Vec::new();
        for element in places.into_iter().flat_map(|place| place.verified) {
            if !verified.contains(&element) {
                verified.push(element);
            }
        }
        ClaimsWanted {
            claims: names.into_iter().collect(),
            verified_claims: verified.into_iter().map(Value::from).collect(),
        }
    }

    /// What to keep of its answer. `offer` is what it said it can verify.
    pub fn kept(
        &self,
        mut given: Map<String, Value>,
        offer: &VerifiedOffer,
        now: Timestamp,
    ) -> ReleasedClaims {
        let given_verified = given.remove(VERIFIED_CLAIMS).unwrap_or_default();
        let languages = Languages::of(&self.request.claims_locales, self.locale);
        let terms = Terms { offer, languages, now };
        let of = |place: &Place| {
            let plain = languages::choose(&given, place.names.iter().map(String::as_str), languages);
            (plain, matching::matches(&given_verified, &place.verified, terms))
        };
        let (userinfo, verified_userinfo) = of(&self.userinfo());
        let (id_token, verified_id_token) = of(&self.id_token());

        let names = |claims: &Map<String, Value>| claims.keys().cloned().collect();
        let mut released = ReleasedClaims {
            userinfo: names(&userinfo),
            id_token: names(&id_token),
            values: userinfo.into_iter().chain(id_token).collect(),
            ..ReleasedClaims::default()
        };
        let mut elements: Vec<Value> = verified_userinfo.clone();
        elements
            .extend(verified_id_token.iter().filter(|element| !verified_userinfo.contains(element)).cloned());
        let mut left = MAX_BYTES.saturating_sub(bytes(&released.values));
        for element in elements {
            // Several elements asked can each be met by the same large verification: what is too much is not returned
            // (OIDC4IDA §5.7 allows to return less).
            let Some(rest) = left.checked_sub(bytes(&element)) else { continue };
            left = rest;
            let (userinfo, id_token) =
                (verified_userinfo.contains(&element), verified_id_token.contains(&element));
            released.verified.push(VerifiedElement { element, userinfo, id_token });
        }
        released
    }

    fn userinfo(&self) -> Place {
        let of_scope: Vec<&str> = self.request.scope.claims().collect();
        let claims = &self.request.claims;
        self.place(|claim| claim.userinfo, (&claims.userinfo, &of_scope), &claims.verified_userinfo)
    }

    fn id_token(&self) -> Place {
        let claims = &self.request.claims;
        self.place(|claim| claim.id_token, (&claims.id_token, &[]), &claims.verified_id_token)
    }

    /// The names asked, with their languages, of the claims granted; and the elements asked, cut to the claims granted as
    /// verified.
    fn place(
        &self,
        goes: fn(&OfferedClaim) -> bool,
        (asked, of_scope): (&BTreeMap<String, ClaimRequest>, &[&str]),
        verified: &[VerifiedClaimsRequest],
    ) -> Place {
        let granted: Vec<&str> =
            self.granted.iter().filter(|claim| goes(claim)).map(|claim| claim.name.as_str()).collect();
        let asked = asked.keys().map(String::as_str).chain(of_scope.iter().copied());
        let names: BTreeSet<String> = asked
            .filter(|name| granted.contains(&base(name)) && !is_reserved(base(name)))
            .map(str::to_owned)
            .collect();
        let as_verified: Vec<&str> = granted.iter().filter_map(|name| offer::claim_of(name)).collect();
        Place {
            names: names.into_iter().collect(),
            verified: verified
                .iter()
                .filter_map(|element| element.only(&|name| as_verified.contains(&name)))
                .collect(),
        }
    }
}

fn bytes(value: &impl serde::Serialize) -> usize {
    serde_json::to_vec(value).map_or(usize::MAX, |written| written.len())
}

#[cfg(test)]
mod tests;
