//! The admin API: registrations as JSON on a listener of its own, for whoever has the token.
//!
//! Loopback only and off unless it is configured (T44). There is no default token, no cookie and no CORS: a request that a
//! browser sends for a page (one with `Origin`) is refused before anything else. Its changes are those of
//! [`crate::registrations`] and are logged there, by the names of members.
//!
//! | Request | Does |
//! |---|---|
//! | `GET /clients` | lists registrations |
//! | `POST /clients` | registers |
//! | `GET /clients/{client_id}` | shows one, with its version as `ETag` |
//! | `PUT /clients/{client_id}` | replaces one; `If-Match` must name the version that was seen |
//! | `PATCH /clients/{client_id}` | `{ "status": "active" }` or `"inactive"` |
//! | `DELETE /clients/{client_id}` | forgets one |
//! | `GET /metrics` | what is counted of plugins, for a token of its own ([`metrics`]) |

mod answer;
mod metrics;
#[cfg(test)]
mod tests;
mod token;

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, Request};
use axum::http::header::{self, HeaderMap};
use axum::http::{Method, StatusCode};
use axum::response::Response;
use axum::routing::any;
use esignet_protocol::client::Status;
use esignet_protocol::ports::store::Version;
use esignet_protocol::word::client_id::ClientId;
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::config::{Connections, client_file};
use crate::listen::{self, Listener, Served, Transport};
use crate::registrations::Registrations;
use answer::{Refused, listed, member, shown};
pub(crate) use metrics::Metrics;
pub(crate) use token::Token;

/// The largest body, in bytes: that of the largest file.
const MAX_BODY: usize = 256 * 1024;

/// Registrations and the token that opens them.
struct Admin {
    registrations: Registrations,
    token: Token,
}

/// The admin API as an HTTP service.
pub(crate) fn router(registrations: Registrations, token: Token, metrics: Option<Metrics>) -> Router {
    let admin = Arc::new(Admin { registrations, token });
    let (collection, single) = (Arc::clone(&admin), Arc::clone(&admin));
    let router = match metrics {
        Some(metrics) => Router::new().route("/metrics", metrics.route()),
        None => Router::new(),
    };
    router
        .route(
            "/clients",
            any(async move |request: Request| {
                let method = request.method().clone();
                finished(&method, clients(&collection, request).await)
            }),
        )
        .route(
            "/clients/{client_id}",
            any(async move |Path(client_id): Path<String>, request: Request| {
                let method = request.method().clone();
                finished(&method, client(&single, &client_id, request).await)
            }),
        )
        .fallback(async move |request: Request| {
            let outcome = admitted(&admin.token, request.headers()).and(Err(Refused::NoSuchPath));
            finished(request.method(), outcome)
        })
}

/// A listener that serves the admin API until it is told to stop.
pub(crate) struct Serving {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Serving {
    /// Begins to serve.
    pub(crate) fn start(listener: TcpListener, router: Router, limits: Connections) -> Self {
        let (stop, stopped) = oneshot::channel();
        // An end of the sender is a stop, too.
        let until = async move { drop(stopped.await) };
        let listener = Listener { socket: listener, transport: Transport::Plain };
        let served = Served { router, proxied: None, limits };
        Self { stop, task: tokio::spawn(listen::serve(vec![listener], served, until)) }
    }

    /// Lets requests under way finish.
    pub(crate) async fn stop(self) {
        // It has ended already when nobody hears this.
        let _ = self.stop.send(());
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the admin API ended badly");
        }
    }
}

async fn clients(admin: &Admin, request: Request) -> Result<Response, Refused> {
    admitted(&admin.token, request.headers())?;
    let (method, headers) = (request.method().clone(), request.headers().clone());
    match method {
        Method::GET => Ok(listed(&admin.registrations.list().await?)),
        Method::POST => {
            let registration = client_file::from_members(members(&headers, request.into_body()).await?)?;
            let done = admin.registrations.add(registration).await?;
            Ok(answer::done(StatusCode::CREATED, &done))
        }
        _ => Err(Refused::MethodNotAllowed("GET, POST")),
    }
}

