//! The SDKs of JavaScript and Python by themselves, outside the sandbox. Whole logins are among the tests.

use std::process::Command;

use anyhow::Result;

use crate::cargo;
use crate::workspace;

/// Runs the tests that each SDK brings, in its own language.
pub(crate) fn run() -> Result<Option<String>> {
    let mut npm = Command::new("npm");
    npm.args(["test", "--silent"]).current_dir(workspace::root().join("sdk/js"));
    cargo::run("sdk/js", &mut npm, "on Debian: apt-get install nodejs npm")?;
    let mut python = Command::new("python3");
    python.args(["-m", "unittest", "discover", "--quiet", "--start-directory", "tests"]);
    python.current_dir(workspace::root().join("sdk/python")).env("PYTHONDONTWRITEBYTECODE", "1");
    cargo::run("sdk/python", &mut python, "on Debian: apt-get install python3")?;
    Ok(None)
}
