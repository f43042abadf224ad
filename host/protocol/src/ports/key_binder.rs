//! What binds keys of wallets and devices to people (`esignet:key-binder`).

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::plugin_build::PluginBuild;
use super::plugins::{Caller, PluginError};

/// What a key binder is (`esignet:key-binder/descriptor`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyBinderDescriptor {
    /// JWS algorithms whose keys it binds.
    pub algorithms: Vec<String>,
    /// Formats of what it answers: "x509-pem", "jwt".
    pub formats: Vec<String>,
}

/// Who signed in, and how well (`esignet:key-binder/person`). Personal data: no `Debug`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The ID system's stable name for the person.
    pub subject: String,
    /// What the ID system answered at the login, when the binder is this same plugin; else empty.
    #[serde(with = "crate::word::bytes")]
    pub continuation: Vec<u8>,
    /// What the login reached.
    pub acr: String,
    /// The methods that were used.
    pub amr: Vec<String>,
    /// Seconds since 1970-01-01 UTC.
    pub authenticated_at: u64,
}

/// What became of a key (`esignet:key-binder/binding`).
#[derive(Clone, PartialEq, Eq)]
pub struct Binding {
    /// One of the formats of the descriptor.
    pub format: String,
    /// The certificate chain or the JWT.
    pub credential: String,
    /// Names the binding to the ID system.
    pub id: String,
    /// Seconds since 1970-01-01 UTC.
    pub expires_at: u64,
}

/// Binds keys to people who have just signed in.
#[async_trait]
pub trait KeyBinder: Send + Sync {
    /// The plugin's id, as the operator configured it.
    fn id(&self) -> &str;
    /// Which build of it this is.
    fn build(&self) -> PluginBuild {
        PluginBuild::native(self.id())
    }
    /// What it said of itself when it was loaded.
    fn descriptor(&self) -> &KeyBinderDescriptor;
    /// Binds a key whose possession was shown to the host. The same key for the same person is bound anew.
    async fn bind(&self, caller: &Caller, person: &Person, public_jwk: &str) -> Result<Binding, PluginError>;
}
