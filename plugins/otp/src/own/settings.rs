//! What the operator can set for codes of our own. It is all checked when the plugin is loaded.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use esignet_sdk::prelude::*;
use serde::Deserialize;

use super::address::Channel;
use super::gateway::{Gateway, Written as WrittenGateway};
use super::text::Texts;

/// A million codes are the fewest: with five tries a guess succeeds once in 200,000 logins.
const LENGTHS: RangeInclusive<u8> = 6..=10;
const SENDS: RangeInclusive<u8> = 1..=10;
const TRIES: RangeInclusive<u8> = 1..=10;
/// OWASP ASVS 5.0, 6.5.5: at most ten minutes.
const LIVES: RangeInclusive<u32> = 60..=600;
const RESENDS: RangeInclusive<u32> = 15..=600;

/// As the operator writes it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Written {
    length: Option<u8>,
    max_sends: Option<u8>,
    max_tries: Option<u8>,
    valid_seconds: Option<u32>,
    resend_after_seconds: Option<u32>,
    addresses: Option<BTreeMap<String, String>>,
    phone_country: Option<String>,
    phone_prefixes: Vec<String>,
    send: BTreeMap<String, WrittenGateway>,
    texts: BTreeMap<String, String>,
    subjects: BTreeMap<String, String>,
}

/// Tells the operator's log.
pub(crate) type Warn = fn(&str, &[(&str, &str)]);

/// What the operator set.
#[derive(Clone, Debug)]
pub(crate) struct Own {
    /// How many digits a code has.
    pub(crate) length: u8,
    /// How many codes are sent in one login.
    pub(crate) max_sends: u8,
    /// How many are judged in one login.
    pub(crate) max_tries: u8,
    /// How long a code is good.
    pub(crate) valid_seconds: u32,
    /// When another may be asked for.
    pub(crate) resend_after_seconds: u32,
    /// The kinds of identifier that are addresses.
    pub(crate) addresses: BTreeMap<String, Channel>,
    /// The country, as `+212`, of numbers that are typed with one leading zero.
    pub(crate) country: Option<String>,
    /// How the numbers begin that messages go to.
    pub(crate) prefixes: Vec<String>,
    /// The requests that have messages sent.
    pub(crate) gateways: BTreeMap<Channel, Gateway>,
    /// What messages say.
    pub(crate) texts: Texts,
    /// What emails are headed by.
    pub(crate) subjects: Texts,
    /// Tells the operator's log.
    pub(crate) warn: Warn,
}

impl Own {
    /// The operator's settings, and our defaults for what they left out.
    pub(crate) fn from_config() -> Result<Self, Failure> {
        Self::checked(Written {
            length: config::parse("length")?,
            max_sends: config::parse("max-sends")?,
            max_tries: config::parse("max-tries")?,
            valid_seconds: config::parse("valid-seconds")?,
            resend_after_seconds: config::parse("resend-after-seconds")?,
            addresses: config::parse("addresses")?,
            phone_country: config::parse("phone-country")?,
            phone_prefixes: config::parse_or("phone-prefixes", Vec::new())?,
            send: config::parse_or("send", BTreeMap::new())?,
            texts: config::parse_or("texts", BTreeMap::new())?,
            subjects: config::parse_or("subjects", BTreeMap::new())?,
        })
    }

    fn checked(written: Written) -> Result<Self, Failure> {
        let own = Self {
            length: written.length.unwrap_or(6),
            max_sends: written.max_sends.unwrap_or(3),
            max_tries: written.max_tries.unwrap_or(3),
            valid_seconds: written.valid_seconds.unwrap_or(300),
            resend_after_seconds: written.resend_after_seconds.unwrap_or(60),
            gateways: gateways(written.send)?,
            addresses: BTreeMap::new(),
            country: written.phone_country,
            prefixes: written.phone_prefixes,
            texts: Texts::of_messages(&written.texts).map_err(|at| of_language("texts", at))?,
            subjects: Texts::of_subjects(&written.subjects).map_err(|at| of_language("subjects", at))?,
            warn: log::warn,
        };
        config::within("length", &own.length, &LENGTHS)?;
        config::within("max-sends", &own.max_sends, &SENDS)?;
        config::within("max-tries", &own.max_tries, &TRIES)?;
        config::within("valid-seconds", &own.valid_seconds, &LIVES)?;
        config::within("resend-after-seconds", &own.resend_after_seconds, &RESENDS)?;
        own.numbers()?;
        let addresses = addresses(written.addresses, &own.gateways)?;
        Ok(Self { addresses, ..own })
    }

