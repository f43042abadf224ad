//! `cargo xtask nightly`: what takes too long for every change, and must hold all the same.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::fuzz;

/// What the command takes, for the help.
pub(crate) const ARGUMENTS: &str = "[--minutes N]";

/// How long each piece of work may run.
struct Share {
    /// For each fuzz target.
    fuzz_target: Duration,
}

/// A piece of work: what it is called, and what does it.
type Work = (&'static str, fn(&Share) -> Result<()>);

/// The work of a night. Everything here runs, also after something has failed; the command fails in the end.
const WORK: &[Work] = &[("lints of the targets", |_| fuzz::lints()), ("fuzz, long", fuzz_long)];

/// The command.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let minutes: u64 = match arguments {
        [] => 5,
        [name, minutes] if name == "--minutes" => minutes.parse().context("--minutes needs a number")?,
        [other, ..] => bail!("it does not know {other}; it takes {ARGUMENTS}"),
    };
    let share = Share { fuzz_target: Duration::from_secs(minutes * 60) };
    let mut failed = Vec::new();
    for (name, work) in WORK {
        let since = Instant::now();
        if let Err(error) = work(&share) {
            eprintln!("{name}: {error:#}");
            failed.push(*name);
        }
        println!("{name:<22} {:>7.1} s", since.elapsed().as_secs_f64());
    }
    if failed.is_empty() { Ok(()) } else { bail!("failed: {}", failed.join(", ")) }
}

/// Every target, even after a finding in another: a night is too long to lose over one.
fn fuzz_long(share: &Share) -> Result<()> {
    if let Some(reason) = fuzz::left_out() {
        bail!("{reason}, and a night without fuzzing is none");
    }
    let mut findings = Vec::new();
    for name in fuzz::targets()? {
        if let Err(error) = fuzz::fuzz(std::slice::from_ref(&name), share.fuzz_target) {
            eprintln!("{error:#}");
            findings.push(name);
        }
    }
    if findings.is_empty() { Ok(()) } else { bail!("findings in {}", findings.join(", ")) }
}
