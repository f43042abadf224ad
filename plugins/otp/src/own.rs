//! Codes of the factor's own: made by the host's randomness, sent through a gateway, judged here.
//!
//! A code goes to the address that the person named themselves by, whoever they are: nobody is asked whether there is such a
//! person, so nobody can find out. What is proved is that they read what comes to that address. Whether it is the address
//! of somebody is for the ID system to say, and the evidence names it.
//!
//! | What | File |
//! |---|---|
//! | an address, and what of it may be shown | `address.rs` |
//! | a code, and what is kept of it | `code.rs` |
//! | the words of a message | `text.rs` |
//! | texts with placeholders | `template.rs` |
//! | the request to a gateway, and what its answer means | `gateway.rs` |
//! | what the operator can set | `settings.rs` |

pub(crate) mod address;
pub(crate) mod code;
pub(crate) mod gateway;
pub(crate) mod settings;
mod template;
mod text;

use esignet_sdk::prelude::*;
use serde::{Deserialize, Serialize};

use crate::form::{FIELD, form};
use crate::{AMR, FACTOR};
use address::{Address, Channel, NoAddress};
use gateway::{Message, Outcome, Outgoing};
use settings::Own;

/// The version of the state that this version of the plugin writes and reads.
const VERSION: u8 = 1;
/// Authentication method references: RFC 8176 §2, a text message to the user at a registered number.
pub(crate) const SMS: &str = "sms";

/// What has happened in this login. It travels between calls as the step's state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Login {
    /// The version of this form: another version of the plugin may have written it.
    version: u8,
    /// How many codes were sent, or may have been.
    sends: u8,
    /// How many were judged.
    tries: u8,
    /// When another may be asked for, in seconds since 1970.
    resend_at: u64,
    /// The last one that is on its way.
    code: Option<Kept>,
}

/// What is kept of a code: nothing that it could be found by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    /// HMAC over the code and what it is for, in hexadecimal digits.
    tag: String,
    /// In seconds since 1970.
    good_until: u64,
}

/// Draws so many octets.
pub(crate) type Draw<'a> = &'a dyn Fn(u32) -> Result<Vec<u8>, Failure>;
/// HMAC by the operator's key.
pub(crate) type Keyed<'a> = &'a dyn Fn(&[u8]) -> Result<Vec<u8>, Failure>;
/// Makes a request to the gateway of a channel.
pub(crate) type Send<'a> = &'a dyn Fn(&Outgoing) -> Result<gateway::Answer, Failure>;

/// What a code is made, sent and judged by: the operator's settings, whose login it is, the time, and the host's functions.
pub(crate) struct Desk<'a> {
    pub(crate) settings: &'a Own,
    /// The login.
    pub(crate) transaction: &'a str,
    /// The language that the person reads.
    pub(crate) locale: &'a str,
    /// Seconds since 1970.
    pub(crate) now: u64,
    pub(crate) draw: Draw<'a>,
    pub(crate) keyed: Keyed<'a>,
    /// Equality in constant time.
    pub(crate) equal: fn(&[u8], &[u8]) -> bool,
    pub(crate) send: Send<'a>,
}

/// Begins a login: a code goes to the address that the person named themselves by.
pub(crate) fn begin(individual: &Individual, desk: &Desk<'_>) -> Result<Step, Failure> {
    match Address::of(individual, desk.settings) {
        Ok(address) => {
            Login { version: VERSION, sends: 0, tries: 0, resend_at: 0, code: None }.deliver(&address, desk)
        }
        Err(NoAddress::Malformed) => Ok(Step::Refused(Rejection::new("malformed"))),
        Err(NoAddress::Elsewhere) => Ok(Step::Refused(Rejection::unknown())),
    }
}

/// Goes on with the state of the last step and what came of it.
pub(crate) fn resume(
    individual: &Individual,
    state: &[u8],
    input: Input,
    desk: &Desk<'_>,
) -> Result<Step, Failure> {
    let login = Login::restore(state)?;
    let address = Address::of(individual, desk.settings)
        .map_err(|_| Failure::internal("the login began with an address, and now there is none"))?;
    login.go_on(&address, input, desk)
}

impl Login {
    fn restore(state: &[u8]) -> Result<Self, Failure> {
        match serde_json::from_slice(state) {
            Ok(login @ Self { version: VERSION, .. }) => Ok(login),
            _ => Err(Failure::internal(format!("the factor's state is not of version {VERSION}"))),
        }
    }

