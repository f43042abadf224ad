//! `esignet plugin dev`: a login with the plugin that somebody is writing. Its sources are watched; what is saved is built and
//! exchanged while people log in, and every call of a plugin is told with what it asked the host for.
//!
//! It is `esignet dev` with that plugin as the ID system, or as the factor. Loopback only, unsigned code, made-up people.

mod told;
mod watched;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use esignet_build::Project;
use esignet_sandbox::{LoadReport, Loaded, Role};
use tokio::task::spawn_blocking;

use self::told::Printed;
use self::watched::Sources;
use super::building::{self, Component, Workshop};
use super::check::described_in_words;
use super::trial::{self, GRANT};
use crate::cli::dev::{self, Beside, Ended, Places, UnderWork, Work};
use crate::cli::serve;
use crate::config::finding::Finding;
use crate::config::{Config, Watched};
use crate::wire::plugins::Serving;

/// The arguments of `esignet plugin dev`.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The project
    #[arg(value_name = "DIR", default_value = ".")]
    directory: PathBuf,
    #[command(flatten)]
    places: Places,
    #[command(flatten)]
    workshop: Workshop,
}

/// A project under work, and where it is built.
#[derive(Clone)]
struct Bench {
    directory: PathBuf,
    workshop: Workshop,
}

/// Serves until a signal. What does not build or is refused is told, and tried again when something is saved.
pub(crate) async fn run(arguments: Arguments) -> ExitCode {
    let bench = Bench { directory: arguments.directory, workshop: arguments.workshop };
    if let Err(error) = Project::open(&bench.directory) {
        super::super::print(&[building::finding(&error)]);
        return ExitCode::from(2);
    }
    loop {
        let mut signals = match serve::signals() {
            Ok(signals) => signals,
            Err(code) => return code,
        };
        let mut sources = Sources::of(&bench.directory);
        let work = tokio::select! {
            biased;
            () = signals.received() => return ExitCode::SUCCESS,
            work = begun(&bench) => work,
        };
        match work {
            Ok(work) => match dev::serve(arguments.places.clone(), None, signals, Some(work)).await {
                Ok(Ended::Stopped(code)) => return code,
                Ok(Ended::Refused(_)) => {}
                Err(error) => {
                    eprintln!("esignet plugin dev: {error:#}");
                    return ExitCode::from(2);
                }
            },
            Err(findings) => super::super::print(&findings),
        }
        println!("\nNothing is served yet. It is tried again when you save something; Ctrl-C stops.\n");
        let Ok(mut signals) = serve::signals() else { return ExitCode::FAILURE };
        tokio::select! {
            () = signals.received() => return ExitCode::SUCCESS,
            () = sources.changed() => {}
        }
    }
}

/// The first build, and what the deployment has to know of it.
async fn begun(bench: &Bench) -> Result<Work, Vec<Finding>> {
    let built = built(bench).await.map_err(|finding| vec![finding])?;
    let manifest = &built.inspection.manifest;
    let grant = trial::granted(&bench.directory.join(GRANT), false).map_err(|finding| vec![finding])?;
    let roles = &built.inspection.roles;
    let factor = if roles.contains(&Role::AuthFactor) { factor(&built, &grant).await? } else { None };
    let plugin = UnderWork {
        id: manifest.plugin.id.clone(),
        component: built.file.clone(),
        section: grant,
        id_system: roles.contains(&Role::IdSystem).then(|| manifest.requests.claims.clone()),
        factor,
    };
    let beside = exchanging(bench.clone(), plugin.clone());
    Ok(Work { plugin, watched: Watched(Arc::new(Printed::default())), beside })
}

/// The word of a factor, which the acr mapping needs before there is a server.
async fn factor(built: &Component, grant: &toml::Table) -> Result<Option<String>, Vec<Finding>> {
    let (trial, _) = trial::load(&built.file, &built.inspection.manifest, grant.clone()).await?;
    match trial.report.outcome {
        Ok(loaded) => Ok(loaded.factor.map(|factor| factor.factor)),
        Err(findings) => Err(findings.into_iter().map(refused).collect()),
    }
}

fn refused(found: esignet_sandbox::Finding) -> Finding {
    Finding::error("refused", found.place, found.rule, found.mend)
}

async fn built(bench: &Bench) -> Result<Component, Finding> {
    let Bench { directory, workshop } = bench.clone();
    let built = spawn_blocking(move || building::build(&directory, None, &workshop)).await;
    built.unwrap_or_else(|error| {
        let problem = format!("the build ended without an end: {error}");
        Err(Finding::error("build", bench.directory.display(), problem, "report this as an error of esignet"))
    })
}

/// Exchanges the plugin whenever its sources change.
fn exchanging(bench: Bench, plugin: UnderWork) -> Beside {
    Box::new(move |serving, config| {
        Box::pin(async move {
            println!(
                "  {} is built again whenever you save a file in {}.\n",
                plugin.id,
                std::path::absolute(&bench.directory).unwrap_or_default().display()
            );
            let mut sources = Sources::of(&bench.directory);
            let first = described(&serving.report, &plugin.id).cloned();
            loop {
                sources.changed().await;
                if sources.has_changed(GRANT) {
                    println!("{GRANT} counts when `esignet plugin dev` is started again.");
                }
                match built(&bench).await {
                    Ok(component) => {
                        exchanged(&component, &plugin, (&serving, &config), first.as_ref()).await;
                    }
                    Err(finding) => {
                        super::super::print(&[finding]);
                        println!("! {}: the last good build goes on", plugin.id);
                    }
                }
            }
        })
    })
}

/// Puts a build in place, and tells what came of it.
async fn exchanged(
    component: &Component,
    plugin: &UnderWork,
    (serving, config): (&Arc<Serving>, &Arc<Config>),
    first: Option<&Loaded>,
) {
    let since = Instant::now();
    let place = plugin.file_in(&config.plugins.directory.value);
    if let Err(error) = put(&component.file, &place) {
        eprintln!("esignet plugin dev: {}: {error}", place.display());
        return;
    }
    let report = serving.load_now().await;
    let refusals = report
        .plugins
        .iter()
        .filter(|loaded| loaded.file == place)
        .flat_map(esignet_sandbox::PluginReport::refusals);
    let refusals: Vec<Finding> = refusals.cloned().map(refused).collect();
    let took = since.elapsed().as_secs_f64();
    if !refusals.is_empty() {
        super::super::print(&refusals);
        println!("! {}: refused; the last good build goes on", plugin.id);
        return;
    }
    println!("✓ {}: in place after {took:.1} s", plugin.id);
    let now = described(&report, &plugin.id);
    if let Some(now) = now.filter(|now| Some(*now) != first) {
        println!(
            "  It describes itself in another way than when the server started: {}. Kinds of identifier, claims of clients and the \
             word of a factor count when `esignet plugin dev` is started again.",
            described_in_words(now)
        );
    }
}

fn described<'a>(report: &'a LoadReport, id: &str) -> Option<&'a Loaded> {
    report.plugins.iter().find(|plugin| plugin.id == id)?.outcome.as_ref().ok()
}

/// Whole, at once: who looks sees the old file or the new one.
fn put(component: &Path, place: &Path) -> std::io::Result<()> {
    let draft = place.with_extension("draft");
    std::fs::copy(component, &draft)?;
    std::fs::rename(draft, place)
}
