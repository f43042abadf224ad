//! `esignet:id-system/id-system`, as the core's [`IdSystem`].

use std::sync::Arc;

use async_trait::async_trait;
use esignet_protocol::ports::plugin_build::PluginBuild;
use esignet_protocol::ports::plugins::{
    Authenticated, Authentication, Caller, ClaimsWanted, IdSystem, IdSystemDescriptor, Individual,
    OtpReceipt, PluginError, VerifiedOffer,
};
use esignet_protocol::word::locale::is_tag;
use serde_json::{Map, Value};
use wasmtime::component::InstancePre;

use super::{found, word};
use crate::accept::{self, CONTINUATION_BYTES, at_most};
use crate::bindings::exports::esignet::id_system::id_system::{self as wit, GuestIndices};
use crate::failure::Breach;
use crate::import::CallState;
use crate::instance::{Function, Plugin};
use crate::personal::Personal;
use crate::rights::Rights;

const ROLE: &str = "id-system";

/// A loaded ID system.
pub(crate) struct LoadedIdSystem {
    pub(super) plugin: Arc<Plugin>,
    pub(super) exports: GuestIndices,
    descriptor: IdSystemDescriptor,
}

impl LoadedIdSystem {
    /// Finds the functions of the role and asks the component to describe itself.
    pub(crate) async fn load(plugin: Arc<Plugin>, pre: &InstancePre<CallState>) -> Result<Self, PluginError> {
        let exports = found(GuestIndices::new(pre))?;
        let descriptor = describe!(plugin, exports, ROLE, described)?;
        let said = announced(&descriptor);
        let descriptor = narrowed(descriptor, &plugin.rights);
        let taken_out = said - announced(&descriptor);
        plugin.sandbox.watch.narrowed(&plugin.id, "claims", taken_out);
        Ok(Self { plugin, exports, descriptor })
    }

    /// Whether it may be offered to anybody.
    pub(crate) fn is_offered(&self) -> bool {
        self.plugin.health.quarantined().is_none()
    }

    /// The plugin's id.
    pub(crate) fn plugin_id(&self) -> &str {
        &self.plugin.id
    }
}

/// How many claims it says it has, plain ones and verified ones.
fn announced(descriptor: &IdSystemDescriptor) -> usize {
    descriptor.claims.len() + descriptor.verified.as_ref().map_or(0, |offer| offer.claims.len())
}

/// It offers no claim that its manifest does not ask for or the operator does not allow (threat T41).
fn narrowed(descriptor: IdSystemDescriptor, rights: &Rights) -> IdSystemDescriptor {
    let verified = descriptor
        .verified
        .map(|offer| VerifiedOffer { claims: rights.narrow_claims(offer.claims), ..offer })
        .filter(|offer| !offer.claims.is_empty());
    IdSystemDescriptor { claims: rights.narrow_claims(descriptor.claims), verified, ..descriptor }
}

pub(super) fn described(descriptor: wit::Descriptor) -> Result<IdSystemDescriptor, Breach> {
    at_most("descriptor.factors", descriptor.factors.len(), 32)?;
    let factors = descriptor
        .factors
        .into_iter()
        .map(|judged| {
            let factor = accept::word("judged-factor.factor", judged.factor, 64)?;
            Ok((factor, accept::words("judged-factor.formats", judged.formats, 16, 64)?))
        })
        .collect::<Result<_, Breach>>()?;
    Ok(IdSystemDescriptor {
        factors,
        individual_kinds: accept::words("descriptor.individual-kinds", descriptor.individual_kinds, 32, 64)?,
        otp_channels: accept::words("descriptor.otp-channels", descriptor.otp_channels, 8, 32)?,
        claims: accept::words("descriptor.claims", descriptor.claims, 256, 128)?,
        claims_locales: locales(descriptor.claims_locales)?,
        verified: descriptor.verified.map(verified_offer).transpose()?,
    })
}

/// Languages, by tags of BCP 47 as far as their shape tells.
fn locales(tags: Vec<String>) -> Result<Vec<String>, Breach> {
    let tags = accept::words("descriptor.claims-locales", tags, 64, 35)?;
    if tags.iter().all(|tag| is_tag(tag)) {
        return Ok(tags);
    }
    Err(Breach("descriptor.claims-locales has what is no language tag".to_owned()))
}

