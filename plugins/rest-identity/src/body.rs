//! The content of a request: JSON whose strings are templates.
//!
//! A value only ever becomes a string or a part of one, so it cannot add a member or end a text. Names of members are not
//! templates.

use serde_json::{Map, Value};

use crate::placeholder::{Facts, Operation, Placeholder};
use crate::template::{Template, Unfit};

/// JSON with templates for strings.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Body {
    Text(Template),
    Constant(Value),
    Array(Vec<Body>),
    Object(Vec<(String, Body)>),
}

impl Body {
    /// Reads the content of an operation's endpoint; the error names the member.
    pub(crate) fn parse(value: &Value, operation: Operation, key: &str) -> Result<Self, (String, String)> {
        match value {
            Value::String(text) => {
                Template::parse(text, operation).map(Self::Text).map_err(|problem| (key.to_owned(), problem))
            }
            Value::Array(items) => {
                let item = |(at, item)| Self::parse(item, operation, &format!("{key}[{at}]"));
                items.iter().enumerate().map(item).collect::<Result<_, _>>().map(Self::Array)
            }
            Value::Object(members) => {
                let member = |(name, value): (&String, &Value)| {
                    Ok((name.clone(), Self::parse(value, operation, &format!("{key}.{name}"))?))
                };
                members.iter().map(member).collect::<Result<_, _>>().map(Self::Object)
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => Ok(Self::Constant(value.clone())),
        }
    }

    /// The content. What names something without a value in this call is left out of its object or array.
    pub(crate) fn fill(&self, facts: &Facts<'_>) -> Result<Value, Unfit> {
        match self {
            Self::Text(template) => template.fill(facts, |value| Some(value.to_owned())).map(Value::String),
            Self::Constant(value) => Ok(value.clone()),
            Self::Array(items) => {
                let mut filled = Vec::new();
                for item in items {
                    filled.extend(present(item.fill(facts))?);
                }
                Ok(Value::Array(filled))
            }
            Self::Object(members) => {
                let mut filled = Map::new();
                for (name, member) in members {
                    if let Some(value) = present(member.fill(facts))? {
                        filled.insert(name.clone(), value);
                    }
                }
                Ok(Value::Object(filled))
            }
        }
    }

    /// What it names.
    pub(crate) fn placeholders(&self) -> Vec<&Placeholder> {
        match self {
            Self::Text(template) => template.placeholders().collect(),
            Self::Constant(_) => Vec::new(),
            Self::Array(items) => items.iter().flat_map(Self::placeholders).collect(),
            Self::Object(members) => members.iter().flat_map(|(_, member)| member.placeholders()).collect(),
        }
    }
}

/// What is there, or nothing where only a value is missing.
pub(crate) fn present<T>(filled: Result<T, Unfit>) -> Result<Option<T>, Unfit> {
    match filled {
        Ok(value) => Ok(Some(value)),
        Err(Unfit::Missing) => Ok(None),
        Err(unplaceable @ Unfit::Unplaceable { .. }) => Err(unplaceable),
    }
}
