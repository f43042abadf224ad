//! What we remember of a browser, in memory and bounded: forgotten after a while, the oldest first when there are many.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::callback::Attempt;
use crate::error::SignInError;
use crate::sign_in::SignedIn;

const MAX_SESSIONS: usize = 10_000;
const LIFETIME: Duration = Duration::from_mins(15);

/// How far a browser is.
#[derive(Clone)]
pub(crate) enum Session {
    /// It is at the provider.
    Away(Box<Attempt>),
    /// Somebody is signed in.
    SignedIn(Arc<SignedIn>),
    /// The sign-in did not happen.
    Failed(SignInError),
}

/// All sessions, under the secret in the cookie.
#[derive(Clone, Default)]
pub(crate) struct Sessions(Arc<Mutex<Shelf>>);

#[derive(Default)]
struct Shelf {
    sessions: BTreeMap<String, Session>,
    oldest_first: VecDeque<(Instant, String)>,
}

impl Sessions {
    /// Keeps a session.
    pub(crate) fn put(&self, id: String, session: Session) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.make_room(Instant::now());
        kept.oldest_first.push_back((Instant::now(), id.clone()));
        kept.sessions.insert(id, session);
    }

    /// Looks at a session.
    pub(crate) fn look(&self, id: &str) -> Option<Session> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.drop_old(Instant::now());
        kept.sessions.get(id).cloned()
    }

    /// Takes a session out: nobody can take it again.
    pub(crate) fn take(&self, id: &str) -> Option<Session> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.drop_old(Instant::now());
        kept.sessions.remove(id)
    }
}

impl Shelf {
    fn drop_old(&mut self, now: Instant) {
        while self.oldest_first.front().is_some_and(|(since, _)| now.duration_since(*since) > LIFETIME) {
            self.drop_oldest();
        }
    }

    fn make_room(&mut self, now: Instant) {
        self.drop_old(now);
        while self.oldest_first.len() >= MAX_SESSIONS {
            self.drop_oldest();
        }
    }

    fn drop_oldest(&mut self) {
        if let Some((_, id)) = self.oldest_first.pop_front() {
            self.sessions.remove(&id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_can_be_taken_once() {
        let sessions = Sessions::default();
        sessions.put("a".to_owned(), Session::Failed(SignInError::Untrusted("x")));
        assert!(sessions.look("a").is_some());
        assert!(sessions.take("a").is_some());
        assert!(sessions.take("a").is_none());
    }

    #[test]
    fn the_oldest_session_makes_room() {
        let sessions = Sessions::default();
        for number in 0..=MAX_SESSIONS {
            sessions.put(number.to_string(), Session::Failed(SignInError::Untrusted("x")));
        }
        assert!(sessions.look("0").is_none());
        assert!(sessions.look("1").is_some());
    }
}
