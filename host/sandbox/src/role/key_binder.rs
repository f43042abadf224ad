//! `esignet:key-binder/key-binder`, as the core's [`KeyBinder`].

use std::sync::Arc;

use async_trait::async_trait;
use esignet_protocol::ports::key_binder::{Binding, KeyBinder, KeyBinderDescriptor, Person};
use esignet_protocol::ports::plugin_build::PluginBuild;
use esignet_protocol::ports::plugins::{Caller, PluginError};
use wasmtime::component::InstancePre;

use super::{found, word};
use crate::accept::{self, at_most};
use crate::bindings::exports::esignet::key_binder::key_binder::{self as wit, GuestIndices};
use crate::failure::Breach;
use crate::import::CallState;
use crate::instance::{Function, Plugin};
use crate::personal::Personal;

const ROLE: &str = "key-binder";
/// The longest certificate chain or JWT.
const CREDENTIAL_BYTES: usize = 16 * 1024;

/// A loaded key binder.
pub(crate) struct LoadedKeyBinder {
    plugin: Arc<Plugin>,
    exports: GuestIndices,
    descriptor: KeyBinderDescriptor,
}

impl LoadedKeyBinder {
    /// Finds the functions of the role and asks the component to describe itself.
    pub(crate) async fn load(plugin: Arc<Plugin>, pre: &InstancePre<CallState>) -> Result<Self, PluginError> {
        let exports = found(GuestIndices::new(pre))?;
        let descriptor = describe!(plugin, exports, ROLE, described)?;
        Ok(Self { plugin, exports, descriptor })
    }

    /// Whether it may be offered to anybody.
    pub(crate) fn is_offered(&self) -> bool {
        self.plugin.health.quarantined().is_none()
    }
}

fn described(descriptor: wit::Descriptor) -> Result<KeyBinderDescriptor, Breach> {
    Ok(KeyBinderDescriptor {
        algorithms: accept::words("descriptor.algorithms", descriptor.algorithms, 16, 32)?,
        formats: accept::words("descriptor.formats", descriptor.formats, 8, 32)?,
    })
}

/// What was bound, if it has the shape of one of the formats that were announced.
fn bound(binding: wit::Binding, descriptor: &KeyBinderDescriptor) -> Result<Binding, Breach> {
    word::attributes("binding.attributes", binding.attributes, 16)?;
    let format = accept::word("binding.format", binding.format, 32)?;
    if !descriptor.formats.contains(&format) {
        return Err(Breach("binding.format is none that was announced".to_owned()));
    }
    at_most("binding.credential", binding.credential.len(), CREDENTIAL_BYTES)?;
    let credential = binding.credential;
    let printable = |c: char| c == '\n' || c.is_ascii_graphic() || c == ' ';
    if credential.is_empty() || !credential.chars().all(printable) {
        return Err(Breach("binding.credential is no credential".to_owned()));
    }
    Ok(Binding {
        format,
        credential,
        id: accept::word("binding.id", binding.id, 255)?,
        expires_at: binding.expires_at,
    })
}

#[async_trait]
impl KeyBinder for LoadedKeyBinder {
    fn id(&self) -> &str {
        &self.plugin.id
    }

    fn build(&self) -> PluginBuild {
        self.plugin.build.clone()
    }

    fn descriptor(&self) -> &KeyBinderDescriptor {
        &self.descriptor
    }

    async fn bind(&self, caller: &Caller, person: &Person, public_jwk: &str) -> Result<Binding, PluginError> {
        let guest = self.exports.clone();
        let caller = word::caller_to_guest(caller);
        let personal = Personal::of([person.subject.as_str()]);
        let person = wit::Person {
            subject: person.subject.clone(),
            continuation: person.continuation.clone(),
            acr: person.acr.clone(),
            amr: person.amr.clone(),
            authenticated_at: person.authenticated_at,
        };
        let public_jwk = public_jwk.to_owned();
        self.plugin
            .call(
                Function { role: ROLE, name: "bind" },
                personal,
                move |store, instance| {
                    Box::pin(async move {
                        let guest = guest.load(&mut *store, instance)?;
                        guest.call_bind(store, &caller, &person, &public_jwk).await
                    })
                },
                |binding| bound(binding, &self.descriptor),
            )
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given() -> wit::Binding {
        wit::Binding {
            format: "jwt".to_owned(),
            credential: "a.b.c".to_owned(),
            id: "binding-1".to_owned(),
            expires_at: 1_800_000_000,
            attributes: Vec::new(),
        }
    }

    #[test]
    fn a_binding_is_of_an_announced_format_and_bounded() {
        let descriptor = KeyBinderDescriptor { formats: vec!["jwt".to_owned()], ..Default::default() };
        assert!(bound(given(), &descriptor).is_ok());
        for bad in [
            wit::Binding { format: "x509-pem".to_owned(), ..given() },
            wit::Binding { credential: String::new(), ..given() },
            wit::Binding { credential: "a\u{1b}[31m".to_owned(), ..given() },
            wit::Binding { credential: "x".repeat(CREDENTIAL_BYTES + 1), ..given() },
            wit::Binding { id: String::new(), ..given() },
            wit::Binding { id: "a b".to_owned(), ..given() },
        ] {
            assert!(bound(bad, &descriptor).is_err());
        }
    }
}
