//! A new project: one of `examples/plugins`, which the tests build and log in with, under another name.

use std::fs;
use std::path::{Path, PathBuf};

use crate::embedded::{self, File};
use crate::error::BuildError;
use crate::inherited::alone;
use crate::project::Language;
use crate::tools::write_all;

/// What a plugin is for the host, as far as there are examples to begin from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beginning {
    /// An ID system.
    IdSystem,
    /// A way to prove who one is.
    AuthFactor,
}

/// What no plugin is called: names that a compiler has for crates of its own, or that the SDK has.
const TAKEN: [&str; 8] =
    ["test", "core", "std", "alloc", "proc-macro", "esignet-sdk", "esignet-plugin", "plugin"];
/// The longest name.
const NAME_BYTES: usize = 64;

/// What git leaves alone in a project of a language.
const fn ignored(language: Language) -> &'static str {
    match language {
        Language::Rust => "/target\n/.cargo/config.toml\n/*.wasm\n",
        Language::JavaScript => "/node_modules\n/*.wasm\n",
        Language::Python => "__pycache__\n/*.wasm\n",
    }
}

/// The example to begin from: its name, and its files.
const fn example(language: Language, beginning: Beginning) -> (&'static str, &'static [File]) {
    match (language, beginning) {
        (Language::Rust, Beginning::IdSystem) => ("hello-rust", embedded::HELLO_RUST),
        (Language::JavaScript, Beginning::IdSystem) => ("hello-js", embedded::HELLO_JS),
        (Language::Python, Beginning::IdSystem) => ("hello-python", embedded::HELLO_PYTHON),
        (Language::Rust, Beginning::AuthFactor) => ("word-rust", embedded::WORD_RUST),
        (Language::JavaScript, Beginning::AuthFactor) => ("word-js", embedded::WORD_JS),
        (Language::Python, Beginning::AuthFactor) => ("word-python", embedded::WORD_PYTHON),
    }
}

/// Writes a project into the folder `parent/name`, which must not be there or be empty, and answers with the folder.
///
/// The name becomes the plugin's id: lower-case letters, digits and hyphens, a letter first.
pub fn begin(
    parent: &Path,
    name: &str,
    language: Language,
    beginning: Beginning,
) -> Result<PathBuf, BuildError> {
    named(name)?;
    let folder = parent.join(name);
    let is_empty = match fs::read_dir(&folder) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => true,
        Err(error) => return Err(BuildError::file(&folder)(error)),
    };
    if !is_empty {
        let fault = "there is something in it, and nothing is written over; choose another name, or empty it";
        return Err(BuildError::project(&folder, fault));
    }
    let (example, files) = example(language, beginning);
    for (path, content) in files {
        write_all(&folder, &[(path, &written(path, content, (example, name)))])?;
    }
    write_all(&folder, &[(".gitignore", ignored(language))])?;
    Ok(folder)
}

fn named(name: &str) -> Result<(), BuildError> {
    let letters = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let begins = name.starts_with(|first: char| first.is_ascii_lowercase());
    let fault = if name.len() > NAME_BYTES || !begins || !name.bytes().all(letters) || name.ends_with('-') {
        "this is no name for a plugin: use up to 64 lower-case letters, digits and hyphens, a letter first, such as \
         population-register"
    } else if TAKEN.contains(&name) {
        "this name has a meaning of its own; choose another, such as population-register"
    } else {
        return Ok(());
    };
    Err(BuildError::project(Path::new(name), fault))
}

/// A file of the example as one of the project.
fn written(path: &str, content: &str, (example, name): (&str, &str)) -> String {
    // The crate of an example says that it is a plugin of ours.
    let content = content.replace(&format!("esignet-plugin-{example}"), name).replace(example, name);
    match path {
        "Cargo.toml" => {
            format!("{}\n# It stands alone, whatever is above it.\n[workspace]\n", alone(&content))
        }
        "plugin.toml" => content.replace("publisher = \"e-Signet\"", "publisher = \"Example\""),
        // The build brings the SDK.
        "package.json" => without_dependencies(&content),
        _ => content,
    }
}

fn without_dependencies(package: &str) -> String {
    let Ok(serde_json::Value::Object(mut members)) = serde_json::from_str(package) else {
        return package.to_owned();
    };
    members.remove("dependencies");
    format!("{:#}\n", serde_json::Value::Object(members))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::Project;

    const LANGUAGES: [Language; 3] = [Language::Rust, Language::JavaScript, Language::Python];
    const BEGINNINGS: [Beginning; 2] = [Beginning::IdSystem, Beginning::AuthFactor];

    #[test]
    fn a_project_of_each_kind_is_a_project_under_its_own_name() {
        for (language, beginning) in
            LANGUAGES.into_iter().flat_map(|one| BEGINNINGS.map(|beginning| (one, beginning)))
        {
            let directory = tempfile::tempdir().unwrap();
            let folder = begin(directory.path(), "my-register", language, beginning).unwrap();
            let project = Project::open(&folder).unwrap();
            assert_eq!((project.language, project.name.as_str()), (language, "my-register"));
            let manifest: toml::Table = project.manifest.unwrap().parse().unwrap();
            assert_eq!(manifest["plugin"]["id"].as_str(), Some("my-register"));
            let (example, files) = example(language, beginning);
            for (path, _) in files {
                let text = fs::read_to_string(folder.join(path)).unwrap();
                assert!(!text.contains(example), "{path} of {example} still says so: {text}");
                assert!(!text.contains("workspace = true") && !text.contains("file:"), "{path}: {text}");
            }
            assert!(folder.join("dev.toml").is_file() && folder.join(".gitignore").is_file());
        }
    }

    #[test]
    fn a_crate_begins_with_a_manifest_that_cargo_takes_alone() {
        let directory = tempfile::tempdir().unwrap();
        let folder = begin(directory.path(), "mine", Language::Rust, Beginning::IdSystem).unwrap();
        let manifest: toml::Table = fs::read_to_string(folder.join("Cargo.toml")).unwrap().parse().unwrap();
        assert_eq!(manifest["package"]["name"].as_str(), Some("mine"));
        assert_eq!(manifest["dependencies"]["esignet-sdk"].as_str(), Some(env!("CARGO_PKG_VERSION")));
        assert!(manifest["workspace"].as_table().unwrap().is_empty());
    }

    #[test]
    fn what_is_there_is_never_written_over() {
        let directory = tempfile::tempdir().unwrap();
        let place = directory.path().join("mine");
        fs::create_dir(&place).unwrap();
        begin(directory.path(), "mine", Language::Python, Beginning::IdSystem).unwrap();
        fs::write(place.join("plugin.py"), "# work of a week").unwrap();
        let refused = begin(directory.path(), "mine", Language::Python, Beginning::IdSystem).unwrap_err();
        assert!(refused.to_string().contains("choose another name"), "{refused}");
        assert_eq!(fs::read_to_string(place.join("plugin.py")).unwrap(), "# work of a week");
    }

    #[test]
    fn a_name_that_could_not_be_an_id_or_a_crate_is_refused_with_one_that_could() {
        let directory = tempfile::tempdir().unwrap();
        for name in [
            "",
            "Hello",
            "1st",
            "a b",
            "../up",
            "a/b",
            "a.b",
            "-x",
            "x-",
            "é",
            &"x".repeat(65),
            "test",
            "plugin",
        ] {
            let refused = begin(directory.path(), name, Language::Rust, Beginning::IdSystem).unwrap_err();
            assert!(refused.to_string().contains("such as population-register"), "{name}: {refused}");
        }
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
    }
}
