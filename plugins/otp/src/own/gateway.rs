//! The request that has a message sent, as the operator describes it, and what the gateway's answer means.

use std::collections::BTreeMap;

use esignet_sdk::prelude::*;
use serde::Deserialize;
use serde_json::Value;

use super::address::{Address, Channel};
use super::settings::{Own, unusable};
use super::template::Template;

const METHODS: [&str; 3] = ["POST", "PUT", "GET"];
/// What a request may name.
const NAMES: [&str; 6] = ["to", "digits", "text", "subject", "code", "locale"];
/// The status of a gateway that has too much to do (RFC 6585 §4).
const TOO_MANY_REQUESTS: u16 = 429;
/// How long to wait for such a one when it does not say, and at most.
const WAIT_SECONDS: u32 = 60;
const LONGEST_WAIT_SECONDS: u32 = 3_600;

/// A request, as the operator writes it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Written {
    #[serde(default = "post")]
    method: String,
    path: String,
    #[serde(default)]
    query: BTreeMap<String, String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    json: Option<Value>,
    #[serde(default)]
    form: Option<BTreeMap<String, String>>,
    #[serde(default)]
    success: Vec<u16>,
    #[serde(default)]
    no_such_address: Vec<u16>,
}

fn post() -> String {
    "POST".to_owned()
}

/// A request to the gateway of a channel.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Gateway {
    channel: Channel,
    method: String,
    path: String,
    query: Pairs,
    headers: Vec<(String, String)>,
    body: Body,
    success: Vec<u16>,
    no_such_address: Vec<u16>,
}

type Pairs = Vec<(String, Template)>;

#[derive(Clone, Debug, PartialEq)]
enum Body {
    None,
    Json(Json),
    Form(Pairs),
}

/// JSON whose strings are templates: a value never becomes more than a string.
#[derive(Clone, Debug, PartialEq)]
enum Json {
    Text(Template),
    Constant(Value),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

/// A request, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outgoing {
    /// The name of the upstream, which is that of the channel.
    pub(crate) upstream: &'static str,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// What a gateway answered, as far as it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// `Retry-After` in seconds (RFC 9110 §10.2.3).
    pub(crate) retry_after: Option<u32>,
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The gateway took it.
    Accepted,
    /// The gateway says that nothing can be sent there.
    NoSuchAddress,
    /// The gateway has too much to do.
    Busy { seconds: u32 },
}

/// A code and where it goes.
pub(crate) struct Message<'a> {
    pub(crate) to: &'a Address,
    pub(crate) code: &'a str,
    /// The language that the person reads.
    pub(crate) locale: &'a str,
}

impl Gateway {
    /// The request of a channel, or what is wrong with it.
    pub(crate) fn checked(channel: Channel, written: Written) -> Result<Self, Failure> {
        let key = |rest: &str| format!("send.{}.{rest}", channel.word());
        if !METHODS.contains(&written.method.as_str()) {
            return Err(unusable(&key("method"), format!("use one of {}", METHODS.join(", "))));
        }
        if !written.path.starts_with('/') || written.path.contains(['?', '#', '{']) {
            return Err(unusable(
                &key("path"),
                "write it as /v1/messages: it is the same for all, without query and placeholders",
            ));
        }
        let body = match (written.json, written.form) {
            (Some(_), Some(_)) => {
                return Err(unusable(
                    &key("form"),
                    "there is `json` too; keep the one that the gateway takes",
                ));
            }
            (Some(json), None) => {
                Body::Json(Json::parse(&json).map_err(|problem| unusable(&key("json"), problem))?)
            }
            (None, Some(form)) => Body::Form(pairs(&key("form"), &form)?),
            (None, None) => Body::None,
        };
        if written.method == "GET" && body != Body::None {
            return Err(unusable(&key("method"), "a GET has no content; use POST, or `query`"));
        }
        let gateway = Self {
            channel,
            method: written.method,
            path: written.path,
            query: pairs(&key("query"), &written.query)?,
            headers: written.headers.into_iter().collect(),
            body,
            success: written.success,
            no_such_address: written.no_such_address,
        };
        for (names, what) in [(["to", "digits"], "where the message goes"), (["text", "code"], "the code")] {
            if !gateway.templates().iter().any(|template| names.iter().any(|name| template.names(name))) {
                let [first, second] = names;
                let mend = format!("it does not tell the gateway {what}; add {{{first}}} or {{{second}}}");
                return Err(unusable(&format!("send.{}", channel.word()), mend));
            }
        }
        Ok(gateway)
    }

    /// The method, for who asks whether it is granted.
    pub(crate) fn method(&self) -> &str {
        &self.method
    }

