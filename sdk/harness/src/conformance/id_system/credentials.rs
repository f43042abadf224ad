//! What is proved, and what only looks like it.

use esignet_protocol::ports::plugins::{Individual, Proof};

use super::super::bench::{Bench, ensure, login, oddities, refused, rejected, skip};
use super::super::{Case, Unmet, Verdict};
use super::{all_wrong, with_value, wrong_value};
use crate::calls::{caller, evidence, proof};

pub(super) const CASES: &[Case] = &[
    Case::of_id_system("id-system/credentials/right", "what is right is accepted", right),
    Case::of_id_system(
        "id-system/credentials/subject-stays",
        "a person has the same subject in every login",
        subject_stays,
    ),
    Case::of_id_system(
        "id-system/credentials/subjects-differ",
        "two people have two subjects",
        subjects_differ,
    ),
    Case::of_id_system(
        "id-system/credentials/subject-of-no-language",
        "the subject does not depend on the language that somebody reads",
        subject_of_no_language,
    ),
    Case::of_id_system(
        "id-system/credentials/statuses",
        "it tells of no claim that it did not announce",
        statuses,
    ),
    Case::of_id_system(
        "id-system/credentials/wrong",
        "what is wrong is rejected, not accepted and no failure",
        wrong,
    ),
    Case::of_id_system(
        "id-system/credentials/each-wrong",
        "one wrong proof beside right ones is rejected",
        each_wrong,
    ),
    Case::of_id_system(
        "id-system/credentials/nothing",
        "without proofs and evidence nobody gets in",
        nothing,
    ),
    Case::of_id_system("id-system/credentials/empty", "an empty proof is not accepted", empty),
    Case::of_id_system("id-system/credentials/part", "the beginning of what is right is not accepted", part),
    Case::of_id_system("id-system/credentials/more", "more than what is right is not accepted", more),
    Case::of_id_system(
        "id-system/credentials/odd",
        "odd proofs are not accepted: NUL, other scripts, very long ones",
        odd,
    ),
    Case::of_id_system("id-system/credentials/octets", "a proof that is no text is not accepted", octets),
    Case::of_id_system(
        "id-system/credentials/unannounced-factor",
        "a proof of a factor that it does not judge is not accepted",
        unannounced_factor,
    ),
    Case::of_id_system(
        "id-system/credentials/unannounced-beside",
        "a proof that it cannot judge is not left out beside a right one",
        unannounced_beside,
    ),
    Case::of_id_system(
        "id-system/credentials/unannounced-format",
        "a right value in a format that it does not take is not accepted",
        unannounced_format,
    ),
    Case::of_id_system(
        "id-system/credentials/repeated",
        "a wrong proof and a right one of the same factor are not accepted, in either order",
        repeated,
    ),
    Case::of_id_system(
        "id-system/credentials/evidence-of-judged",
        "the word of a factor is no proof of what the ID system judges itself",
        evidence_of_judged,
    ),
    Case::of_id_system(
        "id-system/credentials/foreign-evidence",
        "evidence of an unknown factor lets nobody in",
        foreign_evidence,
    ),
    Case::of_id_system(
        "id-system/credentials/evidence-without-amr",
        "evidence that claims nothing lets nobody in",
        without_amr,
    ),
    Case::of_id_system(
        "id-system/credentials/wrong-with-evidence",
        "a wrong proof is rejected whatever evidence stands beside it",
        wrong_with_evidence,
    ),
    Case::of_id_system(
        "id-system/credentials/of-another",
        "what one person proves lets nobody in as a stranger",
        of_another,
    ),
    Case::of_id_system(
        "id-system/credentials/once",
        "what counts once is not accepted in another login",
        once,
    ),
    Case::of_id_system(
        "id-system/credentials/once-at-the-same-time",
        "of many logins at the same time what counts once lets in one",
        once_at_the_same_time,
    ),
];

const UNKNOWN_FACTOR: &str = "KIT-UNKNOWN";

fn right(bench: &mut Bench<'_>) -> Verdict {
    bench.signed_in().map(drop)
}

fn subject_stays(bench: &mut Bench<'_>) -> Verdict {
    let (known, individual, first) = bench.signed_in()?;
    bench.again_for(known)?;
    bench.plugin.clock().advance(30);
    bench.plugin.entropy().reseed(104_729);
    let later = caller("kit-login-2");
    let second = bench.id_system()?.authenticate(&later, &individual, &known.proofs(), &[]);
    let second = second.outcome.map_err(|error| Unmet::Failed(format!("not in a second login: {error}")))?;
    ensure(first.subject == second.subject, || {
        format!("the subject is \"{}\" in one login and \"{}\" in the next", first.subject, second.subject)
    })
}

