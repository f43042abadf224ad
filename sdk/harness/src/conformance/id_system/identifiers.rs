//! Who people say they are.

use esignet_protocol::ports::plugins::{Individual, PluginError};

use super::super::bench::{Bench, ensure, fail, login, oddities, refused, rejected};
use super::super::{Case, Unmet, Verdict};
use super::all_wrong;
use crate::calls::{evidence, proof};

pub(super) const CASES: &[Case] = &[
    Case::of_id_system("id-system/identifiers/stranger", "a stranger is rejected", stranger),
    Case::of_id_system(
        "id-system/identifiers/stranger-like-wrong",
        "a stranger is told what somebody with a wrong proof is told",
        stranger_like_wrong,
    ),
    Case::of_id_system(
        "id-system/identifiers/stranger-asks-as-much",
        "a stranger causes as many requests as somebody with a wrong proof",
        stranger_asks_as_much,
    ),
    Case::of_id_system(
        "id-system/identifiers/other-kind",
        "a kind that it does not know lets nobody in",
        other_kind,
    ),
    Case::of_id_system(
        "id-system/identifiers/odd",
        "odd identifiers let nobody in: NUL, other scripts, very long ones",
        odd,
    ),
    Case::of_id_system(
        "id-system/identifiers/around",
        "something around an identifier makes nobody else of somebody",
        around,
    ),
    Case::of_id_system(
        "id-system/identifiers/attributes",
        "further fields of a form let nobody in",
        attributes,
    ),
    Case::of_id_system(
        "id-system/identifiers/evidence-of-stranger",
        "evidence lets no stranger in",
        evidence_of_stranger,
    ),
];

fn stranger(bench: &mut Bench<'_>) -> Verdict {
    let (known, _) = bench.known()?;
    rejected(&bench.authenticate(&bench.stranger()?, &all_wrong(&known.proofs()))?, "a stranger")
}

/// What a page shows of a rejection: "unknown" reads like "wrong" there, how many tries are left does not.
fn shown(error: Option<&PluginError>) -> Result<(String, bool, bool), Unmet> {
    match error {
        Some(PluginError::Rejected(rejection)) => {
            let reason = if rejection.reason == "unknown" { "wrong" } else { &rejection.reason };
            let (left, wait) = (rejection.attempts_left.is_some(), rejection.retry_after_seconds.is_some());
            Ok((reason.to_owned(), left, wait))
        }
        Some(error) => fail(format!("it is no rejection but \"{error}\"")),
        None => fail("it was accepted"),
    }
}

fn stranger_like_wrong(bench: &mut Bench<'_>) -> Verdict {
    let (known, individual) = bench.known()?;
    let proofs = all_wrong(&known.proofs());
    let of_known = shown(bench.authenticate(&individual, &proofs)?.error())?;
    let of_stranger = shown(bench.authenticate(&bench.stranger()?, &proofs)?.error())?;
    ensure(of_known == of_stranger, || {
        format!(
            "reason, tries left, wait: {of_known:?} for somebody known, {of_stranger:?} for a stranger, so anybody finds out who \
             is known"
        )
    })
}

fn stranger_asks_as_much(bench: &mut Bench<'_>) -> Verdict {
    let (known, individual) = bench.known()?;
    let proofs = all_wrong(&known.proofs());
    let of_known = bench.authenticate(&individual, &proofs)?.report.exchanges.len();
    let of_stranger = bench.authenticate(&bench.stranger()?, &proofs)?.report.exchanges.len();
    ensure(of_known == of_stranger, || {
        format!(
            "{of_known} requests for somebody known, {of_stranger} for a stranger: the time that it takes tells them apart"
        )
    })
}

fn other_kind(bench: &mut Bench<'_>) -> Verdict {
    let (known, individual) = bench.known()?;
    for kind in ["kit-unknown", "", "UIN\0"] {
        let other = Individual { kind: kind.to_owned(), ..individual.clone() };
        refused(&bench.authenticate(&other, &known.proofs())?, &format!("the kind {kind:?}"))?;
    }
    Ok(())
}

fn odd(bench: &mut Bench<'_>) -> Verdict {
    let anybody = bench.anybody();
    let proofs = match (bench.known(), bench.judged()) {
        (Ok((known, _)), _) => known.proofs(),
        (Err(_), Some((factor, format))) => vec![proof(&factor, &format, "482913")],
        (Err(_), None) => return super::skip("it judges no factor"),
    };
    for (what, value) in oddities() {
        let odd = Individual { value, ..anybody.clone() };
        if odd.value != anybody.value {
            let call = bench.authenticate(&odd, &proofs)?;
            refused(&call, &format!("an identifier of {what}"))?;
        }
    }
    Ok(())
}

fn around(bench: &mut Bench<'_>) -> Verdict {
    let (known, individual, authenticated) = bench.signed_in()?;
    let value = &individual.value;
    for other in [
        format!(" {value}"),
        format!("{value}\0"),
        format!("{value} "),
        format!("0{value}"),
        format!("{value}/"),
    ] {
        bench.again_for(known)?;
        let around = Individual { value: other.clone(), ..individual.clone() };
        if let Ok(given) = bench.authenticate(&around, &known.proofs())?.outcome {
            ensure(given.subject == authenticated.subject, || {
                format!("{other:?} is let in as somebody else than {value:?}, with the same proofs")
            })?;
        }
    }
    Ok(())
}

fn attributes(bench: &mut Bench<'_>) -> Verdict {
    use esignet_protocol::ports::plugins::Attribute;
    let (known, individual) = bench.known()?;
    let attribute =
        |(name, value): (&str, &str)| Attribute { name: name.to_owned(), value: value.to_owned() };
    let more = [("admin", "true"), ("birthdate", "1990-01-31"), ("otp", "482913")].map(attribute).to_vec();
    let individual = Individual { attributes: more, ..individual };
    refused(
        &bench.authenticate(&individual, &all_wrong(&known.proofs()))?,
        "a wrong proof with further fields",
    )
}

fn evidence_of_stranger(bench: &mut Bench<'_>) -> Verdict {
    let stranger = bench.stranger()?;
    for factor in ["TOTP", "WLA", "BIO"] {
        let word = evidence(factor, &["otp"]);
        let call = bench.id_system()?.authenticate(&login(), &stranger, &[], &[word]);
        refused(&call, &format!("a stranger by the word of {factor}"))?;
    }
    Ok(())
}
