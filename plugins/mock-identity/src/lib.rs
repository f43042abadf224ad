//! An ID system of made-up people, for demonstrations and tests.
//!
//! It also binds keys to them ([`binding`]).
//!
//! Its codes, PINs and passwords are known to everyone, so it says in the log that it is in use whenever it is loaded. [`register`] decides, over
//! plain values; [`people`] reads who there is; this file reads the configuration.

mod binding;
mod claims;
mod people;
mod register;
mod verified;

use esignet_sdk::prelude::*;

use register::{Register, Settings};

/// The plugin.
pub struct MockIdentity;

impl IdSystem for MockIdentity {
    fn describe() -> Result<IdSystemDescriptor, Failure> {
        let people = people_json();
        let register = register()?;
        register.check(people.as_deref())?;
        let everyone = people::all(people.as_deref())?;
        log::warn(
            "mock-identity-in-use",
            &[("meaning", "anyone can sign in as anyone: never in production")],
        );
        Ok(IdSystemDescriptor {
            factors: register::FACTORS.map(|(factor, format)| JudgedFactor::new(factor, &[format])).to_vec(),
            individual_kinds: register
                .settings
                .individual_kinds
                .iter()
                .map(|kind| told(kind))
                .collect::<Result<_, _>>()?,
            otp_channels: register::CHANNELS.map(str::to_owned).to_vec(),
            claims: claims::NAMES.map(str::to_owned).to_vec(),
            claims_locales: claims::languages(&everyone),
            verified: verified::offer(&everyone),
            attributes: Vec::new(),
        })
    }

    fn send_otp(_: &Caller, individual: &Individual, channels: &[String]) -> Result<OtpReceipt, Failure> {
        let (register, individual) = (register()?, known(individual)?);
        let person = register.person(people_json().as_deref(), &individual)?;
        register.send_otp(&individual, person.as_ref(), channels)
    }

    fn authenticate(
        _: &Caller,
        individual: &Individual,
        proofs: &[Proof],
        evidence: &[Evidence],
    ) -> Result<Authenticated, Failure> {
        let register = register()?;
        let person = register.person(people_json().as_deref(), &known(individual)?)?;
        register.authenticate(person.as_ref(), (proofs, evidence))
    }

    fn release_claims(
        caller: &Caller,
        continuation: &[u8],
        request: &ClaimsRequest,
    ) -> Result<Claims, Failure> {
        let people = people_json();
        let individual = register::continued(continuation)?;
        let person = people::find(people.as_deref(), &individual)?.ok_or_else(|| {
            Failure::internal("the person left the register between authentication and release")
        })?;
        let mut released = claims::release(&person, &request.claims, &caller.claims_locales);
        let verified = verified::release(&person, &request.verified()?, &caller.claims_locales);
        if !verified.is_empty() {
            released.insert("verified_claims".to_owned(), verified.into());
        }
        Ok(released)
    }
}

impl KeyBinder for MockIdentity {
    fn describe() -> Result<KeyBinderDescriptor, Failure> {
        Ok(KeyBinderDescriptor::new(&binding::ALGORITHMS, &[binding::FORMAT]))
    }

    fn bind(_: &Caller, person: &Person, public_jwk: &str) -> Result<Binding, Failure> {
        // It is the ID system of the login, too, and knows from there who it is.
        let individual = register::continued(&person.continuation)?;
        if people::find(people_json().as_deref(), &individual)?.is_none() {
            return Err(Rejection::unknown().into());
        }
        let statement = binding::Statement {
            issuer: config::get("binding-issuer")
                .unwrap_or_else(|| "https://mock-identity.example".to_owned()),
            days: config::parse_or("binding-days", 10)?,
            now: clock::now(),
            sha256: crypto::sha256,
        };
        let claims = statement.claims(&person.subject, public_jwk)?;
        let header = [("typ", binding::TYPE)];
        Ok(Binding {
            format: binding::FORMAT.to_owned(),
            credential: crypto::sign_jws(binding::KEY, &header, &claims)?,
            id: statement.id(&person.subject, public_jwk),
            expires_at: statement.expires_at(),
            attributes: Vec::new(),
        })
    }
}

fn people_json() -> Option<String> {
    config::get("people")
}

/// What the operator calls the number of a person, so that several of these registers can be beside each other.
fn number_kind() -> Result<String, Failure> {
    config::parse_or("number-kind", register::UIN.to_owned())
}

/// What others call a kind of identifier.
fn told(kind: &str) -> Result<String, Failure> {
    if kind == register::UIN { number_kind() } else { Ok(kind.to_owned()) }
}

/// The identifier under our own word for its kind; a number under a word that is not ours is nobody's.
fn known(individual: &Individual) -> Result<Individual, Failure> {
    let kind = if individual.kind == number_kind()? {
        register::UIN.to_owned()
    } else if individual.kind == register::UIN {
        String::new()
    } else {
        individual.kind.clone()
    };
    Ok(Individual { kind, ..individual.clone() })
}

fn register() -> Result<Register, Failure> {
    let default = Settings::default();
    let settings = Settings {
        otp: config::parse_or("otp", default.otp)?,
        pin: config::parse_or("pin", default.pin)?,
        password: config::parse_or("password", default.password)?,
        individual_kinds: config::parse_or("individual-kinds", default.individual_kinds)?,
        subject_salt: config::parse_or("subject-salt", default.subject_salt)?,
        valid_seconds: config::parse_or("valid-seconds", default.valid_seconds)?,
        resend_after_seconds: config::parse_or("resend-after-seconds", default.resend_after_seconds)?,
        evidence: config::parse_or("evidence", default.evidence)?,
    };
    Ok(Register { settings, sha256: crypto::sha256, equal: crypto::equal })
}

esignet_sdk::export!(MockIdentity as id_system, key_binder);
