//! `cargo xtask bench`: complete logins against a release build, server and client on cores of their own; with `neighbours`, what
//! four plugins that spin cost a plugin call of another login.

use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::cargo::{self, cargo};
use crate::plugins;
use crate::workspace;

/// What the command takes, for the help.
pub(crate) const ARGUMENTS: &str = "neighbours, or [--json FILE] [--logins N] [--concurrency N]";

/// The command: builds, then hands over to the program that measures.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let logins = if arguments == ["neighbours"] { &[] } else { arguments };
    for pair in logins.chunks(2) {
        match pair {
            [name, _] if ["--json", "--logins", "--concurrency"].contains(&name.as_str()) => {}
            [name, ..] => bail!("it does not know {name}, or {name} needs a value; it takes {ARGUMENTS}"),
            [] => {}
        }
    }
    plugins::build()?;
    let mut build =
        cargo(["build", "--release", "--bins", "--package", "esignet", "--package", "esignet-tests"]);
    let what = "release build of the server and the load client (the first takes many minutes)";
    cargo::run(what, &mut build, "see the compiler's messages above")?;
    let bench = workspace::target_dir().join("release/esignet-bench");
    let status = Command::new(&bench).args(arguments).status();
    let status = status.with_context(|| format!("{} cannot be run", bench.display()))?;
    if !status.success() {
        bail!("the measurement failed ({status}): its own message is above");
    }
    Ok(())
}
