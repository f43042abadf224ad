//! Claims: what is released, of whom, in which languages.

use esignet_protocol::ports::plugins::Authenticated;

use super::super::bench::{Bench, ensure, fail, login, oddities, refused, skip, tells};
use super::super::{Case, Unmet, Verdict};
use crate::calls::caller;

pub(super) const CASES: &[Case] = &[
    Case::of_id_system("id-system/release/all", "every claim that it said is available is released", all),
    Case::of_id_system(
        "id-system/release/only-asked",
        "a claim that was not asked for is not released",
        only_asked,
    ),
    Case::of_id_system(
        "id-system/release/nothing",
        "nothing is released when nothing was asked for",
        nothing,
    ),
    Case::of_id_system(
        "id-system/release/unannounced",
        "a claim that it did not announce is left out, and the rest comes",
        unannounced,
    ),
    Case::of_id_system(
        "id-system/release/unavailable",
        "a claim that it said it lacks is not released",
        unavailable,
    ),
    Case::of_id_system("id-system/release/languages", "a tag names a language that was wanted", languages),
    Case::of_id_system(
        "id-system/release/tagged-name",
        "a name with a language is answered in that language only",
        tagged_name,
    ),
    Case::of_id_system(
        "id-system/release/odd-languages",
        "unknown and odd languages do no harm",
        odd_languages,
    ),
    Case::of_id_system("id-system/release/again", "the same question gets the same claims", again),
    Case::of_id_system(
        "id-system/release/later",
        "claims are released minutes after the person was authenticated",
        later,
    ),
    Case::of_id_system(
        "id-system/release/one-by-one",
        "a claim has the same value alone and among others",
        one_by_one,
    ),
    Case::of_id_system(
        "id-system/release/own",
        "each person's continuation releases that person's claims",
        own,
    ),
    Case::of_id_system(
        "id-system/release/empty-continuation",
        "an empty continuation releases nothing",
        empty,
    ),
    Case::of_id_system(
        "id-system/release/garbled-continuation",
        "a garbled continuation releases nothing",
        garbled,
    ),
    Case::of_id_system(
        "id-system/release/cut-continuation",
        "a continuation that was cut off releases nothing",
        cut,
    ),
    Case::of_id_system(
        "id-system/release/foreign-continuation",
        "a continuation of another plugin releases nothing",
        foreign,
    ),
    Case::of_id_system(
        "id-system/release/huge-continuation",
        "a continuation of 4 KiB of anything releases nothing",
        huge,
    ),
    Case::of_id_system("id-system/release/odd-names", "odd names of claims do no harm", odd_names),
];

fn names(announced: &[String]) -> Vec<&str> {
    announced.iter().map(String::as_str).collect()
}

fn base(name: &str) -> &str {
    name.split('#').next().unwrap_or(name)
}

/// The claims that it said are there.
fn available(bench: &Bench<'_>, authenticated: &Authenticated) -> Vec<String> {
    let mut announced = bench.announced();
    announced.retain(|claim| !authenticated.unavailable_claims.contains(claim));
    announced
}

fn all(bench: &mut Bench<'_>) -> Verdict {
    let (_, _, authenticated) = bench.signed_in()?;
    let available = available(bench, &authenticated);
    let released = bench.released(&login(), &authenticated, &names(&available))?;
    let missing: Vec<&str> = names(&available)
        .into_iter()
        .filter(|name| !released.keys().any(|given| base(given) == *name))
        .collect();
    ensure(missing.is_empty(), || {
        format!(
            "it did not say in `authenticate` that it lacks {}, and does not release it",
            missing.join(", ")
        )
    })
}

fn only_asked(bench: &mut Bench<'_>) -> Verdict {
    let (_, _, authenticated) = bench.signed_in()?;
    let announced = bench.announced();
    for name in names(&announced) {
        let released = bench.released(&login(), &authenticated, &[name])?;
        let beyond = released.keys().find(|given| base(given) != name);
        if let Some(beyond) = beyond {
            return fail(format!("{name} was asked for, and \"{beyond}\" is released with it"));
        }
    }
    Ok(())
}

fn nothing(bench: &mut Bench<'_>) -> Verdict {
    let (_, _, authenticated) = bench.signed_in()?;
    let released = bench.released(&login(), &authenticated, &[])?;
    let beyond = released.keys().next();
    beyond.map_or(Ok(()), |beyond| fail(format!("\"{beyond}\" is released")))
}

