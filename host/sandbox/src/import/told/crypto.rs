//! `esignet:host/crypto` that leaves notes: names of keys, sizes, and how it ended.

use super::{Note, Told, note, octets};
use crate::bindings::esignet::host::crypto::{Certificate, DigestAlgorithm, Error, Host};

type Given<T> = wasmtime::Result<Result<T, Error>>;

impl Told<'_> {
    /// Leaves the note of an answer, whatever it says of itself.
    fn answered<T>(&mut self, note: Note, answer: Given<T>, told: impl FnOnce(&T) -> String) -> Given<T> {
        let outcome = match &answer {
            Ok(Ok(value)) => told(value),
            Ok(Err(Error::NoSuchKey(_))) => "no such key".to_owned(),
            Ok(Err(Error::NotAllowed(_))) => "not allowed".to_owned(),
            Ok(Err(Error::Invalid(_))) => "invalid".to_owned(),
            Err(_ended) => "ended".to_owned(),
        };
        self.leave(note, outcome);
        answer
    }
}

fn bytes(value: &impl AsRef<[u8]>) -> String {
    octets(value.as_ref())
}

fn text(value: &impl AsRef<str>) -> String {
    octets(value.as_ref().as_bytes())
}

impl Host for Told<'_> {
    fn random(&mut self, length: u32) -> Given<Vec<u8>> {
        let note = note("crypto", "random", format!("{length} bytes"));
        let answer = Host::random(self.0, length);
        self.answered(note, answer, bytes)
    }

    fn digest(&mut self, algorithm: DigestAlgorithm, data: Vec<u8>) -> wasmtime::Result<Vec<u8>> {
        let name = match algorithm {
            DigestAlgorithm::Sha256 => "SHA-256",
            DigestAlgorithm::Sha384 => "SHA-384",
            DigestAlgorithm::Sha512 => "SHA-512",
        };
        let note = note("crypto", "digest", format!("{name} of {}", octets(&data)));
        let answer = Host::digest(self.0, algorithm, data);
        self.leave(note, answer.as_ref().map_or_else(|_| "ended".to_owned(), bytes));
        answer
    }

    fn hmac(&mut self, key: String, data: Vec<u8>) -> Given<Vec<u8>> {
        let note = note("crypto", "hmac", format!("{}, {}", self.name(&key), octets(&data)));
        let answer = Host::hmac(self.0, key, data);
        self.answered(note, answer, bytes)
    }

    fn equal(&mut self, a: Vec<u8>, b: Vec<u8>) -> wasmtime::Result<bool> {
        let note = note("crypto", "equal", format!("{} and {}", octets(&a), octets(&b)));
        let answer = Host::equal(self.0, a, b);
        self.leave(note, answer.as_ref().map_or_else(|_| "ended".to_owned(), bool::to_string));
        answer
    }

    fn seal(&mut self, key: String, associated: Vec<u8>, plain: Vec<u8>) -> Given<Vec<u8>> {
        let note = note("crypto", "seal", format!("{}, {}", self.name(&key), octets(&plain)));
        let answer = Host::seal(self.0, key, associated, plain);
        self.answered(note, answer, bytes)
    }

    fn open(&mut self, key: String, associated: Vec<u8>, sealed: Vec<u8>) -> Given<Vec<u8>> {
        let note = note("crypto", "open", format!("{}, {}", self.name(&key), octets(&sealed)));
        let answer = Host::open(self.0, key, associated, sealed);
        self.answered(note, answer, bytes)
    }

    fn encrypt_aes_gcm(
        &mut self,
        key: Vec<u8>,
        nonce: Vec<u8>,
        associated: Vec<u8>,
        plain: Vec<u8>,
    ) -> Given<Vec<u8>> {
        let note = note("crypto", "encrypt-aes-gcm", octets(&plain));
        let answer = Host::encrypt_aes_gcm(self.0, key, nonce, associated, plain);
        self.answered(note, answer, bytes)
    }

    fn decrypt_aes_gcm(
        &mut self,
        key: Vec<u8>,
        nonce: Vec<u8>,
        associated: Vec<u8>,
        ciphertext: Vec<u8>,
    ) -> Given<Vec<u8>> {
        let note = note("crypto", "decrypt-aes-gcm", octets(&ciphertext));
        let answer = Host::decrypt_aes_gcm(self.0, key, nonce, associated, ciphertext);
        self.answered(note, answer, bytes)
    }

    fn encrypt_rsa_oaep(&mut self, recipient: String, plain: Vec<u8>) -> Given<Vec<u8>> {
        let note = note("crypto", "encrypt-rsa-oaep", octets(&plain));
        let answer = Host::encrypt_rsa_oaep(self.0, recipient, plain);
        self.answered(note, answer, bytes)
    }

    fn encrypt_jwe(&mut self, recipient: String, content_type: Option<String>, plain: Vec<u8>) -> Given<String> {
        let note = note("crypto", "encrypt-jwe", octets(&plain));
        let answer = Host::encrypt_jwe(self.0, recipient, content_type, plain);
        self.answered(note, answer, text)
    }

    fn decrypt_jwe(&mut self, key: String, jwe: String) -> Given<Vec<u8>> {
        let note = note("crypto", "decrypt-jwe", format!("{}, {}", self.name(&key), octets(jwe.as_bytes())));
        let answer = Host::decrypt_jwe(self.0, key, jwe);
        self.answered(note, answer, bytes)
    }

    fn read_certificate(&mut self, certificate: Vec<u8>) -> Given<Certificate> {
        let note = note("crypto", "read-certificate", octets(&certificate));
        let answer = Host::read_certificate(self.0, certificate);
        self.answered(note, answer, |_| "read".to_owned())
    }

    fn sign_jws(
        &mut self,
        key: String,
        header: Vec<(String, String)>,
        payload: Vec<u8>,
        detached: bool,
        certificates: bool,
    ) -> Given<String> {
        let note = note("crypto", "sign-jws", format!("{}, {}", self.name(&key), octets(&payload)));
        let answer = Host::sign_jws(self.0, key, header, payload, detached, certificates);
        self.answered(note, answer, text)
    }

    fn verify_jws(&mut self, signed: String, jwks: String) -> Given<Vec<u8>> {
        let note = note("crypto", "verify-jws", octets(signed.as_bytes()));
        let answer = Host::verify_jws(self.0, signed, jwks);
        self.answered(note, answer, bytes)
    }
}
