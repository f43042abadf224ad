//! `esignet:auth-factor/auth-factor`, as the core's [`AuthFactor`].

use std::sync::Arc;

use async_trait::async_trait;
use esignet_protocol::ports::plugin_build::PluginBuild;
use esignet_protocol::ports::plugins::{
    AuthFactor, AuthFactorDescriptor, Caller, Individual, Input, PluginError, Step,
};
use wasmtime::component::InstancePre;

use super::{found, step, word};
use crate::accept;
use crate::bindings::exports::esignet::auth_factor::auth_factor::{self as wit, GuestIndices};
use crate::failure::Breach;
use crate::import::CallState;
use crate::instance::{Function, Plugin};
use crate::personal::Personal;
use crate::words::InLocale;

const ROLE: &str = "auth-factor";
/// The attribute of a descriptor, with the value `true`, of a factor that sends codes itself.
const SENDS_CODES: &str = "sends-codes";
/// The attribute of a descriptor that says who judges the factor. "self" is for one that hands nothing on to an ID system
/// although ID systems judge factors of its word, such as an OTP that its plugin makes and sends.
const JUDGED_BY: &str = "judged-by";

/// A loaded factor.
pub(crate) struct LoadedFactor {
    pub(super) plugin: Arc<Plugin>,
    pub(super) exports: GuestIndices,
    descriptor: AuthFactorDescriptor,
    is_emptied: bool,
}

impl LoadedFactor {
    /// Finds the functions of the role and asks the component to describe itself.
    pub(crate) async fn load(plugin: Arc<Plugin>, pre: &InstancePre<CallState>) -> Result<Self, PluginError> {
        let exports = found(GuestIndices::new(pre))?;
        let descriptor = describe!(plugin, exports, ROLE, described)?;
        let announced = descriptor.amr.len();
        let descriptor = AuthFactorDescriptor { amr: plugin.rights.narrow_amr(descriptor.amr), ..descriptor };
        let is_emptied = announced > 0 && descriptor.amr.is_empty();
        Ok(Self { plugin, exports, descriptor, is_emptied })
    }

    /// The factor's word.
    pub(crate) fn word(&self) -> &str {
        &self.descriptor.factor
    }

    /// Whether it may be offered to anybody.
    pub(crate) fn is_offered(&self) -> bool {
        self.plugin.health.quarantined().is_none()
    }

    /// Whether its grant leaves nothing of the `amr` that it announced: what it judges itself will be refused.
    pub(crate) const fn is_emptied(&self) -> bool {
        self.is_emptied
    }

    /// The plugin's id.
    pub(crate) fn plugin_id(&self) -> &str {
        &self.plugin.id
    }

    fn accepted(&self, step: wit::Step, locale: &str) -> Result<Step, Breach> {
        let words = InLocale { words: &self.plugin.rights.words, locale };
        let (step, taken_out) = step::accepted(step, &self.descriptor, words)?;
        self.plugin.sandbox.watch.narrowed(&self.plugin.id, "amr", taken_out);
        if taken_out > 0 {
            let plugin = self.plugin.id.as_str();
            tracing::warn!(plugin, taken_out, "amr values beyond the plugin's ceiling were taken out");
        }
        Ok(step)
    }
}

pub(super) fn described(descriptor: wit::Descriptor) -> Result<AuthFactorDescriptor, Breach> {
    let attributes = word::attributes("descriptor.attributes", descriptor.attributes, 32)?;
    let says =
        |name: &str, value: &str| attributes.iter().any(|said| said.name == name && said.value == value);
    Ok(AuthFactorDescriptor {
        sends_codes: says(SENDS_CODES, "true"),
        factor: accept::word("descriptor.factor", descriptor.factor, 64)?,
        amr: accept::words("descriptor.amr", descriptor.amr, 16, 64)?,
        needs_individual: descriptor.needs_individual,
        judges_itself: says(JUDGED_BY, "self"),
    })
}

#[async_trait]
impl AuthFactor for LoadedFactor {
    fn id(&self) -> &str {
        &self.plugin.id
    }

    fn build(&self) -> PluginBuild {
        self.plugin.build.clone()
    }

    fn descriptor(&self) -> &AuthFactorDescriptor {
        &self.descriptor
    }

    async fn begin(&self, caller: &Caller, individual: Option<&Individual>) -> Result<Step, PluginError> {
        let personal = Personal::of_individual(individual);
        let guest = self.exports.clone();
        let locale = caller.locale.as_str();
        let caller = word::caller_to_guest(caller);
        let individual = individual.map(word::individual_to_guest);
        self.plugin
            .call(
                Function { role: ROLE, name: "begin" },
                personal,
                move |store, instance| {
                    Box::pin(async move {
                        let guest = guest.load(&mut *store, instance)?;
                        guest.call_begin(store, &caller, individual.as_ref()).await
                    })
                },
                |step| self.accepted(step, locale),
            )
            .await
    }

    async fn resume(
        &self,
        caller: &Caller,
        individual: Option<&Individual>,
        state: &[u8],
        input: Input,
    ) -> Result<Step, PluginError> {
        let personal = Personal::of_input(individual, &input);
        let guest = self.exports.clone();
        let locale = caller.locale.as_str();
        let caller = word::caller_to_guest(caller);
        let individual = individual.map(word::individual_to_guest);
        let state = state.to_vec();
        let input = input_to_guest(input);
        self.plugin
            .call(
                Function { role: ROLE, name: "resume" },
                personal,
                move |store, instance| {
                    Box::pin(async move {
                        let guest = guest.load(&mut *store, instance)?;
                        guest.call_resume(store, &caller, individual.as_ref(), &state, &input).await
                    })
                },
                |step| self.accepted(step, locale),
            )
            .await
    }
}

fn input_to_guest(input: Input) -> wit::Input {
    match input {
        Input::Answers(answers) => wit::Input::Answers(word::answers_to_guest(answers)),
        Input::Resend => wit::Input::Resend,
        Input::OtpSent(receipt) => wit::Input::OtpSent(word::receipt_to_guest(receipt)),
        Input::OtpNotSent(rejection) => wit::Input::OtpNotSent(word::rejection_to_guest(rejection)),
        Input::Waited => wit::Input::Waited,
        Input::Rejected(rejection) => wit::Input::Rejected(word::rejection_to_guest(rejection)),
    }
}
