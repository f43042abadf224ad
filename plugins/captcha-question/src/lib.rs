//! A captcha in words: a small question that a person answers and a simple program does not.
//!
//! [`question`] makes questions, [`number`] writes and reads numbers, [`ticket`] is the state that travels; this file has the host.

mod number;
mod question;
mod ticket;

use esignet_sdk::prelude::*;

use question::Question;
use ticket::{NONCE_BYTES, Ticket};

/// The key that makes an answer unreadable.
const KEY: &str = "answers";
/// The field of the form.
const FIELD: &str = "number";
/// How long a question can be answered, in seconds, when the operator says nothing.
const VALID_SECONDS: u64 = 180;

/// The plugin.
pub struct CaptchaQuestion;

impl Captcha for CaptchaQuestion {
    fn describe() -> Result<CaptchaDescriptor, Failure> {
        valid_seconds()?;
        // A key that is missing shows now, and not when somebody wants to sign in.
        crypto::hmac(KEY, b"describe")?;
        Ok(CaptchaDescriptor { attributes: Vec::new() })
    }

    fn begin(caller: &Caller) -> Result<Challenge, Failure> {
        let random = crypto::random(Question::RANDOM_BYTES)?;
        let question = Question::of(&random);
        let ticket = Ticket { expires_at: clock::now() + valid_seconds()?, nonce: nonce()? };
        let mac = crypto::hmac(KEY, &ticket.covered(&caller.transaction, question.answer()))?;
        Ok(Challenge::new(question.form(FIELD, &caller.locale), ticket.written(&mac)))
    }

    fn verify(caller: &Caller, state: &[u8], answers: &[Answer]) -> Result<(), Failure> {
        let (ticket, mac) =
            Ticket::read(state).ok_or_else(|| Failure::internal("the state is not of this plugin"))?;
        if clock::now() >= ticket.expires_at {
            return Err(Rejection::expired().into());
        }
        let typed = answer(answers, FIELD).and_then(number::read);
        let typed = typed.ok_or_else(|| Failure::from(Rejection::wrong()))?;
        let made = crypto::hmac(KEY, &ticket.covered(&caller.transaction, typed))?;
        if crypto::equal(&made, mac) { Ok(()) } else { Err(Rejection::wrong().into()) }
    }
}

fn valid_seconds() -> Result<u64, Failure> {
    config::parse_or("valid-seconds", VALID_SECONDS)
}

fn nonce() -> Result<[u8; NONCE_BYTES], Failure> {
    let random = crypto::random(u32::try_from(NONCE_BYTES).unwrap_or(16))?;
    random.try_into().map_err(|_| Failure::internal("the host gave another number of random octets"))
}

esignet_sdk::export!(CaptchaQuestion as captcha);
