//! The manifest of a crate of this workspace as one that stands alone.

use toml::{Table, Value};

use crate::embedded;

/// The manifest with everything written out that it inherits, as `cargo package` does. Of our own crates it names the version,
/// since where they are is a matter of this workspace; lints are left out.
pub(crate) fn alone(manifest: &str) -> String {
    let workspace = embedded::WORKSPACE.parse::<Table>().unwrap_or_default();
    let inherited = |table: &str| workspace.get("workspace").and_then(|all| all.get(table));
    let (package, dependencies) = (inherited("package"), inherited("dependencies"));
    let (mut section, mut lines) = (String::new(), Vec::new());
    for line in manifest.lines() {
        if line.starts_with('[') {
            line.clone_into(&mut section);
        }
        let from = if section.contains("dependencies") { dependencies } else { package };
        let written = match line.strip_suffix(".workspace = true") {
            _ if section == "[lints]" => continue,
            Some("repository") => continue,
            Some(key) => from
                .and_then(|from| from.get(key))
                .map_or_else(|| line.to_owned(), |value| format!("{key} = {}", elsewhere(value, package))),
            None => line.to_owned(),
        };
        // What is left out leaves no gap.
        if !(written.is_empty() && lines.last().is_none_or(String::is_empty)) {
            lines.push(written);
        }
    }
    lines.join("\n") + "\n"
}

/// A value of the workspace as it is said elsewhere: a crate of ours is one of the version that all of them have.
fn elsewhere(value: &Value, package: Option<&Value>) -> Value {
    if value.get("path").is_some() {
        return package.and_then(|package| package.get("version")).unwrap_or(value).clone();
    }
    value.clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sdk() -> &'static str {
        embedded::RUST_SDK.iter().find(|(path, _)| *path == "Cargo.toml").unwrap().1
    }

    #[test]
    fn a_manifest_that_stands_alone_says_itself_what_it_inherited() {
        let text = alone(sdk());
        assert!(!text.contains("workspace"), "{text}");
        let manifest: Table = text.parse().unwrap();
        let workspace: Table = embedded::WORKSPACE.parse().unwrap();
        let package = &workspace["workspace"]["package"];
        assert_eq!(manifest["package"]["version"], package["version"]);
        assert_eq!(manifest["package"]["edition"], package["edition"]);
        for dependency in ["serde", "serde_json", "wit-bindgen"] {
            assert_eq!(
                manifest["dependencies"][dependency],
                workspace["workspace"]["dependencies"][dependency]
            );
        }
    }

    #[test]
    fn a_crate_of_ours_is_named_by_its_version() {
        let text = alone(
            "[package]\nname = \"x\"\n\n[lints]\nworkspace = true\n\n[dependencies]\nesignet-sdk.workspace = true\n",
        );
        assert_eq!(text, "[package]\nname = \"x\"\n\n[dependencies]\nesignet-sdk = \"0.1.0\"\n");
    }
}
