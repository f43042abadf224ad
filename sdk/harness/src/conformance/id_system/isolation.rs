//! Calls that do not know of each other: nothing is remembered, nothing depends on when and beside whom.

use std::sync::Arc;

use esignet_protocol::ports::plugins::{Authenticated, Authentication, Individual, PluginError, Proof};

use super::super::bench::{Bench, ensure, fail, login, odd_caller, refused, rejected, skip};
use super::super::{Case, Unmet, Verdict};
use super::all_wrong;
use crate::cache::CacheFault;
use crate::calls::caller;

pub(super) const CASES: &[Case] = &[
    Case::of_id_system(
        "id-system/isolation/nothing-remembered",
        "a login comes to the same after somebody else's",
        nothing_remembered,
    ),
    Case::of_id_system(
        "id-system/isolation/wrong-after-right",
        "what is wrong is rejected after somebody got in, too",
        wrong_after_right,
    ),
    Case::of_id_system(
        "id-system/isolation/right-after-wrong",
        "what is right is accepted after something wrong",
        right_after_wrong,
    ),
    Case::of_id_system(
        "id-system/isolation/repeatable",
        "the same call at the same time has the same answer",
        repeatable,
    ),
    Case::of_id_system(
        "id-system/isolation/at-the-same-time",
        "logins at the same time come to what they come to alone",
        concurrent,
    ),
    Case::of_id_system(
        "id-system/isolation/long-ago",
        "in 1970 and a minute later nobody gets in by what is wrong",
        long_ago,
    ),
    Case::of_id_system(
        "id-system/isolation/far-off",
        "in 2200 and later nobody gets in by what is wrong",
        far_off,
    ),
    Case::of_id_system(
        "id-system/isolation/clock-goes-back",
        "claims are released when the clock was set back",
        clock_goes_back,
    ),
    Case::of_id_system(
        "id-system/isolation/without-cache",
        "without a cache nobody gets in by what is wrong",
        without_cache,
    ),
    Case::of_id_system(
        "id-system/isolation/full-cache",
        "with a full cache nobody gets in by what is wrong",
        full_cache,
    ),
    Case::of_id_system(
        "id-system/isolation/other-caller",
        "odd relying parties, clients and languages do no harm",
        other_caller,
    ),
    Case::of_id_system(
        "id-system/isolation/within-limits",
        "a whole login stays below three quarters of its limits",
        within_limits,
    ),
];

fn nothing_remembered(bench: &mut Bench<'_>) -> Verdict {
    let (known, individual, alone) = bench.signed_in()?;
    let wrong = all_wrong(&known.proofs());
    let before = bench.authenticate(&individual, &wrong)?.outcome.err();
    bench.again_for(known)?;
    let others: Vec<_> = bench.everybody_known().skip(1).collect();
    for (other, of_other) in others {
        drop(bench.authenticate(&of_other, &other.proofs())?);
    }
    drop(bench.authenticate(&bench.stranger()?, &known.proofs())?);
    let after = bench.authenticate(&individual, &wrong)?.outcome.err();
    ensure(before == after, || format!("what is wrong comes to {before:?}, and after others to {after:?}"))?;
    let again = bench.authenticate(&individual, &known.proofs())?.outcome;
    let again = again.map_err(|error| Unmet::Failed(format!("not after others: {error}")))?;
    ensure(again.subject == alone.subject, || "the subject is another one after others signed in".to_owned())
}

fn wrong_after_right(bench: &mut Bench<'_>) -> Verdict {
    let (known, individual, _) = bench.signed_in()?;
    rejected(
        &bench.authenticate(&individual, &all_wrong(&known.proofs()))?,
        "a wrong proof after a right one",
    )
}

fn right_after_wrong(bench: &mut Bench<'_>) -> Verdict {
    let (known, individual) = bench.known()?;
    drop(bench.authenticate(&individual, &all_wrong(&known.proofs()))?);
    bench
        .authenticate(&individual, &known.proofs())?
        .outcome
        .map(drop)
        .map_err(|error| Unmet::Failed(format!("one wrong proof keeps somebody out: {error}")))
}

fn repeatable(bench: &mut Bench<'_>) -> Verdict {
    let (_, _, first) = bench.signed_in()?;
    bench.renew()?;
    let (_, _, second) = bench.signed_in()?;
    ensure(first == second, || "at the same time with the same randomness there is another answer".to_owned())
}

/// Logins that are all under way together.
pub(super) fn at_the_same_time(
    bench: &Bench<'_>,
    logins: Vec<(Individual, Vec<Proof>)>,
) -> Result<Vec<Result<Authenticated, PluginError>>, Unmet> {
    let port = bench.plugin.id_system_port().map_err(|error| Unmet::Failed(error.to_string()))?;
    let outcomes = bench.plugin.block_on(async move {
        let mut under_way = Vec::new();
        for (number, (individual, proofs)) in logins.into_iter().enumerate() {
            let port = Arc::clone(&port);
            under_way.push(tokio::spawn(async move {
                let caller = caller(&format!("kit-parallel-{number}"));
                let asked = Authentication { individual: &individual, proofs: &proofs, evidence: &[] };
                port.authenticate(&caller, asked).await
            }));
        }
        let mut outcomes = Vec::new();
        for login in under_way {
            outcomes.push(login.await);
        }
        outcomes
    });
    outcomes.into_iter().map(|outcome| outcome.map_err(|error| Unmet::Failed(error.to_string()))).collect()
}

