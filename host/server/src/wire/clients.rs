//! Clients declared in files: added at the start when the store does not have them, and never changed silently.

use std::path::{Path, PathBuf};

use esignet_protocol::client::Client;
use esignet_protocol::ports::store::{Clients, StoreError};

use super::Purpose;
use crate::config::finding::Finding;
use crate::config::{Config, client_file};

/// Applies the directory of the configuration. Files that are wrong, that name the same client or that differ from the
/// store are findings; the others are applied all the same.
pub(crate) async fn apply(config: &Config, clients: &dyn Clients, purpose: Purpose) -> Vec<Finding> {
    let Some(directory) = &config.clients_directory else { return Vec::new() };
    let files = match list(directory) {
        Ok(files) => files,
        Err(finding) => return vec![finding],
    };
    let mut findings = Vec::new();
    let mut declared: Vec<(PathBuf, Client)> = Vec::new();
    for file in files {
        match client_file::load(&file) {
            Ok(client) => match declared.iter().find(|(_, earlier)| earlier.client_id == client.client_id) {
                Some((earlier, _)) => findings.push(twice(&file, earlier, &client)),
                None => declared.push((file, client)),
            },
            Err(all) => findings.extend(all),
        }
    }
    for (file, client) in declared {
        match one(&client, clients, purpose).await {
            Ok(None) => {}
            Ok(Some(Difference)) => findings.push(differs(&file, &client)),
            Err(error) => findings.push(failed(&error)),
        }
    }
    findings
}

/// What the store has under that id is not what the file says.
struct Difference;

async fn one(
    client: &Client,
    clients: &dyn Clients,
    purpose: Purpose,
) -> Result<Option<Difference>, StoreError> {
    if let Some(stored) = clients.client(&client.client_id).await? {
        let same = serde_json::to_value(stored.as_ref()).ok() == serde_json::to_value(client).ok();
        return Ok((!same).then_some(Difference));
    }
    if purpose == Purpose::Serve && clients.add(client).await? {
        tracing::info!(client_id = %client.client_id, "client added from its file");
    }
    Ok(None)
}

/// The `.toml` and `.json` files of a directory, by name.
fn list(directory: &Path) -> Result<Vec<PathBuf>, Finding> {
    let unreadable = |error: std::io::Error| {
        let fix = "make the directory, readable for the server's user, or remove [clients] directory";
        Finding::error(
            "file",
            directory.display(),
            format!("the directory of clients cannot be listed: {error}"),
            fix,
        )
    };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        if !hidden && path.extension().is_some_and(|end| end == "toml" || end == "json") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn twice(file: &Path, earlier: &Path, client: &Client) -> Finding {
    Finding::error(
        "client",
        file.display(),
        format!("the client `{}` is declared in {} already", client.client_id, earlier.display()),
        "keep one of the two files",
    )
}

fn differs(file: &Path, client: &Client) -> Finding {
    Finding::error(
        "client",
        file.display(),
        format!("the client `{}` is registered differently in the store", client.client_id),
        "a registration is not changed silently: restore the file as it was, or declare the change under another client_id",
    )
}

fn failed(error: &StoreError) -> Finding {
    let fix = "see whether the disk is well; else restore the store from a backup";
    Finding::error("store", "[store]", format!("the clients cannot be read or written: {error}"), fix)
}
