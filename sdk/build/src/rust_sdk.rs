//! The crate `esignet-sdk`, put where cargo finds it: it is of the very version of this program, and on no registry (ADR 95).

use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

use crate::embedded;
use crate::error::BuildError;
use crate::inherited::alone;
use crate::tools::write_all;

/// How a file begins that this program may write anew.
const OURS: &str = "# Written by `esignet plugin`";

/// Whether a project takes the crate from a registry. Of one that names a place, or has its workspace name one, nothing is changed.
pub(crate) fn is_wanted(project: &Path) -> Result<bool, BuildError> {
    let place = project.join("Cargo.toml");
    let text = fs::read_to_string(&place).map_err(BuildError::file(&place))?;
    let manifest: toml::Table = text
        .parse()
        .map_err(|error: toml::de::Error| BuildError::project(&place, format!("it is no TOML: {error}")))?;
    let named = manifest.get("dependencies").and_then(|dependencies| dependencies.get("esignet-sdk"));
    Ok(named.is_some_and(|named| ["path", "git", "workspace"].iter().all(|key| named.get(key).is_none())))
}

/// Writes the crate and its contract below `work`, unless they are there, and answers with the crate's directory.
pub(crate) fn laid_out(work: &Path) -> Result<PathBuf, BuildError> {
    let sdks = std::path::absolute(work.join("sdk")).map_err(BuildError::file(work))?;
    let place = sdks.join(format!("{}-{:016x}", env!("CARGO_PKG_VERSION"), fingerprint()));
    let sdk = place.join("sdk/rust");
    if place.is_dir() {
        return Ok(sdk);
    }
    // Others may be doing the same: whoever is first puts it there whole.
    let draft = sdks.join(format!(".{}", std::process::id()));
    write(&draft)?;
    if let Err(error) = fs::rename(&draft, &place)
        && !place.is_dir()
    {
        return Err(BuildError::file(&place)(error));
    }
    if draft.is_dir() {
        fs::remove_dir_all(&draft).map_err(BuildError::file(&draft))?;
    }
    Ok(sdk)
}

fn write(root: &Path) -> Result<(), BuildError> {
    let sdk = root.join("sdk/rust");
    write_all(&sdk, embedded::RUST_SDK)?;
    let manifest = sdk.join("Cargo.toml");
    let inheriting = fs::read_to_string(&manifest).map_err(BuildError::file(&manifest))?;
    // It belongs to no workspace, whatever is above it.
    let text = format!("{}\n[workspace]\n", alone(&inheriting));
    fs::write(&manifest, text).map_err(BuildError::file(&manifest))?;
    let plugin = ("plugin/plugin.wit", "plugin.wit");
    for (path, content) in embedded::CONTRACT {
        let path = if *path == plugin.0 { plugin.1.to_owned() } else { format!("deps/{path}") };
        write_all(&root.join("wit"), &[(path.as_str(), content)])?;
    }
    Ok(())
}

/// Tells one text of SDK and contract from another, so that a folder that is there never has to be looked into.
fn fingerprint() -> u64 {
    let mut hasher = DefaultHasher::new();
    (embedded::WORKSPACE, embedded::RUST_SDK, embedded::CONTRACT).hash(&mut hasher);
    hasher.finish()
}

/// What tells cargo where the crate is, as a setting.
pub(crate) fn setting(sdk: &Path) -> String {
    format!("patch.crates-io.esignet-sdk.path={}", toml::Value::from(sdk.display().to_string()))
}

/// Tells cargo the same in the project, for editors and `cargo check`, unless the project has settings of its own there. Git
/// ignores the file: it names a place of this machine.
pub(crate) fn for_editors(project: &Path, sdk: &Path) -> Result<(), BuildError> {
    let file = project.join(".cargo/config.toml");
    let text = format!(
        "{OURS} for editors and `cargo check`, anew when it has another place. Not for others: git ignores it.\n{}\n",
        setting(sdk)
    );
    match fs::read_to_string(&file) {
        Ok(present) if present == text || !present.starts_with(OURS) => return Ok(()),
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(BuildError::file(&file)(error)),
    }
    write_all(project, &[(".cargo/config.toml", &text)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sdk_stands_alone_beside_its_contract_and_is_written_once() {
        let work = tempfile::tempdir().unwrap();
        let sdk = laid_out(work.path()).unwrap();
        assert!(sdk.join("src/import/http.rs").is_file());
        // `bindings.rs` looks for the contract there.
        assert!(
            sdk.join("../../wit/plugin.wit").is_file() && sdk.join("../../wit/deps/host/host.wit").is_file()
        );
        let manifest = fs::read_to_string(sdk.join("Cargo.toml")).unwrap();
        assert!(!manifest.contains(".workspace"), "{manifest}");
        fs::write(sdk.join("Cargo.toml"), "mine").unwrap();
        assert_eq!(laid_out(work.path()).unwrap(), sdk);
        assert_eq!(fs::read_to_string(sdk.join("Cargo.toml")).unwrap(), "mine");
    }

    #[test]
    fn only_a_project_that_takes_the_crate_from_a_registry_is_given_ours() {
        let project = tempfile::tempdir().unwrap();
        for (dependency, is_ours) in [
            ("esignet-sdk = \"0.1.0\"", true),
            ("esignet-sdk = { version = \"0.1.0\" }", true),
            ("esignet-sdk = { path = \"../sdk\" }", false),
            ("esignet-sdk.workspace = true", false),
            ("serde = \"1\"", false),
        ] {
            fs::write(project.path().join("Cargo.toml"), format!("[dependencies]\n{dependency}\n")).unwrap();
            assert_eq!(is_wanted(project.path()).unwrap(), is_ours, "{dependency}");
        }
    }

    #[test]
    fn settings_of_the_project_are_left_alone_and_ours_are_kept_current() {
        let project = tempfile::tempdir().unwrap();
        let file = project.path().join(".cargo/config.toml");
        for_editors(project.path(), Path::new("/one")).unwrap();
        for_editors(project.path(), Path::new("/two")).unwrap();
        let text = fs::read_to_string(&file).unwrap();
        let settings: toml::Table = text.parse().unwrap();
        assert_eq!(settings["patch"]["crates-io"]["esignet-sdk"]["path"].as_str(), Some("/two"));
        fs::write(&file, "[build]\n").unwrap();
        for_editors(project.path(), Path::new("/three")).unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "[build]\n");
    }
}
