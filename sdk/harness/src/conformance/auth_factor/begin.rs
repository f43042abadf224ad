//! How a factor begins.

use esignet_protocol::ports::plugins::{Individual, Step};

use super::super::bench::{Bench, ensure, login, odd_caller, oddities, skip};
use super::super::{Case, Verdict};
use super::{came_to, is_proved};
use crate::calls::caller;

pub(super) const CASES: &[Case] = &[
    Case::of_factor("auth-factor/begin/asks", "it begins, and comes to a question", asks),
    Case::of_factor(
        "auth-factor/begin/proves-nothing",
        "nothing is proved before anybody answered",
        proves_nothing,
    ),
    Case::of_factor(
        "auth-factor/begin/without-individual",
        "a factor that needs to know who it is refuses to begin without",
        without_individual,
    ),
    Case::of_factor("auth-factor/begin/odd-individuals", "odd identifiers do no harm", odd_individuals),
    Case::of_factor(
        "auth-factor/begin/strangers",
        "a stranger is asked what somebody known is asked",
        strangers,
    ),
    Case::of_factor(
        "auth-factor/begin/odd-callers",
        "odd relying parties, clients and languages do no harm",
        odd_callers,
    ),
    Case::of_factor("auth-factor/begin/again", "two logins of a person begin alike", again),
];

fn asks(bench: &mut Bench<'_>) -> Verdict {
    let somebody = bench.somebody();
    bench.asked(Some(&somebody)).map(drop)
}

fn proves_nothing(bench: &mut Bench<'_>) -> Verdict {
    let somebody = bench.somebody();
    let call = bench.until_it_asks(&login(), Some(&somebody), bench.begin(Some(&somebody))?)?;
    ensure(!is_proved(&call.outcome), || "it is proved, and nobody answered anything".to_owned())
}

fn without_individual(bench: &mut Bench<'_>) -> Verdict {
    if !bench.factor()?.descriptor().needs_individual {
        return skip("it needs no individual");
    }
    let call = bench.begin(None)?;
    let refused = matches!(call.outcome, Err(_) | Ok(Step::Refused(_)));
    ensure(refused, || format!("it comes to {}", came_to(&call.outcome)))
}

fn odd_individuals(bench: &mut Bench<'_>) -> Verdict {
    let somebody = bench.somebody();
    for (what, value) in oddities() {
        let odd = Individual { value, ..somebody.clone() };
        let call = bench.begin(Some(&odd))?;
        ensure(!is_proved(&call.outcome), || format!("an identifier of {what} is proved"))?;
    }
    for kind in ["", "kit-unknown", "uin\0x"] {
        let odd = Individual { kind: kind.to_owned(), ..somebody.clone() };
        let call = bench.begin(Some(&odd))?;
        ensure(!is_proved(&call.outcome), || format!("the kind {kind:?} is proved"))?;
    }
    Ok(())
}

fn strangers(bench: &mut Bench<'_>) -> Verdict {
    let (known, stranger) = (bench.somebody(), bench.somebody_else());
    let of_known = bench.asked(Some(&known))?;
    let of_stranger = bench.asked(Some(&stranger))?;
    ensure(of_known.form == of_stranger.form, || {
        "a stranger gets another form, so anybody finds out who is known".to_owned()
    })
}

fn odd_callers(bench: &mut Bench<'_>) -> Verdict {
    let somebody = bench.somebody();
    for odd in ["", "{caller.client}", "a/../b?c", "日本\u{202e}", &"x".repeat(2_000)] {
        let call = bench.begin_as(&odd_caller(odd), Some(&somebody))?;
        ensure(!is_proved(&call.outcome), || format!("the caller {odd:?} proves something"))?;
    }
    Ok(())
}

fn again(bench: &mut Bench<'_>) -> Verdict {
    let somebody = bench.somebody();
    let first = bench.asked(Some(&somebody))?;
    let second = bench.asked_as(&caller("kit-login-2"), Some(&somebody))?;
    let names = |form: &esignet_protocol::ports::plugins::Form| -> Vec<String> {
        form.fields.iter().map(|field| field.name.clone()).collect()
    };
    ensure(names(&first.form) == names(&second.form), || "the second login asks for other fields".to_owned())
}
