//! How the events of one log hang together: each has a number and the hash of everything before it.
//!
//! `docs/operations/audit.md` says byte by byte what is hashed, so that others can verify a log without this program.

use esignet_jose::digest;
use serde::{Deserialize, Serialize};

use super::event::Event;

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// An event in its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    /// 1, 2, 3, … without a gap.
    pub sequence: u64,
    /// Milliseconds since 1970-01-01 UTC.
    pub at_ms: u64,
    /// What was done.
    pub action: String,
    /// What came of it.
    pub outcome: String,
    /// The login; empty when it is of none.
    pub transaction: String,
    /// The client; empty when it is of none.
    pub client: String,
    /// The person's pseudonym.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// Further facts, in their order: a name may be there more than once.
    pub attributes: Vec<(String, String)>,
    /// SHA-256 over the hash before it and everything above.
    #[serde(with = "hexadecimal")]
    pub hash: Hash,
}

impl Recorded {
    /// Puts an event into its place after `previous`.
    pub fn new(event: Event, (sequence, at_ms): (u64, u64), previous: &Hash) -> Self {
        let attributes = event.attributes.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let mut recorded = Self {
            sequence,
            at_ms,
            action: event.action.as_str().to_owned(),
            outcome: event.outcome.as_str().to_owned(),
            transaction: event.transaction,
            client: event.client,
            person: event.person,
            attributes,
            hash: Hash::default(),
        };
        recorded.hash = recorded.hash_after(previous);
        recorded
    }

    /// Whether it is what was recorded after `previous`.
    pub fn follows(&self, previous: &Hash) -> bool {
        self.hash == self.hash_after(previous)
    }

    fn hash_after(&self, previous: &Hash) -> Hash {
        let mut input = previous.to_vec();
        input.extend_from_slice(&self.canonical());
        digest::sha256(&input)
    }

    /// The form that is hashed: numbers as eight octets, big-endian; a text as its length and its octets in UTF-8; what may be
    /// missing as an octet 0, or 1 and the text; a list as its length and its elements.
    pub fn canonical(&self) -> Vec<u8> {
        let mut form = Vec::with_capacity(256);
        number(&mut form, self.sequence);
        number(&mut form, self.at_ms);
        for word in [&self.action, &self.outcome, &self.transaction, &self.client] {
            text(&mut form, word);
        }
        form.push(u8::from(self.person.is_some()));
        if let Some(person) = &self.person {
            text(&mut form, person);
        }
        number(&mut form, self.attributes.len() as u64);
        for (name, value) in &self.attributes {
            text(&mut form, name);
            text(&mut form, value);
        }
        form
    }
}

/// What stands before the first event of a log: it belongs to this log and no other.
pub fn origin(log: &str) -> Hash {
    digest::sha256(format!("esignet audit log 1\n{log}").as_bytes())
}

fn number(form: &mut Vec<u8>, number: u64) {
    form.extend_from_slice(&number.to_be_bytes());
}

fn text(form: &mut Vec<u8>, text: &str) {
    number(form, text.len() as u64);
    form.extend_from_slice(text.as_bytes());
}

/// A hash as 64 lower-case hexadecimal digits.
pub mod hexadecimal {
    use std::fmt::Write as _;

    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};

    use super::Hash;

    /// The digits.
    pub fn digits(hash: &Hash) -> String {
        hash.iter().fold(String::with_capacity(64), |mut text, octet| {
            // Writing to a string does not fail.
            let _ = write!(text, "{octet:02x}");
            text
        })
    }

    /// The hash of 64 digits.
    pub fn parse(digits: &str) -> Option<Hash> {
        let lower = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if digits.len() != 64 || !digits.bytes().all(lower) {
            return None;
        }
        let mut hash = Hash::default();
        for (at, octet) in hash.iter_mut().enumerate() {
            *octet = u8::from_str_radix(digits.get(2 * at..2 * at + 2)?, 16).ok()?;
        }
        Some(hash)
    }

    pub(super) fn serialize<S: Serializer>(hash: &Hash, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&digits(hash))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Hash, D::Error> {
        let digits = String::deserialize(deserializer)?;
        parse(&digits).ok_or_else(|| D::Error::custom("not 64 lower-case hexadecimal digits"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::event::{Action, Outcome};

    fn event(client: &str) -> Event {
        Event { client: client.to_owned(), ..Event::new(Action::Code, Outcome::Success) }
            .with("acr", "a")
            .with("amr", "otp")
    }

    #[test]
    fn an_event_follows_what_it_was_recorded_after_and_nothing_else() {
        let first = Recorded::new(event("bank"), (1, 1_000), &origin("log"));
        let second = Recorded::new(event("bank"), (2, 2_000), &first.hash);
        assert!(first.follows(&origin("log")) && second.follows(&first.hash));
        assert!(!first.follows(&origin("other")));
        let tampering: [fn(&mut Recorded); 6] = [
            |event| event.sequence = 3,
            |event| event.at_ms += 1,
            |event| event.outcome = "failed".to_owned(),
            |event| event.person = Some(String::new()),
            |event| event.attributes.swap(0, 1),
            |event| event.attributes.clear(),
        ];
        for tamper in tampering {
            let mut event = second.clone();
            tamper(&mut event);
            assert!(!event.follows(&first.hash), "{event:?}");
        }
    }

    #[test]
    fn letters_cannot_move_from_one_member_to_the_next() {
        let one = Recorded::new(event("bank"), (1, 1), &origin("log"));
        let mut moved = one.clone();
        moved.transaction = "b".to_owned();
        moved.client = "ank".to_owned();
        assert_ne!(one.canonical(), moved.canonical());
    }

    #[test]
    fn a_record_is_written_as_json_and_read_back() {
        let recorded = Recorded::new(event("bank"), (1, 1_000), &origin("log"));
        let line = serde_json::to_string(&recorded).expect("serializes");
        assert!(line.contains("\"attributes\":[[\"acr\",\"a\"],[\"amr\",\"otp\"]]"), "{line}");
        assert_eq!(serde_json::from_str::<Recorded>(&line).expect("reads"), recorded);
        assert!(serde_json::from_str::<Recorded>(&line.replace("\"hash\":\"", "\"hash\":\"A")).is_err());
    }
}
