//! Keys and signatures as minisign writes them: Ed25519 over the `BLAKE2b`-512 of the bytes (`ED`), and once more over that
//! signature with the trusted comment.
//!
//! The older `Ed`, over the bytes themselves, is not taken: one way to sign is enough.

use std::fmt;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use blake2::{Blake2b512, Digest as _};

/// What a public key begins with, and a signature over the bytes themselves.
const PLAIN: [u8; 2] = *b"Ed";
/// What a signature over the hash of the bytes begins with.
const PREHASHED: [u8; 2] = *b"ED";
const UNTRUSTED: &str = "untrusted comment: ";
const TRUSTED: &str = "trusted comment: ";

/// What minisign names a key by. It is no part of the key: whoever makes a key may choose it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyId(pub [u8; 8]);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016X}", u64::from_le_bytes(self.0))
    }
}

/// A text that is no public key of minisign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no minisign public key, 56 characters that begin with RW")]
pub struct NotAPublicKey;

/// A public key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PublicKey {
    ed25519: [u8; 32],
    key_id: KeyId,
}

impl PublicKey {
    /// Reads the key itself, or a file with a comment above it.
    pub fn parse(text: &str) -> Result<Self, NotAPublicKey> {
        let mut lines = text.lines();
        let key = match (lines.next(), lines.next(), lines.next()) {
            (Some(key), None, None) => key,
            (Some(comment), Some(key), None) if comment.starts_with(UNTRUSTED) => key,
            _ => return Err(NotAPublicKey),
        };
        let bytes = STANDARD.decode(key).map_err(|_| NotAPublicKey)?;
        let (algorithm, key_id, ed25519) = parts::<32>(&bytes).ok_or(NotAPublicKey)?;
        if algorithm != PLAIN {
            return Err(NotAPublicKey);
        }
        Ok(Self { ed25519, key_id })
    }

    /// What signatures of it are named by.
    pub const fn key_id(&self) -> KeyId {
        self.key_id
    }

    /// Whether it is the same key, whatever it is named by.
    pub fn is_same_key(&self, other: &Self) -> bool {
        self.ed25519 == other.ed25519
    }

    /// The text of a file with it, as `minisign -G` writes it.
    pub fn to_file(&self) -> String {
        format!("{UNTRUSTED}minisign public key {}\n{self}\n", self.key_id)
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&STANDARD.encode([&PLAIN[..], &self.key_id.0, &self.ed25519].concat()))
    }
}

fn parts<const N: usize>(bytes: &[u8]) -> Option<([u8; 2], KeyId, [u8; N])> {
    let (algorithm, rest) = bytes.split_first_chunk::<2>()?;
    let (key_id, rest) = rest.split_first_chunk::<8>()?;
    Some((*algorithm, KeyId(*key_id), rest.try_into().ok()?))
}

/// The hash that is signed, computed once for all signatures of a component.
pub struct Prehash([u8; 64]);

impl Prehash {
    /// Of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Blake2b512::digest(bytes).into())
    }
}

/// Why a text is no signature that is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotASignature {
    /// It is not the four lines of a minisign signature.
    #[error("it is not the four lines of a minisign signature")]
    Lines,
    /// What should be base64 of a signature is not.
    #[error("its signatures are not base64 of the right length")]
    Encoding,
    /// It is over the bytes themselves.
    #[error("it is of minisign's older kind; sign without -l, with minisign 0.11 or later")]
    Legacy,
    /// A comment holds control characters.
    #[error("a comment holds control characters")]
    Comment,
}

/// A signature as it was read; nobody has verified anything yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnverifiedSignature {
    untrusted_comment: String,
    key_id: KeyId,
    signature: [u8; 64],
    trusted_comment: String,
    global_signature: [u8; 64],
}

