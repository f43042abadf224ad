//! One login with a one-time code of the ID system: what has happened, and what should happen next.
//!
//! Wrong codes are the ID system's to count and to lock; codes sent are counted here, so that nobody can have a stranger's
//! phone ring all night from one login.

use esignet_sdk::prelude::*;
use serde::{Deserialize, Serialize};

use crate::FACTOR;
use crate::form::{FIELD, form};
use crate::settings::OfIdSystem;

/// The proof format that ID systems take codes in.
const FORMAT: &str = "alpha-numeric";
/// The version of the state that this version of the plugin writes and reads.
const VERSION: u8 = 1;

/// The most octets of masked addresses that are kept and shown: a form and a state have little room, and a receipt may name
/// eight addresses of 128 octets.
const TARGET_BYTES: usize = 512;

/// What has happened in this login. It travels between calls as the step's state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Login {
    /// The version of this form: another version of the plugin may have written it.
    version: u8,
    /// How many codes were asked for.
    sends: u8,
    /// Where the last one went; nothing as long as none is on its way.
    sent: Option<Sent>,
}

/// A code that is on its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Sent {
    /// Channel and masked address of each target.
    targets: Vec<(String, String)>,
    /// When another may be asked for, in seconds since 1970.
    resend_at: u64,
}

impl Login {
    /// A login in which nothing has happened yet.
    pub(crate) fn new() -> Self {
        Self { version: VERSION, sends: 0, sent: None }
    }

    /// The login as an earlier step stored it.
    pub(crate) fn restore(state: &[u8]) -> Result<Self, Failure> {
        match serde_json::from_slice(state) {
            Ok(login @ Self { version: VERSION, .. }) => Ok(login),
            _ => Err(Failure::internal(format!("the factor's state is not of version {VERSION}"))),
        }
    }

    fn store(self) -> Vec<u8> {
        serde_json::to_vec(&self).unwrap_or_default()
    }

    /// Has the ID system send a code, if it may send one more.
    pub(crate) fn deliver(mut self, settings: &OfIdSystem) -> Step {
        if self.sends >= settings.max_sends {
            return Step::Refused(Rejection::locked());
        }
        self.sends += 1;
        Step::deliver_otp(settings.channels.clone(), self.store())
    }

    /// Goes on with what came of the last step.
    pub(crate) fn go_on(mut self, input: Input, settings: &OfIdSystem, now: u64) -> Result<Step, Failure> {
        Ok(match input {
            Input::OtpSent(receipt) => {
                self.sent = Some(Sent::new(receipt, now));
                self.ask(None, settings, now)
            }
            // An earlier code may still be good.
            Input::OtpNotSent(rejection) if self.sent.is_some() => self.ask(Some(rejection), settings, now),
            Input::OtpNotSent(rejection) => Step::Refused(rejection),
            Input::Answers(answers) => match code(&answers, settings.length) {
                Some(code) => Step::delegate(Proof::new(FACTOR, FORMAT, code), self.store()),
                None => self.ask(Some(Rejection::new("malformed")), settings, now),
            },
            Input::Rejected(rejection) if rejection.is_final() => Step::Refused(rejection),
            Input::Rejected(rejection) => self.ask(Some(rejection), settings, now),
            Input::Resend => match self.seconds_to_resend(now) {
                0 => self.deliver(settings),
                seconds => self.ask(Some(Rejection::new("too-soon").retry_after(seconds)), settings, now),
            },
            Input::Waited => return Err(Failure::internal("the factor OTP never pauses")),
        })
    }

    fn ask(self, rejection: Option<Rejection>, settings: &OfIdSystem, now: u64) -> Step {
        let targets = self.sent.as_ref().map(Sent::targets).unwrap_or_default();
        let resend_after = (self.sends < settings.max_sends).then(|| self.seconds_to_resend(now));
        let form = form(settings.length, &targets, resend_after);
        Step::Ask(Question { form, rejection, state: self.store() })
    }

    fn seconds_to_resend(&self, now: u64) -> u32 {
        let resend_at = self.sent.as_ref().map_or(now, |sent| sent.resend_at);
        u32::try_from(resend_at.saturating_sub(now)).unwrap_or(u32::MAX)
    }
}

impl Sent {
    fn new(receipt: OtpReceipt, now: u64) -> Self {
        let mut left = TARGET_BYTES;
        let fits = |target: &MaskedTarget| {
            left.checked_sub(target.masked.len()).inspect(|rest| left = *rest).is_some()
        };
        let targets = receipt.targets.into_iter().take_while(fits);
        Self {
            targets: targets.map(|target| (target.channel, target.masked)).collect(),
            resend_at: now.saturating_add(receipt.resend_after_seconds.into()),
        }
    }

    fn targets(&self) -> Vec<MaskedTarget> {
        let target = |(channel, masked): &(String, String)| MaskedTarget {
            channel: channel.clone(),
            masked: masked.clone(),
        };
        self.targets.iter().map(target).collect()
    }
}

/// The code, if the person typed one that can be right. The host has folded other scripts' digits and taken out spaces.
fn code(answers: &[Answer], length: u8) -> Option<Vec<u8>> {
    let typed = answer(answers, FIELD)?;
    let is_code = typed.len() == usize::from(length) && typed.iter().all(u8::is_ascii_digit);
    is_code.then(|| typed.to_vec())
}

#[cfg(test)]
mod tests;
