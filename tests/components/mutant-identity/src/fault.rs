//! The faults, each where it changes what the plugin does.

use esignet_sdk::prelude::*;
use serde_json::{Value, json};

use crate::claims;
use crate::people::Person;
use crate::register::{FACTORS, INDIVIDUAL_KIND};

/// What the config key `mutant` may say, each with a case of the kit that finds it.
pub const MUTANTS: [(&str, &str); 28] = [
    ("describes-the-hour", "id-system/describe/is-stable"),
    ("announces-beyond-its-manifest", "id-system/describe/claims-asked-for"),
    ("verifies-what-it-does-not-announce", "id-system/describe/verified-claims"),
    ("tells-strangers", "id-system/codes/stranger"),
    ("shows-the-phone", "id-system/codes/masked"),
    ("any-channel", "id-system/codes/channel-unknown"),
    ("another-mask-each-time", "id-system/codes/again"),
    ("accepts-anything", "id-system/credentials/wrong"),
    ("accepts-a-part", "id-system/credentials/part"),
    ("accepts-more", "id-system/credentials/more"),
    ("judges-the-first", "id-system/credentials/repeated"),
    ("leaves-out-what-it-cannot-judge", "id-system/credentials/unannounced-beside"),
    ("takes-any-format", "id-system/credentials/unannounced-format"),
    ("takes-any-word", "id-system/credentials/foreign-evidence"),
    ("tells-unknown-from-wrong", "id-system/identifiers/stranger-like-wrong"),
    ("fails-for-strangers", "id-system/identifiers/stranger"),
    ("subject-of-the-login", "id-system/credentials/subject-stays"),
    ("one-subject-for-all", "id-system/credentials/subjects-differ"),
    ("keeps-the-proof", "id-system/privacy/continuation"),
    ("logs-the-identifier", "id-system/privacy/log-of-login"),
    ("tells-in-errors", "id-system/privacy/error-texts"),
    ("traps-on-other-scripts", "id-system/identifiers/odd"),
    ("loops-on-long-ones", "id-system/identifiers/odd"),
    ("releases-everything", "id-system/release/only-asked"),
    ("falls-back-to-somebody", "id-system/release/garbled-continuation"),
    ("forgets-a-claim", "id-system/release/all"),
    ("any-language", "id-system/release/languages"),
    ("verifies-by-another-framework", "id-system/verified/framework"),
];

/// The number of somebody.
const SOMEBODY: &str = "2053718694";

/// The fault that the operator chose.
pub(crate) fn chosen() -> Result<String, Failure> {
    let chosen: String = config::parse_or("mutant", String::new())?;
    if chosen.is_empty() || MUTANTS.iter().any(|(mutant, _)| *mutant == chosen) {
        return Ok(chosen);
    }
    Err(Failure::misconfigured(format!("no mutant `{chosen}`")))
}

pub(crate) fn described(mutant: &str, mut descriptor: IdSystemDescriptor) -> IdSystemDescriptor {
    match mutant {
        "describes-the-hour" => descriptor.individual_kinds.push(format!("uin{}", clock::now() / 3_600)),
        "announces-beyond-its-manifest" => descriptor.claims.push("salary".to_owned()),
        "verifies-what-it-does-not-announce" => descriptor.claims.retain(|claim| claim != "birthdate"),
        _ => {}
    }
    descriptor
}

pub(crate) fn sent(
    mutant: &str,
    person: Option<&Person>,
    mut receipt: OtpReceipt,
) -> Result<OtpReceipt, Failure> {
    match (mutant, person) {
        ("tells-strangers", None) => return Err(Rejection::unknown().into()),
        ("shows-the-phone", Some(person)) => {
            for target in receipt.targets.iter_mut().filter(|target| target.channel == "sms") {
                target.masked.clone_from(&person.phone);
            }
        }
        ("another-mask-each-time", _) => {
            let digit = crypto::random(1)?.first().map_or(0, |octet| octet % 250);
            for target in &mut receipt.targets {
                target.masked = format!("XXXXXX{digit:04}");
            }
        }
        _ => {}
    }
    Ok(receipt)
}

pub(crate) fn equality(mutant: &str) -> fn(&[u8], &[u8]) -> bool {
    match mutant {
        "accepts-anything" => |_, _| true,
        "accepts-a-part" => |given, right| !given.is_empty() && right.starts_with(given),
        "accepts-more" => |given, right| given.starts_with(right),
        _ => crypto::equal,
    }
}

