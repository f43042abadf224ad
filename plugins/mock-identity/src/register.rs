//! What the register answers. Someone unknown gets the answers that someone known gets, so that nobody can find out here
//! who exists.

use esignet_sdk::prelude::*;
use serde::{Deserialize, Serialize};

use crate::claims;
use crate::people::{self, Outcome, Person};

/// The factors the register judges, each with the format that it takes proofs in.
pub(crate) const FACTORS: [(&str, &str); 3] =
    [("OTP", "alpha-numeric"), ("PIN", "number"), ("PWD", "alpha-numeric")];
/// The factors that judge by themselves and whose word the register takes; that of a factor which sends codes to an address
/// only when the address is the person's. Others the operator names.
const EVIDENCE: [&str; 2] = ["TOTP", "OTP"];
/// The fact of evidence that names the way to an address, and the one that names the address.
const CHANNEL: &str = "channel";
const ADDRESS: &str = "address";
/// The factor that sends codes to addresses.
const SENDING: &str = "OTP";
/// The kind of identifier that everybody has.
pub(crate) const UIN: &str = "uin";
/// The kinds that it knows.
const KINDS: [&str; 3] = [UIN, people::PHONE, people::EMAIL];
/// The channels it can send codes over.
pub(crate) const CHANNELS: [&str; 2] = ["sms", "email"];
/// The version of the continuation that this version writes and reads.
const VERSION: u8 = 1;
/// How many octets of a digest a subject shows, in hexadecimal digits.
const SUBJECT_OCTETS: usize = 20;

/// What the operator can set.
#[derive(Clone)]
pub(crate) struct Settings {
    /// The code that is always right.
    pub(crate) otp: String,
    /// The PIN of everybody who has none of their own.
    pub(crate) pin: String,
    /// The password of everybody who has none of their own.
    pub(crate) password: String,
    /// The kinds of identifier that people may name themselves by, the usual one first.
    pub(crate) individual_kinds: Vec<String>,
    /// What subjects depend on besides the person's number.
    pub(crate) subject_salt: String,
    /// How long a code is said to be good.
    pub(crate) valid_seconds: u32,
    /// When another code is said to be had.
    pub(crate) resend_after_seconds: u32,
    /// The factors that judge by themselves and whose word is taken.
    pub(crate) evidence: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            otp: "111111".to_owned(),
            pin: "545411".to_owned(),
            password: "correct horse".to_owned(),
            individual_kinds: vec![UIN.to_owned()],
            subject_salt: "esignet-mock-identity".to_owned(),
            valid_seconds: 180,
            resend_after_seconds: 30,
            evidence: EVIDENCE.map(str::to_owned).to_vec(),
        }
    }
}

/// The register: its settings, and the host's functions it computes with.
pub(crate) struct Register {
    /// What the operator set.
    pub(crate) settings: Settings,
    /// SHA-256.
    pub(crate) sha256: fn(&[u8]) -> Vec<u8>,
    /// Equality in constant time.
    pub(crate) equal: fn(&[u8], &[u8]) -> bool,
}

/// What comes back to `release-claims`; the host seals it in between.
#[derive(Serialize, Deserialize)]
struct Continuation {
    version: u8,
    uin: String,
}

impl Register {
    /// Says what is wrong with the configuration, when the plugin is loaded and not when someone signs in.
    pub(crate) fn check(&self, people: Option<&str>) -> Result<(), Failure> {
        let Settings { otp, pin, password, individual_kinds, .. } = &self.settings;
        if otp.is_empty() || !otp.bytes().all(|octet| octet.is_ascii_alphanumeric()) {
            return Err(Failure::misconfigured("config key `otp`: set it to letters and digits"));
        }
        if pin.is_empty() || !pin.bytes().all(|octet| octet.is_ascii_digit()) {
            return Err(Failure::misconfigured("config key `pin`: set it to digits, as a string"));
        }
        if password.is_empty() {
            return Err(Failure::misconfigured("config key `password`: set it to what people type"));
        }
        if individual_kinds.is_empty() || !individual_kinds.iter().all(|kind| KINDS.contains(&kind.as_str()))
        {
            let kinds = KINDS.join(", ");
            return Err(Failure::misconfigured(format!(
                "config key `individual-kinds`: name some of {kinds}"
            )));
        }
        people::all(people).map(drop)
    }

