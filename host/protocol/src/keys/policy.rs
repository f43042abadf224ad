//! How long each stretch of a key's life is.

use esignet_jose::algorithm::Algorithm;

use crate::issue::id_token;
use crate::policy::Lifetimes;

/// How long after its expiry a signature must still verify, in seconds: clocks of relying parties differ from ours.
const GRACE: u64 = 60;

/// What whole seconds and a turn that takes its time may cost, in seconds.
const SLACK: u64 = 1;

/// What keys there are and how they turn. All spans are in seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyPolicy {
    /// What this server signs with. ES256 unless the operator wants more.
    pub algorithms: Vec<Algorithm>,
    /// How long a key signs.
    pub rotate_every: u64,
    /// How long a JWK set may be kept by whoever fetched it (RFC 9111 §5.2.2.1).
    pub jwks_max_age: u64,
    /// How often a server looks for new keys in the store.
    pub poll_every: u64,
    /// How far the clocks of servers that share a store may be apart.
    pub clock_skew: u64,
    /// How long a key is published at least before it takes over: for relying parties that keep a set for longer than they
    /// are told.
    pub publish_ahead: u64,
    /// How long the longest-lived of what is signed can be used.
    pub longest_life: u64,
}

impl Default for KeyPolicy {
    fn default() -> Self {
        Self {
            algorithms: vec![Algorithm::Es256],
            rotate_every: 30 * 24 * 3_600,
            jwks_max_age: 300,
            poll_every: 10,
            clock_skew: 10,
            publish_ahead: 3_600,
            longest_life: Self::longest_life(&Lifetimes::default()),
        }
    }
}

impl KeyPolicy {
    /// The longest life among id_tokens and access tokens.
    pub fn longest_life(lifetimes: &Lifetimes) -> u64 {
        lifetimes.access_token.max(id_token::TTL)
    }

    /// The least that lies between publication and activation: any set without the key is out of use when it signs. The
    /// other servers find it within `poll_every` and publish it when their clock says so, `clock_skew` later at most; a set
    /// that was fetched just before is kept for `jwks_max_age`.
    pub fn overlap(&self) -> u64 {
        let spans = [self.jwks_max_age, self.poll_every, self.clock_skew, SLACK];
        spans.into_iter().fold(0, u64::saturating_add)
    }

    /// What lies between publication and activation of a successor.
    pub fn ahead(&self) -> u64 {
        self.publish_ahead.max(self.overlap())
    }

    /// How long a key stays published after its successor was activated.
    pub fn retention(&self) -> u64 {
        let spans = [self.longest_life, GRACE, self.clock_skew];
        spans.into_iter().fold(0, u64::saturating_add)
    }

    /// How long a key signs, at least a second.
    pub(super) fn period(&self) -> u64 {
        self.rotate_every.max(1)
    }

    /// After how long a private half that was superseded is of no use to the slowest clock.
    pub(super) fn forget_after(&self) -> u64 {
        self.clock_skew.saturating_add(SLACK)
    }

    /// How long a server may go without a look at the store before what it publishes and signs with is in doubt: half of
    /// the stretch in which it must learn of a new key, but never before it had the time to look twice.
    pub fn stale_after(&self) -> u64 {
        (self.overlap() / 2).max(self.poll_every.saturating_mul(2).saturating_add(SLACK))
    }

    /// How many keys of one algorithm are published at a time, once keys have turned for a while.
    pub fn published_at_a_time(&self) -> u64 {
        let life = self.ahead().saturating_add(self.poll_every).saturating_add(self.retention());
        life.div_ceil(self.period()).saturating_add(1)
    }
}
