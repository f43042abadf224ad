//! The id by which a refusal on a screen is found in the log.

use esignet_protocol::ports::entropy::Entropy;

/// Digits and letters that nobody takes for each other on the phone (Crockford's base 32).
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A new id: 40 random bits in 8 characters.
pub(crate) fn new(entropy: &dyn Entropy) -> String {
    let mut random = [0; 5];
    entropy.fill(&mut random);
    let bits = random.iter().fold(0_u64, |bits, byte| (bits << 8) | u64::from(*byte));
    let letter =
        |at: u32| ALPHABET.iter().cycle().nth(usize::try_from((bits >> (at * 5)) & 31).unwrap_or_default());
    (0..8).rev().filter_map(letter).map(|byte| char::from(*byte)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed([u8; 5]);

    impl Entropy for Fixed {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.copy_from_slice(&self.0);
        }
    }

    #[test]
    fn an_id_has_eight_characters_that_say_all_random_bits() {
        assert_eq!(new(&Fixed([0; 5])), "00000000");
        assert_eq!(new(&Fixed([255; 5])), "ZZZZZZZZ");
        assert_eq!(new(&Fixed([0x08, 0x42, 0x10, 0x84, 0x21])), "11111111");
    }
}
