//! How one build of a plugin does: its breaker, its rate of failures, and whether it is quarantined.
//!
//! A build that only traps is quarantined: its methods are offered no more, logins under way in it fail closed, and only a
//! new digest or an operator ends that. Timeouts do not quarantine, since a slow upstream makes them; the breaker does
//! for those.

use std::sync::{Mutex, PoisonError};

use esignet_protocol::ports::plugins::PluginError;
use esignet_protocol::word::time::Timestamp;

use crate::breaker::{Breaker, BreakerState, Ended};

/// How often in a row the breaker opens, with nothing but traps in between, until the build is quarantined.
const OPENINGS: u32 = 3;
/// The first calls of a build are compared with those of the build before it: not before so many, …
const FIRST_CALLS: u64 = 10;
/// … and not after so many.
const LAST_CALL: u64 = 500;
/// How many more of a hundred calls must fail than did before for a build to be clearly worse.
const WORSE_PERCENT: u64 = 25;

/// How a build does.
#[derive(Debug, Default)]
pub(crate) struct Health {
    breaker: Breaker,
    course: Mutex<Course>,
}

#[derive(Debug, Default)]
struct Course {
    rate: Rate,
    /// Of the build that this one replaced.
    before: Option<Rate>,
    openings: u32,
    other_than_trapped: bool,
    quarantined: Option<String>,
}

/// How many calls failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rate {
    pub(crate) calls: u64,
    pub(crate) failed: u64,
}

impl Rate {
    fn percent(self) -> u64 {
        self.failed * 100 / self.calls.max(1)
    }
}

/// What somebody must do about a build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Alarm {
    /// It was quarantined just now.
    Quarantined,
    /// It fails clearly more often than the one before.
    Worse,
}

impl Health {
    /// Whether a call may be made, or why not.
    pub(crate) fn admit(&self, now: Timestamp) -> Result<(), PluginError> {
        if self.quarantined().is_some() {
            return Err(PluginError::Unavailable("the plugin is quarantined".to_owned()));
        }
        self.breaker.admit(now).map_err(|_| {
            PluginError::Unavailable("the plugin failed too often lately; its circuit is open".to_owned())
        })
    }

    /// Takes note of how a call ended.
    pub(crate) fn note(&self, error: Option<&PluginError>, now: Timestamp) -> Option<Alarm> {
        let ended = match error {
            None | Some(PluginError::Rejected(_)) => Ended::Well,
            Some(PluginError::Unavailable(_)) => Ended::Neither,
            Some(PluginError::TimedOut(_) | PluginError::Trapped(_) | PluginError::Broken(_)) => Ended::Badly,
        };
        let opened = self.breaker.note(ended, now);
        let mut course = self.course.lock().unwrap_or_else(PoisonError::into_inner);
        course.rate.calls += u64::from(ended != Ended::Neither);
        course.rate.failed += u64::from(ended == Ended::Badly);
        if ended == Ended::Well {
            course.openings = 0;
            course.other_than_trapped = false;
        }
        course.other_than_trapped |= matches!(error, Some(PluginError::TimedOut(_)));
        course.openings += u32::from(opened);
        if course.openings >= OPENINGS && !course.other_than_trapped && course.quarantined.is_none() {
            let kind = error.map(ToString::to_string).unwrap_or_default();
            course.quarantined = Some(format!("it only traps; the last time: {kind}"));
            return Some(Alarm::Quarantined);
        }
        let worse = ended == Ended::Badly
            && (FIRST_CALLS..=LAST_CALL).contains(&course.rate.calls)
            && course.before.is_some_and(|before| {
                before.calls >= FIRST_CALLS && course.rate.percent() >= before.percent() + WORSE_PERCENT
            });
        worse.then_some(Alarm::Worse)
    }

    /// The build before did like this.
    pub(crate) fn follows(&self, before: Rate) {
        self.course.lock().unwrap_or_else(PoisonError::into_inner).before = Some(before);
    }

    pub(crate) fn rate(&self) -> Rate {
        self.course.lock().unwrap_or_else(PoisonError::into_inner).rate
    }

    pub(crate) fn breaker(&self, now: Timestamp) -> BreakerState {
        self.breaker.state(now)
    }

    /// Why it is quarantined, if it is.
    pub(crate) fn quarantined(&self) -> Option<String> {
        self.course.lock().unwrap_or_else(PoisonError::into_inner).quarantined.clone()
    }

    pub(crate) fn quarantine(&self, reason: &str) {
        self.course.lock().unwrap_or_else(PoisonError::into_inner).quarantined = Some(reason.to_owned());
    }

    /// Ends a quarantine; the breaker decides from here.
    pub(crate) fn release(&self) {
        *self.course.lock().unwrap_or_else(PoisonError::into_inner) = Course::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trap() -> PluginError {
        PluginError::Trapped("unreachable".to_owned())
    }

    /// Fails whenever a call is let through, for two minutes.
    fn ends_up(health: &Health, error: &PluginError) -> Option<u64> {
        let calls = (0..120).map(|second| Timestamp(1_000 + second));
        calls
            .filter(|now| health.admit(*now).is_ok())
            .find(|now| health.note(Some(error), *now) == Some(Alarm::Quarantined))
            .map(|now| now.0 - 1_000)
    }

    #[test]
    fn what_only_traps_is_quarantined_until_it_is_released() {
        let health = Health::default();
        assert!(ends_up(&health, &trap()).is_some_and(|seconds| seconds < 60));
        assert!(health.admit(Timestamp(100_000)).is_err() && health.quarantined().is_some());
        health.release();
        assert!(health.admit(Timestamp(100_000)).is_ok() && health.quarantined().is_none());
    }

    #[test]
    fn what_is_slow_or_has_no_upstream_is_not() {
        assert_eq!(ends_up(&Health::default(), &PluginError::TimedOut("wall".to_owned())), None);
        assert_eq!(ends_up(&Health::default(), &PluginError::Unavailable("gateway".to_owned())), None);
    }

    #[test]
    fn a_build_is_worse_when_it_fails_clearly_more_often_than_the_one_before() {
        let (now, before) = (Timestamp(1_000), Rate { calls: 100, failed: 5 });
        let health = Health::default();
        health.follows(before);
        let calls = (0..20).map(|call| health.note((call % 3 == 0).then(trap).as_ref(), now));
        assert!(calls.into_iter().any(|alarm| alarm == Some(Alarm::Worse)));

        let health = Health::default();
        health.follows(before);
        let calls = (0..100).map(|call| health.note((call % 10 == 0).then(trap).as_ref(), now));
        assert!(calls.into_iter().all(|alarm| alarm.is_none()), "ten of a hundred is not clearly worse");
    }
}
