//! The programs that make components of JavaScript and Python: pinned by lock files with hashes, fetched with npm and pip into
//! a directory of their own, once.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::embedded::{self, File};
use crate::error::BuildError;
use crate::progress;

/// Where an environment keeps its programs.
const SCRIPTS: &str = if cfg!(windows) { "Scripts" } else { "bin" };

/// A command that runs `componentize-qjs`.
pub(crate) fn javascript(tools: &Path) -> Result<Command, BuildError> {
    let directory = tools.join("componentize-js");
    installed(&directory, embedded::JS_TOOLS, |directory| {
        needs("npm", "--version", "npm is not installed; on Debian: apt-get install nodejs npm")?;
        let mut npm = Command::new("npm");
        npm.args(["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--silent"]).current_dir(directory);
        run("componentize-qjs, with npm", &mut npm)
    })?;
    needs("node", "--version", "Node.js is not installed; on Debian: apt-get install nodejs npm")?;
    let mut node = Command::new("node");
    node.arg(directory.join("node_modules/componentize-qjs/bin/componentize-qjs"));
    Ok(node)
}

/// A command that runs `componentize-py`.
pub(crate) fn python(tools: &Path) -> Result<Command, BuildError> {
    let directory = tools.join("componentize-py");
    let environment = directory.join("environment");
    installed(&directory, embedded::PYTHON_TOOLS, |directory| {
        let mut venv = Command::new("python3");
        venv.args(["-m", "venv"]).arg(&environment).stdout(Stdio::null()).stderr(Stdio::null());
        if !venv.status().is_ok_and(|status| status.success()) {
            let advice = "there is no Python with venv; on Debian: apt-get install python3-venv";
            return Err(BuildError::Missing(advice.to_owned()));
        }
        let mut pip = Command::new(environment.join(SCRIPTS).join("python"));
        // The files that were looked at, and no program of theirs while they are installed.
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"])
            .args(["--only-binary", ":all:", "--requirement"])
            .arg(directory.join("requirements.txt"));
        run("componentize-py, with pip", &mut pip)
    })?;
    Ok(Command::new(environment.join(SCRIPTS).join("componentize-py")))
}

/// Has `install` fill the directory, unless it did so already from the very same lock files.
fn installed(
    directory: &Path,
    locks: &[File],
    install: impl FnOnce(&Path) -> Result<(), BuildError>,
) -> Result<(), BuildError> {
    let (stamp, lock) = (directory.join(".installed-from"), directory.with_extension("lock"));
    let wanted = text_of(locks);
    // Another build may be installing them just now.
    let above = directory.parent().unwrap_or(directory);
    fs::create_dir_all(above).map_err(BuildError::file(above))?;
    let turn = fs::File::create(&lock).map_err(BuildError::file(&lock))?;
    turn.lock().map_err(BuildError::file(&lock))?;
    if fs::read_to_string(&stamp).is_ok_and(|from| from == wanted) {
        return Ok(());
    }
    if directory.exists() {
        fs::remove_dir_all(directory).map_err(BuildError::file(directory))?;
    }
    write_all(directory, locks)?;
    install(directory)?;
    fs::write(&stamp, wanted).map_err(BuildError::file(&stamp))
}

/// What the tools of a language are pinned by.
pub(crate) fn text_of(files: &[File]) -> String {
    files.iter().map(|(_, content)| *content).collect()
}

/// Writes files below a directory.
pub(crate) fn write_all(directory: &Path, files: &[(&str, &str)]) -> Result<(), BuildError> {
    for (path, content) in files {
        let file = directory.join(path);
        let parent: PathBuf = file.parent().map(Path::to_path_buf).unwrap_or_default();
        fs::create_dir_all(&parent).map_err(BuildError::file(&parent))?;
        fs::write(&file, content).map_err(BuildError::file(&file))?;
    }
    Ok(())
}

fn needs(program: &str, argument: &str, advice: &str) -> Result<(), BuildError> {
    let mut command = Command::new(program);
    command.arg(argument).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let there = command.status().is_ok_and(|status| status.success());
    if there { Ok(()) } else { Err(BuildError::Missing(advice.to_owned())) }
}

fn run(what: &str, command: &mut Command) -> Result<(), BuildError> {
    let step = progress::step(what);
    let status = command.stdin(Stdio::null()).status().map_err(|error| BuildError::failed(what, &error))?;
    if !status.success() {
        return Err(BuildError::failed(what, &"the registry must be reachable the first time; see above"));
    }
    step.done(what);
    Ok(())
}