    fn go_on(mut self, address: &Address, input: Input, desk: &Desk<'_>) -> Result<Step, Failure> {
        match input {
            Input::Answers(answers) => self.judge(address, &answers, desk),
            Input::Resend => match self.resend_at.saturating_sub(desk.now) {
                0 => self.deliver(address, desk),
                seconds => {
                    let seconds = u32::try_from(seconds).unwrap_or(u32::MAX);
                    Ok(self.ask(address, Some(Rejection::new("too-soon").retry_after(seconds)), desk))
                }
            },
            // The host let no more codes go to this person; an earlier one may still be good.
            Input::OtpNotSent(rejection) if self.code.is_some() => {
                self.resend_at = desk.now.saturating_add(rejection.retry_after_seconds.unwrap_or(0).into());
                Ok(self.ask(address, Some(rejection), desk))
            }
            // The ID system judges no code of ours; what it rejects is the person, the address or another factor.
            Input::OtpNotSent(rejection) | Input::Rejected(rejection) => Ok(Step::Refused(rejection)),
            Input::OtpSent(_) | Input::Waited => {
                Err(Failure::internal("the factor OTP neither pauses nor has others send its codes"))
            }
        }
    }

    /// Sends a code, if one more may be sent in this login.
    fn deliver(mut self, address: &Address, desk: &Desk<'_>) -> Result<Step, Failure> {
        let settings = desk.settings;
        if self.sends >= settings.max_sends {
            return Ok(Step::Refused(Rejection::locked()));
        }
        self.sends += 1;
        self.resend_at = desk.now.saturating_add(settings.resend_after_seconds.into());
        let code = code::drawn(settings.length, desk.draw)?;
        let message = Message { to: address, code: &code, locale: desk.locale };
        match gateway::deliver(&message, settings, desk.send) {
            Ok(Outcome::Accepted) => {
                let good_until = desk.now.saturating_add(settings.valid_seconds.into());
                let tag = code::tag(&subject(address, good_until, desk), &code, desk.keyed)?;
                self.code = Some(Kept { tag, good_until });
                Ok(self.ask(address, None, desk))
            }
            Ok(Outcome::NoSuchAddress) => Ok(Step::Refused(Rejection::unknown())),
            Ok(Outcome::Busy { seconds }) => {
                let rejection = Rejection::new("unavailable").retry_after(seconds);
                self.resend_at = self.resend_at.max(desk.now.saturating_add(seconds.into()));
                Ok(match self.code {
                    Some(_) => self.ask(address, Some(rejection), desk),
                    None => Step::Refused(rejection),
                })
            }
            // The code before this one may still be good; the operator reads of the gateway in the log.
            Err(Failure::Unavailable(why)) if self.code.is_some() => {
                (settings.warn)("code-not-sent", &[("channel", address.channel.word()), ("why", &why)]);
                Ok(self.ask(address, Some(Rejection::new("unavailable")), desk))
            }
            Err(failure) => Err(failure),
        }
    }

    /// Judges what was typed. Whether it was right is said only of a code that is still good.
    fn judge(mut self, address: &Address, answers: &[Answer], desk: &Desk<'_>) -> Result<Step, Failure> {
        let settings = desk.settings;
        if self.tries >= settings.max_tries {
            return Ok(Step::Refused(Rejection::locked()));
        }
        let Some(typed) = code::typed(answer(answers, FIELD), settings.length) else {
            return Ok(self.ask(address, Some(Rejection::new("malformed")), desk));
        };
        self.tries += 1;
        let rejection = match &self.code {
            Some(kept) if desk.now < kept.good_until => {
                let tag = code::tag(&subject(address, kept.good_until, desk), typed, desk.keyed)?;
                if (desk.equal)(tag.as_bytes(), kept.tag.as_bytes()) {
                    return Ok(Step::Proved(evidence(address)));
                }
                Rejection::wrong()
            }
            Some(_) | None => Rejection::expired(),
        };
        Ok(match settings.max_tries.saturating_sub(self.tries) {
            0 => Step::Refused(Rejection::locked().attempts_left(0)),
            left => self.ask(address, Some(rejection.attempts_left(left.into())), desk),
        })
    }

    fn ask(self, address: &Address, rejection: Option<Rejection>, desk: &Desk<'_>) -> Step {
        let seconds = u32::try_from(self.resend_at.saturating_sub(desk.now)).unwrap_or(u32::MAX);
        let resend_after = (self.sends < desk.settings.max_sends).then_some(seconds);
        let form = form(desk.settings.length, &[address.masked()], resend_after);
        let state = serde_json::to_vec(&self).unwrap_or_default();
        Step::Ask(Question { form, rejection, state })
    }
}

/// What a code is good for: one login, one address, one end. Each part is without a zero.
fn subject(address: &Address, good_until: u64, desk: &Desk<'_>) -> String {
    let Address { channel, text } = address;
    format!("{}\0{}\0{text}\0{good_until}", desk.transaction, channel.word())
}

/// What was proved, and for which address.
fn evidence(address: &Address) -> Evidence {
    let amr: &[&str] = if address.channel == Channel::Sms { &[AMR[0], SMS] } else { &AMR };
    Evidence::new(FACTOR, amr)
        .attribute("channel", address.channel.word())
        .attribute("address", address.text.as_str())
}

#[cfg(test)]
mod tests;
