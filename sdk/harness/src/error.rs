//! Why a plugin cannot be tested.

use esignet_sandbox::{Finding, SandboxError};

/// Why there is no harness.
#[derive(Debug, thiserror::Error)]
pub enum HarnessError {
    /// The file is no plugin.
    #[error("{0}")]
    NotAPlugin(Finding),
    /// The sandbox refuses the plugin, as a server would.
    #[error("the plugin is not loaded:\n{}", list(.0))]
    Refused(Vec<Finding>),
    /// The plugin has no such role.
    #[error("the plugin has no role {0}: it exports {1}")]
    NoSuchRole(&'static str, String),
    /// The sandbox does not start.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    /// A temporary directory or a thread is not to be had.
    #[error("the harness does not start: {0}")]
    Machine(#[from] std::io::Error),
    /// A key cannot be made up.
    #[error("the key \"{0}\" cannot be made: {1}")]
    Key(String, String),
}

fn list(findings: &[Finding]) -> String {
    findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}
