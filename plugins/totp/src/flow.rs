//! One login with a code from an app: how often one was tried, and what should happen next.

use esignet_sdk::prelude::*;
use serde::{Deserialize, Serialize};

use crate::form::{FIELD, form};
use crate::settings::Settings;
use crate::{AMR, FACTOR, code};

/// The version of the state that this version of the plugin writes and reads.
const VERSION: u8 = 1;
/// How much longer than a code is good its mark is kept: clocks of nodes differ.
const MARGIN_SECONDS: u64 = 5;
/// How many octets of a digest name a mark.
const MARK_OCTETS: usize = 16;

/// What has happened in this login. It travels between calls as the step's state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Login {
    /// The version of this form: another version of the plugin may have written it.
    version: u8,
    /// How many codes were judged.
    tries: u8,
}

/// What a code is judged by: the operator's settings, the person's secret, the time, and the host's functions.
pub(crate) struct Judge<'a> {
    /// What the operator set.
    pub(crate) settings: Settings,
    /// The person's secret.
    pub(crate) secret: Vec<u8>,
    /// Seconds since 1970.
    pub(crate) now: u64,
    /// Equality in constant time.
    pub(crate) equal: fn(&[u8], &[u8]) -> bool,
    /// Marks something as used for so many seconds; false if it already was.
    pub(crate) spend: &'a dyn Fn(&str, u32) -> Result<bool, Failure>,
}

/// What a code turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Right,
    /// It was right, and somebody used it already.
    Used,
    Wrong,
}

impl Login {
    /// A login in which nothing has happened yet.
    pub(crate) fn new() -> Self {
        Self { version: VERSION, tries: 0 }
    }

    /// The login as an earlier step stored it.
    pub(crate) fn restore(state: &[u8]) -> Result<Self, Failure> {
        match serde_json::from_slice(state) {
            Ok(login @ Self { version: VERSION, .. }) => Ok(login),
            _ => Err(Failure::internal(format!("the factor's state is not of version {VERSION}"))),
        }
    }

    /// Asks for a code, and says why the last one was not accepted.
    pub(crate) fn ask(&self, rejection: Option<Rejection>, settings: &Settings) -> Step {
        let state = serde_json::to_vec(self).unwrap_or_default();
        Step::Ask(Question { form: form(settings.digits), rejection, state })
    }

    /// Goes on with what came of the last step.
    pub(crate) fn go_on(mut self, input: Input, judge: &Judge<'_>) -> Result<Step, Failure> {
        let settings = &judge.settings;
        match input {
            Input::Answers(_) if self.tries >= settings.max_tries => Ok(Step::Refused(Rejection::locked())),
            Input::Answers(answers) => {
                let Some(typed) = typed(&answers, settings.digits) else {
                    return Ok(self.ask(Some(Rejection::new("malformed")), settings));
                };
                self.tries += 1;
                let rejection = match judge.verdict(typed)? {
                    Verdict::Right => return Ok(Step::Proved(Evidence::new(FACTOR, &AMR))),
                    Verdict::Used => Rejection::expired(),
                    Verdict::Wrong => Rejection::wrong(),
                };
                Ok(match settings.max_tries.saturating_sub(self.tries) {
                    0 => Step::Refused(Rejection::locked().attempts_left(0)),
                    left => self.ask(Some(rejection.attempts_left(left.into())), settings),
                })
            }
            // The ID system judges no code of ours; what it rejects is the person or another factor.
            Input::Rejected(rejection) => Ok(Step::Refused(rejection)),
            Input::OtpSent(_) | Input::OtpNotSent(_) | Input::Resend | Input::Waited => {
                Err(Failure::internal("the factor TOTP neither sends nor waits"))
            }
        }
    }
}

impl Judge<'_> {
    /// Compares with the code of every step that is accepted, whichever matches, and spends what matches: a code is taken
    /// at most once (RFC 6238 §5.2).
    fn verdict(&self, typed: &[u8]) -> Result<Verdict, Failure> {
        let period = u64::from(self.settings.period);
        let window = u64::from(self.settings.window);
        let present = self.now / period;
        let steps = present.saturating_sub(window)..=present.saturating_add(window);
        let matches = |step: &u64| {
            let code = code::of(&self.secret, *step, self.settings.digits);
            (self.equal)(typed, code.as_bytes())
        };
        let matching: Vec<u64> = steps.filter(matches).collect();
        let mut verdict = if matching.is_empty() { Verdict::Wrong } else { Verdict::Right };
        for step in matching {
            // Two steps may have the same code; whoever used it has used it for both.
            if !self.spend(step, period, window)? {
                verdict = Verdict::Used;
            }
        }
        Ok(verdict)
    }

    /// Marks the code of a step as used until it is accepted no more. The mark tells neither person nor code.
    fn spend(&self, step: u64, period: u64, window: u64) -> Result<bool, Failure> {
        let named = format!("spent\0{step}");
        let digest = code::mac(&self.secret, named.as_bytes());
        let mark = code::hexadecimal(digest.iter().take(MARK_OCTETS));
        let good_until = step.saturating_add(window + 1).saturating_mul(period);
        let seconds = good_until.saturating_sub(self.now).saturating_add(MARGIN_SECONDS);
        (self.spend)(&mark, u32::try_from(seconds).unwrap_or(u32::MAX))
    }
}

/// What the person typed, if it can be a code. The host has folded other scripts' digits and taken out spaces.
fn typed(answers: &[Answer], digits: u8) -> Option<&[u8]> {
    let typed = answer(answers, FIELD)?;
    let is_code = typed.len() == usize::from(digits) && typed.iter().all(u8::is_ascii_digit);
    is_code.then_some(typed)
}

#[cfg(test)]
mod tests;
