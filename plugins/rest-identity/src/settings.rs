//! What the operator says: everything about the registry. It is all checked when the plugin is loaded.

use std::collections::BTreeMap;

use esignet_sdk::prelude::*;
use serde::Deserialize;

use crate::endpoint::{Endpoint, WrittenEndpoint};
use crate::placeholder::{Operation, Placeholder};
use crate::pointer::Pointer;
use crate::receipt::{Receipts, WrittenReceipt};
use crate::record::Records;
use crate::setting::{read, required, unusable};

/// The factor that can send codes itself: its word is worth nothing without the address.
pub(crate) const SENDING: &str = "OTP";

/// What is read of the answer to `authenticate`, as the operator writes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct WrittenPerson {
    subject: String,
    #[serde(default)]
    partner_specific: bool,
    #[serde(default)]
    continuation: BTreeMap<String, String>,
    #[serde(default)]
    addresses: BTreeMap<String, String>,
}

/// What is read of the answer to `authenticate`.
pub(crate) struct Person {
    /// The registry's stable name for the person.
    pub(crate) subject: Pointer,
    /// Whether that name is for one relying party alone.
    pub(crate) partner_specific: bool,
    /// What is kept for `release-claims`.
    pub(crate) continuation: BTreeMap<String, Pointer>,
    /// The person's address, by channel: one that a factor sent a code to must be the same.
    pub(crate) addresses: BTreeMap<String, Pointer>,
}

/// Everything the operator says.
pub(crate) struct Settings {
    /// Kinds of identifiers, the usual one first.
    pub(crate) individual_kinds: Vec<String>,
    /// Factors that the registry judges, each with the formats of its proofs.
    pub(crate) factors: BTreeMap<String, Vec<String>>,
    /// Factors that judge by themselves and whose word is taken.
    pub(crate) evidence: Vec<String>,
    /// Channels for codes.
    pub(crate) otp_channels: Vec<String>,
    /// Sends a code.
    pub(crate) send_otp: Option<Endpoint>,
    /// What is said of a code that was sent.
    pub(crate) receipts: Receipts,
    /// Judges proofs.
    pub(crate) authenticate: Endpoint,
    /// What is read of that judgement.
    pub(crate) person: Person,
    /// Tells the claims; without it they are in the answer to `authenticate`.
    pub(crate) release_claims: Option<Endpoint>,
    /// What claims are made of.
    pub(crate) records: Records,
}

impl Settings {
    /// Reads and checks the settings.
    pub(crate) fn read(get: &dyn Fn(&str) -> Option<String>) -> Result<Self, Failure> {
        let endpoint = |operation: Operation| -> Result<Option<Endpoint>, Failure> {
            let written: Option<WrittenEndpoint> = read(operation.key(), get)?;
            written.map(|written| written.checked(operation)).transpose()
        };
        let send_otp = endpoint(Operation::SendOtp)?;
        let can_be_unknown = send_otp.as_ref().is_some_and(|send| send.verdicts.may_reject_as("unknown"));
        let receipt: WrittenReceipt = read("receipt", get)?.unwrap_or_default();
        let authenticate = endpoint(Operation::Authenticate)?;
        let example = "{ method = \"POST\", path = \"/authenticate\", body = { … } }";
        let settings = Self {
            individual_kinds: required("individual-kinds", "[\"uin\"]", get)?,
            factors: required("factors", "{ OTP = [\"alpha-numeric\"] }", get)?,
            evidence: read("evidence", get)?.unwrap_or_default(),
            otp_channels: read("otp-channels", get)?.unwrap_or_default(),
            receipts: receipt.checked(can_be_unknown)?,
            send_otp,
            authenticate: authenticate.ok_or_else(|| {
                unusable(
                    "authenticate",
                    format!("it is missing; add it, for example authenticate = {example}"),
                )
            })?,
            person: required::<WrittenPerson>("person", "{ subject = \"/person/id\" }", get)?.checked()?,
            release_claims: endpoint(Operation::ReleaseClaims)?,
            records: Records::checked(
                read("claims", get)?.unwrap_or_default(),
                read("verified", get)?.unwrap_or_default(),
            )?,
        };
        settings.consistent()?;
        Ok(settings)
    }

