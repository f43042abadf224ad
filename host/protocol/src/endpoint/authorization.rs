//! The authorization endpoint (RFC 6749 §3.1, OIDC Core §3.1.2, RFC 9126 §4): opens a pushed request in a browser.

use super::answer::{Answer, CookieChange, Problem, ProblemKind, RedirectTarget};
use super::login::{self, view};
use crate::assurance::NoMethod;
use crate::authorization_request::{AuthorizationRequest, PushedRequest};
use crate::client::Client;
use crate::error::wire::Cause;
use crate::error::{ErrorCode, Fault};
use crate::provider::Provider;
use crate::transaction::Transaction;
use crate::transaction::browser::Browser;
use crate::transaction::cookie::LoginCookie;
use crate::transaction::stage::{Requested, Stage};
use crate::word::client_id::ClientId;
use crate::word::handle::{HandleHash, RequestUri};
use crate::word::locale;
use crate::word::parameters::{Parameters, ParametersError};
use crate::word::time::Timestamp;

/// A request as it came.
pub struct RawAuthorization {
    /// The query of a GET or the body of a POST.
    pub parameters: Result<Parameters, ParametersError>,
    /// The login cookie.
    pub cookie: Option<String>,
    /// Language tags the browser prefers, best first.
    pub accept_language: Vec<String>,
}

/// Why nothing is opened. None of these may redirect: there is no validated target yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The query as a whole: a duplicate must not be resolved by guessing (`protocol.md` 23).
    #[error(transparent)]
    Parameters(#[from] ParametersError),
    /// RFC 6749 §4.1.1.
    #[error("client_id is missing or malformed")]
    ClientId,
    /// There is no such client.
    #[error("the client is not registered")]
    UnknownClient,
    /// RFC 9126 §4: this client must push its requests.
    #[error("there is no request_uri: requests have to be pushed")]
    NotPushed,
    /// It is no `request_uri` of ours.
    #[error("request_uri is not one of this server")]
    ForeignRequestUri,
    /// It was never pushed, has been used, or was forgotten.
    #[error("request_uri is unknown, used or long expired")]
    UnknownRequestUri,
    /// Nobody opened it in time.
    #[error("request_uri has expired")]
    ExpiredRequestUri,
    /// Each opening keeps a login, and each login has tries of its own (`protocol.md` 16: storage is bounded).
    #[error("request_uri was opened too often, or has just been used")]
    OpenedTooOften,
    /// It is bound to the client that pushed it (RFC 9126 §2.2).
    #[error("request_uri was pushed by another client")]
    RequestUriOfOtherClient,
}

impl Refusal {
    /// Which page says so.
    pub const fn kind(self) -> ProblemKind {
        match self {
            Self::Parameters(_) | Self::ClientId => ProblemKind::MalformedRequest,
            Self::UnknownClient => ProblemKind::UnknownClient,
            Self::NotPushed => ProblemKind::NotPushed,
            Self::ForeignRequestUri
            | Self::UnknownRequestUri
            | Self::ExpiredRequestUri
            | Self::OpenedTooOften
            | Self::RequestUriOfOtherClient => ProblemKind::RequestUri,
        }
    }
}

impl From<Refusal> for Answer {
    fn from(refusal: Refusal) -> Self {
        Problem::page(refusal.kind(), &refusal)
    }
}

/// What a request must say. Every other parameter is ignored (RFC 9126 §4, `protocol.md` 22).
pub fn parse(
    parameters: Result<Parameters, ParametersError>,
) -> Result<(ClientId, Option<RequestUri>), Refusal> {
    let parameters = parameters?;
    let client_id = parameters.one("client_id").ok_or(Refusal::ClientId)?;
    let client_id = ClientId::parse(client_id).map_err(|_| Refusal::ClientId)?;
    let request_uri = parameters.one("request_uri");
    let request_uri =
        request_uri.map(|urn| RequestUri::from_urn(urn).ok_or(Refusal::ForeignRequestUri)).transpose()?;
    Ok((client_id, request_uri))
}

/// Whether this client may open this pushed request now.
pub fn decide(
    client: &Client,
    pushed: Option<PushedRequest>,
    now: Timestamp,
) -> Result<PushedRequest, Refusal> {
    let pushed = pushed.ok_or(Refusal::UnknownRequestUri)?;
    if pushed.client_id != client.client_id {
        return Err(Refusal::RequestUriOfOtherClient);
    }
    if now > pushed.open_until {
        return Err(Refusal::ExpiredRequestUri);
    }
    Ok(pushed)
}

/// Opens a pushed request, or shows the login that this browser already has open for it.
pub async fn handle(provider: &Provider, raw: RawAuthorization) -> Answer {
    match open(provider, raw).await {
        Ok(answer) => answer,
        Err(fault) => login::problem(fault),
    }
}

