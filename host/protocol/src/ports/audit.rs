//! The audit log and the sinks it is delivered to.

use async_trait::async_trait;

use super::plugin_build::PluginBuild;
use super::plugins::PluginError;
use crate::audit::chain::Recorded;
use crate::audit::event::Event;

/// Why nothing was recorded, or no login may begin.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the audit log: {0}")]
pub struct AuditUnavailable(pub String);

/// Keeps events in their order, numbered without a gap, each hashed over the one before it. What was told is never changed.
#[async_trait]
pub trait AuditLog: Send + Sync {
    /// Writes an event down: when this returns, the end of the process does not undo it. It waits for no disk.
    fn tell(&self, event: Event) -> Result<(), AuditUnavailable>;
    /// Returns when a loss of power does not undo what was told before. Fails, too, while something could not be told.
    async fn settled(&self) -> Result<(), AuditUnavailable>;
    /// Whether a login may begin: what it will tell can be kept.
    fn takes_logins(&self) -> Result<(), AuditUnavailable>;
}

/// What a sink is (`esignet:audit-sink/descriptor`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AuditSinkDescriptor {
    /// How many events it takes in one call: 1 to 1,000.
    pub batch: u32,
}

/// Keeps the record outside of the server (`esignet:audit-sink`).
#[async_trait]
pub trait AuditSink: Send + Sync {
    /// The plugin's id, as the operator configured it.
    fn id(&self) -> &str;
    /// Which build of it this is.
    fn build(&self) -> PluginBuild {
        PluginBuild::native(self.id())
    }
    /// What it said of itself when it was loaded.
    fn descriptor(&self) -> &AuditSinkDescriptor;
    /// Takes events of one log in order, some of them perhaps again. Tells up to which number everything is stored: one of
    /// these events, or the one before the first.
    async fn write(&self, log: &str, events: &[Recorded]) -> Result<u64, PluginError>;
}
