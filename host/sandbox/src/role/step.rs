//! The next step of a factor, from the guest, after a check.

use esignet_protocol::ports::plugins::{AuthFactorDescriptor, Evidence, Step};

use super::{form, word};
use crate::accept::{self, STATE_BYTES, at_most};
use crate::bindings::exports::esignet::auth_factor::auth_factor as wit;
use crate::failure::{self, Breach};
use crate::words::InLocale;

const PAUSE_SECONDS: u32 = 600;

/// The step as the core gets it, and how many `amr` values were taken out of it.
pub(super) fn accepted(
    step: wit::Step,
    descriptor: &AuthFactorDescriptor,
    words: InLocale<'_>,
) -> Result<(Step, usize), Breach> {
    let step = match step {
        wit::Step::Ask(question) => Step::Ask {
            form: form::accepted(question.form, words)?,
            rejection: question.rejection.map(failure::rejection_of),
            state: state(question.state)?,
        },
        wit::Step::DeliverOtp(delivery) => Step::DeliverOtp {
            channels: accept::words("channels", delivery.channels, 8, 32)?,
            state: state(delivery.state)?,
        },
        wit::Step::Pause(pause) => {
            at_most("pause.seconds", pause.seconds as usize, PAUSE_SECONDS as usize)?;
            Step::Pause {
                seconds: pause.seconds,
                message: words.told(word::message("pause.message", pause.message)?),
                state: state(pause.state)?,
            }
        }
        wit::Step::Proved(evidence) => {
            let (evidence, taken_out) = narrowed(word::evidence(evidence)?, descriptor)?;
            return Ok((Step::Proved(evidence), taken_out));
        }
        wit::Step::Delegate(delegation) => {
            let proof = word::proof(delegation.proof)?;
            of_this_factor("proof.factor", &proof.factor, descriptor)?;
            Step::Delegate { proof, state: state(delegation.state)? }
        }
        wit::Step::Refused(rejection) => Step::Refused(failure::rejection_of(rejection)),
    };
    Ok((step, 0))
}

/// A factor speaks for itself only, and with no `amr` beyond what it announced and the operator allows (threat T41). Evidence
/// of which nothing is left proves nothing that anybody could be told, so it is not passed on.
fn narrowed(mut evidence: Evidence, descriptor: &AuthFactorDescriptor) -> Result<(Evidence, usize), Breach> {
    of_this_factor("evidence.factor", &evidence.factor, descriptor)?;
    let claimed = evidence.amr.len();
    evidence.amr.retain(|value| descriptor.amr.contains(value));
    let taken_out = claimed - evidence.amr.len();
    if taken_out > 0 && evidence.amr.is_empty() {
        return Err(Breach(format!(
            "evidence.amr of the factor {} has nothing that the plugin announced and `amr` of its grant allows; allow one of \
             its values, or take the factor out of [assurance]",
            descriptor.factor
        )));
    }
    Ok((evidence, taken_out))
}

fn of_this_factor(what: &str, factor: &str, descriptor: &AuthFactorDescriptor) -> Result<(), Breach> {
    if factor == descriptor.factor { Ok(()) } else { Err(Breach(format!("{what} names another factor"))) }
}

fn state(state: Vec<u8>) -> Result<Vec<u8>, Breach> {
    accept::bytes("state", state, STATE_BYTES)
}

#[cfg(test)]
#[path = "step/tests.rs"]
mod tests;
