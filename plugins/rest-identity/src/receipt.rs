//! That a one-time code is on its way: what the registry says of it, or what is said of a person whom it does not know.

use esignet_sdk::prelude::*;
use serde::Deserialize;
use serde_json::Value;

use crate::pointer::Pointer;
use crate::setting::unusable;

/// The operator's key that targets are made up by.
pub(crate) const KEY: &str = "mask";
const VALID_SECONDS: u32 = 180;
const RESEND_AFTER_SECONDS: u32 = 60;

/// What a receipt is made of, as the operator writes it.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct WrittenReceipt {
    targets: Vec<WrittenTarget>,
    valid_seconds: Option<Value>,
    resend_after_seconds: Option<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct WrittenTarget {
    channel: String,
    masked: String,
    #[serde(default)]
    made_up: Option<String>,
}

/// What a receipt is made of.
pub(crate) struct Receipts {
    targets: Vec<Target>,
    valid_seconds: Seconds,
    resend_after_seconds: Seconds,
}

struct Target {
    channel: String,
    masked: Pointer,
    made_up: Option<String>,
}

/// A number, or where it is; and then what it is when it is not there.
struct Seconds {
    at: Option<Pointer>,
    otherwise: u32,
}

impl Seconds {
    fn checked(key: &str, written: Option<Value>, otherwise: u32) -> Result<Self, Failure> {
        let number = written.as_ref().and_then(Value::as_u64).and_then(|number| u32::try_from(number).ok());
        match (written, number) {
            (None, _) => Ok(Self { at: None, otherwise }),
            (Some(_), Some(number)) => Ok(Self { at: None, otherwise: number }),
            (Some(Value::String(pointer)), None) => {
                Ok(Self { at: Some(Pointer::parse(key, &pointer)?), otherwise })
            }
            (Some(other), None) => Err(unusable(
                key,
                format!("{other} is neither a number of seconds nor a JSON pointer to one"),
            )),
        }
    }

    fn of(&self, document: &Value) -> u32 {
        self.at.as_ref().and_then(|pointer| pointer.number(document)).unwrap_or(self.otherwise)
    }
}

impl WrittenReceipt {
    /// The receipts of the config key `receipt`. Where the registry says that somebody is unknown, each target needs a shape
    /// for those whom it does not know.
    pub(crate) fn checked(self, can_be_unknown: bool) -> Result<Receipts, Failure> {
        let target = |(at, written): (usize, WrittenTarget)| {
            let key = format!("receipt.targets[{at}]");
            if can_be_unknown && written.made_up.is_none() {
                return Err(unusable(
                    &format!("{key}.made-up"),
                    "it is missing: somebody unknown has to see what somebody known sees; give the shape of `masked`, with # \
                     for a digit, such as \"XXXXXX####\"",
                ));
            }
            let masked = Pointer::parse(&format!("{key}.masked"), &written.masked)?;
            Ok(Target { channel: written.channel, masked, made_up: written.made_up })
        };
        Ok(Receipts {
            targets: self.targets.into_iter().enumerate().map(target).collect::<Result<_, _>>()?,
            valid_seconds: Seconds::checked("receipt.valid-seconds", self.valid_seconds, VALID_SECONDS)?,
            resend_after_seconds: Seconds::checked(
                "receipt.resend-after-seconds",
                self.resend_after_seconds,
                RESEND_AFTER_SECONDS,
            )?,
        })
    }
}

impl Receipts {
    /// What the registry says.
    pub(crate) fn of(&self, document: &Value) -> OtpReceipt {
        let target = |target: &Target| {
            let masked = target.masked.text(document)?;
            Some(MaskedTarget { channel: target.channel.clone(), masked })
        };
        self.receipt(self.targets.iter().filter_map(target).collect(), document)
    }

    /// Whether targets are ever made up.
    pub(crate) fn makes_up(&self) -> bool {
        self.targets.iter().any(|target| target.made_up.is_some())
    }

    /// What is said when there is nobody: the same each time for the same identifier, and nothing that could be told from the
    /// truth without the operator's key.
    pub(crate) fn made_up(
        &self,
        individual: &Individual,
        channels: &[String],
        keyed: impl Fn(&[u8]) -> Result<Vec<u8>, Failure>,
    ) -> Result<OtpReceipt, Failure> {
        let mut targets = Vec::new();
        for target in &self.targets {
            let Some(shape) = &target.made_up else { continue };
            if !channels.is_empty() && !channels.contains(&target.channel) {
                continue;
            }
            let message = format!("made-up\0{}\0{}\0{}", target.channel, individual.kind, individual.value);
            let mut octets = keyed(message.as_bytes())?.into_iter().cycle();
            let digit = |octet: u8| char::from(b'0' + octet % 10);
            let masked = shape
                .chars()
                .map(|letter| if letter == '#' { octets.next().map_or('0', digit) } else { letter });
            targets.push(MaskedTarget { channel: target.channel.clone(), masked: masked.collect() });
        }
        Ok(self.receipt(targets, &Value::Null))
    }

    fn receipt(&self, targets: Vec<MaskedTarget>, document: &Value) -> OtpReceipt {
        OtpReceipt {
            targets,
            valid_seconds: self.valid_seconds.of(document),
            resend_after_seconds: self.resend_after_seconds.of(document),
        }
    }
}
