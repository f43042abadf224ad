//! A publisher of plugins, with a key that is the same in every run.

use std::path::Path;

use anyhow::{Context, Result};
use esignet_sandbox::signature::minisign::{KeyId, Prehash, Signer};
use esignet_sandbox::signature::section;

/// The version that it signs plugins as.
pub const VERSION: &str = "1.2.0";

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

    /// A component with its signature at the end, besides those that are there.
    pub fn sign(&self, component: &[u8], id: &str, version: &str) -> Result<Vec<u8>> {
        let split = section::split(component).context("a component")?;
        let signature = self.0.sign(&Prehash::of(split.signed), &format!("id:{id} version:{version}"));
        let before = split.signatures.iter().map(ToString::to_string);
        let signatures: Vec<String> = before.chain([signature.context("a comment")?.to_string()]).collect();
        Ok(section::append(split.signed, &signatures))
    }

    /// Puts every plugin of a directory into another, signed.
    pub fn sign_all(&self, from: &Path, to: &Path) -> Result<()> {
        std::fs::create_dir_all(to)?;
        for entry in std::fs::read_dir(from)? {
            let file = entry?.path();
            let id = file.file_stem().and_then(|stem| stem.to_str()).context("the id of a plugin")?;
            if file.extension().is_some_and(|end| end == "wasm") {
                let signed = self.sign(&std::fs::read(&file)?, id, VERSION)?;
                std::fs::write(to.join(format!("{id}.wasm")), signed)?;
            }
        }
        Ok(())
    }
}
