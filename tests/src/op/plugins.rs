//! The plugins of a provider in process: a directory that tests change, and what loads it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result};
use esignet_sandbox::signature::Trust;
use esignet_sandbox::{Ceiling, Grant, LoadReport, Manifest, Registry, Source, embed};
use tempfile::TempDir;

/// Plugins that a test can exchange while people log in.
pub struct InProcess {
    /// Where they are.
    pub directory: TempDir,
    /// What the provider asks.
    pub registry: Arc<Registry>,
    pub(super) grants: BTreeMap<String, Grant>,
    pub(super) id_system: Option<String>,
    pub(super) trust: Arc<Trust>,
}

impl InProcess {
    /// Loads what changed.
    pub async fn load(&self) -> LoadReport {
        // As `esignet dev` does; what is signed and what is not is for the real binary (`Site`).
        let trust = self.trust.clone();
        let ceiling = Ceiling::default();
        let source = Source {
            directory: self.directory.path(),
            grants: &self.grants,
            ceiling: &ceiling,
            trust: &trust,
            id_system: self.id_system.as_deref(),
        };
        self.registry.load(source).await
    }

    /// Has the operator grant a plugin this from the next load on.
    pub fn grant(&mut self, id: &str, grant: serde_json::Value) {
        self.grants.insert(id.to_owned(), serde_json::from_value(grant).expect("a grant"));
    }

    /// The file of a plugin.
    pub fn file(&self, id: &str) -> PathBuf {
        self.directory.path().join(format!("{id}.wasm"))
    }

    /// Puts another version of a plugin in the place of the present one, with more in its manifest.
    pub fn put(&self, id: &str, version: &str, more: &str) -> Result<()> {
        put(&self.file(id), version, more)
    }
}

/// Makes a component another version of itself: the same code, another manifest, another digest. It comes into place whole.
pub fn put(file: &std::path::Path, version: &str, more: &str) -> Result<()> {
    let bytes = std::fs::read(file).with_context(|| file.display().to_string())?;
    let manifest = Manifest::text_of(&bytes).context("the component has no manifest")?;
    let lines = manifest.lines().take_while(|line| *line != MORE).map(|line| {
        if line.starts_with("version = ") { format!("version = \"{version}\"") } else { line.to_owned() }
    });
    let manifest = format!("{}\n{MORE}\n{more}\n", lines.collect::<Vec<_>>().join("\n"));
    let draft = file.with_extension("draft");
    std::fs::write(&draft, embed(&bytes, &manifest).context("no component")?)?;
    Ok(std::fs::rename(draft, file)?)
}

/// A component under another id: the same code, another manifest.
pub fn called(id: &str, component: &[u8]) -> Result<Vec<u8>> {
    let manifest = Manifest::text_of(component).context("the component has no manifest")?;
    let lines = manifest
        .lines()
        .map(|line| if line.starts_with("id = ") { format!("id = \"{id}\"") } else { line.to_owned() });
    embed(component, &lines.collect::<Vec<_>>().join("\n")).context("no component")
}

/// Where the part of a manifest begins that [`put`] replaces.
const MORE: &str = "# more";
