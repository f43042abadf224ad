//! The proof that a wallet holds the key it wants bound: a JWT by that key, for this server and for one access token.
//!
//! Its rules are those of DPoP proofs (RFC 9449 §4.3) for another purpose and thus another `typ`, and with an audience.

use esignet_jose::algorithm::Algorithm;
use esignet_jose::digest;
use esignet_jose::jwk::{Jwk, JwkError};
use esignet_jose::jws::{JwsError, MaxLength, UnverifiedJws};
use esignet_jose::jwt::{ClaimError, required_string};

use super::dpop::{self, Age, DpopError, DpopRefusal, MAX_JTI};
use crate::error::ErrorCode;
use crate::policy::Policy;
use crate::provider::Provider;
use crate::word::handle::{AccessToken, HandleHash};
use crate::word::time::Timestamp;

/// The `typ` of a proof.
pub const TYPE: &str = "key-binding-proof+jwt";
/// Algorithms of keys that are bound here at all; a binder may bind fewer.
pub const ALGORITHMS: [Algorithm; 3] = [Algorithm::Es256, Algorithm::Ps256, Algorithm::EdDsa];
/// The largest proof, in bytes.
const MAX_PROOF: usize = 8 * 1024;

/// Why a proof is not good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyProofRefusal {
    /// It is no JWS that is taken here, or its signature does not verify.
    #[error("the key proof: {0}")]
    Jws(#[from] JwsError),
    /// A claim is missing or of the wrong type.
    #[error("the key proof: {0}")]
    Claim(#[from] ClaimError),
    /// A JWT for another purpose.
    #[error("the typ of the key proof is not key-binding-proof+jwt")]
    WrongType,
    /// The binder does not take such keys, or nobody should.
    #[error("the alg of the key proof is not one of key_binding_signing_alg_values_supported")]
    AlgorithmNotAllowed,
    /// There is no `jwk` in the header.
    #[error("there is no jwk in the header of the key proof")]
    NoKey,
    /// The `jwk` is no public key that is taken here.
    #[error("the jwk of the key proof: {0}")]
    Key(#[from] JwkError),
    /// It was made for somebody else.
    #[error("the aud of the key proof is not the issuer")]
    WrongAudience,
    /// It was made for another login.
    #[error("the ath of the key proof is not the hash of the access token")]
    WrongTokenHash,
    /// `jti` is empty or too long.
    #[error("the jti of the key proof is empty or too long")]
    BadJti,
    /// When it was made, or that it was used before.
    #[error("the key proof: {0}")]
    Use(DpopRefusal),
}

impl KeyProofRefusal {
    /// What the client is told.
    pub const fn code(self) -> ErrorCode {
        match self {
            Self::Use(DpopRefusal::NonceNeeded) => ErrorCode::UseDpopNonce,
            Self::Use(DpopRefusal::FromBeforeRestart) => ErrorCode::TemporarilyUnavailable,
            Self::Jws(_)
            | Self::Claim(_)
            | Self::WrongType
            | Self::AlgorithmNotAllowed
            | Self::NoKey
            | Self::Key(_)
            | Self::WrongAudience
            | Self::WrongTokenHash
            | Self::BadJti
            | Self::Use(_) => ErrorCode::InvalidProof,
        }
    }
}

/// A key whose holder is there.
#[derive(Debug)]
pub struct ProvedKey {
    /// The key.
    pub key: Jwk,
    replay_key: HandleHash,
    age: Age,
}

/// Whether a proof is good now, for this token and a key of one of these algorithms.
pub fn decide(
    proof: &str,
    (token, algorithms): (&AccessToken, &[Algorithm]),
    policy: &Policy,
    now: Timestamp,
) -> Result<ProvedKey, KeyProofRefusal> {
    let jws = UnverifiedJws::parse(proof, MaxLength(MAX_PROOF))?;
    if jws.typ() != Some(TYPE) {
        return Err(KeyProofRefusal::WrongType);
    }
    if !algorithms.contains(&jws.algorithm()) {
        return Err(KeyProofRefusal::AlgorithmNotAllowed);
    }
    let key = Jwk::from_value(jws.jwk_header().ok_or(KeyProofRefusal::NoKey)?)?;
    let verified = jws.verify(&key)?;
    let claims = verified.claims();
    if required_string(claims, "aud")? != policy.issuer.as_str() {
        return Err(KeyProofRefusal::WrongAudience);
    }
    let token_hash = digest::sha256_base64url(token.expose().as_bytes());
    if !digest::equal(required_string(claims, "ath")?, &token_hash) {
        return Err(KeyProofRefusal::WrongTokenHash);
    }
    let age = dpop::decide_time(claims, policy, now).map_err(KeyProofRefusal::Use)?;
    let jti = required_string(claims, "jti")?;
    if jti.is_empty() || jti.len() > MAX_JTI {
        return Err(KeyProofRefusal::BadJti);
    }
    let replay_key = HandleHash::of(format!("key proof {} {jti}", key.thumbprint()).as_bytes());
    Ok(ProvedKey { key, replay_key, age })
}

/// Spends a good proof: it is for one request.
pub async fn spend(provider: &Provider, proved: &ProvedKey, now: Timestamp) -> Result<(), DpopError> {
    dpop::spend(provider, &proved.replay_key, &proved.age, now).await
}

#[cfg(test)]
mod tests;
