//! What a registration changes: compared member by member with what is kept.

use std::collections::BTreeSet;

use esignet_protocol::client::{Client, Status};
use esignet_protocol::ports::store::{Version, Versioned};
use serde::Serialize;

use crate::config::client_file::Registration;
use crate::config::finding::Finding;

/// What becomes of clients that a set of registrations does not name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unlisted {
    /// They stay as they are.
    Keep,
    /// They may do nothing any more. What they are stays known.
    Deactivate,
}

/// What a set of registrations changes.
pub(crate) struct Plan {
    /// A change for each client, those that change nothing too.
    pub(crate) changes: Vec<Change>,
    /// What should be known of the registrations.
    pub(crate) warnings: Vec<Finding>,
}

/// What one registration changes.
pub(crate) enum Change {
    /// A client is new.
    Create(Box<Registration>),
    /// A client is there, and becomes this.
    Replace {
        /// As it was.
        stored: Box<Versioned<Client>>,
        /// As it is to be; its logo still is the old one.
        client: Box<Client>,
        /// Where `logo_uri` was written.
        logo_place: String,
    },
}

/// What a change does, in words that stay the same over releases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// A client is new.
    Created,
    /// Members of a client are others.
    Updated {
        /// Which.
        members: Vec<String>,
    },
    /// A client may do nothing any more.
    Deactivated,
    /// A client may do things again.
    Activated,
    /// Nothing.
    Unchanged,
}

impl Change {
    /// What a registration changes. One that does not say `status` leaves it as it is, so that a client that was
    /// deactivated stays so when its file is applied again.
    pub(crate) fn of(registration: Registration, stored: Option<Versioned<Client>>) -> Self {
        let Some(stored) = stored else { return Self::Create(Box::new(registration)) };
        let logo_place = registration.place("logo_uri");
        let mut client = registration.client;
        if !registration.says_status {
            client.status = stored.record.status;
        }
        client.logo.clone_from(&stored.record.logo);
        Self::Replace { stored: Box::new(stored), client: Box::new(client), logo_place }
    }

    /// The change of a status alone.
    pub(crate) fn to_status(stored: Versioned<Client>, status: Status) -> Self {
        let client = Client { status, ..stored.record.clone() };
        Self::Replace {
            stored: Box::new(stored),
            client: Box::new(client),
            logo_place: "logo_uri".to_owned(),
        }
    }

    /// The client that it concerns.
    pub(crate) fn client(&self) -> &Client {
        match self {
            Self::Create(registration) => &registration.client,
            Self::Replace { client, .. } => client,
        }
    }

    /// What it does.
    pub(crate) fn outcome(&self) -> Outcome {
        match self {
            Self::Create(_) => Outcome::Created,
            Self::Replace { stored, client, .. } => outcome(&stored.record, client),
        }
    }

    /// The version that it is meant for.
    pub(crate) fn version(&self) -> Option<&Version> {
        match self {
            Self::Create(_) => None,
            Self::Replace { stored, .. } => Some(&stored.version),
        }
    }
}

/// What is different of two registrations of one client.
pub(crate) fn outcome(before: &Client, after: &Client) -> Outcome {
    let members = different(before, after);
    match (members.as_slice(), after.status) {
        ([], _) => Outcome::Unchanged,
        ([status], Status::Active) if status == "status" => Outcome::Activated,
        ([status], Status::Inactive) if status == "status" => Outcome::Deactivated,
        _ => Outcome::Updated { members },
    }
}

/// The names of members that differ, in the order of the alphabet.
fn different(before: &Client, after: &Client) -> Vec<String> {
    let members = |client: &Client| match serde_json::to_value(client) {
        Ok(serde_json::Value::Object(members)) => members,
        // A registration is an object, always.
        Ok(_) | Err(_) => serde_json::Map::new(),
    };
    let (before, after) = (members(before), members(after));
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    names.into_iter().filter(|name| before.get(*name) != after.get(*name)).cloned().collect()
}
