//! Cases of factors.

use std::collections::BTreeMap;

use esignet_protocol::ports::plugins::{
    Answer, Caller, Form, Individual, Input, MaskedTarget, OtpReceipt, PluginError, Rejection, Step,
};

use super::bench::{Bench, fail, login, skip};
use super::{Case, Unmet};
use crate::calls::{FactorCalls, person};
use crate::fixture::{Expected, Person, altered};
use crate::report::Call;

mod answers;
mod begin;
mod describe;
mod forms;
mod isolation;
mod privacy;
mod states;
mod steps;
mod upstreams;

pub(super) const TOPICS: &[&[Case]] = &[
    describe::CASES,
    begin::CASES,
    forms::CASES,
    answers::CASES,
    states::CASES,
    steps::CASES,
    upstreams::CASES,
    isolation::CASES,
    privacy::CASES,
];

/// More steps than any factor takes before it asks or decides.
const STEPS: usize = 12;

/// A factor that asks.
#[derive(Clone)]
struct Asked {
    form: Form,
    state: Vec<u8>,
}

/// The step's name in the contract.
pub(super) const fn name(step: &Step) -> &'static str {
    match step {
        Step::Ask { .. } => "ask",
        Step::DeliverOtp { .. } => "deliver-otp",
        Step::Pause { .. } => "pause",
        Step::Proved(_) => "proved",
        Step::Delegate { .. } => "delegate",
        Step::Refused(_) => "refused",
    }
}

/// What a call came to, in words.
fn came_to(outcome: &Result<Step, PluginError>) -> String {
    match outcome {
        Ok(step) => format!("the step `{}`", name(step)),
        Err(error) => format!("\"{error}\""),
    }
}

/// Whether the factor says that it was proved. What it delegates the ID system still judges.
const fn is_proved(outcome: &Result<Step, PluginError>) -> bool {
    matches!(outcome, Ok(Step::Proved(_)))
}

/// Whether a field of that kind is there to be looked at, and has no answer.
fn is_shown(kind: &str) -> bool {
    matches!(kind, "notice" | "image")
}

/// A code that went to one phone.
fn receipt() -> OtpReceipt {
    let target = MaskedTarget { channel: "sms".to_owned(), masked: "XXXXXX0417".to_owned() };
    OtpReceipt { targets: vec![target], valid_seconds: 180, resend_after_seconds: 30 }
}

/// The answers to a form, as the host hands them on.
fn input(answers: &BTreeMap<String, String>) -> Input {
    let answer =
        |(name, value): (&String, &String)| Answer { name: name.clone(), value: value.clone().into_bytes() };
    Input::Answers(answers.iter().map(answer).collect())
}

/// The same answers, every one of them wrong.
fn wrong(answers: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    answers.iter().map(|(name, value)| (name.clone(), altered(value))).collect()
}

