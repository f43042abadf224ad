//! `esignet:host/crypto`: randomness, digests, and keys that are used by name and never enter the sandbox.

use aws_lc_rs::digest;
use esignet_jose::digest::{equal, hmac_sha256};
use esignet_jose::jws::MaxLength;
use esignet_jose::signing_key::Header;
use esignet_jose::{JwkSet, UnverifiedJws};

use super::CallState;
use crate::bindings::esignet::host::crypto::{self, DigestAlgorithm, Error};
use crate::failure::Stopped;
use crate::grant::KeyHandle;

/// The most random bytes at once.
const RANDOM_BYTES: u32 = 1024;
/// The largest JWS and the largest JWK set taken, in bytes.
const JOSE_BYTES: usize = 256 * 1024;

/// What one call may still have computed by the host, where no CPU budget counts.
#[derive(Debug)]
pub(crate) struct Budget {
    bytes: usize,
    operations: u32,
    signatures: u32,
}

impl Default for Budget {
    fn default() -> Self {
        Self { bytes: 8 << 20, operations: 10_000, signatures: 16 }
    }
}

impl Budget {
    pub(super) fn hash(&mut self, bytes: usize) -> Result<(), Stopped> {
        let left = self.bytes.checked_sub(bytes).zip(self.operations.checked_sub(1));
        (self.bytes, self.operations) = left.ok_or(Stopped::Quota("crypto: digests"))?;
        Ok(())
    }

    fn sign(&mut self) -> Result<(), Stopped> {
        self.signatures = self.signatures.checked_sub(1).ok_or(Stopped::Quota("crypto: signatures"))?;
        Ok(())
    }
}

impl crypto::Host for CallState {
    fn random(&mut self, length: u32) -> wasmtime::Result<Result<Vec<u8>, Error>> {
        if length > RANDOM_BYTES {
            return Ok(Err(Error::Invalid(format!("at most {RANDOM_BYTES} random bytes at once"))));
        }
        self.crypto.hash(length as usize)?;
        let mut bytes = vec![0; length as usize];
        self.plugin.sandbox.host.entropy.fill(&mut bytes);
        Ok(Ok(bytes))
    }

    fn digest(&mut self, algorithm: DigestAlgorithm, data: Vec<u8>) -> wasmtime::Result<Vec<u8>> {
        self.crypto.hash(data.len())?;
        let algorithm = match algorithm {
            DigestAlgorithm::Sha256 => &digest::SHA256,
            DigestAlgorithm::Sha384 => &digest::SHA384,
            DigestAlgorithm::Sha512 => &digest::SHA512,
        };
        Ok(digest::digest(algorithm, &data).as_ref().to_vec())
    }

    fn hmac(&mut self, key: String, data: Vec<u8>) -> wasmtime::Result<Result<Vec<u8>, Error>> {
        self.crypto.hash(data.len())?;
        let mac = match self.plugin.grant.keys.get(&key) {
            Some(KeyHandle::Hmac(secret)) => Ok(hmac_sha256(secret, &data).to_vec()),
            Some(KeyHandle::Signing(_)) => Err(Error::NotAllowed(not_for("hmac"))),
            None => Err(self.no_such_key(&key)),
        };
        Ok(mac)
    }

    fn equal(&mut self, a: Vec<u8>, b: Vec<u8>) -> wasmtime::Result<bool> {
        self.crypto.hash(a.len())?;
        Ok(equal(a, b))
    }

    fn sign_jws(
        &mut self,
        key: String,
        header: Vec<(String, String)>,
        payload: Vec<u8>,
        detached: bool,
    ) -> wasmtime::Result<Result<String, Error>> {
        self.crypto.sign()?;
        let signing = match self.plugin.grant.keys.get(&key) {
            Some(KeyHandle::Signing(signing)) => signing,
            Some(KeyHandle::Hmac(_)) => return Ok(Err(Error::NotAllowed(not_for("sign-jws")))),
            None => return Ok(Err(self.no_such_key(&key))),
        };
        if payload.len() > JOSE_BYTES {
            return Ok(Err(Error::Invalid(format!("the payload is larger than {JOSE_BYTES} bytes"))));
        }
        let typ = header.iter().find(|(name, _)| name == "typ").map(|(_, value)| value.as_str());
        let members = header.iter().filter(|(name, _)| name != "typ");
        let header = members
            .fold(typ.map_or_else(Header::untyped, Header::typed), |header, (name, value)| {
                header.with(name, value.as_str())
            });
        let signed =
            if detached { signing.sign_detached(&header, &payload) } else { signing.sign(&header, &payload) };
        Ok(signed.map_err(|error| Error::Invalid(error.to_string())))
    }

    fn verify_jws(&mut self, signed: String, jwks: String) -> wasmtime::Result<Result<Vec<u8>, Error>> {
        self.crypto.sign()?;
        Ok(verified(&signed, &jwks).map_err(Error::Invalid))
    }
}

impl CallState {
    fn no_such_key(&mut self, key: &str) -> Error {
        let rule = format!("the key \"{key}\" is not granted");
        self.deny("crypto", &rule);
        Error::NoSuchKey(rule)
    }
}

fn not_for(function: &str) -> String {
    format!("the key is not for {function}: `use` in the operator's file says otherwise")
}

