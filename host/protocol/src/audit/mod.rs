//! The record of what happened: what endpoints tell, under pseudonyms.
//!
//! | What | File |
//! |---|---|
//! | what an event says, and what it never says | `event.rs` |
//! | how events hang together | `chain.rs` |
//! | who is who, for the holder of the key alone | `pseudonym.rs` |
//!
//! Without a log nothing is made and nothing is told: an event is a closure until somebody wants it.

pub mod chain;
pub mod event;
pub mod pseudonym;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::error::{ErrorCode, Fault, Refused};
use crate::ports::audit::AuditLog;
use event::{Action, Event, Outcome};
use pseudonym::PseudonymKey;

/// Where events go, if they go anywhere. Cheap to clone.
#[derive(Clone, Default)]
pub struct Audit(Option<Arc<Recording>>);

struct Recording {
    log: Arc<dyn AuditLog>,
    key: PseudonymKey,
}

/// How the events after a login name the login and its person. It goes with the login into codes and tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    /// The login, as plugins see it.
    pub transaction: String,
    /// The person's pseudonym.
    pub person: String,
}

impl Audit {
    /// Events go into a log, with pseudonyms by this key.
    pub fn new(log: Arc<dyn AuditLog>, key: PseudonymKey) -> Self {
        Self(Some(Arc::new(Recording { log, key })))
    }

    /// Writes an event down before it returns: the end of the process does not undo it.
    pub fn tell(&self, event: impl FnOnce(&PseudonymKey) -> Event) -> Result<(), Fault> {
        let Some(recording) = &self.0 else { return Ok(()) };
        Ok(recording.log.tell(event(&recording.key))?)
    }

    /// As [`Audit::tell`], for a step that goes on without it: where the log fails, the login that the step belongs to gets no
    /// code.
    pub fn note(&self, event: impl FnOnce(&PseudonymKey) -> Event) {
        // The log says itself that it failed, and counts.
        let _ = self.tell(event);
    }

    /// Notes a refusal at an endpoint, by the code that the client is told, unless it only asks to come again with a nonce.
    pub fn note_refusal(&self, action: Action, refused: &Refused, said: impl FnOnce(Event) -> Event) {
        if refused.code == ErrorCode::UseDpopNonce {
            return;
        }
        let outcome = if refused.is_fault() { Outcome::Failed } else { Outcome::Refused };
        self.note(|_| said(Event::new(action, outcome).because(refused.code)));
    }

    /// As [`Audit::tell`], and waits for the disk: a loss of power does not undo it, nor what was told before it.
    pub async fn settle(&self, event: impl FnOnce(&PseudonymKey) -> Event) -> Result<(), Fault> {
        self.tell(event)?;
        match &self.0 {
            Some(recording) => Ok(recording.log.settled().await?),
            None => Ok(()),
        }
    }

    /// Whether events go anywhere.
    pub const fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Whether a login may begin.
    pub fn takes_logins(&self) -> Result<(), Fault> {
        match &self.0 {
            Some(recording) => Ok(recording.log.takes_logins()?),
            None => Ok(()),
        }
    }

    /// Tells of a login that begins, unless the log takes none now.
    pub fn begin_login(&self, event: impl FnOnce(&PseudonymKey) -> Event) -> Result<(), Fault> {
        self.takes_logins()?;
        self.tell(event)
    }

    /// The trace of a login whose person the ID system knows.
    pub fn trace(&self, transaction: &str, id_system: &str, subject: &str) -> Option<Box<Trace>> {
        let Recording { key, .. } = self.0.as_deref()?;
        let person = key.person(id_system, subject);
        Some(Box::new(Trace { transaction: transaction.to_owned(), person }))
    }
}
