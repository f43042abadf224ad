//! The authorization endpoint (RFC 6749 §3.1, OIDC Core §3.1.2, RFC 9126 §4): opens a request in a browser.
//!
//! A request was pushed before, and the browser brings its `request_uri`. Only a client of the profile `interop` may bring
//! the request itself; it is kept as if it had been pushed, and goes the same way from there.

use super::answer::{Answer, CookieChange, Problem, ProblemKind, RedirectTarget};
use super::login::{self, view, ways};
use super::pushed_authorization::{RequestKind, keep, within_bounds};
use crate::assurance::NoMethod;
use crate::audit::event::{Action, Event, Outcome};
use crate::authorization_request::validation::{self, Refusal as RequestRefusal};
use crate::authorization_request::{AuthorizationRequest, PushedRequest};
use crate::client::{Client, Profile};
use crate::error::wire::Cause;
use crate::error::{ErrorCode, Fault};
use crate::extension::id_token_hint;
use crate::provider::Provider;
use crate::transaction::Transaction;
use crate::transaction::browser::Browser;
use crate::transaction::captcha::Gate;
use crate::transaction::cookie::LoginCookie;
use crate::transaction::pins::Pins;
use crate::transaction::stage::{Requested, Stage};
use crate::word::client_id::ClientId;
use crate::word::handle::{HandleHash, RequestUri};
use crate::word::locale;
use crate::word::parameters::{Parameters, ParametersError};
use crate::word::query::Query;
use crate::word::time::Timestamp;

/// A request as it came.
pub struct RawAuthorization {
    /// The query of a GET or the body of a POST.
    pub query: Result<Query, ParametersError>,
    /// The login cookie.
    pub cookie: Option<String>,
    /// Language tags the browser prefers, best first.
    pub accept_language: Vec<String>,
}

/// Why nothing is opened. None of these may redirect: there is no validated target yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The query as a whole.
    #[error(transparent)]
    Parameters(#[from] ParametersError),
    /// A repeated parameter must not be resolved by guessing where it decides who asks and where the answer goes
    /// (`protocol.md` 23).
    #[error("client_id, request_uri or redirect_uri is given more than once")]
    Repeated,
    /// RFC 6749 §4.1.1.
    #[error("client_id is missing or malformed")]
    ClientId,
    /// There is no such client.
    #[error("the client is not registered, or may do nothing now")]
    UnknownClient,
    /// RFC 9126 §4: this client must push its requests.
    #[error("there is no request_uri: requests have to be pushed")]
    NotPushed,
    /// RFC 6749 §3.1.2.4: never a redirect to what is not registered.
    #[error("redirect_uri is missing or not registered")]
    RedirectUri,
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
            Self::Parameters(_) | Self::Repeated | Self::ClientId | Self::RedirectUri => {
                ProblemKind::MalformedRequest
            }
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

/// Why a request that a browser brought itself is answered with an error, at its registered target.
#[derive(Debug, thiserror::Error)]
pub enum DirectRefusal {
    /// RFC 6749 §3.1.
    #[error("a parameter is given more than once")]
    Repeated,
    /// OIDC Core §6.2: requests by reference to elsewhere are not fetched.
    #[error("request_uri is not one of this server")]
    RequestUri,
    /// What is asked.
    #[error(transparent)]
    Request(#[from] RequestRefusal),
    /// The bound of pushed requests holds for these too.
    #[error("there are more requests of this client than it may make")]
    TooMany,
}

impl DirectRefusal {
    /// What the client is told.
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::Repeated => ErrorCode::InvalidRequest,
            Self::RequestUri => ErrorCode::RequestUriNotSupported,
            Self::Request(refusal) => refusal.code(),
            Self::TooMany => ErrorCode::TemporarilyUnavailable,
        }
    }
}

