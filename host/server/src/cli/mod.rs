//! The commands. Each says what it did or what is wrong and how to mend it, and ends with a code for scripts:
//! 0 for done, 1 for warnings (`check`) or a failure while running, 2 for a configuration or a request that is refused.

pub(crate) mod audit;
pub(crate) mod check;
pub(crate) mod client;
pub(crate) mod consent;
pub(crate) mod dev;
pub(crate) mod keys;
pub(crate) mod plugin;
pub(crate) mod serve;
mod signals;
mod stored;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::finding::{Finding, Severity, any_error};

/// An OpenID Provider for national ID systems.
#[derive(Debug, Parser)]
#[command(name = "esignet", version, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve logins as the configuration says
    Serve(serve::Arguments),
    /// Everything on this machine to try a login: made-up people, a sample relying party, nothing kept
    Dev(dev::Arguments),
    /// Look for everything that is wrong with a configuration, without changing anything
    ///
    /// Opening a store writes to it, so what is in it is looked at in a temporary copy (up to 256 MiB), and not at all
    /// while a server has it open: a warning says so.
    Check(check::Arguments),
    /// Registered relying parties
    #[command(subcommand)]
    Client(client::Command),
    /// What people agreed to
    #[command(subcommand)]
    Consent(consent::Command),
    /// The record of what happened
    #[command(subcommand)]
    Audit(audit::Command),
    /// Signing keys: what is published, what signs, what comes next
    #[command(subcommand)]
    Keys(keys::Command),
    /// Plugins
    #[command(subcommand)]
    Plugin(plugin::Command),
}

/// Which configuration.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct ConfigArgument {
    /// The configuration; variables of the environment take the place of its keys
    #[arg(long, value_name = "FILE", default_value = "esignet.toml")]
    pub(crate) config: PathBuf,
}

/// Runs a command to its end.
pub(crate) async fn run(arguments: Arguments) -> ExitCode {
    match arguments.command {
        Command::Serve(arguments) => serve::run(arguments).await,
        Command::Dev(arguments) => dev::run(arguments).await,
        Command::Check(arguments) => check::run(&arguments).await,
        Command::Client(command) => client::run(command).await,
        Command::Consent(command) => consent::run(command).await,
        Command::Audit(command) => audit::run(&command),
        Command::Keys(command) => keys::run(command).await,
        Command::Plugin(command) => plugin::run(command).await,
    }
}

/// The variables of the environment that are text.
pub(crate) fn variables() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// Prints findings to standard error, errors last, where they are seen.
pub(crate) fn print(findings: &[Finding]) {
    let mut sorted: Vec<&Finding> = findings.iter().collect();
    sorted.sort_by_key(|finding| finding.severity);
    for finding in sorted {
        eprintln!("{finding}");
    }
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error).count();
    if errors > 0 {
        eprintln!("{errors} {}", if errors == 1 { "error" } else { "errors" });
    }
}

/// The code for a list of findings: 0 none, 1 warnings only, 2 an error.
pub(crate) fn code(findings: &[Finding]) -> ExitCode {
    ExitCode::from(match findings {
        [] => 0,
        findings if any_error(findings) => 2,
        _ => 1,
    })
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser as _};

    use super::Arguments;

    #[test]
    fn every_command_is_one() {
        Arguments::command().debug_assert();
    }

    /// Subjects and key ids are base64url, one in sixty-four of which begins with a hyphen.
    #[test]
    fn what_begins_with_a_hyphen_is_a_name_where_names_are_asked_for() {
        for line in [
            "esignet consent list --config esignet.toml --subject -kQ9",
            "esignet consent receipt --config esignet.toml --client bank --subject -kQ9",
            "esignet consent withdraw --config esignet.toml --client bank --subject -kQ9",
            "esignet keys revoke -kQ9 other --config esignet.toml",
            "esignet keys revoke --config esignet.toml -kQ9",
        ] {
            let read = Arguments::try_parse_from(line.split(' '));
            assert!(read.is_ok(), "{line}: {}", read.err().unwrap());
            assert!(format!("{:?}", read.unwrap()).contains("\"-kQ9\""), "{line}");
        }
    }
}