    /// Whether the registry is told the address that a code of the factor's own went to, and judges whose it is.
    fn asks_whose_address(&self) -> bool {
        self.authenticate.placeholders().filter_map(Placeholder::address_of).any(|factor| factor == SENDING)
    }

    /// What one key says that another one must not contradict.
    fn consistent(&self) -> Result<(), Failure> {
        if self.individual_kinds.is_empty() {
            return Err(unusable("individual-kinds", "it is empty; name at least one kind, such as \"uin\""));
        }
        if self.factors.is_empty() && self.evidence.is_empty() {
            return Err(unusable(
                "factors",
                "it is empty, and so is `evidence`; nobody could sign in: name a factor",
            ));
        }
        if let Some((factor, _)) = self.factors.iter().find(|(_, formats)| formats.is_empty()) {
            return Err(unusable(
                &format!("factors.{factor}"),
                "it is empty; name the formats, such as \"alpha-numeric\"",
            ));
        }
        if let Some(both) = self.evidence.iter().find(|factor| self.factors.contains_key(*factor)) {
            return Err(unusable(
                "evidence",
                format!("{both} is among `factors` too; either the registry judges it or not"),
            ));
        }
        let sends = self.evidence.iter().any(|factor| factor == SENDING);
        if sends && !self.asks_whose_address() && self.person.addresses.is_empty() {
            let mend = "OTP among `evidence` proves an address, and somebody must say whose it is: send \
                        {evidence.OTP.attribute.address} in `authenticate`, or point to the person's own with \
                        person.addresses = { sms = \"/…\" }";
            return Err(unusable("evidence", mend));
        }
        let proved: Vec<&String> = self.authenticate.placeholders().filter_map(Placeholder::proved).collect();
        if let Some(factor) = self.factors.keys().find(|factor| !proved.contains(factor)) {
            let mend = format!(
                "it does not send {{proof.{factor}.value}}; add it, or take {factor} out of `factors`"
            );
            return Err(unusable("authenticate", mend));
        }
        if let Some(factor) = proved.into_iter().find(|factor| !self.factors.contains_key(*factor)) {
            let mend = format!(
                "it sends {{proof.{factor}.value}}, and {factor} is not among `factors`; add it there"
            );
            return Err(unusable("authenticate", mend));
        }
        if self.factors.contains_key("OTP") != self.send_otp.is_some() {
            let mend = "it is for the factor OTP: have both it and OTP among `factors`, or neither";
            return Err(unusable("send-otp", mend));
        }
        let kept = self.release_claims.iter().flat_map(Endpoint::placeholders);
        for placeholder in kept {
            if let Placeholder::Continuation(name) = placeholder
                && !self.person.continuation.contains_key(name)
            {
                let mend = format!(
                    "it names {{continuation.{name}}}; say where it is: person.continuation.{name} = \"/…\""
                );
                return Err(unusable("release-claims", mend));
            }
        }
        Ok(())
    }
}

impl WrittenPerson {
    fn checked(self) -> Result<Person, Failure> {
        let keep = |(name, pointer): (String, String)| {
            let pointer = Pointer::parse(&format!("person.continuation.{name}"), &pointer)?;
            Ok((name, pointer))
        };
        let address = |(channel, pointer): (String, String)| {
            let pointer = Pointer::parse(&format!("person.addresses.{channel}"), &pointer)?;
            Ok((channel, pointer))
        };
        Ok(Person {
            subject: Pointer::parse("person.subject", &self.subject)?,
            partner_specific: self.partner_specific,
            continuation: self.continuation.into_iter().map(keep).collect::<Result<_, Failure>>()?,
            addresses: self.addresses.into_iter().map(address).collect::<Result<_, Failure>>()?,
        })
    }
}

#[cfg(test)]
pub(crate) mod tests;
