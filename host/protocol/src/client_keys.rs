//! The public keys of a client: registered by value, or published at its `jwks_uri` (OIDC Registration §2, OIDC Core
//! §10.1.1, `protocol.md` 4).
//!
//! What was read is kept as long as its server allows, within bounds; one reading serves all who wait for it. A key that
//! is wanted and not there is the mark of a rollover and leads to one more reading, at most every
//! thirty seconds. When a reading fails, what was read before stays good for a bounded time.

mod cache;

use std::ops::Deref;
use std::sync::Arc;

use esignet_jose::algorithm::Algorithm;
use esignet_jose::jwe::KeyManagement;
use esignet_jose::jwk::{JwkError, JwkSet};
use esignet_jose::jws::{MaxLength, UnverifiedJws};

use crate::client::Client;
use crate::error::Fault;
use crate::issue::nested::{Encryption, EncryptionFailed};
use crate::ports::fetch::FetchRefusal;
use crate::provider::Provider;
use crate::word::time::Timestamp;
pub use cache::FetchedKeys;

/// What a key is wanted for: a set without it may be out of date.
#[derive(Clone, Copy)]
pub enum Wanted<'a> {
    /// To verify a signature (RFC 7515 §4.1.4).
    Verifying {
        /// The `kid` of its header.
        kid: Option<&'a str>,
        /// The `alg` of its header.
        algorithm: Algorithm,
    },
    /// To encrypt to.
    Encrypting(KeyManagement),
    /// To find what only the caller can tell, such as the key of a certificate (RFC 8705 §2.2).
    Satisfying(&'a (dyn Fn(&JwkSet) -> bool + Sync)),
}

impl Wanted<'_> {
    fn is_in(self, set: &JwkSet) -> bool {
        match self {
            Self::Verifying { kid, algorithm } => set.find(kid, algorithm).next().is_some(),
            Self::Encrypting(algorithm) => set.encrypts(algorithm),
            Self::Satisfying(is_there) => is_there(set),
        }
    }
}

/// The keys of a client. They need not hold what was wanted.
#[derive(Clone, Debug)]
pub enum ClientKeys {
    /// By value.
    Registered(Arc<Client>),
    /// As they were read at its `jwks_uri`.
    Fetched(Arc<JwkSet>),
}

impl Deref for ClientKeys {
    type Target = JwkSet;

    fn deref(&self) -> &JwkSet {
        match self {
            Self::Registered(client) => &client.jwks,
            Self::Fetched(keys) => keys,
        }
    }
}

/// Why there are no keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeysUnavailable {
    /// The document cannot be read.
    #[error("jwks_uri cannot be read: {0}")]
    Fetch(#[from] FetchRefusal),
    /// The document is no set of public keys (RFC 7517 §5).
    #[error("what is at jwks_uri is not a JWK set: {0}")]
    NotAJwkSet(#[from] JwkError),
    /// The document is not UTF-8.
    #[error("what is at jwks_uri is not text")]
    NotText,
}

/// The keys of a client now, read anew if what is wanted is not among those that are known.
pub async fn of(
    provider: &Provider,
    client: &Arc<Client>,
    wanted: Wanted<'_>,
    now: Timestamp,
) -> Result<ClientKeys, Fault> {
    let Some(uri) = &client.jwks_uri else { return Ok(ClientKeys::Registered(Arc::clone(client))) };
    let keys = provider.client_keys.at(&client.client_id, uri, wanted, now).await?;
    Ok(ClientKeys::Fetched(keys))
}

/// The keys of a client for a JWT that it may have sent, such as a request object. Without one nothing is read; what is no
/// JWT is for its own check to refuse.
pub async fn for_jwt(
    provider: &Provider,
    client: &Arc<Client>,
    jwt: Option<&str>,
    now: Timestamp,
) -> Result<ClientKeys, Fault> {
    let jws = jwt.and_then(|jwt| UnverifiedJws::parse(jwt, MaxLength(jwt.len())).ok());
    let Some(jws) = jws else { return Ok(ClientKeys::Registered(Arc::clone(client))) };
    of(provider, client, Wanted::Verifying { kid: jws.key_id(), algorithm: jws.algorithm() }, now).await
}

/// The keys of a client to encrypt to, if it has anything encrypted: the key is there, or this is an error.
pub async fn for_encryption(
    provider: &Provider,
    client: &Arc<Client>,
    encryption: Option<Encryption>,
    now: Timestamp,
) -> Result<ClientKeys, Fault> {
    let Some(Encryption { alg, .. }) = encryption else {
        return Ok(ClientKeys::Registered(Arc::clone(client)));
    };
    let keys = of(provider, client, Wanted::Encrypting(alg), now).await?;
    if keys.encrypts(alg) { Ok(keys) } else { Err(EncryptionFailed::NoKey(alg).into()) }
}

#[cfg(test)]
mod tests;