    /// The person of an identifier, if people may name themselves by that kind and there is one.
    pub(crate) fn person(
        &self,
        people: Option<&str>,
        individual: &Individual,
    ) -> Result<Option<Person>, Failure> {
        if self.settings.individual_kinds.contains(&individual.kind) {
            people::find(people, individual)
        } else {
            Ok(None)
        }
    }

    /// Sends a code, which here means to say that one was sent. The masks of someone unknown are made up from what was
    /// typed: the same each time, and of the same shape.
    pub(crate) fn send_otp(
        &self,
        individual: &Individual,
        person: Option<&Person>,
        channels: &[String],
    ) -> Result<OtpReceipt, Failure> {
        if person.is_some_and(|person| person.outcome == Outcome::Unavailable) {
            return Err(unavailable());
        }
        if let Some(channel) = channels.iter().find(|channel| !CHANNELS.contains(&channel.as_str())) {
            return Err(Failure::unsupported(format!("the OTP channel `{channel}`")));
        }
        let (phone, email) = match person {
            Some(person) => (person.phone.clone(), person.email.clone()),
            None => self.made_up_targets(individual),
        };
        let masked = [("sms", masked_phone(&phone)), ("email", masked_email(&email))];
        let wanted = |channel: &str| channels.is_empty() || channels.iter().any(|wanted| wanted == channel);
        let targets = masked
            .into_iter()
            .filter(|(channel, _)| wanted(channel))
            .map(|(channel, masked)| MaskedTarget { channel: channel.to_owned(), masked });
        Ok(OtpReceipt {
            targets: targets.collect(),
            valid_seconds: self.settings.valid_seconds,
            resend_after_seconds: self.settings.resend_after_seconds,
        })
    }

    /// Judges all proofs together. That someone is locked is said only to who has the right ones.
    pub(crate) fn authenticate(
        &self,
        person: Option<&Person>,
        (proofs, evidence): (&[Proof], &[Evidence]),
    ) -> Result<Authenticated, Failure> {
        can_judge(proofs, evidence, &self.settings.evidence)?;
        let wrong = proofs.iter().filter(|proof| !self.is_right(proof, person)).count();
        let elsewhere = evidence.iter().filter(|evidence| !is_of(person, evidence)).count();
        let is_right = wrong + elsewhere == 0;
        let Some(person) = person else {
            return Err(Rejection::wrong().into());
        };
        match person.outcome {
            Outcome::Unavailable => return Err(unavailable()),
            Outcome::Locked if is_right => return Err(Rejection::locked().into()),
            Outcome::Locked | Outcome::Usual if !is_right => return Err(Rejection::wrong().into()),
            Outcome::Locked | Outcome::Usual => {}
        }
        let continuation = Continuation { version: VERSION, uin: person.uin.clone() };
        Ok(Authenticated {
            subject: self.subject(person),
            partner_specific: false,
            continuation: serde_json::to_vec(&continuation)
                .map_err(|error| Failure::internal(format!("continuation: {error}")))?,
            claims: claims::available(person),
            attributes: Vec::new(),
        })
    }

    /// Whether a proof is the person's. Somebody unknown is compared with as if they were known.
    fn is_right(&self, proof: &Proof, person: Option<&Person>) -> bool {
        let Settings { otp, pin, password, .. } = &self.settings;
        let right = match proof.factor.as_str() {
            "OTP" => otp,
            "PIN" => person.and_then(|person| person.pin.as_ref()).unwrap_or(pin),
            "PWD" => person.and_then(|person| person.password.as_ref()).unwrap_or(password),
            _ => return false,
        };
        (self.equal)(&proof.value, right.as_bytes())
    }

