//! DPoP: proof of possession at the application layer (RFC 9449).

pub mod nonce;

use esignet_jose::algorithm::Algorithm;
use esignet_jose::digest;
use esignet_jose::jwk::{Jwk, JwkError};
use esignet_jose::jws::{JwsError, MaxLength, UnverifiedJws};
use esignet_jose::jwt::{ClaimError, Claims, numeric_date, required_numeric_date, required_string, string};
use url::Url;

use crate::error::{ErrorCode, Fault, Refused};
use crate::policy::Policy;
use crate::provider::Provider;
use crate::word::handle::{AccessToken, HandleHash};
use crate::word::time::Timestamp;

/// The algorithms of proofs.
const ALGORITHMS: [Algorithm; 3] = [Algorithm::Es256, Algorithm::Ps256, Algorithm::EdDsa];

/// The `typ` of a proof (RFC 9449 §4.2).
const TYPE: &str = "dpop+jwt";
/// The largest proof, in bytes.
const MAX_PROOF: usize = 8 * 1024;
/// The longest `jti`, in bytes.
pub(super) const MAX_JTI: usize = 1024;
/// How far ahead of our clock `iat` may be, in seconds (`protocol.md` 37).
const LEEWAY: u64 = 10;
/// How old a proof may be, in seconds (`protocol.md` 37).
const MAX_AGE: u64 = 60;

/// Why a proof is not good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DpopRefusal {
    /// RFC 9449 §4.3 item 1.
    #[error("there is more than one DPoP header")]
    SeveralHeaders,
    /// A proof is required.
    #[error("there is no DPoP proof")]
    Missing,
    /// It is no JWS that is taken here, or its signature does not verify.
    #[error(transparent)]
    Jws(#[from] JwsError),
    /// A claim is missing or of the wrong type.
    #[error(transparent)]
    Claim(#[from] ClaimError),
    /// RFC 9449 §4.3 item 4.
    #[error("typ is not dpop+jwt")]
    WrongType,
    /// RFC 9449 §4.3 item 5.
    #[error("alg is not allowed for proofs")]
    AlgorithmNotAllowed,
    /// There is no `jwk` in the header.
    #[error("there is no jwk in the header")]
    NoKey,
    /// The `jwk` is no public key that is taken here (RFC 9449 §4.3 item 7).
    #[error("jwk: {0}")]
    Key(#[from] JwkError),
    /// RFC 9449 §4.3 item 8.
    #[error("htm is not the method of the request")]
    WrongMethod,
    /// RFC 9449 §4.3 item 9.
    #[error("htu is not the URL of the request")]
    WrongUrl,
    /// RFC 9449 §4.3 item 11.
    #[error("iat is too old")]
    TooOld,
    /// RFC 9449 §4.3 item 11, or `nbf`.
    #[error("iat or nbf is in the future")]
    NotYet,
    /// `exp` is there and past.
    #[error("the proof has expired")]
    Expired,
    /// `jti` is empty or too long.
    #[error("jti is empty or too long")]
    BadJti,
    /// RFC 9449 §4.3 item 12.
    #[error("ath is not the hash of the access token")]
    WrongTokenHash,
    /// RFC 9449 §11.1.
    #[error("the proof was used before")]
    Replayed,
    /// It is older than what the replay memory can tell after an unclean stop.
    #[error("the proof is from before the server's last start")]
    FromBeforeRestart,
    /// RFC 9449 §8, §9: the proof needs a nonce of ours, and has none, or none that is good any more.
    #[error("nonce is missing, not one of this server, or too old")]
    NonceNeeded,
    /// The proof is by another key than the one that is bound (RFC 9449 §6, §7.1, §10).
    #[error("the proof is by another key than the bound one")]
    OtherKey,
}

/// What a proof must be for.
#[derive(Clone, Copy)]
pub struct Expected<'a> {
    /// The method of the request.
    pub method: &'a str,
    /// The path of the endpoint below the issuer.
    pub path: &'a str,
    /// The access token that comes with it, at a protected resource.
    pub access_token: Option<&'a AccessToken>,
}

/// A good proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The thumbprint of its key (RFC 7638): what a token is bound to.
    pub jkt: String,
    /// Its `jti` under its key, hashed.
    replay_key: HandleHash,
    /// When it was made.
    issued_at: Timestamp,
    /// Until when it could be used.
    good_until: Timestamp,
}

