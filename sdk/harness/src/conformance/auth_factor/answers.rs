//! Answers: right ones, wrong ones, and what no form lets through.

use std::collections::BTreeMap;

use esignet_protocol::ports::plugins::{Answer, Individual, Input, PluginError, Step};

use super::super::bench::{Bench, ensure, fail, oddities, skip};
use super::super::{Case, Unmet, Verdict};
use super::{came_to, input, is_proved, name, wrong};
use crate::calls::caller;

pub(super) const CASES: &[Case] = &[
    Case::of_factor(
        "auth-factor/answers/right",
        "right answers are proved here, or handed to the ID system",
        right,
    ),
    Case::of_factor(
        "auth-factor/answers/evidence",
        "what is proved names this factor, and an `amr` that it announced",
        evidence,
    ),
    Case::of_factor(
        "auth-factor/answers/delegated",
        "what is handed to the ID system is of this factor, with a format and a value",
        delegated,
    ),
    Case::of_factor(
        "auth-factor/answers/wrong",
        "wrong answers are not proved, and the person is told",
        wrong_answers,
    ),
    Case::of_factor("auth-factor/answers/none", "a form without answers proves nothing", none),
    Case::of_factor(
        "auth-factor/answers/empty",
        "an empty answer proves nothing, and no empty proof goes to the ID system",
        empty,
    ),
    Case::of_factor(
        "auth-factor/answers/other-fields",
        "answers to fields that nobody asked for prove nothing",
        other_fields,
    ),
    Case::of_factor(
        "auth-factor/answers/odd",
        "odd answers prove nothing: NUL, other scripts, very long ones",
        odd,
    ),
    Case::of_factor("auth-factor/answers/octets", "an answer that is no text proves nothing", octets),
    Case::of_factor("auth-factor/answers/part", "the beginning of a right answer proves nothing", part),
    Case::of_factor("auth-factor/answers/more", "more than a right answer proves nothing", more),
    Case::of_factor(
        "auth-factor/answers/twice",
        "a wrong and a right answer to the same field prove nothing",
        twice,
    ),
    Case::of_factor("auth-factor/answers/many", "thousands of answers do no harm", many),
    Case::of_factor(
        "auth-factor/answers/of-another",
        "what one person answers proves nobody else",
        of_another,
    ),
    Case::of_factor(
        "auth-factor/answers/once",
        "what counts once is not proved again, in that login or another",
        once,
    ),
    Case::of_factor(
        "auth-factor/answers/once-at-the-same-time",
        "of many logins at the same time what counts once is proved in one",
        once_at_the_same_time,
    ),
    Case::of_factor(
        "auth-factor/answers/out-of-date",
        "what counts once is not proved ten minutes later",
        out_of_date,
    ),
    Case::of_factor("auth-factor/answers/tries", "wrong answers come to an end in one login", tries),
    Case::of_factor("auth-factor/answers/tries-left", "the tries that are left get fewer", tries_left),
];

fn right(bench: &mut Bench<'_>) -> Verdict {
    bench.passed().map(drop)
}

fn evidence(bench: &mut Bench<'_>) -> Verdict {
    let (_, _, step) = bench.passed()?;
    let Step::Proved(evidence) = step else {
        return skip("the ID system judges what it asks for");
    };
    ensure(!evidence.amr.is_empty(), || "it claims no `amr` that it announced".to_owned())?;
    let reports = bench.plugin.reports();
    let taken_out =
        reports.iter().flat_map(|report| &report.narrowed).find(|narrowed| narrowed.what == "amr");
    taken_out.map_or(Ok(()), |narrowed| fail(format!("{} `amr` values were not announced", narrowed.count)))
}

fn delegated(bench: &mut Bench<'_>) -> Verdict {
    let (_, _, step) = bench.passed()?;
    let Step::Delegate { proof, .. } = step else {
        return skip("it judges what it asks for itself");
    };
    ensure(!proof.format.is_empty(), || "the proof has no format".to_owned())?;
    ensure(!proof.value.is_empty(), || "the proof has no value".to_owned())
}

fn wrong_answers(bench: &mut Bench<'_>) -> Verdict {
    let (known, individual) = bench.judged_here()?;
    let call = bench.walk(individual.as_ref(), &wrong(&known.answers))?;
    match call.outcome {
        Ok(Step::Ask { rejection: Some(_), .. } | Step::Refused(_)) => Ok(()),
        other => fail(format!("they come to {}", came_to(&other))),
    }
}