    fn templates(&self) -> Vec<&Template> {
        let mut templates: Vec<&Template> = self.query.iter().map(|(_, template)| template).collect();
        match &self.body {
            Body::None => {}
            Body::Json(json) => json.collect(&mut templates),
            Body::Form(form) => templates.extend(form.iter().map(|(_, template)| template)),
        }
        templates
    }

    fn request(&self, message: &Message<'_>, settings: &Own) -> Outgoing {
        let Message { to, code, locale } = message;
        let minutes = (settings.valid_seconds / 60).max(1).to_string();
        let text = settings.texts.fill(locale, code, &minutes);
        let subject = settings.subjects.fill(locale, code, &minutes);
        let value = |name: &str| match name {
            "to" => to.text.as_str(),
            "digits" => to.digits(),
            "text" => text.as_str(),
            "subject" => subject.as_str(),
            "code" => code,
            _ => locale,
        };
        let filled = |pairs: &Pairs| -> Vec<(String, String)> {
            pairs.iter().map(|(name, template)| (name.clone(), template.fill(&value))).collect()
        };
        let mut headers = self.headers.clone();
        let body = match &self.body {
            Body::None => Vec::new(),
            Body::Json(json) => {
                headers.push(("content-type".to_owned(), "application/json".to_owned()));
                json.fill(&value).to_string().into_bytes()
            }
            Body::Form(form) => {
                let media_type = "application/x-www-form-urlencoded";
                headers.push(("content-type".to_owned(), media_type.to_owned()));
                let mut written = form_urlencoded::Serializer::new(String::new());
                written.extend_pairs(filled(form)).finish().into_bytes()
            }
        };
        Outgoing {
            upstream: self.channel.word(),
            method: self.method.clone(),
            path: self.path.clone(),
            query: filled(&self.query),
            headers,
            body,
        }
    }

    fn outcome(&self, answer: Answer) -> Result<Outcome, Failure> {
        let Answer { status, retry_after } = answer;
        let accepted = if self.success.is_empty() {
            (200..=299).contains(&status)
        } else {
            self.success.contains(&status)
        };
        if accepted {
            return Ok(Outcome::Accepted);
        }
        if self.no_such_address.contains(&status) {
            return Ok(Outcome::NoSuchAddress);
        }
        if status == TOO_MANY_REQUESTS {
            let seconds = retry_after.unwrap_or(WAIT_SECONDS).clamp(1, LONGEST_WAIT_SECONDS);
            return Ok(Outcome::Busy { seconds });
        }
        Err(Failure::unavailable(format!("the gateway `{}` answered {status}", self.channel.word())))
    }
}

/// Has a message sent.
pub(crate) fn deliver(
    message: &Message<'_>,
    settings: &Own,
    send: super::Send<'_>,
) -> Result<Outcome, Failure> {
    let channel = message.to.channel;
    let gateway = settings.gateways.get(&channel);
    let gateway = gateway.ok_or_else(|| Failure::internal("a channel without a gateway has no addresses"))?;
    gateway.outcome(send(&gateway.request(message, settings))?)
}

fn pairs(key: &str, written: &BTreeMap<String, String>) -> Result<Pairs, Failure> {
    let read = |(name, text): (&String, &String)| {
        let template =
            Template::parse(text, &NAMES).map_err(|problem| unusable(&format!("{key}.{name}"), problem))?;
        Ok((name.clone(), template))
    };
    written.iter().map(read).collect()
}

impl Json {
    fn parse(value: &Value) -> Result<Self, String> {
        Ok(match value {
            Value::String(text) => Self::Text(Template::parse(text, &NAMES)?),
            Value::Array(items) => Self::Array(items.iter().map(Self::parse).collect::<Result<_, _>>()?),
            Value::Object(members) => {
                let member = |(name, value): (&String, &Value)| Ok((name.clone(), Self::parse(value)?));
                Self::Object(members.iter().map(member).collect::<Result<_, String>>()?)
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => Self::Constant(value.clone()),
        })
    }

    fn fill<'a>(&self, value: &dyn Fn(&str) -> &'a str) -> Value {
        match self {
            Self::Text(template) => Value::String(template.fill(value)),
            Self::Constant(constant) => constant.clone(),
            Self::Array(items) => Value::Array(items.iter().map(|item| item.fill(value)).collect()),
            Self::Object(members) => Value::Object(
                members.iter().map(|(name, member)| (name.clone(), member.fill(value))).collect(),
            ),
        }
    }

    fn collect<'a>(&'a self, into: &mut Vec<&'a Template>) {
        match self {
            Self::Text(template) => into.push(template),
            Self::Constant(_) => {}
            Self::Array(items) => items.iter().for_each(|item| item.collect(into)),
            Self::Object(members) => members.iter().for_each(|(_, member)| member.collect(into)),
        }
    }
}

#[cfg(test)]
mod tests;
