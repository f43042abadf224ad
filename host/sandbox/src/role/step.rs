//! The next step of a factor, from the guest, after a check.

use std::collections::BTreeSet;

use esignet_protocol::ports::plugins::{AuthFactorDescriptor, Evidence, Field, Form, Step};

use super::word;
use crate::accept::{self, FORM_BYTES, STATE_BYTES, at_most};
use crate::bindings::exports::esignet::auth_factor::auth_factor as wit;
use crate::failure::{self, Breach};
use crate::words::InLocale;

const FIELDS: usize = 32;
const CONSTRAINTS: usize = 256;
const PAUSE_SECONDS: u32 = 600;
const KINDS: [&str; 9] = ["text", "otp", "pin", "password", "date", "choice", "checkbox", "phone", "notice"];

/// The step as the core gets it, and how many `amr` values were taken out of it.
pub(super) fn accepted(
    step: wit::Step,
    descriptor: &AuthFactorDescriptor,
    words: InLocale<'_>,
) -> Result<(Step, usize), Breach> {
    let step = match step {
        wit::Step::Ask(question) => Step::Ask {
            form: form(question.form, words)?,
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

/// A factor speaks for itself only, and with no `amr` beyond what it announced and the operator allows (threat T41).
fn narrowed(mut evidence: Evidence, descriptor: &AuthFactorDescriptor) -> Result<(Evidence, usize), Breach> {
    of_this_factor("evidence.factor", &evidence.factor, descriptor)?;
    let claimed = evidence.amr.len();
    evidence.amr.retain(|value| descriptor.amr.contains(value));
    let taken_out = claimed - evidence.amr.len();
    Ok((evidence, taken_out))
}

fn of_this_factor(what: &str, factor: &str, descriptor: &AuthFactorDescriptor) -> Result<(), Breach> {
    if factor == descriptor.factor { Ok(()) } else { Err(Breach(format!("{what} names another factor"))) }
}

fn state(state: Vec<u8>) -> Result<Vec<u8>, Breach> {
    accept::bytes("state", state, STATE_BYTES)
}

fn form(form: wit::Form, words: InLocale<'_>) -> Result<Form, Breach> {
    at_most("form.fields", form.fields.len(), FIELDS)?;
    let fields = form.fields.into_iter().map(|asked| field(asked, words)).collect::<Result<Vec<_>, _>>()?;
    let mut names = BTreeSet::new();
    if fields.iter().any(|field| !names.insert(field.name.as_str())) {
        return Err(Breach("two fields of the form have the same name".to_owned()));
    }
    let form = Form {
        title: words.told(word::message("form.title", form.title)?),
        fields,
        submit: words.told(word::message("form.submit", form.submit)?),
        resend_after_seconds: form.resend_after_seconds,
    };
    let written = serde_json::to_vec(&form).map_err(|_| Breach("the form cannot be kept".to_owned()))?;
    at_most("the form in bytes", written.len(), FORM_BYTES)?;
    Ok(form)
}

fn field(field: wit::Field, words: InLocale<'_>) -> Result<Field, Breach> {
    at_most("field.name", field.name.len(), 64)?;
    if field.name.is_empty() || !field.name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
        return Err(Breach(
            "the name of a field has other characters than letters, digits and underscores".to_owned(),
        ));
    }
    if !KINDS.contains(&field.kind.as_str()) {
        return Err(Breach(format!("the field {} is of no known kind", field.name)));
    }
    Ok(Field {
        label: words.told(word::message("field.label", field.label)?),
        hint: field
            .hint
            .map(|hint| word::message("field.hint", hint).map(|hint| words.told(hint)))
            .transpose()?,
        constraints: word::attributes("field.constraints", field.constraints, CONSTRAINTS)?,
        required: field.required,
        kind: field.kind,
        name: field.name,
    })
}

#[cfg(test)]
#[path = "step/tests.rs"]
mod tests;
