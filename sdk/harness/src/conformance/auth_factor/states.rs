//! The state that leaves the plugin and comes back.

use esignet_protocol::ports::plugins::Step;

use super::super::bench::{Bench, ensure, fail, skip, tells};
use super::super::{Case, Unmet, Verdict};
use super::{input, is_proved, name, wrong};
use crate::calls::caller;

pub(super) const CASES: &[Case] = &[
    Case::of_factor(
        "auth-factor/states/needed",
        "a state that nobody was given is not taken, whatever is answered",
        needed,
    ),
    Case::of_factor("auth-factor/states/empty", "without the state nothing goes on", empty),
    Case::of_factor("auth-factor/states/garbled", "a garbled state is not taken", garbled),
    Case::of_factor("auth-factor/states/cut", "a state that was cut off is not taken", cut),
    Case::of_factor("auth-factor/states/foreign", "a state of another plugin is not taken", foreign),
    Case::of_factor("auth-factor/states/huge", "2 KiB of anything are not taken", huge),
    Case::of_factor(
        "auth-factor/states/other-login",
        "wrong answers stay wrong with the state of another login",
        other_login,
    ),
    Case::of_factor(
        "auth-factor/states/other-person",
        "the state of one person proves nobody else",
        other_person,
    ),
    Case::of_factor("auth-factor/states/no-answer-kept", "no answer is kept in the state", no_answer_kept),
    Case::of_factor("auth-factor/states/later", "a login goes on minutes later", later),
];

/// A state that the plugin cannot have given has to end in a failure or in a refusal.
fn not_taken(bench: &Bench<'_>, state: &[u8], what: &str) -> Verdict {
    let individual = bench.answering().ok().and_then(crate::fixture::Person::individual);
    let individual = individual.unwrap_or_else(|| bench.somebody());
    let asked = bench.asked(Some(&individual))?;
    if asked.state.is_empty() {
        return skip("it keeps no state");
    }
    let answers = bench.answering().map(|known| known.answers.clone()).unwrap_or_default();
    let outcome = bench.resume(Some(&individual), state, input(&answers))?.outcome;
    match outcome {
        // Timeouts and traps are found by what the kit looks for after every case.
        Err(_) | Ok(Step::Refused(_)) => Ok(()),
        Ok(step) => fail(format!("{what} leads to the step `{}`", name(&step))),
    }
}

/// A state that it gave to somebody.
fn state(bench: &Bench<'_>) -> Result<Vec<u8>, Unmet> {
    let individual = bench.somebody();
    let state = bench.asked(Some(&individual))?.state;
    if state.is_empty() { skip("it keeps no state") } else { Ok(state) }
}

fn needed(bench: &mut Bench<'_>) -> Verdict {
    not_taken(bench, b"kit", "a state that nobody was given")
}

fn empty(bench: &mut Bench<'_>) -> Verdict {
    not_taken(bench, b"", "no state")
}

fn garbled(bench: &mut Bench<'_>) -> Verdict {
    let garbled: Vec<u8> = state(bench)?.iter().map(|octet| octet ^ 0x15).collect();
    not_taken(bench, &garbled, "a garbled state")
}

fn cut(bench: &mut Bench<'_>) -> Verdict {
    let whole = state(bench)?;
    for length in [1, whole.len() / 2, whole.len() - 1] {
        let part = whole.get(..length).unwrap_or_default();
        if !part.is_empty() && part != whole {
            not_taken(bench, part, &format!("a state of {length} octets of {}", whole.len()))?;
        }
    }
    Ok(())
}

fn foreign(bench: &mut Bench<'_>) -> Verdict {
    for other in [r#"{"version":99,"other":"plugin"}"#, "{}", "[]", "null", "0"] {
        not_taken(bench, other.as_bytes(), &format!("the state {other}"))?;
    }
    Ok(())
}

fn huge(bench: &mut Bench<'_>) -> Verdict {
    not_taken(bench, &[b'['; 2_048], "2 KiB of brackets")?;
    not_taken(bench, &[0xff; 2_048], "2 KiB of octets")
}

fn other_login(bench: &mut Bench<'_>) -> Verdict {
    let (known, individual) = bench.judged_here()?;
    let asked = bench.asked(individual.as_ref())?;
    let other = caller("kit-login-2");
    let outcome =
        bench.resume_as(&other, individual.as_ref(), &asked.state, input(&wrong(&known.answers)))?.outcome;
    ensure(!is_proved(&outcome), || "a wrong answer is proved with the state of another login".to_owned())
}

fn other_person(bench: &mut Bench<'_>) -> Verdict {
    let (known, individual) = bench.judged_here()?;
    let Some(individual) = individual else { return skip("it does not know who it is") };
    let other = bench.somebody_else();
    let asked = bench.asked(Some(&individual))?;
    let outcome = bench.resume(Some(&other), &asked.state, input(&known.answers))?.outcome;
    ensure(!is_proved(&outcome), || {
        "somebody else is proved with the state and the answers of one person".to_owned()
    })
}

fn no_answer_kept(bench: &mut Bench<'_>) -> Verdict {
    let known = bench.answering()?;
    let individual = known.individual();
    let asked = bench.asked(individual.as_ref())?;
    let typed: Vec<String> =
        known.answers.values().cloned().chain(wrong(&known.answers).into_values()).collect();
    for answers in [wrong(&known.answers), known.answers.clone()] {
        let outcome = bench.resume(individual.as_ref(), &asked.state, input(&answers))?.outcome;
        let state = match outcome {
            Ok(
                Step::Ask { state, .. }
                | Step::DeliverOtp { state, .. }
                | Step::Pause { state, .. }
                | Step::Delegate { state, .. },
            ) => state,
            Ok(Step::Proved(_) | Step::Refused(_)) | Err(_) => continue,
        };
        if tells(&[String::from_utf8_lossy(&state).into_owned()], &typed).is_some() {
            return fail("the state has an answer in it, as it was typed");
        }
    }
    Ok(())
}

fn later(bench: &mut Bench<'_>) -> Verdict {
    let individual = bench.somebody();
    let asked = bench.asked(Some(&individual))?;
    bench.plugin.clock().advance(240);
    let outcome =
        bench.resume(Some(&individual), &asked.state, input(&std::collections::BTreeMap::new()))?.outcome;
    match outcome {
        Ok(Step::Ask { .. } | Step::Refused(_)) => Ok(()),
        Ok(step) => fail(format!("a form without answers leads to the step `{}`", name(&step))),
        Err(error) => fail(format!("four minutes later it comes to \"{error}\"")),
    }
}
