//! Programs that are not ours, against the demo: relying-party libraries of others, and a real browser.

mod python;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::cargo;
use crate::demo::{Built, Demo};
use crate::workspace;

/// Where a Chromium may be.
const BROWSERS: [&str; 4] = [
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
    "/usr/bin/google-chrome-stable",
];

/// The witnesses that run in Node, in the order in which they fail fastest: what each is, and its script.
const SCRIPTS: [(&str, &str); 4] = [
    ("openid-client", "openid-client.mjs"),
    ("oauth4webapi", "oauth4webapi.mjs"),
    ("the programs that the documents show", "quickstart.mjs"),
    ("Chromium", "browser.mjs"),
];

/// Runs all of them over one demo.
pub(crate) fn run(built: &Built) -> Result<()> {
    let directory = workspace::root().join("tests/witness");
    if !cargo::is_there("npm", "--version") {
        bail!("npm is not installed; on Debian: apt-get install nodejs npm");
    }
    let browser = browser()?;
    tools()?;
    install(&directory)?;
    let python = python::installed(&directory.join("python"))?;

    let demo = Demo::start(built, None)?;
    let screenshots = workspace::target_dir().join("screenshots");
    let witness = |program: &Path, script: &str| {
        let mut witness = Command::new(program);
        witness
            .arg(script)
            .current_dir(&directory)
            .env("ESIGNET_DEMO", &demo.json)
            .env("ESIGNET_BROWSER", &browser)
            .env("ESIGNET_SCREENSHOTS", &screenshots)
            // Nothing is written beside the sources.
            .env("PYTHONDONTWRITEBYTECODE", "1");
        witness
    };
    cargo::run("Authlib", &mut witness(&python, "python/witness.py"), "its own table is above")?;
    for (what, script) in SCRIPTS {
        cargo::run(what, &mut witness(Path::new("node"), script), "its own message is above")?;
    }
    Ok(())
}

/// Installs what the lock file names, if it is not what is installed already.
fn install(directory: &Path) -> Result<()> {
    let lock =
        std::fs::read(directory.join("package-lock.json")).context("tests/witness/package-lock.json")?;
    let stamp = directory.join("node_modules/.installed-from");
    if std::fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    let mut npm = Command::new("npm");
    npm.args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"]).current_dir(directory);
    cargo::run(
        "npm packages of the witnesses",
        &mut npm,
        "the registry must be reachable for the first run",
    )?;
    std::fs::write(stamp, lock).context("tests/witness/node_modules cannot be written")
}

/// What the witness without a library is made of.
fn tools() -> Result<()> {
    let missing = || !cargo::is_there("curl", "--version") || !cargo::is_there("openssl", "version");
    if missing() && (!cargo::apt_get_install(&["curl", "openssl"]) || missing()) {
        bail!("curl or openssl is not installed; on Debian: apt-get install curl openssl");
    }
    Ok(())
}

fn browser() -> Result<PathBuf> {
    let find = || BROWSERS.iter().map(PathBuf::from).find(|path| path.exists());
    if let Some(browser) = find() {
        return Ok(browser);
    }
    if cargo::apt_get_install(&["chromium"])
        && let Some(browser) = find()
    {
        return Ok(browser);
    }
    bail!("there is no Chromium; on Debian: apt-get install chromium")
}
