//! `esignet check`: everything that is wrong with a configuration and with what it names, at once.

use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::json;

use crate::config::finding::Finding;
use crate::config::{self, Weakening};
use crate::wire::{self, Outcome, Purpose};

/// The arguments of `esignet check`.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The configuration
    #[arg(value_name = "CONFIG", default_value = "esignet.toml")]
    config: PathBuf,
    /// Print findings as JSON to standard output
    #[arg(long)]
    json: bool,
}

/// Checks and prints. Ends with 0 for nothing found, 1 for warnings only, 2 for errors.
pub(crate) async fn run(arguments: &Arguments) -> ExitCode {
    let findings = findings(arguments).await;
    if arguments.json {
        println!("{}", json!({ "findings": findings }));
        return super::code(&findings);
    }
    super::print(&findings);
    if findings.is_empty() {
        println!("{}: nothing to find fault with", arguments.config.display());
    }
    super::code(&findings)
}

async fn findings(arguments: &Arguments) -> Vec<Finding> {
    let (config, mut findings) = match config::load(&arguments.config, super::variables()) {
        Ok(loaded) => loaded,
        Err(findings) => return findings,
    };
    findings.extend(config.weakenings.iter().map(weakened));
    let (outcome, found) = wire::wire(&config, Purpose::Check, std::future::pending()).await;
    findings.extend(found);
    if let Outcome::Ready(wired) = outcome
        && let Err(error) = wired.store.close().await
    {
        let fix = "see whether the disk is full or broken";
        findings.push(Finding::error("store", "[store]", format!("the store did not close: {error}"), fix));
    }
    findings
}

fn weakened(weakening: &Weakening) -> Finding {
    Finding::warning(
        "weakened",
        &weakening.key,
        weakening.meaning,
        "remove or change the key unless this is meant",
    )
}
