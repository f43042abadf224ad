//! How a refusal looks on the wire: status, code, challenge. The cause stays inside, for the log.

use std::fmt;

use super::{ErrorCode, Fault};
use crate::extension::dpop::nonce::NonceKey;
use crate::word::time::Timestamp;

/// A `WWW-Authenticate` answer (RFC 6750 §3, RFC 9449 §7.1, RFC 6749 §5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Challenge {
    /// No credentials came: the scheme alone, without an error code (RFC 6750 §3.1).
    Bare,
    /// Credentials came and were refused.
    Refused,
    /// A bearer token came and was refused (RFC 6750 §3).
    RefusedBearer,
    /// A client tried to authenticate by a header (RFC 6749 §5.2).
    Client,
}

/// A JSON answer that is a refusal.
#[derive(Debug)]
pub struct Refused {
    /// What the client is told.
    pub code: ErrorCode,
    /// The status, usually that of the code.
    pub status: u16,
    /// Whether the answer carries `WWW-Authenticate`.
    pub challenge: Option<Challenge>,
    /// The value of `DPoP-Nonce`, when the next proof needs one (RFC 9449 §8).
    pub dpop_nonce: Option<String>,
    /// How to log in so that it is enough (RFC 9470 §3).
    pub step_up: Option<StepUp>,
    /// What exactly was wrong, for the log.
    pub cause: Cause,
}

/// A login that would be enough (RFC 9470 §3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepUp {
    /// Its class is one of these; any when there are none.
    pub acr_values: Vec<String>,
    /// It is no older than this, in seconds.
    pub max_age: u64,
}

impl StepUp {
    /// What is added to a challenge. Classes are words without quotes.
    pub fn parameters(&self) -> String {
        let acr_values = self.acr_values.join(" ");
        let acr_values =
            if acr_values.is_empty() { String::new() } else { format!(", acr_values=\"{acr_values}\"") };
        format!("{acr_values}, max_age=\"{}\"", self.max_age)
    }
}

/// Why, in the operator's words.
#[derive(Debug)]
pub enum Cause {
    /// The request is refused; the text is the refusal's own.
    Request(String),
    /// A port failed, or we are wrong.
    Fault(Fault),
}

impl Refused {
    /// A refusal of the request, with the status of its code.
    pub fn request(code: ErrorCode, refusal: &impl fmt::Display) -> Self {
        let cause = Cause::Request(refusal.to_string());
        Self { code, status: code.status(), challenge: None, dpop_nonce: None, step_up: None, cause }
    }

    /// Whether something else than the request is at fault.
    pub const fn is_fault(&self) -> bool {
        matches!(self.cause, Cause::Fault(_))
    }

    /// With another status than the code's own.
    #[must_use]
    pub const fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// With a nonce for the next proof, if that is what it was refused for.
    #[must_use]
    pub fn with_nonce(mut self, nonces: Option<&NonceKey>, now: Timestamp) -> Self {
        if self.code == ErrorCode::UseDpopNonce {
            self.dpop_nonce = nonces.map(|nonces| nonces.issue(now));
        }
        self
    }

    /// With how to log in anew.
    #[must_use]
    pub fn with_step_up(mut self, step_up: StepUp) -> Self {
        self.step_up = Some(step_up);
        self
    }

    /// With a challenge.
    #[must_use]
    pub const fn with_challenge(mut self, challenge: Challenge) -> Self {
        self.challenge = Some(challenge);
        self
    }
}

impl<F: Into<Fault>> From<F> for Refused {
    fn from(fault: F) -> Self {
        let fault = fault.into();
        let code = fault.code();
        Self {
            code,
            status: code.status(),
            challenge: None,
            dpop_nonce: None,
            step_up: None,
            cause: Cause::Fault(fault),
        }
    }
}

impl Challenge {
    /// The value of the header. `algs` are those a proof may use.
    pub fn header(self, code: ErrorCode, algs: &str) -> String {
        match self {
            Self::Bare => format!("DPoP algs=\"{algs}\""),
            Self::Client => "Basic realm=\"esignet\"".to_owned(),
            Self::Refused => format!("DPoP error=\"{}\", algs=\"{algs}\"", code.as_str()),
            Self::RefusedBearer => format!("Bearer error=\"{}\"", code.as_str()),
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request(refusal) => f.write_str(refusal),
            Self::Fault(fault) => fault.fmt(f),
        }
    }
}
