//! Pairwise subjects (OIDC Core §8.1): the same person at two sectors cannot be linked (`protocol.md` 52).

use esignet_jose::digest;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::id_systems::IdSystemName;
use crate::ports::plugins::Individual;
use crate::word::digits;
use crate::word::handle::HandleHash;

/// The key of the pseudorandom function behind subjects. It must outlive every signing key: with another key every
/// person becomes a stranger to every relying party.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct PairwiseKey(pub [u8; 32]);

impl PairwiseKey {
    /// The subject of a person at a sector: 43 base64url characters. `id_system` is the name of the ID system, or the id of
    /// the plugin where there is one: two registers may have the same name for two people.
    pub fn subject(&self, sector: &str, id_system: &str, person: &str) -> String {
        digest::encode_base64url(self.prf(&["esignet pairwise subject 1", sector, id_system, person]))
    }

    /// Under what counters of an identifier are kept: identifiers are stored only as keyed hashes (`state.md`). However one
    /// writes an identifier, it is counted as one. One of two ID systems is two people's, unless there is only one.
    pub fn individual(&self, purpose: &str, of: &IdSystemName, individual: &Individual) -> HandleHash {
        let (kind, value) = (&individual.kind, &spelled_alike(&individual.value));
        HandleHash::of(&if of.is_sole() {
            self.prf(&["esignet individual 1", purpose, kind, value])
        } else {
            self.prf(&["esignet individual 2", purpose, &of.0, kind, value])
        })
    }

    /// Each part goes in with its length, so that no two lists run together.
    fn prf(&self, parts: &[&str]) -> [u8; 32] {
        let mut input = Vec::new();
        for part in parts {
            input.extend_from_slice(&(part.len() as u64).to_be_bytes());
            input.extend_from_slice(part.as_bytes());
        }
        digest::hmac_sha256(&self.0, &input)
    }
}

/// An identifier without what people write differently: capital letters, spaces, digits of other scripts, and the marks that
/// structure a number. What of it a plugin takes for the same is the plugin's to know; for a counter it is enough that two
/// spellings of one identifier are not two people.
fn spelled_alike(value: &str) -> String {
    let folded = digits::fold(value).to_lowercase();
    folded.chars().filter(|c| !matches!(c, '.' | '/' | '(' | ')')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_is_counted_as_one_however_it_is_written() {
        let key = PairwiseKey([7; 32]);
        let counter = |value: &str| {
            let individual = Individual { kind: "id".into(), value: value.into(), attributes: Vec::new() };
            key.individual("failures", &IdSystemName::default(), &individual)
        };
        for (one, other) in [
            ("+212655501417", "+212 655-50.14/17"),
            ("+212655501417", "+٢١٢٦٥٥٥٠١٤١٧"),
            ("a.b@mail.example", "A.B@Mail.Example"),
        ] {
            assert_eq!(counter(one), counter(other), "{other}");
        }
        assert_ne!(counter("+212655501417"), counter("+212655501418"));
        assert_ne!(counter("a@mail.example"), counter("b@mail.example"));
    }

    #[test]
    fn a_person_has_one_subject_a_sector_and_unlinkable_ones_over_sectors() {
        let key = PairwiseKey([7; 32]);
        let subject = key.subject("rp.example", "mock", "person-1");
        assert_eq!(subject, key.subject("rp.example", "mock", "person-1"));
        assert_eq!(subject.len(), 43);
        for other in [
            key.subject("other.example", "mock", "person-1"),
            key.subject("rp.example", "mock", "person-2"),
            key.subject("rp.example", "moc", "kperson-1"),
            PairwiseKey([8; 32]).subject("rp.example", "mock", "person-1"),
        ] {
            assert_ne!(subject, other);
        }
    }

    #[test]
    fn the_same_identifier_of_two_id_systems_is_counted_apart() {
        let key = PairwiseKey([7; 32]);
        let individual = |kind: &str, value: &str| Individual {
            kind: kind.to_owned(),
            value: value.to_owned(),
            attributes: Vec::new(),
        };
        let of = |name: &str, individual: &Individual| {
            key.individual("failures", &IdSystemName(name.to_owned()), individual)
        };
        let one = of("citizens", &individual("number", "1"));
        assert_eq!(one, of("citizens", &individual("number", "1")));
        for other in [
            of("foreigners", &individual("number", "1")),
            of("citizens", &individual("number", "2")),
            of("", &individual("number", "1")),
        ] {
            assert_ne!(one, other);
        }
    }
}
