//! The authorization code grant (RFC 6749 §4.1.3, RFC 7636 §4.6, RFC 9449 §5).

use crate::client::SenderConstraint;
use crate::error::{ErrorCode, Refused};
use crate::extension::dpop::{DpopRefusal, Proof};
use crate::issue::{Confirmation, IssuedCode};
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
    /// The client's tokens are bound to its certificate, and the connection had none (RFC 8705 §3).
    #[error("the tokens of the client are bound to its certificate, and none was shown")]
    NoCertificate,
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
            Self::NoCertificate => ErrorCode::InvalidRequest,
            Self::Dpop(refusal) => refusal.code(),
        }
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self::request(refusal.code(), &refusal)
    }
}

/// What the client shows of its keys with a token request.
#[derive(Clone, Copy, Debug, Default)]
pub struct Possession<'a> {
    /// A good DPoP proof.
    pub proof: Option<&'a Proof>,
    /// The hash of the certificate of its connection (RFC 8705 §3.1).
    pub certificate: Option<&'a str>,
}

/// Whether a redeemed code is exchanged, and what its tokens are bound to.
pub fn decide(
    code: &IssuedCode,
    constraint: SenderConstraint,
    parameters: &Parameters,
    possession: Possession<'_>,
    now: Timestamp,
) -> Result<Option<Confirmation>, Refusal> {
    if now > code.expires_at {
        return Err(Refusal::CodeExpired);
    }
    if parameters.one("redirect_uri") != Some(code.redirect_uri.as_str()) {
        return Err(Refusal::RedirectUriMismatch);
    }
    // RFC 7636 §4.6; RFC 9700 §4.8.2: a verifier without a challenge is a downgrade that somebody tries.
    match (&code.code_challenge, parameters.one("code_verifier")) {
        (Some(challenge), Some(verifier)) if challenge.is_met_by(verifier) => {}
        (None, None) => {}
        (Some(_), _) | (None, Some(_)) => return Err(Refusal::PkceMismatch),
    }
    // RFC 9449 §10: a code bound to a key is exchanged by that key.
    if let Some(bound) = &code.dpop_jkt
        && possession.proof.ok_or(DpopRefusal::Missing)?.jkt != *bound
    {
        return Err(DpopRefusal::OtherKey.into());
    }
    let by_proof = possession.proof.map(|proof| Confirmation::Jkt(proof.jkt.clone()));
    // FAPI 2.0 SP §5.3.2.1 item 4: never a token that is bound to nothing where the client must have bound ones.
    match constraint {
        SenderConstraint::Dpop => by_proof.map(Some).ok_or(Refusal::Dpop(DpopRefusal::Missing)),
        SenderConstraint::Certificate => {
            let thumbprint = possession.certificate.ok_or(Refusal::NoCertificate)?;
            Ok(Some(Confirmation::Certificate(thumbprint.to_owned())))
        }
        SenderConstraint::IfProved => Ok(by_proof),
    }
}

#[cfg(test)]
mod tests;
