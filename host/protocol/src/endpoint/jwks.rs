//! The JWK set (RFC 7517 §5, OIDC Core §10.1.1): public keys that verify what this server signs.

use serde_json::Value;

use crate::provider::Provider;

/// The document.
pub fn document(provider: &Provider) -> &Value {
    provider.keys.jwks()
}
