//! Verified claims (OpenID Connect for Identity Assurance 1.0, sections 5 and 8).

use esignet_protocol::ports::plugins::{Authenticated, ClaimsWanted, VerifiedOffer};
use serde_json::{Map, Value, json};

use super::super::bench::{Bench, ensure, fail, login, skip};
use super::super::{Case, Unmet, Verdict};

pub(super) const CASES: &[Case] = &[
    Case::of_id_system("id-system/verified/shape", "what is verified has a verification and claims", shape),
    Case::of_id_system(
        "id-system/verified/framework",
        "what is verified names a trust framework of the offer",
        framework,
    ),
    Case::of_id_system("id-system/verified/claims", "what is verified is a claim of the offer", claims),
    Case::of_id_system(
        "id-system/verified/statuses",
        "it verifies what it said that it can verify of somebody",
        statuses,
    ),
    Case::of_id_system(
        "id-system/verified/other-framework",
        "an unknown trust framework verifies nothing",
        other_framework,
    ),
    Case::of_id_system(
        "id-system/verified/apart",
        "what is asked for as verified alone is not released as a plain claim",
        apart,
    ),
    Case::of_id_system(
        "id-system/verified/unoffered",
        "an ID system that verifies nothing releases nothing as verified",
        unoffered,
    ),
    Case::of_id_system(
        "id-system/verified/odd-elements",
        "elements with members that nobody knows do no harm",
        odd_elements,
    ),
];

fn offer(bench: &Bench<'_>) -> Result<VerifiedOffer, Unmet> {
    let described = bench.plugin.described().id_system.as_ref();
    let offer = described.and_then(|described| described.verified.clone());
    offer.map_or_else(|| skip("it verifies nothing: its descriptor has no `verified`"), Ok)
}

fn element(framework: &Value, claims: &[String]) -> Value {
    let claims: Map<String, Value> = claims.iter().map(|claim| (claim.clone(), Value::Null)).collect();
    json!({ "verification": { "trust_framework": framework }, "claims": claims })
}

fn asked(
    bench: &Bench<'_>,
    authenticated: &Authenticated,
    elements: Vec<Value>,
) -> Result<Map<String, Value>, Unmet> {
    let wanted = ClaimsWanted { claims: Vec::new(), verified_claims: elements };
    let call = bench.release_wanted(&login(), &authenticated.continuation, &wanted)?;
    call.outcome.map_err(|error| Unmet::Failed(format!("release-claims did not answer: {error}")))
}

/// What is verified of somebody, by every trust framework.
fn released(bench: &mut Bench<'_>) -> Result<(VerifiedOffer, Vec<Value>), Unmet> {
    let offer = offer(bench)?;
    let (_, _, authenticated) = bench.signed_in()?;
    let any = element(&Value::Null, &offer.claims);
    let mut released = asked(bench, &authenticated, vec![any])?;
    Ok((offer, elements(released.remove("verified_claims"))))
}

fn elements(verified: Option<Value>) -> Vec<Value> {
    match verified {
        Some(Value::Array(elements)) => elements,
        Some(element) => vec![element],
        None => Vec::new(),
    }
}

fn shape(bench: &mut Bench<'_>) -> Verdict {
    let (_, verified) = released(bench)?;
    for element in &verified {
        let claims = element.get("claims").and_then(Value::as_object);
        ensure(element.get("verification").is_some_and(Value::is_object), || {
            format!("no `verification` in {element}")
        })?;
        ensure(claims.is_some_and(|claims| !claims.is_empty()), || format!("no `claims` in {element}"))?;
    }
    Ok(())
}

fn framework(bench: &mut Bench<'_>) -> Verdict {
    let (offer, verified) = released(bench)?;
    for element in &verified {
        let framework = element.pointer("/verification/trust_framework").and_then(Value::as_str);
        let Some(framework) = framework else { return fail(format!("no trust framework in {element}")) };
        ensure(offer.trust_frameworks.iter().any(|known| known == framework), || {
            format!("the trust framework \"{framework}\" is not in its offer")
        })?;
    }
    Ok(())
}

