//! Servers that a plugin talks to, as a script: what is asked is matched, what is answered is written down beforehand.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use esignet_protocol::ports::fetch::{Fetch, FetchError, UpstreamRequest, UpstreamResponse};
use serde::Deserialize;
use serde_json::Value;

/// One rule of a script: which requests it is for, and what is answered. What is absent matches everything; an answer
/// without a word is `200` without a body.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rule {
    /// The method.
    pub method: Option<String>,
    /// The path; `*` stands for one segment.
    pub path: Option<String>,
    /// Parameters that the query must have.
    pub query: BTreeMap<String, String>,
    /// Members that the JSON body must have, however deep; what else it has does not matter.
    pub body: Option<Value>,
    /// A text that the body must contain.
    pub body_contains: Option<String>,
    /// How often the rule answers before the next one that matches does; always when absent.
    pub times: Option<u32>,
    /// The status of the answer; 200 when absent.
    pub status: Option<u16>,
    /// Headers of the answer.
    pub headers: BTreeMap<String, String>,
    /// The body of the answer as JSON, or …
    pub json: Option<Value>,
    /// … as it stands.
    pub text: Option<String>,
    /// How long the answer takes. What is as long as the plugin may wait or longer is a timeout at once.
    pub delay_ms: u64,
    /// Instead of an answer.
    pub fault: Option<Fault>,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// It does not come in time.
    Timeout,
    /// There is no connection.
    Unreachable,
    /// It is larger than the plugin may take.
    TooLarge,
}

impl Rule {
    /// A rule for a method and a path.
    pub fn on(method: &str, path: &str) -> Self {
        Self { method: Some(method.to_owned()), path: Some(path.to_owned()), ..Self::default() }
    }

    /// A rule for everything.
    pub fn always() -> Self {
        Self::default()
    }

    /// For bodies that have these members.
    #[must_use]
    pub fn with_body(self, members: Value) -> Self {
        Self { body: Some(members), ..self }
    }

    /// Answers with a status and JSON.
    #[must_use]
    pub fn json(self, status: u16, json: Value) -> Self {
        Self { status: Some(status), json: Some(json), ..self }
    }

    /// Answers with a status and a text.
    #[must_use]
    pub fn text(self, status: u16, text: &str) -> Self {
        Self { status: Some(status), text: Some(text.to_owned()), ..self }
    }

    /// Answers with a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Answers so often.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self { times: Some(times), ..self }
    }

    /// Answers after a while.
    #[must_use]
    pub fn after_ms(self, delay_ms: u64) -> Self {
        Self { delay_ms, ..self }
    }

    /// Does not answer.
    #[must_use]
    pub fn fault(self, fault: Fault) -> Self {
        Self { fault: Some(fault), ..self }
    }

    fn is_for(&self, request: &UpstreamRequest) -> bool {
        let query = |(name, value): (&String, &String)| {
            request.query.iter().any(|(asked, given)| asked == name && given == value)
        };
        let body = || serde_json::from_slice(&request.body).unwrap_or(Value::Null);
        let text = || String::from_utf8_lossy(&request.body).into_owned();
        self.times != Some(0)
            && self.method.as_ref().is_none_or(|method| *method == request.method)
            && self.path.as_ref().is_none_or(|path| path_fits(path, &request.path))
            && self.query.iter().all(query)
            && self.body.as_ref().is_none_or(|members| has(&body(), members))
            && self.body_contains.as_ref().is_none_or(|part| text().contains(part.as_str()))
    }

    fn response(&self) -> UpstreamResponse {
        let mut headers: Vec<_> =
            self.headers.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        let body = match (&self.json, &self.text) {
            (Some(json), _) => {
                headers.push(("content-type".to_owned(), "application/json".to_owned()));
                json.to_string()
            }
            (None, Some(text)) => text.clone(),
            (None, None) => String::new(),
        };
        UpstreamResponse { status: self.status.unwrap_or(200), headers, body: body.into_bytes() }
    }
}

fn path_fits(rule: &str, path: &str) -> bool {
    let (rule, path): (Vec<&str>, Vec<&str>) = (rule.split('/').collect(), path.split('/').collect());
    rule.len() == path.len() && rule.iter().zip(path).all(|(rule, part)| *rule == "*" || *rule == part)
}

/// Whether a document has the members, however deep. Arrays are compared whole.
fn has(document: &Value, members: &Value) -> bool {
    match (document, members) {
        (Value::Object(document), Value::Object(members)) => {
            members.iter().all(|(name, value)| document.get(name).is_some_and(|given| has(given, value)))
        }
        (document, members) => document == members,
    }
}

/// A request that a plugin made, and what it got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// What was asked.
    pub request: UpstreamRequest,
    /// The status, or why there was no answer.
    pub answer: Result<u16, FetchError>,
}

impl Exchange {
    /// The request in a line: upstream, method and path.
    pub fn line(&self) -> String {
        let UpstreamRequest { upstream, method, path, .. } = &self.request;
        format!("{upstream}: {method} {path}")
    }
}

#[derive(Default)]
struct State {
    scripts: BTreeMap<String, Vec<Rule>>,
    over_all: Option<Rule>,
    seen: Vec<Exchange>,
}

/// All upstreams of a plugin, by their names.
#[derive(Default)]
pub struct Upstreams(Mutex<State>);

impl std::fmt::Debug for Upstreams {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<String> = self.with(|state| state.scripts.keys().cloned().collect());
        f.debug_struct("Upstreams").field("scripted", &names).finish_non_exhaustive()
    }
}