fn concurrent(bench: &mut Bench<'_>) -> Verdict {
    let (known, individual, alone) = bench.signed_in()?;
    if known.once {
        return skip(
            "what the first person proves counts once: see id-system/credentials/once-at-the-same-time",
        );
    }
    let (right, wrong) = (known.proofs(), all_wrong(&known.proofs()));
    let proofs = |number: usize| if number.is_multiple_of(2) { right.clone() } else { wrong.clone() };
    let logins = (0..24).map(|number| (individual.clone(), proofs(number))).collect();
    for (number, outcome) in at_the_same_time(bench, logins)?.into_iter().enumerate() {
        match (number.is_multiple_of(2), outcome) {
            (true, Ok(given)) => {
                ensure(given.subject == alone.subject, || "another subject beside others".to_owned())?;
            }
            (false, Err(PluginError::Rejected(_))) => {}
            (true, Err(error)) => return fail(format!("what is right comes to \"{error}\" beside others")),
            (false, Ok(_)) => return fail("what is wrong is accepted beside others"),
            (false, Err(error)) => return fail(format!("what is wrong comes to \"{error}\" beside others")),
        }
    }
    Ok(())
}

fn at_time(bench: &Bench<'_>, seconds: u64) -> Verdict {
    bench.plugin.clock().set(seconds);
    let (known, individual) = bench.known()?;
    refused(
        &bench.authenticate(&individual, &all_wrong(&known.proofs()))?,
        &format!("a wrong proof at {seconds} s"),
    )?;
    refused(
        &bench.authenticate(&bench.stranger()?, &known.proofs())?,
        &format!("a stranger at {seconds} s"),
    )?;
    if bench.channels().is_ok() {
        drop(bench.send(&individual, &[])?);
    }
    drop(bench.authenticate(&individual, &known.proofs())?);
    Ok(())
}

fn long_ago(bench: &mut Bench<'_>) -> Verdict {
    [0, 1, 60].into_iter().try_for_each(|seconds| at_time(bench, seconds))
}

fn far_off(bench: &mut Bench<'_>) -> Verdict {
    // 2200, behind the 32nd bit of seconds, and behind the largest year that four digits write.
    [7_258_118_400, 1 << 33, 253_402_300_800, u64::MAX / 2, u64::MAX]
        .into_iter()
        .try_for_each(|seconds| at_time(bench, seconds))
}

fn clock_goes_back(bench: &mut Bench<'_>) -> Verdict {
    let (_, _, authenticated) = bench.signed_in()?;
    let now = bench.plugin.clock().seconds();
    bench.plugin.clock().set(now.saturating_sub(5));
    bench.released(&login(), &authenticated, &[]).map(drop)
}

fn with_cache(bench: &mut Bench<'_>, fault: CacheFault) -> Verdict {
    if !bench.plugin.manifest().requests.cache {
        return skip("its manifest does not ask for the cache");
    }
    let (known, individual) = bench.known()?;
    bench.plugin.cache().fail(Some(fault));
    refused(&bench.authenticate(&individual, &all_wrong(&known.proofs()))?, "a wrong proof")?;
    let call = bench.authenticate(&individual, &known.proofs())?;
    if known.once {
        refused(&call, "what counts once, when it cannot be marked as used,")?;
    }
    Ok(())
}

fn without_cache(bench: &mut Bench<'_>) -> Verdict {
    with_cache(bench, CacheFault::Unavailable)
}

fn full_cache(bench: &mut Bench<'_>) -> Verdict {
    with_cache(bench, CacheFault::Full)
}

fn other_caller(bench: &mut Bench<'_>) -> Verdict {
    let (known, individual, usual) = bench.signed_in()?;
    for odd in ["", "{caller.client}", "a/../b?c", "日本\u{202e}", &"x".repeat(2_000)] {
        bench.again_for(known)?;
        let call = bench.id_system()?.authenticate(&odd_caller(odd), &individual, &known.proofs(), &[]);
        if let Ok(given) = call.outcome {
            ensure(given.partner_specific || given.subject == usual.subject, || {
                format!(
                    "for the relying party {odd:?} the subject is another one, and it is not said to be `partner-specific`"
                )
            })?;
        }
    }
    Ok(())
}

fn within_limits(bench: &mut Bench<'_>) -> Verdict {
    let (_, individual, authenticated) = bench.signed_in()?;
    if bench.channels().is_ok() {
        drop(bench.send(&individual, &[])?);
    }
    let announced = bench.announced();
    let names: Vec<&str> = announced.iter().map(String::as_str).collect();
    drop(bench.release(&authenticated.continuation, &names)?);
    super::super::bench::within_limits(&bench.plugin)
}
