//! Programs that commands run: cargo for the host, and others, each with one line when it begins and one when it is done.

use std::ffi::OsStr;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::workspace;
use esignet_build::progress;

/// The cargo we run under, at the root of the workspace, without what `cargo run` told us about our own package: build
/// scripts that look at it would run again.
pub(crate) fn cargo<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(arguments).current_dir(workspace::root());
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            cargo.env_remove(name);
        }
    }
    cargo
}

/// Runs a program to its end with its output shown, and fails with `advice` when it fails.
pub(crate) fn run(what: &str, command: &mut Command, advice: &str) -> Result<()> {
    let step = progress::step(what);
    succeed(command, advice)?;
    step.done(what);
    Ok(())
}

/// Runs a program to its end and fails with `advice` when it fails.
pub(crate) fn succeed(command: &mut Command, advice: &str) -> Result<()> {
    let status = command
        .stdin(Stdio::null())
        .status()
        .with_context(|| format!("{} cannot be run", command.get_program().display()))?;
    if !status.success() {
        bail!("{} failed ({status}): {advice}", command.get_program().display());
    }
    Ok(())
}

/// Whether a program is there and answers.
pub(crate) fn is_there(program: &str, argument: &str) -> bool {
    let mut command = Command::new(program);
    command.arg(argument).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Installs Debian packages where that can be done without asking: as root, with `apt-get`. True if they are there now.
pub(crate) fn apt_get_install(packages: &[&str]) -> bool {
    let root = Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout.trim_ascii() == b"0");
    if !root || !is_there("apt-get", "--version") {
        return false;
    }
    let step = progress::step(&format!("apt-get install {}", packages.join(" ")));
    let apt_get = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        command.args(["-qq", "-y", "--no-install-recommends"]).args(arguments);
        command.env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::null()).stdout(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    let install: Vec<&str> = std::iter::once("install").chain(packages.iter().copied()).collect();
    let installed = apt_get(&install) || (apt_get(&["update"]) && apt_get(&install));
    step.done(if installed { "packages installed" } else { "the packages cannot be installed" });
    installed
}
