//! `esignet:captcha/captcha`, as the core's [`Captcha`].

use std::sync::Arc;

use async_trait::async_trait;
use esignet_protocol::ports::captcha::{Captcha, Challenge};
use esignet_protocol::ports::forms::{Answer, Field};
use esignet_protocol::ports::plugin_build::PluginBuild;
use esignet_protocol::ports::plugins::{Caller, PluginError};
use wasmtime::component::InstancePre;

use super::{form, found, word};
use crate::accept::{self, STATE_BYTES};
use crate::bindings::exports::esignet::captcha::captcha::{self as wit, GuestIndices};
use crate::failure::Breach;
use crate::import::CallState;
use crate::instance::{Function, Plugin};
use crate::personal::Personal;
use crate::words::InLocale;

const ROLE: &str = "captcha";

/// A loaded captcha.
pub(crate) struct LoadedCaptcha {
    plugin: Arc<Plugin>,
    exports: GuestIndices,
}

impl LoadedCaptcha {
    /// Finds the functions of the role and asks the component to describe itself.
    pub(crate) async fn load(plugin: Arc<Plugin>, pre: &InstancePre<CallState>) -> Result<Self, PluginError> {
        let exports = found(GuestIndices::new(pre))?;
        describe!(plugin, exports, ROLE, |descriptor| word::attributes(
            "descriptor.attributes",
            descriptor.attributes,
            32
        )
        .map(drop))?;
        Ok(Self { plugin, exports })
    }

    /// Whether it may be asked for a challenge.
    pub(crate) fn is_offered(&self) -> bool {
        self.plugin.health.quarantined().is_none()
    }

    fn accepted(&self, challenge: wit::Challenge, locale: &str) -> Result<Challenge, Breach> {
        let words = InLocale { words: &self.plugin.rights.words, locale };
        let form = form::accepted(challenge.form, words)?;
        if !form.fields.iter().any(Field::is_answered) {
            return Err(Breach("the challenge asks nothing".to_owned()));
        }
        Ok(Challenge { form, state: accept::bytes("state", challenge.state, STATE_BYTES)? })
    }
}

#[async_trait]
impl Captcha for LoadedCaptcha {
    fn id(&self) -> &str {
        &self.plugin.id
    }

    fn build(&self) -> PluginBuild {
        self.plugin.build.clone()
    }

    async fn begin(&self, caller: &Caller) -> Result<Challenge, PluginError> {
        let guest = self.exports.clone();
        let locale = caller.locale.as_str();
        let caller = word::caller_to_guest(caller);
        self.plugin
            .call(
                Function { role: ROLE, name: "begin" },
                Personal::default(),
                move |store, instance| {
                    Box::pin(async move {
                        let guest = guest.load(&mut *store, instance)?;
                        guest.call_begin(store, &caller).await
                    })
                },
                |challenge| self.accepted(challenge, locale),
            )
            .await
    }

    async fn verify(&self, caller: &Caller, state: &[u8], answers: Vec<Answer>) -> Result<(), PluginError> {
        let personal = Personal::of_answers(&answers);
        let guest = self.exports.clone();
        let caller = word::caller_to_guest(caller);
        let state = state.to_vec();
        let answers = word::answers_to_guest(answers);
        self.plugin
            .call(
                Function { role: ROLE, name: "verify" },
                personal,
                move |store, instance| {
                    Box::pin(async move {
                        let guest = guest.load(&mut *store, instance)?;
                        guest.call_verify(store, &caller, &state, &answers).await
                    })
                },
                Ok,
            )
            .await
    }
}
