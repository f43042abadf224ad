//! What tells people from programs (`esignet:captcha`).

use async_trait::async_trait;

use super::forms::{Answer, Form};
use super::plugin_build::PluginBuild;
use super::plugins::{Caller, PluginError};

/// A question for whoever is at the browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// The form. Its fields are asked together with the identifier.
    pub form: Form,
    /// Opaque; comes back with the answers.
    pub state: Vec<u8>,
}

/// A captcha.
#[async_trait]
pub trait Captcha: Send + Sync {
    /// The plugin's id, as the operator configured it.
    fn id(&self) -> &str;
    /// Which build of it this is.
    fn build(&self) -> PluginBuild {
        PluginBuild::native(self.id())
    }
    /// A new challenge.
    async fn begin(&self, caller: &Caller) -> Result<Challenge, PluginError>;
    /// Judges the answers to a challenge: they passed, or are [`PluginError::Rejected`]. On any other failure nobody gets through.
    async fn verify(&self, caller: &Caller, state: &[u8], answers: Vec<Answer>) -> Result<(), PluginError>;
}
