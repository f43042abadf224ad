//! `cargo xtask demo`: everything from a fresh clone to a sign-in button, with one command.
//!
//! `--check` does the same on free ports and then signs in by itself, which is how a machine finds out whether the demo
//! works.

mod check;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::cargo::{self, cargo};
use crate::plugins;
use crate::workspace;

pub(crate) use check::{Demo, check};

/// What the command takes, for the help.
pub(crate) const ARGUMENTS: &str = "[--check] [--json FILE] [--port N] [--rp-port N]";

/// The plugins that are shown.
const DEMONSTRATED: [&str; 4] = ["mock-identity", "otp", "password", "pin"];

/// Where the built parts are.
pub(crate) struct Built {
    /// The plugins of the demonstration.
    plugins: PathBuf,
    /// The programs.
    programs: PathBuf,
}

impl Built {
    /// Parts that another command has just built with the usual profile.
    pub(crate) fn already(plugins: &Path) -> Result<Self> {
        let target = workspace::target_dir();
        Ok(Self { plugins: demonstrated(plugins, &target)?, programs: target.join("debug") })
    }

    fn program(&self, name: &str) -> Command {
        Command::new(self.programs.join(format!("{name}{}", std::env::consts::EXE_SUFFIX)))
    }

    /// `esignet dev` over the built plugins.
    fn dev(&self) -> Command {
        let mut dev = self.program("esignet");
        dev.arg("dev").arg("--plugins").arg(&self.plugins);
        dev
    }
}

/// A directory with the shipped plugins that need no word of an operator: the others would be refused, and say so in red.
fn demonstrated(plugins: &Path, target: &Path) -> Result<PathBuf> {
    let directory = target.join("demo-plugins");
    std::fs::create_dir_all(&directory)
        .with_context(|| format!("{} cannot be created", directory.display()))?;
    for plugin in DEMONSTRATED {
        let name = format!("{plugin}.wasm");
        let (from, to) = (plugins.join(&name), directory.join(&name));
        std::fs::copy(&from, to).with_context(|| format!("{} cannot be copied", from.display()))?;
    }
    Ok(directory)
}

/// The command.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let options = Options::parse(arguments)?;
    let built = build()?;
    if options.check {
        return check(&built, options.json.as_deref());
    }
    let mut dev = built.dev();
    if let Some(json) = &options.json {
        dev.arg("--json").arg(json);
    }
    for (name, value) in [("--port", &options.port), ("--rp-port", &options.rp_port)] {
        if let Some(value) = value {
            dev.arg(name).arg(value);
        }
    }
    serve(dev)
}

/// Becomes the demo, so that whoever started this command ends the demo with it.
#[cfg(unix)]
fn serve(mut dev: Command) -> Result<()> {
    use std::os::unix::process::CommandExt;
    Err(dev.exec()).context("esignet cannot be run")
}

/// Runs the demo until it is interrupted; the interrupt reaches it too.
#[cfg(not(unix))]
fn serve(mut dev: Command) -> Result<()> {
    let status = dev.status().context("esignet cannot be run")?;
    if status.success() {
        return Ok(());
    }
    bail!("`esignet dev` ended with {status}: its own message is above")
}

/// Builds the plugins, the server and the program that signs in: always both, since cargo builds what they share anew for
/// each choice of packages.
fn build() -> Result<Built> {
    let components = plugins::build()?;
    let mut build = cargo(["build", "--bins", "--package", "esignet", "--package", "esignet-tests"]);
    let what = "the server (the first build takes some minutes)";
    cargo::run(what, &mut build, "see the compiler's messages above")?;
    Built::already(&components.plugins)
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Options {
    check: bool,
    json: Option<PathBuf>,
    port: Option<String>,
    rp_port: Option<String>,
}

impl Options {
    fn parse(arguments: &[String]) -> Result<Self> {
        let mut options = Self::default();
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let mut value = || rest.next().cloned().with_context(|| format!("{argument} needs a value"));
            match argument.as_str() {
                "--check" => options.check = true,
                "--json" => options.json = Some(std::path::absolute(Path::new(&value()?))?),
                "--port" => options.port = Some(value()?),
                "--rp-port" => options.rp_port = Some(value()?),
                unknown => bail!("it does not know {unknown}; it takes {ARGUMENTS}"),
            }
        }
        if options.check && (options.port.is_some() || options.rp_port.is_some()) {
            bail!("--check chooses free ports by itself; leave --port and --rp-port out");
        }
        Ok(options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Options> {
        Options::parse(&text.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn options_come_in_any_order() {
        let options = parse("--json /tmp/a.json --check").unwrap();
        assert!(options.check);
        assert_eq!(options.json, Some(PathBuf::from("/tmp/a.json")));
        assert_eq!(parse("--port 1 --rp-port 2").unwrap().rp_port.as_deref(), Some("2"));
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_a_reason() {
        for bad in ["--chek", "--json", "--check --port 1"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
