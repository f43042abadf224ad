//! The factor PWD: the person types a password, the ID system judges it. What was typed is in no log and in no state.
//!
//! [`flow`] decides, over plain values; [`form`] words the question; this file reads the configuration.

mod flow;
mod form;
mod settings;

use esignet_sdk::prelude::*;

use flow::Login;
use settings::Settings;

/// The word of the acr mapping for this factor.
const FACTOR: &str = "PWD";
/// Authentication method references: RFC 8176 §2, a password.
const AMR: [&str; 1] = ["pwd"];

/// The plugin.
pub struct Password;

impl AuthFactor for Password {
    fn describe() -> Result<AuthFactorDescriptor, Failure> {
        Settings::from_config()?;
        Ok(AuthFactorDescriptor {
            factor: FACTOR.to_owned(),
            amr: AMR.map(str::to_owned).to_vec(),
            needs_individual: true,
            attributes: Vec::new(),
        })
    }

    fn begin(_caller: &Caller, individual: Option<&Individual>) -> Result<Step, Failure> {
        if individual.is_none() {
            return Err(Failure::internal("the factor PWD begins when the person has named themselves"));
        }
        Ok(Login::new().ask(None, &Settings::from_config()?))
    }

    fn resume(
        _caller: &Caller,
        _individual: Option<&Individual>,
        state: &[u8],
        input: Input,
    ) -> Result<Step, Failure> {
        Login::restore(state)?.go_on(input, &Settings::from_config()?)
    }
}

esignet_sdk::export!(Password as auth_factor);
