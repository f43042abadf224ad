//! The factor OTP: a one-time code goes to the person, they type it, and it is judged.
//!
//! With `codes = "id-system"`, the default, the ID system sends and judges the codes ([`flow`]); with `codes = "own"` this
//! plugin makes them, has a gateway send them and judges them ([`own`]). [`form`] words the question; this file reads the
//! configuration and reaches the host.

mod flow;
mod form;
mod own;
mod settings;

use esignet_sdk::prelude::*;

use flow::Login;
use own::Desk;
use own::address::Channel;
use own::gateway::{Answer as GatewaysAnswer, Outgoing};
use settings::Settings;

/// The word of the acr mapping for this factor.
const FACTOR: &str = "OTP";
/// Authentication method references: RFC 8176 §2, a one-time password.
const AMR: [&str; 1] = ["otp"];
/// The name of the operator's key for codes of our own.
const KEY: &str = "codes";

/// The plugin.
pub struct Otp;

impl AuthFactor for Otp {
    fn describe() -> Result<AuthFactorDescriptor, Failure> {
        let mut descriptor = AuthFactorDescriptor {
            factor: FACTOR.to_owned(),
            amr: AMR.map(str::to_owned).to_vec(),
            needs_individual: true,
            attributes: Vec::new(),
        };
        match Settings::from_config()? {
            Settings::IdSystem(_) => {}
            Settings::Own(own) => {
                // Whoever lacks the key or a gateway learns it now, and not when somebody signs in.
                keyed(b"")?;
                own.gateways
                    .iter()
                    .try_for_each(|(channel, gateway)| is_granted(*channel, gateway.method()))?;
                if own.gateways.contains_key(&Channel::Sms) {
                    descriptor.amr.push(own::SMS.to_owned());
                }
                descriptor.attributes.push(Attribute::new(SENDS_CODES, "true"));
                descriptor.attributes.push(Attribute::new(JUDGED_BY, "self"));
            }
        }
        Ok(descriptor)
    }

    fn begin(caller: &Caller, individual: Option<&Individual>) -> Result<Step, Failure> {
        let individual = named(individual)?;
        match Settings::from_config()? {
            Settings::IdSystem(settings) => Ok(Login::new().deliver(&settings)),
            Settings::Own(own) => own::begin(individual, &desk(&own, caller)),
        }
    }

    fn resume(
        caller: &Caller,
        individual: Option<&Individual>,
        state: &[u8],
        input: Input,
    ) -> Result<Step, Failure> {
        let individual = named(individual)?;
        match Settings::from_config()? {
            Settings::IdSystem(settings) => Login::restore(state)?.go_on(input, &settings, clock::now()),
            Settings::Own(own) => own::resume(individual, state, input, &desk(&own, caller)),
        }
    }
}

fn named(individual: Option<&Individual>) -> Result<&Individual, Failure> {
    individual.ok_or_else(|| Failure::internal("the factor OTP begins when the person has named themselves"))
}

fn desk<'a>(settings: &'a own::settings::Own, caller: &'a Caller) -> Desk<'a> {
    Desk {
        settings,
        transaction: &caller.transaction,
        locale: &caller.locale,
        now: clock::now(),
        draw: &|count| crypto::random(count).map_err(Failure::from),
        keyed: &keyed,
        equal: crypto::equal,
        send: &send,
    }
}

/// HMAC-SHA-256 by the operator's key, which never comes here.
fn keyed(data: &[u8]) -> Result<Vec<u8>, Failure> {
    crypto::hmac(KEY, data).map_err(|error| match error {
        crypto::Error::NoSuchKey(_) => Failure::misconfigured(
            "there is no key `codes`: add [plugins.\"otp\".keys.codes] with use = \"hmac\" and file = the secret's file",
        ),
        other @ (crypto::Error::NotAllowed(_) | crypto::Error::Invalid(_)) => other.into(),
    })
}

/// Whether the operator granted the gateway of a channel. No path is empty, so the host says what it has against the request
/// and makes none.
fn is_granted(channel: Channel, method: &str) -> Result<(), Failure> {
    match http::upstream(channel.word()).request(method, "").send() {
        Err(http::Error::Denied(rule)) => {
            let word = channel.word();
            Err(Failure::misconfigured(format!(
                "there is `send.{word}` and no way to {method} to the upstream `{word}`: {rule}"
            )))
        }
        Ok(_)
        | Err(
            http::Error::Invalid(_)
            | http::Error::Timeout
            | http::Error::Unreachable(_)
            | http::Error::TooLarge(_),
        ) => Ok(()),
    }
}

fn send(outgoing: &Outgoing) -> Result<GatewaysAnswer, Failure> {
    let mut request = http::upstream(outgoing.upstream).request(&outgoing.method, &outgoing.path);
    for (name, value) in &outgoing.query {
        request = request.query(name, value);
    }
    for (name, value) in &outgoing.headers {
        request = request.header(name, value);
    }
    let response = request.body(outgoing.body.clone()).send()?;
    let retry_after = response.header("retry-after").and_then(|seconds| seconds.trim().parse().ok());
    Ok(GatewaysAnswer { status: response.status, retry_after })
}

esignet_sdk::export!(Otp as auth_factor);
