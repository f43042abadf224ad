//! Pseudonyms: a person is the same in every event, and only the holder of the operator's key can tell who it is.

use esignet_jose::digest;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::ports::plugins::Individual;

/// The key of pseudonyms. With another key every person becomes somebody else in the record.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct PseudonymKey(pub [u8; 32]);

/// How many octets of the MAC a pseudonym shows: enough that no two of 2⁴⁰ people share one but by a chance of 2⁻⁴⁹.
const OCTETS: usize = 16;

impl PseudonymKey {
    /// A person, by the ID system's name for them: 22 base64url characters.
    pub fn person(&self, id_system: &str, subject: &str) -> String {
        self.pseudonym(&["esignet audit person 1", id_system, subject])
    }

    /// An identifier that somebody typed, which need not be a person's.
    pub fn individual(&self, individual: &Individual) -> String {
        self.pseudonym(&["esignet audit individual 1", &individual.kind, &individual.value])
    }

    /// A subject as a relying party has it, for what is done to it without its person.
    pub fn subject(&self, client: &str, subject: &str) -> String {
        self.pseudonym(&["esignet audit subject 1", client, subject])
    }

    /// Each part goes in with its length, so that no two lists run together.
    fn pseudonym(&self, parts: &[&str]) -> String {
        let mut input = Vec::new();
        for part in parts {
            input.extend_from_slice(&(part.len() as u64).to_be_bytes());
            input.extend_from_slice(part.as_bytes());
        }
        let mac = digest::hmac_sha256(&self.0, &input);
        digest::encode_base64url(mac.get(..OCTETS).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pseudonym_is_the_same_for_the_same_person_and_needs_the_key() {
        let key = PseudonymKey([7; 32]);
        let amina = key.person("mock", "person-1");
        assert_eq!(amina, key.person("mock", "person-1"));
        assert_eq!(amina.len(), 22);
        for other in [
            key.person("mock", "person-2"),
            key.person("moc", "kperson-1"),
            key.subject("mock", "person-1"),
            PseudonymKey([8; 32]).person("mock", "person-1"),
        ] {
            assert_ne!(amina, other);
        }
    }
}
