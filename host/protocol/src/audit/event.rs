//! What an event says: what was done, what came of it, in which login, for whom.
//!
//! Never a name, an identifier, a claim's value, a code, a token, an address, or anything that a person or a plugin wrote
//! freely. Attributes have words of the configuration, of specifications and of this file, and nothing else.

use std::fmt::Display;

use super::Trace;
use crate::error::ErrorCode;
use crate::ports::plugins::{PluginError, Rejection};
use crate::transaction::Transaction;
use crate::word::client_id::ClientId;

/// What was done. Others may come: sinks take what they do not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A request was opened in a browser, or a login ended before its code.
    Authorization,
    /// A code was sent to a person.
    Otp,
    /// A factor was tried.
    Factor,
    /// The ID system judged a login.
    Authentication,
    /// A person was asked what to release, or a consent was withdrawn.
    Consent,
    /// An authorization code.
    Code,
    /// An access token, with or without an `id_token`.
    Token,
    /// Claims left by the userinfo endpoint.
    Userinfo,
    /// A token was revoked by its client.
    Revocation,
    /// A key was bound to a person.
    KeyBinding,
    /// A registration was changed.
    Client,
    /// A signing key was changed.
    Key,
    /// A plugin was loaded, refused, rolled back or released.
    Plugin,
    /// The log itself.
    Audit,
}

impl Action {
    /// Its word in the record.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Authorization => "authorization",
            Self::Otp => "otp",
            Self::Factor => "factor",
            Self::Authentication => "authentication",
            Self::Consent => "consent",
            Self::Code => "code",
            Self::Token => "token",
            Self::Userinfo => "userinfo",
            Self::Revocation => "revocation",
            Self::KeyBinding => "key-binding",
            Self::Client => "client",
            Self::Key => "key",
            Self::Plugin => "plugin",
            Self::Audit => "audit",
        }
    }
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Success,
    /// It was not allowed, or not accepted.
    Refused,
    /// Something broke.
    Failed,
}

impl Outcome {
    /// Its word in the record.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }

    /// What a plugin's failure comes to.
    pub const fn of(error: &PluginError) -> Self {
        match error {
            PluginError::Rejected(_) => Self::Refused,
            PluginError::Unavailable(_)
            | PluginError::TimedOut(_)
            | PluginError::Trapped(_)
            | PluginError::Broken(_) => Self::Failed,
        }
    }
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// What was done.
    pub action: Action,
    /// What came of it.
    pub outcome: Outcome,
    /// The login, as plugins see it; empty when it is of none.
    pub transaction: String,
    /// The client; empty when it is of none.
    pub client: String,
    /// The person's pseudonym, when the ID system knows them.
    pub person: Option<String>,
    /// Further facts.
    pub attributes: Vec<(&'static str, String)>,
}

/// The longest value of an attribute, in characters.
const MAX_VALUE: usize = 512;

impl Event {
    /// An event of no login.
    pub fn new(action: Action, outcome: Outcome) -> Self {
        let (transaction, client) = Default::default();
        Self { action, outcome, transaction, client, person: None, attributes: Vec::new() }
    }

    /// Of this login.
    #[must_use]
    pub fn of(self, transaction: &Transaction) -> Self {
        Self { transaction: transaction.id.clone(), ..self.by(&transaction.client_id) }
    }

    /// Of what comes after a login.
    #[must_use]
    pub fn after(self, trace: Option<&Trace>) -> Self {
        let Some(trace) = trace else { return self };
        Self { transaction: trace.transaction.clone(), person: Some(trace.person.clone()), ..self }
    }

    /// Of this client.
    #[must_use]
    pub fn by(self, client: &ClientId) -> Self {
        Self { client: client.to_string(), ..self }
    }

    /// With a fact. What is too long is cut.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Display) -> Self {
        self.attributes.push((name, value.to_string().chars().take(MAX_VALUE).collect()));
        self
    }

    /// With a list of words, if there are any.
    #[must_use]
    pub fn with_words<'a>(self, name: &'static str, words: impl IntoIterator<Item = &'a str>) -> Self {
        let words: Vec<&str> = words.into_iter().collect();
        if words.is_empty() { self } else { self.with(name, words.join(" ")) }
    }

    /// Because of what the other side was told.
    #[must_use]
    pub fn because(self, code: ErrorCode) -> Self {
        self.with("reason", code.as_str())
    }

    /// Because a person or a credential was not accepted. A plugin's own word is not repeated: it could be anything.
    #[must_use]
    pub fn rejected(self, rejection: &Rejection) -> Self {
        const KNOWN: [&str; 8] =
            ["wrong", "expired", "locked", "unknown", "malformed", "missing", "too-soon", "unavailable"];
        let reason = KNOWN.into_iter().find(|known| *known == rejection.reason);
        self.with("reason", reason.unwrap_or("other"))
    }

    /// Because of a plugin that gave no answer.
    #[must_use]
    pub fn failed_by(self, plugin: &str, error: &PluginError) -> Self {
        let this = self.with("plugin", plugin);
        match error {
            PluginError::Rejected(rejection) => this.rejected(rejection),
            PluginError::Unavailable(_) => this.with("reason", "unavailable"),
            PluginError::TimedOut(_) => this.with("reason", "timed-out"),
            PluginError::Trapped(_) => this.with("reason", "trapped"),
            PluginError::Broken(_) => this.with("reason", "broken"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plugins_own_words_are_not_repeated() {
        let event = Event::new(Action::Factor, Outcome::Refused).rejected(&Rejection::of("Amina-Benali"));
        assert_eq!(event.attributes, [("reason", "other".to_owned())]);
        let event = Event::new(Action::Otp, Outcome::Failed)
            .failed_by("mock", &PluginError::Broken("2053718694".to_owned()));
        assert!(!format!("{event:?}").contains("2053718694"));
    }

    #[test]
    fn a_value_that_is_too_long_is_cut() {
        let event = Event::new(Action::Userinfo, Outcome::Success).with("claims", "é".repeat(600));
        assert_eq!(event.attributes.first().map(|(_, value)| value.chars().count()), Some(MAX_VALUE));
    }
}
