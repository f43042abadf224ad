//! The master key: the one secret to keep outside the store. Every other symmetric key is derived from it with HKDF
//! (RFC 5869), each for one use (`state.md`).

use std::fs;
use std::path::Path;

use esignet_jose::digest::{decode_base64url, encode_base64url, hkdf_sha256};
use esignet_protocol::audit::pseudonym::PseudonymKey;
use esignet_protocol::extension::dpop::nonce::NonceKey;
use esignet_protocol::issue::subject::PairwiseKey;
use esignet_protocol::ports::entropy::Entropy as _;
use esignet_store::SealingKey;
use zeroize::Zeroizing;

use super::{Purpose, stores};
use crate::config::Config;
use crate::config::finding::Finding;
use crate::secret_file;
use crate::system::SystemEntropy;

const BYTES: usize = 32;

/// The master key of a deployment. It cannot be printed.
#[derive(Clone)]
pub(crate) struct MasterKey(Zeroizing<[u8; BYTES]>);

impl MasterKey {
    /// The key in the configured file. It is made when the file is missing and the store is new; for an old store a new
    /// key would be of no use.
    pub(crate) fn obtain(config: &Config, purpose: Purpose) -> Result<Self, Finding> {
        let Some(file) = &config.keys.master_key_file else { return Ok(Self::random()) };
        if file.exists() {
            return Self::read(file);
        }
        if !stores::is_new(&config.store.url) {
            return Err(Finding::error(
                "file",
                file.display(),
                "the master key is missing, and the store has records that only it can open",
                "restore the file from where its copy is kept; without it, begin with a new store",
            ));
        }
        let key = Self::random();
        if purpose == Purpose::Serve {
            key.create(file)?;
        }
        Ok(key)
    }

    /// A new key.
    pub(crate) fn random() -> Self {
        let mut key = Self(Zeroizing::new([0; BYTES]));
        SystemEntropy::new().fill(key.0.as_mut_slice());
        key
    }

    fn read(file: &Path) -> Result<Self, Finding> {
        let content = secret_file::read(file)?;
        let text = std::str::from_utf8(&content).unwrap_or_default().trim_end();
        let bytes = decode_base64url(text).map(Zeroizing::new).ok();
        let key = bytes.and_then(|bytes| <[u8; BYTES]>::try_from(bytes.as_slice()).ok());
        key.map(|key| Self(Zeroizing::new(key))).ok_or_else(|| {
            Finding::error(
                "file",
                file.display(),
                "this is no master key: it must be 32 random bytes, written as 43 characters of base64url",
                "restore the file from its copy; for a new store, remove the file and one is made",
            )
        })
    }

    fn create(&self, file: &Path) -> Result<(), Finding> {
        let text =
            Zeroizing::new(format!("{}\n", Zeroizing::new(encode_base64url(self.0.as_slice())).as_str()));
        let made = match file.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            Some(parent) => fs::create_dir_all(parent),
            None => Ok(()),
        };
        made.and_then(|()| secret_file::create(file, text.as_bytes())).map_err(|error| {
            let fix = "name a file in a directory that the server's user may write to";
            Finding::error("file", file.display(), format!("the master key cannot be written: {error}"), fix)
        })
    }

    fn derive(&self, purpose: &str) -> Zeroizing<[u8; BYTES]> {
        hkdf_sha256(self.0.as_slice(), b"esignet master key", purpose.as_bytes())
    }

    /// Seals every record of the store.
    pub(crate) fn sealing(&self) -> SealingKey {
        SealingKey::new(*self.derive("store sealing 1"))
    }

    /// Makes pairwise subjects (OIDC Core §8.1) and the keyed hashes that individual ids are counted under.
    pub(crate) fn pairwise(&self) -> PairwiseKey {
        PairwiseKey(*self.derive("pairwise subjects 1"))
    }

    /// Authenticates nonces of DPoP proofs (RFC 9449 §8).
    pub(crate) fn dpop_nonces(&self) -> NonceKey {
        NonceKey(*self.derive("DPoP nonces 1"))
    }

    /// Makes the pseudonyms of the audit log.
    pub(crate) fn pseudonyms(&self) -> PseudonymKey {
        PseudonymKey(*self.derive("audit pseudonyms 1"))
    }

    /// Authenticates compiled plugins between starts.
    pub(crate) fn compiled_code(&self) -> [u8; BYTES] {
        *self.derive("compiled plugins 1")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_for_different_uses_have_nothing_in_common() {
        let key = MasterKey::random();
        assert_ne!(key.pairwise().0, key.compiled_code());
        assert_ne!(*key.derive("store sealing 1"), key.compiled_code());
        assert_eq!(key.compiled_code(), key.clone().compiled_code());
    }

    #[test]
    fn a_key_reads_back_and_a_damaged_one_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("keys/master.key");
        let key = MasterKey::random();
        key.create(&file).unwrap();
        assert!(MasterKey::read(&file).is_ok_and(|read| read.compiled_code() == key.compiled_code()));
        assert!(key.create(&file).is_err(), "an existing key is never written over");
        let half = directory.path().join("half.key");
        secret_file::create(&half, b"AAAA\n").unwrap();
        assert_eq!(MasterKey::read(&half).map(drop).unwrap_err().code, "file");
    }
}
