//! `esignet audit verify` and `export`: the log of what happened, walked and printed.
//!
//! Both only read, so the server may run, and the log may be a copy.

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use esignet_protocol::audit::chain::hexadecimal;
use esignet_store::audit::{Break, Given, Verified, events, verify};
use serde_json::json;

use super::ConfigArgument;
use crate::config;
use crate::config::finding::Finding;

/// The commands on the audit log.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Walk the chain of the log and say where it breaks first, if it does
    Verify(Which),
    /// Print the log as lines of JSON: where it begins, then every event
    ///
    /// Each event is verified before it is printed; the output ends where the chain breaks.
    Export {
        #[command(flatten)]
        which: Which,
        /// Leave out events before this one
        #[arg(long, value_name = "SEQUENCE", default_value_t = 1)]
        from: u64,
    },
}

/// Which log.
#[derive(Debug, clap::Args)]
pub(crate) struct Which {
    #[command(flatten)]
    config: ConfigArgument,
    /// The directory of a log, such as a copy, instead of that of the configuration
    #[arg(long, value_name = "DIR")]
    directory: Option<PathBuf>,
}

/// Runs a command on the audit log. Ends with 2 when the chain breaks.
pub(crate) fn run(command: &Command) -> ExitCode {
    let outcome = match command {
        Command::Verify(which) => directory(which).and_then(|directory| {
            let verified = verify(&directory).map_err(|error| broken(&error))?;
            println!("{}", sound(&verified));
            Ok(())
        }),
        Command::Export { which, from } => directory(which).and_then(|directory| {
            let mut output = BufWriter::new(io::stdout().lock());
            let walked = events(&directory, |given| print(&mut output, given, *from));
            let flushed = output.flush();
            walked.map_err(|error| broken(&error))?;
            flushed.map_err(|error| broken(&Break::Io(error)))
        }),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(findings) => {
            super::print(&findings);
            ExitCode::from(2)
        }
    }
}

fn directory(which: &Which) -> Result<PathBuf, Vec<Finding>> {
    if let Some(directory) = &which.directory {
        return Ok(directory.clone());
    }
    let (config, _) = config::load(&which.config.config, super::variables())?;
    let audit = config.audit.ok_or_else(|| {
        let fix = "add directory = \"audit\" to [audit], or name a log with --directory";
        vec![Finding::error("audit", "[audit]", "the configuration has no audit log", fix)]
    })?;
    Ok(audit.directory.value)
}

fn print(output: &mut impl Write, given: Given<'_>, from: u64) -> io::Result<()> {
    match given {
        Given::Beginning { log, first, previous } => {
            let beginning = json!({ "log": log, "first": first, "previous": hexadecimal::digits(previous) });
            writeln!(output, "{beginning}")
        }
        Given::Event(event) if event.sequence < from => Ok(()),
        Given::Event(event) => {
            serde_json::to_writer(&mut *output, event)?;
            writeln!(output)
        }
    }
}

fn sound(verified: &Verified) -> String {
    let Verified { log, first, last } = verified;
    if last < first {
        return format!("the log {log} has no events");
    }
    format!("the chain of the log {log} holds from event {first} to event {last}")
}

fn broken(error: &Break) -> Vec<Finding> {
    let fix = match error {
        Break::Nothing(_) => "name the directory of [audit], or a copy of it",
        Break::File { .. } | Break::Event { .. } => {
            "compare it with what the sinks have, and keep the directory as evidence: somebody changed it, or its disk is damaged"
        }
        Break::Io(_) => "see that the directory can be read",
    };
    vec![Finding::error("audit", "[audit] directory", error.to_string(), fix)]
}
