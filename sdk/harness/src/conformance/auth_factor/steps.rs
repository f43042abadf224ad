//! What comes of a step: in its order, and out of it.

use esignet_protocol::ports::plugins::{
    Individual, Input, MaskedTarget, OtpReceipt, PluginError, Rejection, Step,
};

use super::super::bench::{Bench, ensure, fail, login, skip};
use super::super::{Case, Unmet, Verdict};
use super::{Asked, came_to, is_proved, name, no, receipt};

pub(super) const CASES: &[Case] = &[
    Case::of_factor(
        "auth-factor/steps/unasked-resend",
        "that somebody wants it again proves nothing",
        unasked_resend,
    ),
    Case::of_factor(
        "auth-factor/steps/unasked-otp-sent",
        "that a code was sent proves nothing",
        unasked_otp_sent,
    ),
    Case::of_factor(
        "auth-factor/steps/unasked-otp-not-sent",
        "that no code was sent proves nothing",
        unasked_otp_not_sent,
    ),
    Case::of_factor("auth-factor/steps/unasked-waited", "that time passed proves nothing", unasked_waited),
    Case::of_factor(
        "auth-factor/steps/unasked-rejected",
        "that the ID system said no proves nothing",
        unasked_rejected,
    ),
    Case::of_factor(
        "auth-factor/steps/rejected-asks-again",
        "when the ID system says no the person is asked again or refused, and told",
        rejected,
    ),
    Case::of_factor(
        "auth-factor/steps/locked-ends",
        "when the ID system says `locked` the factor is over",
        locked,
    ),
    Case::of_factor(
        "auth-factor/steps/no-tries-left-ends",
        "when the ID system has no tries left the factor is over",
        no_tries_left,
    ),
    Case::of_factor("auth-factor/steps/odd-reasons", "reasons that nobody knows do no harm", odd_reasons),
    Case::of_factor(
        "auth-factor/steps/code-not-sent",
        "when the first code cannot be sent the factor is over or asks, and proves nothing",
        code_not_sent,
    ),
    Case::of_factor(
        "auth-factor/steps/odd-receipts",
        "receipts without places, with many and with odd times do no harm",
        odd_receipts,
    ),
    Case::of_factor("auth-factor/steps/mask-is-shown", "where a code went is said", mask_is_shown),
    Case::of_factor("auth-factor/steps/resend", "when its time has come another code is sent", resend),
    Case::of_factor(
        "auth-factor/steps/resend-too-soon",
        "before its time no other code is sent",
        resend_too_soon,
    ),
    Case::of_factor("auth-factor/steps/resend-ends", "one login has no end of codes sent", resend_ends),
    Case::of_factor("auth-factor/steps/channels", "codes go over channels that have names", channels),
];

fn asked(bench: &Bench<'_>) -> Result<(Individual, Asked), Unmet> {
    let somebody = bench.somebody();
    let asked = bench.asked(Some(&somebody))?;
    Ok((somebody, asked))
}

/// An input that nothing led to: whatever comes of it, nobody is proved and nothing is handed to the ID system.
fn unasked(bench: &Bench<'_>, input: Input) -> Verdict {
    let (somebody, asked) = asked(bench)?;
    let outcome = bench.resume(Some(&somebody), &asked.state, input)?.outcome;
    let decided = matches!(outcome, Ok(Step::Proved(_) | Step::Delegate { .. }));
    ensure(!decided, || format!("it comes to {}", came_to(&outcome)))
}

fn unasked_resend(bench: &mut Bench<'_>) -> Verdict {
    unasked(bench, Input::Resend)
}

fn unasked_otp_sent(bench: &mut Bench<'_>) -> Verdict {
    unasked(bench, Input::OtpSent(receipt()))
}

fn unasked_otp_not_sent(bench: &mut Bench<'_>) -> Verdict {
    unasked(bench, Input::OtpNotSent(no("unknown")))
}

fn unasked_waited(bench: &mut Bench<'_>) -> Verdict {
    unasked(bench, Input::Waited)
}

fn unasked_rejected(bench: &mut Bench<'_>) -> Verdict {
    unasked(bench, Input::Rejected(no("wrong")))
}

fn rejection(bench: &mut Bench<'_>, rejection: Rejection) -> Result<Result<Step, PluginError>, Unmet> {
    let (_, individual, state) = bench.delegated()?;
    Ok(bench.resume(individual.as_ref(), &state, Input::Rejected(rejection))?.outcome)
}

fn rejected(bench: &mut Bench<'_>) -> Verdict {
    match rejection(bench, no("wrong"))? {
        Ok(Step::Ask { rejection: Some(_), .. } | Step::DeliverOtp { .. } | Step::Refused(_)) => Ok(()),
        other => fail(format!("it comes to {}", came_to(&other))),
    }
}

fn is_over(outcome: &Result<Step, PluginError>) -> Verdict {
    ensure(matches!(outcome, Ok(Step::Refused(_)) | Err(PluginError::Rejected(_))), || {
        format!("it comes to {}", came_to(outcome))
    })
}

fn locked(bench: &mut Bench<'_>) -> Verdict {
    is_over(&rejection(bench, no("locked"))?)
}

fn no_tries_left(bench: &mut Bench<'_>) -> Verdict {
    is_over(&rejection(bench, Rejection { attempts_left: Some(0), ..no("wrong") })?)
}

fn odd_reasons(bench: &mut Bench<'_>) -> Verdict {
    for reason in ["kit-unknown", "", "<script>", "wrong\0", &"x".repeat(64)] {
        let odd = Rejection {
            reason: reason.to_owned(),
            attempts_left: Some(u32::MAX),
            retry_after_seconds: Some(u32::MAX),
        };
        let outcome = rejection(bench, odd)?;
        ensure(!is_proved(&outcome), || format!("the reason {reason:?} proves somebody"))?;
    }
    Ok(())
}

