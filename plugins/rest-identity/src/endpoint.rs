//! One endpoint of the registry: the request to make, and how its answers are read.

use std::collections::BTreeMap;

use esignet_sdk::prelude::*;
use serde::Deserialize;
use serde_json::Value;

use crate::body::{Body, present};
use crate::path::PathTemplate;
use crate::placeholder::{Facts, Operation, Placeholder};
use crate::setting::unusable;
use crate::template::{Template, Unfit};
use crate::verdict::{Verdicts, WrittenRejection, WrittenRule};

/// The server that is asked unless the operator says otherwise.
const UPSTREAM: &str = "register";
/// The servers that the manifest asks for.
const UPSTREAMS: [&str; 2] = [UPSTREAM, "gateway"];
const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];
/// Header fields that only the host sets; credentials are among them.
const HOSTS_OWN: [&str; 8] = [
    "authorization",
    "cookie",
    "host",
    "content-length",
    "connection",
    "transfer-encoding",
    "forwarded",
    "proxy-authorization",
];

/// An endpoint, as the operator writes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct WrittenEndpoint {
    #[serde(default)]
    upstream: Option<String>,
    method: String,
    path: String,
    #[serde(default)]
    query: BTreeMap<String, String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    body: Option<Value>,
    #[serde(default)]
    timeout_ms: Option<u32>,
    #[serde(default)]
    success: WrittenRule,
    #[serde(default)]
    rejections: Vec<WrittenRejection>,
}

/// An endpoint.
pub(crate) struct Endpoint {
    operation: Operation,
    upstream: String,
    method: String,
    path: PathTemplate,
    query: Vec<(String, Template)>,
    headers: Vec<(String, Template)>,
    body: Option<Body>,
    timeout_ms: Option<u32>,
    pub(crate) verdicts: Verdicts,
}

/// A request, ready to be sent.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Outgoing {
    pub(crate) upstream: String,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Option<Value>,
    pub(crate) timeout_ms: Option<u32>,
}

impl WrittenEndpoint {
    /// The endpoint of an operation, or what is wrong with it.
    pub(crate) fn checked(self, operation: Operation) -> Result<Endpoint, Failure> {
        let key = operation.key();
        let upstream = self.upstream.unwrap_or_else(|| UPSTREAM.to_owned());
        one_of(&format!("{key}.upstream"), &upstream, &UPSTREAMS)?;
        one_of(&format!("{key}.method"), &self.method, &METHODS)?;
        if self.method == "GET" && self.body.is_some() {
            return Err(unusable(&format!("{key}.body"), "a GET has none; use another `method`, or `query`"));
        }
        let at_path = format!("{key}.path");
        let path =
            PathTemplate::parse(&self.path, operation).map_err(|problem| unusable(&at_path, problem))?;
        for name in self.headers.keys() {
            header_is_ours(&format!("{key}.headers.{name}"), name)?;
        }
        let body = self.body.map(|body| Body::parse(&body, operation, &format!("{key}.body"))).transpose();
        Ok(Endpoint {
            operation,
            upstream,
            method: self.method,
            path,
            query: pairs(&format!("{key}.query"), self.query, operation)?,
            headers: pairs(&format!("{key}.headers"), self.headers, operation)?,
            body: body.map_err(|(key, problem)| unusable(&key, problem))?,
            timeout_ms: self.timeout_ms,
            verdicts: Verdicts::checked(key, self.success, self.rejections)?,
        })
    }
}

fn one_of(key: &str, value: &str, words: &[&str]) -> Result<(), Failure> {
    if words.contains(&value) {
        return Ok(());
    }
    Err(unusable(key, format!("{value:?} is not to be had; use one of {}", words.join(", "))))
}

fn header_is_ours(key: &str, name: &str) -> Result<(), Failure> {
    let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    if name.is_empty() || !name.bytes().all(token) {
        return Err(unusable(key, "it is no name of a header field"));
    }
    if HOSTS_OWN.contains(&name.to_ascii_lowercase().as_str()) {
        let mend = "only the host sets it; credentials belong to the upstream in the operator's file";
        return Err(unusable(key, mend));
    }
    Ok(())
}

fn pairs(
    key: &str,
    written: BTreeMap<String, String>,
    operation: Operation,
) -> Result<Vec<(String, Template)>, Failure> {
    let read = |(name, text): (String, String)| {
        let template = Template::parse(&text, operation);
        let template = template.map_err(|problem| unusable(&format!("{key}.{name}"), problem))?;
        Ok((name, template))
    };
    written.into_iter().map(read).collect()
}

impl Endpoint {
    /// The request for a call.
    pub(crate) fn request(&self, facts: &Facts<'_>) -> Result<Outgoing, Failure> {
        self.filled(facts).map_err(|unfit| match unfit {
            Unfit::Unplaceable { typed: true } => Rejection::wrong().into(),
            Unfit::Unplaceable { typed: false } => Failure::unavailable(format!(
                "{}: a value cannot stand where it should",
                self.operation.key()
            )),
            Unfit::Missing => {
                Failure::unavailable(format!("{}: something in the path has no value", self.operation.key()))
            }
        })
    }

    fn filled(&self, facts: &Facts<'_>) -> Result<Outgoing, Unfit> {
        let path = self.path.fill(facts)?;
        let query = filled_pairs(&self.query, facts, |value| !value.chars().any(char::is_control))?;
        let visible = |value: &str| value.bytes().all(|octet| matches!(octet, b' '..=b'~'));
        let mut headers = filled_pairs(&self.headers, facts, visible)?;
        let body = self.body.as_ref().map(|body| present(body.fill(facts))).transpose()?.flatten();
        let mut default = |name: &str| {
            if !headers.iter().any(|(present, _)| present.eq_ignore_ascii_case(name)) {
                headers.push((name.to_owned(), "application/json".to_owned()));
            }
        };
        default("accept");
        if body.is_some() {
            default("content-type");
        }
        Ok(Outgoing {
            upstream: self.upstream.clone(),
            method: self.method.clone(),
            path,
            query,
            headers,
            body,
            timeout_ms: self.timeout_ms,
        })
    }

    /// Everything that the request names.
    pub(crate) fn placeholders(&self) -> impl Iterator<Item = &Placeholder> {
        let pairs = self.query.iter().chain(&self.headers).flat_map(|(_, template)| template.placeholders());
        let body = self.body.as_ref().map(Body::placeholders).unwrap_or_default();
        self.path.placeholders().chain(pairs).chain(body)
    }
}

/// Pairs whose values are there; a value that cannot be sent as it is stops the request.
fn filled_pairs(
    pairs: &[(String, Template)],
    facts: &Facts<'_>,
    can_be: impl Fn(&str) -> bool,
) -> Result<Vec<(String, String)>, Unfit> {
    let mut filled = Vec::new();
    for (name, template) in pairs {
        let value = template.fill(facts, |value| can_be(value).then(|| value.to_owned()));
        filled.extend(present(value)?.map(|value| (name.clone(), value)));
    }
    Ok(filled)
}

#[cfg(test)]
mod tests;
