//! `cargo xtask fuzz`: arbitrary bytes for whatever parses bytes from outside.
//!
//! The targets are the functions of `tests/fuzz`, in one program with `libFuzzer`. It needs no nightly compiler and no tool
//! beyond cargo and a C++ compiler: the coverage counters are a pass of LLVM that the stable compiler has.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::cargo::{self, cargo};
use crate::workspace;
use esignet_build::progress;

/// What the command takes, for the help.
pub(crate) const ARGUMENTS: &str = "[TARGET] [--seconds N]";

/// How long each target runs when nobody says.
pub(crate) const SHORT: Duration = Duration::from_secs(5);

/// What makes the compiler count which edges are taken and show the fuzzer what is compared.
const COVERAGE: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares";

/// The largest input, in bytes: a little over the bounds of what is parsed.
const MAX_INPUT: usize = 18 * 1024;

/// The command.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let mut only = None;
    let mut each = SHORT;
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--seconds" => {
                let seconds = words.next().and_then(|seconds| seconds.parse().ok());
                each = Duration::from_secs(seconds.context("--seconds needs a number")?);
            }
            name if !name.starts_with('-') && only.is_none() => only = Some(name.to_owned()),
            other => bail!("it does not know {other}; it takes {ARGUMENTS}"),
        }
    }
    let mut names = targets()?;
    if let Some(only) = only {
        if !names.contains(&only) {
            bail!("there is no target {only}; there are {}", names.join(", "));
        }
        names = vec![only];
    }
    fuzz(&names, each)
}

/// Builds, and runs these targets for so long each. The first finding stops it.
pub(crate) fn fuzz(names: &[String], each: Duration) -> Result<()> {
    let program = build()?;
    for name in names {
        let step = progress::step(&format!("{name}, {} s", each.as_secs()));
        step.done(&run_target(&program, name, each)?);
    }
    Ok(())
}

/// Why nothing can be fuzzed here, when it cannot: `libFuzzer` is C++.
pub(crate) fn left_out() -> Option<String> {
    let compiler = std::env::var("CXX").unwrap_or_else(|_| "c++".to_owned());
    (!cargo::is_there(&compiler, "--version")).then(|| "there is no C++ compiler".to_owned())
}

/// Every target: a directory with seeds each.
pub(crate) fn targets() -> Result<Vec<String>> {
    let corpus = sources().join("corpus");
    let mut names = Vec::new();
    for entry in std::fs::read_dir(&corpus).with_context(|| corpus.display().to_string())? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

fn sources() -> PathBuf {
    workspace::root().join("tests/fuzz")
}

/// Build products of their own, since every dependency is built with counters.
fn products() -> PathBuf {
    workspace::target_dir().join("fuzz")
}

/// Looks at the targets as the other crates are looked at.
pub(crate) fn lints() -> Result<()> {
    let mut clippy = with_counters("clippy", &host()?);
    clippy.args(["--", "-D", "warnings"]);
    cargo::run("lints of the fuzz targets", &mut clippy, "see the messages above")
}

/// Cargo for the fuzz targets. The host is named as a target, so that build scripts have no counters.
fn with_counters(command: &str, host: &str) -> Command {
    let mut cargo = cargo([command, "--release", "--manifest-path", "tests/fuzz/Cargo.toml"]);
    cargo.arg("--target").arg(host).arg("--target-dir").arg(products());
    cargo.env("RUSTFLAGS", COVERAGE).env_remove("CARGO_ENCODED_RUSTFLAGS");
    cargo
}

/// Builds the program with all targets.
fn build() -> Result<PathBuf> {
    let host = host()?;
    let mut build = with_counters("build", &host);
    cargo::run(
        "fuzz targets, built with coverage counters",
        &mut build,
        "see the compiler's messages above",
    )?;
    Ok(products().join(host).join("release/esignet-fuzz"))
}

/// The triple of the machine, as the compiler says it.
fn host() -> Result<String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("-vV").output().context("rustc cannot be run")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).context("rustc -vV names no host")
}