fn unannounced(bench: &mut Bench<'_>) -> Verdict {
    let (_, _, authenticated) = bench.signed_in()?;
    let available = available(bench, &authenticated);
    let mut asked = names(&available);
    asked.extend(["kit_unknown", "sub", "iss", "acr", "kit_unknown#fr"]);
    let released = bench.released(&login(), &authenticated, &asked)?;
    let beyond = released.keys().find(|given| !available.iter().any(|known| known == base(given)));
    beyond.map_or(Ok(()), |beyond| fail(format!("\"{beyond}\" is released, which it did not announce")))
}

fn unavailable(bench: &mut Bench<'_>) -> Verdict {
    for (person, individual) in bench.everybody_known() {
        let (_, _, authenticated) = bench.signed_in_as(person, individual)?;
        if authenticated.unavailable_claims.is_empty() {
            continue;
        }
        let lacking = names(&authenticated.unavailable_claims);
        let released = bench.released(&login(), &authenticated, &lacking)?;
        return match released.keys().next() {
            Some(given) => fail(format!("it said that it lacks \"{given}\", and releases it")),
            None => Ok(()),
        };
    }
    skip("nobody in the fixture lacks a claim")
}

fn wanting(languages: &[&str]) -> esignet_protocol::ports::plugins::Caller {
    let mut caller = caller("kit-login-1");
    caller.claims_locales = languages.iter().map(|&language| language.to_owned()).collect();
    caller
}

/// Whether a tag is one of a language that was wanted: who wants `fr-CA` gets `fr`.
fn is_wanted(tag: &str, wanted: &[String]) -> bool {
    let primary = |tag: &str| tag.split('-').next().unwrap_or(tag).to_ascii_lowercase();
    wanted.iter().any(|wanted| primary(wanted) == primary(tag))
}

fn languages(bench: &mut Bench<'_>) -> Verdict {
    let (_, _, authenticated) = bench.signed_in()?;
    let described = bench.plugin.described().id_system.as_ref();
    let locales = described.map(|described| described.claims_locales.clone()).unwrap_or_default();
    if locales.is_empty() {
        return skip("its claims are in no language: `claims-locales` is empty");
    }
    let announced = bench.announced();
    let mut wishes: Vec<Vec<&str>> = locales.iter().map(|locale| vec![locale.as_str()]).collect();
    wishes.push(names(&locales));
    for wish in wishes {
        let caller = wanting(&wish);
        let released = bench.released(&caller, &authenticated, &names(&announced))?;
        let tagged = released.keys().filter_map(|name| Some((name, name.split_once('#')?.1)));
        let foreign =
            tagged.filter(|(_, tag)| !is_wanted(tag, &caller.claims_locales)).map(|(name, _)| name).next();
        if let Some(foreign) = foreign {
            return fail(format!("claims are wanted in {}, and \"{foreign}\" is released", wish.join(", ")));
        }
    }
    Ok(())
}

fn tagged_name(bench: &mut Bench<'_>) -> Verdict {
    let (_, _, authenticated) = bench.signed_in()?;
    let described = bench.plugin.described().id_system.as_ref();
    let Some(language) = described.and_then(|described| described.claims_locales.first().cloned()) else {
        return skip("its claims are in no language: `claims-locales` is empty");
    };
    for claim in bench.announced() {
        let asked = format!("{claim}#{language}");
        let released = bench.released(&login(), &authenticated, &[&asked])?;
        let other = released.keys().find(|given| {
            base(given) != claim
                || given
                    .split_once('#')
                    .is_none_or(|(_, tag)| !is_wanted(tag, std::slice::from_ref(&language)))
        });
        if let Some(other) = other {
            return fail(format!("{asked} was asked for, and \"{other}\" is released"));
        }
    }
    Ok(())
}

fn odd_languages(bench: &mut Bench<'_>) -> Verdict {
    let (_, _, authenticated) = bench.signed_in()?;
    let announced = bench.announced();
    let usual = bench.released(&login(), &authenticated, &names(&announced))?;
    for odd in ["und", "x-kit", "zh-Hant-TW", "tlh-Kitt", "en-GB"] {
        let released = bench.released(&wanting(&[odd]), &authenticated, &names(&announced))?;
        let lost = usual
            .keys()
            .find(|name| !name.contains('#') && !released.keys().any(|given| base(given) == *name));
        if let Some(lost) = lost {
            return fail(format!("the claim {lost} is not released to who wants it in \"{odd}\""));
        }
    }
    let many: Vec<String> = (0..64).map(|number| format!("x-kit{number}")).collect();
    bench.released(&wanting(&names(&many)), &authenticated, &names(&announced)).map(drop)
}

fn again(bench: &mut Bench<'_>) -> Verdict {
    let (_, _, authenticated) = bench.signed_in()?;
    let announced = bench.announced();
    let first = bench.released(&login(), &authenticated, &names(&announced))?;
    let second = bench.released(&login(), &authenticated, &names(&announced))?;
    ensure(first == second, || "the second answer is another one".to_owned())
}

