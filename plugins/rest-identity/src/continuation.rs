//! What comes back to `release-claims`; the host seals it in between.

use std::collections::BTreeMap;

use esignet_sdk::prelude::*;
use serde::{Deserialize, Serialize};

use crate::record::Record;

/// The version of the continuation that this version writes and reads.
const VERSION: u8 = 1;
/// The most that the host keeps.
const MAX_BYTES: usize = 4 * 1024;

/// What `authenticate` leaves for `release-claims`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Continuation {
    version: u8,
    /// The registry's name for the person.
    pub(crate) subject: String,
    /// The identifier that the person typed.
    pub(crate) kind: String,
    pub(crate) value: String,
    /// What the operator wants kept of the answer.
    pub(crate) values: BTreeMap<String, String>,
    /// The claims, where the registry tells them at authentication only.
    pub(crate) record: Option<Record>,
}

impl Continuation {
    /// A continuation with nothing kept yet.
    pub(crate) fn new(subject: String, individual: &Individual) -> Self {
        Self {
            version: VERSION,
            subject,
            kind: individual.kind.clone(),
            value: individual.value.clone(),
            values: BTreeMap::new(),
            record: None,
        }
    }

    /// The continuation as an earlier call stored it.
    pub(crate) fn restore(octets: &[u8]) -> Result<Self, Failure> {
        match serde_json::from_slice(octets) {
            Ok(continuation @ Self { version: VERSION, .. }) => Ok(continuation),
            _ => Err(Failure::internal(format!("the continuation is not of version {VERSION}"))),
        }
    }

    /// What the host keeps.
    pub(crate) fn store(&self) -> Result<Vec<u8>, Failure> {
        let octets =
            serde_json::to_vec(self).map_err(|_| Failure::internal("the continuation cannot be written"))?;
        if octets.len() > MAX_BYTES {
            return Err(Failure::misconfigured(format!(
                "what is kept until the claims are released has {} bytes, and the host keeps {MAX_BYTES}: keep less in \
                 config key `person.continuation`, map fewer `claims`, or let `release-claims` ask for them",
                octets.len()
            )));
        }
        Ok(octets)
    }
}
