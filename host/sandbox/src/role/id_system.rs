//! `esignet:id-system/id-system`, as the core's [`IdSystem`].

use std::sync::Arc;

use async_trait::async_trait;
use esignet_protocol::ports::plugins::{
    Authenticated, Authentication, Caller, IdSystem, IdSystemDescriptor, Individual, OtpReceipt, PluginError,
};
use serde_json::{Map, Value};
use wasmtime::component::InstancePre;

use super::word;
use crate::accept::{self, CONTINUATION_BYTES, at_most};
use crate::bindings::exports::esignet::id_system::id_system::{self as wit, GuestIndices};
use crate::failure::Breach;
use crate::import::CallState;
use crate::instance::{Function, Plugin};
use crate::personal::Personal;

const ROLE: &str = "id-system";

/// A loaded ID system.
pub(crate) struct LoadedIdSystem {
    plugin: Arc<Plugin>,
    exports: GuestIndices,
    descriptor: IdSystemDescriptor,
}

impl LoadedIdSystem {
    /// Finds the functions of the role and asks the component to describe itself.
    pub(crate) async fn load(plugin: Arc<Plugin>, pre: &InstancePre<CallState>) -> Result<Self, PluginError> {
        let exports = GuestIndices::new(pre)
            .map_err(|error| PluginError::Broken(accept::cut(&error.to_string(), 256)))?;
        let guest = exports.clone();
        let descriptor = plugin
            .call(
                Function { role: ROLE, name: "describe" },
                Personal::default(),
                move |store, instance| {
                    Box::pin(async move { guest.load(&mut *store, instance)?.call_describe(store).await })
                },
                described,
            )
            .await?;
        Ok(Self { plugin, exports, descriptor })
    }
}

fn described(descriptor: wit::Descriptor) -> Result<IdSystemDescriptor, Breach> {
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
    })
}

fn authenticated(authenticated: wit::Authenticated) -> Result<Authenticated, Breach> {
    at_most("claims", authenticated.claims.len(), 256)?;
    let unavailable_claims = authenticated
        .claims
        .into_iter()
        .filter(|status| !status.available)
        .map(|status| accept::word("claim-status.claim", status.claim, 128))
        .collect::<Result<_, _>>()?;
    at_most("subject", authenticated.subject.len(), 255)?;
    if authenticated.subject.is_empty() || authenticated.subject.chars().any(accept::steers) {
        return Err(Breach("the subject is empty or has control characters".to_owned()));
    }
    Ok(Authenticated {
        subject: authenticated.subject,
        partner_specific: authenticated.partner_specific,
        continuation: accept::bytes("continuation", authenticated.continuation, CONTINUATION_BYTES)?,
        unavailable_claims,
    })
}

#[async_trait]
impl IdSystem for LoadedIdSystem {
    fn id(&self) -> &str {
        &self.plugin.id
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
                authenticated,
            )
            .await
    }

    async fn release_claims(
        &self,
        caller: &Caller,
        continuation: &[u8],
        claims: &[String],
    ) -> Result<Map<String, Value>, PluginError> {
        let guest = self.exports.clone();
        let caller = word::caller_to_guest(caller);
        let continuation = continuation.to_vec();
        let claims = claims.to_vec();
        self.plugin
            .call(
                Function { role: ROLE, name: "release-claims" },
                Personal::default(),
                move |store, instance| {
                    Box::pin(async move {
                        let guest = guest.load(&mut *store, instance)?;
                        guest.call_release_claims(store, &caller, &continuation, &claims).await
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

    fn given(subject: &str) -> wit::Authenticated {
        wit::Authenticated {
            subject: subject.to_owned(),
            partner_specific: false,
            continuation: Vec::new(),
            claims: vec![
                wit::ClaimStatus { claim: "name".into(), available: true, attributes: Vec::new() },
                wit::ClaimStatus { claim: "email".into(), available: false, attributes: Vec::new() },
            ],
            attributes: Vec::new(),
        }
    }

    #[test]
    fn a_claim_that_is_not_named_or_available_is_not_unavailable() {
        assert_eq!(authenticated(given("s-1")).unwrap().unavailable_claims, ["email"]);
    }

    #[test]
    fn a_subject_that_could_not_be_a_name_is_refused() {
        for subject in ["", "a\nb", "a\0", &"x".repeat(256)] {
            assert!(authenticated(given(subject)).is_err(), "{subject:?} passed");
        }
    }

    #[test]
    fn a_continuation_is_bounded() {
        let large = wit::Authenticated { continuation: vec![0; CONTINUATION_BYTES + 1], ..given("s-1") };
        assert!(authenticated(large).is_err());
    }
}
