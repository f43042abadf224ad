//! `esignet client …`: the registrations in the store, for their whole life.
//!
//! A sled store belongs to one process, so the server must be stopped; for a server that runs there are `[clients] directory`
//! and the admin API (`[admin]`), which follow the same steps.

mod print;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use esignet_protocol::client::{Client, Status};
use esignet_protocol::word::client_id::ClientId;
use esignet_store::Store;
use serde_json::json;

use super::{ConfigArgument, stored};
use crate::config::Config;
use crate::config::finding::Finding;
use crate::egress::guarded::GuardedEgress;
use crate::registrations::check::Here;
use crate::registrations::plan::Unlisted;
use crate::registrations::{Fetching, Refusal, Registrations, files};
use crate::wire::{Purpose, stores};
use print::{Answer, Line};

/// The commands on clients. The server must be stopped while one runs.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Register a relying party from a file
    Add(OneFile),
    /// List registered relying parties
    List(Printed),
    /// Print the registration of one relying party as JSON
    Show(OneClient),
    /// Replace the registration of a relying party by what a file says
    Update(OneFile),
    /// Make registrations what files say: register, change, or leave as they are
    Apply(Apply),
    /// Let a relying party do nothing any more, and keep its registration
    Deactivate(OneClient),
    /// Let a relying party that was deactivated do things again
    Activate(OneClient),
    /// Forget a relying party
    Delete(OneClient),
}

