//! `esignet plugin`: writing one (`docs/plugins`), what plugins there are, what one is, signatures (`docs/operations/plugin-signatures.md`), and what a
//! running server is told of its plugins (`docs/operations/plugins.md`).

mod inspect;

mod bench;
mod building;
mod check;
mod component_file;
mod conformance;
mod dev;
mod keygen;
mod new;
mod password;
mod private_key;
mod sign;
mod trial;
mod verify;

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use esignet_protocol::id_systems::Rule;
use esignet_sandbox::{MemoryCache, Order, PluginReport};
use serde_json::{Value, json};

use super::ConfigArgument;
use crate::config::finding::Finding;
use crate::config::{self, Config};
use crate::system::SystemClock;
use crate::wire::Purpose;
use crate::wire::master_key::MasterKey;
use crate::wire::plugins::{self, LoadedPlugins, id_systems};

/// How long a running server may take for an order: it may have to compile.
const ANSWERED_WITHIN: Duration = Duration::from_mins(1);

/// The commands on plugins.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// List plugins: id, digest, who signed it, roles, what it provides, or what is wrong
    List {
        #[command(flatten)]
        config: ConfigArgument,
        /// Print as JSON
        #[arg(long)]
        json: bool,
        /// Ask the running server how its plugins are, instead of looking at the files: JSON
        #[arg(long)]
        running: bool,
    },
    /// Have the running server read every plugin again, also those that it refused
    Reload {
        #[command(flatten)]
        config: ConfigArgument,
    },
    /// Have the running server go back to the last good build of a plugin
    Rollback {
        #[command(flatten)]
        config: ConfigArgument,
        /// The plugin's id
        id: String,
    },
    /// Have the running server end the quarantine or the rolling back of a plugin
    Release {
        #[command(flatten)]
        config: ConfigArgument,
        /// The plugin's id
        id: String,
    },
    /// Compile one component from standard input to standard output, for a server that started this process
    #[command(hide = true)]
    CompileChild {
        #[arg(long)]
        memory_mib: u64,
        #[arg(long)]
        cpu_seconds: u64,
    },
    /// Test a plugin: what every plugin of its role must do, and what its author wrote down
    Test(conformance::Arguments),
    /// Begin a plugin: a folder with a small one that works
    New(new::Arguments),
    /// Make the component of a plugin: NAME.wasm, with its manifest inside
    Build(building::Arguments),
    /// Say what a server would refuse or warn of, before it does
    Check(check::Arguments),
    /// Log in with the plugin that you are writing: built again, exchanged and watched while you write; on this machine only
    Dev(dev::Arguments),
    /// Measure what a call costs, and what the server adds to what the engine needs
    Bench(bench::Arguments),
    /// Say what a file is, what it asks for, and the lines that grant it; nothing of it is run
    Inspect(inspect::Inspect),
    /// Make a publisher's key pair, in the files of minisign
    Keygen(keygen::Arguments),
    /// Sign a plugin; a signature of the same key is replaced
    Sign(sign::Arguments),
    /// Say who signed a plugin, and whether that is enough
    Verify(verify::Arguments),
}

/// Runs a command on plugins. Ends with 2 when something is wrong with one of them.
pub(crate) async fn run(command: Command) -> ExitCode {
    match command {
        Command::List { config, running: true, .. } => order(&config, &Order::List).await,
        Command::List { config, json, running: false } => list(&config, json).await,
        Command::Reload { config } => order(&config, &Order::Reload).await,
        Command::Rollback { config, id } => order(&config, &Order::RollBack(id)).await,
        Command::Release { config, id } => order(&config, &Order::Release(id)).await,
        Command::CompileChild { memory_mib, cpu_seconds } => {
            esignet_sandbox::compile_child(memory_mib, cpu_seconds)
        }
        Command::Test(arguments) => conformance::run(arguments).await,
        Command::New(arguments) => done(new::run(&arguments)),
        Command::Build(arguments) => done(building::run(&arguments)),
        Command::Check(arguments) => check::run(&arguments).await,
        Command::Dev(arguments) => dev::run(arguments).await,
        Command::Bench(arguments) => bench::run(&arguments).await,
        Command::Inspect(arguments) => inspect::run(&arguments),
        Command::Keygen(arguments) => done(keygen::run(&arguments)),
        Command::Sign(arguments) => done(sign::run(&arguments)),
        Command::Verify(arguments) => verify::run(&arguments),
    }
}

/// What each file in the directory of plugins is, or why it is not loaded.
async fn list(config: &ConfigArgument, json: bool) -> ExitCode {
    let loaded = match config::load(&config.config, super::variables()) {
        Ok((config, _)) => load(&config).await.map(|loaded| (config.id_systems.list().rules, loaded)),
        Err(findings) => Err(findings),
    };
    match loaded {
        Ok((rules, loaded)) => {
            if json {
                let listed = loaded.report.plugins.iter().map(|plugin| as_json(plugin, &rules));
                println!("{}", listed.collect::<Value>());
            } else {
                loaded.report.plugins.iter().for_each(|plugin| println!("{}", as_text(plugin, &rules)));
            }
            super::print(&loaded.findings);
            super::code(&loaded.findings)
        }
        Err(findings) => {
            super::print(&findings);
            ExitCode::from(2)
        }
    }
}