async fn open(provider: &Provider, raw: RawAuthorization) -> Result<Answer, Fault> {
    let now = provider.now();
    let (client_id, request_uri) = match parse(raw.parameters) {
        Ok(parsed) => parsed,
        Err(refusal) => return Ok(refusal.into()),
    };
    let Some(client) = provider.stores.clients.client(&client_id).await? else {
        return Ok(Refusal::UnknownClient.into());
    };
    let Some(request_uri) = request_uri else {
        return Ok(Refusal::NotPushed.into());
    };
    let handle = request_uri.hash();

    // A reload, or a second tab of the same browser, goes on with the login that is open (`protocol.md` 16).
    if let Some(cookie) = raw.cookie.as_deref().and_then(LoginCookie::parse) {
        let open = login::load(provider, &cookie, now).await?;
        if let Some(open) =
            open.filter(|open| open.record.request_uri == handle && open.record.client_id == client_id)
        {
            return login::current(provider, &cookie, open.record, now).await;
        }
    }
    let pushed = provider.stores.pushed_requests.look(&handle, now).await?;
    match decide(&client, pushed, now) {
        Ok(pushed) => {
            let request = pushed.request;
            let opening = Opening { client: &client, request, handle, accept_language: &raw.accept_language };
            start(provider, opening, now).await
        }
        Err(refusal) => Ok(refusal.into()),
    }
}

/// A request that is good and about to be opened.
struct Opening<'a> {
    client: &'a Client,
    request: AuthorizationRequest,
    handle: HandleHash,
    accept_language: &'a [String],
}

/// From here on every answer may redirect: the request was validated when it was pushed.
async fn start(provider: &Provider, opening: Opening<'_>, now: Timestamp) -> Result<Answer, Fault> {
    let Opening { client, request, handle, accept_language } = opening;
    let issuer = &provider.policy.issuer;
    if let Err((code, cause)) = can_begin(provider, client, &request) {
        if !provider.stores.pushed_requests.spend(&handle, now).await? {
            return Ok(Refusal::UnknownRequestUri.into());
        }
        let mut answer = RedirectTarget::of(&request).error(code, Cause::Request(cause), issuer);
        if let Answer::Return(response) = &mut answer {
            // No login was begun, so the one that this browser may have elsewhere goes on.
            response.cookie = CookieChange::Keep;
        }
        return Ok(answer);
    }
    let deadline = now.plus(provider.policy.lifetimes.before_authentication);
    // It must live as long as the login can, whose second part begins when the first ends.
    let answerable_until = login::keep_until(deadline.plus(provider.policy.lifetimes.after_authentication));
    let most = provider.policy.bounds.logins_per_request;
    if !provider.stores.pushed_requests.open(&handle, answerable_until, most).await? {
        return Ok(Refusal::OpenedTooOften.into());
    }

    let entropy = provider.entropy.as_ref();
    let wanted = request.ui_locales.iter().chain(accept_language).map(String::as_str);
    let locales = &provider.policy.locales;
    let locale = locale::best_match(wanted, locales)
        .or(locales.first().map(String::as_str))
        .unwrap_or("en")
        .to_owned();
    let (id, short_id) = Transaction::ids(entropy);
    let browser = Browser::new(entropy);
    let transaction = Transaction {
        id,
        short_id,
        client_id: client.client_id.clone(),
        request_uri: handle,
        request,
        locale,
        browser,
        deadline,
        stage: Stage::Requested(Requested::default()),
    };
    let Some(cookie) = LoginCookie::fresh(entropy, transaction.browser.secret()) else {
        return Err(Fault::NoEntropy);
    };
    let until = login::keep_until(deadline);
    provider.stores.transactions.create(&cookie.id(), &transaction, until).await?;
    let value = cookie.renewed(transaction.browser.secret());
    let page = view::page(provider, client, &transaction, now);
    Ok(Answer::Page { page: Box::new(page), cookie: CookieChange::Set(value) })
}

/// Whether a login can begin at all: nobody is ever logged in already, and somebody must be able to log in.
fn can_begin(
    provider: &Provider,
    client: &Client,
    request: &AuthorizationRequest,
) -> Result<(), (ErrorCode, String)> {
    if request.prompt.none {
        // OIDC Core §3.1.2.6: there is no session, so nothing can be done without showing a page.
        return Err((ErrorCode::LoginRequired, "prompt=none, and no session is ever kept".to_owned()));
    }
    if provider.plugins.id_system().is_none() {
        return Err((ErrorCode::TemporarilyUnavailable, NoMethod::Unavailable.to_string()));
    }
    let offered = provider.policy.assurance.offer(
        provider.plugins.as_ref(),
        &client.acr_values,
        &request.acr_values,
        &request.claims,
    );
    offered.map(drop).map_err(|none| match none {
        NoMethod::EssentialAcr => (ErrorCode::UnmetAuthenticationRequirements, none.to_string()),
        NoMethod::Unavailable => (ErrorCode::TemporarilyUnavailable, none.to_string()),
    })
}

#[cfg(test)]
mod tests;
