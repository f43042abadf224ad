//! What the registry is asked, and what its answers come to.

use std::cell::RefCell;
use std::collections::BTreeSet;

use esignet_sdk::prelude::*;
use serde_json::Value;

use crate::continuation::Continuation;
use crate::endpoint::{Endpoint, Outgoing};
use crate::placeholder::{ADDRESS, CHANNEL, Facts};
use crate::pointer::Pointer;
use crate::settings::{SENDING, Settings};
use crate::verdict::Answer;

/// Makes a request.
pub(crate) type Ask<'a> = &'a dyn Fn(&Outgoing) -> Result<Answer, Failure>;
/// HMAC by the key that targets are made up by.
pub(crate) type Keyed<'a> = &'a dyn Fn(&[u8]) -> Result<Vec<u8>, Failure>;

/// The registry: what the operator says of it, and the host's functions it is reached with.
pub(crate) struct Registry<'a> {
    /// What the operator says.
    pub(crate) settings: &'a Settings,
    /// Makes a request.
    pub(crate) ask: Ask<'a>,
    /// HMAC by the key that targets are made up by.
    pub(crate) keyed: Keyed<'a>,
    /// Seconds since 1970.
    pub(crate) now: u64,
}

impl Registry<'_> {
    /// Has a code sent. Somebody unknown gets the answer that somebody known gets.
    pub(crate) fn send_otp(
        &self,
        caller: &Caller,
        individual: &Individual,
        channels: &[String],
    ) -> Result<OtpReceipt, Failure> {
        let Some(endpoint) = &self.settings.send_otp else {
            return Err(Failure::unsupported(
                "config key `send-otp` is not set: the registry sends no codes",
            ));
        };
        self.knows(individual)?;
        if channels.iter().any(|channel| !self.settings.otp_channels.contains(channel)) {
            return Err(Failure::unsupported("a channel that is not among the config key `otp-channels`"));
        }
        let facts = Facts { channels, ..self.facts(caller, individual) };
        match self.answer(endpoint, &facts, "send-otp") {
            Ok(document) => Ok(self.settings.receipts.of(&document)),
            Err(Failure::Rejected(rejection)) if rejection.reason == "unknown" => {
                self.settings.receipts.made_up(individual, channels, self.keyed)
            }
            Err(failure) => Err(failure),
        }
    }

    /// Has all proofs judged together. The names of claims for which the registry said something unexpected come with it.
    pub(crate) fn authenticate(
        &self,
        caller: &Caller,
        individual: &Individual,
        (proofs, evidence): (&[Proof], &[Evidence]),
    ) -> Result<(Authenticated, Vec<&str>), Failure> {
        self.knows(individual)?;
        self.can_judge(proofs, evidence)?;
        let facts = Facts { proofs, evidence, ..self.facts(caller, individual) };
        let document = self.answer(&self.settings.authenticate, &facts, "authenticate")?;
        if !evidence.iter().all(|evidence| self.is_theirs(evidence, &document)) {
            return Err(Rejection::wrong().into());
        }
        let person = &self.settings.person;
        let subject = person.subject.text(&document).ok_or_else(|| {
            Failure::unavailable("authenticate: the answer has nothing where `person.subject` points to")
        })?;
        let mut continuation = Continuation::new(subject.clone(), individual);
        let keep = |(name, pointer): (&String, &Pointer)| Some((name.clone(), pointer.text(&document)?));
        continuation.values = person.continuation.iter().filter_map(keep).collect();
        let (mut claims, mut unexpected) = (Vec::new(), Vec::new());
        if self.settings.release_claims.is_none() {
            let (record, not_mapped) = self.settings.records.of(&document);
            claims = record.statuses(&self.settings.records.names());
            unexpected = not_mapped;
            continuation.record = Some(record);
        }
        let authenticated = Authenticated {
            subject,
            partner_specific: person.partner_specific,
            continuation: continuation.store()?,
            claims,
            attributes: Vec::new(),
        };
        Ok((authenticated, unexpected))
    }

    /// The claims that the person agreed to. The names of those for which the registry said something unexpected come with
    /// them.
    pub(crate) fn release_claims(
        &self,
        caller: &Caller,
        continuation: &[u8],
        request: &ClaimsRequest,
    ) -> Result<(Claims, Vec<&str>), Failure> {
        let mut continuation = Continuation::restore(continuation)?;
        let elements = request.verified()?;
        let names = names(&request.claims, &elements);
        let (record, unexpected) = match (continuation.record.take(), &self.settings.release_claims) {
            (Some(record), _) => (record, Vec::new()),
            (None, Some(endpoint)) => {
                let individual = Individual {
                    kind: continuation.kind.clone(),
                    value: continuation.value.clone(),
                    attributes: Vec::new(),
                };
                let facts = Facts {
                    continuation: Some(&continuation),
                    claims: &names,
                    ..self.facts(caller, &individual)
                };
                let document = self.answer(endpoint, &facts, "release-claims").map_err(after_consent)?;
                if document.is_null() {
                    return Err(Failure::unavailable("release-claims: the answer is no JSON, or null"));
                }
                self.settings.records.of(&document)
            }
            (None, None) => {
                return Err(Failure::internal(
                    "`release-claims` was taken out of the configuration during the login",
                ));
            }
        };
        let mut released = record.release(&request.claims, &caller.claims_locales);
        let verified = record.release_verified(&elements, &caller.claims_locales);
        if !verified.is_empty() {
            released.insert("verified_claims".to_owned(), verified.into());
        }
        Ok((released, unexpected))
    }

    /// Whether an address that evidence names is the person's, as far as it is for us to compare.
    fn is_theirs(&self, evidence: &Evidence, document: &Value) -> bool {
        let (Some(proved), Some(channel)) = (evidence.fact(ADDRESS), evidence.fact(CHANNEL)) else {
            return true;
        };
        let theirs = self.settings.person.addresses.get(channel);
        theirs.is_none_or(|pointer| {
            pointer.text(document).is_some_and(|theirs| is_same_address(channel, &theirs, proved))
        })
    }

    fn facts<'a>(&self, caller: &'a Caller, individual: &'a Individual) -> Facts<'a> {
        Facts {
            caller,
            individual,
            proofs: &[],
            evidence: &[],
            channels: &[],
            continuation: None,
            claims: &[],
            now: self.now,
            sent: RefCell::default(),
            told: RefCell::default(),
        }
    }

    /// The content of a positive answer.
    fn answer(&self, endpoint: &Endpoint, facts: &Facts<'_>, key: &str) -> Result<Value, Failure> {
        let request = endpoint.request(facts)?;
        let sent = facts.sent.borrow();
        if let Some(lost) = facts.proofs.iter().find(|proof| !sent.contains(&proof.factor)) {
            return Err(Failure::misconfigured(format!(
                "config key `{key}`: the proof of {} stands beside something that has no value in this login, and would be \
                 left out with it; give it a member of its own",
                lost.factor
            )));
        }
        drop(sent);
        let told = facts.told.borrow();
        let addressed = facts.evidence.iter().filter_map(|evidence| evidence.fact(ADDRESS).map(|_| evidence));
        if let Some(lost) = addressed.into_iter().find(|evidence| {
            let channel = evidence.fact(CHANNEL).unwrap_or_default();
            !told.contains(&evidence.factor) && !self.settings.person.addresses.contains_key(channel)
        }) {
            return Err(Failure::misconfigured(format!(
                "config key `{key}`: {} proved an address, and nobody says whose it is: send {{evidence.{}.attribute.address}} in a \
                 member of its own, or set `person.addresses`",
                lost.factor, lost.factor
            )));
        }
        drop(told);
        let answer = (self.ask)(&request)?;
        endpoint.verdicts.judge(key, &answer)?;
        Ok(answer.document)
    }

    /// Whether the identifier is of a kind that the registry knows: it would read another one as one of its own.
    fn knows(&self, individual: &Individual) -> Result<(), Failure> {
        if self.settings.individual_kinds.contains(&individual.kind) {
            return Ok(());
        }
        Err(Failure::unsupported("a kind of identifier that is not among the config key `individual-kinds`"))
    }

    /// Whether the registry has something to judge, and can. Evidence is the word of a factor that judged by itself; it counts
    /// for the factors that the operator names, and only when something is left of what they claim.
    fn can_judge(&self, proofs: &[Proof], evidence: &[Evidence]) -> Result<(), Failure> {
        if proofs.is_empty() && evidence.is_empty() {
            return Err(Failure::unsupported("there is nothing to judge"));
        }
        for (at, proof) in proofs.iter().enumerate() {
            let formats = self.settings.factors.get(&proof.factor);
            let again = proofs.iter().take(at).any(|other| other.factor == proof.factor);
            if again || formats.is_none_or(|formats| !formats.contains(&proof.format)) {
                return Err(Failure::unsupported(format!(
                    "a proof of {} as {}; see config key `factors`",
                    proof.factor, proof.format
                )));
            }
            if std::str::from_utf8(&proof.value).is_err() {
                return Err(Failure::unsupported(format!("a proof of {} that is not text", proof.factor)));
            }
        }
        // The word of who sends codes is worth nothing without the address.
        let counts = |evidence: &&Evidence| {
            self.settings.evidence.contains(&evidence.factor)
                && !evidence.amr.is_empty()
                && (evidence.factor != SENDING || evidence.fact(ADDRESS).is_some())
        };
        match evidence.iter().find(|evidence| !counts(evidence)) {
            Some(evidence) => Err(Failure::unsupported(format!(
                "the word of the factor {} with {} amr values and {} address; see config key `evidence`",
                evidence.factor,
                evidence.amr.len(),
                if evidence.fact(ADDRESS).is_some() { "an" } else { "no" }
            ))),
            None => Ok(()),
        }
    }
}

/// Whether two spellings are of one address: in any letters, and for numbers without what structures them.
fn is_same_address(channel: &str, one: &str, other: &str) -> bool {
    let is_structure = |c: char| channel == "sms" && " -./()".contains(c);
    let plain = |text: &str| text.chars().filter(|c| !is_structure(*c)).collect::<String>();
    plain(one.trim()).eq_ignore_ascii_case(&plain(other.trim()))
}

/// All claims that are asked for, as verified or not, without languages.
fn names(claims: &[String], elements: &[Value]) -> Vec<String> {
    let verified = elements.iter().filter_map(|element| element.get("claims")?.as_object());
    let all = claims.iter().chain(verified.flat_map(serde_json::Map::keys));
    let names: BTreeSet<&str> = all.map(|name| name.split('#').next().unwrap_or(name)).collect();
    names.into_iter().map(str::to_owned).collect()
}

/// A rejection after consent: there is no question left that a person could answer.
fn after_consent(failure: Failure) -> Failure {
    if let Failure::Rejected(_) = failure {
        return Failure::unavailable("release-claims: the registry rejects the person");
    }
    failure
}

#[cfg(test)]
mod tests;