/// What it can verify, as OIDC4IDA §8 wants it published: some lists must not be empty.
fn verified_offer(offer: wit::VerifiedOffer) -> Result<VerifiedOffer, Breach> {
    let list =
        |what: &str, words: Vec<String>| accept::words(&format!("verified-offer.{what}"), words, 64, 128);
    let offer = VerifiedOffer {
        trust_frameworks: list("trust-frameworks", offer.trust_frameworks)?,
        claims: list("claims", offer.claims)?,
        evidence: list("evidence", offer.evidence)?,
        documents: list("documents", offer.documents)?,
        documents_methods: list("documents-methods", offer.documents_methods)?,
        documents_check_methods: list("documents-check-methods", offer.documents_check_methods)?,
        electronic_records: list("electronic-records", offer.electronic_records)?,
    };
    let has = |kind: &str| offer.evidence.iter().any(|evidence| evidence == kind);
    let owed = [
        ("trust-frameworks", true, &offer.trust_frameworks),
        ("claims", true, &offer.claims),
        ("documents", has("document"), &offer.documents),
        ("electronic-records", has("electronic_record"), &offer.electronic_records),
    ];
    match owed.iter().find(|(_, needed, list)| *needed && list.is_empty()) {
        Some((what, ..)) => Err(Breach(format!("verified-offer.{what} is empty"))),
        None => Ok(offer),
    }
}

/// The verdict, unless it names the person to the relying party itself and may not (`protocol.md` 52).
fn authenticated(authenticated: wit::Authenticated, own_subjects: bool) -> Result<Authenticated, Breach> {
    at_most("claims", authenticated.claims.len(), 256)?;
    let (mut unavailable_claims, mut unverified_claims) = (Vec::new(), Vec::new());
    for status in authenticated.claims {
        let claim = accept::word("claim-status.claim", status.claim, 128)?;
        if !status.verified {
            unverified_claims.push(claim.clone());
        }
        if !status.available {
            unavailable_claims.push(claim);
        }
    }
    at_most("subject", authenticated.subject.len(), 255)?;
    if authenticated.subject.is_empty() || authenticated.subject.chars().any(accept::steers) {
        return Err(Breach("the subject is empty or has control characters".to_owned()));
    }
    if authenticated.partner_specific {
        if !own_subjects {
            let rule = "the subject is said to be for this relying party alone, which the operator does not allow: set \
                        partner_specific_subjects = true in the plugin's section if it may decide what `sub` is";
            return Err(Breach(rule.to_owned()));
        }
        // OIDC Core §2: it goes out as it stands.
        if !authenticated.subject.is_ascii() {
            return Err(Breach("the partner-specific subject has other characters than ASCII".to_owned()));
        }
    }
    Ok(Authenticated {
        subject: authenticated.subject,
        partner_specific: authenticated.partner_specific,
        continuation: accept::bytes("continuation", authenticated.continuation, CONTINUATION_BYTES)?,
        unavailable_claims,
        unverified_claims,
    })
}

#[async_trait]
impl IdSystem for LoadedIdSystem {
    fn id(&self) -> &str {
        &self.plugin.id
    }

    fn build(&self) -> PluginBuild {
        self.plugin.build.clone()
    }

    fn descriptor(&self) -> &IdSystemDescriptor {
        &self.descriptor
    }

    async fn send_otp(
        &self,
        caller: &Caller,
        individual: &Individual,
        channels: &[String],
    ) -> Result<OtpReceipt, PluginError> {
        let personal = Personal::of_individual(Some(individual));
        let guest = self.exports.clone();
        let caller = word::caller_to_guest(caller);
        let individual = word::individual_to_guest(individual);
        let channels = channels.to_vec();
        self.plugin
            .call(
                Function { role: ROLE, name: "send-otp" },
                personal,
                move |store, instance| {
                    Box::pin(async move {
                        let guest = guest.load(&mut *store, instance)?;
                        guest.call_send_otp(store, &caller, &individual, &channels).await
                    })
                },
                word::receipt,
            )
            .await
    }

    async fn authenticate(
        &self,
        caller: &Caller,
        authentication: Authentication<'_>,
    ) -> Result<Authenticated, PluginError> {
        let personal = Personal::of_proofs(authentication.individual, authentication.proofs);
        let guest = self.exports.clone();
        let caller = word::caller_to_guest(caller);
        let individual = word::individual_to_guest(authentication.individual);
        let proofs: Vec<_> = authentication.proofs.iter().map(word::proof_to_guest).collect();
        let evidence: Vec<_> = authentication.evidence.iter().map(word::evidence_to_guest).collect();
        let own_subjects = self.plugin.rights.partner_specific_subjects;
        self.plugin
            .call(
                Function { role: ROLE, name: "authenticate" },
                personal,
                move |store, instance| {
                    Box::pin(async move {
                        let guest = guest.load(&mut *store, instance)?;
                        guest.call_authenticate(store, &caller, &individual, &proofs, &evidence).await
                    })
                },
                move |given| authenticated(given, own_subjects),
            )
            .await
    }

