//! The integers of an RSA key out of the DER that our own key pair exported (X.690 §8, RFC 8017 §A.1).
//!
//! This is no reader for DER from outside: foreign keys go through `aws-lc-rs`, which checks them.

const INTEGER: u8 = 0x02;
const OCTET_STRING: u8 = 0x04;
const SEQUENCE: u8 = 0x30;

/// The integers of a private RSA key, big-endian without leading zeros.
pub(super) struct RsaPrivateIntegers<'a> {
    pub(super) d: &'a [u8],
    pub(super) p: &'a [u8],
    pub(super) q: &'a [u8],
    pub(super) dp: &'a [u8],
    pub(super) dq: &'a [u8],
    pub(super) qi: &'a [u8],
}

/// Modulus and exponent of an `RSAPublicKey` (RFC 8017 §A.1.1).
pub(crate) fn rsa_public_integers(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (mut key, _) = element(der, SEQUENCE)?;
    Some((integer(&mut key)?, integer(&mut key)?))
}

/// The private integers of a PKCS#8 `PrivateKeyInfo` with an `RSAPrivateKey` inside
/// (RFC 5208 §5, RFC 8017 §A.1.2).
pub(super) fn rsa_private_integers(pkcs8: &[u8]) -> Option<RsaPrivateIntegers<'_>> {
    let (mut info, _) = element(pkcs8, SEQUENCE)?;
    let _version = integer(&mut info)?;
    let (_algorithm, rest) = element(info, SEQUENCE)?;
    let (key, _) = element(rest, OCTET_STRING)?;
    let (mut key, _) = element(key, SEQUENCE)?;
    let _version = integer(&mut key)?;
    let _modulus = integer(&mut key)?;
    let _exponent = integer(&mut key)?;
    Some(RsaPrivateIntegers {
        d: integer(&mut key)?,
        p: integer(&mut key)?,
        q: integer(&mut key)?,
        dp: integer(&mut key)?,
        dq: integer(&mut key)?,
        qi: integer(&mut key)?,
    })
}

/// Takes one INTEGER off the front, without the zero that keeps it positive (X.690 §8.3).
fn integer<'a>(input: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (octets, rest) = element(input, INTEGER)?;
    *input = rest;
    match octets.split_first() {
        Some((0, magnitude)) if !magnitude.is_empty() => Some(magnitude),
        _ => Some(octets),
    }
}

/// Splits one element with this tag into its content and what follows (X.690 §8.1).
fn element(input: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (found, rest) = input.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = if *first < 0x80 {
        (usize::from(*first), rest)
    } else {
        // A key of 8192 bits needs two length octets; four are the most that a length can have here.
        let (octets, rest) =
            rest.split_at_checked(usize::from(first & 0x7f)).filter(|(octets, _)| octets.len() <= 4)?;
        (octets.iter().fold(0, |length, octet| length << 8 | usize::from(*octet)), rest)
    };
    if *found == tag { rest.split_at_checked(length) } else { None }
}

#[cfg(test)]
mod tests {
    use super::{INTEGER, SEQUENCE, element, rsa_public_integers};

    #[test]
    fn integers_lose_the_zero_that_keeps_them_positive() {
        assert_eq!(
            rsa_public_integers(&[SEQUENCE, 7, INTEGER, 2, 0, 0x81, INTEGER, 1, 3]),
            Some((&[0x81][..], &[3][..]))
        );
    }

    #[test]
    fn a_cut_or_mistagged_element_is_not_read() {
        assert_eq!(element(&[INTEGER, 2, 1], INTEGER), None);
        assert_eq!(element(&[INTEGER, 1, 1], SEQUENCE), None);
        assert_eq!(element(&[INTEGER, 0x85, 0, 0, 0, 0, 1, 1], INTEGER), None);
        assert_eq!(element(&[INTEGER], INTEGER), None);
        assert_eq!(element(&[INTEGER, 0x81, 1, 9, 8], INTEGER), Some((&[9][..], &[8][..])));
    }
}
