//! `esignet plugin verify`: who signed a component, and whether that is enough, for one operator or for given keys.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use esignet_sandbox::signature::facts::{self, Facts};
use esignet_sandbox::signature::minisign::PublicKey;
use esignet_sandbox::signature::{Admitted, Component, Publisher, Trust};
use serde_json::{Value, json};

use super::component_file::ComponentFile;
use super::refused;
use crate::config;
use crate::config::finding::Finding;
use crate::wire::revoked;

/// The arguments of `esignet plugin verify`.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The component
    #[arg(value_name = "WASM")]
    file: PathBuf,
    /// A public key that must have signed; all of them, when there are several
    #[arg(long, value_name = "PUB", required_unless_present_any = ["config", "export"], conflicts_with = "config")]
    key: Vec<PathBuf>,
    /// Ask what a server with this configuration would say
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Write the component without its signatures into this directory, and each signature beside it, for `minisign -V`
    #[arg(long, value_name = "DIR")]
    export: Option<PathBuf>,
    /// Print as JSON
    #[arg(long)]
    json: bool,
}

/// Verifies. Ends with 2 when it is not signed as it must be.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    match attempt(arguments) {
        Ok((report, findings)) => {
            if arguments.json {
                println!("{}", report.as_json(&findings));
            } else {
                print!("{}", report.as_text());
                super::super::print(&findings);
            }
            super::super::code(&findings)
        }
        Err(findings) => {
            super::super::print(&findings);
            ExitCode::from(2)
        }
    }
}

fn attempt(arguments: &Arguments) -> Result<(Report, Vec<Finding>), Vec<Finding>> {
    let component = ComponentFile::read(&arguments.file).map_err(|finding| vec![finding])?;
    let mut report = Report {
        file: arguments.file.clone(),
        digest: facts::digest_of(&component.signed),
        admitted: None,
        exported: Vec::new(),
        component,
    };
    if let Some(directory) = &arguments.export {
        report.exported = export(&report, directory).map_err(|finding| vec![finding])?;
    }
    let (id, trust) = match &arguments.config {
        Some(file) => {
            let (config, _) = config::load(file, super::super::variables())?;
            (stem(&arguments.file), revoked::trust(&config.plugins.signatures)?)
        }
        None if arguments.key.is_empty() => return Ok((report, Vec::new())),
        None => (claimed_id(&report), of_keys(&arguments.key)?),
    };
    let signatures = Ok(report.component.signatures.iter().map(ToString::to_string).collect());
    let judged = trust.judge(&Component {
        id: &id,
        signed: &report.component.signed,
        digest: &report.digest,
        signatures: &signatures,
    });
    let findings = match judged {
        Ok(admitted) => {
            report.admitted = Some(admitted);
            Vec::new()
        }
        Err(refusal) => {
            let found = refusal.finding(&arguments.file);
            vec![Finding::error("plugin", found.place, found.rule, found.mend)]
        }
    };
    Ok((report, findings))
}

/// All of these must have signed.
fn of_keys(files: &[PathBuf]) -> Result<Trust, Vec<Finding>> {
    let fix = "name a .pub file that `esignet plugin keygen` or minisign made";
    let mut publishers: Vec<Publisher> = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(file);
        let text =
            text.map_err(|error| vec![refused(file, &format!("the key cannot be read: {error}"), fix)])?;
        let key = PublicKey::parse(&text).map_err(|error| vec![refused(file, &error.to_string(), fix)])?;
        if publishers.iter().all(|publisher| publisher.keys.iter().all(|known| !known.is_same_key(&key))) {
            publishers.push(Publisher { name: file.display().to_string(), keys: vec![key], plugins: None });
        }
    }
    Ok(Trust { needed: publishers.len(), publishers, ..Trust::default() })
}

/// Who the component may be, when nobody says under which id it is loaded: what its signatures say they are of, which
/// counts only once they are verified.
fn claimed_id(report: &Report) -> String {
    let said = report
        .component
        .signatures
        .iter()
        .find_map(|signature| Facts::parse(signature.unverified_comment()).ok()?.id);
    let own = || facts::of_manifest(&report.component.signed).ok().flatten().map(|(id, _)| id);
    said.or_else(own).unwrap_or_else(|| stem(&report.file))
}

fn stem(file: &Path) -> String {
    file.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// Writes what the standard tool verifies; the names of the files.
fn export(report: &Report, directory: &Path) -> Result<Vec<PathBuf>, Finding> {
    let name = report.file.file_name().unwrap_or_default();
    let component = directory.join(name);
    let is_itself = component
        .canonicalize()
        .ok()
        .is_some_and(|to| report.file.canonicalize().is_ok_and(|from| from == to));
    if is_itself {
        return Err(refused(
            &component,
            "this is the component itself",
            "name another directory with --export",
        ));
    }
    let mut files = vec![(component, report.component.signed.clone())];
    let mut written = BTreeSet::new();
    for signature in &report.component.signatures {
        let key_id = signature.key_id();
        // Of two of one key the first counts as well as the second; a file has one name.
        if written.insert(key_id) {
            let mut name = name.to_owned();
            name.push(format!(".{key_id}.minisig"));
            files.push((directory.join(name), signature.to_string().into_bytes()));
        }
    }
    for (file, content) in &files {
        std::fs::write(file, content).map_err(|error| {
            refused(file, &format!("the file cannot be written: {error}"), "name a directory that is there")
        })?;
    }
    Ok(files.into_iter().map(|(file, _)| file).collect())
}

/// What is printed.
struct Report {
    file: PathBuf,
    digest: String,
    component: ComponentFile,
    admitted: Option<Admitted>,
    exported: Vec<PathBuf>,
}

impl Report {
    fn as_text(&self) -> String {
        let mut lines = vec![format!("{}\tsha256:{}", self.file.display(), self.digest)];
        for signature in &self.component.signatures {
            let said = signature.unverified_comment().replace('\t', " ");
            lines.push(format!("signature\t{}\tsays {said}", signature.key_id()));
        }
        if let Some(admitted) = &self.admitted {
            let version = admitted.version.as_ref().map(|version| format!("\tversion {version}"));
            let by = if admitted.signed_by.is_empty() {
                "nobody".to_owned()
            } else {
                admitted.signed_by.join(", ")
            };
            lines.push(format!("verified\tsigned by {by}{}", version.unwrap_or_default()));
        }
        lines.extend(self.exported.iter().map(|file| format!("written\t{}", file.display())));
        lines.join("\n") + "\n"
    }

    fn as_json(&self, findings: &[Finding]) -> Value {
        let signature = |signature: &esignet_sandbox::signature::minisign::UnverifiedSignature| json!({ "key_id": signature.key_id().to_string(), "says": signature.unverified_comment() });
        let admitted = self.admitted.as_ref();
        json!({
            "file": self.file.display().to_string(),
            "digest": format!("sha256:{}", self.digest),
            "signatures": self.component.signatures.iter().map(signature).collect::<Vec<_>>(),
            "verified": admitted.is_some(),
            "signed_by": admitted.map(|admitted| admitted.signed_by.clone()),
            "version": admitted.and_then(|admitted| admitted.version.as_ref()).map(ToString::to_string),
            "findings": findings,
        })
    }
}
