//! `esignet client add` and `esignet client list`: relying parties in the store.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use esignet_protocol::client::Client;
use esignet_protocol::word::redirect_uri::RedirectUri;
use esignet_store::Store;
use serde_json::json;

use super::ConfigArgument;
use crate::config::finding::Finding;
use crate::config::{self, Config, StoreUrl, client_file};
use crate::system::SystemClock;
use crate::wire::master_key::MasterKey;
use crate::wire::{Purpose, stores};

/// The commands on clients.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Register a relying party from a file; the server must be stopped
    Add {
        #[command(flatten)]
        config: ConfigArgument,
        /// The registration, .toml or .json (see examples/clients)
        file: PathBuf,
    },
    /// List registered relying parties; the server must be stopped
    List {
        #[command(flatten)]
        config: ConfigArgument,
        /// Print registrations as JSON
        #[arg(long)]
        json: bool,
    },
}

/// Runs a command on clients.
pub(crate) async fn run(command: Command) -> ExitCode {
    let outcome = match command {
        Command::Add { config, file } => add(&config, &file).await,
        Command::List { config, json } => list(&config, json).await,
    };
    match outcome {
        Ok(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(findings) => {
            super::print(&findings);
            ExitCode::from(2)
        }
    }
}

async fn add(config: &ConfigArgument, file: &std::path::Path) -> Result<String, Vec<Finding>> {
    let (config, client) = match (configuration(config), client_file::load(file)) {
        (Ok(config), Ok(client)) => (config, client),
        (config, client) => {
            return Err([config.err().unwrap_or_default(), client.err().unwrap_or_default()].concat());
        }
    };
    let store = open(&config).await?;
    let added = store.stores().clients.add(&client).await;
    close(&store).await?;
    match added {
        Ok(true) => Ok(format!("registered {} ({})\n", client.client_id, client.name("en"))),
        Ok(false) => Err(vec![Finding::error(
            "client",
            file.display(),
            format!("the client `{}` is registered already", client.client_id),
            "a registration is not replaced: choose another client_id; `esignet client list` shows those there are",
        )]),
        Err(error) => Err(vec![failed(&error.to_string())]),
    }
}

async fn list(config: &ConfigArgument, as_json: bool) -> Result<String, Vec<Finding>> {
    let config = configuration(config)?;
    if stores::is_new(&config.store.url) {
        return Ok(if as_json { "[]\n".to_owned() } else { "no client is registered\n".to_owned() });
    }
    let store = open(&config).await?;
    let listed = store.stores().clients.list().await;
    close(&store).await?;
    let clients = listed.map_err(|error| vec![failed(&error.to_string())])?;
    if as_json {
        return Ok(format!("{}\n", json!(clients.iter().map(Arc::as_ref).collect::<Vec<_>>())));
    }
    if clients.is_empty() {
        return Ok("no client is registered
"
        .to_owned());
    }
    Ok(clients.iter().map(|client| line(client)).collect())
}

fn line(client: &Client) -> String {
    let uris: Vec<&str> = client.redirect_uris.iter().map(RedirectUri::as_str).collect();
    format!("{}\t{}\t{}\n", client.client_id, client.name("en"), uris.join(" "))
}

fn configuration(argument: &ConfigArgument) -> Result<Config, Vec<Finding>> {
    let (config, _) = config::load(&argument.config, super::variables())?;
    if config.store.url == StoreUrl::Memory {
        return Err(vec![Finding::error(
            "store",
            "[store] url",
            "a store in memory keeps no client beyond the process that has it",
            "declare clients in files and set [clients] directory, or use a store on disk",
        )]);
    }
    Ok(config)
}

/// Opens the store of a configuration for a command that may change it.
pub(super) async fn open(config: &Config) -> Result<Store, Vec<Finding>> {
    let key = MasterKey::obtain(config, Purpose::Serve).map_err(|finding| vec![finding])?;
    let opened = stores::open(config, Purpose::Serve, &key, Arc::new(SystemClock)).await;
    opened.map(|opened| opened.store).map_err(|finding| vec![finding])
}

/// Closes the store after a command.
pub(super) async fn close(store: &Store) -> Result<(), Vec<Finding>> {
    store.close().await.map_err(|error| vec![failed(&error.to_string())])
}

pub(super) fn failed(error: &str) -> Finding {
    let fix = "see whether the disk is well; else restore the store from a backup";
    Finding::error("store", "[store]", error, fix)
}
