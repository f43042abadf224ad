//! What becomes of registrations, whichever way they come: files at the start, the command line, the admin API.
//!
//! | Step | File |
//! |---|---|
//! | files to registrations, one client in one file | `files.rs` |
//! | what the server cannot or will not do for a client | `check.rs` |
//! | what a set of registrations changes in the store | `plan.rs` |
//! | the logo: fetched, checked, encoded anew | `logo.rs`, `image.rs` |
//! | the changes themselves, each in the log by the names of members | `apply.rs` |

mod apply;
pub(crate) mod check;
pub(crate) mod files;
mod image;
mod logo;
pub(crate) mod plan;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use esignet_protocol::audit::Audit;
use esignet_protocol::client::{Client, Status};
use esignet_protocol::error::Fault;
use esignet_protocol::ports::fetch::PublicFetch;
use esignet_protocol::ports::store::{Clients, Logos, StoreError, Stores, Version, Versioned};
use esignet_protocol::word::client_id::ClientId;

use crate::config::client_file::Registration;
use crate::config::finding::{Finding, any_error};
use check::Here;
pub(crate) use logo::Fetching;
use plan::{Change, Plan, Unlisted};

/// The registrations of one server.
pub(crate) struct Registrations {
    clients: Arc<dyn Clients>,
    logos: Arc<dyn Logos>,
    fetch: Arc<dyn PublicFetch>,
    here: Here,
    audit: Audit,
}

/// Why nothing was changed.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The registration is wrong.
    Wrong(Vec<Finding>),
    /// There is a client of that id.
    Taken(ClientId),
    /// There is no client of that id.
    Unknown(ClientId),
    /// It is not any more what the change was meant for, or somebody else changed it at the same moment.
    Changed(ClientId),
    /// The store failed.
    Store(StoreError),
    /// It was done, and could not be recorded.
    Unrecorded(Fault),
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// What was done to one client, and what should be known of it.
#[derive(Debug)]
pub(crate) struct Done {
    /// The change.
    pub(crate) outcome: plan::Outcome,
    /// The client as it is now.
    pub(crate) client: Client,
    /// Changes with every write; empty when nothing was written.
    pub(crate) version: Option<Version>,
    /// What is registered and will not work, or not as it may be meant.
    pub(crate) warnings: Vec<Finding>,
}

impl Registrations {
    /// The registrations in these stores, judged by what this server is.
    pub(crate) fn new(stores: &Stores, fetch: Arc<dyn PublicFetch>, here: Here) -> Self {
        let (clients, logos) = (Arc::clone(&stores.clients), Arc::clone(&stores.logos));
        Self { clients, logos, fetch, here, audit: Audit::default() }
    }

    /// Changes are recorded there.
    pub(crate) fn told_to(self, audit: Audit) -> Self {
        Self { audit, ..self }
    }

    /// Everything that is wrong with registrations here, or weaker than it looks.
    pub(crate) fn check<'a>(&self, all: impl IntoIterator<Item = &'a Registration>) -> Vec<Finding> {
        all.into_iter().flat_map(|registration| self.here.findings(registration)).collect()
    }

    /// All clients, by id.
    pub(crate) async fn list(&self) -> Result<Vec<Arc<Client>>, StoreError> {
        self.clients.list().await
    }

    /// One client as it is kept.
    pub(crate) async fn load(&self, id: &ClientId) -> Result<Versioned<Client>, Refusal> {
        self.clients.load(id).await?.ok_or_else(|| Refusal::Unknown(id.clone()))
    }

    /// Registers a new client.
    pub(crate) async fn add(&self, registration: Registration) -> Result<Done, Refusal> {
        let warnings = self.judged(&registration)?;
        self.carry_out(Change::Create(Box::new(registration)), warnings, Fetching::Missing).await
    }

    /// Replaces a registration; with `expected`, only the one of that version.
    pub(crate) async fn update(
        &self,
        registration: Registration,
        expected: Option<&Version>,
    ) -> Result<Done, Refusal> {
        let warnings = self.judged(&registration)?;
        let stored = self.load(&registration.client.client_id).await?;
        if expected.is_some_and(|expected| *expected != stored.version) {
            return Err(Refusal::Changed(registration.client.client_id));
        }
        self.carry_out(Change::of(registration, Some(stored)), warnings, Fetching::Missing).await
    }

    /// Lets a client do things, or nothing any more.
    pub(crate) async fn set_status(&self, id: &ClientId, status: Status) -> Result<Done, Refusal> {
        let stored = self.load(id).await?;
        let change = Change::to_status(stored, status);
        self.carry_out(change, Vec::new(), Fetching::Changed).await
    }

    /// What a set of registrations would change. All of them are judged first.
    pub(crate) async fn plan(&self, all: Vec<Registration>, unlisted: Unlisted) -> Result<Plan, Refusal> {
        let findings = self.check(&all);
        if any_error(&findings) {
            return Err(Refusal::Wrong(findings));
        }
        let mut changes = Vec::new();
        let mut listed: Vec<ClientId> = Vec::new();
        for registration in all {
            listed.push(registration.client.client_id.clone());
            let stored = self.clients.load(&registration.client.client_id).await?;
            changes.push(Change::of(registration, stored));
        }
        if unlisted == Unlisted::Deactivate {
            for client in self.clients.list().await? {
                if client.is_active() && !listed.contains(&client.client_id) {
                    let stored = self.load(&client.client_id).await?;
                    changes.push(Change::to_status(stored, Status::Inactive));
                }
            }
        }
        Ok(Plan { changes, warnings: findings })
    }

    fn judged(&self, registration: &Registration) -> Result<Vec<Finding>, Refusal> {
        let findings = self.here.findings(registration);
        if any_error(&findings) { Err(Refusal::Wrong(findings)) } else { Ok(findings) }
    }
}

impl Refusal {
    /// In an operator's words.
    pub(crate) fn into_findings(self) -> Vec<Finding> {
        let client = |id: &ClientId, problem: &str, fix: &str| {
            vec![Finding::error("client", id, format!("the client `{id}` {problem}"), fix)]
        };
        match self {
            Self::Wrong(findings) => findings,
            Self::Taken(id) => client(
                &id,
                "is registered already",
                "use `esignet client update`, or choose another client_id; `esignet client list` shows those there are",
            ),
            Self::Unknown(id) => {
                client(&id, "is not registered", "`esignet client list` shows those there are")
            }
            Self::Changed(id) => {
                client(&id, "was changed by somebody else", "look at it as it is now, and try again")
            }
            Self::Store(error) => {
                let fix = "see whether the disk is well; else restore the store from a backup";
                let problem = format!("the clients cannot be read or written: {error}");
                vec![Finding::error("store", "[store]", problem, fix)]
            }
            Self::Unrecorded(fault) => {
                let fix =
                    "see whether the disk of [audit] directory is well, and look at the client as it is now";
                let problem =
                    format!("the registration was changed, and that could not be recorded: {fault}");
                vec![Finding::error("audit", "[audit]", problem, fix)]
            }
        }
    }
}
