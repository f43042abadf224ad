//! Servers behind the ID system that fail, lie and linger: nobody gets in by that.

use serde_json::json;

use super::super::bench::{Bench, ensure, fail, refused, skip, tells, unavailable};
use super::super::{Case, Unmet, Verdict};
use crate::report::Call;
use crate::upstream::{Fault, Rule};

pub(super) const CASES: &[Case] = &[
    Case::of_id_system(
        "id-system/upstreams/timeout",
        "a server that does not answer in time is `unavailable`",
        timeout,
    ),
    Case::of_id_system(
        "id-system/upstreams/unreachable",
        "a server that cannot be reached is `unavailable`",
        unreachable,
    ),
    Case::of_id_system(
        "id-system/upstreams/too-large",
        "an answer that is too large is `unavailable`",
        too_large,
    ),
    Case::of_id_system("id-system/upstreams/error-500", "status 500 is `unavailable`", error_500),
    Case::of_id_system(
        "id-system/upstreams/error-503-page",
        "a proxy's page with status 503 is `unavailable`",
        error_503_page,
    ),
    Case::of_id_system("id-system/upstreams/too-many", "status 429 lets nobody in", too_many),
    Case::of_id_system("id-system/upstreams/forbidden", "status 401 and 403 let nobody in", forbidden),
    Case::of_id_system("id-system/upstreams/redirect", "a redirect lets nobody in", redirect),
    Case::of_id_system(
        "id-system/upstreams/no-content",
        "an answer without content lets nobody in",
        no_content,
    ),
    Case::of_id_system(
        "id-system/upstreams/malformed",
        "an answer that is no JSON lets nobody in and releases nothing",
        malformed,
    ),
    Case::of_id_system(
        "id-system/upstreams/cut-off",
        "an answer that was cut off lets nobody in and releases nothing",
        cut_off,
    ),
    Case::of_id_system(
        "id-system/upstreams/other-shape",
        "JSON of another shape lets nobody in",
        other_shape,
    ),
    Case::of_id_system("id-system/upstreams/deep", "JSON that is nested very deep does no harm", deep),
    Case::of_id_system("id-system/upstreams/page-200", "a page with status 200 lets nobody in", page_200),
    Case::of_id_system(
        "id-system/upstreams/slow",
        "servers that take their time, and answer in it, let people in",
        slow,
    ),
    Case::of_id_system(
        "id-system/upstreams/not-asked-for-long",
        "one call makes as many requests as it may",
        bounded,
    ),
    Case::of_id_system(
        "id-system/upstreams/no-secret-in-address",
        "what is typed to prove something is in no path and no query",
        no_secret,
    ),
    Case::of_id_system(
        "id-system/upstreams/errors-tell-nothing",
        "what a server says is in no text for the operator",
        tell_nothing,
    ),
    Case::of_id_system(
        "id-system/upstreams/back-again",
        "when a server answers again people get in again",
        back_again,
    ),
];

/// Which functions ask a server.
struct Asking {
    continuation: Vec<u8>,
    functions: Vec<&'static str>,
}

fn asking(bench: &mut Bench<'_>) -> Result<Asking, Unmet> {
    if bench.plugin.manifest().requests.upstreams.is_empty() {
        return skip("it asks for no upstream");
    }
    bench.renew()?;
    let (known, _, authenticated) = bench.signed_in()?;
    let continuation = authenticated.continuation;
    let mut functions = Vec::new();
    for function in ["send-otp", "authenticate", "release-claims"] {
        bench.again_for(known)?;
        if function == "send-otp" && bench.channels().is_err() {
            continue;
        }
        if !outcome(bench, function, &continuation)?.report.exchanges.is_empty() {
            functions.push(function);
        }
    }
    bench.renew()?;
    if functions.is_empty() {
        skip("no function asks an upstream")
    } else {
        Ok(Asking { continuation, functions })
    }
}

/// The function as somebody known has it called.
fn outcome(bench: &Bench<'_>, function: &str, continuation: &[u8]) -> Result<Call<()>, Unmet> {
    let (known, individual) = bench.known()?;
    Ok(match function {
        "send-otp" => bench.send(&individual, &[])?.without_answer(),
        "authenticate" => bench.authenticate(&individual, &known.proofs())?.without_answer(),
        _ => {
            let announced = bench.announced();
            let names: Vec<&str> = announced.iter().map(String::as_str).collect();
            bench.release(continuation, &names)?.without_answer()
        }
    })
}

