//! `esignet plugin check`: what a server would refuse or warn of, told to who writes a plugin.
//!
//! The component is loaded as a server loads it, in the sandbox and under the limits of its manifest, and describes itself there.
//! What it asks for it has as `dev.toml` gives it, or as a stand-in that nobody answers behind.

mod examined;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use esignet_build::Project;
use esignet_sandbox::{Inspection, Loaded, PluginReport};
use serde_json::{Value, json};

use super::building::{self, Workshop};
use super::component_file::ComponentFile;
use super::trial::{self, GRANT, Given};
use crate::config::finding::Finding;

/// The arguments of `esignet plugin check`.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A component, or the directory of a project, which is built first
    #[arg(value_name = "WASM|DIR", default_value = ".")]
    path: PathBuf,
    /// What the plugin is given, as in [plugins."ID"]; dev.toml of a project if not named
    #[arg(long, value_name = "FILE")]
    grant: Option<PathBuf>,
    /// Print as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    workshop: Workshop,
}

/// Checks. Ends with 0 when a server would have nothing to say, 1 for warnings, 2 when it would refuse.
pub(crate) async fn run(arguments: &Arguments) -> ExitCode {
    if arguments.json {
        esignet_build::progress::be_quiet();
    }
    let mut report = Report::default();
    if let Err(findings) = attempt(arguments, &mut report).await {
        report.findings.extend(findings);
    }
    if arguments.json {
        println!("{:#}", report.as_json());
    } else {
        print!("{}", report.as_text());
        super::super::print(&report.findings);
    }
    super::super::code(&report.findings)
}

/// What there is to tell.
#[derive(Default)]
struct Report {
    file: PathBuf,
    inspection: Option<Inspection>,
    signed_by: Vec<String>,
    stand_ins: Vec<String>,
    described: Option<Loaded>,
    findings: Vec<Finding>,
}

async fn attempt(arguments: &Arguments, report: &mut Report) -> Result<(), Vec<Finding>> {
    let project = if arguments.path.is_dir() {
        let built =
            building::build(&arguments.path, None, &arguments.workshop).map_err(|finding| vec![finding])?;
        report.file = built.file;
        Some(Project::open(&arguments.path).map_err(|error| vec![building::finding(&error)])?)
    } else {
        report.file.clone_from(&arguments.path);
        None
    };
    let inspection = Inspection::of(&report.file).map_err(|found| vec![refusal(&report.file, found)])?;
    report.findings.extend(examined::component(&inspection, &report.file));
    if let Some(project) = &project {
        report.findings.extend(examined::sources(project).map_err(|error| vec![building::finding(&error)])?);
    }
    let component = ComponentFile::read(&report.file).map_err(|finding| vec![finding])?;
    report.signed_by = component.signatures.iter().map(|signature| signature.key_id().to_string()).collect();
    report.inspection = Some(inspection.clone());

    let beside = || Some(project.as_ref()?.directory.join(GRANT));
    let granted = match arguments.grant.clone().or_else(beside) {
        Some(file) => trial::granted(&file, arguments.grant.is_some()).map_err(|finding| vec![finding])?,
        None => toml::Table::new(),
    };
    let (loaded, given) = trial::load(&report.file, &inspection.manifest, granted).await?;
    report.stand_ins.clone_from(&given.stand_ins);
    report.findings.extend(loaded.findings);
    report.tell(loaded.report, &given, &inspection);
    Ok(())
}

impl Report {
    /// What came of loading it.
    fn tell(&mut self, plugin: PluginReport, given: &Given, inspection: &Inspection) {
        let warned = plugin.warnings.into_iter();
        self.findings
            .extend(warned.map(|found| Finding::warning("unasked", found.place, found.rule, found.mend)));
        let missing = given.missing_settings(&inspection.manifest);
        match plugin.outcome {
            Ok(loaded) => {
                self.findings.extend(examined::descriptor(&inspection.manifest, &loaded, &self.file));
                self.described = Some(loaded);
            }
            // Without them nobody can say more than that.
            Err(_) if !missing.is_empty() => self.findings.push(Finding::warning(
                "settings",
                self.file.display(),
                format!("it was not run: it needs settings that nobody gave ({})", missing.join(", ")),
                format!(
                    "write them into [config] of {GRANT} in the project, or of a file that --grant names"
                ),
            )),
            // It was linked, so what is left is what it says of itself.
            Err(findings) => {
                let code =
                    if plugin.code.is_some() && !plugin.roles.is_empty() { "describe" } else { "refused" };
                let file = self.file.display();
                self.findings.extend(findings.into_iter().map(|found| {
                    let place = if Path::new(&found.place).extension().is_some_and(|end| end == "wasm") {
                        file.to_string()
                    } else {
                        found.place
                    };
                    Finding::error(code, place, found.rule, found.mend)
                }));
            }
        }
    }

