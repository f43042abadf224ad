//! `esignet plugin keygen`: a publisher's key pair.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::private_key::{self, Cost};
use super::{password, refused};
use crate::config::finding::Finding;
use crate::secret_file;

/// The arguments of `esignet plugin keygen`.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Writes NAME.key, the private key with mode 0600, and NAME.pub
    #[arg(long, value_name = "NAME", default_value = "publisher")]
    out: PathBuf,
    /// Leave the private key without a password: whoever can read the file can sign
    #[arg(long, conflicts_with = "password_file")]
    no_password: bool,
    /// The password is the content of this file, mode 0600; else of `ESIGNET_PUBLISHER_PASSWORD`, else asked for
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

/// Makes both files. Neither is ever written over.
pub(crate) fn run(arguments: &Arguments) -> Result<String, Finding> {
    let (private, public) = (with_end(&arguments.out, "key"), with_end(&arguments.out, "pub"));
    for file in [&private, &public] {
        if file.exists() {
            return Err(refused(
                file,
                "the file is there already",
                "name another with --out; a key that is lost cannot be had again",
            ));
        }
    }
    let password = if arguments.no_password {
        None
    } else {
        Some(password::of_new_key(arguments.password_file.as_deref())?)
    };
    let made = private_key::generate(password.as_ref().map(|password| password.as_str()), Cost::USUAL);
    let (text, signer) =
        made.map_err(|error| refused(&private, &error.to_string(), "try it on another machine"))?;
    let unwritten = |file: &Path, error: std::io::Error| {
        refused(
            file,
            &format!("the file cannot be written: {error}"),
            "name a directory that you may write to with --out",
        )
    };
    secret_file::create(&private, text.as_bytes()).map_err(|error| unwritten(&private, error))?;
    let key = signer.public_key();
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&public)
        .and_then(|mut file| file.write_all(key.to_file().as_bytes()));
    written.map_err(|error| unwritten(&public, error))?;
    Ok(format!(
        "{}\tthe private key: keep it, and a copy, where no server is\n{}\tthe public key, for operators:\n\n\
         [plugins.publishers.{}]\npublic_key = \"{key}\"\n",
        private.display(),
        public.display(),
        arguments.out.file_name().and_then(|name| name.to_str()).unwrap_or("publisher"),
    ))
}

fn with_end(out: &Path, end: &str) -> PathBuf {
    let mut name = out.file_name().unwrap_or_default().to_owned();
    name.push(".");
    name.push(end);
    out.with_file_name(name)
}
