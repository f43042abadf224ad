//! Every plugin that is shipped says what it is and what it wants, in a README and in a manifest that agree, and is small.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use esignet_tests::artifacts;
use toml::{Table, Value};

/// The largest component.
const MAX_BYTES: u64 = 512 * 1024;
const LANGUAGES: [&str; 3] = ["en", "fr", "ar"];

fn plugins() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("plugins")
}

fn text(file: &Path) -> String {
    std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// Each plugin: its name, its manifest and its README.
fn shipped() -> Vec<(String, Table, String)> {
    let directories = std::fs::read_dir(plugins()).unwrap().map(|entry| entry.unwrap().path());
    let plugin = |directory: PathBuf| {
        let name = directory.file_name().unwrap().to_str().unwrap().to_owned();
        let manifest =
            text(&directory.join("plugin.toml")).parse().unwrap_or_else(|error| panic!("{name}: {error}"));
        (name, manifest, text(&directory.join("README.md")))
    };
    let shipped: Vec<_> = directories.filter(|path| path.is_dir()).map(plugin).collect();
    assert!(shipped.len() >= 6, "the plugins are found");
    shipped
}

fn at<'a>(manifest: &'a Table, path: &[&str]) -> Option<&'a Value> {
    let (first, rest) = path.split_first()?;
    rest.iter().try_fold(manifest.get(*first)?, |value, key| value.get(key))
}

fn keys(table: Option<&Value>) -> BTreeSet<String> {
    table.and_then(Value::as_table).into_iter().flat_map(Table::keys).cloned().collect()
}

#[test]
fn every_manifest_names_its_plugin_with_version_and_licence_of_the_workspace() {
    let root: Table = text(&plugins().join("../Cargo.toml")).parse().unwrap();
    let of_workspace = |key: &str| at(&root, &["workspace", "package", key]).and_then(Value::as_str);
    for (name, manifest, _) in shipped() {
        let said = |key: &str| at(&manifest, &["plugin", key]).and_then(Value::as_str);
        assert_eq!(said("id"), Some(name.as_str()));
        assert_eq!(said("version"), of_workspace("version"), "{name}");
        assert_eq!(said("license"), of_workspace("license"), "{name}");
        assert_eq!(said("publisher"), Some("e-Signet"), "{name}");
        let package: Table = text(&plugins().join(&name).join("Cargo.toml")).parse().unwrap();
        let described = at(&package, &["package", "description"]).and_then(Value::as_str);
        assert_eq!(said("description"), described, "{name}");
    }
}

#[test]
fn every_setting_of_a_manifest_is_in_the_readme_and_no_other_is_taken() {
    for (name, manifest, readme) in shipped() {
        let schema = ["config", "schema"];
        let other = at(&manifest, &[&schema[..], &["additionalProperties"]].concat());
        assert_eq!(other.and_then(Value::as_bool), Some(false), "{name}");
        let settings = keys(at(&manifest, &[&schema[..], &["properties"]].concat()));
        assert!(!settings.is_empty(), "{name}");
        for key in settings {
            assert!(readme.contains(&format!("`{key}`")), "{name}: {key} is not in the README");
        }
    }
}

#[test]
fn every_word_of_a_plugin_is_there_in_every_language_with_the_same_arguments() {
    let arguments = |text: &str| -> BTreeSet<String> {
        text.split('{')
            .skip(1)
            .filter_map(|rest| rest.split_once('}'))
            .map(|(name, _)| name.to_owned())
            .collect()
    };
    for (name, manifest, readme) in shipped() {
        let words = keys(at(&manifest, &["messages", "en"]));
        for language in LANGUAGES {
            assert_eq!(keys(at(&manifest, &["messages", language])), words, "{name} {language}");
        }
        for key in words {
            let said = |language: &str| {
                at(&manifest, &["messages", language, &key]).and_then(Value::as_str).unwrap()
            };
            for language in LANGUAGES {
                assert_eq!(arguments(said(language)), arguments(said("en")), "{name} {language} {key}");
            }
            assert!(readme.contains(&format!("`{key}`")), "{name}: {key} is not in the README");
        }
    }
}

#[test]
fn every_plugin_is_in_the_list_and_built_and_small() {
    let list = text(&plugins().join("README.md"));
    for (name, ..) in shipped() {
        assert!(list.contains(&format!("[{name}]({name}/README.md)")), "{name} is not in plugins/README.md");
        let component = artifacts::plugin(&name).unwrap();
        let bytes = std::fs::metadata(&component).unwrap_or_else(|error| panic!("{name}: {error}")).len();
        assert!(bytes <= MAX_BYTES, "{name} has {bytes} bytes");
    }
}
