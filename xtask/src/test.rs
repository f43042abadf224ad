//! `cargo xtask test`: everything that must hold before a change lands, in the order in which it fails fastest.

mod sdks;
mod witnesses;

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::cargo::{self, cargo};
use crate::demo::{self, Built};
use crate::fuzz;
use crate::plugins;

/// One thing that must hold: what it is called, and what finds out. `None` is a pass, a text a reason to leave it out.
type Check<'a> = (&'static str, &'a dyn Fn() -> Result<Option<String>>);

/// The command.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    if !arguments.is_empty() {
        bail!("it takes no arguments");
    }
    let components = std::cell::OnceCell::new();
    let built = || -> Result<Built> {
        let plugins: &std::path::PathBuf = components.get().context("the plugins are not built")?;
        Built::already(plugins)
    };
    let plugins = || {
        let directory = plugins::build_all()?.plugins;
        let _same = components.set(directory);
        Ok(None)
    };
    let check_demo = || demo::check(&built()?, None).map(|()| None);
    let witnesses = || witnesses::run(&built()?).map(|()| None);
    let checks: [Check<'_>; 10] = [
        ("formatting", &formatting),
        ("SDKs of JavaScript and Python", &sdks::run),
        ("plugins", &plugins),
        ("lints", &lints),
        ("licences and sources", &licences),
        ("build", &build),
        ("demo --check", &check_demo),
        ("outside witnesses", &witnesses),
        ("fuzz, short", &fuzz_short),
        // Last, so that its closing lines are those that are read.
        ("tests", &tests),
    ];
    let mut rows = Vec::new();
    for (name, check) in checks {
        let since = Instant::now();
        let outcome = check();
        rows.push((name, since.elapsed(), outcome.as_ref().ok().cloned().flatten(), outcome.is_ok()));
        if let Err(error) = outcome {
            print_table(&rows);
            return Err(error.context(format!("{name} failed")));
        }
    }
    print_table(&rows);
    Ok(())
}

fn formatting() -> Result<Option<String>> {
    let advice = "run `cargo fmt --all`";
    cargo::run("formatting", &mut cargo(["fmt", "--all", "--check"]), advice)?;
    let mut fmt = cargo(["fmt", "--check", "--manifest-path", "tests/fuzz/Cargo.toml"]);
    let advice = "run `cargo fmt --manifest-path tests/fuzz/Cargo.toml`";
    cargo::run("formatting of the fuzz targets", &mut fmt, advice).map(|()| None)
}

/// Every target for a few seconds, from its seeds and from what earlier runs have learned.
fn fuzz_short() -> Result<Option<String>> {
    if let Some(reason) = fuzz::left_out() {
        println!("- fuzz, short: left out, {reason} (on Debian: apt-get install g++)");
        return Ok(Some(reason));
    }
    fuzz::fuzz(&fuzz::targets()?, fuzz::SHORT).map(|()| None)
}

fn lints() -> Result<Option<String>> {
    let mut clippy = cargo(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]);
    cargo::run("lints", &mut clippy, "see the messages above").map(|()| None)
}

/// Where the tool is there. It takes minutes to build, so it is for the nightly run to insist on it.
fn licences() -> Result<Option<String>> {
    if !cargo::is_there("cargo-deny", "--version") {
        println!(
            "- licences and sources: left out, cargo-deny is not installed (`cargo install cargo-deny`)"
        );
        return Ok(Some("cargo-deny is not installed".to_owned()));
    }
    let mut deny = cargo(["deny", "check", "licenses", "bans", "sources"]);
    cargo::run("licences and sources", &mut deny, "see deny.toml").map(|()| None)
}

/// All targets at once, so that the programs and the tests share one build of every dependency.
fn build() -> Result<Option<String>> {
    let mut build = cargo(["build", "--workspace", "--all-targets"]);
    cargo::run("programs and tests", &mut build, "see the compiler's messages above").map(|()| None)
}

fn tests() -> Result<Option<String>> {
    let mut test = cargo(["test", "--workspace"]);
    cargo::run("tests", &mut test, "the tests that failed are named above").map(|()| None)
}

fn print_table(rows: &[(&str, Duration, Option<String>, bool)]) {
    println!();
    for (name, took, left_out, passed) in rows {
        let verdict = match (passed, left_out) {
            (false, _) => "FAILED",
            (true, Some(_)) => "left out",
            (true, None) => "passed",
        };
        println!("{name:<30} {verdict:<9} {:>7.1} s", took.as_secs_f64());
    }
}