/// How a request came to the browser.
#[derive(Debug)]
pub enum Brought {
    /// It was pushed; every other parameter is ignored (RFC 9126 §4, `protocol.md` 22).
    Pushed(RequestUri),
    /// All of it is in the query.
    Direct(Query),
}

/// What a request must say.
pub fn parse(query: Result<Query, ParametersError>) -> Result<(ClientId, Brought), Refusal> {
    let query = query?;
    let repeated = |name: &str| query.repeated.contains(name);
    if repeated("client_id") || repeated("request_uri") || repeated("redirect_uri") {
        return Err(Refusal::Repeated);
    }
    let client_id = query.parameters.one("client_id").ok_or(Refusal::ClientId)?;
    let client_id = ClientId::parse(client_id).map_err(|_| Refusal::ClientId)?;
    let pushed = query.parameters.one("request_uri").and_then(RequestUri::from_urn);
    Ok((client_id, pushed.map_or_else(|| Brought::Direct(query), Brought::Pushed)))
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
    // RFC 9126 §2.2: good for `expires_in` seconds, and not in the second after.
    if now >= pushed.open_until {
        return Err(Refusal::ExpiredRequestUri);
    }
    Ok(pushed)
}

/// Whether this client may bring its request itself, and where it wants the response (`protocol.md` 22, 23).
pub fn decide_direct(client: &Client, query: &Query) -> Result<RedirectTarget, Refusal> {
    let foreign = query.parameters.has("request_uri");
    if client.profile != Profile::Interop || client.signs_requests() {
        return Err(if foreign { Refusal::ForeignRequestUri } else { Refusal::NotPushed });
    }
    validation::target(&query.parameters, client)
        .map_err(|_| if foreign { Refusal::ForeignRequestUri } else { Refusal::RedirectUri })
}

/// Opens a request, or shows the login that this browser already has open for it.
pub async fn handle(provider: &Provider, raw: RawAuthorization) -> Answer {
    match open(provider, raw).await {
        Ok(answer) => answer,
        Err(fault) => login::problem(fault),
    }
}

async fn open(provider: &Provider, raw: RawAuthorization) -> Result<Answer, Fault> {
    let now = provider.now();
    let (client_id, brought) = match parse(raw.query) {
        Ok(parsed) => parsed,
        Err(refusal) => return Ok(refusal.into()),
    };
    let Some(client) = provider.client(&client_id).await? else {
        return Ok(Refusal::UnknownClient.into());
    };
    let request_uri = match brought {
        Brought::Pushed(request_uri) => request_uri,
        Brought::Direct(query) => {
            return Direct { provider, client: &client, now }.open(&query, &raw.accept_language).await;
        }
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

/// A request that a browser brought itself.
struct Direct<'a> {
    provider: &'a Provider,
    client: &'a Client,
    now: Timestamp,
}

impl Direct<'_> {
    /// Keeps the request as if it had been pushed, and opens it.
    async fn open(&self, query: &Query, accept_language: &[String]) -> Result<Answer, Fault> {
        let target = match decide_direct(self.client, query) {
            Ok(target) => target,
            Err(refusal) => return Ok(refusal.into()),
        };
        // From here on every answer may redirect.
        let request = match self.request(query) {
            Ok(_) if !within_bounds(self.provider, self.client, RequestKind::Direct, self.now).await? => {
                Err(DirectRefusal::TooMany)
            }
            judged => judged,
        };
        let request = match request {
            Ok(request) => request,
            Err(refusal) => {
                let cause = Cause::Request(refusal.to_string());
                return Ok(keeping_cookie(target.error(self.provider, refusal.code(), cause)));
            }
        };
        let handle = keep(self.provider, self.client, request.clone(), self.now).await?.hash();
        start(self.provider, Opening { client: self.client, request, handle, accept_language }, self.now)
            .await
    }

    fn request(&self, query: &Query) -> Result<AuthorizationRequest, DirectRefusal> {
        let parameters: &Parameters = &query.parameters;
        if !query.repeated.is_empty() {
            return Err(DirectRefusal::Repeated);
        }
        if parameters.has("request_uri") {
            return Err(DirectRefusal::RequestUri);
        }
        let hint = |token: &str| id_token_hint::subject(token, self.provider, self.client);
        Ok(validation::decide(parameters, self.client, None, hint)?)
    }
}

