//! Where build products are: the server, the plugins, the misbehaving components.

use std::path::PathBuf;

use anyhow::{Context, Result};

/// The directory of the profile that this code was built with, such as `target/debug`.
pub fn profile_dir() -> Result<PathBuf> {
    let this = std::env::current_exe().context("this program does not know its own file")?;
    let dir = this.parent().context("this program's file has no directory")?;
    // Test binaries are in `deps`, programs beside it.
    Ok(if dir.ends_with("deps") { dir.parent().unwrap_or(dir).to_path_buf() } else { dir.to_path_buf() })
}

/// A program of this workspace, built with the same profile.
pub fn program(name: &str) -> Result<PathBuf> {
    let file = profile_dir()?.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    anyhow::ensure!(
        file.is_file(),
        "{} is not there: build it with `cargo build --bin {name}`",
        file.display()
    );
    Ok(file)
}

/// A directory of components: `plugins`, `example-plugins` or `test-components`.
fn components(kind: &str) -> Result<PathBuf> {
    let dir = profile_dir()?.parent().context("the profile's directory has no parent")?.join(kind);
    anyhow::ensure!(dir.is_dir(), "{} is not there: build it with `cargo xtask plugins`", dir.display());
    Ok(dir)
}

/// The plugins that are shipped.
pub fn plugins() -> Result<PathBuf> {
    components("plugins")
}

/// The component of a plugin that is shipped.
pub fn plugin(name: &str) -> Result<PathBuf> {
    Ok(plugins()?.join(format!("{name}.wasm")))
}

/// The component of a plugin to begin from.
pub fn example_plugin(name: &str) -> Result<PathBuf> {
    Ok(components("example-plugins")?.join(format!("{name}.wasm")))
}

/// A component that misbehaves.
pub fn test_component(name: &str) -> Result<PathBuf> {
    Ok(components("test-components")?.join(format!("{name}.wasm")))
}
