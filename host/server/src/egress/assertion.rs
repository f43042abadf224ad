//! JWTs that this server signs about itself: as a token for an upstream, and as a client to a token endpoint (RFC 7523).

use std::sync::{Arc, Mutex, PoisonError};

use esignet_jose::base64url::encode_base64url;
use esignet_jose::signing_key::{SignError, SigningKey};
use esignet_protocol::ports::clock::Clock;
use esignet_protocol::ports::entropy::Entropy;
use esignet_protocol::ports::fetch::FetchError;
use serde_json::json;

use super::authorization::Authorization;
use super::watched::Watched;
use crate::system::SystemEntropy;

/// How long before its end a JWT is signed anew, in seconds.
const BEFORE_THE_END: u64 = 30;

/// What a JWT says besides its times.
pub(crate) struct Claims {
    /// `iss`.
    pub(crate) issuer: String,
    /// `sub`.
    pub(crate) subject: String,
    /// `aud`.
    pub(crate) audience: String,
    /// From `iat` to `exp`, in seconds.
    pub(crate) ttl: u64,
}

impl Claims {
    /// The JWT, with a `jti` that no other has (RFC 7519 §4.1.7).
    pub(super) fn signed(&self, key: &SigningKey, now: u64) -> Result<String, SignError> {
        let mut jti = [0; 16];
        SystemEntropy::new().fill(&mut jti);
        let claims = json!({
            "iss": self.issuer,
            "sub": self.subject,
            "aud": self.audience,
            "iat": now,
            "exp": now.saturating_add(self.ttl),
            "jti": encode_base64url(jti),
        });
        key.sign_claims("JWT", &claims)
    }
}

/// A JWT as a bearer token, signed anew before the last one ends and whenever the key's file changes.
pub(crate) struct SignedToken {
    key: Watched<SigningKey>,
    claims: Claims,
    clock: Arc<dyn Clock>,
    held: Mutex<Option<Held>>,
}

struct Held {
    key: Arc<SigningKey>,
    until: u64,
    authorization: Arc<Authorization>,
}

impl SignedToken {
    /// Nothing is signed before it is needed.
    pub(crate) fn new(key: Watched<SigningKey>, claims: Claims, clock: Arc<dyn Clock>) -> Self {
        Self { key, claims, clock, held: Mutex::new(None) }
    }

    /// The token to use now.
    pub(super) fn current(&self) -> Result<Arc<Authorization>, FetchError> {
        let (key, now) = (self.key.current(), self.clock.now().0);
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(held) = held.as_ref().filter(|held| Arc::ptr_eq(&held.key, &key) && now < held.until) {
            return Ok(Arc::clone(&held.authorization));
        }
        let token = self.claims.signed(&key, now).map_err(|_| not_signed())?;
        let authorization = Arc::new(Authorization::bearer(&token).map_err(|_| not_signed())?);
        let until = now.saturating_add(self.claims.ttl).saturating_sub(BEFORE_THE_END);
        *held = Some(Held { key, until, authorization: Arc::clone(&authorization) });
        Ok(authorization)
    }
}

/// No key of ours fails to sign; a plugin would not know what to do with more words.
fn not_signed() -> FetchError {
    tracing::error!("egress: a token for an upstream was not signed");
    FetchError::Unreachable("the host could not log in to the upstream".to_owned())
}
