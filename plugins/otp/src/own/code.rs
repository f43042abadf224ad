//! A code: random digits, and what is kept of them.

use esignet_sdk::prelude::*;

use super::{Draw, Keyed};

/// What keeps these hashes apart from whatever else the key may be used for, and this rule from the next.
const LABEL: &str = "esignet-otp-v1";
/// How many octets are drawn at once: enough for ten digits, in all but one of a great many calls.
const DRAWN: u32 = 32;
/// The octets that stand for each digit equally often: 25 for each of ten.
const FAIR: u8 = 250;

/// A code of so many digits, each as likely as any other.
pub(crate) fn drawn(length: u8, draw: Draw<'_>) -> Result<String, Failure> {
    let length = usize::from(length);
    let mut code = String::with_capacity(length);
    // Each round lacks a digit only when more than two thirds of its octets are beyond what is fair.
    for _ in 0..8 {
        let octets = draw(DRAWN)?;
        code.extend(octets.iter().filter(|octet| **octet < FAIR).map(|octet| char::from(b'0' + octet % 10)));
        if let Some(code) = code.get(..length) {
            return Ok(code.to_owned());
        }
    }
    Err(Failure::internal("the host's randomness is none"))
}

/// What is kept of a code, in hexadecimal digits: HMAC-SHA-256, by a key that stays with the host, over the code and what it is
/// for. Without the key nobody can try all codes, whatever they got hold of.
pub(crate) fn tag(subject: &str, code: &str, keyed: Keyed<'_>) -> Result<String, Failure> {
    keyed(format!("{LABEL}\0{subject}\0{code}").as_bytes()).map(|tag| crypto::hex(&tag))
}

/// The code, if what was typed can be one. The host has folded other scripts' digits and taken out spaces.
pub(crate) fn typed(answer: Option<&[u8]>, length: u8) -> Option<&str> {
    let typed = std::str::from_utf8(answer?).ok()?;
    (typed.len() == usize::from(length) && typed.bytes().all(|byte| byte.is_ascii_digit())).then_some(typed)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn each_digit_is_as_likely_as_any_other_and_octets_that_would_favour_some_are_left_out() {
        let mut counts = [0_usize; 10];
        for octet in 0..=u8::MAX {
            // One octet under test, then a digit that is told apart by its place.
            let draw = |count: u32| Ok([vec![octet; 1], vec![9; count as usize - 1]].concat());
            let code = drawn(2, &draw).unwrap();
            if octet < FAIR {
                counts[usize::from(code.as_bytes()[0] - b'0')] += 1;
            } else {
                assert_eq!(code, "99", "{octet}");
            }
        }
        assert_eq!(counts, [25; 10]);
    }

    #[test]
    fn more_is_drawn_until_there_are_enough_digits_and_never_without_end() {
        let rounds = Cell::new(0);
        let draw = |count: u32| {
            rounds.set(rounds.get() + 1);
            Ok(vec![if rounds.get() == 1 { 255 } else { 7 }; count as usize])
        };
        assert_eq!(drawn(10, &draw).as_deref(), Ok("7777777777"));
        assert_eq!(rounds.get(), 2);
        assert!(matches!(drawn(6, &|_| Ok(vec![255; 32])), Err(Failure::Internal(_))));
    }

    #[test]
    fn leading_zeros_are_digits_of_the_code() {
        assert_eq!(drawn(6, &|count| Ok(vec![0; count as usize])).as_deref(), Ok("000000"));
    }
}
