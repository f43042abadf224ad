//! A publisher's private key, in a file as the standard minisign tool writes and reads it.
//!
//! 158 bytes in base64 below a comment: what it is for (`Ed`), how it is locked (`Sc`, scrypt, or nothing), how it is
//! checked (`B2`), salt, costs, and the id, the key and a checksum, which under a password are locked together.

use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use blake2::digest::consts::U32;
use blake2::{Blake2b, Digest as _};
use esignet_sandbox::signature::minisign::{KeyId, Signer};
use zeroize::Zeroizing;

const COMMENT: &str = "untrusted comment: ";
const ALGORITHM: [u8; 2] = *b"Ed";
const SCRYPT: [u8; 2] = *b"Sc";
const UNLOCKED: [u8; 2] = [0; 2];
const CHECKSUM: [u8; 2] = *b"B2";
/// The id, the seed with the public key, and the checksum.
const SECRET_BYTES: usize = 8 + 64 + 32;
/// The most memory that unlocking may take: 128 · 8 · 2²⁰ bytes, a gibibyte, which is what the standard tool takes.
const MAX_LOG_N: u8 = 20;

/// What scrypt costs, in the words of minisign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cost {
    operations: u64,
    memory: u64,
}

impl Cost {
    /// What the standard tool takes: a gibibyte of memory and some seconds.
    pub(super) const USUAL: Self = Self { operations: 1 << 25, memory: 1 << 30 };

    /// As libsodium chooses them (`crypto_pwhash_scryptsalsa208sha256`).
    fn parameters(self) -> Result<scrypt::Params, NotUsable> {
        const BLOCK: u64 = 8;
        let operations = self.operations.max(1 << 15);
        let by_operations = operations < self.memory / 32;
        let most = if by_operations { operations / (BLOCK * 4) } else { self.memory / (BLOCK * 128) };
        let log_n = (1..=MAX_LOG_N).find(|log_n| (1_u64 << log_n) > most / 2).ok_or(NotUsable::Costs)?;
        let parallel = if by_operations { 1 } else { ((operations / 4) >> log_n) / BLOCK };
        let parallel =
            u32::try_from(parallel).ok().filter(|parallel| *parallel <= 16).ok_or(NotUsable::Costs)?;
        scrypt::Params::new(log_n, 8, parallel.max(1), 32).map_err(|_| NotUsable::Costs)
    }
}

/// Why a file gives no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NotUsable {
    /// It is something else.
    #[error("this is no minisign private key")]
    Form,
    /// Unlocking would take more than is good for a machine.
    #[error("unlocking the key would take more than a gibibyte of memory")]
    Costs,
    /// It is locked.
    #[error("the key is locked with a password, and there is none")]
    Locked,
    /// It does not open.
    #[error("the password is wrong, or the file is damaged")]
    Password,
}

/// A key of a file, which may be locked.
pub(super) struct PrivateKeyFile {
    lock: Option<([u8; 32], Cost)>,
    secret: Zeroizing<[u8; SECRET_BYTES]>,
}

impl PrivateKeyFile {
    /// Reads a file.
    pub(super) fn parse(text: &str) -> Result<Self, NotUsable> {
        let mut lines = text.lines();
        let (Some(comment), Some(key), None) = (lines.next(), lines.next(), lines.next()) else {
            return Err(NotUsable::Form);
        };
        let bytes = STANDARD.decode(key).map(Zeroizing::new).map_err(|_| NotUsable::Form)?;
        let mut rest =
            Some(bytes.as_slice()).filter(|_| comment.starts_with(COMMENT)).ok_or(NotUsable::Form)?;
        let (algorithm, lock, checksum) =
            (take::<2>(&mut rest)?, take::<2>(&mut rest)?, take::<2>(&mut rest)?);
        let salt = take::<32>(&mut rest)?;
        let operations = u64::from_le_bytes(take(&mut rest)?);
        let memory = u64::from_le_bytes(take(&mut rest)?);
        let secret = Zeroizing::new(take(&mut rest)?);
        if !rest.is_empty() || algorithm != ALGORITHM || checksum != CHECKSUM {
            return Err(NotUsable::Form);
        }
        let lock = match lock {
            SCRYPT => Some((salt, Cost { operations, memory })),
            UNLOCKED => None,
            _ => return Err(NotUsable::Form),
        };
        Ok(Self { lock, secret })
    }

    /// Whether a password is needed.
    pub(super) const fn is_locked(&self) -> bool {
        self.lock.is_some()
    }

    /// Unlocks it.
    pub(super) fn open(mut self, password: Option<&str>) -> Result<Signer, NotUsable> {
        if let Some((salt, cost)) = self.lock {
            let password = password.ok_or(NotUsable::Locked)?;
            apply(&mut self.secret, password, &salt, cost)?;
        }
        let mut rest = self.secret.as_slice();
        let key_id = take::<8>(&mut rest)?;
        let seed = Zeroizing::new(take::<32>(&mut rest)?);
        let public = take::<32>(&mut rest)?;
        let checksum = take::<32>(&mut rest)?;
        // The standard tool leaves the checksum of a key without a password out.
        let is_left_out = self.lock.is_none() && checksum == [0; 32];
        if !is_left_out && checksum != checksum_of(key_id, &seed, &public) {
            return Err(NotUsable::Password);
        }
        let signer = Signer::new(KeyId(key_id), &seed).map_err(|_| NotUsable::Password)?;
        if signer.ed25519() == &public { Ok(signer) } else { Err(NotUsable::Password) }
    }
}