pub(crate) fn before(mutant: &str, individual: &Individual, proofs: &[Proof]) -> Result<(), Failure> {
    match mutant {
        "traps-on-other-scripts" if !individual.value.is_ascii() => std::process::abort(),
        "loops-on-long-ones" if individual.value.len() > 1_000 => loop {
            std::hint::black_box(0);
        },
        "logs-the-identifier" => log::info("sign-in", &[("number", &individual.value)]),
        "tells-in-errors" => {
            let foreign = |proof: &&Proof| !FACTORS.iter().any(|(factor, _)| *factor == proof.factor);
            if let Some(proof) = proofs.iter().find(foreign) {
                let value = String::from_utf8_lossy(&proof.value);
                return Err(Failure::unsupported(format!("{value} as {}", proof.factor)));
            }
        }
        _ => {}
    }
    Ok(())
}

/// The proofs and the evidence that are looked at.
pub(crate) fn judged(mutant: &str, proofs: &[Proof], evidence: &[Evidence]) -> (Vec<Proof>, Vec<Evidence>) {
    let mut proofs = proofs.to_vec();
    let mut evidence = evidence.to_vec();
    let known = |proof: &Proof| FACTORS.iter().find(|(factor, _)| *factor == proof.factor);
    match mutant {
        "judges-the-first" => proofs.truncate(1),
        "leaves-out-what-it-cannot-judge" => proofs.retain(|proof| known(proof).is_some()),
        "takes-any-format" => {
            for proof in &mut proofs {
                if let Some((_, format)) = known(proof) {
                    (*format).clone_into(&mut proof.format);
                }
            }
        }
        "takes-any-word" => {
            for word in &mut evidence {
                "TOTP".clone_into(&mut word.factor);
            }
        }
        _ => {}
    }
    (proofs, evidence)
}

pub(crate) fn refused(
    mutant: &str,
    is_known: bool,
    proofs: &[Proof],
    given: Result<Authenticated, Failure>,
) -> Result<Authenticated, Failure> {
    match (mutant, given) {
        ("tells-unknown-from-wrong", Err(Failure::Rejected(rejection))) if is_known => {
            Err(rejection.attempts_left(2).into())
        }
        ("fails-for-strangers", Err(Failure::Rejected(_))) if !is_known && !proofs.is_empty() => {
            Err(Failure::internal("there is no such person"))
        }
        (_, given) => given,
    }
}

pub(crate) fn accepted(
    mutant: &str,
    (caller, proofs): (&Caller, &[Proof]),
    mut given: Authenticated,
) -> Result<Authenticated, Failure> {
    match mutant {
        "subject-of-the-login" => given.subject.push_str(&caller.transaction),
        "one-subject-for-all" => "administrator".clone_into(&mut given.subject),
        "keeps-the-proof" => {
            let unreadable = |error| Failure::internal(format!("continuation: {error}"));
            let mut kept: Value = serde_json::from_slice(&given.continuation).map_err(unreadable)?;
            if let Some((members, proof)) = kept.as_object_mut().zip(proofs.first()) {
                members.insert("proof".to_owned(), json!(String::from_utf8_lossy(&proof.value)));
            }
            given.continuation = kept.to_string().into_bytes();
        }
        _ => {}
    }
    Ok(given)
}

pub(crate) fn continued(mutant: &str, continued: Result<Individual, Failure>) -> Result<Individual, Failure> {
    let somebody = || Individual {
        kind: INDIVIDUAL_KIND.to_owned(),
        value: SOMEBODY.to_owned(),
        attributes: Vec::new(),
    };
    match continued {
        Err(_) if mutant == "falls-back-to-somebody" => Ok(somebody()),
        continued => continued,
    }
}

/// The names and languages of claims that are looked for.
pub(crate) fn wanted(mutant: &str, request: &ClaimsRequest, caller: &Caller) -> (Vec<String>, Vec<String>) {
    let (mut names, mut languages) = (request.claims.clone(), caller.claims_locales.clone());
    match mutant {
        "releases-everything" => names = claims::NAMES.map(str::to_owned).to_vec(),
        "any-language" => languages = ["en", "fr", "ar"].map(str::to_owned).to_vec(),
        _ => {}
    }
    (names, languages)
}

pub(crate) fn released(mutant: &str, mut released: Claims) -> Claims {
    match mutant {
        "forgets-a-claim" => {
            released.remove("birthdate");
        }
        "verifies-by-another-framework" => {
            let element = released.get_mut("verified_claims").and_then(|verified| verified.get_mut(0));
            let verification = element.and_then(|element| element.get_mut("verification")?.as_object_mut());
            if let Some(verification) = verification {
                verification.insert("trust_framework".to_owned(), json!("made_up"));
            }
        }
        _ => {}
    }
    released
}