/// How a command prints.
#[derive(Debug, clap::Args)]
pub(crate) struct Printed {
    #[command(flatten)]
    config: ConfigArgument,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// A command on a file.
#[derive(Debug, clap::Args)]
pub(crate) struct OneFile {
    #[command(flatten)]
    printed: Printed,
    /// The registration, .toml or .json (see examples/clients)
    file: PathBuf,
}

/// A command on a client.
#[derive(Debug, clap::Args)]
pub(crate) struct OneClient {
    #[command(flatten)]
    printed: Printed,
    /// The identifier of the relying party
    client_id: String,
}

/// The arguments of `esignet client apply`.
#[derive(Debug, clap::Args)]
pub(crate) struct Apply {
    #[command(flatten)]
    printed: Printed,
    /// Registrations, or directories with them. All are read and judged before the first is applied
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Say what would change, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Deactivate every relying party that none of the files declares
    #[arg(long)]
    prune: bool,
}

type Outcome = Result<Answer, Vec<Finding>>;

/// Runs a command on clients.
pub(crate) async fn run(command: Command) -> ExitCode {
    let (as_json, outcome) = match command {
        Command::Add(add) => (add.printed.json, self::add(&add).await),
        Command::List(printed) => (printed.json, list(&printed).await),
        Command::Show(show) => (true, self::show(&show).await),
        Command::Update(update) => (update.printed.json, self::update(&update).await),
        Command::Apply(apply) => (apply.printed.json, self::apply(apply).await),
        Command::Deactivate(one) => (one.printed.json, set_status(&one, Status::Inactive).await),
        Command::Activate(one) => (one.printed.json, set_status(&one, Status::Active).await),
        Command::Delete(one) => (one.printed.json, delete(&one).await),
    };
    match outcome {
        Ok(answer) => {
            answer.print(as_json);
            ExitCode::SUCCESS
        }
        Err(findings) if as_json => {
            println!("{}", json!({ "findings": findings }));
            ExitCode::from(2)
        }
        Err(findings) => {
            super::print(&findings);
            ExitCode::from(2)
        }
    }
}

async fn add(add: &OneFile) -> Outcome {
    let (config, mut declared) = both(&add.printed.config, std::slice::from_ref(&add.file))?;
    let registration = declared.pop().ok_or_else(|| nothing(&add.file))?;
    let done = within(&config, Purpose::Serve, async |all| all.add(registration).await).await?;
    Ok(Answer::of([done], Vec::new()))
}

async fn update(update: &OneFile) -> Outcome {
    let (config, mut declared) = both(&update.printed.config, std::slice::from_ref(&update.file))?;
    let registration = declared.pop().ok_or_else(|| nothing(&update.file))?;
    let done = within(&config, Purpose::Serve, async |all| all.update(registration, None).await).await?;
    Ok(Answer::of([done], Vec::new()))
}

async fn apply(apply: Apply) -> Outcome {
    let (config, declared) = both(&apply.printed.config, &apply.files)?;
    let unlisted = if apply.prune { Unlisted::Deactivate } else { Unlisted::Keep };
    if apply.dry_run {
        let plan = within(&config, Purpose::Check, async |all| all.plan(declared, unlisted).await).await?;
        let lines = plan.changes.iter().map(|change| Line::new(change.client(), &change.outcome()));
        return Ok(Answer::Changes { lines: lines.collect(), findings: plan.warnings });
    }
    let carried_out = within(&config, Purpose::Serve, async |all| {
        let plan = all.plan(declared, unlisted).await?;
        all.apply(plan, Fetching::Missing).await
    });
    let (done, warnings) = carried_out.await?;
    Ok(Answer::of(done, warnings))
}

async fn list(printed: &Printed) -> Outcome {
    let config = stored_clients(&printed.config)?;
    if stores::is_new(&config.store.url) {
        return Ok(Answer::Clients(Vec::new()));
    }
    let all = within(&config, Purpose::Serve, async |all| Ok(all.list().await?)).await?;
    Ok(Answer::Clients(all))
}

async fn show(show: &OneClient) -> Outcome {
    let (config, id) = (stored_clients(&show.printed.config)?, client_id(&show.client_id)?);
    let stored = within(&config, Purpose::Serve, async |all| all.load(&id).await).await?;
    Ok(Answer::Client(Box::new(stored.record)))
}

async fn set_status(one: &OneClient, status: Status) -> Outcome {
    let (config, id) = (stored_clients(&one.printed.config)?, client_id(&one.client_id)?);
    let done = within(&config, Purpose::Serve, async |all| all.set_status(&id, status).await).await?;
    Ok(Answer::of([done], Vec::new()))
}

async fn delete(one: &OneClient) -> Outcome {
    let (config, id) = (stored_clients(&one.printed.config)?, client_id(&one.client_id)?);
    within(&config, Purpose::Serve, async |all| all.delete(&id).await).await?;
    Ok(Answer::Deleted(id))
}

/// The configuration and the registrations of files, or everything that is wrong with both.
fn both(
    argument: &ConfigArgument,
    paths: &[PathBuf],
) -> Result<(Config, Vec<crate::config::client_file::Registration>), Vec<Finding>> {
    match (stored_clients(argument), files::load(paths)) {
        (Ok(config), Ok(declared)) => Ok((config, declared)),
        (config, declared) => {
            Err([config.err().unwrap_or_default(), declared.err().unwrap_or_default()].concat())
        }
    }
}

fn stored_clients(argument: &ConfigArgument) -> Result<Config, Vec<Finding>> {
    let fix = "declare clients in files and set [clients] directory, or use a store on disk";
    stored::configuration(argument, "client", fix)
}

fn client_id(text: &str) -> Result<ClientId, Vec<Finding>> {
    ClientId::parse(text).map_err(|error| {
        vec![Finding::error(
            "client",
            "CLIENT_ID",
            error.to_string(),
            "`esignet client list` shows those there are",
        )]
    })
}

fn nothing(file: &std::path::Path) -> Vec<Finding> {
    vec![Finding::error(
        "file",
        file.display(),
        "there is no registration in it",
        "name the file of one client",
    )]
}

/// Opens the store, does one thing with its registrations, and closes it.
async fn within<T>(
    config: &Config,
    purpose: Purpose,
    action: impl AsyncFnOnce(&Registrations) -> Result<T, Refusal>,
) -> Result<T, Vec<Finding>> {
    let (store, _copy) = match purpose {
        Purpose::Serve => (stored::open(config).await?, None),
        Purpose::Check => {
            let looked = stored::opened(config, purpose).await?;
            (looked.store, looked.copy)
        }
    };
    let recording = if purpose == Purpose::Serve { stored::recording(config)? } else { None };
    let audit = recording.map(|recording| recording.audit).unwrap_or_default();
    let outcome = action(&registrations(config, &store).told_to(audit)).await.map_err(Refusal::into_findings);
    stored::close(&store).await?;
    outcome
}

fn registrations(config: &Config, store: &Store) -> Registrations {
    let here = Here {
        floor: config.server.profile_floor,
        algorithms: config.keys.policy.algorithms.clone(),
        acr_values: config.assurance.methods.iter().map(|method| method.acr.clone()).collect(),
        // No plugin is loaded for a command.
        claims: None,
    };
    let fetch = Arc::new(GuardedEgress::new(config.egress.allow.clone()));
    Registrations::new(&store.stores(), fetch, here)
}

/// The registration as it would be written, without what the server adds.
fn as_registered(client: &Client) -> Client {
    Client { logo: None, ..client.clone() }
}
