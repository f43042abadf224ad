//! An ID system behind any JSON REST interface, by configuration alone.
//!
//! The operator says what to ask the registry and how to read what it answers; this plugin fills in, asks, and reads. What
//! people type goes into requests escaped for the place where it stands, and never decides what that place is.
//!
//! | What | File |
//! |---|---|
//! | what the operator says | `settings.rs`, `setting.rs` |
//! | what is asked, and what answers come to | `registry.rs` |
//! | a request: its parts, and what they may name | `endpoint.rs`, `path.rs`, `body.rs`, `template.rs`, `placeholder.rs` |
//! | an answer: yes or no, and places in it | `verdict.rs`, `pointer.rs` |
//! | that a code was sent | `receipt.rs` |
//! | claims: how they are made, and which are released | `mapping.rs`, `date.rs`, `record.rs` |
//! | what is kept between authentication and release | `continuation.rs` |

mod body;
mod continuation;
mod date;
mod endpoint;
mod mapping;
mod path;
mod placeholder;
mod pointer;
mod receipt;
mod record;
mod registry;
mod setting;
mod settings;
mod template;
mod verdict;

use esignet_sdk::prelude::*;
use serde_json::Value;

use endpoint::Outgoing;
use registry::Registry;
use settings::Settings;
use verdict::Answer;

/// The plugin.
pub struct RestIdentity;

impl IdSystem for RestIdentity {
    fn describe() -> Result<IdSystemDescriptor, Failure> {
        let settings = Settings::read(&config::get)?;
        if settings.receipts.makes_up() {
            // Whoever lacks the key learns it now, and not when somebody signs in.
            keyed(b"")?;
        }
        let formats = |formats: &Vec<String>| formats.clone();
        let factors = settings.factors.iter();
        Ok(IdSystemDescriptor {
            factors: factors
                .map(|(factor, known)| JudgedFactor { factor: factor.clone(), formats: formats(known) })
                .collect(),
            individual_kinds: settings.individual_kinds,
            otp_channels: settings.otp_channels,
            claims: settings.records.names(),
            claims_locales: settings.records.languages(),
            verified: settings.records.offer(),
            attributes: Vec::new(),
        })
    }

    fn send_otp(
        caller: &Caller,
        individual: &Individual,
        channels: &[String],
    ) -> Result<OtpReceipt, Failure> {
        let settings = Settings::read(&config::get)?;
        registry(&settings).send_otp(caller, individual, channels)
    }

    fn authenticate(
        caller: &Caller,
        individual: &Individual,
        proofs: &[Proof],
        evidence: &[Evidence],
    ) -> Result<Authenticated, Failure> {
        let settings = Settings::read(&config::get)?;
        let registry = registry(&settings);
        let (authenticated, unexpected) = registry.authenticate(caller, individual, (proofs, evidence))?;
        warn(&unexpected);
        Ok(authenticated)
    }

    fn release_claims(
        caller: &Caller,
        continuation: &[u8],
        request: &ClaimsRequest,
    ) -> Result<Claims, Failure> {
        let settings = Settings::read(&config::get)?;
        let registry = registry(&settings);
        let (released, unexpected) = registry.release_claims(caller, continuation, request)?;
        warn(&unexpected);
        Ok(released)
    }
}

fn registry(settings: &Settings) -> Registry<'_> {
    Registry { settings, ask: &ask, keyed: &keyed, now: clock::now() }
}

/// Names of claims, never what is in them.
fn warn(unexpected: &[&str]) {
    if !unexpected.is_empty() {
        log::warn("claims-not-as-mapped", &[("claims", &unexpected.join(" "))]);
    }
}

fn ask(outgoing: &Outgoing) -> Result<Answer, Failure> {
    let mut request = http::upstream(&outgoing.upstream).request(&outgoing.method, &outgoing.path);
    for (name, value) in &outgoing.query {
        request = request.query(name, value);
    }
    for (name, value) in &outgoing.headers {
        request = request.header(name, value);
    }
    if let Some(body) = &outgoing.body {
        request = request.body(body.to_string());
    }
    if let Some(milliseconds) = outgoing.timeout_ms {
        request = request.timeout_ms(milliseconds);
    }
    let response = request.send()?;
    // Whether there has to be JSON is for the rules to say: an answer without content can be a yes.
    let document = serde_json::from_slice(&response.body).unwrap_or(Value::Null);
    Ok(Answer { status: response.status, document })
}

/// HMAC-SHA-256 by the operator's key, which never comes here.
fn keyed(data: &[u8]) -> Result<Vec<u8>, Failure> {
    crypto::hmac(receipt::KEY, data).map_err(|error| match error {
        crypto::Error::NoSuchKey(_) => setting::unusable(
            "receipt.targets",
            "`made-up` needs a key: add [plugins.\"rest-identity\".keys.mask] with use = \"hmac\" and file = the secret's file",
        ),
        other @ (crypto::Error::NotAllowed(_) | crypto::Error::Invalid(_)) => other.into(),
    })
}

esignet_sdk::export!(RestIdentity as id_system);
