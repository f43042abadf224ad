//! `cargo xtask plugins`: every guest of the workspace as a WebAssembly component.
//!
//! Guests in Rust cargo builds in one go, with profile `plugin`, into a target directory of their own; guests in JavaScript
//! and Python `esignet-build` makes one by one, and not again while their files are the same. A component whose content did
//! not change is not written again, so nothing that depends on it is built again either.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use esignet_build::progress;
use esignet_build::toolchain::{TARGET, Toolchain};
use esignet_build::{Language, Project, componentise, with_manifest, write_if_changed};

use crate::workspace::{self, Guest, Purpose};

/// Where the components are.
#[derive(Clone, Debug)]
pub(crate) struct Components {
    /// Holds one `.wasm` for each directory in `plugins/`.
    pub(crate) plugins: PathBuf,
    /// Holds one `.wasm` for each directory in `examples/plugins/`.
    examples: PathBuf,
    /// Holds one `.wasm` for each directory in `tests/components/`.
    for_tests: PathBuf,
}

impl Components {
    fn under(out: &Path) -> Self {
        let at = |directory: &str| out.join(directory);
        Self { plugins: at("plugins"), examples: at("example-plugins"), for_tests: at("test-components") }
    }

    fn file(&self, purpose: Purpose, name: &str) -> PathBuf {
        let dir = match purpose {
            Purpose::Plugin => &self.plugins,
            Purpose::Example => &self.examples,
            Purpose::TestComponent => &self.for_tests,
        };
        dir.join(format!("{name}.wasm"))
    }
}

/// The command: builds all guests, into `--out DIR` or the target directory.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        [] => build_all(),
        ["--out", dir] => build_all_into(Path::new(dir)),
        _ => bail!("unknown arguments `{}`; it takes --out DIR or nothing", arguments.join(" ")),
    }
    .map(drop)
}

/// Builds what is written in Rust, which is all that the demo and the measurement run.
pub(crate) fn build() -> Result<Components> {
    let components = Components::under(&workspace::target_dir());
    build_rust(&components)?;
    Ok(components)
}

/// Builds all guests into `<target>/plugins`, `<target>/example-plugins` and `<target>/test-components`.
pub(crate) fn build_all() -> Result<Components> {
    build_all_into(&workspace::target_dir())
}

fn build_all_into(out: &Path) -> Result<Components> {
    let components = Components::under(out);
    build_rust(&components)?;
    build_scripts(&components)?;
    Ok(components)
}

fn build_rust(components: &Components) -> Result<()> {
    let guests = workspace::guests()?;
    let modules = compile(&guests)?;
    let step = progress::step("components");
    let mut changed = Vec::new();
    for guest in &guests {
        let project = Project::open(&workspace::root().join(&guest.directory))?;
        let mut component = componentise(&modules.join(&guest.module))?;
        if let Some(manifest) = &project.manifest {
            component = with_manifest(component, manifest);
        }
        if write_if_changed(&components.file(guest.purpose, &guest.name), &component)? {
            changed.push(format!("{} {} KB", guest.name, component.len().div_ceil(1024)));
        }
    }
    step.done(&outcome(guests.len(), &changed));
    Ok(())
}

/// Builds what is written in JavaScript and Python.
fn build_scripts(components: &Components) -> Result<()> {
    let projects = scripts()?;
    let step = progress::step(&format!("{} guests in JavaScript and Python", projects.len()));
    let mut changed = Vec::new();
    for (purpose, project) in &projects {
        let built = esignet_build::build(project, &workspace::target_dir().join("guests/scripts"))?;
        let written = write_if_changed(&components.file(*purpose, &project.name), &built.component)?;
        if written || built.made_now {
            changed.push(format!("{} {} KB", project.name, built.component.len().div_ceil(1024)));
        }
    }
    step.done(&outcome(projects.len(), &changed));
    Ok(())
}

fn outcome(count: usize, changed: &[String]) -> String {
    let changed = if changed.is_empty() { "none changed".to_owned() } else { changed.join(", ") };
    format!("{count} components: {changed}")
}

/// The guests in JavaScript and Python, which cargo knows nothing of.
fn scripts() -> Result<Vec<(Purpose, Project)>> {
    let mut projects = Vec::new();
    for (purpose, holds) in Purpose::ALL {
        let directory = workspace::root().join(holds);
        let entries = fs::read_dir(&directory).with_context(|| format!("{holds} cannot be listed"))?;
        let mut places: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        places.sort();
        for place in places.into_iter().filter(|place| place.join("plugin.toml").is_file()) {
            let project = Project::open(&place)?;
            if project.language != Language::Rust {
                projects.push((purpose, project));
            }
        }
    }
    Ok(projects)
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