    fn as_text(&self) -> String {
        let Some(Inspection { manifest, bytes, digest, roles, .. }) = &self.inspection else {
            return String::new();
        };
        let plugin = &manifest.plugin;
        let roles = roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(", ");
        let mut lines = vec![
            ("plugin", format!("{} {} by {}", plugin.id, plugin.version, plugin.publisher)),
            ("file", format!("{}, {} KiB, sha256:{digest}", self.file.display(), bytes.div_ceil(1024))),
            ("roles", roles),
        ];
        lines.extend(self.described.as_ref().map(|described| ("describes", described_in_words(described))));
        let signature = if self.signed_by.is_empty() {
            "none: servers take it once it is signed (`esignet plugin sign`), or with require_signatures = false".to_owned()
        } else {
            format!(
                "by the keys {}; `esignet plugin verify` says whether that is enough",
                self.signed_by.join(", ")
            )
        };
        lines.push(("signature", signature));
        if !self.stand_ins.is_empty() {
            lines.push(("stand-ins", format!("for {}", self.stand_ins.join(", "))));
        }
        if self.findings.is_empty() {
            lines.push(("findings", "none".to_owned()));
        }
        lines.into_iter().fold(String::new(), |text, (name, value)| text + &format!("{name:<10} {value}\n"))
    }

    fn as_json(&self) -> Value {
        let inspection = self.inspection.as_ref();
        let described = self.described.as_ref();
        json!({
            "file": self.file.display().to_string(),
            "id": inspection.map(|inspection| &inspection.manifest.plugin.id),
            "version": inspection.map(|inspection| inspection.manifest.plugin.version.to_string()),
            "bytes": inspection.map(|inspection| inspection.bytes),
            "digest": inspection.map(|inspection| format!("sha256:{}", inspection.digest)),
            "roles": inspection.map(|inspection| inspection.roles.iter().map(|role| role.as_str()).collect::<Vec<_>>()),
            "imports": inspection.map(|inspection| &inspection.imports),
            "signed_by_keys": self.signed_by,
            "stand_ins": self.stand_ins,
            "described": described.is_some(),
            "factor": described.and_then(|described| described.factor.as_ref()).map(|factor| &factor.factor),
            "claims": described.and_then(|described| described.id_system.as_ref()).map(|id_system| &id_system.claims),
            "findings": self.findings,
        })
    }
}

/// What it says of itself.
pub(super) fn described_in_words(described: &Loaded) -> String {
    let id_system = described.id_system.as_ref().map(|id_system| {
        let judged: Vec<&str> = id_system.factors.iter().map(|(factor, _)| factor.as_str()).collect();
        format!(
            "identifiers {}; judges {}; releases {}",
            or_none(&id_system.individual_kinds),
            or_none(&judged),
            or_none(&id_system.claims)
        )
    });
    let factor = described.factor.as_ref();
    let factor = factor.map(|factor| format!("the factor {}, amr {}", factor.factor, or_none(&factor.amr)));
    let captcha = described.captcha.then(|| "a captcha".to_owned());
    let notifier = described.notifier.as_ref().map(|events| format!("a notifier of {}", or_none(events)));
    id_system.into_iter().chain(factor).chain(captcha).chain(notifier).collect::<Vec<_>>().join("; ")
}

fn or_none(words: &[impl AsRef<str>]) -> String {
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    if words.is_empty() { "nothing".to_owned() } else { words.join(", ") }
}

/// Why it is no plugin.
fn refusal(file: &Path, found: esignet_sandbox::Finding) -> Finding {
    let code = if found.place == file.display().to_string() { "component" } else { "manifest" };
    Finding::error(code, found.place, found.rule, found.mend)
}