    /// Whether it is said where text messages may go.
    fn numbers(&self) -> Result<(), Failure> {
        let is_code = |code: &String| {
            code.strip_prefix('+').is_some_and(|digits| {
                (1..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
            })
        };
        if let Some(country) = self.country.as_ref().filter(|country| !is_code(country)) {
            return Err(unusable(
                "phone-country",
                format!("{country:?} is no code of a country; write it as \"+212\""),
            ));
        }
        if let Some(prefix) = self.prefixes.iter().find(|prefix| !is_code(prefix)) {
            return Err(unusable(
                "phone-prefixes",
                format!("{prefix:?} is no beginning of a number; write it as \"+212\""),
            ));
        }
        if self.gateways.contains_key(&Channel::Sms) && self.prefixes.is_empty() {
            let mend = "say where text messages may go, such as [\"+212\"]: whoever can have one sent to any number in the \
                        world can make it cost you";
            return Err(unusable("phone-prefixes", mend));
        }
        Ok(())
    }
}

fn gateways(written: BTreeMap<String, WrittenGateway>) -> Result<BTreeMap<Channel, Gateway>, Failure> {
    if written.is_empty() {
        let mend = "say how a code is sent, such as send.sms = { path = \"/v1/messages\", json = { to = \"{to}\", text = \"{text}\" } }";
        return Err(unusable("send", mend));
    }
    let read = |(word, written): (String, WrittenGateway)| {
        let channel = Channel::of(&word)
            .ok_or_else(|| unusable("send", format!("there is no channel {word:?}; use sms or email")))?;
        Ok((channel, Gateway::checked(channel, written)?))
    };
    written.into_iter().map(read).collect()
}

/// The kinds of identifier that are addresses: by default `phone` and `email`, as far as there is a way to send there.
fn addresses(
    written: Option<BTreeMap<String, String>>,
    gateways: &BTreeMap<Channel, Gateway>,
) -> Result<BTreeMap<String, Channel>, Failure> {
    let Some(written) = written else {
        let usual = [("phone", Channel::Sms), ("email", Channel::Email)];
        let there = usual.into_iter().filter(|(_, channel)| gateways.contains_key(channel));
        return Ok(there.map(|(kind, channel)| (kind.to_owned(), channel)).collect());
    };
    let read = |(kind, word): (String, String)| {
        let channel = Channel::of(&word).filter(|channel| gateways.contains_key(channel));
        let channel = channel.ok_or_else(|| {
            unusable(
                &format!("addresses.{kind}"),
                format!("there is no `send.{word}`; add it, or name another channel"),
            )
        })?;
        Ok((kind, channel))
    };
    let addresses: BTreeMap<String, Channel> =
        written.into_iter().map(read).collect::<Result<_, Failure>>()?;
    if addresses.is_empty() {
        return Err(unusable(
            "addresses",
            "it is empty; name the kinds of identifier that are addresses, or leave it out",
        ));
    }
    Ok(addresses)
}

fn of_language(key: &str, (language, problem): (String, String)) -> Failure {
    unusable(&format!("{key}.{language}"), problem)
}

/// A setting that cannot be used, and what to do about it.
pub(crate) fn unusable(key: &str, mend: impl std::fmt::Display) -> Failure {
    Failure::misconfigured(format!("config key `{key}`: {mend}"))
}

#[cfg(test)]
pub(crate) mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// A usual configuration.
    fn sample() -> Value {
        json!({
            "phone-country": "+212",
            "phone-prefixes": ["+212", "+221"],
            "send": {
                "sms": {
                    "path": "/v1/messages", "headers": { "x-sender": "GOV" }, "no-such-address": [422],
                    "json": { "to": "{to}", "body": { "text": "{text}", "kind": "otp", "parts": 1 } },
                },
                "email": {
                    "method": "PUT", "path": "/mail", "success": [202],
                    "form": { "rcpt": "{to}", "subject": "{subject}", "text": "{text}" },
                },
            },
        })
    }