async fn client(admin: &Admin, client_id: &str, request: Request) -> Result<Response, Refused> {
    admitted(&admin.token, request.headers())?;
    let id = ClientId::parse(client_id).map_err(|_| Refused::NoSuchPath)?;
    let (method, headers) = (request.method().clone(), request.headers().clone());
    match method {
        Method::GET => Ok(shown(&admin.registrations.load(&id).await?)),
        Method::PUT => {
            let expected = expected(&headers)?;
            let registration = client_file::from_members(members(&headers, request.into_body()).await?)?;
            if registration.client.client_id != id {
                let problem = "`client_id` is not the one of the path";
                return Err(member(
                    "client_id",
                    problem,
                    "a client keeps its client_id: register another one",
                ));
            }
            let done = admin.registrations.update(registration, expected.as_ref()).await?;
            Ok(answer::done(StatusCode::OK, &done))
        }
        Method::PATCH => {
            let status = status(&members(&headers, request.into_body()).await?)?;
            let done = admin.registrations.set_status(&id, status).await?;
            Ok(answer::done(StatusCode::OK, &done))
        }
        Method::DELETE => {
            admin.registrations.delete(&id).await?;
            Ok(answer::empty())
        }
        _ => Err(Refused::MethodNotAllowed("GET, PUT, PATCH, DELETE")),
    }
}

/// Whether a request may be looked at: it brings this token.
fn admitted(opens: &Token, headers: &HeaderMap) -> Result<(), Refused> {
    if headers.contains_key(header::ORIGIN) {
        return Err(Refused::FromABrowser);
    }
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (value, more) = (values.next().and_then(|value| value.to_str().ok()), values.next());
    let bearer = value.and_then(|value| value.split_once(' '));
    match bearer {
        Some((scheme, token))
            if more.is_none() && scheme.eq_ignore_ascii_case("Bearer") && opens.is(token) =>
        {
            Ok(())
        }
        Some(_) | None => Err(Refused::NoToken),
    }
}

/// The members of a JSON body.
async fn members(headers: &HeaderMap, body: Body) -> Result<Map<String, Value>, Refused> {
    let media_type =
        headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default().trim();
    if !media_type.eq_ignore_ascii_case("application/json") {
        return Err(Refused::NotJson);
    }
    let bytes = to_bytes(body, MAX_BODY).await.map_err(|_| Refused::TooLarge)?;
    serde_json::from_slice(&bytes).map_err(|_| Refused::BadJson)
}

/// The version that a change is meant for (RFC 9110 §13.1.1); `*` is any.
fn expected(headers: &HeaderMap) -> Result<Option<Version>, Refused> {
    let value = headers.get(header::IF_MATCH).ok_or(Refused::NoPrecondition)?;
    if value == "*" {
        return Ok(None);
    }
    let version = value.to_str().ok().and_then(answer::version);
    version.map(Some).ok_or(Refused::PreconditionFailed)
}

fn status(members: &Map<String, Value>) -> Result<Status, Refused> {
    let fix =
        "send { \"status\": \"active\" } or { \"status\": \"inactive\" }, or the whole registration by PUT";
    match (members.get("status").and_then(Value::as_str), members.len()) {
        (Some("active"), 1) => Ok(Status::Active),
        (Some("inactive"), 1) => Ok(Status::Inactive),
        _ => Err(member("status", "this changes `status` and nothing else", fix)),
    }
}

/// The answer and its line in the log: method and status, never a path or a body.
fn finished(method: &Method, outcome: Result<Response, Refused>) -> Response {
    let mut response = outcome.unwrap_or_else(Refused::into_response);
    response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    tracing::info!(%method, status = response.status().as_u16(), "admin request");
    response
}

/// A JSON value as a response.
fn with_json(status: StatusCode, value: &Value) -> Response {
    let mut response = Response::new(Body::from(value.to_string()));
    *response.status_mut() = status;
    let media_type = header::HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, media_type);
    response
}

/// An error with one word and its findings.
fn error(status: StatusCode, code: &str, findings: &[Value]) -> Response {
    with_json(status, &json!({ "error": code, "findings": findings }))
}
