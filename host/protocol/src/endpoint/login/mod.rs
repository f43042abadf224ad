//! The login: what the pages show, and what their forms do. Its URL is ours, not a specification's.

pub mod complete;
mod notices;
pub mod submission;
pub mod view;
pub mod ways;

use super::answer::{Answer, CookieChange, Problem, ProblemKind, RedirectTarget};
use crate::audit::event::{Action, Event, Outcome};
use crate::error::wire::Cause;
use crate::error::{ErrorCode, Fault};
use crate::ports::store::Versioned;
use crate::provider::Provider;
use crate::transaction::Transaction;
use crate::transaction::cookie::LoginCookie;
use crate::word::time::Timestamp;

/// How long an ended login is kept to tell its browser and its relying party so, in seconds.
const GRACE: u64 = 600;

/// Why a browser has no login.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no cookie, or no login to it.
    #[error("there is no login in this browser, or it is over")]
    NoLogin,
    /// The deadline is past.
    #[error("the login was not finished in time")]
    TooLate,
}

/// GET: the page that the login of this browser is at.
pub async fn show(provider: &Provider, cookie: Option<&str>) -> Answer {
    let now = provider.now();
    let shown = async {
        let Some(cookie) = cookie.and_then(LoginCookie::parse) else {
            return Ok(no_login());
        };
        let Some(open) = load(provider, &cookie, now).await? else {
            return Ok(no_login());
        };
        current(provider, &cookie, open.record, now).await
    };
    shown.await.unwrap_or_else(problem)
}

/// POST: what the person answered, agreed to or refused.
pub async fn submit(provider: &Provider, cookie: Option<&str>, body: &[u8]) -> Answer {
    let cookie = cookie.and_then(LoginCookie::parse);
    match cookie {
        None => no_login(),
        Some(cookie) => submission::handle(provider, &cookie, body).await.unwrap_or_else(problem),
    }
}

/// The login of a cookie, if the cookie's secret is good for it.
pub(super) async fn load(
    provider: &Provider,
    cookie: &LoginCookie,
    now: Timestamp,
) -> Result<Option<Versioned<Transaction>>, Fault> {
    let open = provider.stores.transactions.load(&cookie.id(), now).await?;
    Ok(open.filter(|open| open.record.browser.owns(&cookie.secret)))
}

/// The page that a login is at; past its deadline, its end.
pub(super) async fn current(
    provider: &Provider,
    cookie: &LoginCookie,
    transaction: Transaction,
    now: Timestamp,
) -> Result<Answer, Fault> {
    if now > transaction.deadline {
        return end(provider, cookie, &transaction, ErrorCode::LoginRequired, &Refusal::TooLate).await;
    }
    let client = provider.client(&transaction.client_id).await?.ok_or(Fault::ClientGone)?;
    let page = Box::new(view::page(provider, &client, &transaction, now));
    Ok(Answer::Page { page, cookie: CookieChange::Keep, cause: None })
}

/// Ends a login with an error for the relying party. The pushed request is spent: it has been answered.
pub(super) async fn end(
    provider: &Provider,
    cookie: &LoginCookie,
    transaction: &Transaction,
    code: ErrorCode,
    refusal: &(impl std::fmt::Display + Sync),
) -> Result<Answer, Fault> {
    let cause = Cause::Request(refusal.to_string());
    if !close(provider, cookie, transaction).await? {
        return Ok(answered());
    }
    provider
        .audit
        .note(|_| Event::new(Action::Authorization, Outcome::Refused).of(transaction).because(code));
    Ok(RedirectTarget::of(&transaction.client_id, &transaction.request).error(provider, code, cause))
}

/// Forgets a login and spends its pushed request: true for the one caller that may answer it.
async fn close(provider: &Provider, cookie: &LoginCookie, transaction: &Transaction) -> Result<bool, Fault> {
    let first = provider.stores.pushed_requests.spend(&transaction.request_uri, provider.now()).await?;
    provider.stores.transactions.remove(&cookie.id()).await?;
    Ok(first)
}

/// The page for a login whose request another one has answered: a relying party gets one response.
fn answered() -> Answer {
    super::authorization::Refusal::UnknownRequestUri.into()
}

/// Until when the record of a login with this deadline is kept.
pub(super) const fn keep_until(deadline: Timestamp) -> Timestamp {
    deadline.plus(GRACE)
}

/// The page for a fault.
pub(in crate::endpoint) fn problem(fault: Fault) -> Answer {
    let kind = if fault.code() == ErrorCode::TemporarilyUnavailable {
        ProblemKind::Unavailable
    } else {
        ProblemKind::ServerError
    };
    Answer::Problem(Problem { kind, cause: Cause::Fault(fault) })
}

fn no_login() -> Answer {
    Problem::page(ProblemKind::NoLogin, &Refusal::NoLogin)
}