/// The names of the algorithms of proofs, for discovery and challenges (RFC 9449 §5.1, §7.1).
pub fn algorithm_names() -> Vec<&'static str> {
    Algorithm::accepted_names(&ALGORITHMS)
}

/// The one proof among the headers, if there is one.
pub fn parse(headers: &[String]) -> Result<Option<&str>, DpopRefusal> {
    match headers {
        [] => Ok(None),
        [proof] => Ok(Some(proof)),
        _ => Err(DpopRefusal::SeveralHeaders),
    }
}

/// Whether a proof is good for a request, here and now (RFC 9449 §4.3). Replay is for the caller to ask.
pub fn decide(
    proof: &str,
    expected: Expected<'_>,
    policy: &Policy,
    now: Timestamp,
) -> Result<Proof, DpopRefusal> {
    let jws = UnverifiedJws::parse(proof, MaxLength(MAX_PROOF))?;
    if jws.typ() != Some(TYPE) {
        return Err(DpopRefusal::WrongType);
    }
    if !ALGORITHMS.contains(&jws.algorithm()) {
        return Err(DpopRefusal::AlgorithmNotAllowed);
    }
    let key = Jwk::from_value(jws.jwk_header().ok_or(DpopRefusal::NoKey)?)?;
    let verified = jws.verify(&key)?;
    let claims = verified.claims();

    if required_string(claims, "htm")? != expected.method {
        return Err(DpopRefusal::WrongMethod);
    }
    let url = normal_url(required_string(claims, "htu")?).ok_or(DpopRefusal::WrongUrl)?;
    // RFC 8705 §5: an endpoint may have a second URL, where certificates are shown.
    if !policy.urls(expected.path).any(|known| normal_url(&known).as_ref() == Some(&url)) {
        return Err(DpopRefusal::WrongUrl);
    }
    let age = decide_time(claims, policy, now)?;
    let jti = required_string(claims, "jti")?;
    if jti.is_empty() || jti.len() > MAX_JTI {
        return Err(DpopRefusal::BadJti);
    }
    if let Some(token) = expected.access_token {
        let token_hash = digest::sha256_base64url(token.expose().as_bytes());
        if !digest::equal(required_string(claims, "ath")?, &token_hash) {
            return Err(DpopRefusal::WrongTokenHash);
        }
    }
    let jkt = key.thumbprint().to_owned();
    Ok(Proof {
        replay_key: HandleHash::of(format!("proof {jkt} {jti}").as_bytes()),
        jkt,
        issued_at: age.issued_at,
        good_until: age.good_until,
    })
}

/// From when to when a proof could be used.
#[derive(Clone, Copy, Debug)]
pub(super) struct Age {
    issued_at: Timestamp,
    good_until: Timestamp,
}

/// RFC 9449 §4.3 items 10 and 11, §11.1: a proof is young, by its own word or by that of our nonce in it.
pub(super) fn decide_time(claims: &Claims, policy: &Policy, now: Timestamp) -> Result<Age, DpopRefusal> {
    let issued_at = Timestamp(required_numeric_date(claims, "iat")?);
    let not_before = numeric_date(claims, "nbf")?.map_or(issued_at, Timestamp);
    if issued_at > now.plus(LEEWAY) || not_before > now.plus(LEEWAY) {
        return Err(DpopRefusal::NotYet);
    }
    if numeric_date(claims, "exp")?.is_some_and(|expires_at| Timestamp(expires_at).plus(LEEWAY) <= now) {
        return Err(DpopRefusal::Expired);
    }
    if let Some(nonces) = &policy.dpop_nonces {
        // The nonce says when the proof can have been made at the earliest, whatever the client's clock says.
        let nonce = string(claims, "nonce")?.ok_or(DpopRefusal::NonceNeeded)?;
        let issued_at = nonces.issued_at(nonce, now).ok_or(DpopRefusal::NonceNeeded)?;
        return Ok(Age { issued_at, good_until: issued_at.plus(nonce::TTL) });
    }
    if issued_at.plus(MAX_AGE) < now {
        return Err(DpopRefusal::TooOld);
    }
    Ok(Age { issued_at, good_until: issued_at.plus(MAX_AGE) })
}

