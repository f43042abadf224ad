//! Where signing keys come from.

use async_trait::async_trait;
use esignet_jose::algorithm::Algorithm;
use esignet_jose::signing_key::{KeyError, SigningKey};

/// Makes signing keys. It may take long (RSA), so it must not hold up anybody else.
#[async_trait]
pub trait KeySource: Send + Sync {
    /// A key that never was before.
    async fn generate(&self, algorithm: Algorithm) -> Result<SigningKey, KeyError>;
}