    /// The person's stable name, which does not tell their number.
    fn subject(&self, person: &Person) -> String {
        let salted = format!("{}\0subject\0{}", self.settings.subject_salt, person.uin);
        let digest = (self.sha256)(salted.as_bytes());
        let mut subject = String::with_capacity(2 * SUBJECT_OCTETS);
        for octet in digest.iter().take(SUBJECT_OCTETS) {
            subject.extend(
                [octet >> 4, octet & 15].map(|digit| char::from_digit(digit.into(), 16).unwrap_or('0')),
            );
        }
        subject
    }

    fn made_up_targets(&self, individual: &Individual) -> (String, String) {
        let typed =
            format!("{}\0target\0{}\0{}", self.settings.subject_salt, individual.kind, individual.value);
        let digest = (self.sha256)(typed.as_bytes());
        let phone = digest.iter().take(4).map(|octet| char::from(b'0' + octet % 10)).collect();
        let letter = digest.last().map_or('a', |octet| char::from(b'a' + octet % 26));
        (phone, letter.to_string())
    }
}

/// Whether the register has something to judge, and can. Evidence is the word of a factor that judged by itself; it counts
/// for the factors that are known to do so, and only when something is left of what they claim.
fn can_judge(proofs: &[Proof], evidence: &[Evidence], taken: &[String]) -> Result<(), Failure> {
    if proofs.is_empty() && evidence.is_empty() {
        return Err(Failure::unsupported("there is nothing to judge"));
    }
    let known = |proof: &Proof| FACTORS.contains(&(proof.factor.as_str(), proof.format.as_str()));
    let repeated =
        |at: usize, proof: &Proof| proofs.iter().take(at).any(|other| other.factor == proof.factor);
    if proofs.iter().enumerate().any(|(at, proof)| !known(proof) || repeated(at, proof)) {
        let factors: Vec<String> =
            FACTORS.iter().map(|(factor, format)| format!("{factor} as {format}")).collect();
        return Err(Failure::unsupported(format!("it judges, each at most once: {}", factors.join(", "))));
    }
    // The word of who sends codes is worth nothing without the address.
    let counts = |evidence: &Evidence| {
        taken.contains(&evidence.factor)
            && !evidence.amr.is_empty()
            && (evidence.factor != SENDING || evidence.fact(ADDRESS).is_some())
    };
    if !evidence.iter().all(counts) {
        return Err(Failure::unsupported(format!(
            "it takes the word of: {}, with an amr, and of {SENDING} with the address that it proved",
            taken.join(", ")
        )));
    }
    Ok(())
}

/// Whether evidence is of this person: who proved an address proved themselves only if it is theirs.
fn is_of(person: Option<&Person>, evidence: &Evidence) -> bool {
    let Some(proved) = evidence.fact(ADDRESS) else { return true };
    person.is_some_and(|person| match evidence.fact(CHANNEL) {
        Some("sms") => people::is_same_number(&person.phone, proved),
        Some("email") => people::is_same_mailbox(&person.email, proved),
        _ => false,
    })
}

/// The individual that `authenticate` accepted.
pub(crate) fn continued(continuation: &[u8]) -> Result<Individual, Failure> {
    match serde_json::from_slice(continuation) {
        Ok(Continuation { version: VERSION, uin }) => {
            Ok(Individual { kind: UIN.to_owned(), value: uin, attributes: Vec::new() })
        }
        _ => Err(Failure::internal(format!("the continuation is not of version {VERSION}"))),
    }
}

fn unavailable() -> Failure {
    Failure::unavailable("this made-up person stands for an ID system that cannot answer")
}

/// Shows the last four digits, whatever the length.
fn masked_phone(phone: &str) -> String {
    let shown = phone.char_indices().rev().nth(3).and_then(|(at, _)| phone.get(at..)).unwrap_or(phone);
    format!("XXXXXX{shown}")
}

/// Shows the first letter, whatever the length.
fn masked_email(email: &str) -> String {
    let shown: String = email.chars().take(1).collect();
    format!("{shown}XXXXXX@XXXX")
}

#[cfg(test)]
mod tests;