/// Checks the proof of a request, if it has one, and spends it.
pub async fn check(
    provider: &Provider,
    headers: &[String],
    expected: Expected<'_>,
    now: Timestamp,
) -> Result<Option<Proof>, DpopError> {
    let Some(header) = parse(headers)? else {
        return Ok(None);
    };
    let proof = decide(header, expected, &provider.policy, now)?;
    let age = Age { issued_at: proof.issued_at, good_until: proof.good_until };
    spend(provider, &proof.replay_key, &age, now).await?;
    Ok(Some(proof))
}

/// Spends a proof of this age: each is good once (RFC 9449 §11.1).
pub(super) async fn spend(
    provider: &Provider,
    replay_key: &HandleHash,
    age: &Age,
    now: Timestamp,
) -> Result<(), DpopError> {
    if age.issued_at < provider.stores.replays.remembers_since() {
        // A nonce from before the stop is replaced by one of now; a proof without one can only be made later.
        let needs_nonce = provider.policy.dpop_nonces.is_some();
        let refusal = if needs_nonce { DpopRefusal::NonceNeeded } else { DpopRefusal::FromBeforeRestart };
        return Err(refusal.into());
    }
    let first = provider.stores.replays.first_use(replay_key, age.good_until.plus(1), now).await;
    if first.map_err(Fault::from)? { Ok(()) } else { Err(DpopRefusal::Replayed.into()) }
}

/// A proof is refused, or the replay memory has no answer.
#[derive(Debug, thiserror::Error)]
pub enum DpopError {
    /// The proof is not good.
    #[error(transparent)]
    Refused(#[from] DpopRefusal),
    /// A port failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl DpopRefusal {
    /// What the client is told.
    pub const fn code(self) -> ErrorCode {
        match self {
            // The proof may be good, and only this server's memory does not reach back to it.
            Self::FromBeforeRestart => ErrorCode::TemporarilyUnavailable,
            Self::NonceNeeded => ErrorCode::UseDpopNonce,
            Self::SeveralHeaders
            | Self::Missing
            | Self::Jws(_)
            | Self::Claim(_)
            | Self::WrongType
            | Self::AlgorithmNotAllowed
            | Self::NoKey
            | Self::Key(_)
            | Self::WrongMethod
            | Self::WrongUrl
            | Self::TooOld
            | Self::NotYet
            | Self::Expired
            | Self::BadJti
            | Self::WrongTokenHash
            | Self::Replayed
            | Self::OtherKey => ErrorCode::InvalidDpopProof,
        }
    }
}

impl From<DpopRefusal> for Refused {
    fn from(refusal: DpopRefusal) -> Self {
        Self::request(refusal.code(), &refusal)
    }
}

impl DpopError {
    /// The answer, with a nonce where one is needed (RFC 9449 §8).
    pub fn refused(self, provider: &Provider, now: Timestamp) -> Refused {
        match self {
            Self::Refused(refusal) => {
                Refused::from(refusal).with_nonce(provider.policy.dpop_nonces.as_ref(), now)
            }
            Self::Fault(fault) => fault.into(),
        }
    }
}

/// A URL without query and fragment, as a parser writes it: case of scheme and host, default port and dot segments do
/// not matter (RFC 9449 §4.3 item 9, RFC 3986 §6.2.2 and §6.2.3).
fn normal_url(text: &str) -> Option<Url> {
    let mut url = Url::parse(text).ok()?;
    url.set_query(None);
    url.set_fragment(None);
    Some(url)
}

#[cfg(test)]
mod tests;
