//! A Python of the witness's own: an environment below `target`, with what the requirements name and nothing else.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::cargo;
use crate::workspace;

/// Where an environment keeps its Python.
const PYTHON: &str = if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" };

/// The Python that has what `requirements.txt` names; it is made anew when that file changes.
pub(super) fn installed(directory: &Path) -> Result<PathBuf> {
    let requirements = directory.join("requirements.txt");
    let wanted = fs::read(&requirements).context("tests/witness/python/requirements.txt")?;
    let environment = workspace::target_dir().join("witness-python");
    let python = environment.join(PYTHON);
    let stamp = environment.join(".installed-from");
    if python.exists() && fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    make(&environment)?;
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
        // The files that were looked at, and no program of theirs while they are installed.
        .args(["--require-hashes", "--only-binary", ":all:", "--requirement"])
        .arg(&requirements);
    cargo::run(
        "Python packages of the witnesses",
        &mut pip,
        "the registry must be reachable for the first run, and Python be 3.11 or later",
    )?;
    fs::write(stamp, wanted).context("target/witness-python cannot be written")?;
    Ok(python)
}

/// Makes an empty environment. Debian has the part that makes them in a package of its own.
fn make(environment: &Path) -> Result<()> {
    let attempt = || {
        if environment.exists() {
            fs::remove_dir_all(environment).context("target/witness-python cannot be replaced")?;
        }
        let mut venv = Command::new("python3");
        venv.args(["-m", "venv"]).arg(environment).stdout(Stdio::null()).stderr(Stdio::null());
        Ok::<_, anyhow::Error>(venv.status().is_ok_and(|status| status.success()))
    };
    if attempt()? || (cargo::apt_get_install(&["python3", "python3-venv"]) && attempt()?) {
        return Ok(());
    }
    bail!("there is no Python with venv; on Debian: apt-get install python3-venv")
}
