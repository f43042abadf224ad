//! A person's secret: HMAC-SHA-256, by a key that the host holds, over who they are.
//!
//! Whoever enrols people computes the same (README, "Enrolment"), so what is written here is an interface: it changes only
//! together with the label.

use esignet_sdk::prelude::*;

/// The name of the operator's key.
pub(crate) const KEY: &str = "totp";
/// What keeps these secrets apart from whatever else the key may be used for, and this rule from the next.
const LABEL: &str = "esignet-totp-v1";

/// The secret of a person, by the identifier as the host hands it over: trimmed, and for kinds of digits in ASCII digits
/// without spaces.
pub(crate) fn of(
    individual: &Individual,
    keyed: impl Fn(&[u8]) -> Result<Vec<u8>, Failure>,
) -> Result<Vec<u8>, Failure> {
    keyed(message(individual)?.as_bytes())
}

/// `LABEL ‖ 0 ‖ kind ‖ 0 ‖ value`. A kind is a word and has no zero in it, so that no two persons have the same message.
fn message(individual: &Individual) -> Result<String, Failure> {
    if individual.kind.contains('\0') {
        return Err(Failure::internal("the kind of the identifier has a control character"));
    }
    Ok(format!("{LABEL}\0{}\0{}", individual.kind, individual.value))
}

#[cfg(test)]
pub(crate) mod tests {
    use hmac::{Hmac, Mac};
    use sha2::Sha256;

    use super::*;

    /// The key of the README's example.
    pub(crate) const EXAMPLE_KEY: &[u8] = b"0123456789abcdef0123456789abcdef";

    /// What the host does with the key.
    #[expect(clippy::unnecessary_wraps, reason = "the host's function can fail")]
    pub(crate) fn keyed(data: &[u8]) -> Result<Vec<u8>, Failure> {
        let mut mac = Hmac::<Sha256>::new_from_slice(EXAMPLE_KEY).unwrap();
        mac.update(data);
        Ok(mac.finalize().into_bytes().to_vec())
    }

    pub(crate) fn individual(kind: &str, value: &str) -> Individual {
        Individual { kind: kind.into(), value: value.into(), attributes: vec![] }
    }

    fn base32(octets: &[u8]) -> String {
        let bit = |at: usize| octets.get(at / 8).map_or(0, |octet| usize::from(octet >> (7 - at % 8) & 1));
        let letter = |quintet: usize| (0..5).fold(0, |sum, at| sum * 2 + bit(quintet * 5 + at));
        let letters = 0..(octets.len() * 8).div_ceil(5);
        letters.map(|at| char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[letter(at)])).collect()
    }

    #[test]
    fn the_secret_is_that_of_the_readme() {
        let secret = of(&individual("uin", "2053718694"), keyed).unwrap();
        let readme = include_str!("../README.md");
        let hex = crate::code::hexadecimal(secret.iter());
        assert!(readme.contains(&hex), "{hex}");
        assert!(readme.contains(&format!("secret={}&", base32(&secret))), "{}", base32(&secret));
        let code = crate::code::of(&secret, 1_800_000_000 / 30, 6);
        assert!(readme.contains(&format!("`{code}`")), "{code}");
    }

    #[test]
    fn no_two_identifiers_share_a_secret() {
        let secrets: std::collections::BTreeSet<_> = [
            ("uin", "12"),
            ("uin", "1"),
            ("uin1", "2"),
            ("vid", "12"),
            ("uin", "\x0012"),
            ("uin", "A"),
            ("uin", "a"),
        ]
        .into_iter()
        .map(|(kind, value)| of(&individual(kind, value), keyed).unwrap())
        .collect();
        assert_eq!(secrets.len(), 7);
        assert!(of(&individual("uin\x001", "2"), keyed).is_err(), "a kind could reach into the value");
    }
}