fn subjects_differ(bench: &mut Bench<'_>) -> Verdict {
    let mut people = bench.everybody_known();
    let (Some(one), Some(other)) = (people.next(), people.next()) else {
        return skip("the fixture has fewer than two people who get in");
    };
    let (_, _, first) = bench.signed_in_as(one.0, one.1)?;
    let (_, _, second) = bench.signed_in_as(other.0, other.1)?;
    ensure(first.subject != second.subject, || format!("both are \"{}\"", first.subject))
}

fn subject_of_no_language(bench: &mut Bench<'_>) -> Verdict {
    let (known, individual, first) = bench.signed_in()?;
    bench.again_for(known)?;
    let mut reads = login();
    "am".clone_into(&mut reads.locale);
    reads.claims_locales = vec!["am".to_owned(), "ar".to_owned()];
    let second = bench.id_system()?.authenticate(&reads, &individual, &known.proofs(), &[]);
    let second =
        second.outcome.map_err(|error| Unmet::Failed(format!("not in another language: {error}")))?;
    ensure(first.subject == second.subject, || "the subject is another one in another language".to_owned())
}

fn statuses(bench: &mut Bench<'_>) -> Verdict {
    let (_, _, given) = bench.signed_in()?;
    let announced = bench.announced();
    let mut told = given.unavailable_claims.iter().chain(&given.unverified_claims);
    let beyond = told.find(|claim| !announced.contains(claim));
    beyond.map_or(Ok(()), |claim| super::fail(format!("it tells of \"{claim}\", which it did not announce")))
}

fn wrong(bench: &mut Bench<'_>) -> Verdict {
    let (known, individual) = bench.known()?;
    rejected(&bench.authenticate(&individual, &all_wrong(&known.proofs()))?, "a wrong proof")
}

fn each_wrong(bench: &mut Bench<'_>) -> Verdict {
    let (known, individual) = bench.known()?;
    let proofs = known.proofs();
    if proofs.len() < 2 {
        return skip("the first person who gets in has one proof");
    }
    for (at, proof) in proofs.iter().enumerate() {
        let with_one_wrong = with_value(&proofs, at, wrong_value(&proof.value));
        let what = format!("a wrong proof of {} beside right ones", proof.factor);
        rejected(&bench.authenticate(&individual, &with_one_wrong)?, &what)?;
    }
    Ok(())
}

fn nothing(bench: &mut Bench<'_>) -> Verdict {
    refused(&bench.authenticate(&bench.anybody(), &[])?, "nothing")
}

fn empty(bench: &mut Bench<'_>) -> Verdict {
    each(bench, |_| vec![("an empty proof".to_owned(), Vec::new())])
}

fn part(bench: &mut Bench<'_>) -> Verdict {
    let shorter = |value: &[u8]| value.get(..value.len().saturating_sub(1)).unwrap_or_default().to_vec();
    let first = |value: &[u8]| value.get(..1).unwrap_or_default().to_vec();
    each(bench, |value| {
        if value.len() < 2 {
            return Vec::new();
        }
        vec![
            ("all but the last octet".to_owned(), shorter(value)),
            ("the first octet".to_owned(), first(value)),
        ]
    })
}

fn more(bench: &mut Bench<'_>) -> Verdict {
    each(bench, |value| {
        let longer = |end: &[u8]| [value, end].concat();
        vec![
            ("a right proof and a digit".to_owned(), longer(b"0")),
            ("a right proof and a NUL".to_owned(), longer(b"\0")),
            ("a right proof twice".to_owned(), longer(value)),
        ]
    })
}

fn odd(bench: &mut Bench<'_>) -> Verdict {
    each(bench, |_| {
        let odd = oddities().into_iter();
        odd.map(|(what, value)| (format!("a proof of {what}"), value.into_bytes())).collect()
    })
}

fn octets(bench: &mut Bench<'_>) -> Verdict {
    each(bench, |_| {
        vec![
            ("a proof that is not UTF-8".to_owned(), vec![0xff, 0xfe, 0x00, 0xc3, 0x28]),
            ("a proof of 64 KiB".to_owned(), vec![0x80; 64 << 10]),
        ]
    })
}

/// Each of the values in the place of each right one, in turn: nothing of it is accepted.
fn each(bench: &Bench<'_>, values: impl Fn(&[u8]) -> Vec<(String, Vec<u8>)>) -> Verdict {
    let (individual, proofs) = somebodys(bench)?;
    for (at, right) in proofs.iter().enumerate() {
        for (what, value) in values(&right.value) {
            if value != right.value {
                refused(&bench.authenticate(&individual, &with_value(&proofs, at, value))?, &what)?;
            }
        }
    }
    Ok(())
}

