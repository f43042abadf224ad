//! Servers behind a factor that fail, lie and linger: nobody is proved by that.

use std::collections::BTreeMap;

use serde_json::json;

use super::super::bench::{Bench, ensure, fail, login, skip, tells};
use super::super::{Case, Unmet, Verdict};
use super::{came_to, is_proved};
use crate::fixture::Person;
use crate::report::Call;
use crate::upstream::{Fault, Rule};
use esignet_protocol::ports::plugins::{PluginError, Step};

pub(super) const CASES: &[Case] = &[
    Case::of_factor(
        "auth-factor/upstreams/timeout",
        "a server that does not answer in time proves nothing",
        timeout,
    ),
    Case::of_factor(
        "auth-factor/upstreams/unreachable",
        "a server that cannot be reached proves nothing",
        unreachable,
    ),
    Case::of_factor(
        "auth-factor/upstreams/too-large",
        "an answer that is too large proves nothing",
        too_large,
    ),
    Case::of_factor("auth-factor/upstreams/error-500", "status 500 proves nothing", error_500),
    Case::of_factor("auth-factor/upstreams/redirect", "a redirect proves nothing", redirect),
    Case::of_factor("auth-factor/upstreams/malformed", "an answer that is no JSON proves nothing", malformed),
    Case::of_factor(
        "auth-factor/upstreams/no-secret-in-address",
        "what is typed is in no path and no query",
        no_secret,
    ),
    Case::of_factor(
        "auth-factor/upstreams/errors-tell-nothing",
        "what a server says is in no text for the operator",
        tell_nothing,
    ),
];

/// Somebody for whom a server is asked.
fn asking<'a>(bench: &mut Bench<'a>) -> Result<&'a Person, Unmet> {
    if bench.plugin.manifest().requests.upstreams.is_empty() {
        return skip("it asks for no upstream");
    }
    let (known, ..) = bench.passed()?;
    let asked = bench.plugin.reports().iter().any(|report| !report.exchanges.is_empty());
    bench.renew()?;
    if asked { Ok(known) } else { skip("it asks no upstream") }
}

/// The whole way, while every server answers by that rule. A beginning that fails is an outcome, too.
fn walked(
    bench: &Bench<'_>,
    known: &Person,
    answers: &BTreeMap<String, String>,
) -> Result<Call<Step>, Unmet> {
    let individual = known.individual();
    let begun = bench.begin(individual.as_ref())?;
    let begun = bench.until_it_asks(&login(), individual.as_ref(), begun)?;
    match begun.outcome {
        Ok(Step::Ask { .. }) => bench.walk(individual.as_ref(), answers),
        _ => Ok(begun),
    }
}

fn proves_nothing(bench: &mut Bench<'_>, rule: &Rule) -> Verdict {
    let known = asking(bench)?;
    bench.plugin.upstreams().answer_all(Some(rule.clone()));
    let outcome = walked(bench, known, &super::wrong(&known.answers))?.outcome;
    ensure(!is_proved(&outcome), || "a wrong answer is proved".to_owned())?;
    ensure(!matches!(outcome, Err(PluginError::Broken(_))), || {
        format!("it comes to {}, which is not for a server that fails", came_to(&outcome))
    })
}

fn timeout(bench: &mut Bench<'_>) -> Verdict {
    proves_nothing(bench, &Rule::always().fault(Fault::Timeout))
}

fn unreachable(bench: &mut Bench<'_>) -> Verdict {
    proves_nothing(bench, &Rule::always().fault(Fault::Unreachable))
}

fn too_large(bench: &mut Bench<'_>) -> Verdict {
    proves_nothing(bench, &Rule::always().fault(Fault::TooLarge))
}

fn error_500(bench: &mut Bench<'_>) -> Verdict {
    proves_nothing(bench, &Rule::always().json(500, json!({ "error": "internal" })))
}

fn redirect(bench: &mut Bench<'_>) -> Verdict {
    proves_nothing(bench, &Rule::always().text(302, "").header("location", "https://elsewhere.invalid/"))
}

fn malformed(bench: &mut Bench<'_>) -> Verdict {
    proves_nothing(bench, &Rule::always().text(200, "{\"status\": yes, 'ref': p-77}"))
}

fn no_secret(bench: &mut Bench<'_>) -> Verdict {
    let known = asking(bench)?;
    drop(walked(bench, known, &known.answers)?);
    let reports = bench.plugin.reports();
    let exchanges = reports.iter().flat_map(|report| &report.exchanges);
    let addresses: Vec<String> =
        exchanges.map(|exchange| format!("{} {:?}", exchange.request.path, exchange.request.query)).collect();
    let typed: Vec<String> = known.answers.values().cloned().collect();
    tells(&addresses, &typed)
        .map_or(Ok(()), |told| fail(format!("the address {told}; addresses end up in logs")))
}

fn tell_nothing(bench: &mut Bench<'_>) -> Verdict {
    const CANARY: &str = "kit-canary-4711";
    let known = asking(bench)?;
    for status in [200, 400, 500] {
        bench.renew()?;
        bench
            .plugin
            .upstreams()
            .answer_all(Some(Rule::always().text(status, &json!({ "message": CANARY }).to_string())));
        drop(walked(bench, known, &known.answers)?);
        let told: Vec<String> = bench.plugin.reports().iter().flat_map(crate::report::Report::told).collect();
        if let Some(told) = tells(&told, &[CANARY.to_owned()]) {
            return fail(told);
        }
    }
    Ok(())
}
