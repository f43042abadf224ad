//! The faults, each where it changes what the plugin does.

use esignet_sdk::prelude::*;
use serde_json::{Value, json};

use crate::flow::Login;
use crate::{AMR, FACTOR};

/// What the config key `mutant` may say, each with a case of the kit that finds it.
pub const MUTANTS: [(&str, &str); 20] = [
    ("announces-nothing", "auth-factor/describe/amr"),
    ("begins-proved", "auth-factor/begin/proves-nothing"),
    ("asks-strangers-otherwise", "auth-factor/begin/strangers"),
    ("untold-words", "auth-factor/forms/keys"),
    ("shows-the-person", "auth-factor/forms/nothing-of-the-person"),
    ("accepts-anything", "auth-factor/answers/wrong"),
    ("accepts-a-part", "auth-factor/answers/part"),
    ("claims-more", "auth-factor/answers/evidence"),
    ("never-spends", "auth-factor/answers/once"),
    ("one-secret-for-all", "auth-factor/answers/of-another"),
    ("long-good", "auth-factor/answers/out-of-date"),
    ("never-ends", "auth-factor/answers/tries"),
    ("traps-on-octets", "auth-factor/answers/octets"),
    ("begins-anew", "auth-factor/states/garbled"),
    ("keeps-the-code", "auth-factor/states/no-answer-kept"),
    ("proved-by-waiting", "auth-factor/steps/unasked-waited"),
    ("accepts-without-cache", "auth-factor/isolation/without-cache"),
    ("logs-the-code", "auth-factor/privacy/log-of-wrong"),
    ("tells-in-errors", "auth-factor/privacy/error-texts"),
    ("shows-the-code", "auth-factor/privacy/not-shown-again"),
];

/// The fault that the operator chose.
pub(crate) fn chosen() -> Result<String, Failure> {
    let chosen: String = config::parse_or("mutant", String::new())?;
    if chosen.is_empty() || MUTANTS.iter().any(|(mutant, _)| *mutant == chosen) {
        return Ok(chosen);
    }
    Err(Failure::misconfigured(format!("no mutant `{chosen}`")))
}

fn proved() -> Step {
    Step::Proved(Evidence::new(FACTOR, &AMR))
}

pub(crate) fn begun(mutant: &str, individual: &Individual, mut step: Step) -> Step {
    let Step::Ask(question) = &mut step else { return step };
    match mutant {
        "begins-proved" => return proved(),
        "asks-strangers-otherwise" if individual.value != "2053718694" => {
            question.form.resend_after_seconds = Some(30);
        }
        "untold-words" => "totp-other-title".clone_into(&mut question.form.title.key),
        "shows-the-person" => {
            question.form.title = Message::new("", format!("The code of {}", individual.value));
        }
        _ => {}
    }
    step
}

/// What is done before anything else, and instead of it.
pub(crate) fn instead(mutant: &str, individual: &Individual, input: &Input) -> Result<Option<Step>, Failure> {
    let answered = typed(input);
    match mutant {
        "proved-by-waiting" if matches!(input, Input::Waited) => return Ok(Some(proved())),
        "accepts-a-part" if (1..6).contains(&answered.len()) => return Ok(Some(proved())),
        "traps-on-octets" if std::str::from_utf8(&answered).is_err() => std::process::abort(),
        "logs-the-code" => log::info("judged", &[("said", &String::from_utf8_lossy(&answered))]),
        "tells-in-errors" if matches!(input, Input::Waited) => {
            return Err(Failure::internal(format!("{} cannot wait", individual.value)));
        }
        _ => {}
    }
    Ok(None)
}

pub(crate) fn restored(mutant: &str, restored: Result<Login, Failure>) -> Result<Login, Failure> {
    match mutant {
        "begins-anew" => Ok(restored.unwrap_or_else(|_| Login::new())),
        "never-ends" => restored.map(|_| Login::new()),
        _ => restored,
    }
}

/// When it is: one time, or all those at which a code is taken.
pub(crate) fn times(mutant: &str, now: u64) -> impl Iterator<Item = u64> {
    let steps = if mutant == "long-good" { 0..=40 } else { 0..=0 };
    steps.map(move |step| now.saturating_sub(step * 30))
}

pub(crate) fn whose(mutant: &str, individual: &Individual) -> Individual {
    let mut individual = individual.clone();
    if mutant == "one-secret-for-all" {
        "2053718694".clone_into(&mut individual.value);
    }
    individual
}

pub(crate) fn equality(mutant: &str) -> fn(&[u8], &[u8]) -> bool {
    match mutant {
        "accepts-anything" => |_, _| true,
        _ => crypto::equal,
    }
}

pub(crate) fn spending(mutant: &str) -> impl Fn(&str, u32) -> Result<bool, Failure> {
    let (never, always) = (mutant == "never-spends", mutant == "accepts-without-cache");
    move |mark, seconds| {
        if never {
            return Ok(true);
        }
        match cache::put_if_absent(mark, &[1], seconds) {
            Ok(put) => Ok(put),
            Err(_) if always => Ok(true),
            Err(_) => Err(Failure::unavailable("the cache does not answer")),
        }
    }
}

/// What the step became.
pub(crate) fn came(mutant: &str, input: &Input, mut step: Step) -> Step {
    let code = String::from_utf8_lossy(&typed(input)).into_owned();
    match (mutant, &mut step) {
        ("claims-more", Step::Proved(evidence)) => evidence.amr.push("face".to_owned()),
        ("keeps-the-code", Step::Ask(question)) => {
            let kept: Result<Value, _> = serde_json::from_slice(&question.state);
            if let Ok(Value::Object(mut members)) = kept {
                members.insert("typed".to_owned(), json!(code));
                question.state = Value::Object(members).to_string().into_bytes();
            }
        }
        ("shows-the-code", Step::Ask(question)) => {
            question.form.title = Message::new("", format!("{code} is not the code"));
        }
        _ => {}
    }
    step
}

fn typed(input: &Input) -> Vec<u8> {
    let Input::Answers(answers) = input else { return Vec::new() };
    answers.first().map(|answer| answer.value.clone()).unwrap_or_default()
}
