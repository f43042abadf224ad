//! What a factor says of itself.

use std::collections::BTreeSet;

use super::super::bench::{Bench, ensure, fail};
use super::super::{Case, Unmet, Verdict};
use crate::cache::CacheFault;

pub(super) const CASES: &[Case] = &[
    Case::of_factor("auth-factor/describe/answers", "it says what it is when it is loaded", answers),
    Case::of_factor(
        "auth-factor/describe/is-stable",
        "it says the same of itself at any time, with any randomness and with an empty cache",
        is_stable,
    ),
    Case::of_factor("auth-factor/describe/amr", "it announces at least one `amr` value, each once", amr),
    Case::of_factor(
        "auth-factor/describe/reaches-nobody",
        "it describes itself without asking an upstream",
        reaches_nobody,
    ),
    Case::of_factor(
        "auth-factor/describe/without-cache",
        "it describes itself when the cache does not answer",
        without_cache,
    ),
];

fn answers(bench: &mut Bench<'_>) -> Verdict {
    bench.factor().map(drop)
}

fn is_stable(bench: &mut Bench<'_>) -> Verdict {
    let first = bench.factor()?.descriptor().clone();
    bench.plugin.clock().advance(86_400);
    bench.plugin.entropy().reseed(7_919);
    bench.plugin.reload().map_err(|error| Unmet::Failed(error.to_string()))?;
    let second = bench.factor()?.descriptor().clone();
    ensure(first == second, || format!("a day later it says {second:?}, and before {first:?}"))
}

fn amr(bench: &mut Bench<'_>) -> Verdict {
    let amr = bench.factor()?.descriptor().amr.clone();
    ensure(!amr.is_empty(), || {
        "`amr` is empty: nobody would learn how a person proved themselves".to_owned()
    })?;
    let mut seen = BTreeSet::new();
    let twice = amr.iter().find(|value| !seen.insert(*value));
    twice.map_or(Ok(()), |twice| fail(format!("\"{twice}\" is there twice")))
}

fn reaches_nobody(bench: &mut Bench<'_>) -> Verdict {
    let reports = bench.plugin.reports();
    let asked = reports.iter().flat_map(|report| &report.exchanges).next();
    asked.map_or(Ok(()), |exchange| {
        fail(format!(
            "it asked {}: a server that is down would keep the plugin from being loaded",
            exchange.line()
        ))
    })
}

fn without_cache(bench: &mut Bench<'_>) -> Verdict {
    bench.plugin.cache().fail(Some(CacheFault::Unavailable));
    let reloaded = bench.plugin.reload();
    bench.plugin.cache().fail(None);
    reloaded.map_err(|error| Unmet::Failed(error.to_string()))
}
