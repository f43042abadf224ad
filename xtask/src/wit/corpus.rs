//! `tests/corpus`: components as they were built against a version of the contract, which must run for ever (ADR 0099).
//!
//! `tests/corpus/VERSION` holds those of a released version and never changes; `tests/corpus/draft` those of the contract as it
//! is before its first release, which are built again when it changes.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use super::archive::{Archive, digest};
use crate::plugins;
use crate::workspace;

/// The components that are kept: small, in Rust, and a whole login together.
const KEPT: [(&str, &str); 2] = [("example-plugins", "hello-rust"), ("plugins", "otp")];
/// The directory of what no released version promises.
const DRAFT: &str = "draft";
/// A line for each component: SHA-256 and the name of the file.
const DIGESTS: &str = "digests";

/// Keeps the present components: for the latest released version if there are none for it yet, else for the draft.
pub(super) fn keep(archive: &Archive) -> Result<()> {
    let latest = archive.versions()?.into_keys().next_back();
    let name = latest.map_or_else(|| DRAFT.to_owned(), |version| version.to_string());
    let into = corpus().join(&name);
    if name != DRAFT && into.exists() {
        bail!("tests/corpus/{name} is there: what was built against a released version never changes");
    }
    plugins::build_all()?;
    fs::create_dir_all(&into)?;
    let mut digests = String::new();
    for (kind, plugin) in KEPT {
        let built = workspace::target_dir().join(kind).join(format!("{plugin}.wasm"));
        let bytes = fs::read(&built).with_context(|| format!("{} cannot be read", built.display()))?;
        fs::write(into.join(format!("{plugin}.wasm")), &bytes)?;
        // Writing to a string does not fail.
        let _ = writeln!(digests, "{}  {plugin}.wasm", digest(&bytes));
        println!("tests/corpus/{name}/{plugin}.wasm: {} KiB", bytes.len().div_ceil(1024));
    }
    fs::write(into.join(DIGESTS), digests)?;
    Ok(())
}

fn corpus() -> PathBuf {
    workspace::root().join("tests/corpus")
}
