//! What a call of a plugin costs, and how much of that this host adds to what the engine needs anyway.
//!
//! Each call is made twice in turn: as it is for a login, and bare. Bare is the same engine, code, pool and imports, but no
//! turn is waited for, no budget is counted, nothing is handed to another thread, checked or recorded.

use std::sync::Arc;
use std::time::{Duration, Instant};

use esignet_protocol::ports::plugins::PluginError;

use crate::role::auth_factor::LoadedFactor;
use crate::role::id_system::LoadedIdSystem;
use crate::role::measured::Ended;

/// The calls that are made before anything is measured.
const WARMING_UP: usize = 20;

/// A loaded plugin to be measured.
pub struct Measure {
    pub(crate) id_system: Option<Arc<LoadedIdSystem>>,
    pub(crate) factor: Option<Arc<LoadedFactor>>,
}

/// What a function cost.
#[derive(Clone, Debug)]
pub struct Measured {
    /// The role.
    pub role: &'static str,
    /// The function, by its name in the contract.
    pub function: &'static str,
    /// Why it was given up: only an answer or a no can be measured.
    pub failed: Option<String>,
    /// As it is for a login.
    pub hosted: Cost,
    /// Without what this host puts around it.
    pub bare: Cost,
}

/// How long calls took, the shortest first.
#[derive(Clone, Debug, Default)]
pub struct Cost(Vec<Duration>);

impl Cost {
    /// The time within which so many of a hundred ended; none when nothing was measured.
    pub fn percentile(&self, of_hundred: usize) -> Option<Duration> {
        let rank = (self.0.len() * of_hundred.min(100)).div_ceil(100).max(1);
        self.0.get(rank - 1).copied()
    }

    /// How many were measured.
    pub fn count(&self) -> usize {
        self.0.len()
    }
}

impl Measure {
    /// Measures `describe` and one more function of each role, with so many calls of each kind.
    pub async fn run(&self, calls: usize) -> Vec<Measured> {
        let mut measured = Vec::new();
        if let Some(role) = &self.id_system {
            let describe = ("id-system", "describe");
            measured.push(of(describe, calls, (|| role.describes(), || role.describes_barely())).await);
            let authenticate = ("id-system", "authenticate");
            measured.push(
                of(authenticate, calls, (|| role.authenticates(), || role.authenticates_barely())).await,
            );
        }
        if let Some(role) = &self.factor {
            let describe = ("auth-factor", "describe");
            measured.push(of(describe, calls, (|| role.describes(), || role.describes_barely())).await);
            let begin = ("auth-factor", "begin");
            measured.push(of(begin, calls, (|| role.begins(), || role.begins_barely())).await);
        }
        measured
    }
}

async fn of<H: Future<Output = Ended>, B: Future<Output = Ended>>(
    (role, function): (&'static str, &'static str),
    calls: usize,
    (hosted, bare): (impl Fn() -> H, impl Fn() -> B),
) -> Measured {
    let (mut of_host, mut of_bare, mut failed) = (Vec::new(), Vec::new(), None);
    for call in 0..calls.saturating_add(WARMING_UP) {
        let since = Instant::now();
        let first = hosted().await;
        let after_host = since.elapsed();
        let since = Instant::now();
        let second = bare().await;
        let after_bare = since.elapsed();
        failed = [first, second].into_iter().find_map(failure);
        if failed.is_some() {
            break;
        }
        if call >= WARMING_UP {
            of_host.push(after_host);
            of_bare.push(after_bare);
        }
    }
    of_host.sort_unstable();
    of_bare.sort_unstable();
    Measured { role, function, failed, hosted: Cost(of_host), bare: Cost(of_bare) }
}

fn failure(ended: Ended) -> Option<String> {
    match ended {
        Ok(()) | Err(PluginError::Rejected(_)) => None,
        Err(error) => Some(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_a_call_that_was_made() {
        let cost = Cost((1..=200).map(Duration::from_micros).collect());
        assert_eq!(cost.percentile(50), Some(Duration::from_micros(100)));
        assert_eq!(cost.percentile(99), Some(Duration::from_micros(198)));
        assert_eq!(cost.percentile(0), Some(Duration::from_micros(1)));
        assert_eq!(Cost::default().percentile(50), None);
    }

    #[tokio::test]
    async fn a_function_that_fails_is_not_measured_and_a_no_is() {
        let no = || async { Err(PluginError::Rejected(crate::failure::rejection_of(no()))) };
        let measured = of(("r", "f"), 3, (no, no)).await;
        assert_eq!((measured.hosted.count(), measured.bare.count(), measured.failed), (3, 3, None));
        let trap = || async { Err(PluginError::Trapped("x".to_owned())) };
        let measured = of(("r", "f"), 3, (no, trap)).await;
        assert!(measured.failed.is_some() && measured.hosted.count() == 0);
    }

    fn no() -> crate::bindings::esignet::types::types::Rejection {
        crate::bindings::esignet::types::types::Rejection {
            reason: "wrong".to_owned(),
            attempts_left: None,
            retry_after_seconds: None,
        }
    }
}
