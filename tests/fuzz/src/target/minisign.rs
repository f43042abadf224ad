//! A minisign signature with what its trusted comment says, and a minisign public key.

use std::sync::LazyLock;

use crate::party::text;
use crate::signature::facts::Facts;
use crate::signature::minisign::{KeyId, Prehash, PublicKey, Signer, UnverifiedSignature};

static KEY: LazyLock<Signer> = LazyLock::new(|| Signer::new(KeyId([1; 8]), &[1; 32]).expect("a key"));

/// What is read is written the same, and nothing the fuzzer makes is a signature of a key that it does not have.
pub(crate) fn run(input: &[u8]) {
    let Some(text) = text(input) else { return };
    if let Ok(signature) = UnverifiedSignature::parse(text) {
        let again = UnverifiedSignature::parse(&signature.to_string());
        assert_eq!(again.as_ref(), Ok(&signature));
        assert_eq!(signature.verify(KEY.public_key(), &Prehash::of(b"bytes")), None);
        if let Ok(facts) = Facts::parse(signature.unverified_comment()) {
            assert_eq!(Facts::parse(&facts.to_string()), Ok(facts));
        }
    }
    if let Ok(key) = PublicKey::parse(text) {
        assert_eq!(PublicKey::parse(&key.to_file()), Ok(key));
    }
}
