//! What happens around every endpoint: which methods it takes, how long it may take, what becomes of a panic, the one line
//! in the log, and the headers that every answer carries.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Instant;

use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::response::Response;
use esignet_protocol::endpoint::answer::ProblemKind;
use http::header;
use http::request::Parts;
use http::{HeaderValue, Method, StatusCode};
use tokio::time::timeout;

use crate::answer::json::insert;
use crate::answer::refusal::{self, Face};
use crate::answer::{Outcome, Reply};
use crate::extract::UnreadableCertificate;
use crate::page::problem::Trouble;
use crate::router::{Cors, Route};
use crate::site::Site;
use crate::{csp, endpoint};

/// Serves one request at a route.
pub(crate) async fn serve(site: Arc<Site>, route: Arc<Route>, request: Request) -> Response {
    let started = Instant::now();
    let (parts, body) = request.into_parts();
    let preflight = parts.method == Method::OPTIONS && route.cors == Cors::Anybody;
    let mut reply = if preflight {
        Reply::done(status_only(StatusCode::NO_CONTENT), "preflight")
    } else {
        match gate(&route, &parts) {
            Ok(()) => guarded(&site, &route, &parts, body).await,
            Err(trouble) => refusal::refuse(&site, &parts.headers, route.face, trouble),
        }
    };
    if reply.response.status() == StatusCode::METHOD_NOT_ALLOWED {
        insert(&mut reply.response, header::ALLOW, &methods(&route));
    }
    if route.cors == Cors::Anybody {
        share(&mut reply.response, preflight.then(|| methods(&route)));
    }
    log(route.endpoint.name(), &reply, started);
    finish(&site, &parts.method, reply.response)
}

/// Serves a request at no route.
pub(crate) fn nowhere(site: &Site, request: &Request) -> Response {
    let started = Instant::now();
    let (headers, face) = (request.headers(), Face::of(request.headers()));
    let reply = refusal::refuse(site, headers, face, Trouble::NotFound);
    log("none", &reply, started);
    finish(site, request.method(), reply.response)
}

/// What is refused before anybody looks at the request: another method (`protocol.md` 5), or a request that two servers
/// could read differently (RFC 9112 §3.2: more than one `Host`), or whose certificate nobody can read.
fn gate(route: &Route, parts: &Parts) -> Result<(), Trouble> {
    let unreadable = parts.extensions.get::<UnreadableCertificate>().is_some();
    if unreadable || parts.headers.get_all(header::HOST).iter().count() > 1 {
        return Err(Trouble::Protocol(ProblemKind::MalformedRequest));
    }
    if !route.methods.contains(&parts.method) {
        return Err(Trouble::MethodNotAllowed);
    }
    Ok(())
}

/// The endpoint's answer, within its time, and an answer even if it panics.
async fn guarded(site: &Site, route: &Route, parts: &Parts, body: Body) -> Reply {
    // On the heap: the future of a whole login step is large, and most of what surrounds it would copy it.
    let answer = caught(Box::pin(endpoint::answer(site, route, parts, body)));
    match timeout(site.request_timeout, answer).await {
        Ok(Ok(reply)) => reply,
        Ok(Err(Panicked)) => refusal::failed(site, &parts.headers, route.face, "the endpoint panicked"),
        Err(_elapsed) => refusal::timed_out(site, &parts.headers, route.face),
    }
}

/// The future panicked.
struct Panicked;

async fn caught<F: Future + Unpin>(mut future: F) -> Result<F::Output, Panicked> {
    // What a panic leaves behind is dropped with the future; what outlives it is behind locks that poison.
    let poll = |context: &mut std::task::Context<'_>| match catch_unwind(AssertUnwindSafe(|| {
        Pin::new(&mut future).poll(context)
    })) {
        Ok(poll) => poll.map(Ok),
        Err(_payload) => Poll::Ready(Err(Panicked)),
    };
    poll_fn(poll).await
}

/// `Allow`, or what a preflight is told.
fn methods(route: &Route) -> String {
    let options = (route.cors == Cors::Anybody).then_some(Method::OPTIONS);
    let all = route.methods.iter().chain(&options).map(Method::as_str);
    all.collect::<Vec<_>>().join(", ")
}

/// Fetch §3.3: any script may read this, for it comes without cookies. `methods` are those a preflight asks for.
fn share(response: &mut Response, methods: Option<String>) {
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    let exposed = HeaderValue::from_static("WWW-Authenticate, DPoP-Nonce");
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
    if let Some(methods) = methods {
        let allowed = HeaderValue::from_static("Authorization, DPoP, Content-Type");
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, allowed);
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("7200"));
        insert(response, header::ACCESS_CONTROL_ALLOW_METHODS, &methods);
    }
}

/// The last touches: headers that every answer carries, and no body for `HEAD` (RFC 9110 §9.3.2).
fn finish(site: &Site, method: &Method, mut response: Response) -> Response {
    csp::harden(response.headers_mut(), site.transport);
    if method == Method::HEAD {
        return headers_only(response);
    }
    response
}

fn headers_only(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    if let Some(length) = body.size_hint().exact() {
        parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
    Response::from_parts(parts, Body::empty())
}

fn status_only(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// The one line of a request. Names, codes and causes; never a parameter, a header or a body.
fn log(endpoint: &'static str, reply: &Reply, started: Instant) {
    let status = reply.response.status().as_u16();
    let elapsed_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    match &reply.outcome {
        Outcome::Done(outcome) => tracing::debug!(endpoint, status, outcome, elapsed_ms, "answered"),
        Outcome::Refused(report) => tracing::info!(
            endpoint,
            status,
            outcome = report.code,
            cause = report.cause,
            incident = report.incident,
            elapsed_ms,
            "refused"
        ),
        Outcome::Failed(report) => tracing::error!(
            endpoint,
            status,
            outcome = report.code,
            cause = report.cause,
            incident = report.incident,
            elapsed_ms,
            "failed"
        ),
    }
}

#[cfg(test)]
mod tests;
