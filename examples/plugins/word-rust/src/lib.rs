//! The smallest factor that a login asks with: a word that the operator has chosen and everybody knows. For trying things out,
//! never for people.

use esignet_sdk::prelude::*;

/// The word of the acr mapping for this factor.
const FACTOR: &str = "WORD";
/// Authentication method references: RFC 8176 §2, something that is known.
const AMR: [&str; 1] = ["kba"];
/// How often somebody may try in one login.
const TRIES: u8 = 3;

/// The plugin.
pub struct Word;

impl AuthFactor for Word {
    fn describe() -> Result<AuthFactorDescriptor, Failure> {
        config::required::<String>("word")?;
        Ok(AuthFactorDescriptor {
            factor: FACTOR.to_owned(),
            amr: AMR.map(str::to_owned).to_vec(),
            needs_individual: true,
            attributes: Vec::new(),
        })
    }

    fn begin(_: &Caller, _: Option<&Individual>) -> Result<Step, Failure> {
        Ok(Step::Ask(question(TRIES)))
    }

    /// Nothing is remembered between calls, so what counts is in the state, which only this plugin reads.
    fn resume(_: &Caller, _: Option<&Individual>, state: &[u8], input: Input) -> Result<Step, Failure> {
        let (&[tries], Input::Answers(answers)) = (state, input) else {
            return Err(Failure::internal("this factor asks and waits for nothing else"));
        };
        let said = answer(&answers, "word").unwrap_or_default();
        if crypto::equal(said, config::required::<String>("word")?.as_bytes()) {
            return Ok(Step::Proved(Evidence::new(FACTOR, &AMR)));
        }
        let left = tries.saturating_sub(1);
        if left == 0 {
            return Ok(Step::Refused(Rejection::locked()));
        }
        let wrong = Rejection::wrong().attempts_left(left.into());
        Ok(Step::Ask(question(left).because(wrong)))
    }
}

/// The form; the host renders it, in the language of the person.
fn question(tries: u8) -> Question {
    let field = Field::new("word", "text", Message::new("word-label", "Say it"));
    let form =
        Form::new(Message::new("word-title", "The magic word"), Message::new("word-submit", "Continue"));
    Question::new(form.field(field), vec![tries])
}

esignet_sdk::export!(Word as auth_factor);