fn later(bench: &mut Bench<'_>) -> Verdict {
    let (_, _, authenticated) = bench.signed_in()?;
    bench.plugin.clock().advance(240);
    let announced = bench.announced();
    bench.released(&login(), &authenticated, &names(&announced)).map(drop)
}

fn one_by_one(bench: &mut Bench<'_>) -> Verdict {
    let (_, _, authenticated) = bench.signed_in()?;
    let announced = bench.announced();
    let together = bench.released(&login(), &authenticated, &names(&announced))?;
    for name in names(&announced) {
        let alone = bench.released(&login(), &authenticated, &[name])?;
        let differs = alone.get(name) != together.get(name);
        ensure(!differs, || format!("the claim {name} has another value alone than among others"))?;
    }
    Ok(())
}

fn own(bench: &mut Bench<'_>) -> Verdict {
    let mut people = bench.everybody_known();
    let (Some(one), Some(other)) = (people.next(), people.next()) else {
        return skip("the fixture has fewer than two people who get in");
    };
    let announced = bench.announced();
    let (_, _, first) = bench.signed_in_as(one.0, one.1)?;
    let alone = bench.released(&login(), &first, &names(&announced))?;
    let (_, _, second) = bench.signed_in_as(other.0, other.1)?;
    let of_other = bench.released(&login(), &second, &names(&announced))?;
    let after = bench.released(&login(), &first, &names(&announced))?;
    ensure(alone == after, || {
        "claims of the first person are others once a second one signed in".to_owned()
    })?;
    ensure(announced.is_empty() || alone != of_other, || "two people have the very same claims".to_owned())
}

/// A continuation that nobody was given has to end in a failure, not in claims and not in none.
fn releases_nothing(bench: &Bench<'_>, continuation: &[u8], what: &str) -> Verdict {
    let announced = bench.announced();
    refused(&bench.release(continuation, &names(&announced))?, what)
}

fn empty(bench: &mut Bench<'_>) -> Verdict {
    releases_nothing(bench, b"", "an empty continuation")
}

fn garbled(bench: &mut Bench<'_>) -> Verdict {
    releases_nothing(bench, b"\0\xff\xfe garbled \x80", "a garbled continuation")?;
    let Ok((_, _, authenticated)) = bench.signed_in() else { return Ok(()) };
    let garbled: Vec<u8> = authenticated.continuation.iter().map(|octet| octet ^ 0x15).collect();
    if garbled.is_empty() {
        return skip("its continuation is empty: it has nothing to garble");
    }
    releases_nothing(bench, &garbled, "a continuation with other octets")
}

fn cut(bench: &mut Bench<'_>) -> Verdict {
    let (_, _, authenticated) = bench.signed_in()?;
    let whole = &authenticated.continuation;
    if whole.len() < 2 {
        return skip("its continuation is shorter than two octets");
    }
    for length in [1, whole.len() / 2, whole.len() - 1] {
        let part = whole.get(..length).unwrap_or_default();
        releases_nothing(bench, part, &format!("a continuation of {length} octets of {}", whole.len()))?;
    }
    Ok(())
}

fn foreign(bench: &mut Bench<'_>) -> Verdict {
    for other in [r#"{"version":99,"other":"plugin"}"#, "{}", "[]", "null", "0", "administrator"] {
        releases_nothing(bench, other.as_bytes(), &format!("the continuation {other}"))?;
    }
    Ok(())
}

fn huge(bench: &mut Bench<'_>) -> Verdict {
    releases_nothing(bench, &[b'['; 4_096], "a continuation of 4 KiB of brackets")?;
    releases_nothing(bench, &[0xff; 4_096], "a continuation of 4 KiB of octets")
}

fn odd_names(bench: &mut Bench<'_>) -> Verdict {
    let (_, _, authenticated) = bench.signed_in()?;
    let odd = oddities();
    let asked: Vec<&str> =
        odd.iter().map(|(_, name)| name.as_str()).chain(["#", "#fr", "name#", "name#fr#en"]).collect();
    let released = bench.released(&login(), &authenticated, &asked)?;
    let names: Vec<String> = released.keys().cloned().collect();
    let wanted = |name: &String| base(name) == "name" || !odd.iter().any(|(_, odd)| odd == name);
    ensure(names.iter().all(wanted), || "an odd name is released as it was asked for".to_owned())?;
    tells(&names, &["<script>".to_owned()]).map_or(Ok(()), |told| Err(Unmet::Failed(told)))
}