impl<T> Call<T> {
    fn without_answer(self) -> Call<()> {
        Call { outcome: self.outcome.map(drop), report: self.report }
    }
}

/// Each function that asks a server, while every server answers by that rule.
fn while_all(
    bench: &mut Bench<'_>,
    rule: &Rule,
    only: Option<&str>,
    judge: impl Fn(&Call<()>, &str) -> Verdict,
) -> Verdict {
    let asking = asking(bench)?;
    let functions = asking.functions.iter().filter(|function| only.is_none_or(|only| only == **function));
    let mut judged = 0;
    for function in functions {
        bench.renew()?;
        bench.plugin.upstreams().answer_all(Some(rule.clone()));
        judge(&outcome(bench, function, &asking.continuation)?, function)?;
        bench.all_was_sound()?;
        judged += 1;
    }
    if judged == 0 { skip("`authenticate` asks no upstream") } else { Ok(()) }
}

fn is_unavailable(bench: &mut Bench<'_>, rule: &Rule) -> Verdict {
    while_all(bench, rule, None, |call, function| unavailable(call, &format!("what {function} came to")))
}

/// Nobody is let in, and there are no claims. That a code was sent may well be said without content.
fn is_refused(bench: &mut Bench<'_>, rule: &Rule) -> Verdict {
    while_all(bench, rule, None, |call, function| match function {
        "send-otp" => Ok(()),
        _ => refused(call, &format!("it as an answer of {function}")),
    })
}

fn lets_nobody_in(bench: &mut Bench<'_>, rule: &Rule) -> Verdict {
    while_all(bench, rule, Some("authenticate"), |call, _| refused(call, "it"))
}

fn timeout(bench: &mut Bench<'_>) -> Verdict {
    is_unavailable(bench, &Rule::always().fault(Fault::Timeout))
}

fn unreachable(bench: &mut Bench<'_>) -> Verdict {
    is_unavailable(bench, &Rule::always().fault(Fault::Unreachable))
}

fn too_large(bench: &mut Bench<'_>) -> Verdict {
    is_unavailable(bench, &Rule::always().fault(Fault::TooLarge))
}

fn error_500(bench: &mut Bench<'_>) -> Verdict {
    is_unavailable(bench, &Rule::always().json(500, json!({ "error": "internal" })))
}

fn error_503_page(bench: &mut Bench<'_>) -> Verdict {
    is_unavailable(bench, &Rule::always().text(503, "<html><body>Service Unavailable</body></html>"))
}

fn too_many(bench: &mut Bench<'_>) -> Verdict {
    is_refused(bench, &Rule::always().json(429, json!({})).header("retry-after", "30"))
}

fn forbidden(bench: &mut Bench<'_>) -> Verdict {
    for status in [401, 403] {
        is_refused(bench, &Rule::always().json(status, json!({})))?;
    }
    Ok(())
}

fn redirect(bench: &mut Bench<'_>) -> Verdict {
    for status in [301, 302, 307] {
        is_refused(bench, &Rule::always().text(status, "").header("location", "https://elsewhere.invalid/"))?;
    }
    Ok(())
}

fn no_content(bench: &mut Bench<'_>) -> Verdict {
    lets_nobody_in(bench, &Rule::always().text(204, ""))?;
    lets_nobody_in(bench, &Rule::always().text(200, ""))
}

fn malformed(bench: &mut Bench<'_>) -> Verdict {
    is_refused(bench, &Rule::always().text(200, "{\"status\": yes, 'ref': p-77}"))
}

fn cut_off(bench: &mut Bench<'_>) -> Verdict {
    is_refused(bench, &Rule::always().text(200, "{\"person\": {\"ref\": \"p-77\", \"nam"))
}

