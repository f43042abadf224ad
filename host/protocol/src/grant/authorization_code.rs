//! The authorization code grant (RFC 6749 §4.1.3, RFC 7636 §4.6, RFC 9449 §5).

use crate::error::{ErrorCode, Refused};
use crate::extension::dpop::{DpopRefusal, Proof};
use crate::issue::IssuedCode;
use crate::word::parameters::Parameters;
use crate::word::time::Timestamp;

/// Why a code is not exchanged. By now it is spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no such code, or it has long expired.
    #[error("the code is unknown")]
    CodeUnknown,
    /// It is over 60 seconds old.
    #[error("the code has expired")]
    CodeExpired,
    /// It was spent before; what was issued from it is revoked by now (RFC 6749 §4.1.2).
    #[error("the code was used before")]
    CodeReplayed,
    /// RFC 6749 §5.2.
    #[error("the code is another client's")]
    CodeOfOtherClient,
    /// RFC 6749 §4.1.3.
    #[error("redirect_uri is missing or not that of the request")]
    RedirectUriMismatch,
    /// RFC 7636 §4.6.
    #[error("code_verifier is missing, malformed or does not fit the challenge")]
    PkceMismatch,
    /// The proof is missing, not good, or by another key than the code is bound to (RFC 9449 §10).
    #[error(transparent)]
    Dpop(#[from] DpopRefusal),
}

impl Refusal {
    /// What the client is told.
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::CodeUnknown
            | Self::CodeExpired
            | Self::CodeReplayed
            | Self::CodeOfOtherClient
            | Self::RedirectUriMismatch
            | Self::PkceMismatch => ErrorCode::InvalidGrant,
            Self::Dpop(_) => ErrorCode::InvalidDpopProof,
        }
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self::request(refusal.code(), &refusal)
    }
}

/// Whether a redeemed code is exchanged: gives the thumbprint of the key that the tokens are bound to. Never a token
/// without a key (FAPI 2.0 SP §5.3.2.1: sender-constrained access tokens only).
pub fn decide(
    code: &IssuedCode,
    parameters: &Parameters,
    proof: Option<&Proof>,
    now: Timestamp,
) -> Result<String, Refusal> {
    if now > code.expires_at {
        return Err(Refusal::CodeExpired);
    }
    if parameters.one("redirect_uri") != Some(code.redirect_uri.as_str()) {
        return Err(Refusal::RedirectUriMismatch);
    }
    let verifier = parameters.one("code_verifier").unwrap_or_default();
    if !code.code_challenge.is_met_by(verifier) {
        return Err(Refusal::PkceMismatch);
    }
    let proof = proof.ok_or(DpopRefusal::Missing)?;
    if code.dpop_jkt.as_ref().is_some_and(|bound| *bound != proof.jkt) {
        return Err(DpopRefusal::OtherKey.into());
    }
    Ok(proof.jkt.clone())
}

#[cfg(test)]
mod tests;