fn claims(bench: &mut Bench<'_>) -> Verdict {
    let (offer, verified) = released(bench)?;
    let names = verified.iter().filter_map(|element| element.get("claims")?.as_object()).flat_map(Map::keys);
    let base = |name: &str| name.split('#').next().unwrap_or(name).to_owned();
    let beyond = names.map(|name| base(name)).find(|name| !offer.claims.contains(name));
    beyond.map_or(Ok(()), |name| fail(format!("\"{name}\" is verified, which is not in its offer")))
}

fn statuses(bench: &mut Bench<'_>) -> Verdict {
    let offer = offer(bench)?;
    for (person, individual) in bench.everybody_known() {
        let (_, _, authenticated) = bench.signed_in_as(person, individual)?;
        let can = |claim: &&String| {
            !authenticated.unverified_claims.contains(claim)
                && !authenticated.unavailable_claims.contains(claim)
        };
        let said: Vec<String> = offer.claims.iter().filter(can).cloned().collect();
        if said.is_empty() {
            continue;
        }
        let any: Vec<Value> =
            said.iter().map(|claim| element(&Value::Null, std::slice::from_ref(claim))).collect();
        let verified = elements(asked(bench, &authenticated, any)?.remove("verified_claims"));
        let has = |claim: &String| {
            verified.iter().any(|element| element.pointer(&format!("/claims/{claim}")).is_some())
        };
        return match said.iter().find(|claim| !has(claim)) {
            Some(missing) => {
                fail(format!("it said that it can verify \"{missing}\" of {}, and does not", person.name))
            }
            None => Ok(()),
        };
    }
    skip("of nobody in the fixture can it verify anything")
}

fn other_framework(bench: &mut Bench<'_>) -> Verdict {
    let offer = offer(bench)?;
    let (_, _, authenticated) = bench.signed_in()?;
    let foreign = element(&json!({ "value": "kit_unknown" }), &offer.claims);
    let verified = elements(asked(bench, &authenticated, vec![foreign])?.remove("verified_claims"));
    let named = verified.iter().filter_map(|element| element.pointer("/verification/trust_framework"));
    let forged = named.filter_map(Value::as_str).find(|framework| *framework == "kit_unknown");
    forged.map_or(Ok(()), |_| fail("it verifies by whatever trust framework it is asked for"))
}

fn apart(bench: &mut Bench<'_>) -> Verdict {
    let offer = offer(bench)?;
    let (_, _, authenticated) = bench.signed_in()?;
    let released = asked(bench, &authenticated, vec![element(&Value::Null, &offer.claims)])?;
    let plain = released.keys().find(|name| *name != "verified_claims");
    plain.map_or(Ok(()), |name| fail(format!("\"{name}\" is released as a plain claim, too")))
}

fn unoffered(bench: &mut Bench<'_>) -> Verdict {
    if offer(bench).is_ok() {
        return skip("it verifies claims");
    }
    let (_, _, authenticated) = bench.signed_in()?;
    let announced = bench.announced();
    let released = asked(bench, &authenticated, vec![element(&Value::Null, &announced)])?;
    ensure(!released.contains_key("verified_claims"), || "it releases `verified_claims`".to_owned())
}

fn odd_elements(bench: &mut Bench<'_>) -> Verdict {
    let (_, _, authenticated) = bench.signed_in()?;
    let odd = vec![
        json!({ "verification": { "trust_framework": null, "kit_unknown": { "value": 1 } }, "claims": { "kit_unknown": null } }),
        json!({ "verification": { "trust_framework": null, "time": { "max_age": 0 } }, "claims": {} }),
        json!({ "verification": {}, "claims": { "name": { "value": 7 } } }),
    ];
    let released = asked(bench, &authenticated, odd)?;
    let told = elements(released.get("verified_claims").cloned());
    let forged = told.iter().find(|element| element.pointer("/claims/kit_unknown").is_some());
    forged.map_or(Ok(()), |element| fail(format!("it verifies what nobody knows: {element}")))
}
