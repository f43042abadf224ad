//! Cases of ID systems.

use esignet_protocol::ports::plugins::{Authenticated, Caller, ClaimsWanted, Individual, OtpReceipt, Proof};
use serde_json::{Map, Value};

use super::bench::{Bench, fail, login, skip};
use super::{Case, Unmet};
use crate::calls::{IdSystemCalls, claims, person};
use crate::fixture::{Expected, Person, altered};
use crate::report::Call;

mod codes;
mod credentials;
mod describe;
mod identifiers;
mod isolation;
mod privacy;
mod release;
mod upstreams;
mod verified;

pub(super) const TOPICS: &[&[Case]] = &[
    describe::CASES,
    credentials::CASES,
    identifiers::CASES,
    codes::CASES,
    release::CASES,
    verified::CASES,
    upstreams::CASES,
    isolation::CASES,
    privacy::CASES,
];

impl<'a> Bench<'a> {
    pub(super) fn id_system(&self) -> Result<IdSystemCalls<'_>, Unmet> {
        self.plugin.id_system().map_err(|error| Unmet::Failed(error.to_string()))
    }

    /// Somebody who gets in.
    pub(super) fn known(&self) -> Result<(&'a Person, Individual), Unmet> {
        let known = self.everybody_known().next();
        known.map_or_else(|| skip("no fixture has somebody who gets in: [[people]] with `proofs`"), Ok)
    }

    pub(super) fn everybody_known(&self) -> impl Iterator<Item = (&'a Person, Individual)> + use<'a> {
        let in_it = |person: &&Person| person.expect == Expected::Accepted && !person.proofs.is_empty();
        self.fixture().people.iter().filter(in_it).filter_map(|person| Some((person, person.individual()?)))
    }

    /// Somebody whom the ID system does not know.
    pub(super) fn stranger(&self) -> Result<Individual, Unmet> {
        if let Some(stranger) = &self.fixture().stranger {
            return Ok(stranger.individual());
        }
        let (_, known) = self.known()?;
        Ok(Individual { value: altered(&altered(&known.value)), ..known })
    }

    pub(super) fn authenticate(
        &self,
        individual: &Individual,
        proofs: &[Proof],
    ) -> Result<Call<Authenticated>, Unmet> {
        Ok(self.id_system()?.authenticate(&login(), individual, proofs, &[]))
    }

    /// Somebody known who got in, in a world in which nothing happened before.
    pub(super) fn signed_in(&mut self) -> Result<(&'a Person, Individual, Authenticated), Unmet> {
        let (known, individual) = self.known()?;
        self.signed_in_as(known, individual)
    }

    pub(super) fn signed_in_as(
        &mut self,
        known: &'a Person,
        individual: Individual,
    ) -> Result<(&'a Person, Individual, Authenticated), Unmet> {
        self.again_for(known)?;
        let call = self.authenticate(&individual, &known.proofs())?;
        match call.outcome {
            Ok(authenticated) => Ok((known, individual, authenticated)),
            Err(error) => fail(format!("{} does not get in: {error}", known.name)),
        }
    }

    /// Makes what somebody proves count again, when it counts only once.
    pub(super) fn again_for(&mut self, known: &Person) -> Result<(), Unmet> {
        if known.once {
            self.all_was_sound()?;
            self.renew()?;
        }
        Ok(())
    }

    pub(super) fn release(
        &self,
        continuation: &[u8],
        names: &[&str],
    ) -> Result<Call<Map<String, Value>>, Unmet> {
        self.release_as(&login(), continuation, names)
    }

    pub(super) fn release_as(
        &self,
        caller: &Caller,
        continuation: &[u8],
        names: &[&str],
    ) -> Result<Call<Map<String, Value>>, Unmet> {
        self.release_wanted(caller, continuation, &claims(names))
    }

    pub(super) fn release_wanted(
        &self,
        caller: &Caller,
        continuation: &[u8],
        wanted: &ClaimsWanted,
    ) -> Result<Call<Map<String, Value>>, Unmet> {
        Ok(self.id_system()?.release_claims(caller, continuation, wanted))
    }

    /// What is released of somebody, or a failed case.
    pub(super) fn released(
        &self,
        caller: &Caller,
        authenticated: &Authenticated,
        names: &[&str],
    ) -> Result<Map<String, Value>, Unmet> {
        let call = self.release_as(caller, &authenticated.continuation, names)?;
        call.outcome.map_err(|error| Unmet::Failed(format!("release-claims did not answer: {error}")))
    }

    /// The claims that it announced.
    pub(super) fn announced(&self) -> Vec<String> {
        let described = self.plugin.described().id_system.as_ref();
        described.map(|described| described.claims.clone()).unwrap_or_default()
    }

    pub(super) fn send(&self, individual: &Individual, channels: &[&str]) -> Result<Call<OtpReceipt>, Unmet> {
        Ok(self.id_system()?.send_otp(&login(), individual, channels))
    }

    /// The channels that it sends codes over.
    pub(super) fn channels(&self) -> Result<Vec<String>, Unmet> {
        let described = self.plugin.described().id_system.as_ref();
        let channels = described.map(|described| described.otp_channels.clone()).unwrap_or_default();
        if channels.is_empty() {
            skip("it sends no codes: its descriptor has no `otp-channels`")
        } else {
            Ok(channels)
        }
    }

    /// Somebody of the first announced kind, whether or not there is such a person.
    pub(super) fn anybody(&self) -> Individual {
        let described = self.plugin.described().id_system.as_ref();
        let kind = described.and_then(|described| described.individual_kinds.first());
        self.known().map_or_else(
            |_| person(kind.map_or("uin", String::as_str), "2053718694"),
            |(_, individual)| individual,
        )
    }

    /// A factor that it says it judges, with a format.
    pub(super) fn judged(&self) -> Option<(String, String)> {
        let (factor, formats) = self.plugin.described().id_system.as_ref()?.factors.first()?;
        Some((factor.clone(), formats.first()?.clone()))
    }
}

/// The proofs with another value in the one at that place.
fn with_value(proofs: &[Proof], at: usize, value: impl Into<Vec<u8>>) -> Vec<Proof> {
    let mut proofs = proofs.to_vec();
    if let Some(proof) = proofs.get_mut(at) {
        proof.value = value.into();
    }
    proofs
}

/// The proofs with every value altered.
fn all_wrong(proofs: &[Proof]) -> Vec<Proof> {
    let wrong = |proof: &Proof| Proof { value: wrong_value(&proof.value), ..proof.clone() };
    proofs.iter().map(wrong).collect()
}

fn wrong_value(value: &[u8]) -> Vec<u8> {
    altered(&String::from_utf8_lossy(value)).into_bytes()
}
