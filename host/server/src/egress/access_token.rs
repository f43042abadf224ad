//! Access tokens by the client credentials grant (RFC 6749 §4.4): asked for once however many wait, kept until shortly
//! before they expire.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use esignet_protocol::ports::clock::Clock;
use esignet_protocol::ports::fetch::FetchError;
use tokio::sync::watch;

use super::authorization::Authorization;
use super::token_endpoint::{Issued, TokenEndpoint};

/// How long before its end a token is exchanged, in seconds, and the part of a short life that this may be at most.
const BEFORE_THE_END: u64 = 30;
const PART_OF_LIFE: u64 = 10;
/// The longest a token is kept, in seconds, whatever was said of it.
const MAX_KEPT: u64 = 24 * 60 * 60;
/// How long an upstream that refuses tokens is left with the one it has, in seconds: it must not make this server a flood.
const BETWEEN_REFUSALS: u64 = 5;

/// What was given, to all who wait for it.
type Outcome = Result<Arc<Authorization>, FetchError>;

/// The access token of one upstream. Cheap to clone.
#[derive(Clone)]
pub(crate) struct AccessToken(Arc<Shared>);

struct Shared {
    endpoint: TokenEndpoint,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

struct State {
    token: Token,
    /// When the upstream last refused a token that was replaced for it.
    refused_at: Option<u64>,
}

enum Token {
    None,
    Held {
        authorization: Arc<Authorization>,
        until: u64,
    },
    /// Somebody asks. The sender is gone without an outcome only when the task was ended.
    Asked(watch::Receiver<Option<Outcome>>),
    /// Nobody asks again within the second in which it failed.
    Failed {
        error: FetchError,
        at: u64,
    },
}

impl AccessToken {
    /// Nothing is asked for before it is needed.
    pub(crate) fn new(endpoint: TokenEndpoint, clock: Arc<dyn Clock>) -> Self {
        let state = Mutex::new(State { token: Token::None, refused_at: None });
        Self(Arc::new(Shared { endpoint, clock, state }))
    }

    /// The token to use now.
    pub(super) async fn current(&self) -> Outcome {
        let mut outcome = match self.held_or_asked() {
            Ok(known) => return known,
            Err(outcome) => outcome,
        };
        let outcome = outcome.wait_for(Option::is_some).await.ok().and_then(|outcome| outcome.clone());
        outcome.unwrap_or_else(|| Err(FetchError::Unreachable("no access token was obtained".to_owned())))
    }

    /// Another token than this one, which the upstream refused. `None` when this server has asked for another one only
    /// just now: then it is not the token's age that the upstream does not like.
    pub(super) async fn instead_of(&self, refused: &Arc<Authorization>) -> Option<Outcome> {
        {
            let (mut state, now) = (self.0.state(), self.0.clock.now().0);
            // Others may have replaced it already.
            if matches!(&state.token, Token::Held { authorization, .. } if Arc::ptr_eq(authorization, refused))
            {
                if state.refused_at.is_some_and(|at| now.abs_diff(at) < BETWEEN_REFUSALS) {
                    return None;
                }
                state.refused_at = Some(now);
                state.token = Token::None;
            }
        }
        Some(self.current().await)
    }

    /// What is known, or where it will be known. The one who asks is a task of its own: it goes on when the call that
    /// began it is given up, since others wait for the same.
    fn held_or_asked(&self) -> Result<Outcome, watch::Receiver<Option<Outcome>>> {
        let (mut state, now) = (self.0.state(), self.0.clock.now().0);
        match &state.token {
            Token::Held { authorization, until } if now < *until => return Ok(Ok(Arc::clone(authorization))),
            Token::Failed { error, at } if now == *at => return Ok(Err(error.clone())),
            Token::Asked(outcome) if outcome.has_changed().is_ok() => return Err(outcome.clone()),
            Token::None | Token::Held { .. } | Token::Failed { .. } | Token::Asked(_) => {}
        }
        let (teller, outcome) = watch::channel(None);
        state.token = Token::Asked(outcome.clone());
        drop(state);
        let shared = Arc::clone(&self.0);
        tokio::spawn(async move {
            let issued = shared.endpoint.ask(shared.clock.now().0).await;
            let outcome = shared.keep(issued);
            teller.send_replace(Some(outcome));
        });
        Err(outcome)
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, issued: Result<Issued, FetchError>) -> Outcome {
        let now = self.clock.now().0;
        let (token, outcome) = match issued {
            Ok(Issued { authorization, lifetime }) => {
                let authorization = Arc::new(authorization);
                let until = now.saturating_add(kept_for(lifetime));
                (Token::Held { authorization: Arc::clone(&authorization), until }, Ok(authorization))
            }
            Err(error) => (Token::Failed { error: error.clone(), at: now }, Err(error)),
        };
        self.state().token = token;
        outcome
    }
}

/// How much of its life a token is used for.
fn kept_for(lifetime: u64) -> u64 {
    lifetime.saturating_sub((lifetime / PART_OF_LIFE).clamp(1, BEFORE_THE_END)).min(MAX_KEPT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_given_up_before_its_end_and_never_kept_for_ever() {
        assert_eq!(kept_for(3_600), 3_570);
        assert_eq!(kept_for(60), 54);
        assert_eq!((kept_for(2), kept_for(1), kept_for(0)), (1, 0, 0));
        assert_eq!(kept_for(u64::MAX), MAX_KEPT);
    }
}
