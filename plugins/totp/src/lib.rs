//! The factor TOTP: the person types the code that their authenticator app shows now (RFC 6238), and it is judged here.
//!
//! Nothing is stored about anybody: the secret of a person is derived, when it is needed, from a key that stays with the host.
//!
//! | What | File |
//! |---|---|
//! | a person's secret | `secret.rs` |
//! | the code of a moment | `code.rs` |
//! | one login: what has happened, what should happen next | `flow.rs` |
//! | the question | `form.rs` |
//! | what the operator can set | `settings.rs` |

mod code;
mod flow;
mod form;
mod secret;
mod settings;

use esignet_sdk::prelude::*;

use flow::{Judge, Login};
use settings::Settings;

/// The word of the acr mapping for this factor.
const FACTOR: &str = "TOTP";
/// Authentication method references: RFC 8176 §2, a one-time password.
const AMR: [&str; 1] = ["otp"];

/// The plugin.
pub struct Totp;

impl AuthFactor for Totp {
    fn describe() -> Result<AuthFactorDescriptor, Failure> {
        Settings::from_config()?;
        // Whoever lacks the key learns it now, and not when somebody signs in.
        keyed(b"")?;
        Ok(AuthFactorDescriptor {
            factor: FACTOR.to_owned(),
            amr: AMR.map(str::to_owned).to_vec(),
            needs_individual: true,
            attributes: Vec::new(),
        })
    }

    fn begin(_caller: &Caller, individual: Option<&Individual>) -> Result<Step, Failure> {
        named(individual)?;
        Ok(Login::new().ask(None, &Settings::from_config()?))
    }

    fn resume(
        _caller: &Caller,
        individual: Option<&Individual>,
        state: &[u8],
        input: Input,
    ) -> Result<Step, Failure> {
        let judge = Judge {
            settings: Settings::from_config()?,
            secret: secret::of(named(individual)?, keyed)?,
            now: clock::now(),
            equal: crypto::equal,
            spend: &spend,
        };
        Login::restore(state)?.go_on(input, &judge)
    }
}

fn named(individual: Option<&Individual>) -> Result<&Individual, Failure> {
    individual.ok_or_else(|| Failure::internal("the factor TOTP begins when the person has named themselves"))
}

/// HMAC-SHA-256 by the operator's key, which never comes here.
fn keyed(data: &[u8]) -> Result<Vec<u8>, Failure> {
    crypto::hmac(secret::KEY, data).map_err(|error| match error {
        crypto::Error::NoSuchKey(_) => Failure::misconfigured(
            "there is no key `totp`: add [plugins.\"totp\".keys.totp] with use = \"hmac\" and file = the secret's file",
        ),
        other @ (crypto::Error::NotAllowed(_) | crypto::Error::Invalid(_)) => other.into(),
    })
}

/// Marks a code as used; false if it already was. Where that cannot be told nobody gets in (RFC 6238 §5.2).
fn spend(mark: &str, seconds: u32) -> Result<bool, Failure> {
    cache::put_if_absent(mark, &[1], seconds).map_err(|error| {
        let why = match error {
            cache::Error::Quota => "the plugin's cache is full",
            cache::Error::TooLarge(_) => "the mark is too large for the plugin's cache",
            cache::Error::Unavailable => "the plugin's cache does not answer",
        };
        Failure::unavailable(format!("a code cannot be marked as used: {why}"))
    })
}

esignet_sdk::export!(Totp as auth_factor);
