//! `cargo xtask plugins`: every guest of the workspace as a WebAssembly component.
//!
//! Cargo builds the guests in one go, with profile `plugin`, into a target directory of their own; `wit-component` makes
//! components of them. A component whose content did not change is not written again, so nothing that depends on it is
//! built again either.

mod toolchain;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use wasm_encoder::{ComponentSection as _, CustomSection};
use wit_component::ComponentEncoder;

use crate::progress;
use crate::workspace::{self, Guest, Purpose};
use toolchain::{TARGET, Toolchain};

/// The custom section that the host reads the manifest of a plugin from.
const MANIFEST: &str = "esignet:manifest";

/// Where the components are.
#[derive(Clone, Debug)]
pub(crate) struct Components {
    /// Holds one `.wasm` for each crate in `plugins/`.
    pub(crate) plugins: PathBuf,
    /// Holds one `.wasm` for each crate in `tests/components/`.
    pub(crate) test_components: PathBuf,
}

impl Components {
    fn under(out: &Path) -> Self {
        Self { plugins: out.join("plugins"), test_components: out.join("test-components") }
    }

    fn file(&self, guest: &Guest) -> PathBuf {
        let dir = match guest.purpose {
            Purpose::Plugin => &self.plugins,
            Purpose::TestComponent => &self.test_components,
        };
        dir.join(format!("{}.wasm", guest.name))
    }
}

/// The command: builds all guests, into `--out DIR` or the target directory.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        [] => build(),
        ["--out", dir] => build_into(Path::new(dir)),
        _ => bail!("unknown arguments `{}`; it takes --out DIR or nothing", arguments.join(" ")),
    }
    .map(drop)
}

/// Builds all guests into `<target>/plugins` and `<target>/test-components`.
pub(crate) fn build() -> Result<Components> {
    build_into(&workspace::target_dir())
}

fn build_into(out: &Path) -> Result<Components> {
    let guests = workspace::guests()?;
    let modules = compile(&guests)?;
    let components = Components::under(out);
    let step = progress::step("components");
    let mut changed = Vec::new();
    for guest in &guests {
        let file = components.file(guest);
        let component = componentise(&modules.join(&guest.module), guest)
            .with_context(|| format!("plugin {}", guest.name))?;
        if write_if_changed(&file, &component)? {
            changed.push(format!("{} {} KB", guest.name, component.len().div_ceil(1024)));
        }
    }
    let outcome = if changed.is_empty() { "none changed".to_owned() } else { changed.join(", ") };
    step.done(&format!("{} components in {}: {outcome}", guests.len(), out.display()));
    Ok(components)
}

/// Builds the guests' modules and answers with the directory that holds them.
fn compile(guests: &[Guest]) -> Result<PathBuf> {
    let toolchain = Toolchain::find()?;
    let target_dir = workspace::target_dir().join("guests");
    let step = progress::step(&format!("{} guests for {TARGET}, with {}", guests.len(), toolchain.name()));
    let mut cargo = toolchain.cargo_build();
    cargo.args(["--quiet", "--profile", "plugin", "--target-dir"]).arg(&target_dir);
    for guest in guests {
        cargo.args(["--package", &guest.package]);
    }
    without_cargo_of_xtask(&mut cargo);
    cargo.env("CARGO_ENCODED_RUSTFLAGS", rustflags()).env_remove("RUSTFLAGS").current_dir(workspace::root());
    let status =
        cargo.status().with_context(|| format!("{} cannot be run", cargo.get_program().display()))?;
    if !status.success() {
        bail!("the guests do not build: see the compiler's messages above");
    }
    step.done("guests built");
    Ok(target_dir.join(TARGET).join("plugin"))
}

/// What `cargo run` tells xtask about its own package means nothing to the guests, and would have them built again.
fn without_cargo_of_xtask(cargo: &mut Command) {
    for (name, _) in std::env::vars_os() {
        let name_text = name.to_string_lossy();
        if name_text.starts_with("CARGO_PKG_") || name_text.starts_with("CARGO_MANIFEST_") {
            cargo.env_remove(name);
        }
    }
}

/// Compiler flags that keep this machine's paths out of the components, so that they are the same wherever they are built.
fn rustflags() -> OsString {
    let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let cargo_home = std::env::var_os("CARGO_HOME").map_or_else(|| home.join(".cargo"), PathBuf::from);
    let mut flags = OsString::new();
    for (from, to) in [(workspace::root(), "/esignet"), (cargo_home, "/cargo")] {
        if !flags.is_empty() {
            flags.push("\u{1f}");
        }
        flags.push("--remap-path-prefix=");
        flags.push(from);
        flags.push("=");
        flags.push(to);
    }
    flags
}

/// A component of the module that cargo built, with its manifest.
fn componentise(module: &Path, guest: &Guest) -> Result<Vec<u8>> {
    let bytes = fs::read(module).with_context(|| format!("{} cannot be read", module.display()))?;
    let mut component = ComponentEncoder::default()
        .module(&bytes)
        .and_then(|encoder| encoder.validate(true).encode())
        .with_context(|| format!("{} does not make a component", module.display()))?;
    let manifest = workspace::root().join(&guest.directory).join("plugin.toml");
    let manifest = fs::read(&manifest).with_context(|| format!("{} cannot be read", manifest.display()))?;
    CustomSection { name: MANIFEST.into(), data: manifest.into() }.append_to_component(&mut component);
    Ok(component)
}

/// Writes the file unless it holds just that; true if it wrote. A reader sees the old file or the new one whole.
fn write_if_changed(file: &Path, content: &[u8]) -> Result<bool> {
    if fs::read(file).is_ok_and(|present| present == content) {
        return Ok(false);
    }
    let dir = file.parent().context("a component's file has no directory")?;
    fs::create_dir_all(dir).with_context(|| format!("{} cannot be created", dir.display()))?;
    let unfinished = file.with_extension("wasm.unfinished");
    fs::write(&unfinished, content)
        .and_then(|()| fs::rename(&unfinished, file))
        .with_context(|| format!("{} cannot be written", file.display()))?;
    Ok(true)
}
