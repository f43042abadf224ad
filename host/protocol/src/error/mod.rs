//! Refusals: precise inside, registered outside, and a total map between (`house.md` §4).

pub mod code;
pub mod wire;

pub use code::ErrorCode;
pub use wire::{Challenge, Refused};

use crate::client_keys::KeysUnavailable;
use crate::issue::claims::Unopenable;
use crate::issue::nested::EncryptionFailed;
use crate::keys::SigningFailed;
use crate::ports::audit::AuditUnavailable;
use crate::ports::plugins::PluginError;
use crate::ports::store::StoreError;

/// Something other than the request is at fault: a port failed, or we are wrong.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// A store has no answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A plugin has no answer.
    #[error("plugin {plugin}: {error}")]
    Plugin {
        /// The plugin's id.
        plugin: String,
        /// What it said, or what ended it.
        error: PluginError,
    },
    /// No plugin is loaded for what is needed.
    #[error("no plugin is loaded for {0}")]
    NoPlugin(String),
    /// A token cannot be signed.
    #[error("signing failed: {0}")]
    Signing(#[from] SigningFailed),
    /// Something for a client cannot be encrypted.
    #[error("encryption failed: {0}")]
    Encryption(#[from] EncryptionFailed),
    /// Sealed claims do not open.
    #[error(transparent)]
    Claims(#[from] Unopenable),
    /// No randomness came.
    #[error("no randomness")]
    NoEntropy,
    /// The keys of a client are at its `jwks_uri` and cannot be had from there.
    #[error("the keys of the client: {0}")]
    ClientKeys(#[from] KeysUnavailable),
    /// What happens cannot be recorded, and so must not happen.
    #[error(transparent)]
    Audit(#[from] AuditUnavailable),
    /// A record names a client that is no longer registered.
    #[error("client is no longer registered")]
    ClientGone,
}

impl Fault {
    /// What the other side is told: to come again, or that it will not help.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Store(StoreError::Unavailable(_))
            | Self::NoPlugin(_)
            | Self::ClientKeys(_)
            | Self::Audit(_)
            | Self::Plugin { error: PluginError::Unavailable(_) | PluginError::TimedOut(_), .. } => {
                ErrorCode::TemporarilyUnavailable
            }
            Self::Plugin {
                error: PluginError::Rejected(_) | PluginError::Trapped(_) | PluginError::Broken(_),
                ..
            }
            | Self::Store(StoreError::Corrupt(_))
            | Self::Signing(_)
            | Self::Encryption(_)
            | Self::Claims(_)
            | Self::NoEntropy
            | Self::ClientGone => ErrorCode::ServerError,
        }
    }
}
