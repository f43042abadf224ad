//! What commands on clients print.

use std::sync::Arc;

use esignet_protocol::client::Client;
use esignet_protocol::word::client_id::ClientId;
use esignet_protocol::word::redirect_uri::RedirectUri;
use serde::Serialize;
use serde_json::json;

use super::as_registered;
use crate::config::finding::Finding;
use crate::registrations::Done;
use crate::registrations::plan::Outcome;

/// What came of a command.
pub(super) enum Answer {
    /// What was done, or would be.
    Changes {
        /// A line for each client.
        lines: Vec<Line>,
        /// What should be known.
        findings: Vec<Finding>,
    },
    /// Registrations.
    Clients(Vec<Arc<Client>>),
    /// One registration.
    Client(Box<Client>),
    /// A client is forgotten.
    Deleted(ClientId),
}

/// What was done to one client.
#[derive(Serialize)]
pub(super) struct Line {
    client_id: String,
    #[serde(skip)]
    name: String,
    #[serde(flatten)]
    outcome: Outcome,
    status: esignet_protocol::client::Status,
}

impl Line {
    pub(super) fn new(client: &Client, outcome: &Outcome) -> Self {
        Self {
            client_id: client.client_id.to_string(),
            name: client.name("en").to_owned(),
            outcome: outcome.clone(),
            status: client.status,
        }
    }

    fn text(&self) -> String {
        let Self { client_id, name, outcome, .. } = self;
        match outcome {
            Outcome::Created => format!("registered {client_id} ({name})\n"),
            Outcome::Updated { members } => format!("updated {client_id} ({name}): {}\n", members.join(", ")),
            Outcome::Deactivated => format!("deactivated {client_id} ({name})\n"),
            Outcome::Activated => format!("activated {client_id} ({name})\n"),
            Outcome::Unchanged => format!("unchanged {client_id} ({name})\n"),
        }
    }
}

impl Answer {
    pub(super) fn of(done: impl IntoIterator<Item = Done>, mut findings: Vec<Finding>) -> Self {
        let mut lines = Vec::new();
        for done in done {
            lines.push(Line::new(&done.client, &done.outcome));
            findings.extend(done.warnings);
        }
        Self::Changes { lines, findings }
    }

    /// Prints it: findings to standard error, the rest to standard output; with `as_json` all of it there.
    pub(super) fn print(&self, as_json: bool) {
        match self {
            Self::Changes { lines, findings } if as_json => {
                println!("{}", json!({ "changes": lines, "findings": findings }));
            }
            Self::Changes { lines, findings } => {
                crate::cli::print(findings);
                print!("{}", lines.iter().map(Line::text).collect::<String>());
            }
            Self::Clients(clients) if as_json => {
                let all: Vec<Client> = clients.iter().map(|client| as_registered(client)).collect();
                println!("{}", json!(all));
            }
            Self::Clients(clients) if clients.is_empty() => println!("no client is registered"),
            Self::Clients(clients) => {
                print!("{}", clients.iter().map(|client| row(client)).collect::<String>());
            }
            Self::Client(client) => println!("{:#}", json!(as_registered(client))),
            Self::Deleted(id) if as_json => {
                println!(
                    "{}",
                    json!({ "changes": [{ "client_id": id, "action": "deleted" }], "findings": [] })
                );
            }
            Self::Deleted(id) => println!("deleted {id}"),
        }
    }
}

fn row(client: &Client) -> String {
    let uris: Vec<&str> = client.redirect_uris.iter().map(RedirectUri::as_str).collect();
    let inactive = if client.is_active() { "" } else { "\tinactive" };
    format!("{}\t{}\t{}{inactive}\n", client.client_id, client.name("en"), uris.join(" "))
}
