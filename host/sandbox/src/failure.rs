//! How a call ends badly, and what the core is told of it.

use esignet_protocol::ports::plugins::{PluginError, Rejection};
use wasmtime::{PoolConcurrencyLimitError, Trap};

use crate::accept;
use crate::bindings::esignet::types::types as wit;

/// The host ended the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Stopped {
    #[error("cpu: the budget of {0} ms is spent")]
    Cpu(u32),
    #[error("wall: the budget of {0} ms is spent")]
    Wall(u64),
    #[error("memory limit of {0} MiB reached")]
    Memory(u32),
    #[error("table limit of {0} elements reached")]
    Table(usize),
    #[error("{0} asked for more than one call may")]
    Quota(&'static str),
    #[error("the plugin ended itself (exit)")]
    Exit,
}

/// The plugin answered with something the contract does not allow.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Breach(pub(crate) String);

impl From<Stopped> for PluginError {
    fn from(stopped: Stopped) -> Self {
        let text = stopped.to_string();
        match stopped {
            Stopped::Cpu(_) | Stopped::Wall(_) => Self::TimedOut(text),
            Stopped::Memory(_) | Stopped::Table(_) | Stopped::Quota(_) | Stopped::Exit => Self::Trapped(text),
        }
    }
}

impl From<Breach> for PluginError {
    fn from(breach: Breach) -> Self {
        Self::Broken(format!("the answer breaks the contract: {breach}"))
    }
}

/// What an error of the engine means. Only the kind of a trap is told, never where or with what values.
pub(crate) fn from_engine(error: &wasmtime::Error) -> PluginError {
    if let Some(stopped) = error.downcast_ref::<Stopped>() {
        return (*stopped).into();
    }
    if let Some(trap) = error.downcast_ref::<Trap>() {
        return PluginError::Trapped(trap.to_string());
    }
    if error.downcast_ref::<PoolConcurrencyLimitError>().is_some() {
        return PluginError::Unavailable("the pool of instances is exhausted".to_owned());
    }
    PluginError::Broken(error.root_cause().to_string())
}

/// What ended a call, when it was the host or the engine.
pub(crate) fn kind(error: &wasmtime::Error) -> Option<&'static str> {
    if let Some(stopped) = error.downcast_ref::<Stopped>() {
        return Some(stopped.kind());
    }
    let trap = error.downcast_ref::<Trap>()?;
    #[expect(clippy::wildcard_enum_match_arm, reason = "a new kind of trap is another one, too")]
    Some(match trap {
        Trap::UnreachableCodeReached => "unreachable",
        Trap::StackOverflow => "stack-overflow",
        Trap::MemoryOutOfBounds | Trap::TableOutOfBounds => "out-of-bounds",
        _ => "other",
    })
}

impl Stopped {
    /// The word for it in metrics.
    pub(crate) const fn kind(self) -> &'static str {
        match self {
            Self::Cpu(_) => "cpu",
            Self::Wall(_) => "wall",
            Self::Memory(_) => "memory",
            Self::Table(_) => "table",
            Self::Quota(_) => "quota",
            Self::Exit => "exit",
        }
    }
}

/// The most characters of a text for the log.
pub(crate) const TEXT_CHARS: usize = 256;

/// What a failure that the plugin named means. Its text is as the guest wrote it: [`Plugin::call`] cleans it.
///
/// [`Plugin::call`]: crate::instance::Plugin::call
pub(crate) fn from_guest(failure: wit::Failure) -> PluginError {
    match failure {
        wit::Failure::Rejected(rejection) => PluginError::Rejected(rejection_of(rejection)),
        wit::Failure::Unavailable(text) => PluginError::Unavailable(text),
        wit::Failure::Misconfigured(text) => PluginError::Broken(format!("misconfigured: {text}")),
        wit::Failure::Unsupported(text) => PluginError::Broken(format!("unsupported: {text}")),
        wit::Failure::Internal(text) => PluginError::Broken(format!("internal: {text}")),
    }
}

/// A rejection with a reason of the vocabulary's shape and a wait of at most a day.
pub(crate) fn rejection_of(rejection: wit::Rejection) -> Rejection {
    Rejection {
        reason: accept::word("reason", rejection.reason, 64).unwrap_or_else(|_| "other".to_owned()),
        attempts_left: rejection.attempts_left,
        retry_after_seconds: rejection.retry_after_seconds.map(|seconds| seconds.min(86_400)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::personal::Personal;

    #[test]
    fn each_end_of_a_call_has_its_kind() {
        assert!(
            matches!(PluginError::from(Stopped::Cpu(20)), PluginError::TimedOut(text) if text.starts_with("cpu"))
        );
        assert!(
            matches!(PluginError::from(Stopped::Wall(5)), PluginError::TimedOut(text) if text.starts_with("wall"))
        );
        assert!(
            matches!(PluginError::from(Stopped::Memory(16)), PluginError::Trapped(text) if text.starts_with("memory limit"))
        );
        let trap = wasmtime::Error::from(Trap::UnreachableCodeReached);
        assert!(matches!(from_engine(&trap), PluginError::Trapped(text) if text.contains("unreachable")));
    }

    #[test]
    fn texts_of_a_guest_are_cleaned_and_cut() {
        let failure = from_guest(wit::Failure::Unavailable(format!("a\r\nb\u{202e}{}", "x".repeat(1000))));
        let PluginError::Unavailable(text) = Personal::default().cut_error(failure, TEXT_CHARS) else {
            panic!("the kind changed");
        };
        assert!(text.starts_with("abx") && text.chars().count() == 256);
    }

    #[test]
    fn a_reason_that_is_no_word_becomes_other() {
        let rejection = wit::Rejection {
            reason: "<b>no</b>".to_owned(),
            attempts_left: None,
            retry_after_seconds: Some(u32::MAX),
        };
        let rejection = rejection_of(rejection);
        assert_eq!(rejection.reason, "other");
        assert_eq!(rejection.retry_after_seconds, Some(86_400));
    }
}
