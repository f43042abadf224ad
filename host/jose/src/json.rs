//! JSON objects without duplicate members and with bounded depth (RFC 8259, RFC 7493 §2.3).
//!
//! A duplicate member lets two readers see two different values: one checks, the other acts. JWS
//! demands that such a header is refused (RFC 7515 §4) and JWT the same for claims (RFC 7519 §4).

use std::cell::Cell;
use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// How many objects and arrays may stand inside each other, the outermost included.
pub(crate) const MAX_DEPTH: u8 = 8;

/// Why some bytes are not a JSON object that this host reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ObjectFault {
    /// Not JSON in UTF-8, or not an object, or followed by something else.
    NotObject,
    /// A member name stands twice in one object, at any depth.
    DuplicateMember,
    /// More than [`MAX_DEPTH`] levels.
    TooDeep,
}

/// Reads one JSON object, all of the input.
pub(crate) fn object(bytes: &[u8]) -> Result<Map<String, Value>, ObjectFault> {
    let fault = Cell::new(ObjectFault::NotObject);
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = Strict { depth: 0, fault: &fault }
        .deserialize(&mut deserializer)
        .and_then(|value| deserializer.end().map(|()| value))
        .map_err(|_| fault.get())?;
    if let Value::Object(members) = value { Ok(members) } else { Err(ObjectFault::NotObject) }
}

/// Builds a [`Value`] and notes the fault that stopped it.
#[derive(Clone, Copy)]
struct Strict<'a> {
    depth: u8,
    fault: &'a Cell<ObjectFault>,
}

impl Strict<'_> {
    fn deeper<E: Error>(self) -> Result<Self, E> {
        if self.depth == MAX_DEPTH {
            return Err(self.refuse(ObjectFault::TooDeep));
        }
        Ok(Self { depth: self.depth + 1, fault: self.fault })
    }

    fn refuse<E: Error>(self, fault: ObjectFault) -> E {
        self.fault.set(fault);
        E::custom("refused")
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| self.refuse(ObjectFault::NotObject))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut elements = Vec::new();
        while let Some(element) = sequence.next_element_seed(inner)? {
            elements.push(element);
        }
        Ok(Value::Array(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut object = Map::new();
        while let Some(name) = members.next_key_seed(MemberName)? {
            if object.contains_key(&name) {
                return Err(self.refuse(ObjectFault::DuplicateMember));
            }
            object.insert(name, members.next_value_seed(inner)?);
        }
        Ok(Value::Object(object))
    }
}

/// A member name, compared after its escapes are resolved.
struct MemberName;

impl<'de> DeserializeSeed<'de> for MemberName {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<String, D::Error> {
        String::deserialize(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::{MAX_DEPTH, ObjectFault, object};

    #[test]
    fn an_object_reads_as_serde_json_reads_it() {
        let text = r#"{"a":[1,-2,3.5,null,true,"é\n"],"b":{"a":{}},"c":18446744073709551615}"#;
        assert_eq!(
            serde_json::Value::Object(object(text.as_bytes()).unwrap()),
            serde_json::from_str::<serde_json::Value>(text).unwrap()
        );
    }

    #[test]
    fn a_member_that_stands_twice_is_refused_at_any_depth_and_in_any_spelling() {
        for text in [
            r#"{"a":1,"a":1}"#,
            r#"{"x":{"a":1,"b":2,"a":3}}"#,
            r#"{"x":[{"a":1,"a":2}]}"#,
            r#"{"a":1,"\u0061":2}"#,
        ] {
            assert_eq!(object(text.as_bytes()), Err(ObjectFault::DuplicateMember), "{text}");
        }
    }

    #[test]
    fn what_is_no_object_is_refused() {
        let texts: [&[u8]; 11] = [
            b"",
            b"null",
            b"[]",
            b"\"a\"",
            b"1",
            b"{} {}",
            b"{}x",
            b"{'a':1}",
            b"{\"a\":1e400}",
            b"{\"a\":\"\xff\"}",
            b"{\"a\":NaN}",
        ];
        for text in texts {
            assert_eq!(object(text), Err(ObjectFault::NotObject), "{text:?}");
        }
    }

    #[test]
    fn the_ninth_level_is_refused_and_the_eighth_is_not() {
        let nested = |arrays: usize| format!("{{\"a\":{}{}}}", "[".repeat(arrays), "]".repeat(arrays));
        let most = usize::from(MAX_DEPTH) - 1;
        assert!(object(nested(most).as_bytes()).is_ok());
        assert_eq!(object(nested(most + 1).as_bytes()), Err(ObjectFault::TooDeep));
        assert_eq!(object(nested(100_000).as_bytes()), Err(ObjectFault::TooDeep));
    }

    proptest! {
        #[test]
        fn any_bytes_get_an_answer(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = object(&bytes);
        }

        #[test]
        fn a_written_object_reads_back(name in ".{0,12}", text in ".{0,12}", number in any::<i64>()) {
            let value = json!({"n": number, "t": [text], "o": {name: null}});
            let written = serde_json::to_vec(&value).unwrap();
            prop_assert_eq!(serde_json::Value::Object(object(&written).unwrap()), value);
        }
    }
}
