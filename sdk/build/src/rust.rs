//! A plugin in Rust on its own: cargo in its directory, and the module that comes out of it as a component.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::component::componentise;
use crate::error::BuildError;
use crate::project::Project;
use crate::rust_sdk;
use crate::toolchain::Toolchain;

/// What a plugin is built with, whatever its own profiles say: small, and a panic is a trap.
const PROFILE: [&str; 5] =
    ["opt-level=\"s\"", "lto=\"fat\"", "codegen-units=1", "strip=true", "panic=\"abort\""];

/// The component, and that it was made now: what need not be compiled again is cargo's to know.
pub(crate) fn build(project: &Project, work: &Path) -> Result<(Vec<u8>, bool), BuildError> {
    let what = format!("{} (Rust)", project.name);
    let mut cargo = Toolchain::find()?.cargo_build();
    cargo.args(["--release", "--message-format", "json-render-diagnostics", "--target-dir"]);
    cargo.arg(std::path::absolute(work.join("rust")).map_err(BuildError::file(work))?);
    for setting in PROFILE {
        cargo.args(["--config", &format!("profile.release.{setting}")]);
    }
    if rust_sdk::is_wanted(&project.directory)? {
        let sdk = rust_sdk::laid_out(work)?;
        rust_sdk::for_editors(&project.directory, &sdk)?;
        cargo.args(["--config", &rust_sdk::setting(&sdk)]);
    }
    cargo.env("CARGO_ENCODED_RUSTFLAGS", remapped(&[(&project.directory, "/plugin"), (work, "/esignet")]));
    cargo.env_remove("RUSTFLAGS");
    let output = cargo.current_dir(&project.directory).stderr(std::process::Stdio::inherit()).output();
    let output = output.map_err(|error| BuildError::failed(&what, &error))?;
    if !output.status.success() {
        return Err(BuildError::failed(what, &"it does not build: see the compiler's messages above"));
    }
    let module = module_of(&output.stdout).ok_or_else(|| {
        BuildError::project(&project.directory, "no module was built: [lib] needs crate-type = [\"cdylib\"]")
    })?;
    Ok((componentise(&module)?, true))
}

/// Compiler flags that keep places of this machine out of the component, cargo's own included.
fn remapped(places: &[(&Path, &str)]) -> OsString {
    let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let cargo_home = std::env::var_os("CARGO_HOME").map_or_else(|| home.join(".cargo"), PathBuf::from);
    let places = places.iter().map(|(from, to)| (std::path::absolute(from).unwrap_or_default(), *to));
    let mut flags = OsString::new();
    for (from, to) in places.chain([(cargo_home, "/cargo")]).filter(|(from, _)| from.is_absolute()) {
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

/// The last module that cargo says it made: what it builds is built before.
fn module_of(messages: &[u8]) -> Option<PathBuf> {
    let lines = messages.split(|byte| *byte == b'\n').rev();
    lines.filter_map(|line| serde_json::from_slice::<Value>(line).ok()).find_map(|message| {
        let files = message.get("filenames")?.as_array()?;
        let mut files = files.iter().filter_map(Value::as_str).map(PathBuf::from);
        files.find(|file| file.extension().is_some_and(|end| end == "wasm"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_module_is_the_last_one_that_cargo_tells_of() {
        let messages = b"{\"reason\":\"compiler-artifact\",\"filenames\":[\"/t/dep.rlib\"]}\n\
            {\"reason\":\"compiler-artifact\",\"filenames\":[\"/t/p.rlib\",\"/t/p.wasm\"]}\n\
            {\"reason\":\"build-finished\",\"success\":true}\n";
        assert_eq!(module_of(messages), Some(PathBuf::from("/t/p.wasm")));
        assert_eq!(module_of(b""), None);
    }
}