    async fn release_claims(
        &self,
        caller: &Caller,
        continuation: &[u8],
        wanted: &ClaimsWanted,
    ) -> Result<Map<String, Value>, PluginError> {
        let guest = self.exports.clone();
        let caller = word::caller_to_guest(caller);
        let continuation = continuation.to_vec();
        let verified = &wanted.verified_claims;
        let verified_claims = (!verified.is_empty()).then(|| Value::from(verified.clone()).to_string());
        let request = wit::ClaimsRequest { claims: wanted.claims.clone(), verified_claims };
        self.plugin
            .call(
                Function { role: ROLE, name: "release-claims" },
                Personal::default(),
                move |store, instance| {
                    Box::pin(async move {
                        let guest = guest.load(&mut *store, instance)?;
                        guest.call_release_claims(store, &caller, &continuation, &request).await
                    })
                },
                |claims: String| accept::claims(&claims),
            )
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(claim: &str, (available, verified): (bool, bool)) -> wit::ClaimStatus {
        wit::ClaimStatus { claim: claim.to_owned(), available, verified, attributes: Vec::new() }
    }

    fn offer(evidence: &[&str], documents: &[&str]) -> wit::VerifiedOffer {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        wit::VerifiedOffer {
            trust_frameworks: words(&["example_gov"]),
            claims: words(&["name"]),
            evidence: words(evidence),
            documents: words(documents),
            documents_methods: Vec::new(),
            documents_check_methods: Vec::new(),
            electronic_records: Vec::new(),
        }
    }

    fn given(subject: &str) -> wit::Authenticated {
        wit::Authenticated {
            subject: subject.to_owned(),
            partner_specific: false,
            continuation: Vec::new(),
            claims: vec![
                status("name", (true, true)),
                status("email", (false, false)),
                status("gender", (true, false)),
            ],
            attributes: Vec::new(),
        }
    }

    #[test]
    fn a_claim_that_is_not_named_or_available_is_not_unavailable() {
        let known = authenticated(given("s-1"), false).unwrap();
        assert_eq!(known.unavailable_claims, ["email"]);
        assert_eq!(known.unverified_claims, ["email", "gender"]);
    }

    #[test]
    fn a_language_is_a_tag() {
        let tags = |tags: &[&str]| locales(tags.iter().map(|tag| (*tag).to_owned()).collect());
        assert_eq!(tags(&["fr", "zh-Hant"]).unwrap(), ["fr", "zh-Hant"]);
        assert!(tags(&["fr", "f"]).is_err() && tags(&["fr#x"]).is_err());
    }

    #[test]
    fn an_offer_to_verify_that_could_not_be_published_is_refused() {
        assert!(verified_offer(offer(&["document", "vouch"], &["passport"])).is_ok());
        assert!(verified_offer(offer(&[], &[])).is_ok());
        assert!(verified_offer(offer(&["document"], &[])).is_err(), "documents without a type");
        assert!(verified_offer(offer(&["electronic_record"], &[])).is_err(), "records without a type");
        assert!(verified_offer(wit::VerifiedOffer { claims: Vec::new(), ..offer(&[], &[]) }).is_err());
        assert!(verified_offer(offer(&["<script>"], &[])).is_err());
    }

    #[test]
    fn a_subject_that_could_not_be_a_name_is_refused() {
        for subject in ["", "a\nb", "a\0", &"x".repeat(256)] {
            assert!(authenticated(given(subject), false).is_err(), "{subject:?} passed");
        }
    }

    #[test]
    fn a_subject_for_one_relying_party_is_taken_only_where_the_operator_allows_it() {
        let own = |subject: &str| wit::Authenticated { partner_specific: true, ..given(subject) };
        let refused = authenticated(own("s-1"), false).err().unwrap();
        assert!(refused.0.contains("partner_specific_subjects = true"), "{}", refused.0);
        assert!(authenticated(own("s-1"), true).unwrap().partner_specific);
        assert!(authenticated(own("š-1"), true).is_err(), "a sub is ASCII");
        assert!(authenticated(given("š-1"), true).is_ok(), "one that a sub is derived from need not be");
    }

    #[test]
    fn a_continuation_is_bounded() {
        let large = wit::Authenticated { continuation: vec![0; CONTINUATION_BYTES + 1], ..given("s-1") };
        assert!(authenticated(large, false).is_err());
    }
}
