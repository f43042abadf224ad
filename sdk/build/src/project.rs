//! A directory that holds a plugin: its language, its roles, its manifest.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::BuildError;

/// What a plugin is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// A crate: there is a `Cargo.toml`.
    Rust,
    /// There is a `plugin.js`.
    JavaScript,
    /// There is a `plugin.py`.
    Python,
}

impl Language {
    const ALL: [Self; 3] = [Self::Rust, Self::JavaScript, Self::Python];

    /// The file that tells the language.
    pub const fn entry(self) -> &'static str {
        match self {
            Self::Rust => "Cargo.toml",
            Self::JavaScript => "plugin.js",
            Self::Python => "plugin.py",
        }
    }

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rust => "Rust",
            Self::JavaScript => "JavaScript",
            Self::Python => "Python",
        }
    }
}

/// What is made or installed, wherever it stands.
const MADE: [&str; 3] = ["target", "node_modules", "__pycache__"];

/// A directory that holds a plugin.
#[derive(Clone, Debug)]
pub struct Project {
    /// Where it is.
    pub directory: PathBuf,
    /// The directory's name, which names the component.
    pub name: String,
    /// What it is written in.
    pub language: Language,
    /// `plugin.toml`, verbatim, if there is one. Whether it is a good one the host says when it loads the component.
    pub manifest: Option<String>,
}

impl Project {
    /// Looks at a directory.
    pub fn open(directory: &Path) -> Result<Self, BuildError> {
        let language = Language::ALL.into_iter().find(|language| directory.join(language.entry()).is_file());
        let Some(language) = language else {
            let fault = "no plugin: it has neither Cargo.toml nor plugin.js nor plugin.py";
            return Err(BuildError::project(directory, fault));
        };
        let named = fs::canonicalize(directory).map_err(BuildError::file(directory))?;
        let name = named.file_name().and_then(|name| name.to_str());
        let name = name.ok_or_else(|| BuildError::project(directory, "the name is not UTF-8"))?.to_owned();
        let manifest = directory.join("plugin.toml");
        let manifest = match fs::read_to_string(&manifest) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(BuildError::file(&manifest)(error)),
        };
        Ok(Self { directory: directory.to_owned(), name, language, manifest })
    }

    /// Every file that somebody wrote, by its place below the directory: nothing hidden, made or installed, and no log.
    pub fn files(&self) -> Result<Vec<PathBuf>, BuildError> {
        let (mut open, mut files) = (vec![PathBuf::new()], Vec::new());
        while let Some(below) = open.pop() {
            let directory = self.directory.join(&below);
            for entry in fs::read_dir(&directory).map_err(BuildError::file(&directory))? {
                let name = entry.map_err(BuildError::file(&directory))?.file_name();
                let path = below.join(&name);
                if name.as_encoded_bytes().starts_with(b".") || MADE.iter().any(|made| name == *made) {
                    continue;
                }
                if self.directory.join(&path).is_dir() {
                    open.push(path);
                } else if path.extension().is_none_or(|end| end != "wasm" && end != "log") {
                    files.push(path);
                }
            }
        }
        files.sort();
        Ok(files)
    }

    /// The interfaces that the entry file exports, by the names that each language has for them.
    pub(crate) fn roles(&self) -> Result<Vec<&'static str>, BuildError> {
        let entry = self.directory.join(self.language.entry());
        let source = fs::read_to_string(&entry).map_err(BuildError::file(&entry))?;
        let roles = roles_in(self.language, &source);
        if roles.is_empty() {
            let (before, after) = match self.language {
                Language::Python => ("class ", "("),
                Language::JavaScript | Language::Rust => ("export const ", " ="),
            };
            let words = ROLES.map(|role| format!("`{before}{}{after}`", role.word(self.language)));
            let wanted = format!("begin a line with {}", words.join(" or "));
            return Err(BuildError::project(&entry, format!("it exports no role: {wanted}")));
        }
        Ok(roles)
    }
}

/// A role, and what the languages call it.
struct Role {
    interface: &'static str,
    class: &'static str,
    constant: &'static str,
}

impl Role {
    const fn word(&self, language: Language) -> &'static str {
        match language {
            Language::Python => self.class,
            Language::JavaScript | Language::Rust => self.constant,
        }
    }
}

const ROLES: [Role; 6] = [
    Role { interface: "id-system", class: "IdSystem", constant: "idSystem" },
    Role { interface: "auth-factor", class: "AuthFactor", constant: "authFactor" },
    Role { interface: "captcha", class: "Captcha", constant: "captcha" },
    Role { interface: "notifier", class: "Notifier", constant: "notifier" },
    Role { interface: "audit-sink", class: "AuditSink", constant: "auditSink" },
    Role { interface: "key-binder", class: "KeyBinder", constant: "keyBinder" },
];

fn roles_in(language: Language, source: &str) -> Vec<&'static str> {
    let exports = |role: &&Role| {
        let word = role.word(language);
        let begins = match language {
            Language::Python => format!("class {word}("),
            Language::JavaScript | Language::Rust => format!("export const {word} "),
        };
        source.lines().any(|line| line.starts_with(&begins))
    };
    ROLES.iter().filter(exports).map(|role| role.interface).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_read_off_the_lines_that_export_them() {
        let js = "import x from \"y\";\nexport const idSystem = role({\n  // export const authFactor\n});\n";
        assert_eq!(roles_in(Language::JavaScript, js), ["id-system"]);
        let python = "class AuthFactor(esignet_plugin.AuthFactor):\n    pass\nclass IdSystem(X):\n    pass\n";
        assert_eq!(roles_in(Language::Python, python), ["id-system", "auth-factor"]);
        assert!(roles_in(Language::Python, "class Other:\n").is_empty());
    }

    #[test]
    fn the_files_of_a_project_are_those_that_somebody_wrote() {
        let directory = tempfile::tempdir().unwrap();
        for path in
            ["plugin.py", "deep/part.py", "target/x.rs", ".git/config", "__pycache__/plugin.pyc", "p.wasm"]
        {
            let file = directory.path().join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, "").unwrap();
        }
        let files = Project::open(directory.path()).unwrap().files().unwrap();
        assert_eq!(files, [Path::new("deep/part.py"), Path::new("plugin.py")]);
    }

    #[test]
    fn a_directory_is_told_by_its_entry_file_and_refused_without_one() {
        let directory = tempfile::tempdir().unwrap();
        let refused = Project::open(directory.path()).unwrap_err().to_string();
        assert!(refused.contains("plugin.js"), "{refused}");
        fs::write(directory.path().join("plugin.py"), "").unwrap();
        let project = Project::open(directory.path()).unwrap();
        assert_eq!((project.language, project.manifest.clone()), (Language::Python, None));
        assert!(project.roles().unwrap_err().to_string().contains("class IdSystem("));
        fs::write(directory.path().join("plugin.toml"), "[plugin]\n").unwrap();
        assert_eq!(Project::open(directory.path()).unwrap().manifest.as_deref(), Some("[plugin]\n"));
    }
}
