//! The imports as a component is linked to them: each hands on to the host, and tells the observer if there is one.

use std::borrow::Cow;
use std::time::Instant;

use wasmtime::component::HasData;

use super::CallState;
use crate::bindings::esignet::host::{cache, clock, config, crypto, http, log};
use crate::observer::{HostCall, LogLine};

/// The most characters of a name.
const SUBJECT_CHARS: usize = 256;

/// A call of a plugin, seen from its imports.
pub(crate) struct Observed<'a>(pub(super) &'a mut CallState);

/// For the linker.
pub(super) enum Watched {}

impl HasData for Watched {
    type Data<'a> = Observed<'a>;
}

pub(super) const fn observed(state: &mut CallState) -> Observed<'_> {
    Observed(state)
}

/// What came of a host's function, in a word.
type Answer = Result<Cow<'static, str>, String>;

/// A host's function, and when it began.
struct Begun {
    interface: &'static str,
    function: &'static str,
    subject: String,
    at: Instant,
}

impl CallState {
    /// Tells the observer of a line as the guest wrote it.
    pub(crate) fn tell_line(&self, level: &'static str, event: &str, fields: &[(String, String)]) {
        if let Some(observer) = self.plugin.sandbox.watch.observer() {
            observer.log_line(LogLine {
                number: self.number,
                plugin: self.plugin.id.clone(),
                level,
                event: event.to_owned(),
                fields: fields.to_vec(),
            });
        }
    }
}

impl Observed<'_> {
    /// Nothing when nobody watches, so that nothing is written for nobody.
    fn begin(
        &self,
        (interface, function): (&'static str, &'static str),
        subject: impl FnOnce() -> String,
    ) -> Option<Begun> {
        self.0.plugin.sandbox.watch.observer()?;
        let subject = self.0.personal.cut(&subject(), SUBJECT_CHARS);
        Some(Begun { interface, function, subject, at: Instant::now() })
    }

    fn end(&self, begun: Option<Begun>, answer: impl FnOnce() -> Answer) {
        let (Some(begun), Some(observer)) = (begun, self.0.plugin.sandbox.watch.observer()) else { return };
        let Begun { interface, function, subject, at } = begun;
        observer.host_call(HostCall {
            number: self.0.number,
            plugin: self.0.plugin.id.clone(),
            interface,
            function,
            subject,
            answer: answer(),
            elapsed: at.elapsed(),
        });
    }

    fn crypto<T>(
        &mut self,
        function: &'static str,
        subject: &str,
        act: impl FnOnce(&mut CallState) -> wasmtime::Result<Result<T, crypto::Error>>,
    ) -> wasmtime::Result<Result<T, crypto::Error>> {
        let begun = self.begin(("crypto", function), || subject.to_owned());
        let given = act(self.0);
        self.end(begun, || match &given {
            Ok(Ok(_)) => Ok("".into()),
            Ok(Err(
                crypto::Error::NoSuchKey(rule)
                | crypto::Error::NotAllowed(rule)
                | crypto::Error::Invalid(rule),
            )) => Err(rule.clone()),
            Err(error) => Err(error.to_string()),
        });
        given
    }
}

impl log::Host for Observed<'_> {
    fn log(
        &mut self,
        level: log::Level,
        event: String,
        fields: Vec<(String, String)>,
    ) -> wasmtime::Result<()> {
        self.0.log(level, event, fields)
    }
}

impl config::Host for Observed<'_> {
    fn get(&mut self, key: String) -> Option<String> {
        let begun = self.begin(("config", "get"), || key.clone());
        let given = config::Host::get(self.0, key);
        self.end(begun, || Ok(found(given.is_some())));
        given
    }
}

impl clock::Host for Observed<'_> {
    fn now(&mut self) -> u64 {
        let begun = self.begin(("clock", "now"), String::new);
        let now = self.0.now();
        self.end(begun, || Ok("".into()));
        now
    }
}

