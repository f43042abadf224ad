//! For whoever watches the process: `/live` says that it answers, `/ready` whether logins can be done, `/ready?verbose`
//! also with which plugins and how these are.

use http::StatusCode;
use http::request::Parts;
use serde_json::{Map, Value, json};

use crate::answer::{Reply, json};
use crate::site::Site;

pub(super) fn live() -> Reply {
    Reply::done(json::private(StatusCode::OK, &json!({ "live": true })), "live")
}

pub(super) fn ready(site: &Site, parts: &Parts) -> Reply {
    let ready = (site.readiness)();
    let checks: Map<String, Value> =
        ready.checks.iter().map(|(name, holds)| ((*name).to_owned(), Value::Bool(*holds))).collect();
    let (status, outcome) = if ready.is_ready() {
        (StatusCode::OK, "ready")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not_ready")
    };
    let mut body = json!({ "ready": ready.is_ready(), "checks": checks });
    let verbose = parts.uri.query().is_some_and(|query| matches!(query, "verbose" | "verbose="));
    if let Some(members) = body.as_object_mut().filter(|_| verbose) {
        members.insert("plugins".to_owned(), ready.plugins);
        members.extend(ready.details.into_iter().map(|(name, detail)| (name.to_owned(), detail)));
    }
    Reply::done(json::private(status, &body), outcome)
}
