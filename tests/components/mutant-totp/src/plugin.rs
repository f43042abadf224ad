//! The role, as the plugin has it, with the faults in their places.

use esignet_sdk::prelude::*;

use crate::flow::{Judge, Login};
use crate::settings::Settings;
use crate::{AMR, FACTOR, fault, secret};

/// The plugin.
pub struct MutantTotp;

impl AuthFactor for MutantTotp {
    fn describe() -> Result<AuthFactorDescriptor, Failure> {
        Settings::from_config()?;
        keyed(b"")?;
        let mutant = fault::chosen()?;
        let amr = if mutant == "announces-nothing" { Vec::new() } else { AMR.map(str::to_owned).to_vec() };
        Ok(AuthFactorDescriptor {
            factor: FACTOR.to_owned(),
            amr,
            needs_individual: true,
            attributes: vec![],
        })
    }

    fn begin(_: &Caller, individual: Option<&Individual>) -> Result<Step, Failure> {
        let mutant = fault::chosen()?;
        let individual = named(individual)?;
        let step = Login::new().ask(None, &Settings::from_config()?);
        Ok(fault::begun(&mutant, individual, step))
    }

    fn resume(
        _: &Caller,
        individual: Option<&Individual>,
        state: &[u8],
        input: Input,
    ) -> Result<Step, Failure> {
        let mutant = fault::chosen()?;
        let individual = named(individual)?;
        if let Some(step) = fault::instead(&mutant, individual, &input)? {
            return Ok(step);
        }
        let login = fault::restored(&mutant, Login::restore(state))?;
        let spend = fault::spending(&mutant);
        let step = fault::times(&mutant, clock::now()).map(|now| {
            let judge = Judge {
                settings: Settings::from_config()?,
                secret: secret::of(&fault::whose(&mutant, individual), keyed)?,
                now,
                equal: fault::equality(&mutant),
                spend: &spend,
            };
            login.clone().go_on(input.clone(), &judge)
        });
        let mut steps: Vec<Step> = step.collect::<Result<_, Failure>>()?;
        let proved = steps.iter().position(|step| matches!(step, Step::Proved(_))).unwrap_or(0);
        let step = if steps.is_empty() { None } else { Some(steps.swap_remove(proved)) };
        let step = step.ok_or_else(|| Failure::internal("there is no time"))?;
        Ok(fault::came(&mutant, &input, step))
    }
}

fn named(individual: Option<&Individual>) -> Result<&Individual, Failure> {
    individual.ok_or_else(|| Failure::internal("the factor TOTP begins when the person has named themselves"))
}

fn keyed(data: &[u8]) -> Result<Vec<u8>, Failure> {
    crypto::hmac(secret::KEY, data).map_err(Failure::from)
}

esignet_sdk::export!(MutantTotp as auth_factor);
