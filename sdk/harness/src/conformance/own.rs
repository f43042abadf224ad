//! What the author of a plugin wrote down: who gets in by what, who does not, and what is released of whom.

use esignet_protocol::ports::plugins::{PluginError, Rejection, Step};
use esignet_sandbox::Role;

use super::bench::{Bench, ensure, fail};
use super::{Unmet, Verdict};
use crate::calls::caller;
use crate::fixture::{Expected, Person};

/// What a case of the author's says.
pub(super) fn says(person: &Person) -> String {
    let who = &person.name;
    match (person.expect, &person.reason) {
        (Expected::Accepted, _) if person.claims.is_empty() => format!("{who} gets in"),
        (Expected::Accepted, _) => format!("{who} gets in, and the claims are released"),
        (Expected::Rejected, Some(reason)) => format!("{who} is rejected: {reason}"),
        (Expected::Rejected, None) => format!("{who} is rejected"),
        (Expected::Unavailable, _) => format!("{who} finds nobody who answers"),
    }
}

/// Whether it comes to that.
pub(super) fn expected(bench: &mut Bench<'_>, person: &Person) -> Verdict {
    let roles = bench.plugin.roles().to_vec();
    if roles.contains(&Role::IdSystem) && !person.proofs.is_empty() {
        as_id_system(bench, person)?;
        bench.all_was_sound()?;
    }
    if roles.contains(&Role::AuthFactor) && !person.answers.is_empty() {
        as_factor(bench, person)?;
    }
    Ok(())
}

fn as_id_system(bench: &Bench<'_>, person: &Person) -> Verdict {
    let Some(individual) = person.individual() else {
        return fail("they have no `individual`, which an ID system needs");
    };
    let call = bench.authenticate(&individual, &person.proofs())?;
    match (call.outcome, person.expect) {
        (Ok(authenticated), Expected::Accepted) => {
            if person.claims.is_empty() {
                return Ok(());
            }
            let mut login = caller("kit-login-1");
            if !person.claims_locales.is_empty() {
                login.claims_locales.clone_from(&person.claims_locales);
            }
            let names: Vec<&str> = person.claims.keys().map(String::as_str).collect();
            let released = bench.release_as(&login, &authenticated.continuation, &names)?;
            let released = released.outcome.map_err(|error| Unmet::Failed(format!("no claims: {error}")))?;
            let missing = person.claims.iter().find(|(name, value)| released.get(*name) != Some(*value));
            missing.map_or(Ok(()), |(name, value)| {
                let given = released.get(name).map_or_else(|| "nothing".to_owned(), ToString::to_string);
                fail(format!("the claim {name} is {given}, not {value}"))
            })
        }
        (Err(PluginError::Rejected(rejection)), Expected::Rejected) => reason_is(person, &rejection),
        (Err(PluginError::Unavailable(_)), Expected::Unavailable) => Ok(()),
        (Ok(_), _) => fail("they get in"),
        (Err(error), _) => fail(format!("it came to \"{error}\"")),
    }
}

fn as_factor(bench: &Bench<'_>, person: &Person) -> Verdict {
    let walked = bench.walk(person.individual().as_ref(), &person.answers)?;
    match (walked.outcome, person.expect) {
        (Ok(Step::Proved(_) | Step::Delegate { .. }), Expected::Accepted)
        | (Err(PluginError::Unavailable(_)), Expected::Unavailable) => Ok(()),
        (Ok(Step::Refused(rejection) | Step::Ask { rejection: Some(rejection), .. }), Expected::Rejected) => {
            reason_is(person, &rejection)
        }
        (Ok(step), _) => fail(format!("it came to the step `{}`", super::auth_factor::name(&step))),
        (Err(error), _) => fail(format!("it came to \"{error}\"")),
    }
}

fn reason_is(person: &Person, rejection: &Rejection) -> Verdict {
    let wanted = person.reason.as_ref();
    ensure(wanted.is_none_or(|reason| *reason == rejection.reason), || {
        format!("the reason is \"{}\"", rejection.reason)
    })
}