/// Makes a key: the text of its file, locked when there is a password, and the key.
pub(super) fn generate(password: Option<&str>, cost: Cost) -> Result<(Zeroizing<String>, Signer), NotUsable> {
    let mut random = Zeroizing::new([0; 72]);
    rand::fill(random.as_mut_slice()).map_err(|_| NotUsable::Form)?;
    let mut rest = random.as_slice();
    let (key_id, salt) = (take::<8>(&mut rest)?, take::<32>(&mut rest)?);
    let seed = Zeroizing::new(take::<32>(&mut rest)?);
    let signer = Signer::new(KeyId(key_id), &seed).map_err(|_| NotUsable::Form)?;
    let public = signer.ed25519();
    let checksum = checksum_of(key_id, &seed, public);
    let parts = Zeroizing::new([&key_id[..], seed.as_slice(), public, &checksum].concat());
    let mut secret =
        Zeroizing::new(<[u8; SECRET_BYTES]>::try_from(parts.as_slice()).map_err(|_| NotUsable::Form)?);
    let (lock, salt, cost) = match password {
        Some(password) => {
            apply(&mut secret, password, &salt, cost)?;
            (SCRYPT, salt, cost)
        }
        None => (UNLOCKED, [0; 32], Cost { operations: 0, memory: 0 }),
    };
    let (operations, memory) = (cost.operations.to_le_bytes(), cost.memory.to_le_bytes());
    let head = [&ALGORITHM[..], &lock, &CHECKSUM, &salt, &operations, &memory].concat();
    let bytes = Zeroizing::new([head.as_slice(), secret.as_slice()].concat());
    let encoded = Zeroizing::new(STANDARD.encode(bytes.as_slice()));
    let kind = if password.is_some() { "encrypted secret key" } else { "secret key" };
    Ok((Zeroizing::new(format!("{COMMENT}minisign {kind}\n{}\n", *encoded)), signer))
}

/// Locks what is open and opens what is locked.
fn apply(
    secret: &mut [u8; SECRET_BYTES],
    password: &str,
    salt: &[u8; 32],
    cost: Cost,
) -> Result<(), NotUsable> {
    let mut stream = Zeroizing::new([0; SECRET_BYTES]);
    scrypt::scrypt(password.as_bytes(), salt, &cost.parameters()?, stream.as_mut_slice())
        .map_err(|_| NotUsable::Costs)?;
    secret.iter_mut().zip(stream.iter()).for_each(|(byte, mask)| *byte ^= mask);
    Ok(())
}

fn checksum_of(key_id: [u8; 8], seed: &[u8; 32], public: &[u8; 32]) -> [u8; 32] {
    let hash = Blake2b::<U32>::new_with_prefix(ALGORITHM).chain_update(key_id);
    hash.chain_update(seed).chain_update(public).finalize().into()
}

fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], NotUsable> {
    let (taken, behind) = rest.split_first_chunk().ok_or(NotUsable::Form)?;
    *rest = behind;
    Ok(*taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a password costs in tests: 2⁹ rounds.
    const CHEAP: Cost = Cost { operations: 1 << 15, memory: 1 << 20 };

    /// Made by minisign 0.11 with `-G -W`.
    const OF_MINISIGN: &str = "untrusted comment: minisign encrypted secret key\n\
        RWQAAEIyAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAxGVq1lbyhltclWifxc5s2gzKBs/0aUNcuzh1vXhPMMskrImx9zpN5mtdaeVUrXDrneDwfGy4Q5CHSuAvS6+/0bDNt84jqfJ8AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";

    #[test]
    fn a_key_is_read_as_it_was_made_and_only_with_its_password() {
        for password in [None, Some("correct horse")] {
            let (text, made) = generate(password, CHEAP).unwrap();
            let open = |password| PrivateKeyFile::parse(&text).unwrap().open(password);
            assert_eq!(PrivateKeyFile::parse(&text).unwrap().is_locked(), password.is_some());
            assert_eq!(open(password).unwrap().public_key(), made.public_key());
            if password.is_some() {
                assert_eq!(open(Some("battery staple")).unwrap_err(), NotUsable::Password);
                assert_eq!(open(None).unwrap_err(), NotUsable::Locked);
            }
        }
    }

    #[test]
    fn a_key_of_the_standard_tool_is_read() {
        let signer = PrivateKeyFile::parse(OF_MINISIGN).unwrap().open(None).unwrap();
        let public = "RWTEZWrWVvKGW2tdaeVUrXDrneDwfGy4Q5CHSuAvS6+/0bDNt84jqfJ8";
        assert_eq!(signer.public_key().to_string(), public);
    }

    #[test]
    fn costs_are_chosen_as_libsodium_does_and_are_bounded() {
        let of = |operations, memory| {
            let parameters = Cost { operations, memory }.parameters()?;
            Ok((parameters.log_n(), parameters.r(), parameters.p()))
        };
        assert_eq!(of(1 << 25, 1 << 30), Ok((20, 8, 1)));
        assert_eq!(of(1 << 19, 1 << 24), Ok((14, 8, 1)));
        assert_eq!(of(0, 1 << 30), Ok((10, 8, 1)));
        assert_eq!(of(1 << 27, 1 << 40), Err(NotUsable::Costs));
        assert_eq!(of(u64::MAX, u64::MAX), Err(NotUsable::Costs));
        assert_eq!(of(u64::MAX, 1 << 20), Err(NotUsable::Costs));
    }

    #[test]
    fn what_is_no_key_is_told_so() {
        let (good, _) = generate(None, CHEAP).unwrap();
        let other = good.replace("RW", "RX");
        for bad in
            ["", "untrusted comment: x\n", "untrusted comment: x\nRWQ=\n", &other, &format!("{}x\n", *good)]
        {
            assert_eq!(PrivateKeyFile::parse(bad).map(drop).unwrap_err(), NotUsable::Form, "{bad}");
        }
    }
}