/// A request that is good and about to be opened.
struct Opening<'a> {
    client: &'a Client,
    request: AuthorizationRequest,
    handle: HandleHash,
    accept_language: &'a [String],
}

/// From here on every answer may redirect: the request was validated before it was kept.
async fn start(provider: &Provider, opening: Opening<'_>, now: Timestamp) -> Result<Answer, Fault> {
    let Opening { client, request, handle, accept_language } = opening;
    let pins = match can_begin(provider, client, &request) {
        Ok(pins) => pins,
        Err((code, cause)) => {
            if !provider.stores.pushed_requests.spend(&handle, now).await? {
                return Ok(Refusal::UnknownRequestUri.into());
            }
            provider.audit.note(|_| {
                Event::new(Action::Authorization, Outcome::Refused).by(&client.client_id).because(code)
            });
            let target = RedirectTarget::of(&client.client_id, &request);
            return Ok(keeping_cookie(target.error(provider, code, Cause::Request(cause))));
        }
    };
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
    let mut transaction = Transaction {
        id,
        short_id,
        client_id: client.client_id.clone(),
        request_uri: handle,
        request,
        locale,
        browser,
        deadline,
        pins,
        stage: Stage::Requested(Requested::default()),
    };
    let gate = Gate::new(provider, client, &transaction, now);
    let (requested, fault) = gate.stand_before(Requested::default()).await;
    transaction.stage = Stage::Requested(requested);
    let Some(cookie) = LoginCookie::fresh(entropy, transaction.browser.secret()) else {
        return Err(Fault::NoEntropy);
    };
    // A login of which no record can be kept does not begin.
    provider.audit.begin_login(|_| {
        let scope = transaction.request.scope.to_string();
        Event::new(Action::Authorization, Outcome::Success).of(&transaction).with("scope", scope)
    })?;
    let until = login::keep_until(deadline);
    provider.stores.transactions.create(&cookie.id(), &transaction, until).await?;
    let value = cookie.renewed(transaction.browser.secret());
    let page = view::page(provider, client, &transaction, now);
    let cause = fault.map(Cause::Fault);
    Ok(Answer::Page { page: Box::new(page), cookie: CookieChange::Set(value), cause })
}

/// No login was begun, so the one that this browser may have elsewhere goes on.
fn keeping_cookie(mut answer: Answer) -> Answer {
    if let Answer::Return(response) = &mut answer {
        response.cookie = CookieChange::Keep;
    }
    answer
}

/// What a login is held to, if it can begin at all: nobody is ever logged in already, and somebody must be able to
/// log in.
fn can_begin(
    provider: &Provider,
    client: &Client,
    request: &AuthorizationRequest,
) -> Result<Pins, (ErrorCode, String)> {
    if request.prompt.none {
        // OIDC Core §3.1.2.6: there is no session, so nothing can be done without showing a page.
        return Err((ErrorCode::LoginRequired, "prompt=none, and no session is ever kept".to_owned()));
    }
    if request.scope.has_key_binding() && provider.key_binder().is_none() {
        return Err((
            ErrorCode::InvalidScope,
            "the scope has key_binding, and no keys are bound here".to_owned(),
        ));
    }
    ways::begin(provider, client, request).map_err(|none| match none {
        NoMethod::EssentialAcr => (ErrorCode::UnmetAuthenticationRequirements, none.to_string()),
        NoMethod::Unavailable => (ErrorCode::TemporarilyUnavailable, none.to_string()),
    })
}

#[cfg(test)]
mod tests;
