//! Programs that are not ours, against the demo: a relying-party library of others, and a real browser.

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

/// Runs all of them over one demo.
pub(crate) fn run(built: &Built) -> Result<()> {
    let directory = workspace::root().join("tests/witness");
    if !cargo::is_there("npm", "--version") {
        bail!("npm is not installed; on Debian: apt-get install nodejs npm");
    }
    let browser = browser()?;
    install(&directory)?;

    let demo = Demo::start(built, None)?;
    let screenshots = workspace::target_dir().join("screenshots");
    let witness = |script: &str| {
        let mut node = Command::new("node");
        node.arg(script)
            .current_dir(&directory)
            .env("ESIGNET_DEMO", &demo.json)
            .env("ESIGNET_BROWSER", &browser)
            .env("ESIGNET_SCREENSHOTS", &screenshots);
        node
    };
    cargo::run("openid-client", &mut witness("openid-client.mjs"), "its own message is above")?;
    cargo::run("Chromium", &mut witness("browser.mjs"), "its own message is above")
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