fn found(is: bool) -> Cow<'static, str> {
    if is { "found".into() } else { "absent".into() }
}

fn asked(request: &http::Request) -> String {
    format!("{}: {} {}", request.upstream, request.method, request.path)
}

fn exchanged(given: &Result<http::Response, http::Error>) -> Answer {
    match given {
        Ok(response) => Ok(response.status.to_string().into()),
        Err(http::Error::Denied(rule)) => Err(format!("denied: {rule}")),
        Err(http::Error::Timeout) => Err("timeout".to_owned()),
        Err(http::Error::Unreachable(reason)) => Err(format!("unreachable: {reason}")),
        Err(http::Error::TooLarge(bytes)) => Err(format!("larger than {bytes} bytes")),
        Err(http::Error::Invalid(rule)) => Err(format!("invalid: {rule}")),
    }
}

impl http::Host for Observed<'_> {
    async fn fetch(&mut self, request: http::Request) -> Result<http::Response, http::Error> {
        let begun = self.begin(("http", "fetch"), || asked(&request));
        let given = self.0.fetch(request).await;
        self.end(begun, || exchanged(&given));
        given
    }

    async fn fetch_all(&mut self, requests: Vec<http::Request>) -> Vec<Result<http::Response, http::Error>> {
        let begun: Vec<_> =
            requests.iter().map(|request| self.begin(("http", "fetch-all"), || asked(request))).collect();
        let given = self.0.fetch_all(requests).await;
        for (begun, given) in begun.into_iter().zip(&given) {
            self.end(begun, || exchanged(given));
        }
        given
    }
}

fn kept<T>(given: &Result<T, cache::Error>, word: impl FnOnce(&T) -> Cow<'static, str>) -> Answer {
    match given {
        Ok(value) => Ok(word(value)),
        Err(cache::Error::Quota) => Err("quota".to_owned()),
        Err(cache::Error::TooLarge(bytes)) => Err(format!("larger than {bytes} bytes")),
        Err(cache::Error::Unavailable) => Err("unavailable".to_owned()),
    }
}

// The keys of a cache may be made of what is somebody's: they are not told.
impl cache::Host for Observed<'_> {
    async fn get(&mut self, key: String) -> Result<Option<Vec<u8>>, cache::Error> {
        let begun = self.begin(("cache", "get"), String::new);
        let given = cache::Host::get(self.0, key).await;
        self.end(begun, || kept(&given, |value| found(value.is_some())));
        given
    }

    async fn put(&mut self, key: String, value: Vec<u8>, ttl_seconds: u32) -> Result<(), cache::Error> {
        let begun = self.begin(("cache", "put"), String::new);
        let given = self.0.put(key, value, ttl_seconds).await;
        self.end(begun, || kept(&given, |()| "".into()));
        given
    }

    async fn put_if_absent(
        &mut self,
        key: String,
        value: Vec<u8>,
        ttl_seconds: u32,
    ) -> Result<bool, cache::Error> {
        let begun = self.begin(("cache", "put-if-absent"), String::new);
        let given = self.0.put_if_absent(key, value, ttl_seconds).await;
        self.end(begun, || kept(&given, |put| if *put { "put".into() } else { "taken".into() }));
        given
    }

    async fn take(&mut self, key: String) -> Result<Option<Vec<u8>>, cache::Error> {
        let begun = self.begin(("cache", "take"), String::new);
        let given = self.0.take(key).await;
        self.end(begun, || kept(&given, |value| found(value.is_some())));
        given
    }
}