/// What nothing is scripted for.
const NOT_SCRIPTED: &str = "no rule of the script is for this request";

impl Upstreams {
    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes the place of whatever the upstream answered.
    pub fn script(&self, upstream: &str, rules: Vec<Rule>) {
        self.with(|state| state.scripts.insert(upstream.to_owned(), rules));
    }

    /// Has every upstream answer by this rule, or by its script again.
    pub fn answer_all(&self, rule: Option<Rule>) {
        self.with(|state| state.over_all = rule);
    }

    pub(crate) fn taken(&self) -> Vec<Exchange> {
        self.with(|state| std::mem::take(&mut state.seen))
    }

    fn rule(&self, request: &UpstreamRequest) -> Option<Rule> {
        self.with(|state| {
            if let Some(rule) = &state.over_all {
                return Some(rule.clone());
            }
            let rule =
                state.scripts.get_mut(&request.upstream)?.iter_mut().find(|rule| rule.is_for(request))?;
            rule.times = rule.times.map(|times| times.saturating_sub(1));
            Some(rule.clone())
        })
    }
}

async fn answered(rule: Option<Rule>, request: &UpstreamRequest) -> Result<UpstreamResponse, FetchError> {
    let Some(rule) = rule else {
        return Err(FetchError::Unreachable(NOT_SCRIPTED.to_owned()));
    };
    if rule.delay_ms >= request.timeout_ms {
        return Err(FetchError::Timeout);
    }
    tokio::time::sleep(Duration::from_millis(rule.delay_ms)).await;
    let largest = request.max_response_bytes as u64;
    match rule.fault {
        Some(Fault::Timeout) => return Err(FetchError::Timeout),
        Some(Fault::Unreachable) => return Err(FetchError::Unreachable("connection refused".to_owned())),
        Some(Fault::TooLarge) => return Err(FetchError::TooLarge(largest)),
        None => {}
    }
    let response = rule.response();
    if response.body.len() as u64 > largest { Err(FetchError::TooLarge(largest)) } else { Ok(response) }
}

#[async_trait]
impl Fetch for Upstreams {
    async fn fetch(&self, request: UpstreamRequest) -> Result<UpstreamResponse, FetchError> {
        let given = answered(self.rule(&request), &request).await;
        let answer = given.as_ref().map(|response| response.status).map_err(Clone::clone);
        self.with(|state| state.seen.push(Exchange { request, answer }));
        given
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn request(method: &str, path: &str, body: &Value) -> UpstreamRequest {
        UpstreamRequest {
            plugin: "p".to_owned(),
            upstream: "register".to_owned(),
            base_url: "http://register.invalid".to_owned(),
            method: method.to_owned(),
            path: path.to_owned(),
            query: vec![("a".to_owned(), "1".to_owned())],
            headers: Vec::new(),
            body: body.to_string().into_bytes(),
            timeout_ms: 100,
            max_response_bytes: 64,
        }
    }

    async fn told(rules: Vec<Rule>, request: UpstreamRequest) -> Result<u16, FetchError> {
        let upstreams = Upstreams::default();
        upstreams.script("register", rules);
        upstreams.fetch(request).await.map(|response| response.status)
    }

    #[tokio::test]
    async fn the_first_rule_that_fits_answers_as_often_as_it_may() {
        let upstreams = Upstreams::default();
        let rules = vec![
            Rule::on("POST", "/people/*/codes")
                .with_body(json!({"for": {"rp": "x"}}))
                .json(202, json!({}))
                .times(1),
            Rule::on("POST", "/people/*/codes").text(429, "later"),
        ];
        upstreams.script("register", rules);
        let body = json!({"for": {"rp": "x", "more": 1}});
        for status in [202, 429] {
            let given = upstreams.fetch(request("POST", "/people/1/codes", &body)).await;
            assert_eq!(given.map(|response| response.status), Ok(status));
        }
        assert_eq!(upstreams.taken().len(), 2);
        assert!(upstreams.fetch(request("GET", "/people/1/codes", &body)).await.is_err());
        assert!(upstreams.fetch(request("POST", "/people/1/2/codes", &body)).await.is_err());
    }

    #[tokio::test]
    async fn what_is_late_or_large_is_what_the_host_makes_of_it() {
        let asked = || request("GET", "/", &json!(null));
        assert_eq!(told(vec![Rule::always().after_ms(100)], asked()).await, Err(FetchError::Timeout));
        assert_eq!(told(vec![Rule::always().after_ms(1)], asked()).await, Ok(200));
        let large = Rule::always().text(200, &"x".repeat(65));
        assert_eq!(told(vec![large], asked()).await, Err(FetchError::TooLarge(64)));
        assert!(
            matches!(told(Vec::new(), asked()).await, Err(FetchError::Unreachable(why)) if why == NOT_SCRIPTED)
        );
    }

    #[tokio::test]
    async fn a_query_and_a_text_of_the_body_are_matched() {
        let rule = Rule { body_contains: Some("needle".to_owned()), ..Rule::always() };
        let rule = Rule { query: BTreeMap::from([("a".to_owned(), "1".to_owned())]), ..rule };
        assert_eq!(told(vec![rule.clone()], request("GET", "/", &json!("a needle"))).await, Ok(200));
        assert!(told(vec![rule], request("GET", "/", &json!("hay"))).await.is_err());
    }
}
