//! What becomes of the keys at a moment: pure decisions, which anybody who reads the same keys takes the same.

use esignet_jose::algorithm::Algorithm;
use esignet_jose::signing_key::{KeyError, SigningKey};

use super::{KeyPolicy, StoredKey, Times, newest_active};
use crate::word::time::Timestamp;

/// A key that is there, or one that is to be made.
#[derive(Clone)]
struct Planned {
    algorithm: Algorithm,
    times: Times,
    key: Option<StoredKey>,
}

/// The keys as they should be.
#[derive(Clone)]
pub struct Plan(Vec<Planned>);

/// Why a key is not revoked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RevocationRefused {
    /// There is no such key.
    #[error("there is no signing key with the kid {0:?}")]
    UnknownKid(String),
}

/// What the clock asks for: the first keys of each algorithm, successors ahead of their time, retirement, and the end of
/// private halves that have done their work. `None` when all is as it should be.
pub fn rotate(state: &[StoredKey], policy: &KeyPolicy, now: Timestamp) -> Option<Plan> {
    let plan = Plan::of(state).brought_up_to(policy, now);
    plan.differs_from(state).then_some(plan)
}

/// The same, with a successor now for every algorithm, whatever the clock says. It signs when it was published for long
/// enough, so nothing breaks.
pub fn turn_now(state: &[StoredKey], policy: &KeyPolicy, now: Timestamp) -> Plan {
    let mut plan = Plan::of(state);
    for &algorithm in &policy.algorithms {
        if let Some(last) = plan.last_activation(algorithm) {
            let activate_at = now.plus(policy.ahead()).max(last.plus(1));
            plan.add(algorithm, Times { publish_at: now, activate_at, retire_at: None });
        }
    }
    plan.brought_up_to(policy, now)
}

/// The emergency: the keys are gone at once, and where one of them signs, a fresh one is published and signs at once.
/// Whoever keeps an older JWK set must fetch it anew: that is the price.
pub fn revoke(
    state: &[StoredKey],
    kids: &[String],
    policy: &KeyPolicy,
    now: Timestamp,
) -> Result<Plan, RevocationRefused> {
    for kid in kids {
        if !state.iter().any(|key| key.kid() == kid) {
            return Err(RevocationRefused::UnknownKid(kid.clone()));
        }
    }
    let mut plan = Plan::of(state);
    let revoked = |key: &StoredKey| kids.iter().any(|kid| kid == key.kid());
    plan.0.retain(|planned| !planned.key.as_ref().is_some_and(revoked));
    for &algorithm in &policy.algorithms {
        let signing = state.iter().filter(|key| key.algorithm == algorithm);
        let signing = newest_active(signing.map(|key| (key, key.times)), now);
        if let Some(signing) = signing.filter(|key| revoked(key)) {
            // Also at once for servers whose clock is behind ours.
            let at = now.minus(policy.clock_skew).max(signing.times.activate_at);
            plan.add(algorithm, Times::at_once(at));
        }
    }
    Ok(plan.brought_up_to(policy, now))
}

impl Plan {
    fn of(state: &[StoredKey]) -> Self {
        let planned =
            |key: &StoredKey| Planned { algorithm: key.algorithm, times: key.times, key: Some(key.clone()) };
        Self(state.iter().map(planned).collect())
    }

    fn brought_up_to(mut self, policy: &KeyPolicy, now: Timestamp) -> Self {
        let is_first = self.0.is_empty();
        self.0.retain(|planned| !planned.times.is_over(now));
        for &algorithm in &policy.algorithms {
            let last = self.last_activation(algorithm).unwrap_or_else(|| {
                let times = if is_first { first(policy, now) } else { added(policy, now) };
                self.add(algorithm, times);
                times.activate_at
            });
            self.add_successors(algorithm, last, policy, now);
        }
        self.0.sort_by_key(|planned| (planned.algorithm, planned.times.activate_at));
        for algorithm in Algorithm::ALL {
            let chain = self.0.iter_mut().filter(|planned| planned.algorithm == algorithm).collect();
            settle(chain, policy, now);
        }
        self
    }

