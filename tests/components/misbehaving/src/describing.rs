//! Misbehaving when the plugin is loaded.

use esignet_sdk::prelude::*;

use crate::{AMR, size};

/// A way to misbehave in `describe`.
pub struct Describing {
    /// What the config key `behaviour` says.
    pub name: &'static str,
    pub(crate) run: fn() -> AuthFactorDescriptor,
}

/// What it can do when it is asked to describe itself.
pub const IN_DESCRIBE: &[Describing] = &[
    Describing { name: "trap-in-describe", run: || std::process::abort() },
    Describing { name: "loop-in-describe", run: || crate::resources::forever() },
    Describing { name: "huge-descriptor", run: || descriptor("B".repeat(size())) },
    Describing { name: "no-factor-in-descriptor", run: || descriptor(String::new()) },
    Describing { name: "markup-in-descriptor", run: || descriptor("<b>OTP</b>".to_owned()) },
];

fn descriptor(factor: String) -> AuthFactorDescriptor {
    AuthFactorDescriptor { factor, amr: vec![AMR.to_owned()], needs_individual: true, attributes: Vec::new() }
}
