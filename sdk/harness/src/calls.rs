//! The functions of a role, called one at a time; and the words that they are called with.

use std::sync::Arc;

use esignet_protocol::ports::plugins::{
    Answer, AuthFactor, AuthFactorDescriptor, Authenticated, Authentication, Caller, ClaimsWanted, Evidence,
    IdSystem, IdSystemDescriptor, Individual, Input, OtpReceipt, Proof, Step,
};
use serde_json::{Map, Value};

use crate::harness::Plugin;
use crate::report::Call;

/// A plugin as an ID system.
pub struct IdSystemCalls<'a> {
    pub(crate) plugin: &'a Plugin,
    pub(crate) port: Arc<dyn IdSystem>,
}

impl IdSystemCalls<'_> {
    /// What it said of itself, narrowed by manifest and grant.
    pub fn descriptor(&self) -> &IdSystemDescriptor {
        self.port.descriptor()
    }

    /// Has a code sent.
    pub fn send_otp(&self, caller: &Caller, individual: &Individual, channels: &[&str]) -> Call<OtpReceipt> {
        let channels: Vec<String> = channels.iter().map(|&channel| channel.to_owned()).collect();
        self.plugin.call(self.port.send_otp(caller, individual, &channels))
    }

    /// Has proofs and evidence judged.
    pub fn authenticate(
        &self,
        caller: &Caller,
        individual: &Individual,
        proofs: &[Proof],
        evidence: &[Evidence],
    ) -> Call<Authenticated> {
        self.plugin.call(self.port.authenticate(caller, Authentication { individual, proofs, evidence }))
    }

    /// Asks for claims.
    pub fn release_claims(
        &self,
        caller: &Caller,
        continuation: &[u8],
        wanted: &ClaimsWanted,
    ) -> Call<Map<String, Value>> {
        self.plugin.call(self.port.release_claims(caller, continuation, wanted))
    }
}

/// A plugin as a factor.
pub struct FactorCalls<'a> {
    pub(crate) plugin: &'a Plugin,
    pub(crate) port: Arc<dyn AuthFactor>,
}

impl FactorCalls<'_> {
    /// What it said of itself, narrowed by the grant.
    pub fn descriptor(&self) -> &AuthFactorDescriptor {
        self.port.descriptor()
    }

    /// Begins in a login.
    pub fn begin(&self, caller: &Caller, individual: Option<&Individual>) -> Call<Step> {
        self.plugin.call(self.port.begin(caller, individual))
    }

    /// Goes on with what came of the last step.
    pub fn resume(
        &self,
        caller: &Caller,
        individual: Option<&Individual>,
        state: &[u8],
        input: Input,
    ) -> Call<Step> {
        self.plugin.call(self.port.resume(caller, individual, state, input))
    }
}

/// A login of that name, of a person who reads English.
pub fn caller(transaction: &str) -> Caller {
    Caller {
        transaction: transaction.to_owned(),
        short_transaction: "A1B2C3D4E5".to_owned(),
        relying_party: "example-bank".to_owned(),
        client: "example-bank".to_owned(),
        locale: "en".to_owned(),
        claims_locales: vec!["en".to_owned()],
    }
}

/// A person by their identifier.
pub fn person(kind: &str, value: &str) -> Individual {
    Individual { kind: kind.to_owned(), value: value.to_owned(), attributes: Vec::new() }
}

/// A proof for the ID system to judge.
pub fn proof(factor: &str, format: &str, value: impl Into<Vec<u8>>) -> Proof {
    Proof {
        factor: factor.to_owned(),
        format: format.to_owned(),
        value: value.into(),
        attributes: Vec::new(),
    }
}

/// What a factor judged itself.
pub fn evidence(factor: &str, amr: &[&str]) -> Evidence {
    let amr = amr.iter().map(|&value| value.to_owned()).collect();
    Evidence { factor: factor.to_owned(), amr, attributes: Vec::new() }
}

/// The answers of a form.
pub fn answers(answers: &[(&str, &str)]) -> Input {
    let answer =
        |(name, value): &(&str, &str)| Answer { name: (*name).to_owned(), value: value.as_bytes().to_vec() };
    Input::Answers(answers.iter().map(answer).collect())
}

/// Claims by their names, none of them as verified.
pub fn claims(names: &[&str]) -> ClaimsWanted {
    ClaimsWanted { claims: names.iter().map(|&name| name.to_owned()).collect(), verified_claims: Vec::new() }
}