fn verified(signed: &str, jwks: &str) -> Result<Vec<u8>, String> {
    if jwks.len() > JOSE_BYTES {
        return Err(format!("the JWK set is larger than {JOSE_BYTES} bytes"));
    }
    let keys = JwkSet::from_json(jwks).map_err(|error| error.to_string())?;
    let unverified =
        UnverifiedJws::parse(signed, MaxLength(JOSE_BYTES)).map_err(|error| error.to_string())?;
    let mut refusal = "no key of the set fits the header".to_owned();
    for key in keys.find(unverified.key_id(), unverified.algorithm()) {
        match unverified.verify_octets(key) {
            Ok(payload) => return Ok(payload.to_vec()),
            Err(error) => refusal = error.to_string(),
        }
    }
    Err(refusal)
}

#[cfg(test)]
mod tests {
    use esignet_jose::{Algorithm, SigningKey};

    use crypto::Host as _;
    use zeroize::Zeroizing;

    use super::*;
    use crate::grant::Grant;
    use crate::import::testing::{Nobody, call};

    fn with_keys() -> (CallState, SigningKey) {
        let signing = SigningKey::generate(Algorithm::Es256).unwrap();
        let mut grant = Grant::default();
        grant.keys.insert("mac".into(), KeyHandle::Hmac(Zeroizing::new(b"secret".to_vec())));
        grant.keys.insert("sign".into(), KeyHandle::Signing(signing.clone()));
        (call(grant, Nobody), signing)
    }

    #[test]
    fn a_key_serves_what_it_is_for_and_nothing_else() {
        let (mut call, signing) = with_keys();
        let mac = call.hmac("mac".into(), b"data".to_vec()).unwrap().unwrap();
        assert_eq!(mac, hmac_sha256(b"secret", b"data"));
        assert!(matches!(call.hmac("sign".into(), Vec::new()).unwrap(), Err(Error::NotAllowed(_))));
        assert!(matches!(call.hmac("other".into(), Vec::new()).unwrap(), Err(Error::NoSuchKey(_))));

        let header = vec![("typ".to_owned(), "JWT".to_owned()), ("cty".to_owned(), "x".to_owned())];
        let jws = call.sign_jws("sign".into(), header, b"payload".to_vec(), false).unwrap().unwrap();
        let set = JwkSet::new(vec![signing.public_jwk().clone()]).to_value().to_string();
        assert_eq!(call.verify_jws(jws, set).unwrap().unwrap(), b"payload");
        let refused = call.sign_jws("mac".into(), Vec::new(), Vec::new(), false).unwrap();
        assert!(matches!(refused, Err(Error::NotAllowed(_))));
    }

    #[test]
    fn a_plugin_cannot_choose_the_algorithm_or_the_key_of_a_header() {
        let (mut call, _) = with_keys();
        for member in ["alg", "kid", "jwk", "jku", "crit"] {
            let header = vec![(member.to_owned(), "none".to_owned())];
            let refused = call.sign_jws("sign".into(), header, Vec::new(), false).unwrap();
            assert!(matches!(refused, Err(Error::Invalid(_))), "{member} passed");
        }
    }

    #[test]
    fn a_detached_signature_leaves_the_payload_out() {
        let (mut call, _) = with_keys();
        let jws = call.sign_jws("sign".into(), Vec::new(), b"payload".to_vec(), true).unwrap().unwrap();
        assert!(jws.contains(".."));
    }

    #[test]
    fn randomness_comes_from_the_port_and_digests_are_the_standards() {
        let (mut call, _) = with_keys();
        assert_eq!(call.random(3).unwrap().unwrap(), [9, 9, 9]);
        assert!(matches!(call.random(1025).unwrap(), Err(Error::Invalid(_))));
        let digest = call.digest(DigestAlgorithm::Sha256, b"abc".to_vec()).unwrap();
        assert_eq!(digest[..4], [0xba, 0x78, 0x16, 0xbf]);
        assert_eq!(call.digest(DigestAlgorithm::Sha384, Vec::new()).unwrap().len(), 48);
        assert_eq!(call.digest(DigestAlgorithm::Sha512, Vec::new()).unwrap().len(), 64);
        assert!(call.equal(b"a".to_vec(), b"a".to_vec()).unwrap());
        assert!(!call.equal(b"a".to_vec(), b"ab".to_vec()).unwrap());
    }

    #[test]
    fn only_what_a_key_of_the_set_signed_verifies() {
        let key = SigningKey::generate(Algorithm::Es256).unwrap();
        let other = SigningKey::generate(Algorithm::Es256).unwrap();
        let set = |key: &SigningKey| JwkSet::new(vec![key.public_jwk().clone()]).to_value().to_string();
        let jws = key.sign(&Header::typed("JWT"), br#"{"a":1}"#).unwrap();
        assert_eq!(verified(&jws, &set(&key)).unwrap(), br#"{"a":1}"#);
        assert!(verified(&jws, &set(&other)).is_err());
        assert!(verified(&jws[..jws.len() - 4], &set(&key)).is_err());
        assert!(verified(&jws, "{}").is_err());
    }

    #[test]
    fn what_the_host_computes_for_one_call_is_bounded() {
        let mut budget = Budget::default();
        assert!(budget.hash(8 << 20).is_ok());
        assert!(matches!(budget.hash(1), Err(Stopped::Quota(_))));
        assert!((0..16).all(|_| budget.sign().is_ok()));
        assert!(budget.sign().is_err());
    }
}
