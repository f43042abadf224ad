//! `private_key_jwt` (OIDC Core §9, RFC 7523 §2.2 and §3, FAPI 2.0 SP §5.3.2.1).

use esignet_jose::jwk::JwkSet;
use esignet_jose::jws::{JwsError, MaxLength, UnverifiedJws};
use esignet_jose::jwt::{
    Audience, ClaimError, audience, numeric_date, required_numeric_date, required_string, string,
};

use crate::client::{Client, Profile};
use crate::client_keys::Wanted;
use crate::endpoint::path;
use crate::policy::Policy;
use crate::word::time::Timestamp;

/// The only `client_assertion_type` (RFC 7523 §2.2).
pub const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The largest assertion, in bytes.
const MAX_ASSERTION: usize = 8 * 1024;
/// The longest `jti`, in bytes (`protocol.md` 18).
const MAX_JTI: usize = 1024;
/// How far a client's clock may be off, in seconds.
const LEEWAY: u64 = 10;
/// The longest life of an assertion, in seconds (`protocol.md` 18).
const fn max_life(profile: Profile) -> u64 {
    match profile {
        Profile::Interop => 3_600,
        Profile::Fapi2 | Profile::Fapi2MessageSigning => 300,
    }
}

/// Why an assertion is not good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AssertionRefusal {
    /// RFC 7523 §2.2.
    #[error("client_assertion_type is not {ASSERTION_TYPE}")]
    WrongAssertionType,
    /// The parameter is missing.
    #[error("client_assertion is missing")]
    Missing,
    /// It is no JWS that is taken here, or its signature does not verify.
    #[error(transparent)]
    Jws(#[from] JwsError),
    /// A claim is missing or of the wrong type.
    #[error(transparent)]
    Claim(#[from] ClaimError),
    /// `typ` says it is something else: a DPoP proof, a request object, an access token (RFC 8725 §3.11).
    #[error("typ says that the JWT is for something else")]
    WrongType,
    /// Not one of the algorithms for client authentication.
    #[error("alg is not allowed for client authentication")]
    AlgorithmNotAllowed,
    /// No registered key fits `kid` and `alg`.
    #[error("no registered key fits kid and alg")]
    NoKey,
    /// RFC 7523 §3: `iss` and `sub` are the client_id.
    #[error("iss and sub are not both the client_id")]
    NotTheClient,
    /// FAPI 2.0 SP §5.3.2.1: `aud` is the issuer, as a string.
    #[error("aud is not the issuer as a single string")]
    WrongAudience,
    /// RFC 7523 §3.
    #[error("the assertion has expired")]
    Expired,
    /// It would be good for longer than the profile allows.
    #[error("exp is further ahead than the profile of the client allows")]
    TooLong,
    /// `iat` or `nbf` is ahead of our clock.
    #[error("iat or nbf is in the future")]
    NotYet,
    /// `jti` is empty or longer than 1 KB.
    #[error("jti is empty or too long")]
    BadJti,
    /// It was used before.
    #[error("the assertion was used before")]
    Replayed,
    /// It is older than what the replay memory can tell after an unclean stop.
    #[error("the assertion is from before the server's last start")]
    FromBeforeRestart,
}

/// An assertion whose signature nobody has checked.
pub struct UnverifiedAssertion<'a> {
    jws: UnverifiedJws<'a>,
    claimed_client: String,
}

/// What must be remembered of a good assertion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcceptedAssertion {
    /// Unique per client.
    pub jti: String,
    /// Before when it cannot have been taken.
    pub issued_at: Timestamp,
    /// Until when it could be replayed.
    pub replay_until: Timestamp,
}

impl<'a> UnverifiedAssertion<'a> {
    /// Reads the two parameters.
    pub fn parse(kind: Option<&str>, assertion: Option<&'a str>) -> Result<Self, AssertionRefusal> {
        if kind != Some(ASSERTION_TYPE) {
            return Err(AssertionRefusal::WrongAssertionType);
        }
        let jws =
            UnverifiedJws::parse(assertion.ok_or(AssertionRefusal::Missing)?, MaxLength(MAX_ASSERTION))?;
        let claimed_client = required_string(&jws.unverified_claims()?, "sub")?.to_owned();
        Ok(Self { jws, claimed_client })
    }