fn other_shape(bench: &mut Bench<'_>) -> Verdict {
    for json in [
        json!([]),
        json!(null),
        json!(true),
        json!("ok"),
        json!(1),
        json!({}),
        json!({ "unknown": { "a": [1] } }),
    ] {
        lets_nobody_in(bench, &Rule::always().json(200, json))?;
    }
    Ok(())
}

fn deep(bench: &mut Bench<'_>) -> Verdict {
    lets_nobody_in(bench, &Rule::always().text(200, &"[".repeat(20_000)))?;
    lets_nobody_in(bench, &Rule::always().text(200, &"{\"a\":".repeat(10_000)))
}

fn page_200(bench: &mut Bench<'_>) -> Verdict {
    is_refused(bench, &Rule::always().text(200, "<!doctype html><title>Log in</title>"))
}

/// What servers take in that case, in milliseconds.
const SLOW_MS: u64 = 150;

fn slow(bench: &mut Bench<'_>) -> Verdict {
    let asking = asking(bench)?;
    for (upstream, rules) in &bench.fixture().upstreams {
        let slowly = |rule: &Rule| Rule { delay_ms: rule.delay_ms.max(SLOW_MS), ..rule.clone() };
        bench.plugin.upstreams().script(upstream, rules.iter().map(slowly).collect());
    }
    let (known, _) = bench.known()?;
    for function in &asking.functions {
        bench.again_for(known)?;
        let call = outcome(bench, function, &asking.continuation)?;
        call.outcome.map_err(|error| Unmet::Failed(format!("{function} came to \"{error}\"")))?;
    }
    Ok(())
}

fn bounded(bench: &mut Bench<'_>) -> Verdict {
    // A request beyond what it may make is a denial, which the kit looks for after every case.
    while_all(bench, &Rule::always().fault(Fault::Unreachable), None, |call, function| {
        ensure(call.report.denials() == 0, || format!("{function} makes more requests than it may"))
    })
}

fn no_secret(bench: &mut Bench<'_>) -> Verdict {
    let asking = asking(bench)?;
    let (known, _) = bench.known()?;
    let secrets: Vec<String> = known.proofs.iter().map(|proof| proof.value.clone()).collect();
    for function in &asking.functions {
        bench.again_for(known)?;
        let call = outcome(bench, function, &asking.continuation)?;
        let addresses: Vec<String> = call
            .report
            .exchanges
            .iter()
            .map(|exchange| format!("{} {:?}", exchange.request.path, exchange.request.query))
            .collect();
        if let Some(told) = tells(&addresses, &secrets) {
            return fail(format!("{function}: the address {told}; addresses end up in logs"));
        }
    }
    Ok(())
}

fn tell_nothing(bench: &mut Bench<'_>) -> Verdict {
    const CANARY: &str = "kit-canary-4711";
    let asking = asking(bench)?;
    let (known, individual) = bench.known()?;
    let mut personal = vec![CANARY.to_owned(), individual.value];
    personal.extend(known.proofs.iter().map(|proof| proof.value.clone()));
    for (status, text) in [(500, true), (200, true), (400, false)] {
        let said = json!({ "message": format!("{CANARY} {}", personal.join(" ")) });
        let rule = if text {
            Rule::always().text(status, &said.to_string())
        } else {
            Rule::always().json(status, said)
        };
        for function in &asking.functions {
            bench.renew()?;
            bench.plugin.upstreams().answer_all(Some(rule.clone()));
            let call = outcome(bench, function, &asking.continuation)?;
            if let Some(told) = tells(&call.report.told(), &personal) {
                return fail(format!("{function}: {told}"));
            }
        }
    }
    Ok(())
}

fn back_again(bench: &mut Bench<'_>) -> Verdict {
    let asking = asking(bench)?;
    if !asking.functions.contains(&"authenticate") {
        return skip("`authenticate` asks no upstream");
    }
    bench.plugin.upstreams().answer_all(Some(Rule::always().fault(Fault::Timeout)));
    refused(&outcome(bench, "authenticate", &asking.continuation)?, "a server that is down")?;
    bench.plugin.upstreams().answer_all(None);
    bench.plugin.clock().advance(60);
    let call = outcome(bench, "authenticate", &asking.continuation)?;
    call.outcome.map_err(|error| Unmet::Failed(format!("a minute later it came to \"{error}\"")))
}
