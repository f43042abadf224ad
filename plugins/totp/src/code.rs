//! The code of a time step: HOTP (RFC 4226 §5.3) over HMAC-SHA-256 with the step as counter (RFC 6238 §1.2, §4.2).

use hmac::{Hmac, Mac};
use sha2::Sha256;

/// The code of a step, with leading zeros.
pub(crate) fn of(secret: &[u8], step: u64, digits: u8) -> String {
    let code = truncated(&mac(secret, &step.to_be_bytes())) % 10_u32.pow(u32::from(digits));
    format!("{code:0width$}", width = usize::from(digits))
}

/// HMAC-SHA-256, which takes keys of any length.
pub(crate) fn mac(secret: &[u8], data: &[u8]) -> Vec<u8> {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else { return Vec::new() };
    mac.update(data);
    mac.finalize().into_bytes().to_vec()
}

/// Octets in hexadecimal digits.
pub(crate) fn hexadecimal<'a>(octets: impl Iterator<Item = &'a u8>) -> String {
    let digits = octets.flat_map(|octet| [octet >> 4, octet & 15]);
    digits.map(|digit| char::from_digit(digit.into(), 16).unwrap_or('0')).collect()
}

/// Four octets, from where the low half of the last one says, without the sign bit (RFC 4226 §5.3).
fn truncated(mac: &[u8]) -> u32 {
    let offset = usize::from(mac.last().copied().unwrap_or_default() & 0x0f);
    let four = mac.iter().skip(offset).take(4);
    four.fold(0, |number: u32, octet| number << 8 | u32::from(*octet)) & 0x7fff_ffff
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238 appendix B, the rows of SHA256, whose secret is of 32 octets (erratum 2866).
    #[test]
    fn the_codes_are_those_of_the_rfc() {
        let secret = b"12345678901234567890123456789012";
        for (time, code) in [
            (59, "46119246"),
            (1_111_111_109, "68084774"),
            (1_111_111_111, "67062674"),
            (1_234_567_890, "91819424"),
            (2_000_000_000, "90698825"),
            (20_000_000_000_u64, "77737706"),
        ] {
            assert_eq!(of(secret, time / 30, 8), code, "at {time}");
            assert_eq!(of(secret, time / 30, 6), code[2..], "at {time}");
        }
    }

    /// RFC 4226 §5.4.
    #[test]
    fn truncation_is_that_of_the_rfc() {
        let mac = [
            0x1f, 0x86, 0x98, 0x69, 0x0e, 0x02, 0xca, 0x16, 0x61, 0x85, 0x50, 0xef, 0x7f, 0x19, 0xda, 0x8e,
            0x94, 0x5b, 0x55, 0x5a,
        ];
        assert_eq!(truncated(&mac), 0x50ef_7f19);
    }

    #[test]
    fn leading_zeros_are_written() {
        let secret = b"12345678901234567890123456789012";
        let step = (0..100_000)
            .find(|step| truncated(&mac(secret, &u64::to_be_bytes(*step))) % 1_000_000 < 1_000)
            .unwrap();
        assert!(of(secret, step, 6).starts_with("000"), "{}", of(secret, step, 6));
    }
}
