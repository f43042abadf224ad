//! `esignet plugin new`: a project to begin from.

use std::path::Path;

use esignet_build::{Beginning, Language};

use super::building;
use crate::config::finding::Finding;

/// The arguments of `esignet plugin new`.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The language to write it in
    #[arg(long, value_enum)]
    lang: Lang,
    /// What it shall be for the server
    #[arg(long, value_enum, default_value = "id-system")]
    role: Role,
    /// Its id, and the folder that is made for it: lower-case letters, digits and hyphens
    name: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Lang {
    Rust,
    Js,
    Python,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Role {
    IdSystem,
    AuthFactor,
}

/// Writes the project, and answers with the commands that come next.
pub(crate) fn run(arguments: &Arguments) -> Result<String, Finding> {
    let language = match arguments.lang {
        Lang::Rust => Language::Rust,
        Lang::Js => Language::JavaScript,
        Lang::Python => Language::Python,
    };
    let beginning = match arguments.role {
        Role::IdSystem => Beginning::IdSystem,
        Role::AuthFactor => Beginning::AuthFactor,
    };
    let folder = esignet_build::begin(Path::new(""), &arguments.name, language, beginning)
        .map_err(|error| building::finding(&error))?;
    Ok(next(&folder, language))
}

fn next(folder: &Path, language: Language) -> String {
    let source = match language {
        Language::Rust => "src/lib.rs",
        Language::JavaScript | Language::Python => language.entry(),
    };
    let folder = folder.display();
    format!(
        "{folder}/ is a plugin in {language}. Its code is in {source}, what it asks for in plugin.toml, its settings for trying it \
         out in dev.toml.\n\n  cd {folder}\n  esignet plugin build      # make {folder}.wasm\n  esignet plugin check      # see \
         what a server would say of it\n  esignet plugin test       # what every plugin of its role must do\n  esignet plugin dev        # log in with it, and see it change as you write\n",
        language = language.as_str(),
    )
}
