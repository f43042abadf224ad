//! What a template may name in braces, and what it has for a value in one call.

use std::cell::RefCell;

use esignet_sdk::prelude::*;

use crate::continuation::Continuation;
use crate::date;

/// The fact of evidence that names the address a code went to.
pub(crate) const ADDRESS: &str = "address";
/// The fact that names the way there.
pub(crate) const CHANNEL: &str = "channel";

/// Which endpoint a template belongs to: each knows other things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    SendOtp,
    Authenticate,
    ReleaseClaims,
}

impl Operation {
    /// The config key of its endpoint.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::SendOtp => "send-otp",
            Self::Authenticate => "authenticate",
            Self::ReleaseClaims => "release-claims",
        }
    }

    /// What its templates may name, for whoever named something else.
    fn names(self) -> &'static str {
        match self {
            Self::SendOtp => {
                "individual.value, individual.kind, individual.attribute.NAME, otp.channels, caller.*, now.*"
            }
            Self::Authenticate => {
                "individual.value, individual.kind, individual.attribute.NAME, proof.FACTOR.value, proof.FACTOR.format, \
                 proof.FACTOR.attribute.NAME, evidence.FACTOR.amr, evidence.FACTOR.attribute.NAME, caller.*, now.*"
            }
            Self::ReleaseClaims => {
                "individual.value, individual.kind, subject, continuation.NAME, claims, caller.*, now.*"
            }
        }
    }
}

/// Something that a template names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Placeholder {
    IndividualValue,
    IndividualKind,
    IndividualAttribute(String),
    ProofValue(String),
    ProofFormat(String),
    ProofAttribute(String, String),
    EvidenceAmr(String),
    EvidenceAttribute(String, String),
    OtpChannels,
    Continuation(String),
    Subject,
    Claims,
    Caller(CallerFact),
    NowSeconds,
    NowIso,
}

/// A fact about the login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CallerFact {
    Transaction,
    ShortTransaction,
    RelyingParty,
    Client,
    Locale,
}

/// What is known in one call.
pub(crate) struct Facts<'a> {
    pub(crate) caller: &'a Caller,
    pub(crate) individual: &'a Individual,
    pub(crate) proofs: &'a [Proof],
    pub(crate) evidence: &'a [Evidence],
    pub(crate) channels: &'a [String],
    pub(crate) continuation: Option<&'a Continuation>,
    pub(crate) claims: &'a [String],
    /// Seconds since 1970.
    pub(crate) now: u64,
    /// The factors whose proofs became part of the request: no proof may get lost on the way to who judges it.
    pub(crate) sent: RefCell<Vec<String>>,
    /// The factors whose proved addresses did, so that the registry can say whose they are.
    pub(crate) told: RefCell<Vec<String>>,
}

impl Placeholder {
    /// What stands between the braces, if a template of the operation may name it.
    pub(crate) fn parse(text: &str, operation: Operation) -> Result<Self, String> {
        let parts: Vec<&str> = text.split('.').collect();
        let owned = |text: &&str| (*text).to_owned();
        let placeholder = match parts.as_slice() {
            ["individual", "value"] => Some(Self::IndividualValue),
            ["individual", "kind"] => Some(Self::IndividualKind),
            ["individual", "attribute", name] => Some(Self::IndividualAttribute(owned(name))),
            ["proof", factor, "value"] => Some(Self::ProofValue(owned(factor))),
            ["proof", factor, "format"] => Some(Self::ProofFormat(owned(factor))),
            ["proof", factor, "attribute", name] => Some(Self::ProofAttribute(owned(factor), owned(name))),
            ["evidence", factor, "amr"] => Some(Self::EvidenceAmr(owned(factor))),
            ["evidence", factor, "attribute", name] => {
                Some(Self::EvidenceAttribute(owned(factor), owned(name)))
            }
            ["otp", "channels"] => Some(Self::OtpChannels),
            ["continuation", name] => Some(Self::Continuation(owned(name))),
            ["subject"] => Some(Self::Subject),
            ["claims"] => Some(Self::Claims),
            ["caller", fact] => CallerFact::parse(fact).map(Self::Caller),
            ["now", "seconds"] => Some(Self::NowSeconds),
            ["now", "iso"] => Some(Self::NowIso),
            _ => None,
        };
        placeholder.filter(|placeholder| placeholder.is_for(operation)).ok_or_else(|| {
            let names = operation.names();
            format!("there is no {{{text}}} here; use one of: {names}; or write braces twice: {{{{ and }}}}")
        })
    }

