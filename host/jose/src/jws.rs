//! Strict compact JWS: the header gate, then the signature, then the payload (RFC 7515).
//!
//! ```text
//! UnverifiedJws::parse ── header gate ──► .algorithm() .key_id() ── caller chooses keys ──►
//!     .verify(key) ── signature ──► payload is JSON ──► VerifiedPayload
//! ```
//!
//! Nothing in the token chooses the key: `jku`, `x5u` and `x5c` are not read, and `jwk` is handed
//! out only to the caller that asks for it, which is DPoP (RFC 8725 §3.10, RFC 9449 §4.3).

#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

use crate::algorithm::Algorithm;
use crate::base64url::{append_base64url, decode_base64url};
use crate::json::{self, ObjectFault};
use crate::jwk::Jwk;
use crate::jwt::Claims;

/// The largest compact JWS that a context takes, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MaxLength(pub usize);

/// Why a JWS is refused. No text of it repeats input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JwsError {
    /// Longer than the context allows.
    #[error("the JWS is longer than allowed here")]
    TooLong,
    /// Not three parts with a dot between them, or no signature.
    #[error("the JWS does not have three non-empty parts")]
    NotCompact,
    /// A part is not base64url without padding, or has a second spelling (RFC 7515 §2).
    #[error("a part of the JWS is not base64url without padding and with zero trailing bits")]
    BadBase64,
    /// The header is not a JSON object.
    #[error("the header is not a JSON object")]
    HeaderNotJson,
    /// The payload is not a JSON object.
    #[error("the payload is not a JSON object")]
    PayloadNotJson,
    /// A member name stands twice in the header or in the payload (RFC 7515 §4, RFC 7519 §4).
    #[error("a member of the header or of the payload stands twice")]
    DuplicateMember,
    /// Header or payload has too many levels.
    #[error("the header or the payload is nested too deeply")]
    TooDeep,
    /// `crit` is present; no extension is understood here (RFC 7515 §4.1.11).
    #[error("the header names critical extensions, and none is understood here")]
    UnknownCritical,
    /// `b64` is present; payloads are always encoded here (RFC 7797 §3).
    #[error("the header changes how the payload is encoded")]
    UnencodedPayload,
    /// `alg` is missing, `none`, symmetric or unknown (RFC 8725 §3.1).
    #[error("the algorithm is missing or not one of ES256, PS256, EdDSA, RS256")]
    AlgorithmNotAllowed,
    /// `kid` or `typ` is not a string, or `jwk` is not an object.
    #[error("the header member `{member}` does not have its type")]
    HeaderMemberType {
        /// The name of the member.
        member: &'static str,
    },
    /// No key was given that is for the algorithm of the token.
    #[error("no key fits the algorithm and the key id of the token")]
    KeyMismatch,
    /// The signature is not that of the key.
    #[error("the signature is wrong")]
    SignatureWrong,
}

/// A JWS whose form and header have passed the gate and whose signature nobody has checked.
pub struct UnverifiedJws<'a> {
    signing_input: &'a str,
    header: Map<String, Value>,
    algorithm: Algorithm,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

/// The claims of a JWS whose signature is right.
///
/// Only a verification makes this value, so its existence is the proof.
#[derive(Clone, PartialEq)]
pub struct VerifiedPayload {
    claims: Claims,
}

impl<'a> UnverifiedJws<'a> {
    /// Takes a compact JWS through the gate (RFC 7515 §5.2 steps 1 to 7).
    pub fn parse(compact: &'a str, limit: MaxLength) -> Result<Self, JwsError> {
        if compact.len() > limit.0 {
            return Err(JwsError::TooLong);
        }
        let (signing_input, signature) = compact.rsplit_once('.').ok_or(JwsError::NotCompact)?;
        let (header, payload) = signing_input.split_once('.').ok_or(JwsError::NotCompact)?;
        if header.is_empty() || payload.contains('.') || signature.is_empty() {
            return Err(JwsError::NotCompact);
        }
        let header = decode(header)?;
        let payload = decode(payload)?;
        let signature = decode(signature)?;

        let header = json::object(&header).map_err(|fault| refused(fault, JwsError::HeaderNotJson))?;
        let algorithm = gate(&header)?;
        Ok(Self { signing_input, header, algorithm, payload, signature })
    }

    /// The algorithm that the header names; the caller's policy decides whether it may be used.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The `kid`, a hint which of the known keys to try (RFC 7515 §4.1.4).
    pub fn key_id(&self) -> Option<&str> {
        self.header.get("kid").and_then(Value::as_str)
    }

    /// The `typ` as it was written (RFC 7515 §4.1.9).
    pub fn typ(&self) -> Option<&str> {
        self.header.get("typ").and_then(Value::as_str)
    }

