//! An authentication factor that does whatever it is told not to: the sandbox's adversary in the tests.
//!
//! The config key `behaviour` chooses from [`IN_BEGIN`] or [`IN_DESCRIBE`], or is [`TELLING`], [`ASKING`] or [`CURIOUS`]; `factor` is the factor's word ("BAD" if not
//! set), `size` how many octets huge things have, `upstream` a server that was granted. A behaviour that comes to an end
//! without having harmed anyone says what it met in the reason of a refusal, or asks the harmless question that
//! `well-behaved` asks.

mod canary;
mod capabilities;
mod describing;
mod lies;
mod resources;

use esignet_sdk::prelude::*;

pub use describing::IN_DESCRIBE;

/// The `amr` value that the descriptor announces.
const AMR: &str = "pin";
/// The name of the harmless question's only field.
const FIELD: &str = "word";

/// The factor.
pub struct Misbehaving;

/// What `behaviour` says for a factor that tells of the person wherever words can go, and fails.
pub const TELLING: &str = "tell-the-person";

/// What `behaviour` says for a factor that asks its upstream, and tells whatever it learns in the log and in its question.
pub const ASKING: &str = "tell-the-answer";

/// What `behaviour` says for a factor that keeps what the person typed wherever it can, and looks for what others typed.
pub const CURIOUS: &str = "canary";

/// One way to misbehave.
pub struct Behaviour<Outcome> {
    /// What the config key `behaviour` says.
    pub name: &'static str,
    run: fn(&Caller) -> Outcome,
}

impl<Outcome> Behaviour<Outcome> {
    const fn new(name: &'static str, run: fn(&Caller) -> Outcome) -> Self {
        Self { name, run }
    }
}

/// What it can do when the factor begins.
pub const IN_BEGIN: &[Behaviour<Step>] = &[
    Behaviour::new("well-behaved", |_| question()),
    Behaviour::new("loop", resources::spin),
    Behaviour::new("slow", resources::spin_in_the_host),
    Behaviour::new("allocate", resources::allocate),
    Behaviour::new("memory-grow", resources::grow_memory),
    Behaviour::new("trap", |_| std::process::abort()),
    Behaviour::new("panic", |_| panic!("told to panic")),
    Behaviour::new("stack-overflow", resources::overflow_the_stack),
    Behaviour::new("huge-return", resources::huge_state),
    Behaviour::new("huge-message", resources::huge_message),
    Behaviour::new("many-fields", resources::many_fields),
    Behaviour::new("overlapping-return", resources::overlapping_return),
    Behaviour::new("log-flood", capabilities::flood_the_log),
    Behaviour::new("log-injection", capabilities::inject_into_the_log),
    Behaviour::new("ask-ungranted-upstream", capabilities::ask_an_ungranted_upstream),
    Behaviour::new("ask-ungranted-path", capabilities::ask_an_ungranted_path),
    Behaviour::new("ask-ungranted-key", capabilities::ask_an_ungranted_key),
    Behaviour::new("chase-redirect", capabilities::chase_a_redirect),
    Behaviour::new("evil-path", capabilities::evil_paths),
    Behaviour::new("evil-header", capabilities::evil_headers),
    Behaviour::new("cache-of-others", capabilities::read_the_cache_of_others),
    Behaviour::new("cache-flood", capabilities::flood_the_cache),
    Behaviour::new("host-flood", capabilities::flood_the_host),
    Behaviour::new("lift-flood", capabilities::flood_with_keys),
    Behaviour::new("random-flood", capabilities::flood_randomness),
    Behaviour::new("too-much-randomness", capabilities::too_much_randomness),
    Behaviour::new("remember", lies::remember),
    Behaviour::new("markup-in-messages", lies::markup),
    Behaviour::new("evil-field-names", lies::evil_field_names),
    Behaviour::new("invalid-utf8", lies::invalid_utf8),
    Behaviour::new("invalid-utf8-to-the-host", lies::invalid_utf8_to_the_host),
    Behaviour::new("lie-amr", lies::amr_not_announced),
    Behaviour::new("lie-factor", lies::evidence_of_another_factor),
    Behaviour::new("foreign-proof", lies::proof_of_another_factor),
    Behaviour::new("endless-pause", lies::endless_pause),
];

impl AuthFactor for Misbehaving {
    fn describe() -> Result<AuthFactorDescriptor, Failure> {
        let name = behaviour()?;
        if let Some(behaviour) = IN_DESCRIBE.iter().find(|behaviour| behaviour.name == name) {
            return Ok((behaviour.run)());
        }
        descriptor()
    }

    fn begin(caller: &Caller, individual: Option<&Individual>) -> Result<Step, Failure> {
        let name = behaviour()?;
        if name == TELLING {
            return Err(capabilities::tell(individual));
        }
        if name == ASKING {
            return Ok(capabilities::tell_the_answer());
        }
        if name == CURIOUS {
            return Ok(canary::look(individual.map_or("", |individual| &individual.value)));
        }
        let behaviour = IN_BEGIN.iter().find(|behaviour| behaviour.name == name);
        let behaviour =
            behaviour.ok_or_else(|| Failure::misconfigured(format!("no behaviour `{name}` in begin")))?;
        Ok((behaviour.run)(caller))
    }

    fn resume(_: &Caller, _: Option<&Individual>, _: &[u8], input: Input) -> Result<Step, Failure> {
        if behaviour()? == CURIOUS {
            let Input::Answers(given) = input else { return Ok(refused("wrong")) };
            let typed = answer(&given, FIELD).unwrap_or_default();
            return Ok(canary::look(&String::from_utf8_lossy(typed)));
        }
        if let Input::Answers(given) = input
            && answer(&given, FIELD).is_some()
        {
            return Ok(Step::Proved(Evidence::new(factor()?, &[AMR])));
        }
        Ok(refused("wrong"))
    }
}

esignet_sdk::export!(Misbehaving as auth_factor);

fn behaviour() -> Result<String, Failure> {
    config::parse_or("behaviour", "well-behaved".to_owned())
}

fn factor() -> Result<String, Failure> {
    config::parse_or("factor", "BAD".to_owned())
}

fn descriptor() -> Result<AuthFactorDescriptor, Failure> {
    Ok(AuthFactorDescriptor {
        factor: factor()?,
        amr: vec![AMR.to_owned()],
        needs_individual: true,
        attributes: Vec::new(),
    })
}

/// How many octets a huge thing has: more than any limit of ours, less than makes a test slow.
fn size() -> usize {
    config::parse("size").ok().flatten().unwrap_or(8 << 20)
}

/// A question without harm.
fn question() -> Step {
    Step::Ask(Question::new(form(), Vec::new()))
}

/// The same under a title of its own.
fn asking(title: &str) -> Step {
    let mut form = form();
    form.title = Message::new("bad-answer", title);
    Step::Ask(Question::new(form, Vec::new()))
}

fn form() -> Form {
    let title = Message::new("bad-title", "Say the word");
    let field = Field::new(FIELD, "text", Message::new("bad-word", "The word"));
    Form::new(title, Message::new("bad-submit", "Continue")).field(field)
}

/// The end of a behaviour, with what it met.
fn refused(what_it_met: &str) -> Step {
    Step::Refused(Rejection::new(what_it_met))
}