    fn is_for(&self, operation: Operation) -> bool {
        match self {
            Self::IndividualValue
            | Self::IndividualKind
            | Self::Caller(_)
            | Self::NowSeconds
            | Self::NowIso => true,
            Self::IndividualAttribute(_) => operation != Operation::ReleaseClaims,
            Self::OtpChannels => operation == Operation::SendOtp,
            Self::ProofValue(_)
            | Self::ProofFormat(_)
            | Self::ProofAttribute(..)
            | Self::EvidenceAmr(_)
            | Self::EvidenceAttribute(..) => operation == Operation::Authenticate,
            Self::Continuation(_) | Self::Subject | Self::Claims => operation == Operation::ReleaseClaims,
        }
    }

    /// Whether the person typed the value: one that cannot be is their mistake and nobody else's.
    pub(crate) fn is_typed(&self) -> bool {
        matches!(
            self,
            Self::IndividualValue
                | Self::IndividualAttribute(_)
                | Self::ProofValue(_)
                | Self::EvidenceAttribute(..)
        )
    }

    /// The factor whose proved address it is.
    pub(crate) fn address_of(&self) -> Option<&String> {
        if let Self::EvidenceAttribute(factor, name) = self {
            (name == ADDRESS).then_some(factor)
        } else {
            None
        }
    }

    /// The factor whose proof it is.
    pub(crate) fn proved(&self) -> Option<&String> {
        if let Self::ProofValue(factor) = self { Some(factor) } else { None }
    }

    /// Its value in a call; none where there is none, such as that of a factor which is not of this login, or of a proof
    /// that is not text.
    pub(crate) fn value(&self, facts: &Facts<'_>) -> Option<String> {
        let proof = |factor: &str| facts.proofs.iter().find(|proof| proof.factor == factor);
        match self {
            Self::IndividualValue => Some(facts.individual.value.clone()),
            Self::IndividualKind => Some(facts.individual.kind.clone()),
            Self::IndividualAttribute(name) => attribute(&facts.individual.attributes, name),
            Self::ProofValue(factor) => String::from_utf8(proof(factor)?.value.clone()).ok(),
            Self::ProofFormat(factor) => Some(proof(factor)?.format.clone()),
            Self::ProofAttribute(factor, name) => attribute(&proof(factor)?.attributes, name),
            Self::EvidenceAmr(factor) => {
                let evidence = facts.evidence.iter().find(|evidence| evidence.factor == *factor)?;
                Some(evidence.amr.join(","))
            }
            Self::EvidenceAttribute(factor, name) => {
                let evidence = facts.evidence.iter().find(|evidence| evidence.factor == *factor)?;
                evidence.fact(name).map(str::to_owned)
            }
            Self::OtpChannels => (!facts.channels.is_empty()).then(|| facts.channels.join(",")),
            Self::Continuation(name) => facts.continuation?.values.get(name).cloned(),
            Self::Subject => Some(facts.continuation?.subject.clone()),
            Self::Claims => (!facts.claims.is_empty()).then(|| facts.claims.join(",")),
            Self::Caller(fact) => Some(fact.of(facts.caller).to_owned()),
            Self::NowSeconds => Some(facts.now.to_string()),
            Self::NowIso => Some(date::instant(facts.now)),
        }
    }
}

impl CallerFact {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "transaction" => Some(Self::Transaction),
            "short-transaction" => Some(Self::ShortTransaction),
            "relying-party" => Some(Self::RelyingParty),
            "client" => Some(Self::Client),
            "locale" => Some(Self::Locale),
            _ => None,
        }
    }

    fn of(self, caller: &Caller) -> &str {
        match self {
            Self::Transaction => &caller.transaction,
            Self::ShortTransaction => &caller.short_transaction,
            Self::RelyingParty => &caller.relying_party,
            Self::Client => &caller.client,
            Self::Locale => &caller.locale,
        }
    }
}

fn attribute(attributes: &[Attribute], name: &str) -> Option<String> {
    attributes.iter().find(|attribute| attribute.name == name).map(|attribute| attribute.value.clone())
}
