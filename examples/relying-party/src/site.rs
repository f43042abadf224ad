//! The site: a page with a button, the two ends of a sign-in, and the page that shows the result.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, COOKIE, LOCATION, REFERRER_POLICY, SET_COOKIE,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use crate::RelyingParty;
use crate::error::SignInError;
use crate::key::random_text;
use crate::page::{Home, Problem, Result as ResultPage};
use crate::session::{Session, Sessions};
use crate::sign_in::Client;

/// Where the provider sends the browser back to.
pub(crate) const CALLBACK: &str = "/callback";
const COOKIE_NAME: &str = "relying-party-session";

#[derive(Clone)]
struct Site {
    client: Client,
    sessions: Sessions,
    /// The same for every page: nothing inline, nothing from elsewhere, in no frame. The form may lead to the provider.
    content_security_policy: Arc<str>,
    cookie_attributes: &'static str,
}

/// The site of a relying party.
pub(crate) fn router(relying_party: &RelyingParty) -> Result<Router, SignInError> {
    let provider = reqwest::Url::parse(&relying_party.issuer)
        .map_err(|_| SignInError::Untrusted("the issuer is not a URL"))?
        .origin()
        .ascii_serialization();
    let content_security_policy = format!(
        "default-src 'none'; style-src 'self'; form-action 'self' {provider}; frame-ancestors 'none'; base-uri 'none'"
    );
    // Lax, not Strict: the cookie has to come along when the provider sends the browser back.
    let cookie_attributes = if relying_party.base_url.starts_with("https:") {
        "Path=/; HttpOnly; SameSite=Lax; Secure"
    } else {
        "Path=/; HttpOnly; SameSite=Lax"
    };
    let site = Site {
        client: Client::new(relying_party)?,
        sessions: Sessions::default(),
        content_security_policy: content_security_policy.into(),
        cookie_attributes,
    };
    Ok(Router::new()
        .route("/", get(home))
        .route("/sign-in", post(sign_in))
        .route(CALLBACK, get(callback))
        .route("/result", get(result))
        .route("/sign-out", post(sign_out))
        .route("/site.css", get(stylesheet))
        .with_state(site))
}

async fn home(State(site): State<Site>) -> Response {
    site.page(StatusCode::OK, &Home::new(&site.client.issuer))
}

async fn sign_in(State(site): State<Site>) -> Response {
    match site.client.begin().await {
        Ok((url, attempt)) => site.keep_and_see(Session::Away(Box::new(attempt)), &url),
        Err(error) => site.problem(&error),
    }
}

/// The provider sent the browser back. A session leads from one attempt to one answer, and gets a new secret with it.
async fn callback(State(site): State<Site>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let Some(Session::Away(attempt)) = session_id(&headers).and_then(|id| site.sessions.take(id)) else {
        return site.problem(&SignInError::Untrusted("this browser has no sign-in under way"));
    };
    let session = match site.client.finish(&attempt, &query.unwrap_or_default()).await {
        Ok(signed_in) => Session::SignedIn(Arc::new(signed_in)),
        Err(error) => Session::Failed(error),
    };
    site.keep_and_see(session, "/result")
}

async fn result(State(site): State<Site>, headers: HeaderMap) -> Response {
    match session_id(&headers).and_then(|id| site.sessions.look(id)) {
        Some(Session::SignedIn(signed_in)) => site.page(StatusCode::OK, &ResultPage::new(&signed_in)),
        Some(Session::Failed(error)) => site.problem(&error),
        Some(Session::Away(_)) | None => see("/"),
    }
}

async fn sign_out(State(site): State<Site>, headers: HeaderMap) -> Response {
    if let Some(id) = session_id(&headers) {
        site.sessions.take(id);
    }
    let gone = format!("{COOKIE_NAME}=; {}; Max-Age=0", site.cookie_attributes);
    ([(SET_COOKIE, gone)], see("/")).into_response()
}

async fn stylesheet() -> impl IntoResponse {
    let headers = [(CONTENT_TYPE, "text/css; charset=utf-8"), (CACHE_CONTROL, "public, max-age=300")];
    (headers, include_str!("../assets/site.css"))
}

impl Site {
    fn page(&self, status: StatusCode, page: &impl Template) -> Response {
        let headers: [(HeaderName, &str); 5] = [
            (CONTENT_TYPE, "text/html; charset=utf-8"),
            (CONTENT_SECURITY_POLICY, &self.content_security_policy),
            (CACHE_CONTROL, "no-store"),
            (REFERRER_POLICY, "no-referrer"),
            (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ];
        match page.render() {
            Ok(html) => (status, headers, html).into_response(),
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    }

    fn problem(&self, error: &SignInError) -> Response {
        let (status, problem) = Problem::of(error);
        self.page(status, &problem)
    }

    fn keep_and_see(&self, session: Session, url: &str) -> Response {
        let id = match random_text() {
            Ok(id) => id,
            Err(error) => return self.problem(&error),
        };
        let cookie = format!("{COOKIE_NAME}={id}; {}", self.cookie_attributes);
        self.sessions.put(id, session);
        ([(SET_COOKIE, cookie)], see(url)).into_response()
    }
}

/// 303: whatever the request was, the next one is a GET.
fn see(url: &str) -> Response {
    (StatusCode::SEE_OTHER, [(LOCATION, url), (REFERRER_POLICY, "no-referrer"), (CACHE_CONTROL, "no-store")])
        .into_response()
}

fn session_id(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|line| line.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(COOKIE_NAME)?.strip_prefix('='))
}