impl UnverifiedSignature {
    /// Reads the four lines.
    pub fn parse(text: &str) -> Result<Self, NotASignature> {
        let lines: Vec<&str> = text.lines().take(5).collect();
        let [untrusted, signature, trusted, global] = lines[..] else { return Err(NotASignature::Lines) };
        let untrusted_comment = untrusted.strip_prefix(UNTRUSTED).ok_or(NotASignature::Lines)?;
        let trusted_comment = trusted.strip_prefix(TRUSTED).ok_or(NotASignature::Lines)?;
        if [untrusted_comment, trusted_comment].iter().any(|comment| is_unprintable(comment)) {
            return Err(NotASignature::Comment);
        }
        let decode = |line| STANDARD.decode(line).map_err(|_| NotASignature::Encoding);
        let (algorithm, key_id, signature) =
            parts::<64>(&decode(signature)?).ok_or(NotASignature::Encoding)?;
        let global_signature = decode(global)?.try_into().map_err(|_| NotASignature::Encoding)?;
        match algorithm {
            PREHASHED => Ok(Self {
                untrusted_comment: untrusted_comment.to_owned(),
                key_id,
                signature,
                trusted_comment: trusted_comment.to_owned(),
                global_signature,
            }),
            PLAIN => Err(NotASignature::Legacy),
            _ => Err(NotASignature::Encoding),
        }
    }

    /// Which key it says it is of.
    pub const fn key_id(&self) -> KeyId {
        self.key_id
    }

    /// What it says, before anybody knows whether its key said so.
    pub fn unverified_comment(&self) -> &str {
        &self.trusted_comment
    }

    /// The trusted comment, when this key signed these bytes and this comment.
    pub fn verify(&self, key: &PublicKey, bytes: &Prehash) -> Option<&str> {
        let ed25519 = UnparsedPublicKey::new(&ED25519, &key.ed25519);
        let global = [&self.signature[..], self.trusted_comment.as_bytes()].concat();
        ed25519.verify(&bytes.0, &self.signature).ok()?;
        ed25519.verify(&global, &self.global_signature).ok()?;
        (key.key_id == self.key_id).then_some(self.trusted_comment.as_str())
    }
}

/// As minisign writes it.
impl fmt::Display for UnverifiedSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let signature = STANDARD.encode([&PREHASHED[..], &self.key_id.0, &self.signature].concat());
        let global = STANDARD.encode(self.global_signature);
        writeln!(f, "{UNTRUSTED}{}\n{signature}", self.untrusted_comment)?;
        writeln!(f, "{TRUSTED}{}\n{global}", self.trusted_comment)
    }
}

fn is_unprintable(comment: &str) -> bool {
    comment.chars().any(|char| char.is_control() && char != '\t')
}

/// Two halves that are not of one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the private key does not belong to its public key")]
pub struct NotAPair;

/// A private key, ready to sign.
pub struct Signer {
    pair: Ed25519KeyPair,
    public: PublicKey,
}

impl Signer {
    /// From the secret that the key pair follows from.
    pub fn new(key_id: KeyId, seed: &[u8; 32]) -> Result<Self, NotAPair> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| NotAPair)?;
        let ed25519 = pair.public_key().as_ref().try_into().map_err(|_| NotAPair)?;
        Ok(Self { pair, public: PublicKey { ed25519, key_id } })
    }

    /// The public half.
    pub const fn public_key(&self) -> &PublicKey {
        &self.public
    }

    /// The public half without what names it, as it stands in a file with a private key.
    pub const fn ed25519(&self) -> &[u8; 32] {
        &self.public.ed25519
    }

    /// Signs bytes and what is said of them.
    pub fn sign(&self, bytes: &Prehash, trusted_comment: &str) -> Result<UnverifiedSignature, NotASignature> {
        if is_unprintable(trusted_comment) {
            return Err(NotASignature::Comment);
        }
        let signed = |message: &[u8]| -> Result<[u8; 64], NotASignature> {
            self.pair.sign(message).as_ref().try_into().map_err(|_| NotASignature::Encoding)
        };
        let signature = signed(&bytes.0)?;
        let global_signature = signed(&[&signature[..], trusted_comment.as_bytes()].concat())?;
        Ok(UnverifiedSignature {
            untrusted_comment: format!("signature of key {}", self.public.key_id),
            key_id: self.public.key_id,
            signature,
            trusted_comment: trusted_comment.to_owned(),
            global_signature,
        })
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer").field("public", &self.public).finish_non_exhaustive()
    }
}
