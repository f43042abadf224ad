//! What an operator reads of people: nothing.

use std::collections::BTreeMap;

use esignet_protocol::ports::plugins::{Individual, Input, Step};

use super::super::bench::{Bench, ensure, fail, skip, tells};
use super::super::{Case, Verdict};
use super::{input, no, wrong};

pub(super) const CASES: &[Case] = &[
    Case::of_factor(
        "auth-factor/privacy/log-of-right",
        "the log of right answers has nothing in it that was typed",
        log_of_right,
    ),
    Case::of_factor(
        "auth-factor/privacy/log-of-wrong",
        "the log of wrong answers has nothing in it that was typed",
        log_of_wrong,
    ),
    Case::of_factor(
        "auth-factor/privacy/error-texts",
        "no text of a failure has anything in it that was typed",
        error_texts,
    ),
    Case::of_factor("auth-factor/privacy/evidence", "what is proved has no answer in it", evidence),
    Case::of_factor(
        "auth-factor/privacy/not-shown-again",
        "a form does not show what was answered",
        not_shown_again,
    ),
    Case::of_factor("auth-factor/privacy/log-fits", "a login logs no more than it may", log_fits),
];

fn silent(bench: &Bench<'_>, typed: &[String]) -> Verdict {
    let told: Vec<String> = bench.plugin.reports().iter().flat_map(crate::report::Report::told).collect();
    tells(&told, typed).map_or(Ok(()), fail)
}

fn typed(individual: Option<&Individual>, answers: &BTreeMap<String, String>) -> Vec<String> {
    answers.values().cloned().chain(individual.map(|individual| individual.value.clone())).collect()
}

fn log_of_right(bench: &mut Bench<'_>) -> Verdict {
    let (known, individual, _) = bench.passed()?;
    silent(bench, &typed(individual.as_ref(), &known.answers))
}

fn log_of_wrong(bench: &mut Bench<'_>) -> Verdict {
    let known = bench.answering()?;
    let individual = known.individual();
    let wrong = wrong(&known.answers);
    drop(bench.walk(individual.as_ref(), &wrong)?);
    silent(bench, &typed(individual.as_ref(), &wrong))
}

fn error_texts(bench: &mut Bench<'_>) -> Verdict {
    const TYPED: &str = "kit-canary-4711";
    let somebody = bench.somebody();
    let canary = Individual { value: TYPED.to_owned(), ..somebody.clone() };
    let asked = bench.asked(Some(&somebody))?;
    let names: Vec<String> = asked.form.fields.iter().map(|field| field.name.clone()).collect();
    let answers: BTreeMap<String, String> = names.into_iter().map(|name| (name, TYPED.to_owned())).collect();
    for individual in [Some(&somebody), Some(&canary), None] {
        drop(bench.begin(individual)?);
        for state in [asked.state.as_slice(), TYPED.as_bytes()] {
            drop(bench.resume(individual, state, input(&answers))?);
            drop(bench.resume(individual, state, Input::Waited)?);
            drop(bench.resume(individual, state, Input::Rejected(no(TYPED)))?);
        }
    }
    silent(bench, &[TYPED.to_owned(), somebody.value])
}

fn evidence(bench: &mut Bench<'_>) -> Verdict {
    let (known, individual, step) = bench.passed()?;
    let Step::Proved(evidence) = step else { return skip("the ID system judges what it asks for") };
    let values: Vec<String> = evidence.attributes.into_iter().map(|attribute| attribute.value).collect();
    tells(&values, &typed(individual.as_ref(), &known.answers)).map_or(Ok(()), fail)
}

fn not_shown_again(bench: &mut Bench<'_>) -> Verdict {
    let known = bench.answering()?;
    let individual = known.individual();
    let wrong = wrong(&known.answers);
    let Ok(Step::Ask { form, .. }) = bench.walk(individual.as_ref(), &wrong)?.outcome else {
        return skip("after a wrong answer nothing is asked");
    };
    let shown = serde_json::to_string(&form).unwrap_or_default();
    tells(&[shown], &typed(None, &wrong)).map_or(Ok(()), |_| fail("the next form shows what was answered"))
}

fn log_fits(bench: &mut Bench<'_>) -> Verdict {
    bench.passed()?;
    let reports = bench.plugin.reports();
    let dropped =
        reports.iter().filter_map(|report| report.ended.as_ref()).map(|ended| ended.log_dropped).sum::<u32>();
    if reports.iter().all(|report| report.log.is_empty()) && dropped == 0 {
        return skip("it logs nothing");
    }
    ensure(dropped == 0, || format!("{dropped} lines were dropped: raise [limits] log_bytes, or log less"))
}
