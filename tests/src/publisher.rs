//! A publisher of plugins, with a key that is the same in every run.

use anyhow::{Context, Result};
use esignet_sandbox::signature::minisign::{KeyId, Prehash, Signer};
use esignet_sandbox::signature::section;
use esignet_sandbox::{Manifest, embed};

/// The version of the plugins that are shipped, which it signs them as.
pub const VERSION: &str = "0.1.0";

/// Somebody who signs plugins.
pub struct Publisher(Signer);

impl Publisher {
    /// The one whose key follows from a number.
    pub fn new(number: u8) -> Self {
        Self(Signer::new(KeyId([number; 8]), &[number; 32]).expect("any seed makes a key"))
    }

    /// Its public key.
    pub fn public_key(&self) -> String {
        self.0.public_key().to_string()
    }

    /// A component with its signature at the end, besides those that are there. Its manifest says the same version.
    pub fn sign(&self, component: &[u8], id: &str, version: &str) -> Result<Vec<u8>> {
        let component = versioned(component, version);
        let split = section::split(&component).context("a component")?;
        let signature = self.0.sign(&Prehash::of(split.signed), &format!("id:{id} version:{version}"));
        let before = split.signatures.iter().map(ToString::to_string);
        let signatures: Vec<String> = before.chain([signature.context("a comment")?.to_string()]).collect();
        Ok(section::append(split.signed, &signatures))
    }
}

/// The component with another version in its manifest, if it has another.
fn versioned(component: &[u8], version: &str) -> Vec<u8> {
    let line = format!("version = \"{version}\"");
    let Some(manifest) = Manifest::text_of(component).filter(|text| !text.contains(&line)) else {
        return component.to_vec();
    };
    let manifest: String = manifest
        .lines()
        .map(|was| if was.starts_with("version = ") { format!("{line}\n") } else { format!("{was}\n") })
        .collect();
    embed(component, &manifest).unwrap_or_else(|| component.to_vec())
}
