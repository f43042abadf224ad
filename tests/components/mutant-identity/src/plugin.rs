//! The role, as the plugin has it, with the faults in their places.

use esignet_sdk::prelude::*;

use crate::register::{Register, Settings};
use crate::{claims, fault, people, register as of_plugin, verified};

/// The plugin.
pub struct MutantIdentity;

impl IdSystem for MutantIdentity {
    fn describe() -> Result<IdSystemDescriptor, Failure> {
        let mutant = fault::chosen()?;
        let people = people_json();
        register(&mutant)?.check(people.as_deref())?;
        let everyone = people::all(people.as_deref())?;
        Ok(fault::described(
            &mutant,
            IdSystemDescriptor {
                factors: of_plugin::FACTORS
                    .map(|(factor, format)| JudgedFactor::new(factor, &[format]))
                    .to_vec(),
                individual_kinds: vec![of_plugin::INDIVIDUAL_KIND.to_owned()],
                otp_channels: of_plugin::CHANNELS.map(str::to_owned).to_vec(),
                claims: claims::NAMES.map(str::to_owned).to_vec(),
                claims_locales: claims::languages(&everyone),
                verified: verified::offer(&everyone),
                attributes: Vec::new(),
            },
        ))
    }

    fn send_otp(_: &Caller, individual: &Individual, channels: &[String]) -> Result<OtpReceipt, Failure> {
        let mutant = fault::chosen()?;
        let people = people_json();
        let person = people::find(people.as_deref(), individual)?;
        let channels = if mutant == "any-channel" { &[] } else { channels };
        let receipt = register(&mutant)?.send_otp(individual, person.as_ref(), channels)?;
        fault::sent(&mutant, person.as_ref(), receipt)
    }

    fn authenticate(
        caller: &Caller,
        individual: &Individual,
        proofs: &[Proof],
        evidence: &[Evidence],
    ) -> Result<Authenticated, Failure> {
        let mutant = fault::chosen()?;
        let people = people_json();
        let person = people::find(people.as_deref(), individual)?;
        fault::before(&mutant, individual, proofs)?;
        let (judged, counted) = fault::judged(&mutant, proofs, evidence);
        let register = register(&mutant)?;
        let given = register.authenticate(individual, person.as_ref(), (&judged, &counted));
        let given = fault::refused(&mutant, person.is_some(), proofs, given)?;
        fault::accepted(&mutant, (caller, proofs), given)
    }

    fn release_claims(
        caller: &Caller,
        continuation: &[u8],
        request: &ClaimsRequest,
    ) -> Result<Claims, Failure> {
        let mutant = fault::chosen()?;
        let people = people_json();
        let individual = fault::continued(&mutant, of_plugin::continued(continuation))?;
        let person = people::find(people.as_deref(), &individual)?
            .ok_or_else(|| Failure::internal("the person is not in the register"))?;
        let (names, languages) = fault::wanted(&mutant, request, caller);
        let mut released = claims::release(&person, &names, &languages);
        let verified = verified::release(&person, &request.verified()?, &languages);
        if !verified.is_empty() {
            released.insert("verified_claims".to_owned(), verified.into());
        }
        Ok(fault::released(&mutant, released))
    }
}

fn people_json() -> Option<String> {
    config::get("people")
}

fn register(mutant: &str) -> Result<Register, Failure> {
    let usual = Settings::default();
    let (otp, pin) = (config::parse_or("otp", usual.otp)?, config::parse_or("pin", usual.pin)?);
    let settings = Settings { otp, pin, ..Settings::default() };
    Ok(Register { settings, sha256: crypto::sha256, equal: fault::equality(mutant) })
}

esignet_sdk::export!(MutantIdentity as id_system);
