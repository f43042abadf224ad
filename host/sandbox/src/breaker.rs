//! A circuit breaker: what fails again and again is not asked for a while, and then asked once.
//!
//! A few failures are not enough while most calls succeed: who can make their own calls fail must not be able to end
//! those of everybody else.

use std::sync::{Mutex, PoisonError};

use esignet_protocol::word::time::Timestamp;

/// Failures within the window that open it, when they are at least half of the calls.
const FAILURES: u32 = 5;
/// The window, in seconds.
const WINDOW: u64 = 30;
/// How long it is open before one call may try, and how long that one has before another may, in seconds.
const OPEN: u64 = 10;

/// What calls meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BreakerState {
    /// They go through.
    Closed,
    /// They fail at once.
    Open,
    /// One goes through; how it ends decides.
    HalfOpen,
}

impl BreakerState {
    /// The word for it in lists.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half-open",
        }
    }
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    Well,
    Badly,
    /// It says nothing of who was called.
    Neither,
}

/// A breaker.
#[derive(Debug)]
pub(crate) struct Breaker(Mutex<State>);

#[derive(Clone, Copy, Debug)]
enum State {
    Closed { since: Timestamp, well: u32, badly: u32 },
    Open { since: Timestamp },
    HalfOpen { since: Timestamp },
}

/// The call is not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct IsOpen;

impl Default for Breaker {
    fn default() -> Self {
        Self(Mutex::new(State::Closed { since: Timestamp(0), well: 0, badly: 0 }))
    }
}

impl Breaker {
    /// Whether a call may be made now.
    pub(crate) fn admit(&self, now: Timestamp) -> Result<(), IsOpen> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match *state {
            State::Closed { .. } => Ok(()),
            // A clock that was set back counts as time that is over.
            State::Open { since } | State::HalfOpen { since } if now < since || now >= since.plus(OPEN) => {
                *state = State::HalfOpen { since: now };
                Ok(())
            }
            State::Open { .. } | State::HalfOpen { .. } => Err(IsOpen),
        }
    }

    /// Takes note of how a call ended; true when this opened the breaker.
    pub(crate) fn note(&self, ended: Ended, now: Timestamp) -> bool {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (next, opened) = match (*state, ended) {
            (_, Ended::Neither) | (State::Open { .. }, _) => return false,
            (State::HalfOpen { .. }, Ended::Badly) => (State::Open { since: now }, true),
            (State::HalfOpen { .. }, Ended::Well) => (State::Closed { since: now, well: 0, badly: 0 }, false),
            (State::Closed { since, well, badly }, ended) => {
                let is_over = now < since || now >= since.plus(WINDOW);
                let (since, well, badly) = if is_over { (now, 0, 0) } else { (since, well, badly) };
                let (well, badly) = match ended {
                    Ended::Badly => (well, badly.saturating_add(1)),
                    Ended::Well | Ended::Neither => (well.saturating_add(1), badly),
                };
                let opens = badly >= FAILURES && badly >= well;
                (if opens { State::Open { since: now } } else { State::Closed { since, well, badly } }, opens)
            }
        };
        *state = next;
        opened
    }

    /// What a call meets now.
    pub(crate) fn state(&self, now: Timestamp) -> BreakerState {
        match *self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            State::Closed { .. } => BreakerState::Closed,
            State::Open { since } if now >= since && now < since.plus(OPEN) => BreakerState::Open,
            State::Open { .. } | State::HalfOpen { .. } => BreakerState::HalfOpen,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp(1_000);

    fn opened() -> Breaker {
        let breaker = Breaker::default();
        let opened: Vec<bool> = (0..5).map(|_| breaker.note(Ended::Badly, START)).collect();
        assert_eq!(opened, [false, false, false, false, true]);
        breaker
    }

    #[test]
    fn five_failures_of_a_window_open_it_and_one_call_tries_again_after_ten_seconds() {
        let breaker = opened();
        assert_eq!(breaker.admit(START.plus(9)), Err(IsOpen));
        assert_eq!(breaker.admit(START.plus(10)), Ok(()), "the one that tries");
        assert_eq!(breaker.admit(START.plus(10)), Err(IsOpen), "and nobody else");
        assert!(breaker.note(Ended::Badly, START.plus(11)), "it failed");
        assert_eq!(breaker.admit(START.plus(20)), Err(IsOpen));
        assert_eq!(breaker.admit(START.plus(21)), Ok(()));
        assert!(!breaker.note(Ended::Well, START.plus(21)));
        assert_eq!(breaker.state(START.plus(21)), BreakerState::Closed);
    }

    #[test]
    fn a_try_that_never_ends_is_not_the_last() {
        let breaker = opened();
        assert_eq!(breaker.admit(START.plus(10)), Ok(()));
        assert_eq!(breaker.admit(START.plus(20)), Ok(()));
    }

    #[test]
    fn failures_that_are_few_or_far_apart_open_nothing() {
        let breaker = Breaker::default();
        for second in 0..100 {
            assert!(!breaker.note(Ended::Badly, START.plus(second * 8)));
        }
        let breaker = Breaker::default();
        for _ in 0..100 {
            assert!(!breaker.note(Ended::Well, START) && !breaker.note(Ended::Well, START));
            assert!(!breaker.note(Ended::Badly, START), "one person's failures among those who succeed");
        }
        assert!(!breaker.note(Ended::Neither, START));
    }

    #[test]
    fn a_clock_that_is_set_back_does_not_keep_it_open() {
        assert_eq!(opened().admit(Timestamp(10)), Ok(()));
    }
}