/// Answers of somebody, asked in a login of their own.
fn answered(bench: &Bench<'_>, given: Input) -> Result<Result<Step, PluginError>, Unmet> {
    let individual = somebody(bench);
    let asked = bench.asked(individual.as_ref())?;
    Ok(bench.resume(individual.as_ref(), &asked.state, given)?.outcome)
}

fn somebody(bench: &Bench<'_>) -> Option<Individual> {
    bench.answering().map_or_else(|_| Some(bench.somebody()), crate::fixture::Person::individual)
}

fn proves_nothing(outcome: &Result<Step, PluginError>, what: &str) -> Verdict {
    ensure(!is_proved(outcome), || format!("{what} is proved"))
}

/// The fields that are asked for, with what somebody answers where that is known.
fn usual(bench: &Bench<'_>) -> Result<BTreeMap<String, String>, Unmet> {
    let asked = bench.asked(somebody(bench).as_ref())?;
    let known = bench.answering().map(|known| known.answers.clone()).unwrap_or_default();
    let fields = asked.form.fields.iter().filter(|field| !super::is_shown(&field.kind));
    Ok(fields
        .map(|field| {
            (field.name.clone(), known.get(&field.name).cloned().unwrap_or_else(|| "482913".to_owned()))
        })
        .collect())
}

fn none(bench: &mut Bench<'_>) -> Verdict {
    let outcome = answered(bench, Input::Answers(Vec::new()))?;
    proves_nothing(&outcome, "nothing")?;
    no_empty_proof(&outcome)
}

fn no_empty_proof(outcome: &Result<Step, PluginError>) -> Verdict {
    let empty = matches!(outcome, Ok(Step::Delegate { proof, .. }) if proof.value.is_empty());
    ensure(!empty, || "an empty proof goes to the ID system".to_owned())
}

fn empty(bench: &mut Bench<'_>) -> Verdict {
    let emptied = usual(bench)?.into_keys().map(|field| (field, String::new())).collect();
    let outcome = answered(bench, input(&emptied))?;
    proves_nothing(&outcome, "an empty answer")?;
    no_empty_proof(&outcome)
}

fn other_fields(bench: &mut Bench<'_>) -> Verdict {
    let renamed = usual(bench)?.into_iter().map(|(field, value)| (format!("{field}_kit"), value)).collect();
    let outcome = answered(bench, input(&renamed))?;
    proves_nothing(&outcome, "an answer to another field")?;
    no_empty_proof(&outcome)
}

/// Each of the values in the place of every answer: nothing of it is proved.
fn each(bench: &Bench<'_>, values: impl Fn(&str) -> Vec<(String, Vec<u8>)>) -> Verdict {
    let usual = usual(bench)?;
    for (field, right) in &usual {
        for (what, value) in values(right) {
            if value == right.as_bytes() {
                continue;
            }
            let answer = |(name, usual): (&String, &String)| Answer {
                name: name.clone(),
                value: if name == field { value.clone() } else { usual.clone().into_bytes() },
            };
            let outcome = answered(bench, Input::Answers(usual.iter().map(answer).collect()))?;
            proves_nothing(&outcome, &what)?;
        }
    }
    Ok(())
}

fn odd(bench: &mut Bench<'_>) -> Verdict {
    each(bench, |_| {
        oddities()
            .into_iter()
            .map(|(what, value)| (format!("an answer of {what}"), value.into_bytes()))
            .collect()
    })
}

fn octets(bench: &mut Bench<'_>) -> Verdict {
    each(bench, |_| {
        vec![
            ("an answer that is not UTF-8".to_owned(), vec![0xff, 0xfe, 0x00, 0xc3, 0x28]),
            ("an answer of 64 KiB".to_owned(), vec![0x80; 64 << 10]),
        ]
    })
}

fn part(bench: &mut Bench<'_>) -> Verdict {
    bench.answering()?;
    each(bench, |right| {
        let mut shorter = right.to_owned();
        shorter.pop();
        vec![("all but the last character".to_owned(), shorter.into_bytes())]
    })
}

fn more(bench: &mut Bench<'_>) -> Verdict {
    bench.answering()?;
    each(bench, |right| {
        vec![
            ("a right answer and a digit".to_owned(), format!("{right}0").into_bytes()),
            ("a right answer and a NUL".to_owned(), format!("{right}\0").into_bytes()),
            ("a right answer twice".to_owned(), format!("{right}{right}").into_bytes()),
        ]
    })
}

