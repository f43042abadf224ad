//! The decisions carried out over a store that several servers share: whoever wins adds the next key, the others take it.

use std::sync::Arc;

use esignet_jose::algorithm::Algorithm;
use esignet_jose::signing_key::{KeyError, SigningKey};

use super::plan::{self, Plan, RevocationRefused};
use super::{KeyPolicy, KeyRingError, Keys, StoredKey};
use crate::ports::clock::Clock;
use crate::ports::keys::KeySource;
use crate::ports::store::{KeyRecords, StoreError};
use crate::word::time::Timestamp;

/// How often somebody else may be faster before it is given up for this time.
const ATTEMPTS: usize = 16;

/// Why the keys did not turn.
#[derive(Debug, thiserror::Error)]
pub enum RotationFailed {
    /// The store has no answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No key could be made.
    #[error("a signing key could not be made: {0}")]
    Key(#[from] KeyError),
    /// What is stored cannot be used.
    #[error(transparent)]
    Ring(#[from] KeyRingError),
    /// A key that is not there cannot be revoked.
    #[error(transparent)]
    Revocation(#[from] RevocationRefused),
    /// Other servers changed the keys again and again.
    #[error("other servers keep changing the signing keys")]
    Contended,
}

/// What turns keys: the policy, and what it takes to follow it.
#[derive(Clone)]
pub struct Rotation {
    /// What keys turn by.
    pub policy: KeyPolicy,
    /// Where they are kept.
    pub records: Arc<dyn KeyRecords>,
    /// Where new ones come from.
    pub source: Arc<dyn KeySource>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

impl Rotation {
    /// Brings the stored keys up to date and opens them. In a new store the first keys are made.
    pub async fn open(&self) -> Result<Keys, RotationFailed> {
        let stored = self.settle(|state, now| Ok(plan::rotate(state, &self.policy, now))).await?;
        Ok(Keys::open(self.policy.clone(), &stored, self.clock.now())?)
    }

    /// Opens the keys as they are; where there are none yet, some that are never stored.
    pub async fn look(&self) -> Result<Keys, RotationFailed> {
        let (_, mut stored) = self.records.load().await?;
        if stored.is_empty() {
            let first = |now| Ok(plan::rotate(&[], &self.policy, now));
            stored = self.made(&mut Vec::new(), first).await?.unwrap_or_default();
        }
        Ok(Keys::open(self.policy.clone(), &stored, self.clock.now())?)
    }

    /// One turn: what the clock asks for is done by whoever is first, and `keys` are then what is stored. Tells whether they
    /// are other ones than before.
    pub async fn turn(&self, keys: &Keys) -> Result<bool, RotationFailed> {
        let stored = self.settle(|state, now| Ok(plan::rotate(state, &self.policy, now))).await?;
        Ok(keys.install(&stored, self.clock.now())?)
    }

    /// Adds a successor for every algorithm now. Returns what is stored then.
    pub async fn turn_now(&self) -> Result<Vec<StoredKey>, RotationFailed> {
        self.settle(|state, now| Ok(Some(plan::turn_now(state, &self.policy, now)))).await
    }

    /// Revokes keys by their `kid`. Returns what is stored then.
    pub async fn revoke(&self, kids: &[String]) -> Result<Vec<StoredKey>, RotationFailed> {
        self.settle(|state, now| Ok(Some(plan::revoke(state, kids, &self.policy, now)?))).await
    }

    /// Follows a plan until it is stored, by us or by somebody who was faster; returns what is stored then.
    async fn settle(
        &self,
        decide: impl Fn(&[StoredKey], Timestamp) -> Result<Option<Plan>, RotationFailed>,
    ) -> Result<Vec<StoredKey>, RotationFailed> {
        let mut spare = Vec::new();
        for _ in 0..ATTEMPTS {
            let (generation, state) = self.records.load().await?;
            let Some(next) = self.made(&mut spare, |now| decide(&state, now)).await? else {
                return Ok(state);
            };
            if self.records.replace(generation, &next).await? {
                return Ok(next);
            }
        }
        Err(RotationFailed::Contended)
    }

    /// The keys of a plan. It is made anew after each key that was made for it: that may have taken long, and a key counts
    /// as published from when it is stored.
    async fn made(
        &self,
        spare: &mut Vec<SigningKey>,
        decide: impl Fn(Timestamp) -> Result<Option<Plan>, RotationFailed>,
    ) -> Result<Option<Vec<StoredKey>>, RotationFailed> {
        loop {
            let Some(plan) = decide(self.clock.now())? else { return Ok(None) };
            let missing = missing(&plan, spare);
            if missing.is_empty() {
                return Ok(plan.fill(spare)?);
            }
            for algorithm in missing {
                spare.push(self.source.generate(algorithm).await?);
            }
        }
    }
}

/// The algorithms of those keys of a plan that are not made yet.
fn missing(plan: &Plan, made: &[SigningKey]) -> Vec<Algorithm> {
    let mut missing: Vec<Algorithm> = plan.wanted().collect();
    for key in made {
        if let Some(at) = missing.iter().position(|algorithm| *algorithm == key.algorithm()) {
            missing.swap_remove(at);
        }
    }
    missing
}
