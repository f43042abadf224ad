//! Codes that the ID system sends.

use esignet_protocol::ports::plugins::{Individual, OtpReceipt};

use super::super::bench::{Bench, ensure, fail, login, oddities, refused, skip};
use super::super::{Case, Unmet, Verdict};
use crate::calls::person;

pub(super) const CASES: &[Case] = &[
    Case::of_id_system("id-system/codes/sent", "a code is sent to somebody known", sent),
    Case::of_id_system(
        "id-system/codes/times",
        "a code is good for a while, and not longer than a day",
        times,
    ),
    Case::of_id_system(
        "id-system/codes/masked",
        "where a code went is masked: it is no claim of the person",
        masked,
    ),
    Case::of_id_system(
        "id-system/codes/mask-of-channel",
        "a mask names a channel that it announced",
        mask_of_channel,
    ),
    Case::of_id_system(
        "id-system/codes/channel-chosen",
        "a code goes over the channel that was asked for only",
        channel_chosen,
    ),
    Case::of_id_system(
        "id-system/codes/channel-unknown",
        "a channel that it does not have is refused",
        channel_unknown,
    ),
    Case::of_id_system("id-system/codes/again", "a code can be sent again, to the same place", again),
    Case::of_id_system(
        "id-system/codes/stranger",
        "a stranger is told that a code was sent, as somebody known is",
        stranger,
    ),
    Case::of_id_system(
        "id-system/codes/stranger-stable",
        "a stranger is told the same place each time",
        stranger_stable,
    ),
    Case::of_id_system("id-system/codes/odd", "odd identifiers do no harm", odd),
    Case::of_id_system("id-system/codes/other-kind", "a kind that it does not know does no harm", other_kind),
    Case::of_id_system(
        "id-system/codes/unsupported",
        "an ID system without channels refuses to send codes",
        unsupported,
    ),
];

fn receipt(bench: &Bench<'_>, individual: &Individual, channels: &[&str]) -> Result<OtpReceipt, Unmet> {
    let call = bench.send(individual, channels)?;
    call.outcome.map_err(|error| Unmet::Failed(format!("send-otp did not send: {error}")))
}

fn of_known(bench: &Bench<'_>) -> Result<OtpReceipt, Unmet> {
    bench.channels()?;
    let (_, individual) = bench.known()?;
    receipt(bench, &individual, &[])
}

fn sent(bench: &mut Bench<'_>) -> Verdict {
    of_known(bench).map(drop)
}

fn times(bench: &mut Bench<'_>) -> Verdict {
    let receipt = of_known(bench)?;
    ensure((1..=86_400).contains(&receipt.valid_seconds), || {
        format!("`valid-seconds` is {}", receipt.valid_seconds)
    })?;
    ensure(receipt.resend_after_seconds <= receipt.valid_seconds, || {
        format!(
            "another can be asked for after {} s, the first is good for {} s",
            receipt.resend_after_seconds, receipt.valid_seconds
        )
    })
}

fn masked(bench: &mut Bench<'_>) -> Verdict {
    let receipt = of_known(bench)?;
    let (known, individual, authenticated) = bench.signed_in()?;
    let announced = bench.announced();
    let names: Vec<&str> = ["phone_number", "email"]
        .into_iter()
        .filter(|name| announced.iter().any(|claim| claim == name))
        .collect();
    let released = bench.released(&login(), &authenticated, &names)?;
    let mut values: Vec<String> =
        released.values().filter_map(|value| value.as_str()).map(str::to_owned).collect();
    values.push(individual.value);
    values.extend(known.proofs.iter().map(|proof| proof.value.clone()));
    let masks: Vec<String> = receipt.targets.into_iter().map(|target| target.masked).collect();
    super::super::bench::tells(&masks, &values).map_or(Ok(()), |told| fail(format!("the mask {told}")))
}

fn mask_of_channel(bench: &mut Bench<'_>) -> Verdict {
    let channels = bench.channels()?;
    let receipt = of_known(bench)?;
    let foreign = receipt.targets.iter().find(|target| !channels.contains(&target.channel));
    foreign.map_or(Ok(()), |target| fail(format!("the channel \"{}\" was not announced", target.channel)))
}

fn channel_chosen(bench: &mut Bench<'_>) -> Verdict {
    let channels = bench.channels()?;
    let (_, individual) = bench.known()?;
    for channel in &channels {
        let receipt = receipt(bench, &individual, &[channel])?;
        let other = receipt.targets.iter().find(|target| target.channel != *channel);
        if let Some(other) = other {
            return fail(format!("a code was wanted over \"{channel}\" and went over \"{}\"", other.channel));
        }
    }
    Ok(())
}

fn channel_unknown(bench: &mut Bench<'_>) -> Verdict {
    bench.channels()?;
    let (_, individual) = bench.known()?;
    refused(&bench.send(&individual, &["kit-pigeon"])?, "a channel that it does not have")
}

fn again(bench: &mut Bench<'_>) -> Verdict {
    let first = of_known(bench)?;
    bench.plugin.clock().advance(first.resend_after_seconds.into());
    let second = of_known(bench)?;
    ensure(first.targets == second.targets, || "the second code went elsewhere".to_owned())
}

/// What can be seen of a receipt from outside: over which channels, how it is masked, and the times.
fn shape(receipt: &OtpReceipt) -> (Vec<(String, String)>, u32, u32) {
    let hidden = |mask: &str| -> String {
        mask.chars()
            .map(|c| {
                if c.is_ascii_digit() {
                    '0'
                } else if c.is_alphabetic() {
                    'a'
                } else {
                    c
                }
            })
            .collect()
    };
    let targets = receipt.targets.iter().map(|target| (target.channel.clone(), hidden(&target.masked)));
    (targets.collect(), receipt.valid_seconds, receipt.resend_after_seconds)
}

fn stranger(bench: &mut Bench<'_>) -> Verdict {
    let known = shape(&of_known(bench)?);
    let stranger = bench.stranger()?;
    let stranger = bench.send(&stranger, &[])?.outcome;
    let stranger = stranger.map_err(|error| {
        Unmet::Failed(format!("a stranger gets \"{error}\", so anybody finds out who is known"))
    })?;
    let stranger = shape(&stranger);
    ensure(known == stranger, || {
        format!("somebody known gets {known:?}, a stranger {stranger:?}, so anybody finds out who is known")
    })
}

fn stranger_stable(bench: &mut Bench<'_>) -> Verdict {
    bench.channels()?;
    let stranger = bench.stranger()?;
    let first = receipt(bench, &stranger, &[])?;
    bench.plugin.clock().advance(3_600);
    bench.plugin.entropy().reseed(15_485_863);
    let second = receipt(bench, &stranger, &[])?;
    ensure(first.targets == second.targets, || {
        "a stranger is told another place each time, which nobody known is".to_owned()
    })
}

fn odd(bench: &mut Bench<'_>) -> Verdict {
    bench.channels()?;
    let anybody = bench.anybody();
    for (_, value) in oddities() {
        // Whether it says so or not: the calls have to end well.
        drop(bench.send(&Individual { value, ..anybody.clone() }, &[])?);
    }
    Ok(())
}

fn other_kind(bench: &mut Bench<'_>) -> Verdict {
    bench.channels()?;
    for kind in ["kit-unknown", ""] {
        drop(bench.send(&person(kind, "2053718694"), &[])?);
    }
    Ok(())
}

fn unsupported(bench: &mut Bench<'_>) -> Verdict {
    if bench.channels().is_ok() {
        return skip("it sends codes");
    }
    refused(&bench.send(&bench.anybody(), &[])?, "a code that nobody can send")
}