fn twice(bench: &mut Bench<'_>) -> Verdict {
    let (known, _) = bench.judged_here()?;
    let answer =
        |(name, value): (&String, &String)| Answer { name: name.clone(), value: value.clone().into_bytes() };
    let wrong = wrong(&known.answers);
    let both: Vec<Answer> = wrong.iter().chain(&known.answers).map(answer).collect();
    // The host never sends two; whichever counts, it must not be a way around the wrong one that comes first.
    let outcome = answered(bench, Input::Answers(both))?;
    proves_nothing(&outcome, "a wrong answer before a right one")
}

fn many(bench: &mut Bench<'_>) -> Verdict {
    let answer = |number: usize| Answer { name: format!("kit_{number}"), value: b"482913".to_vec() };
    let outcome = answered(bench, Input::Answers((0..2_000).map(answer).collect()))?;
    proves_nothing(&outcome, "one of many answers")
}

fn of_another(bench: &mut Bench<'_>) -> Verdict {
    let (known, individual) = bench.judged_here()?;
    let Some(individual) = individual else { return skip("it does not know who it is") };
    let other = Individual { value: bench.somebody_else().value, ..individual };
    let call = bench.walk(Some(&other), &known.answers)?;
    proves_nothing(&call.outcome, "somebody else by these answers")
}

fn once(bench: &mut Bench<'_>) -> Verdict {
    let (known, individual) = bench.judged_here()?;
    if !known.once {
        return skip("what the first person answers counts again (`once` is not set)");
    }
    let individual = individual.as_ref();
    let asked = bench.asked(individual)?;
    let first = bench.resume(individual, &asked.state, input(&known.answers))?;
    ensure(is_proved(&first.outcome), || format!("it comes to {}", came_to(&first.outcome)))?;
    let again = bench.resume(individual, &asked.state, input(&known.answers))?;
    proves_nothing(&again.outcome, "what counts once, again in the same login,")?;
    let other = caller("kit-login-2");
    let asked = bench.asked_as(&other, individual)?;
    let again = bench.resume_as(&other, individual, &asked.state, input(&known.answers))?;
    proves_nothing(&again.outcome, "what counts once, again in another login,")
}

fn once_at_the_same_time(bench: &mut Bench<'_>) -> Verdict {
    let (known, individual) = bench.judged_here()?;
    if !known.once {
        return skip("what the first person answers counts again (`once` is not set)");
    }
    let asked = bench.asked(individual.as_ref())?;
    let logins = vec![(individual, asked.state, known.answers.clone()); 16];
    let outcomes = super::isolation::at_the_same_time(bench, logins)?;
    let proved = outcomes.iter().filter(|outcome| is_proved(outcome)).count();
    ensure(proved == 1, || format!("it is proved in {proved} of 16 logins"))
}

fn out_of_date(bench: &mut Bench<'_>) -> Verdict {
    let (known, individual) = bench.judged_here()?;
    if !known.once {
        return skip("what the first person answers counts again (`once` is not set)");
    }
    bench.plugin.clock().advance(600);
    let call = bench.walk(individual.as_ref(), &known.answers)?;
    proves_nothing(&call.outcome, "what counted ten minutes ago")
}

/// More than any login may have.
const TRIES: usize = 25;

fn tries(bench: &mut Bench<'_>) -> Verdict {
    let (known, individual) = bench.judged_here()?;
    let mut state = bench.asked(individual.as_ref())?.state;
    for _ in 0..TRIES {
        match bench.resume(individual.as_ref(), &state, input(&wrong(&known.answers)))?.outcome {
            Ok(Step::Refused(_)) => return Ok(()),
            Ok(Step::Ask { state: next, .. }) => state = next,
            Ok(other) => return fail(format!("a wrong answer comes to the step `{}`", name(&other))),
            Err(error) => return fail(format!("a wrong answer comes to \"{error}\"")),
        }
    }
    fail(format!("after {TRIES} wrong answers it still asks"))
}

fn tries_left(bench: &mut Bench<'_>) -> Verdict {
    let (known, individual) = bench.judged_here()?;
    let mut state = bench.asked(individual.as_ref())?.state;
    let mut before = None;
    for _ in 0..TRIES {
        let outcome = bench.resume(individual.as_ref(), &state, input(&wrong(&known.answers)))?.outcome;
        let Ok(Step::Ask { state: next, rejection: Some(rejection), .. }) = outcome else { break };
        let Some(left) = rejection.attempts_left else {
            return skip("it does not say how many tries are left");
        };
        ensure(before.is_none_or(|before| left < before), || {
            format!("{left} tries are left after {before:?}")
        })?;
        (state, before) = (next, Some(left));
    }
    ensure(before.is_some(), || "no wrong answer leaves another try".to_owned())
}
