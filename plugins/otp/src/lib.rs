//! The factor OTP: the ID system sends a one-time code, the person types it, the ID system judges it.
//!
//! [`flow`] decides, over plain values; [`form`] words the question; this file reads the configuration and the clock.

mod flow;
mod form;
mod settings;

use esignet_sdk::prelude::*;

use flow::Login;
use settings::Settings;

/// The word of the acr mapping for this factor.
const FACTOR: &str = "OTP";
/// Authentication method references: RFC 8176 §2, a one-time password.
const AMR: [&str; 1] = ["otp"];

/// The plugin.
pub struct Otp;

impl AuthFactor for Otp {
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
            return Err(Failure::internal("the factor OTP begins when the person has named themselves"));
        }
        Ok(Login::new().deliver(&Settings::from_config()?))
    }

    fn resume(
        _caller: &Caller,
        _individual: Option<&Individual>,
        state: &[u8],
        input: Input,
    ) -> Result<Step, Failure> {
        Login::restore(state)?.go_on(input, &Settings::from_config()?, clock::now())
    }
}

esignet_sdk::export!(Otp as auth_factor);
