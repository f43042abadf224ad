//! `esignet keys list`, `rotate` and `revoke`: the signing keys in the store (`docs/operations/keys.md`).

use std::process::ExitCode;
use std::sync::Arc;

use esignet_protocol::audit::event::{Action, Event, Outcome};
use esignet_protocol::keys::{KeyState, Rotation, RotationFailed, StoredKey, states};
use esignet_protocol::ports::clock::Clock as _;
use esignet_protocol::word::time::Timestamp;
use esignet_store::Store;
use serde_json::{Value, json};

use super::{ConfigArgument, stored};
use crate::config::Config;
use crate::config::finding::Finding;
use crate::system::SystemClock;
use crate::wire::{signing_keys, stores};

/// The commands on signing keys.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// List signing keys with their state and times; the server must be stopped
    List {
        #[command(flatten)]
        config: ConfigArgument,
        /// Print as JSON, times in seconds since 1970
        #[arg(long)]
        json: bool,
    },
    /// Publish a successor for every algorithm now; the server must be stopped
    ///
    /// The successors sign as soon as every relying party can have them. No signature fails to verify.
    Rotate {
        #[command(flatten)]
        config: ConfigArgument,
    },
    /// Revoke keys that are or may be in the wrong hands, at once; the server must be stopped
    ///
    /// They are no longer published and verify nothing any more. Where one of them signs, a fresh key takes its place at
    /// once. Relying parties that still hold an older JWK set must fetch it again before they can verify what is signed
    /// from now on.
    Revoke {
        #[command(flatten)]
        config: ConfigArgument,
        /// Which keys, as `keys list` shows them
        #[arg(required = true, value_name = "KID", allow_hyphen_values = true)]
        kids: Vec<String>,
    },
}

/// Runs a command on signing keys.
pub(crate) async fn run(command: Command) -> ExitCode {
    let outcome = match command {
        Command::List { config, json } => list(&config, json).await,
        Command::Rotate { config } => rotate(&config).await,
        Command::Revoke { config, kids } => revoke(&config, &kids).await,
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

async fn list(argument: &ConfigArgument, as_json: bool) -> Result<String, Vec<Finding>> {
    let config = configuration(argument)?;
    if stores::is_new(&config.store.url) {
        return Ok(
            if as_json { "[]\n" } else { "there are no signing keys before the first start\n" }.to_owned()
        );
    }
    let (store, _) = open(&config).await?;
    let loaded = store.stores().keys.load().await;
    stored::close(&store).await?;
    let (_, keys) = loaded.map_err(|error| refused(&RotationFailed::Store(error)))?;
    Ok(if as_json { format!("{}\n", as_objects(&keys)) } else { as_lines(&keys) })
}

async fn rotate(argument: &ConfigArgument) -> Result<String, Vec<Finding>> {
    let config = configuration(argument)?;
    let (store, rotation) = open(&config).await?;
    let recording = stored::recording(&config)?;
    let rotated = rotation.turn_now().await;
    stored::close(&store).await?;
    let keys = rotated.map_err(|error| refused(&error))?;
    stored::told(recording.as_ref(), changed("rotated")).await?;
    Ok(as_lines(&keys))
}

async fn revoke(argument: &ConfigArgument, kids: &[String]) -> Result<String, Vec<Finding>> {
    let config = configuration(argument)?;
    let (store, rotation) = open(&config).await?;
    let recording = stored::recording(&config)?;
    let revoked = rotation.revoke(kids).await;
    stored::close(&store).await?;
    let keys = revoked.map_err(|error| refused(&error))?;
    let event = changed("revoked").with_words("kid", kids.iter().map(String::as_str));
    stored::told(recording.as_ref(), event).await?;
    Ok(format!("revoked {}\n{}", kids.join(" "), as_lines(&keys)))
}

fn changed(operation: &str) -> Event {
    Event::new(Action::Key, Outcome::Success).with("operation", operation)
}

fn as_lines(keys: &[StoredKey]) -> String {
    let line = |(key, state): (&StoredKey, KeyState)| {
        let gone = key.times.retire_at.map_or_else(|| "-".to_owned(), Timestamp::to_rfc3339);
        format!(
            "{}\t{}\t{}\tpublished {}\tsigns {}\tgone {gone}\n",
            key.kid(),
            key.algorithm,
            state.as_str(),
            key.times.publish_at.to_rfc3339(),
            key.times.activate_at.to_rfc3339(),
        )
    };
    keys.iter().zip(states(keys, SystemClock.now())).map(line).collect()
}

fn as_objects(keys: &[StoredKey]) -> Value {
    let object = |(key, state): (&StoredKey, KeyState)| {
        json!({
            "kid": key.kid(),
            "alg": key.algorithm,
            "state": state.as_str(),
            "publish_at": key.times.publish_at,
            "activate_at": key.times.activate_at,
            "retire_at": key.times.retire_at,
        })
    };
    keys.iter().zip(states(keys, SystemClock.now())).map(object).collect()
}

fn configuration(argument: &ConfigArgument) -> Result<Config, Vec<Finding>> {
    let fix = "restart the server for fresh keys, or use a store on disk";
    stored::configuration(argument, "signing key", fix)
}

async fn open(config: &Config) -> Result<(Store, Rotation), Vec<Finding>> {
    let store = stored::open(config).await?;
    let rotation = signing_keys::rotation(&config.keys.policy, store.stores().keys, Arc::new(SystemClock));
    Ok((store, rotation))
}

fn refused(error: &RotationFailed) -> Vec<Finding> {
    vec![signing_keys::unusable(error)]
}
