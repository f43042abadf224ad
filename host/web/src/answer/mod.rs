//! From outcomes to responses, each with what the log is told about it.

pub(crate) mod incident;
pub(crate) mod json;
pub(crate) mod jwt;
pub(crate) mod page;
pub(crate) mod refusal;

use axum::response::Response;
use esignet_protocol::error::wire::Cause;

/// A response, and what the log is told.
pub(crate) struct Reply {
    /// What goes out.
    pub(crate) response: Response,
    /// How it went.
    pub(crate) outcome: Outcome,
}

/// How a request went.
pub(crate) enum Outcome {
    /// As it should: what was answered, in a word.
    Done(&'static str),
    /// The other side is told no.
    Refused(Report),
    /// We, a plugin or a store are at fault.
    Failed(Report),
}

/// Why a request was not done. Never a parameter, a token or an identifier.
pub(crate) struct Report {
    /// The code or the name of the page.
    pub(crate) code: &'static str,
    /// In the operator's words.
    pub(crate) cause: String,
    /// What the other side can quote; absent where the answer has no room for it.
    pub(crate) incident: Option<String>,
}

impl Reply {
    /// A response as it should be.
    pub(crate) fn done(response: Response, outcome: &'static str) -> Self {
        Self { response, outcome: Outcome::Done(outcome) }
    }
}

impl Outcome {
    /// The outcome for a cause: faults are ours, the rest is the request's.
    pub(crate) fn of(code: &'static str, cause: &Cause, incident: Option<String>) -> Self {
        let report = Report { code, cause: cause.to_string(), incident };
        match cause {
            Cause::Request(_) => Self::Refused(report),
            Cause::Fault(_) => Self::Failed(report),
        }
    }
}
