//! The words of `esignet:types`, to the guest as they are and from the guest after a check.

use esignet_protocol::ports::plugins::{
    Answer, Attribute, Caller, Evidence, Individual, MaskedTarget, Message, OtpReceipt, Proof, Rejection,
};

use crate::accept::{self, at_most};
use crate::bindings::esignet::types::{forms, types as wit};
use crate::failure::Breach;

/// The largest proof: biometric captures come as signed JSON of this order.
const PROOF_BYTES: usize = 2 << 20;

pub(super) fn caller_to_guest(caller: &Caller) -> wit::Caller {
    wit::Caller {
        transaction: caller.transaction.clone(),
        short_transaction: caller.short_transaction.clone(),
        relying_party: caller.relying_party.clone(),
        client: caller.client.clone(),
        locale: caller.locale.clone(),
        claims_locales: caller.claims_locales.clone(),
        attributes: Vec::new(),
    }
}

pub(super) fn individual_to_guest(individual: &Individual) -> wit::Individual {
    wit::Individual {
        kind: individual.kind.clone(),
        value: individual.value.clone(),
        attributes: attributes_to_guest(&individual.attributes),
    }
}

pub(super) fn proof_to_guest(proof: &Proof) -> wit::Proof {
    wit::Proof {
        factor: proof.factor.clone(),
        format: proof.format.clone(),
        value: proof.value.clone(),
        attributes: attributes_to_guest(&proof.attributes),
    }
}

pub(super) fn evidence_to_guest(evidence: &Evidence) -> wit::Evidence {
    wit::Evidence {
        factor: evidence.factor.clone(),
        amr: evidence.amr.clone(),
        attributes: attributes_to_guest(&evidence.attributes),
    }
}

pub(super) fn receipt_to_guest(receipt: OtpReceipt) -> wit::OtpReceipt {
    let targets = receipt.targets.into_iter();
    wit::OtpReceipt {
        targets: targets.map(|t| wit::MaskedTarget { channel: t.channel, masked: t.masked }).collect(),
        valid_seconds: receipt.valid_seconds,
        resend_after_seconds: receipt.resend_after_seconds,
    }
}

pub(super) fn answers_to_guest(answers: Vec<Answer>) -> Vec<forms::Answer> {
    answers.into_iter().map(|answer| forms::Answer { name: answer.name, value: answer.value }).collect()
}

pub(super) fn rejection_to_guest(rejection: Rejection) -> wit::Rejection {
    wit::Rejection {
        reason: rejection.reason,
        attempts_left: rejection.attempts_left,
        retry_after_seconds: rejection.retry_after_seconds,
    }
}

pub(super) fn attributes_to_guest(attributes: &[Attribute]) -> Vec<wit::Attribute> {
    attributes.iter().map(|a| wit::Attribute { name: a.name.clone(), value: a.value.clone() }).collect()
}

/// At most `count` attributes, each a word and a text of at most 1 KiB.
pub(super) fn attributes(
    what: &str,
    attributes: Vec<wit::Attribute>,
    count: usize,
) -> Result<Vec<Attribute>, Breach> {
    at_most(what, attributes.len(), count)?;
    attributes
        .into_iter()
        .map(|attribute| {
            Ok(Attribute {
                name: accept::word(what, attribute.name, 64)?,
                value: accept::text(what, &attribute.value, 1024)?,
            })
        })
        .collect()
}

/// A catalogue key, a text of at most 1 KiB, and up to 16 values for its placeholders.
pub(super) fn message(what: &str, message: wit::Message) -> Result<Message, Breach> {
    at_most(what, message.key.len(), 128)?;
    if !message.key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-')) {
        return Err(Breach(format!("the key of {what} is not a catalogue key")));
    }
    Ok(Message {
        key: message.key,
        text: accept::text(what, &message.text, 1024)?,
        arguments: attributes(what, message.arguments, 16)?,
    })
}

pub(super) fn evidence(evidence: wit::Evidence) -> Result<Evidence, Breach> {
    Ok(Evidence {
        factor: accept::word("evidence.factor", evidence.factor, 64)?,
        amr: accept::words("evidence.amr", evidence.amr, 16, 64)?,
        attributes: attributes("evidence.attributes", evidence.attributes, 32)?,
    })
}

pub(super) fn proof(proof: wit::Proof) -> Result<Proof, Breach> {
    Ok(Proof {
        factor: accept::word("proof.factor", proof.factor, 64)?,
        format: accept::word("proof.format", proof.format, 64)?,
        value: accept::bytes("proof.value", proof.value, PROOF_BYTES)?,
        attributes: attributes("proof.attributes", proof.attributes, 32)?,
    })
}

pub(super) fn receipt(receipt: wit::OtpReceipt) -> Result<OtpReceipt, Breach> {
    at_most("receipt.targets", receipt.targets.len(), 8)?;
    let targets = receipt
        .targets
        .into_iter()
        .map(|target| {
            Ok(MaskedTarget {
                channel: accept::word("target.channel", target.channel, 32)?,
                masked: accept::text("target.masked", &target.masked, 128)?,
            })
        })
        .collect::<Result<_, Breach>>()?;
    Ok(OtpReceipt {
        targets,
        valid_seconds: receipt.valid_seconds,
        resend_after_seconds: receipt.resend_after_seconds,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_loses_control_characters_and_may_not_be_long() {
        let said =
            |text: &str| wit::Message { key: "otp.title".into(), text: text.into(), arguments: Vec::new() };
        assert_eq!(message("m", said("a\u{7}<b>")).unwrap().text, "a<b>");
        assert!(message("m", said(&"x".repeat(1025))).is_err());
        assert!(message("m", wit::Message { key: "a b".into(), ..said("x") }).is_err());
    }

    #[test]
    fn a_receipt_with_a_flood_of_targets_is_refused() {
        let target = wit::MaskedTarget { channel: "sms".into(), masked: "XX12".into() };
        let given = |count| wit::OtpReceipt {
            targets: vec![target.clone(); count],
            valid_seconds: 180,
            resend_after_seconds: 60,
        };
        assert!(receipt(given(8)).is_ok());
        assert!(receipt(given(9)).is_err());
    }
}
