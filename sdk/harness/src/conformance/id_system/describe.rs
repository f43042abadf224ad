//! What an ID system says of itself.

use std::collections::BTreeSet;

use esignet_protocol::ports::plugins::IdSystemDescriptor;

use super::super::bench::{Bench, ensure, fail};
use super::super::{Case, Unmet, Verdict};
use crate::cache::CacheFault;

pub(super) const CASES: &[Case] = &[
    Case::of_id_system("id-system/describe/answers", "it says what it is when it is loaded", answers),
    Case::of_id_system(
        "id-system/describe/is-stable",
        "it says the same of itself at any time, with any randomness and with an empty cache",
        is_stable,
    ),
    Case::of_id_system(
        "id-system/describe/kinds",
        "it knows at least one kind of identifier, each named once",
        kinds,
    ),
    Case::of_id_system("id-system/describe/factors", "each factor that it judges is named once", factors),
    Case::of_id_system(
        "id-system/describe/formats",
        "it takes each factor that it judges in at least one format",
        formats,
    ),
    Case::of_id_system("id-system/describe/channels", "each channel is named once", channels),
    Case::of_id_system("id-system/describe/claims", "each claim is named once, without a language", claims),
    Case::of_id_system(
        "id-system/describe/claims-asked-for",
        "its manifest asks for every claim that it announces",
        claims_asked_for,
    ),
    Case::of_id_system("id-system/describe/locales", "each language of claims is named once", locales),
    Case::of_id_system(
        "id-system/describe/verified-claims",
        "what it can state as verified it announces as a claim",
        verified_claims,
    ),
    Case::of_id_system(
        "id-system/describe/reaches-nobody",
        "it describes itself without asking an upstream",
        reaches_nobody,
    ),
    Case::of_id_system(
        "id-system/describe/without-cache",
        "it describes itself when the cache does not answer",
        without_cache,
    ),
];

fn descriptor(bench: &Bench<'_>) -> Result<IdSystemDescriptor, Unmet> {
    Ok(bench.id_system()?.descriptor().clone())
}

fn named_once(what: &str, words: &[String]) -> Verdict {
    let mut seen = BTreeSet::new();
    match words.iter().find(|word| !seen.insert(*word)) {
        Some(twice) => fail(format!("{what} \"{twice}\" is there twice")),
        None => Ok(()),
    }
}

fn answers(bench: &mut Bench<'_>) -> Verdict {
    descriptor(bench).map(drop)
}

fn is_stable(bench: &mut Bench<'_>) -> Verdict {
    let first = descriptor(bench)?;
    bench.plugin.clock().advance(86_400);
    bench.plugin.entropy().reseed(7_919);
    bench.plugin.reload().map_err(|error| Unmet::Failed(error.to_string()))?;
    let second = descriptor(bench)?;
    ensure(first == second, || format!("a day later it says {second:?}, and before {first:?}"))
}

fn kinds(bench: &mut Bench<'_>) -> Verdict {
    let kinds = descriptor(bench)?.individual_kinds;
    ensure(!kinds.is_empty(), || "`individual-kinds` is empty: nobody can name themselves".to_owned())?;
    named_once("the kind", &kinds)
}

fn factors(bench: &mut Bench<'_>) -> Verdict {
    let factors: Vec<String> = descriptor(bench)?.factors.into_iter().map(|(factor, _)| factor).collect();
    named_once("the factor", &factors)
}

fn formats(bench: &mut Bench<'_>) -> Verdict {
    let without = descriptor(bench)?.factors.into_iter().find(|(_, formats)| formats.is_empty());
    without
        .map_or(Ok(()), |(factor, _)| fail(format!("the factor {factor} has no format: no proof of it fits")))
}

fn channels(bench: &mut Bench<'_>) -> Verdict {
    named_once("the channel", &descriptor(bench)?.otp_channels)
}

fn claims(bench: &mut Bench<'_>) -> Verdict {
    let claims = descriptor(bench)?.claims;
    if let Some(tagged) = claims.iter().find(|claim| claim.contains('#')) {
        return fail(format!("\"{tagged}\" carries a language, which is for requests and answers"));
    }
    named_once("the claim", &claims)
}

fn claims_asked_for(bench: &mut Bench<'_>) -> Verdict {
    let reports = bench.plugin.reports();
    let taken_out: usize = reports
        .iter()
        .flat_map(|report| &report.narrowed)
        .filter(|n| n.what == "claims")
        .map(|n| n.count)
        .sum();
    ensure(taken_out == 0, || {
        format!(
            "{taken_out} of its claims are not in [requests] claims of plugin.toml, and the host takes them out"
        )
    })
}

fn locales(bench: &mut Bench<'_>) -> Verdict {
    named_once("the language", &descriptor(bench)?.claims_locales)
}

fn verified_claims(bench: &mut Bench<'_>) -> Verdict {
    let described = descriptor(bench)?;
    let Some(offer) = described.verified else {
        return super::skip("it verifies nothing");
    };
    let beyond = offer.claims.iter().find(|claim| !described.claims.contains(claim));
    beyond.map_or(Ok(()), |claim| fail(format!("\"{claim}\" is verified and not among its `claims`")))
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