    /// Successors that must be published by now: more than one at a time when keys turn faster than the news of them
    /// travels. They are planned a poll earlier than need be, so that each takes over when it is due.
    fn add_successors(
        &mut self,
        algorithm: Algorithm,
        mut last: Timestamp,
        policy: &KeyPolicy,
        now: Timestamp,
    ) {
        let horizon = now.plus(policy.ahead()).plus(policy.poll_every);
        while last.plus(policy.period()) <= horizon {
            // After a long stop the next one is due already; it must be known for long enough all the same.
            let activate_at = last.plus(policy.period()).max(now.plus(policy.ahead()));
            self.add(algorithm, Times { publish_at: now, activate_at, retire_at: None });
            last = activate_at;
        }
    }

    fn add(&mut self, algorithm: Algorithm, times: Times) {
        self.0.push(Planned { algorithm, times, key: None });
    }

    fn last_activation(&self, algorithm: Algorithm) -> Option<Timestamp> {
        let of_algorithm = self.0.iter().filter(|planned| planned.algorithm == algorithm);
        of_algorithm.map(|planned| planned.times.activate_at).max()
    }

    fn differs_from(&self, state: &[StoredKey]) -> bool {
        let same = |planned: &Planned| {
            let Some(key) = &planned.key else { return false };
            state.iter().any(|known| {
                known.public == key.public
                    && known.times == planned.times
                    && known.private.is_some() == key.private.is_some()
            })
        };
        self.0.len() != state.len() || !self.0.iter().all(same)
    }

    /// The algorithm of each key that is to be made.
    pub fn wanted(&self) -> impl Iterator<Item = Algorithm> {
        self.0.iter().filter(|planned| planned.key.is_none()).map(|planned| planned.algorithm)
    }

    /// The keys, with each that was to be made taken out of `made`; `None` when there are not enough.
    pub fn fill(self, made: &mut Vec<SigningKey>) -> Result<Option<Vec<StoredKey>>, KeyError> {
        let mut keys = Vec::with_capacity(self.0.len());
        for Planned { algorithm, times, key } in self.0 {
            if let Some(key) = key {
                keys.push(StoredKey { times, ..key });
                continue;
            }
            let Some(at) = made.iter().position(|key| key.algorithm() == algorithm) else { return Ok(None) };
            keys.push(StoredKey::new(&made.swap_remove(at), times)?);
        }
        Ok(Some(keys))
    }
}

/// The first keys of a new store sign at once: nobody can have kept a JWK set without them. Also for servers whose clock is
/// behind.
fn first(policy: &KeyPolicy, now: Timestamp) -> Times {
    Times::at_once(now.minus(policy.clock_skew))
}

/// The first key of an algorithm that the operator added: there are JWK sets without it.
fn added(policy: &KeyPolicy, now: Timestamp) -> Times {
    Times { publish_at: now, activate_at: now.plus(policy.overlap()), retire_at: None }
}

/// Sets when each of the keys of one algorithm ends, oldest first, and takes the private half of those that will not sign
/// again.
fn settle(mut chain: Vec<&mut Planned>, policy: &KeyPolicy, now: Timestamp) {
    let activations: Vec<Timestamp> = chain.iter().map(|planned| planned.times.activate_at).collect();
    for (place, planned) in chain.iter_mut().enumerate() {
        let known = planned.times.retire_at;
        let Some(successor) = activations.get(place + 1) else {
            // An operator who no longer wants the algorithm: what it signed is waited for. It keeps its private half that
            // long, since another server may not have been told yet.
            let last = now.max(planned.times.activate_at).plus(policy.retention());
            let is_wanted = policy.algorithms.contains(&planned.algorithm);
            planned.times.retire_at = if is_wanted { None } else { known.or(Some(last)) };
            continue;
        };
        // Never earlier than somebody else said, whose tokens may live longer than ours.
        planned.times.retire_at = known.max(Some(successor.plus(policy.retention())));
        if successor.plus(policy.forget_after()) <= now
            && let Some(key) = &mut planned.key
        {
            key.private = None;
        }
    }
}
