//! What an answer of the registry means: a yes, a no with a reason, or none of both.
//!
//! Nothing is guessed: an answer that neither the rule of success nor a rule of rejection fits is no answer, and nobody gets
//! in on it.

use esignet_sdk::prelude::*;
use serde::Deserialize;
use serde_json::Value;

use crate::pointer::Pointer;
use crate::setting::unusable;

/// The reasons that a host has words for.
const REASONS: [&str; 4] = ["wrong", "expired", "locked", "unknown"];

/// An answer: its status and its content as JSON, null where that is none.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) document: Value,
}

/// A rule about answers, as the operator writes it.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct WrittenRule {
    status: Option<Value>,
    pointer: Option<String>,
    equals: Option<Value>,
}

/// A rejection, as the operator writes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct WrittenRejection {
    reason: String,
    #[serde(default)]
    status: Option<Value>,
    #[serde(default)]
    pointer: Option<String>,
    #[serde(default)]
    equals: Option<Value>,
    #[serde(default)]
    attempts_left: Option<String>,
    #[serde(default)]
    retry_after_seconds: Option<String>,
}

/// What an answer has to be.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rule {
    /// Any of these; none for any at all.
    status: Vec<u16>,
    /// What is there, or any of these there.
    at: Option<(Pointer, Vec<Value>)>,
}

/// A no.
struct NamedRejection {
    rule: Rule,
    reason: String,
    attempts_left: Option<Pointer>,
    retry_after_seconds: Option<Pointer>,
}

/// How the answers of one endpoint are read.
pub(crate) struct Verdicts {
    success: Rule,
    rejections: Vec<NamedRejection>,
}

impl WrittenRule {
    /// The rule of a config key.
    pub(crate) fn checked(self, key: &str) -> Result<Rule, Failure> {
        let status = match self.status {
            None => Vec::new(),
            Some(Value::Array(items)) => {
                items.iter().map(|item| status(key, item)).collect::<Result<_, _>>()?
            }
            Some(one) => vec![status(key, &one)?],
        };
        let equals = match self.equals {
            None => Vec::new(),
            Some(Value::Array(values)) => values,
            Some(one) => vec![one],
        };
        if equals.iter().any(|value| value.is_array() || value.is_object()) {
            return Err(unusable(
                &format!("{key}.equals"),
                "write a string, a number or a boolean, or a list of them",
            ));
        }
        let at = match self.pointer {
            Some(pointer) => Some((Pointer::parse(&format!("{key}.pointer"), &pointer)?, equals)),
            None if equals.is_empty() => None,
            None => return Err(unusable(key, "`equals` needs a `pointer`; say where the value is")),
        };
        Ok(Rule { status, at })
    }
}

fn status(key: &str, value: &Value) -> Result<u16, Failure> {
    let status = value.as_u64().and_then(|number| u16::try_from(number).ok());
    status.filter(|status| (200..=599).contains(status)).ok_or_else(|| {
        unusable(&format!("{key}.status"), format!("{value} is no status; write 200 to 599, or a list"))
    })
}

impl Rule {
    /// Whether an answer is as the rule says.
    pub(crate) fn fits(&self, answer: &Answer) -> bool {
        let status = self.status.is_empty() || self.status.contains(&answer.status);
        status && self.fits_document(&answer.document)
    }

    /// The part of the rule that is about the content.
    pub(crate) fn fits_document(&self, document: &Value) -> bool {
        self.at.as_ref().is_none_or(|(pointer, equals)| {
            pointer.of(document).is_some_and(|value| equals.is_empty() || equals.contains(value))
        })
    }

    /// Whether it says anything of the status.
    pub(crate) fn is_about_status(&self) -> bool {
        !self.status.is_empty()
    }

    /// Whether it says nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.status.is_empty() && self.at.is_none()
    }
}

impl Verdicts {
    /// The rules of an endpoint.
    pub(crate) fn checked(
        key: &str,
        success: WrittenRule,
        rejections: Vec<WrittenRejection>,
    ) -> Result<Self, Failure> {
        let mut success = success.checked(&format!("{key}.success"))?;
        if success.status.is_empty() {
            success.status = (200..=299).collect();
        }
        let named = |(at, written)| named(&format!("{key}.rejections[{at}]"), written);
        let rejections = rejections.into_iter().enumerate().map(named).collect::<Result<_, _>>()?;
        Ok(Self { success, rejections })
    }

    /// Whether an answer can be a no for that reason.
    pub(crate) fn may_reject_as(&self, reason: &str) -> bool {
        self.rejections.iter().any(|rejection| rejection.reason == reason)
    }

    /// Nothing for a yes; otherwise a rejection, or that there is no answer. A no goes before a yes: many registries say both
    /// with one status.
    pub(crate) fn judge(&self, key: &str, answer: &Answer) -> Result<(), Failure> {
        if let Some(rejection) = self.rejections.iter().find(|rejection| rejection.rule.fits(answer)) {
            let number =
                |pointer: &Option<Pointer>| pointer.as_ref().and_then(|at| at.number(&answer.document));
            return Err(Failure::Rejected(Rejection {
                reason: rejection.reason.clone(),
                attempts_left: number(&rejection.attempts_left),
                retry_after_seconds: number(&rejection.retry_after_seconds),
            }));
        }
        if self.success.fits(answer) {
            return Ok(());
        }
        Err(Failure::unavailable(format!(
            "{key}: the answer with status {} is neither what `success` nor what any of `rejections` says",
            answer.status
        )))
    }
}

fn named(key: &str, written: WrittenRejection) -> Result<NamedRejection, Failure> {
    let WrittenRejection { reason, status, pointer, equals, attempts_left, retry_after_seconds } = written;
    if !REASONS.contains(&reason.as_str()) {
        let reasons = REASONS.join(", ");
        return Err(unusable(
            &format!("{key}.reason"),
            format!("{reason:?} is no reason; use one of {reasons}"),
        ));
    }
    let rule = WrittenRule { status, pointer, equals }.checked(key)?;
    if rule.is_empty() {
        return Err(unusable(key, "it fits every answer; add a `status`, or a `pointer` with `equals`"));
    }
    let at = |name: &str, pointer: Option<String>| {
        pointer.map(|pointer| Pointer::parse(&format!("{key}.{name}"), &pointer)).transpose()
    };
    Ok(NamedRejection {
        rule,
        reason,
        attempts_left: at("attempts-left", attempts_left)?,
        retry_after_seconds: at("retry-after-seconds", retry_after_seconds)?,
    })
}

#[cfg(test)]
mod tests;
