//! `esignet:notifier/notifier`: told of what was done in people's names, by the queue of `notices.rs`.

use std::sync::Arc;

use esignet_protocol::ports::notices::Notice;
use esignet_protocol::ports::plugins::PluginError;
use wasmtime::component::InstancePre;

use super::{found, word};
use crate::accept;
use crate::bindings::exports::esignet::notifier::notifier::{self as wit, GuestIndices};
use crate::failure::Breach;
use crate::import::CallState;
use crate::instance::{Function, Plugin};
use crate::personal::Personal;

const ROLE: &str = "notifier";

/// A loaded notifier.
pub(crate) struct LoadedNotifier {
    plugin: Arc<Plugin>,
    exports: GuestIndices,
    events: Vec<String>,
}

impl LoadedNotifier {
    /// Finds the functions of the role and asks the component to describe itself.
    pub(crate) async fn load(plugin: Arc<Plugin>, pre: &InstancePre<CallState>) -> Result<Self, PluginError> {
        let exports = found(GuestIndices::new(pre))?;
        let events = describe!(plugin, exports, ROLE, described)?;
        Ok(Self { plugin, exports, events })
    }

    /// The events that it wants to hear of.
    pub(crate) fn events(&self) -> &[String] {
        &self.events
    }

    /// Brings one notice.
    pub(crate) async fn notify(&self, notice: &Notice) -> Result<(), PluginError> {
        let guest = self.exports.clone();
        let personal = Personal::of([notice.subject.as_str(), notice.id.as_str()]);
        let notice = to_guest(notice);
        self.plugin
            .call(
                Function { role: ROLE, name: "notify" },
                personal,
                move |store, instance| {
                    Box::pin(
                        async move { guest.load(&mut *store, instance)?.call_notify(store, &notice).await },
                    )
                },
                Ok,
            )
            .await
    }
}

fn described(descriptor: wit::Descriptor) -> Result<Vec<String>, Breach> {
    word::attributes("descriptor.attributes", descriptor.attributes, 32)?;
    accept::words("descriptor.events", descriptor.events, 64, 64)
}

fn to_guest(notice: &Notice) -> wit::Notice {
    wit::Notice {
        id: notice.id.clone(),
        event: notice.event.as_str().to_owned(),
        at: notice.at.0,
        subject: notice.subject.clone(),
        locale: notice.locale.clone(),
        client: notice.client.clone(),
        relying_party_name: notice.relying_party_name.clone(),
        attributes: word::attributes_to_guest(&notice.attributes),
    }
}
