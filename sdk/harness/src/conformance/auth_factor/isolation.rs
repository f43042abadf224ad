//! Calls that do not know of each other: nothing is remembered, nothing depends on when and beside whom.

use std::collections::BTreeMap;
use std::sync::Arc;

use esignet_protocol::ports::plugins::{Individual, PluginError, Step};

use super::super::bench::{Bench, ensure, login, skip};
use super::super::{Case, Unmet, Verdict};
use super::{came_to, input, is_proved, wrong};
use crate::cache::CacheFault;
use crate::calls::caller;

pub(super) const CASES: &[Case] = &[
    Case::of_factor(
        "auth-factor/isolation/nothing-remembered",
        "a login begins the same after somebody else's",
        nothing_remembered,
    ),
    Case::of_factor(
        "auth-factor/isolation/wrong-after-right",
        "what is wrong is not proved after somebody got in",
        wrong_after_right,
    ),
    Case::of_factor(
        "auth-factor/isolation/right-after-wrong",
        "what is right is accepted after something wrong",
        right_after_wrong,
    ),
    Case::of_factor(
        "auth-factor/isolation/repeatable",
        "the same call at the same time has the same answer",
        repeatable,
    ),
    Case::of_factor(
        "auth-factor/isolation/at-the-same-time",
        "logins at the same time come to what they come to alone",
        concurrent,
    ),
    Case::of_factor(
        "auth-factor/isolation/long-ago",
        "in 1970 and a minute later wrong answers prove nothing",
        long_ago,
    ),
    Case::of_factor(
        "auth-factor/isolation/far-off",
        "in 2200 and later wrong answers prove nothing",
        far_off,
    ),
    Case::of_factor(
        "auth-factor/isolation/without-cache",
        "without a cache wrong answers prove nothing, nor what counts once",
        without_cache,
    ),
    Case::of_factor(
        "auth-factor/isolation/full-cache",
        "with a full cache wrong answers prove nothing, nor what counts once",
        full_cache,
    ),
    Case::of_factor(
        "auth-factor/isolation/within-limits",
        "a whole way stays below three quarters of its limits",
        within_limits,
    ),
];

fn nothing_remembered(bench: &mut Bench<'_>) -> Verdict {
    let (somebody, other) = (bench.somebody(), bench.somebody_else());
    let before = bench.begin(Some(&somebody))?.outcome;
    let asked = bench.asked(Some(&other))?;
    drop(bench.resume(Some(&other), &asked.state, input(&BTreeMap::new()))?);
    if let Ok(known) = bench.answering() {
        drop(bench.walk(Some(&other), &known.answers)?);
    }
    let after = bench.begin(Some(&somebody))?.outcome;
    ensure(before == after, || {
        format!("it begins with {}, and after others with {}", came_to(&before), came_to(&after))
    })
}

fn wrong_after_right(bench: &mut Bench<'_>) -> Verdict {
    let (known, individual, step) = bench.passed()?;
    let Step::Proved(_) = step else { return skip("the ID system judges what it asks for") };
    let outcome = bench.walk(individual.as_ref(), &wrong(&known.answers))?.outcome;
    ensure(!is_proved(&outcome), || "a wrong answer is proved after a right one".to_owned())
}

fn right_after_wrong(bench: &mut Bench<'_>) -> Verdict {
    let known = bench.answering()?;
    let individual = known.individual();
    drop(bench.walk(individual.as_ref(), &wrong(&known.answers))?);
    let outcome = bench.walk(individual.as_ref(), &known.answers)?.outcome;
    ensure(matches!(outcome, Ok(Step::Proved(_) | Step::Delegate { .. })), || {
        format!("a wrong answer in another login makes it come to {}", came_to(&outcome))
    })
}

fn repeatable(bench: &mut Bench<'_>) -> Verdict {
    let (_, _, first) = bench.passed()?;
    bench.renew()?;
    let (_, _, second) = bench.passed()?;
    ensure(first == second, || "at the same time with the same randomness there is another answer".to_owned())
}

/// Who it is, the state, and what is answered.
pub(super) type Login = (Option<Individual>, Vec<u8>, BTreeMap<String, String>);

/// Logins that answer all together.
pub(super) fn at_the_same_time(
    bench: &Bench<'_>,
    logins: Vec<Login>,
) -> Result<Vec<Result<Step, PluginError>>, Unmet> {
    let port = bench.plugin.factor_port().map_err(|error| Unmet::Failed(error.to_string()))?;
    let outcomes = bench.plugin.block_on(async move {
        let mut under_way = Vec::new();
        for (number, (individual, state, answers)) in logins.into_iter().enumerate() {
            let port = Arc::clone(&port);
            under_way.push(tokio::spawn(async move {
                let caller = caller(&format!("kit-parallel-{number}"));
                port.resume(&caller, individual.as_ref(), &state, input(&answers)).await
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
    let known = bench.answering()?;
    let individual = known.individual();
    let asked = bench.asked(individual.as_ref())?;
    let alone = bench.resume(individual.as_ref(), &asked.state, input(&wrong(&known.answers)))?.outcome;
    let logins = vec![(individual, asked.state, wrong(&known.answers)); 24];
    for outcome in at_the_same_time(bench, logins)? {
        ensure(outcome == alone, || {
            format!("alone it comes to {}, beside others to {}", came_to(&alone), came_to(&outcome))
        })?;
    }
    Ok(())
}

fn at_time(bench: &mut Bench<'_>, seconds: u64) -> Verdict {
    let somebody = bench.somebody();
    bench.plugin.clock().set(seconds);
    let asked = bench.asked(Some(&somebody))?;
    let answers = bench.answering().map(|known| wrong(&known.answers)).unwrap_or_default();
    let outcome = bench.resume(Some(&somebody), &asked.state, input(&answers))?.outcome;
    ensure(!is_proved(&outcome), || format!("a wrong answer is proved at {seconds} s"))
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

fn with_cache(bench: &mut Bench<'_>, fault: CacheFault) -> Verdict {
    if !bench.plugin.manifest().requests.cache {
        return skip("its manifest does not ask for the cache");
    }
    let known = bench.answering()?;
    let individual = known.individual();
    bench.plugin.cache().fail(Some(fault));
    for (answers, judged) in [(wrong(&known.answers), true), (known.answers.clone(), known.once)] {
        let begun = bench.begin(individual.as_ref())?;
        let begun = bench.until_it_asks(&login(), individual.as_ref(), begun)?;
        let Ok(Step::Ask { state, .. }) = begun.outcome else { continue };
        let outcome = bench.resume(individual.as_ref(), &state, input(&answers))?.outcome;
        ensure(!judged || !is_proved(&outcome), || {
            "it is proved, and nobody can say whether it was used before".to_owned()
        })?;
    }
    Ok(())
}

fn without_cache(bench: &mut Bench<'_>) -> Verdict {
    with_cache(bench, CacheFault::Unavailable)
}

fn full_cache(bench: &mut Bench<'_>) -> Verdict {
    with_cache(bench, CacheFault::Full)
}

fn within_limits(bench: &mut Bench<'_>) -> Verdict {
    bench.passed()?;
    super::super::bench::within_limits(&bench.plugin)
}