impl<'a> Bench<'a> {
    fn factor(&self) -> Result<FactorCalls<'_>, Unmet> {
        self.plugin.factor().map_err(|error| Unmet::Failed(error.to_string()))
    }

    /// Somebody who gets in by their answers.
    fn answering(&self) -> Result<&'a Person, Unmet> {
        let in_it = |person: &&Person| person.expect == Expected::Accepted && !person.answers.is_empty();
        let answering = self.fixture().people.iter().find(in_it);
        answering.map_or_else(|| skip("no fixture has somebody who gets in: [[people]] with `answers`"), Ok)
    }

    /// Whoever the fixture has first, or anybody.
    fn somebody(&self) -> Individual {
        let first = self.fixture().people.iter().find_map(Person::individual);
        first.unwrap_or_else(|| person("uin", "2053718694"))
    }

    /// Somebody else.
    fn somebody_else(&self) -> Individual {
        let somebody = self.somebody();
        let stranger = self.fixture().stranger.as_ref().map(crate::fixture::Identifier::individual);
        stranger.unwrap_or_else(|| Individual { value: altered(&somebody.value), ..somebody })
    }

    fn begin(&self, individual: Option<&Individual>) -> Result<Call<Step>, Unmet> {
        self.begin_as(&login(), individual)
    }

    fn begin_as(&self, caller: &Caller, individual: Option<&Individual>) -> Result<Call<Step>, Unmet> {
        Ok(self.factor()?.begin(caller, individual))
    }

    fn resume(
        &self,
        individual: Option<&Individual>,
        state: &[u8],
        input: Input,
    ) -> Result<Call<Step>, Unmet> {
        self.resume_as(&login(), individual, state, input)
    }

    fn resume_as(
        &self,
        caller: &Caller,
        individual: Option<&Individual>,
        state: &[u8],
        input: Input,
    ) -> Result<Call<Step>, Unmet> {
        Ok(self.factor()?.resume(caller, individual, state, input))
    }

    /// Goes on as long as nobody has to answer: codes are sent and pauses are waited for.
    fn until_it_asks(
        &self,
        caller: &Caller,
        individual: Option<&Individual>,
        mut call: Call<Step>,
    ) -> Result<Call<Step>, Unmet> {
        for _ in 0..STEPS {
            let (state, input) = match &call.outcome {
                Ok(Step::DeliverOtp { state, .. }) => (state.clone(), Input::OtpSent(receipt())),
                Ok(Step::Pause { seconds, state, .. }) => {
                    self.plugin.clock().advance((*seconds).into());
                    (state.clone(), Input::Waited)
                }
                Ok(Step::Ask { .. } | Step::Proved(_) | Step::Delegate { .. } | Step::Refused(_))
                | Err(_) => {
                    return Ok(call);
                }
            };
            call = self.resume_as(caller, individual, &state, input)?;
        }
        fail(format!("after {STEPS} steps nobody was asked anything"))
    }

    /// The first question, to somebody.
    fn asked(&self, individual: Option<&Individual>) -> Result<Asked, Unmet> {
        self.asked_as(&login(), individual)
    }

    fn asked_as(&self, caller: &Caller, individual: Option<&Individual>) -> Result<Asked, Unmet> {
        let call = self.until_it_asks(caller, individual, self.begin_as(caller, individual)?)?;
        match call.outcome {
            Ok(Step::Ask { form, state, .. }) => Ok(Asked { form, state }),
            Ok(Step::Delegate { .. }) => skip("it asks nobody anything"),
            other => fail(format!("it does not ask: the beginning comes to {}", came_to(&other))),
        }
    }

    /// The whole way with these answers: what it comes to in the end, be it a question about what was answered.
    pub(super) fn walk(
        &self,
        individual: Option<&Individual>,
        answers: &BTreeMap<String, String>,
    ) -> Result<Call<Step>, Unmet> {
        let mut asked = self.asked(individual)?;
        for _ in 0..STEPS {
            let of_form: BTreeMap<String, String> = answers
                .iter()
                .filter(|(name, _)| asked.form.fields.iter().any(|field| field.name == **name))
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect();
            if of_form.is_empty() {
                let names: Vec<&str> = asked.form.fields.iter().map(|field| field.name.as_str()).collect();
                return fail(format!(
                    "the fixture answers none of the fields that are asked: {}",
                    names.join(", ")
                ));
            }
            let call = self.resume(individual, &asked.state, input(&of_form))?;
            let call = self.until_it_asks(&login(), individual, call)?;
            match &call.outcome {
                Ok(Step::Ask { form, state, rejection: None }) => {
                    asked = Asked { form: form.clone(), state: state.clone() };
                }
                _ => return Ok(call),
            }
        }
        fail(format!("after {STEPS} forms nothing was decided"))
    }

    /// What somebody's right answers come to, in an untouched world.
    fn passed(&mut self) -> Result<(&'a Person, Option<Individual>, Step), Unmet> {
        let known = self.answering()?;
        if known.once {
            self.all_was_sound()?;
            self.renew()?;
        }
        let individual = known.individual();
        let call = self.walk(individual.as_ref(), &known.answers)?;
        match call.outcome {
            Ok(step @ (Step::Proved(_) | Step::Delegate { .. })) => Ok((known, individual, step)),
            other => fail(format!("{}'s answers come to {}", known.name, came_to(&other))),
        }
    }

    /// Somebody whose answers it judges itself.
    fn judged_here(&mut self) -> Result<(&'a Person, Option<Individual>), Unmet> {
        let (known, individual, step) = self.passed()?;
        self.all_was_sound()?;
        self.renew()?;
        let Step::Proved(_) = step else {
            return skip("the ID system judges what it asks for");
        };
        Ok((known, individual))
    }

    /// Somebody whose answers it hands to the ID system, with the state that comes with them.
    fn delegated(&mut self) -> Result<(&'a Person, Option<Individual>, Vec<u8>), Unmet> {
        match self.passed()? {
            (known, individual, Step::Delegate { state, .. }) => Ok((known, individual, state)),
            _ => skip("it judges what it asks for itself"),
        }
    }
}

/// A rejection with a reason and nothing else.
fn no(reason: &str) -> Rejection {
    Rejection::of(reason)
}
