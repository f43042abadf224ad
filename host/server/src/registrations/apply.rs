//! Changes of registrations: the logo first, then one durable write, then a line in the log with names of members only.

use std::sync::Arc;

use esignet_protocol::audit::event::{self, Action, Event};
use esignet_protocol::client::{Client, LogoId};
use esignet_protocol::ports::store::Version;
use esignet_protocol::word::client_id::ClientId;

use super::logo::{self, Fetching, Wish};
use super::plan::{self, Change, Outcome, Plan};
use super::{Done, Refusal, Registrations};
use crate::config::finding::Finding;

impl Registrations {
    /// Carries out a plan. Logos are fetched side by side, then the changes are made one after the other.
    pub(crate) async fn apply(
        &self,
        plan: Plan,
        fetching: Fetching,
    ) -> Result<(Vec<Done>, Vec<Finding>), Refusal> {
        let mut under_way = Vec::new();
        for change in plan.changes {
            let wish = Wish::of(&change, fetching);
            let fetch = Arc::clone(&self.fetch);
            under_way.push((change, tokio::spawn(async move { logo::fetch(fetch.as_ref(), wish).await })));
        }
        let mut done = Vec::new();
        for (change, task) in under_way {
            // A task that panicked brings no logo, and the registration is changed all the same.
            let logo = task.await.unwrap_or(logo::Outcome::Kept);
            done.push(self.write(change, Vec::new(), logo).await?);
        }
        Ok((done, plan.warnings))
    }

    /// Carries out one change.
    pub(super) async fn carry_out(
        &self,
        change: Change,
        warnings: Vec<Finding>,
        fetching: Fetching,
    ) -> Result<Done, Refusal> {
        let fetched = logo::fetch(self.fetch.as_ref(), Wish::of(&change, fetching)).await;
        self.write(change, warnings, fetched).await
    }

    /// Forgets a client and its logo.
    pub(crate) async fn delete(&self, id: &ClientId) -> Result<(), Refusal> {
        let stored = self.load(id).await?;
        if !self.clients.remove(id).await? {
            return Err(Refusal::Unknown(id.clone()));
        }
        tracing::info!(client_id = %id, "client deleted");
        self.told(id, "deleted").await?;
        self.forget(stored.record.logo.as_ref()).await;
        Ok(())
    }

    async fn write(
        &self,
        change: Change,
        mut warnings: Vec<Finding>,
        fetched: logo::Outcome,
    ) -> Result<Done, Refusal> {
        let mut client = change.client().clone();
        let old_logo = client.logo.clone();
        match fetched {
            logo::Outcome::Kept => {}
            logo::Outcome::Gone => client.logo = None,
            logo::Outcome::Failed(warning) => warnings.push(warning),
            logo::Outcome::Fetched(png) => {
                let id = LogoId::of(&client.client_id, &png);
                self.logos.keep(&id, &png).await?;
                client.logo = Some(id);
            }
        }
        let outcome = match &change {
            Change::Create(_) => Outcome::Created,
            Change::Replace { stored, .. } => plan::outcome(&stored.record, &client),
        };
        let version = self.put(&change, &client, &outcome).await?;
        log(&client, &outcome);
        if let Some(operation) = operation(&outcome) {
            self.told(&client.client_id, operation).await?;
        }
        if old_logo != client.logo {
            self.forget(old_logo.as_ref()).await;
        }
        Ok(Done { outcome, client, version, warnings })
    }

    async fn put(
        &self,
        change: &Change,
        client: &Client,
        outcome: &Outcome,
    ) -> Result<Option<Version>, Refusal> {
        let id = || client.client_id.clone();
        match change.version() {
            None if self.clients.add(client).await? => {
                Ok(self.clients.load(&client.client_id).await?.map(|stored| stored.version))
            }
            None => Err(Refusal::Taken(id())),
            Some(version) if *outcome == Outcome::Unchanged => Ok(Some(version.clone())),
            Some(version) => {
                let replaced = self.clients.replace(version, client).await?;
                replaced.map(Some).ok_or_else(|| Refusal::Changed(id()))
            }
        }
    }

    /// Records a change, on the disk.
    async fn told(&self, id: &ClientId, operation: &str) -> Result<(), Refusal> {
        let told = Event::new(Action::Client, event::Outcome::Success).by(id);
        self.audit.settle(|_| told.with("operation", operation)).await.map_err(Refusal::Unrecorded)
    }

    /// An image that stays behind takes room and is shown nowhere, so its loss of order is no failure of the change.
    async fn forget(&self, logo: Option<&LogoId>) {
        if let Some(logo) = logo
            && let Err(error) = self.logos.forget(logo).await
        {
            tracing::warn!(%error, "the old logo of a client was not removed");
        }
    }
}

fn operation(outcome: &Outcome) -> Option<&'static str> {
    match outcome {
        Outcome::Created => Some("registered"),
        Outcome::Updated { .. } => Some("changed"),
        Outcome::Deactivated => Some("deactivated"),
        Outcome::Activated => Some("activated"),
        Outcome::Unchanged => None,
    }
}

fn log(client: &Client, outcome: &Outcome) {
    let client_id = client.client_id.as_str();
    match outcome {
        Outcome::Created => tracing::info!(client_id, "client registered"),
        Outcome::Updated { members } => {
            tracing::info!(client_id, members = members.join(" "), "client changed");
        }
        Outcome::Deactivated => tracing::info!(client_id, "client deactivated"),
        Outcome::Activated => tracing::info!(client_id, "client activated"),
        Outcome::Unchanged => tracing::debug!(client_id, "client unchanged"),
    }
}