/// Runs one target and says what it did. What it finds of new inputs stays for the next run; seeds are only read.
fn run_target(program: &Path, name: &str, each: Duration) -> Result<String> {
    let learned = products().join("corpus").join(name);
    let findings = products().join("findings");
    std::fs::create_dir_all(&learned).with_context(|| learned.display().to_string())?;
    std::fs::create_dir_all(&findings).with_context(|| findings.display().to_string())?;
    let prefix = findings.join(format!("{name}-"));
    let output = Command::new(program)
        .env("ESIGNET_FUZZ_TARGET", name)
        .arg(format!("-max_total_time={}", each.as_secs()))
        .arg(format!("-max_len={MAX_INPUT}"))
        .arg(format!("-artifact_prefix={}", prefix.display()))
        .arg(format!("-dict={}", sources().join("dictionary").display()))
        .args(["-timeout=10", "-rss_limit_mb=1024", "-print_final_stats=1"])
        .arg(&learned)
        .arg(sources().join("corpus").join(name))
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("{} cannot be run", program.display()))?;
    let log = String::from_utf8_lossy(&output.stderr);
    if output.status.success() {
        return Ok(format!("{name}: {}", statistics(&log)));
    }
    eprintln!("{log}");
    for artifact in written(&log) {
        let input = std::fs::read(artifact).with_context(|| artifact.to_owned())?;
        eprintln!("the input, {} bytes in {artifact}:", input.len());
        eprintln!("  hex:  {}", hexadecimal(&input));
        eprintln!("  text: {}", input.escape_ascii());
        eprintln!(
            "again: ESIGNET_FUZZ_TARGET={name} {} {artifact}; fixed, it becomes a seed in tests/fuzz/corpus/{name}",
            program.display()
        );
    }
    bail!("{name} found something ({}): the input is above", output.status)
}

/// The files in which `libFuzzer` says it left what it found.
fn written(log: &str) -> impl Iterator<Item = &str> {
    log.lines().filter_map(|line| line.split_once("Test unit written to ")).map(|(_, file)| file.trim())
}

/// How many inputs were run and how many of them are worth keeping, out of what `libFuzzer` prints at the end.
fn statistics(log: &str) -> String {
    let number = |name: &str| {
        let line = log.lines().find(|line| line.starts_with(name));
        line.and_then(|line| line.rsplit(' ').next()).unwrap_or("?").to_owned()
    };
    let executed = number("stat::number_of_executed_units:");
    let added = number("stat::new_units_added:");
    format!("{executed} inputs, {added} of them new ways through")
}

fn hexadecimal(octets: &[u8]) -> String {
    octets.iter().fold(String::with_capacity(octets.len() * 2), |mut text, octet| {
        let _infallible = write!(text, "{octet:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_has_a_file_and_seeds_and_a_place_in_the_table() {
        let table = std::fs::read_to_string(sources().join("src/main.rs")).unwrap();
        let mut files: Vec<String> = std::fs::read_dir(sources().join("src/target"))
            .unwrap()
            .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
            .collect();
        files.sort();
        let names = targets().unwrap();
        assert_eq!(names, files);
        for name in names {
            assert!(table.contains(&format!("(\"{name}\", target::{name}::run)")), "{name}");
            let seeds = std::fs::read_dir(sources().join("corpus").join(&name)).unwrap().count();
            assert!(seeds >= 2, "{name} has {seeds} seeds");
        }
    }

    #[test]
    fn the_last_lines_of_a_run_say_what_it_did() {
        let log = "#9\tDONE\nstat::number_of_executed_units: 1234\nstat::new_units_added:          56\n";
        assert_eq!(statistics(log), "1234 inputs, 56 of them new ways through");
        assert_eq!(statistics(""), "? inputs, ? of them new ways through");
    }

    #[test]
    fn a_finding_is_where_the_log_says() {
        let log =
            "INFO: seed corpus\nartifact_prefix='/t/x-'; Test unit written to /t/x-crash-01\nBase64: LQ==\n";
        assert_eq!(written(log).collect::<Vec<_>>(), ["/t/x-crash-01"]);
        assert_eq!(written("#9\tDONE\n").count(), 0);
    }

    #[test]
    fn an_input_is_shown_in_full() {
        assert_eq!(hexadecimal(&[0, 0x7f, 0xff]), "007fff");
    }
}
