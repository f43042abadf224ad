//! The JWK set (RFC 7517 §5, OIDC Core §10.1.1): public keys that verify what this server signs.

use std::sync::Arc;

use serde_json::Value;

use crate::provider::Provider;

/// The document. It may be kept for [`KeyPolicy::jwks_max_age`](crate::keys::KeyPolicy::jwks_max_age) seconds and no longer.
pub fn document(provider: &Provider) -> Arc<Value> {
    provider.keys.jwks(provider.now())
}
