//! What one element of a request says of the value it wants (OIDC Core §5.5.1, OIDC4IDA §5.3, §5.5): which values would do,
//! how old it may be, whether it is essential, and what for.

use serde_json::{Map, Number, Value};

use super::timestamp;
use crate::word::claims_request::MalformedClaims;
use crate::word::time::Timestamp;

/// The members that make an object a constraint; any other member of it is ignored (OIDC Core §5.5.1).
const MEMBERS: [&str; 5] = ["value", "values", "max_age", "essential", "purpose"];
/// The most values that one constraint names.
const MAX_VALUES: usize = 32;
/// How long a purpose may be, in characters (`protocol.md` 51).
const PURPOSE: std::ops::RangeInclusive<usize> = 3..=300;

/// What is wanted of one value. The default, `null` in a request, takes whatever there is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Constraint {
    /// The values that would do; `None` when any would.
    pub values: Option<Vec<Value>>,
    /// The most seconds since the date or time that the value is.
    pub max_age: Option<u64>,
    /// Whether the relying party calls it essential.
    pub essential: bool,
    /// What the relying party says it is for.
    pub purpose: Option<String>,
}

impl Constraint {
    /// Whether an object is a constraint, and not a step deeper into what is wanted.
    pub fn is(object: &Map<String, Value>) -> bool {
        object.is_empty() || MEMBERS.iter().any(|member| object.contains_key(*member))
    }

    /// Reads `null` or an object.
    pub fn read(asked: &Value) -> Result<Self, MalformedClaims> {
        let object = match asked {
            Value::Null => return Ok(Self::default()),
            Value::Object(object) => object,
            Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                return Err(MalformedClaims);
            }
        };
        let values = match (object.get("value"), object.get("values")) {
            (None, None) => None,
            (Some(value), None) => Some(vec![value.clone()]),
            (None, Some(Value::Array(values))) if (1..=MAX_VALUES).contains(&values.len()) => {
                Some(values.clone())
            }
            (Some(_) | None, Some(_)) => return Err(MalformedClaims),
        };
        let essential = match object.get("essential") {
            None => false,
            Some(Value::Bool(essential)) => *essential,
            Some(_) => return Err(MalformedClaims),
        };
        Ok(Self {
            values,
            max_age: object.get("max_age").map(seconds).transpose()?,
            essential,
            purpose: object.get("purpose").map(purpose).transpose()?,
        })
    }

    /// As it stands in a request.
    pub fn to_value(&self) -> Value {
        let mut object = Map::new();
        match self.values.as_deref() {
            None => {}
            Some([value]) => drop(object.insert("value".to_owned(), value.clone())),
            Some(values) => drop(object.insert("values".to_owned(), values.into())),
        }
        if let Some(max_age) = self.max_age {
            object.insert("max_age".to_owned(), max_age.into());
        }
        if self.essential {
            object.insert("essential".to_owned(), true.into());
        }
        if let Some(purpose) = &self.purpose {
            object.insert("purpose".to_owned(), purpose.clone().into());
        }
        if object.is_empty() { Value::Null } else { object.into() }
    }

    /// Whether it says what the value must be. `essential` and `purpose` say nothing of that (OIDC4IDA §5.7).
    pub fn restricts(&self) -> bool {
        self.values.is_some() || self.max_age.is_some()
    }

    /// Whether a value is as wanted. One whose age cannot be told is too old.
    pub fn is_met(&self, value: &Value, now: Timestamp) -> bool {
        let does = self.values.as_ref().is_none_or(|values| values.contains(value));
        let is_young = |max_age: u64| {
            value
                .as_str()
                .and_then(|text| timestamp::seconds_since(text, now))
                .is_some_and(|age| age <= max_age)
        };
        does && self.max_age.is_none_or(is_young)
    }
}

/// A number of seconds, whole or not; what is below a second counts for nothing.
fn seconds(value: &Value) -> Result<u64, MalformedClaims> {
    let number: &Number = value.as_number().ok_or(MalformedClaims)?;
    if let Some(whole) = number.as_u64() {
        return Ok(whole);
    }
    let text =
        number.as_f64().filter(|seconds| *seconds >= 0.0).map(|seconds| format!("{:.0}", seconds.floor()));
    // A number beyond what counts seconds is no limit at all.
    Ok(text.ok_or(MalformedClaims)?.parse().unwrap_or(u64::MAX))
}

fn purpose(value: &Value) -> Result<String, MalformedClaims> {
    let text = value.as_str().ok_or(MalformedClaims)?;
    if PURPOSE.contains(&text.chars().count()) { Ok(text.to_owned()) } else { Err(MalformedClaims) }
}