    pub(crate) fn of(config: Value) -> Result<Own, Failure> {
        let own = Own::checked(
            serde_json::from_value(config).map_err(|error| Failure::misconfigured(error.to_string()))?,
        )?;
        Ok(Own { warn: |_, _| {}, ..own })
    }

    /// A usual configuration with another value at a place.
    pub(crate) fn with(pointer: &str, value: Value) -> Result<Own, Failure> {
        let mut config = sample();
        let (place, name) = pointer.rsplit_once('/').unwrap();
        config.pointer_mut(place).unwrap()[name] = value;
        of(config)
    }

    pub(crate) fn own() -> Own {
        of(sample()).unwrap()
    }

    #[test]
    fn a_usual_configuration_sends_to_phones_and_emails() {
        let own = own();
        let addresses: Vec<_> =
            own.addresses.iter().map(|(kind, channel)| (kind.as_str(), channel.word())).collect();
        assert_eq!(addresses, [("email", "email"), ("phone", "sms")]);
        assert_eq!((own.length, own.max_tries, own.valid_seconds), (6, 3, 300));
    }

    #[test]
    fn what_cannot_be_used_is_told_by_key_with_how_to_mend_it() {
        for (pointer, value, told) in [
            ("/length", json!(5), "`length` is 5; set it to 6 to 10"),
            ("/max-tries", json!(11), "`max-tries` is 11; set it to 1 to 10"),
            ("/valid-seconds", json!(601), "`valid-seconds` is 601; set it to 60 to 600"),
            ("/resend-after-seconds", json!(0), "`resend-after-seconds` is 0; set it to 15 to 600"),
            ("/send", json!({}), "`send`: say how a code is sent"),
            ("/send/pigeon", json!({ "path": "/" }), "no channel \"pigeon\"; use sms or email"),
            ("/send/sms/method", json!("DELETE"), "`send.sms.method`: use one of POST, PUT, GET"),
            ("/send/sms/method", json!("GET"), "`send.sms.method`: a GET has no content"),
            ("/send/sms/path", json!("v1"), "`send.sms.path`: write it as /v1/messages"),
            ("/send/sms/path", json!("/v1/{to}"), "`send.sms.path`: write it as"),
            ("/send/sms/form", json!({}), "`send.sms.form`: there is `json` too"),
            ("/send/sms/json", json!({ "to": "{to}" }), "`send.sms`: it does not tell the gateway the code"),
            ("/send/sms/json", json!({ "t": "{text}" }), "`send.sms`: it does not tell the gateway where"),
            ("/send/sms/json/to", json!("{phone}"), "`send.sms.json`: a brace stands for one of {to}"),
            ("/send/email/form/text", json!("{"), "`send.email.form.text`: a brace stands for"),
            ("/phone-prefixes", json!([]), "`phone-prefixes`: say where text messages may go"),
            ("/phone-prefixes", json!(["212"]), "`phone-prefixes`: \"212\" is no beginning of a number"),
            ("/phone-country", json!("ma"), "`phone-country`: \"ma\" is no code of a country"),
            ("/addresses", json!({ "uin": "post" }), "`addresses.uin`: there is no `send.post`"),
            ("/addresses", json!({}), "`addresses`: it is empty"),
            ("/texts", json!({ "en": "Hello" }), "`texts.en`: it does not tell the code"),
            ("/subjects", json!({ "en": "{code}" }), "`subjects.en`: a subject is one line"),
        ] {
            let refused = with(pointer, value.clone());
            assert!(
                matches!(&refused, Err(Failure::Misconfigured(text)) if text.contains(told)),
                "{pointer} {value}: {:?}",
                refused.err()
            );
        }
    }

    #[test]
    fn a_channel_alone_needs_nothing_of_the_other() {
        let email =
            json!({ "send": { "email": { "path": "/", "json": { "to": "{to}", "code": "{code}" } } } });
        assert_eq!(of(email).unwrap().addresses.keys().collect::<Vec<_>>(), ["email"]);
    }
}
