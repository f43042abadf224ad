//! `esignet:audit-sink/audit-sink`, as the core's [`AuditSink`].

use std::sync::Arc;

use async_trait::async_trait;
use esignet_protocol::audit::chain::Recorded;
use esignet_protocol::ports::audit::{AuditSink, AuditSinkDescriptor};
use esignet_protocol::ports::plugin_build::PluginBuild;
use esignet_protocol::ports::plugins::PluginError;
use wasmtime::component::InstancePre;

use super::found;
use crate::bindings::esignet::types::types::Attribute;
use crate::bindings::exports::esignet::audit_sink::audit_sink::{self as wit, GuestIndices};
use crate::failure::Breach;
use crate::import::CallState;
use crate::instance::{Function, Plugin};
use crate::personal::Personal;

const ROLE: &str = "audit-sink";
/// The most events of one call.
const BATCH: u32 = 1_000;

/// A loaded sink.
pub(crate) struct LoadedAuditSink {
    plugin: Arc<Plugin>,
    exports: GuestIndices,
    descriptor: AuditSinkDescriptor,
}

impl LoadedAuditSink {
    /// Finds the functions of the role and asks the component to describe itself.
    pub(crate) async fn load(plugin: Arc<Plugin>, pre: &InstancePre<CallState>) -> Result<Self, PluginError> {
        let exports = found(GuestIndices::new(pre))?;
        let descriptor = describe!(plugin, exports, ROLE, |descriptor| described(&descriptor))?;
        Ok(Self { plugin, exports, descriptor })
    }
}

fn described(descriptor: &wit::Descriptor) -> Result<AuditSinkDescriptor, Breach> {
    if !(1..=BATCH).contains(&descriptor.batch) {
        return Err(Breach(format!("descriptor.batch is {}, not 1 to {BATCH}", descriptor.batch)));
    }
    Ok(AuditSinkDescriptor { batch: descriptor.batch })
}

fn event_to_guest(event: &Recorded) -> wit::Event {
    let attributes = event.attributes.iter();
    wit::Event {
        sequence: event.sequence,
        at_ms: event.at_ms,
        action: event.action.clone(),
        outcome: event.outcome.clone(),
        transaction: event.transaction.clone(),
        client: event.client.clone(),
        person: event.person.clone(),
        attributes: attributes
            .map(|(name, value)| Attribute { name: name.clone(), value: value.clone() })
            .collect(),
        hash: event.hash.to_vec(),
    }
}

/// A sink has some of what it was brought, or nothing more than before: never what it was not brought, and never less than
/// it said it has, which may be removed here.
fn stored(answered: u64, (before, last): (u64, u64)) -> Result<u64, Breach> {
    if (before..=last).contains(&answered) {
        return Ok(answered);
    }
    Err(Breach(format!("write answered {answered}, and was brought the events {} to {last}", before + 1)))
}

#[async_trait]
impl AuditSink for LoadedAuditSink {
    fn id(&self) -> &str {
        &self.plugin.id
    }

    fn build(&self) -> PluginBuild {
        self.plugin.build.clone()
    }

    fn descriptor(&self) -> &AuditSinkDescriptor {
        &self.descriptor
    }

    async fn write(&self, log: &str, events: &[Recorded]) -> Result<u64, PluginError> {
        let (Some(first), Some(last)) = (events.first(), events.last()) else {
            return Err(PluginError::Broken("the host brought no events".to_owned()));
        };
        let brought = (first.sequence.saturating_sub(1), last.sequence);
        let guest = self.exports.clone();
        let log = log.to_owned();
        let events: Vec<_> = events.iter().map(event_to_guest).collect();
        self.plugin
            .call(
                Function { role: ROLE, name: "write" },
                Personal::default(),
                move |store, instance| {
                    Box::pin(async move {
                        guest.load(&mut *store, instance)?.call_write(store, &log, &events).await
                    })
                },
                |answered: u64| stored(answered, brought),
            )
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sink_has_what_it_was_brought_and_nothing_else() {
        for good in [4, 5, 9] {
            assert_eq!(stored(good, (4, 9)).unwrap(), good);
        }
        for lie in [0, 3, 10, u64::MAX] {
            assert!(stored(lie, (4, 9)).is_err(), "{lie} passed");
        }
    }

    #[test]
    fn a_batch_is_bounded() {
        let described = |batch| described(&wit::Descriptor { batch, attributes: Vec::new() });
        assert!(described(1).is_ok() && described(1_000).is_ok());
        assert!(described(0).is_err() && described(1_001).is_err());
    }
}
