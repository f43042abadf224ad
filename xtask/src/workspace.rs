//! Where things are: the workspace, its target directory, its guests.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// The root of the workspace: the directory of the `Cargo.toml` that lists the members.
pub(crate) fn root() -> PathBuf {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask).to_path_buf()
}

/// Where build products go: `CARGO_TARGET_DIR`, or `target` in the workspace.
pub(crate) fn target_dir() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(dir) if !dir.is_empty() => std::path::absolute(&dir).unwrap_or_else(|_| PathBuf::from(dir)),
        _ => root().join("target"),
    }
}

/// What a guest is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Shipped: a crate in `plugins/`.
    Plugin,
    /// To begin from: a plugin in `examples/plugins/`.
    Example,
    /// For tests only: a crate in `tests/components/`.
    TestComponent,
}

impl Purpose {
    /// All of them, with the directories that hold their guests.
    pub(crate) const ALL: [(Self, &str); 3] = [
        (Self::Plugin, "plugins"),
        (Self::Example, "examples/plugins"),
        (Self::TestComponent, "tests/components"),
    ];
}

/// A member of the workspace that is built for WebAssembly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Guest {
    /// The directory's name, which names the component: `otp`.
    pub(crate) name: String,
    /// The package: `esignet-plugin-otp`.
    pub(crate) package: String,
    /// Where it is, below the root: `plugins/otp`.
    pub(crate) directory: PathBuf,
    /// The file cargo makes of it, without directory: `esignet_plugin_otp.wasm`.
    pub(crate) module: String,
    /// What it is for.
    pub(crate) purpose: Purpose,
}

/// The guests of the workspace, by name.
pub(crate) fn guests() -> Result<Vec<Guest>> {
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .current_dir(root())
        .output()
        .context("cargo metadata cannot be run")?;
    if !output.status.success() {
        bail!("cargo metadata failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    let metadata = serde_json::from_slice(&output.stdout).context("cargo metadata did not answer in JSON")?;
    Ok(guests_of(&metadata, &root()))
}

fn guests_of(metadata: &Value, root: &Path) -> Vec<Guest> {
    let packages = metadata.get("packages").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let mut guests: Vec<Guest> = packages.iter().filter_map(|package| guest(package, root)).collect();
    guests.sort_by(|a, b| a.name.cmp(&b.name));
    guests
}

fn guest(package: &Value, root: &Path) -> Option<Guest> {
    let directory = Path::new(package.get("manifest_path")?.as_str()?).parent()?.strip_prefix(root).ok()?;
    let parent = directory.parent()?;
    let (purpose, _) = Purpose::ALL.into_iter().find(|(_, holds)| parent == Path::new(holds))?;
    let name = directory.file_name()?.to_str()?.to_owned();
    let package = package.get("name")?.as_str()?.to_owned();
    let module = format!("{}.wasm", package.replace('-', "_"));
    Some(Guest { name, package, directory: directory.to_owned(), module, purpose })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn guests_are_the_crates_of_three_directories_and_named_after_theirs() {
        let metadata = json!({ "packages": [
            { "name": "esignet-plugin-otp", "manifest_path": "/w/plugins/otp/Cargo.toml" },
            { "name": "esignet-component-bad", "manifest_path": "/w/tests/components/bad/Cargo.toml" },
            { "name": "esignet-plugin-hello", "manifest_path": "/w/examples/plugins/hello/Cargo.toml" },
            { "name": "esignet-relying-party", "manifest_path": "/w/examples/relying-party/Cargo.toml" },
            { "name": "esignet-tests", "manifest_path": "/w/tests/Cargo.toml" },
            { "name": "esignet-jose", "manifest_path": "/w/host/jose/Cargo.toml" },
        ]});
        let guests = guests_of(&metadata, Path::new("/w"));
        let seen: Vec<_> = guests.iter().map(|g| (g.name.as_str(), g.module.as_str(), g.purpose)).collect();
        assert_eq!(
            seen,
            [
                ("bad", "esignet_component_bad.wasm", Purpose::TestComponent),
                ("hello", "esignet_plugin_hello.wasm", Purpose::Example),
                ("otp", "esignet_plugin_otp.wasm", Purpose::Plugin)
            ]
        );
    }
}