/// Somebody for whom a code is to be sent, with the state that comes with it.
fn delivering(bench: &Bench<'_>) -> Result<(Individual, Vec<u8>, Vec<String>), Unmet> {
    let somebody = bench.somebody();
    match bench.begin(Some(&somebody))?.outcome {
        Ok(Step::DeliverOtp { state, channels }) => Ok((somebody, state, channels)),
        Ok(_) => skip("it has no code sent by the ID system"),
        Err(error) => fail(format!("it does not begin: {error}")),
    }
}

fn code_not_sent(bench: &mut Bench<'_>) -> Verdict {
    let (somebody, state, _) = delivering(bench)?;
    for reason in ["unknown", "locked", "too-soon"] {
        let outcome = bench.resume(Some(&somebody), &state, Input::OtpNotSent(no(reason)))?.outcome;
        let fits = matches!(
            outcome,
            Ok(Step::Refused(_) | Step::Ask { rejection: Some(_), .. })
                | Err(PluginError::Rejected(_) | PluginError::Unavailable(_))
        );
        ensure(fits, || format!("\"{reason}\" comes to {}", came_to(&outcome)))?;
    }
    Ok(())
}

fn odd_receipts(bench: &mut Bench<'_>) -> Verdict {
    let (somebody, state, _) = delivering(bench)?;
    let target =
        |channel: &str, masked: &str| MaskedTarget { channel: channel.to_owned(), masked: masked.to_owned() };
    let long = "X".repeat(128);
    let receipts = [
        (Vec::new(), 0, 0),
        (vec![target("sms", &long); 8], u32::MAX, u32::MAX),
        (vec![target("kit-unknown", "{length} <b> \u{202e}")], 1, 0),
        (vec![target("email", "ü…@…"), target("sms", "")], 180, 30),
    ];
    for (targets, valid_seconds, resend_after_seconds) in receipts {
        let odd = OtpReceipt { targets, valid_seconds, resend_after_seconds };
        let outcome = bench.resume(Some(&somebody), &state, Input::OtpSent(odd))?.outcome;
        ensure(matches!(outcome, Ok(Step::Ask { .. })), || format!("it comes to {}", came_to(&outcome)))?;
    }
    Ok(())
}

fn mask_is_shown(bench: &mut Bench<'_>) -> Verdict {
    let (somebody, state, _) = delivering(bench)?;
    let outcome = bench.resume(Some(&somebody), &state, Input::OtpSent(receipt()))?.outcome;
    let Ok(Step::Ask { form, .. }) = outcome else {
        return fail(format!("it comes to {}", came_to(&outcome)));
    };
    let written = serde_json::to_string(&form).unwrap_or_default();
    ensure(written.contains("XXXXXX0417"), || {
        "the form does not say where the code went, so nobody knows which phone to look at".to_owned()
    })
}

fn sending_again(bench: &Bench<'_>) -> Result<(Individual, Asked, u32), Unmet> {
    let (somebody, asked) = asked(bench)?;
    match asked.form.resend_after_seconds {
        Some(seconds) => Ok((somebody, asked, seconds)),
        None => skip("nothing can be sent again"),
    }
}

fn resend(bench: &mut Bench<'_>) -> Verdict {
    let (somebody, asked, seconds) = sending_again(bench)?;
    bench.plugin.clock().advance(seconds.into());
    let outcome = bench.resume(Some(&somebody), &asked.state, Input::Resend)?.outcome;
    ensure(matches!(outcome, Ok(Step::DeliverOtp { .. } | Step::Ask { rejection: None, .. })), || {
        format!("it comes to {}", came_to(&outcome))
    })
}

fn resend_too_soon(bench: &mut Bench<'_>) -> Verdict {
    let (somebody, asked, seconds) = sending_again(bench)?;
    if seconds == 0 {
        return skip("another can be had at once");
    }
    bench.plugin.clock().advance(u64::from(seconds) - 1);
    let outcome = bench.resume(Some(&somebody), &asked.state, Input::Resend)?.outcome;
    ensure(!matches!(outcome, Ok(Step::DeliverOtp { .. })), || {
        format!("another is sent after {} s, and the form says {seconds} s", seconds - 1)
    })
}

/// More than one login may have sent.
const SENDS: usize = 25;

fn resend_ends(bench: &mut Bench<'_>) -> Verdict {
    let (somebody, mut asked, _) = sending_again(bench)?;
    for _ in 0..SENDS {
        bench.plugin.clock().advance(700);
        let call = bench.resume(Some(&somebody), &asked.state, Input::Resend)?;
        match bench.until_it_asks(&login(), Some(&somebody), call)?.outcome {
            Ok(Step::Ask { form, state, .. }) => asked = Asked { form, state },
            Ok(Step::Refused(_)) | Err(_) => return Ok(()),
            Ok(step) => return fail(format!("it comes to the step `{}`", name(&step))),
        }
        if asked.form.resend_after_seconds.is_none() {
            return Ok(());
        }
    }
    fail(format!("after {SENDS} codes another can be had: anybody lets a stranger's phone ring all night"))
}

fn channels(bench: &mut Bench<'_>) -> Verdict {
    let (_, _, channels) = delivering(bench)?;
    let odd = channels.iter().find(|channel| channel.chars().any(char::is_uppercase));
    odd.map_or(Ok(()), |channel| {
        fail(format!("the channel \"{channel}\" has capital letters; they are \"sms\", \"email\", …"))
    })
}
