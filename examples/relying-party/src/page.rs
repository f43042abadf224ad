//! What people see. The markup is in `templates/`.

use askama::Template;
use axum::http::StatusCode;
use serde_json::Value;

use crate::error::SignInError;
use crate::pushed_authorization::{ASKED, AskedClaim};
use crate::sign_in::SignedIn;

/// The page with the button.
#[derive(Template)]
#[template(path = "home.html")]
pub(crate) struct Home<'a> {
    issuer: &'a str,
    asked: &'static [AskedClaim],
}

impl<'a> Home<'a> {
    pub(crate) fn new(issuer: &'a str) -> Self {
        Self { issuer, asked: &ASKED }
    }
}

/// A row of the result: a name, a value, and why it is there.
struct Row {
    name: String,
    value: String,
    meaning: &'static str,
}

/// The page that shows what came back.
#[derive(Template)]
#[template(path = "result.html")]
pub(crate) struct Result<'a> {
    name: Option<&'a str>,
    received: Vec<Row>,
    withheld: Vec<&'static str>,
    id_token: Vec<Row>,
    checks: &'a [(&'static str, String)],
    token_lifetime: u64,
}

impl<'a> Result<'a> {
    pub(crate) fn new(signed_in: &'a SignedIn) -> Self {
        let asked = |name: &str| ASKED.iter().find(|claim| claim.name == name);
        let received = signed_in.claims.iter().map(|(name, value)| Row {
            name: match asked(name) {
                Some(claim) => claim.label.to_owned(),
                None if name == "sub" => "Your number (sub)".to_owned(),
                None => name.clone(),
            },
            value: shown(value),
            meaning: match asked(name) {
                Some(claim) => claim.reason,
                None if name == "sub" => "the same at every sign-in here; another service gets another one",
                None => "part of the profile we asked for",
            },
        });
        let withheld = ASKED.iter().filter(|claim| !signed_in.claims.contains_key(claim.name));
        let id_token = signed_in.id_token.iter().map(|(name, value)| Row {
            name: name.clone(),
            value: shown(value),
            meaning: meaning(name),
        });
        Self {
            name: signed_in.claims.get("name").and_then(Value::as_str),
            received: received.collect(),
            withheld: withheld.map(|claim| claim.label).collect(),
            id_token: id_token.collect(),
            checks: &signed_in.checks,
            token_lifetime: signed_in.token_lifetime,
        }
    }
}

/// The members of an `id_token` (OIDC Core §2) in a few words each.
fn meaning(member: &str) -> &'static str {
    match member {
        "iss" => "who says so",
        "sub" => "about whom",
        "aud" => "for whom",
        "iat" => "when it was signed",
        "exp" => "until when it counts",
        "auth_time" => "when the person logged in",
        "nonce" => "our question, repeated",
        "acr" => "how strong the login was",
        "amr" => "how the person proved who they are",
        "at_hash" => "ties it to the access token",
        "jti" => "its own number",
        _ => "",
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(shown).collect::<Vec<_>>().join(", "),
        Value::Object(members) => members.get("formatted").map_or_else(|| value.to_string(), shown),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

/// The page for a sign-in that did not happen.
#[derive(Template)]
#[template(path = "problem.html")]
pub(crate) struct Problem {
    title: &'static str,
    text: &'static str,
    code: String,
}

impl Problem {
    pub(crate) fn of(error: &SignInError) -> (StatusCode, Self) {
        let (status, title, text) = match error {
            SignInError::Refused { error, .. } if error == "access_denied" => (
                StatusCode::OK,
                "You did not sign in",
                "You chose not to go on, so nothing about you was shared with us. You can try again whenever you like.",
            ),
            SignInError::Refused { .. } => (
                StatusCode::OK,
                "The sign-in was not possible",
                "The sign-in service did not let this sign-in go on. Nothing about you was shared with us.",
            ),
            SignInError::Untrusted(_) => (
                StatusCode::BAD_REQUEST,
                "We could not trust the answer",
                "What your browser brought back does not belong to a sign-in that it began here. Please start again.",
            ),
            SignInError::Unreachable { .. } | SignInError::Key(_) => (
                StatusCode::BAD_GATEWAY,
                "The sign-in service cannot be reached",
                "This is not your fault. Please try again in a few minutes.",
            ),
        };
        (status, Self { title, text, code: error.to_string() })
    }
}
