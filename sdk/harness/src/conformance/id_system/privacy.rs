//! What an operator reads of people: nothing.

use esignet_protocol::ports::plugins::Individual;

use super::super::bench::{Bench, ensure, fail, login, skip, tells};
use super::super::{Case, Verdict};
use super::all_wrong;
use crate::calls::proof;

pub(super) const CASES: &[Case] = &[
    Case::of_id_system(
        "id-system/privacy/log-of-login",
        "the log of a login has nothing in it that was typed",
        log_of_login,
    ),
    Case::of_id_system(
        "id-system/privacy/log-of-claims",
        "no log has a claim of a person in it",
        log_of_claims,
    ),
    Case::of_id_system(
        "id-system/privacy/log-of-refusals",
        "the log of a refused login has nothing in it that was typed",
        log_of_refusals,
    ),
    Case::of_id_system(
        "id-system/privacy/error-texts",
        "no text of a failure has anything in it that was typed",
        error_texts,
    ),
    Case::of_id_system(
        "id-system/privacy/reasons",
        "the reason of a rejection has nothing in it that was typed",
        reasons,
    ),
    Case::of_id_system(
        "id-system/privacy/continuation",
        "no proof is kept in the continuation",
        continuation,
    ),
    Case::of_id_system("id-system/privacy/subject", "the subject has no proof in it", subject),
    Case::of_id_system("id-system/privacy/log-fits", "a login logs no more than it may", log_fits),
];

/// What was told in every call so far.
fn told(bench: &Bench<'_>) -> Vec<String> {
    bench.plugin.reports().iter().flat_map(crate::report::Report::told).collect()
}

fn silent(bench: &Bench<'_>, typed: &[String]) -> Verdict {
    tells(&told(bench), typed).map_or(Ok(()), fail)
}

fn log_of_login(bench: &mut Bench<'_>) -> Verdict {
    let (known, individual, authenticated) = bench.signed_in()?;
    if bench.channels().is_ok() {
        drop(bench.send(&individual, &[])?);
    }
    bench.released(&login(), &authenticated, &[])?;
    let mut typed = vec![individual.value];
    typed.extend(known.proofs.iter().map(|proof| proof.value.clone()));
    silent(bench, &typed)
}

fn log_of_claims(bench: &mut Bench<'_>) -> Verdict {
    let (_, _, authenticated) = bench.signed_in()?;
    let announced = bench.announced();
    let names: Vec<&str> = announced.iter().map(String::as_str).collect();
    let released = bench.released(&login(), &authenticated, &names)?;
    let mut values: Vec<String> =
        released.values().filter_map(|value| value.as_str()).map(str::to_owned).collect();
    // "male" and "true" are words of their own.
    values.retain(|value| value.chars().count() > 6);
    silent(bench, &values)
}

fn log_of_refusals(bench: &mut Bench<'_>) -> Verdict {
    let (known, individual) = bench.known()?;
    let stranger = bench.stranger()?;
    let wrong = all_wrong(&known.proofs());
    drop(bench.authenticate(&individual, &wrong)?);
    drop(bench.authenticate(&stranger, &wrong)?);
    drop(bench.authenticate(&stranger, &known.proofs())?);
    let typed = [individual.value, stranger.value].into_iter();
    let proofs = wrong.iter().map(|proof| String::from_utf8_lossy(&proof.value).into_owned());
    silent(bench, &typed.chain(proofs).collect::<Vec<_>>())
}

fn error_texts(bench: &mut Bench<'_>) -> Verdict {
    const TYPED: &str = "kit-canary-4711";
    let anybody = bench.anybody();
    let (factor, format) = bench.judged().unwrap_or_else(|| ("OTP".to_owned(), "alpha-numeric".to_owned()));
    let canary = Individual { value: TYPED.to_owned(), ..anybody.clone() };
    let other_kind = Individual { kind: "kit-unknown".to_owned(), ..canary.clone() };
    let proofs = [
        vec![proof(&factor, &format, TYPED)],
        vec![proof(&factor, "kit-unknown", TYPED)],
        vec![proof("KIT-UNKNOWN", &format, TYPED)],
        vec![proof(&factor, &format, TYPED), proof(&factor, &format, TYPED)],
        Vec::new(),
    ];
    for individual in [&anybody, &canary, &other_kind] {
        for proofs in &proofs {
            drop(bench.authenticate(individual, proofs)?);
        }
        drop(bench.send(individual, &[])?);
        drop(bench.send(individual, &["kit-unknown"])?);
    }
    drop(bench.release(TYPED.as_bytes(), &["name"])?);
    silent(bench, &[TYPED.to_owned(), anybody.value])
}

fn reasons(bench: &mut Bench<'_>) -> Verdict {
    let (known, individual) = bench.known()?;
    drop(bench.authenticate(&individual, &all_wrong(&known.proofs()))?);
    let errors: Vec<String> =
        bench.plugin.reports().iter().filter_map(|report| report.error().map(str::to_owned)).collect();
    tells(&errors, &[individual.value]).map_or(Ok(()), fail)
}

fn continuation(bench: &mut Bench<'_>) -> Verdict {
    let (known, _, authenticated) = bench.signed_in()?;
    let kept = vec![String::from_utf8_lossy(&authenticated.continuation).into_owned()];
    let proofs: Vec<String> = known.proofs.iter().map(|proof| proof.value.clone()).collect();
    match tells(&kept, &proofs) {
        Some(_) => fail("the continuation has a proof in it, as it was typed"),
        None => Ok(()),
    }
}

fn subject(bench: &mut Bench<'_>) -> Verdict {
    let (known, _, authenticated) = bench.signed_in()?;
    let proofs: Vec<String> = known.proofs.iter().map(|proof| proof.value.clone()).collect();
    tells(&[authenticated.subject], &proofs).map_or(Ok(()), fail)
}

fn log_fits(bench: &mut Bench<'_>) -> Verdict {
    bench.signed_in()?;
    let reports = bench.plugin.reports();
    let dropped =
        reports.iter().filter_map(|report| report.ended.as_ref()).map(|ended| ended.log_dropped).sum::<u32>();
    if reports.iter().all(|report| report.log.is_empty()) && dropped == 0 {
        return skip("it logs nothing");
    }
    ensure(dropped == 0, || format!("{dropped} lines were dropped: raise [limits] log_bytes, or log less"))
}