/// The proofs of somebody who gets in; made up where the fixture has nobody.
fn somebodys(bench: &Bench<'_>) -> Result<(Individual, Vec<Proof>), Unmet> {
    if let Ok((known, individual)) = bench.known() {
        return Ok((individual, known.proofs()));
    }
    let Some((factor, format)) = bench.judged() else {
        return skip("it judges no factor");
    };
    Ok((bench.anybody(), vec![proof(&factor, &format, "482913")]))
}

fn unannounced_factor(bench: &mut Bench<'_>) -> Verdict {
    let (individual, proofs) = somebodys(bench)?;
    for known in &proofs {
        let foreign = Proof { factor: UNKNOWN_FACTOR.to_owned(), ..known.clone() };
        refused(&bench.authenticate(&individual, &[foreign])?, "a proof of a factor that it does not judge")?;
    }
    Ok(())
}

fn unannounced_beside(bench: &mut Bench<'_>) -> Verdict {
    let (known, individual) = bench.known()?;
    let mut proofs = known.proofs();
    proofs.push(proof(UNKNOWN_FACTOR, "alpha-numeric", "482913"));
    refused(&bench.authenticate(&individual, &proofs)?, "a proof that it does not judge beside right ones")
}

fn unannounced_format(bench: &mut Bench<'_>) -> Verdict {
    let (known, individual) = bench.known()?;
    let foreign = |proof: Proof| Proof { format: "kit-unknown".to_owned(), ..proof };
    let proofs: Vec<Proof> = known.proofs().into_iter().map(foreign).collect();
    refused(&bench.authenticate(&individual, &proofs)?, "a right value in an unknown format")
}

fn repeated(bench: &mut Bench<'_>) -> Verdict {
    let (known, individual) = bench.known()?;
    let right = known.proofs();
    let wrong = all_wrong(&right);
    let orders = [("after", [right.clone(), wrong.clone()]), ("before", [wrong, right])];
    for (order, proofs) in orders {
        bench.again_for(known)?;
        let what = format!("a wrong proof {order} a right one of the same factor");
        refused(&bench.authenticate(&individual, &proofs.concat())?, &what)?;
    }
    Ok(())
}

fn evidence_of_judged(bench: &mut Bench<'_>) -> Verdict {
    let Some((factor, _)) = bench.judged() else {
        return skip("it judges no factor");
    };
    let word = evidence(&factor, &["otp"]);
    let call = bench.id_system()?.authenticate(&login(), &bench.anybody(), &[], &[word]);
    refused(&call, &format!("the word of somebody that {factor} was proved"))
}

fn foreign_evidence(bench: &mut Bench<'_>) -> Verdict {
    let word = evidence(UNKNOWN_FACTOR, &["hwk"]);
    let call = bench.id_system()?.authenticate(&login(), &bench.anybody(), &[], &[word]);
    refused(&call, "evidence of an unknown factor")
}

fn without_amr(bench: &mut Bench<'_>) -> Verdict {
    for factor in ["TOTP", "WLA", "BIO", "PWD"] {
        let word = evidence(factor, &[]);
        let call = bench.id_system()?.authenticate(&login(), &bench.anybody(), &[], &[word]);
        refused(&call, &format!("evidence of {factor} without an amr"))?;
    }
    Ok(())
}

fn wrong_with_evidence(bench: &mut Bench<'_>) -> Verdict {
    let (known, individual) = bench.known()?;
    let proofs = all_wrong(&known.proofs());
    for factor in ["TOTP", UNKNOWN_FACTOR] {
        let word = evidence(factor, &["otp"]);
        let call = bench.id_system()?.authenticate(&login(), &individual, &proofs, &[word]);
        refused(&call, &format!("a wrong proof beside the word of {factor}"))?;
    }
    Ok(())
}

fn of_another(bench: &mut Bench<'_>) -> Verdict {
    let (known, _) = bench.known()?;
    let stranger = bench.stranger()?;
    rejected(&bench.authenticate(&stranger, &known.proofs())?, "a stranger with somebody's proofs")
}

fn once(bench: &mut Bench<'_>) -> Verdict {
    let (known, individual, _) = bench.signed_in()?;
    if !known.once {
        return skip("what the first person proves counts again (`once` is not set)");
    }
    for login in ["kit-login-1", "kit-login-2"] {
        let call = bench.id_system()?.authenticate(&caller(login), &individual, &known.proofs(), &[]);
        refused(&call, "what counts once, again,")?;
    }
    Ok(())
}

fn once_at_the_same_time(bench: &mut Bench<'_>) -> Verdict {
    let (known, individual) = bench.known()?;
    if !known.once {
        return skip("what the first person proves counts again (`once` is not set)");
    }
    let logins = vec![(individual, known.proofs()); 16];
    let accepted = super::isolation::at_the_same_time(bench, logins)?.into_iter().flatten().count();
    ensure(accepted == 1, || format!("{accepted} of 16 logins were let in"))
}