fn done(outcome: Result<String, Finding>) -> ExitCode {
    match outcome {
        Ok(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(finding) => {
            super::print(&[finding]);
            ExitCode::from(2)
        }
    }
}

fn refused(file: &Path, problem: &str, fix: &str) -> Finding {
    Finding::error("file", file.display(), problem, fix)
}

/// Leaves an order for the running server, and waits for what came of it.
async fn order(config: &ConfigArgument, order: &Order) -> ExitCode {
    let config = match config::load(&config.config, super::variables()) {
        Ok((config, _)) => config,
        Err(findings) => {
            super::print(&findings);
            return ExitCode::from(2);
        }
    };
    let Some(directory) = config.plugins.compiled else {
        eprintln!(
            "esignet: the server keeps nothing of its plugins: set [plugins] compiled to a directory of its own"
        );
        return ExitCode::from(2);
    };
    let name = std::process::id().to_string();
    if let Err(error) = order.leave(&directory, &name) {
        eprintln!(
            "esignet: {}: the order cannot be left: {error}; run this as the server's user",
            directory.display()
        );
        return ExitCode::FAILURE;
    }
    let since = Instant::now();
    while since.elapsed() < ANSWERED_WITHIN {
        if let Some(answer) = Order::answer(&directory, &name) {
            println!("{answer}");
            return if answer.starts_with("refused") { ExitCode::from(2) } else { ExitCode::SUCCESS };
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let taken_back = Order::take_back(&directory, &name);
    eprintln!(
        "esignet: no server answered within {} s{}",
        ANSWERED_WITHIN.as_secs(),
        if taken_back { "; the order was taken back" } else { ", though one took the order: see its log" }
    );
    ExitCode::FAILURE
}

/// Loads without the server's store and cache, so that it works beside a running server.
async fn load(config: &Config) -> Result<LoadedPlugins, Vec<Finding>> {
    let clock = Arc::new(SystemClock);
    let cache = Arc::new(MemoryCache::new(clock.clone()));
    plugins::load(config, Purpose::Check, &MasterKey::random(), cache, clock).await
}

/// The entries of the list of ID systems that lead to a plugin.
fn leading_to<'a>(plugin: &'a PluginReport, rules: &'a [Rule]) -> impl Iterator<Item = &'a Rule> {
    rules.iter().filter(|rule| rule.plugin == plugin.id)
}

fn as_json(plugin: &PluginReport, rules: &[Rule]) -> Value {
    let mut object = json!({
        "id": plugin.id,
        "file": plugin.file.display().to_string(),
        "digest": plugin.digest.as_ref().map(|digest| format!("sha256:{digest}")),
        "signed_by": plugin.signed_by,
        "version": plugin.version,
        "roles": plugin.roles.iter().map(|role| role.as_str()).collect::<Vec<_>>(),
    });
    let Some(members) = object.as_object_mut() else { return object };
    match &plugin.outcome {
        Ok(loaded) => {
            members.insert("state".to_owned(), json!("loaded"));
            if let Some(factor) = &loaded.factor {
                members.insert("factor".to_owned(), json!(factor.factor));
                members.insert("amr".to_owned(), json!(factor.amr));
            }
            if let Some(id_system) = &loaded.id_system {
                let judged: Vec<&String> = id_system.factors.iter().map(|(factor, _)| factor).collect();
                members.insert("judges".to_owned(), json!(judged));
                members.insert("individual_kinds".to_owned(), json!(id_system.individual_kinds));
                members.insert("claims".to_owned(), json!(id_system.claims));
                members.insert("answers".to_owned(), id_systems::as_json(leading_to(plugin, rules)));
            }
            if let Some(events) = &loaded.notifier {
                members.insert("events".to_owned(), json!(events));
            }
        }
        Err(findings) => {
            let told: Vec<String> = findings.iter().map(ToString::to_string).collect();
            members.insert("state".to_owned(), json!("refused"));
            members.insert("errors".to_owned(), json!(told));
        }
    }
    object
}

fn as_text(plugin: &PluginReport, list: &[Rule]) -> String {
    let digest = plugin.digest.as_deref().and_then(|digest| digest.get(..12)).unwrap_or("-");
    let roles: Vec<&str> = plugin.roles.iter().map(|role| role.as_str()).collect();
    let state = match &plugin.outcome {
        Ok(loaded) => {
            let factor = loaded.factor.as_ref().map(|factor| format!("factor {}", factor.factor));
            let kinds = loaded.id_system.as_ref().map(|id_system| {
                format!(
                    "identifiers {}, {} claims",
                    id_system.individual_kinds.join(", "),
                    id_system.claims.len()
                )
            });
            let events = loaded.notifier.as_ref().map(|events| format!("events {}", events.join(", ")));
            let answers =
                leading_to(plugin, list).map(|rule| format!("answers as {}", id_systems::in_words(rule)));
            let provided: Vec<String> =
                factor.into_iter().chain(kinds).chain(events).chain(answers).collect();
            format!("loaded\t{}", provided.join("; "))
        }
        Err(findings) => {
            let reasons: Vec<&str> = findings.iter().map(|finding| finding.rule.as_str()).collect();
            format!("refused\t{}", reasons.join("; "))
        }
    };
    let signed_by = if plugin.signed_by.is_empty() { "-".to_owned() } else { plugin.signed_by.join(",") };
    let version = plugin.version.as_deref().unwrap_or("-");
    format!("{}\t{version}\tsha256:{digest}\tsigned by {signed_by}\t{}\t{state}", plugin.id, roles.join(","))
}
