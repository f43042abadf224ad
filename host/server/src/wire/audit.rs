//! The audit log that the configuration names, opened; and what it is to be delivered to.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use esignet_protocol::audit::Audit;
use esignet_protocol::audit::event::{Action, Event, Outcome};
use esignet_protocol::audit::pseudonym::PseudonymKey;
use esignet_protocol::ports::audit::AuditLog;
use esignet_protocol::ports::plugins::Plugins;
use esignet_protocol::word::client_id::ClientId;
use esignet_store::audit::{AuditOpenError, Log};

use super::Purpose;
use super::master_key::MasterKey;
use crate::config::Config;
use crate::config::finding::{Finding, did_you_mean};

/// A log that is open.
pub(crate) struct Recording {
    /// For those who deliver it.
    pub(crate) log: Arc<Log>,
    /// For those who tell.
    pub(crate) audit: Audit,
    key: PseudonymKey,
}

impl Recording {
    /// Says that something was done, on the disk when it returns.
    pub(crate) async fn settle(&self, event: Event) -> Result<(), Finding> {
        self.audit.settle(|_| event).await.map_err(|fault| {
            let fix = "see whether the disk of [audit] directory is full, slow or broken";
            Finding::error("audit", "[audit]", fault.to_string(), fix)
        })
    }

    /// The pseudonym of a subject that a client has.
    pub(crate) fn subject(&self, client: &ClientId, subject: &str) -> String {
        self.key.subject(client.as_str(), subject)
    }

    /// The clean stop.
    pub(crate) async fn close(&self) {
        let stopped = Event::new(Action::Audit, Outcome::Success).with("operation", "stopped");
        if let Err(fault) = self.audit.settle(|_| stopped).await {
            tracing::error!(%fault, "the audit log did not close cleanly");
        }
    }
}

/// Opens the log, if one is configured. A check only looks whether there could be one.
pub(crate) fn open(config: &Config, purpose: Purpose, key: &MasterKey) -> Result<Option<Recording>, Finding> {
    let Some(configured) = config.audit.as_ref().filter(|_| purpose == Purpose::Serve) else {
        return Ok(None);
    };
    let place = &configured.directory.place;
    let (log, opened) = Log::open(configured.terms(), now_ms).map_err(|error| refused(&error, place))?;
    if opened.set_aside > 0 {
        tracing::warn!(
            bytes = opened.set_aside,
            "audit: the last stop was an unclean one; what was not whole at the end of the log was set aside"
        );
    }
    let log = Arc::new(log);
    let audit = Audit::new(Arc::clone(&log) as Arc<dyn AuditLog>, key.pseudonyms());
    Ok(Some(Recording { log, audit, key: key.pseudonyms() }))
}

/// Milliseconds since 1970.
fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

fn refused(error: &AuditOpenError, place: &impl std::fmt::Display) -> Finding {
    let fix = match error {
        AuditOpenError::Locked(_) => "stop the other server; each has a directory of its own",
        AuditOpenError::Permissions { .. } => "take the rights of others away and start again",
        AuditOpenError::Damaged { .. } => {
            "keep the directory as evidence, find out who changed it, and name another one"
        }
        AuditOpenError::Io { .. } => "name a directory that the server's user may write to",
    };
    Finding::error("audit", place, error.to_string(), fix)
}

/// Sinks that are configured and not loaded: nothing would ever be delivered to them.
pub(crate) fn missing_sinks(config: &Config, plugins: &dyn Plugins, known: &[&str]) -> Vec<Finding> {
    let sinks = config.audit.iter().flat_map(|audit| &audit.sinks);
    let missing = sinks.filter(|sink| plugins.audit_sink(&sink.value).is_none());
    let finding = |sink: &crate::config::section::Located<String>| {
        let meant = did_you_mean(&sink.value, known.iter().copied());
        let meant = meant.map_or_else(String::new, |word| format!("did you mean \"{word}\"? "));
        let problem = format!("no loaded plugin is an audit sink named \"{}\"", sink.value);
        let fix = format!(
            "{meant}put the plugin into {}, or take it out of `sinks`",
            config.plugins.directory.value.display()
        );
        Finding::error("audit", &sink.place, problem, fix)
    };
    missing.map(finding).collect()
}