    /// Whether `typ` names this media type, with or without `application/` and in any case
    /// (RFC 7515 §4.1.9). A token without `typ` names none (RFC 8725 §3.11).
    pub fn is_typed(&self, media_type: &str) -> bool {
        const PREFIX: &str = "application/";
        self.typ().is_some_and(|typ| {
            let bare = match typ.split_at_checked(PREFIX.len()) {
                Some((prefix, rest)) if prefix.eq_ignore_ascii_case(PREFIX) => rest,
                _ => typ,
            };
            bare.eq_ignore_ascii_case(media_type)
        })
    }

    /// The embedded key. Only a DPoP proof is verified with it (RFC 9449 §4.3); everywhere else it
    /// is ignored, since whoever wrote the token chose it.
    pub fn jwk_header(&self) -> Option<&Value> {
        self.header.get("jwk")
    }

    /// The payload that nobody has verified; usable to choose the party whose keys count, and
    /// for nothing else.
    pub fn unverified_payload(&self) -> &[u8] {
        &self.payload
    }

    /// The claims that nobody has verified; usable to choose the party whose keys count, and for
    /// nothing else.
    pub fn unverified_claims(&self) -> Result<Claims, JwsError> {
        claims_of(&self.payload)
    }

    /// Verifies with this key and reads the claims.
    pub fn verify(&self, key: &Jwk) -> Result<VerifiedPayload, JwsError> {
        self.verify_octets(key)?;
        Ok(VerifiedPayload { claims: claims_of(&self.payload)? })
    }

    /// Verifies with the first of these keys whose signature it is, as after
    /// [`JwkSet::find`](crate::jwk::JwkSet::find).
    pub fn verify_any<'k>(
        &self,
        keys: impl IntoIterator<Item = &'k Jwk>,
    ) -> Result<VerifiedPayload, JwsError> {
        let mut refusal = JwsError::KeyMismatch;
        for key in keys {
            match self.verify_octets(key) {
                Ok(payload) => {
                    return Ok(VerifiedPayload { claims: claims_of(payload)? });
                }
                Err(JwsError::KeyMismatch) => {}
                Err(other) => refusal = other,
            }
        }
        Err(refusal)
    }

    /// Verifies with this key and hands out the payload as octets, which may be anything.
    pub fn verify_octets(&self, key: &Jwk) -> Result<&[u8], JwsError> {
        let verifier = key.verifier(self.algorithm).ok_or(JwsError::KeyMismatch)?;
        verifier
            .verify(self.signing_input.as_bytes(), &self.signature)
            .map_err(|_| JwsError::SignatureWrong)?;
        Ok(&self.payload)
    }
}

/// Verifies a JWS whose payload travels beside it, `header..signature` (RFC 7515 appendix F).
pub fn verify_detached(detached: &str, payload: &[u8], key: &Jwk, limit: MaxLength) -> Result<(), JwsError> {
    if detached.len() > limit.0 {
        return Err(JwsError::TooLong);
    }
    let (header, signature) = detached.split_once("..").ok_or(JwsError::NotCompact)?;
    let mut compact = String::with_capacity(detached.len() + payload.len().div_ceil(3) * 4);
    compact.push_str(header);
    compact.push('.');
    append_base64url(payload, &mut compact);
    compact.push('.');
    compact.push_str(signature);
    UnverifiedJws::parse(&compact, MaxLength(compact.len()))?.verify_octets(key).map(|_| ())
}

impl VerifiedPayload {
    /// The claims; read them with [`jwt`](crate::jwt).
    pub fn claims(&self) -> &Claims {
        &self.claims
    }

    /// The claims, owned.
    pub fn into_claims(self) -> Claims {
        self.claims
    }
}

/// Checks the header members that change how a JWS is read (RFC 7515 §4, RFC 7797).
fn gate(header: &Map<String, Value>) -> Result<Algorithm, JwsError> {
    if header.contains_key("b64") {
        return Err(JwsError::UnencodedPayload);
    }
    if header.contains_key("crit") {
        return Err(JwsError::UnknownCritical);
    }
    for member in ["kid", "typ"] {
        if header.get(member).is_some_and(|value| !value.is_string()) {
            return Err(JwsError::HeaderMemberType { member });
        }
    }
    if header.get("jwk").is_some_and(|value| !value.is_object()) {
        return Err(JwsError::HeaderMemberType { member: "jwk" });
    }
    let name = header.get("alg").and_then(Value::as_str).ok_or(JwsError::AlgorithmNotAllowed)?;
    Algorithm::named(name).map_err(|_| JwsError::AlgorithmNotAllowed)
}

fn decode(part: &str) -> Result<Vec<u8>, JwsError> {
    decode_base64url(part).map_err(|_| JwsError::BadBase64)
}

fn claims_of(payload: &[u8]) -> Result<Claims, JwsError> {
    json::object(payload).map_err(|fault| refused(fault, JwsError::PayloadNotJson))
}

fn refused(fault: ObjectFault, not_object: JwsError) -> JwsError {
    match fault {
        ObjectFault::NotObject => not_object,
        ObjectFault::DuplicateMember => JwsError::DuplicateMember,
        ObjectFault::TooDeep => JwsError::TooDeep,
    }
}
