//! The key derivation of ECDH-ES (RFC 7518 §4.6.2, NIST SP 800-56A §5.8.1).

use aws_lc_rs::digest::{Context, SHA256};
use zeroize::Zeroizing;

use super::{ContentEncryption, KeyManagement};

/// What both sides put into the derivation beside the shared secret, the `OtherInfo`.
pub(super) struct OtherInfo<'a> {
    /// The `AlgorithmID`: the name of what the key is used with.
    pub(super) algorithm_id: &'a str,
    /// The `PartyUInfo`, the octets of `apu`; empty when the header has none.
    pub(super) party_u: &'a [u8],
    /// The `PartyVInfo`, the octets of `apv`; empty when the header has none.
    pub(super) party_v: &'a [u8],
    /// The `SuppPubInfo`: how many bits of key are wanted, at most 256.
    pub(super) key_bits: u32,
}

/// The `AlgorithmID` of an algorithm: `enc` where the agreed key encrypts the content, `alg` where it wraps the
/// content key (RFC 7518 §4.6.2).
pub(super) const fn algorithm_id(algorithm: KeyManagement, content: ContentEncryption) -> &'static str {
    match algorithm {
        KeyManagement::EcdhEs => content.as_str(),
        KeyManagement::EcdhEsA256Kw | KeyManagement::RsaOaep256 => algorithm.as_str(),
    }
}

/// The first block of the Concat KDF with SHA-256, which is all of a key of 256 bits.
pub(super) fn derive(shared_secret: &[u8], info: &OtherInfo<'_>) -> Zeroizing<[u8; 32]> {
    let mut hash = Context::new(&SHA256);
    hash.update(&1_u32.to_be_bytes());
    hash.update(shared_secret);
    for field in [info.algorithm_id.as_bytes(), info.party_u, info.party_v] {
        // A header is shorter than its JWE, whose length is bounded far below 4 GiB.
        hash.update(&u32::try_from(field.len()).unwrap_or(u32::MAX).to_be_bytes());
        hash.update(field);
    }
    hash.update(&info.key_bits.to_be_bytes());
    let mut key = Zeroizing::new([0; 32]);
    key.copy_from_slice(hash.finish().as_ref());
    key
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base64url::encode_base64url;

    #[test]
    fn the_example_of_rfc_7518_appendix_c_has_its_published_key() {
        let shared_secret = [
            158, 86, 217, 29, 129, 113, 53, 211, 114, 131, 66, 131, 191, 132, 38, 156, 251, 49, 110, 163,
            218, 128, 106, 72, 246, 218, 167, 121, 140, 254, 144, 196,
        ];
        let info = OtherInfo { algorithm_id: "A128GCM", party_u: b"Alice", party_v: b"Bob", key_bits: 128 };
        let key = derive(&shared_secret, &info);
        assert_eq!(encode_base64url(&key[..16]), "VqqN6vgjbSBcIijNcacQGg");
    }
}
