//! `esignet plugin test`: the conformance kit and the author's own cases, against the real component in the real sandbox
//! (`docs/plugins/testing.md`).

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use esignet_harness::conformance::{self, Results};
use esignet_harness::fixture::Fixture;
use esignet_sandbox::Manifest;

use super::refused;
use crate::config::finding::Finding;

/// What the directory of fixtures beside a plugin is called.
const FIXTURES: &str = "fixtures";

/// The arguments of `esignet plugin test`.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The component, or the folder of a plugin that was built
    #[arg(value_name = "FILE|DIR", default_value = ".")]
    plugin: PathBuf,
    /// The fixtures, *.toml: who there is, and what servers answer; `fixtures` beside the plugin if not given
    #[arg(long, value_name = "DIR")]
    fixtures: Option<PathBuf>,
    /// Write the results there, too, as XML in the form that CI systems read (`JUnit`)
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Print as JSON
    #[arg(long)]
    json: bool,
    /// Keep machine code there, so that the plugin is compiled once for many runs; a folder of yours alone
    #[arg(long, value_name = "DIR")]
    compiled: Option<PathBuf>,
}

/// Runs everything. Ends with 0 when nothing failed, 1 when something did, and 2 when nothing could be run.
pub(crate) async fn run(arguments: Arguments) -> ExitCode {
    // The harness waits for calls by itself.
    let tested = tokio::task::spawn_blocking(move || test(&arguments)).await;
    match tested {
        Ok(Ok(results)) => ExitCode::from(u8::from(!results.is_conformant())),
        Ok(Err(finding)) => {
            crate::cli::print(&[finding]);
            ExitCode::from(2)
        }
        Err(error) => {
            eprintln!("esignet: the kit was ended: {error}");
            ExitCode::from(2)
        }
    }
}

fn test(arguments: &Arguments) -> Result<Results, Finding> {
    let component = component(&arguments.plugin)?;
    let fixtures = fixtures(arguments, &component)?;
    let compiled = arguments.compiled.as_deref();
    let results = conformance::run(&component, &fixtures, compiled, |outcome| {
        if !arguments.json {
            println!("{}", outcome.line());
        }
    });
    let results = results.map_err(|error| {
        refused(
            &component,
            &error.to_string(),
            "correct what it names; settings, keys and upstreams are given in fixtures",
        )
    })?;
    if let Some(junit) = &arguments.junit {
        fs::write(junit, results.junit()).map_err(|error| {
            refused(junit, &format!("it cannot be written: {error}"), "name a file in a folder of yours")
        })?;
    }
    if arguments.json {
        println!("{}", results.json());
    } else {
        println!("{}", results.summary());
    }
    Ok(results)
}

/// The file itself; in a folder the one that `esignet plugin build` writes, ID.wasm.
fn component(plugin: &Path) -> Result<PathBuf, Finding> {
    if !plugin.is_dir() {
        return Ok(plugin.to_owned());
    }
    let manifest = plugin.join("plugin.toml");
    let text = fs::read_to_string(&manifest).map_err(|error| {
        refused(
            &manifest,
            &format!("it cannot be read: {error}"),
            "name a component, or the folder of a plugin",
        )
    })?;
    let parsed = Manifest::parse(&text)
        .map_err(|rule| refused(&manifest, &rule, "docs/plugins/manifest.md has every key"))?;
    let component = plugin.join(format!("{}.wasm", parsed.plugin.id));
    if component.is_file() {
        return Ok(component);
    }
    Err(refused(&component, "it is not there", "build it first: esignet plugin build"))
}

fn fixtures(arguments: &Arguments, component: &Path) -> Result<Vec<Fixture>, Finding> {
    let beside = component.parent().unwrap_or(Path::new("")).join(FIXTURES);
    let directory = match &arguments.fixtures {
        Some(directory) => directory.clone(),
        None if beside.is_dir() => beside,
        None => return Ok(Vec::new()),
    };
    Fixture::read_all(&directory)
        .map_err(|error| Finding::error("fixture", error.place, error.problem, error.fix))
}