    /// Whose it says it is: good for finding the key, for nothing else.
    pub fn claimed_client(&self) -> &str {
        &self.claimed_client
    }

    /// The key that its signature asks for.
    pub fn wanted_key(&self) -> Wanted<'_> {
        Wanted::Verifying { kid: self.jws.key_id(), algorithm: self.jws.algorithm() }
    }

    /// Whether it authenticates `client`, whose keys these are, here and now. Replay is for the caller to ask.
    pub fn decide(
        &self,
        client: &Client,
        keys: &JwkSet,
        policy: &Policy,
        now: Timestamp,
    ) -> Result<AcceptedAssertion, AssertionRefusal> {
        let typ_fits = self.jws.typ().is_none()
            || self.jws.is_typed("JWT")
            || self.jws.is_typed("client-authentication+jwt");
        if !typ_fits {
            return Err(AssertionRefusal::WrongType);
        }
        let algorithm = self.jws.algorithm();
        if !client.assertion_algorithms().any(|allowed| allowed == algorithm) {
            return Err(AssertionRefusal::AlgorithmNotAllowed);
        }
        let keys = keys.find(self.jws.key_id(), algorithm);
        let verified = self.jws.verify_any(keys).map_err(|error| {
            if error == JwsError::KeyMismatch {
                AssertionRefusal::NoKey
            } else {
                AssertionRefusal::Jws(error)
            }
        })?;
        let claims = verified.claims();

        let id = Some(client.client_id.as_str());
        if string(claims, "iss")? != id || string(claims, "sub")? != id {
            return Err(AssertionRefusal::NotTheClient);
        }
        if !audience(claims)?.is_some_and(|audience| is_us(&audience, client.profile, policy)) {
            return Err(AssertionRefusal::WrongAudience);
        }
        let max_life = max_life(client.profile);
        let expires_at = Timestamp(required_numeric_date(claims, "exp")?);
        if expires_at.plus(LEEWAY) <= now {
            return Err(AssertionRefusal::Expired);
        }
        if expires_at > now.plus(max_life + LEEWAY) {
            return Err(AssertionRefusal::TooLong);
        }
        let issued_at = numeric_date(claims, "iat")?.map(Timestamp);
        let not_before = numeric_date(claims, "nbf")?.map(Timestamp);
        if [issued_at, not_before].into_iter().flatten().any(|at| at > now.plus(LEEWAY)) {
            return Err(AssertionRefusal::NotYet);
        }
        let jti = required_string(claims, "jti")?;
        if jti.is_empty() || jti.len() > MAX_JTI {
            return Err(AssertionRefusal::BadJti);
        }
        Ok(AcceptedAssertion {
            jti: jti.to_owned(),
            // It was not taken before the later of the two, less the leeway, which the replay memory counts in.
            issued_at: issued_at.max(not_before).unwrap_or_else(|| expires_at.minus(max_life + LEEWAY)),
            replay_until: expires_at.plus(LEEWAY + 1),
        })
    }
}

/// FAPI 2.0 SP §5.3.2.1 item 6: the issuer, as a string and nothing else, so that no other server can be sent an assertion
/// for us. Older libraries send the URL of the endpoint, which is taken of `interop` clients (`protocol.md` 17).
fn is_us(audience: &Audience<'_>, profile: Profile, policy: &Policy) -> bool {
    let Audience::One(audience) = audience else { return false };
    let is_endpoint = || {
        [path::TOKEN, path::PUSHED_AUTHORIZATION]
            .into_iter()
            .flat_map(|path| policy.urls(path))
            .any(|url| url == *audience)
    };
    *audience == policy.issuer.as_str() || (profile == Profile::Interop && is_endpoint())
}

#[cfg(test)]
mod tests;
