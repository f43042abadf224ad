//! For whoever watches the process: `/live` says that it answers, `/ready` whether logins can be done.

use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::answer::{Reply, json};
use crate::site::Site;

pub(super) fn live() -> Reply {
    Reply::done(json::private(StatusCode::OK, &json!({ "live": true })), "live")
}

pub(super) fn ready(site: &Site) -> Reply {
    let ready = (site.readiness)();
    let checks: Map<String, Value> =
        ready.checks.iter().map(|(name, holds)| ((*name).to_owned(), Value::Bool(*holds))).collect();
    let (status, outcome) = if ready.is_ready() {
        (StatusCode::OK, "ready")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not_ready")
    };
    let body = json!({ "ready": ready.is_ready(), "checks": checks });
    Reply::done(json::private(status, &body), outcome)
}