impl crypto::Host for Observed<'_> {
    fn random(&mut self, length: u32) -> wasmtime::Result<Result<Vec<u8>, crypto::Error>> {
        self.crypto("random", "", |state| state.random(length))
    }

    fn digest(&mut self, algorithm: crypto::DigestAlgorithm, data: Vec<u8>) -> wasmtime::Result<Vec<u8>> {
        let begun = self.begin(("crypto", "digest"), String::new);
        let given = self.0.digest(algorithm, data);
        self.end(begun, || given.as_ref().map(|_| "".into()).map_err(ToString::to_string));
        given
    }

    fn hmac(&mut self, key: String, data: Vec<u8>) -> wasmtime::Result<Result<Vec<u8>, crypto::Error>> {
        self.crypto("hmac", &key.clone(), |state| state.hmac(key, data))
    }

    fn equal(&mut self, a: Vec<u8>, b: Vec<u8>) -> wasmtime::Result<bool> {
        let begun = self.begin(("crypto", "equal"), String::new);
        let given = self.0.equal(a, b);
        self.end(begun, || given.as_ref().map(|_| "".into()).map_err(ToString::to_string));
        given
    }

    fn seal(
        &mut self,
        key: String,
        associated: Vec<u8>,
        plain: Vec<u8>,
    ) -> wasmtime::Result<Result<Vec<u8>, crypto::Error>> {
        self.crypto("seal", &key.clone(), |state| state.seal(key, associated, plain))
    }

    fn open(
        &mut self,
        key: String,
        associated: Vec<u8>,
        sealed: Vec<u8>,
    ) -> wasmtime::Result<Result<Vec<u8>, crypto::Error>> {
        self.crypto("open", &key.clone(), |state| state.open(key, associated, sealed))
    }

    fn encrypt_aes_gcm(
        &mut self,
        key: Vec<u8>,
        nonce: Vec<u8>,
        associated: Vec<u8>,
        plain: Vec<u8>,
    ) -> wasmtime::Result<Result<Vec<u8>, crypto::Error>> {
        self.crypto("encrypt-aes-gcm", "", |state| state.encrypt_aes_gcm(key, nonce, associated, plain))
    }

    fn decrypt_aes_gcm(
        &mut self,
        key: Vec<u8>,
        nonce: Vec<u8>,
        associated: Vec<u8>,
        ciphertext: Vec<u8>,
    ) -> wasmtime::Result<Result<Vec<u8>, crypto::Error>> {
        self.crypto("decrypt-aes-gcm", "", |state| state.decrypt_aes_gcm(key, nonce, associated, ciphertext))
    }

    fn encrypt_rsa_oaep(
        &mut self,
        recipient: String,
        plain: Vec<u8>,
    ) -> wasmtime::Result<Result<Vec<u8>, crypto::Error>> {
        self.crypto("encrypt-rsa-oaep", "", |state| state.encrypt_rsa_oaep(recipient, plain))
    }

    fn encrypt_jwe(
        &mut self,
        recipient: String,
        content_type: Option<String>,
        plain: Vec<u8>,
    ) -> wasmtime::Result<Result<String, crypto::Error>> {
        self.crypto("encrypt-jwe", "", |state| state.encrypt_jwe(recipient, content_type, plain))
    }

    fn decrypt_jwe(&mut self, key: String, jwe: String) -> wasmtime::Result<Result<Vec<u8>, crypto::Error>> {
        self.crypto("decrypt-jwe", &key.clone(), |state| state.decrypt_jwe(key, jwe))
    }

    fn sign_jws(
        &mut self,
        key: String,
        header: Vec<(String, String)>,
        payload: Vec<u8>,
        detached: bool,
        certificates: bool,
    ) -> wasmtime::Result<Result<String, crypto::Error>> {
        let named = key.clone();
        self.crypto("sign-jws", &named, |state| state.sign_jws(key, header, payload, detached, certificates))
    }

    fn verify_jws(
        &mut self,
        signed: String,
        jwks: String,
    ) -> wasmtime::Result<Result<Vec<u8>, crypto::Error>> {
        self.crypto("verify-jws", "", |state| state.verify_jws(signed, jwks))
    }

    fn read_certificate(
        &mut self,
        certificate: Vec<u8>,
    ) -> wasmtime::Result<Result<crypto::Certificate, crypto::Error>> {
        self.crypto("read-certificate", "", |state| state.read_certificate(certificate))
    }
}
