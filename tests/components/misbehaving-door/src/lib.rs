//! A captcha and a notifier that do what no plugin may: the adversary in the tests.
//!
//! The config key `behaviour` chooses from [`BEHAVIOURS`]; whoever types `person` passes, but for what the behaviour does.

use esignet_sdk::prelude::*;

/// What the config key `behaviour` may say.
pub const BEHAVIOURS: [&str; 19] = [
    "well-behaved",
    "trap-in-begin",
    "loop-in-begin",
    "unavailable-in-begin",
    "reject-in-begin",
    "huge-form",
    "many-fields",
    "foreign-kind",
    "same-names",
    "no-question",
    "markup",
    "huge-state",
    "trap-in-verify",
    "loop-in-verify",
    "unavailable-in-verify",
    "internal-in-verify",
    "markup-in-rejection",
    "trap-in-notify",
    "loop-in-notify",
];

/// The plugin.
pub struct MisbehavingDoor;

impl Captcha for MisbehavingDoor {
    fn begin(_caller: &Caller) -> Result<Challenge, Failure> {
        let behaviour = behaviour()?;
        match behaviour.as_str() {
            "trap-in-begin" => std::process::abort(),
            "loop-in-begin" => endless(),
            "unavailable-in-begin" => return Err(Failure::unavailable("told to")),
            "reject-in-begin" => return Err(Rejection::locked().into()),
            _ => {}
        }
        let state = if behaviour == "huge-state" { vec![7; 2049] } else { b"asked".to_vec() };
        Ok(Challenge::new(form(&behaviour), state))
    }

    fn verify(_caller: &Caller, state: &[u8], answers: &[Answer]) -> Result<(), Failure> {
        match behaviour()?.as_str() {
            "trap-in-verify" => std::process::abort(),
            "loop-in-verify" => endless(),
            "unavailable-in-verify" => return Err(Failure::unavailable("told to")),
            "internal-in-verify" => return Err(Failure::internal("told to")),
            "markup-in-rejection" => return Err(Rejection::new("<b>no</b>").into()),
            _ => {}
        }
        let right = state == b"asked" && answer(answers, "who") == Some(b"person");
        if right { Ok(()) } else { Err(Rejection::wrong().into()) }
    }
}

impl Notifier for MisbehavingDoor {
    fn describe() -> Result<NotifierDescriptor, Failure> {
        Ok(NotifierDescriptor::of_events(&["signed-in", "consent-given", "something-else"]))
    }

    fn notify(_notice: &Notice) -> Result<(), Failure> {
        match behaviour()?.as_str() {
            "trap-in-notify" => std::process::abort(),
            "loop-in-notify" => endless(),
            _ => Ok(()),
        }
    }
}

fn behaviour() -> Result<String, Failure> {
    let behaviour: String = config::required("behaviour")?;
    if BEHAVIOURS.contains(&behaviour.as_str()) {
        Ok(behaviour)
    } else {
        Err(Failure::misconfigured(format!("no behaviour `{behaviour}`")))
    }
}

fn form(behaviour: &str) -> Form {
    let words = |text: &str| Message::new("no-key", text);
    let who = || Field::new("who", "text", words("Who are you?"));
    let form = Form::new(words("Show it"), words("Continue"));
    match behaviour {
        "huge-form" => form.field(who().hint(words(&"x".repeat(1000)))).field(who_else(&"y".repeat(1000))),
        "many-fields" => {
            (0..33).fold(form, |form, at| form.field(Field::new(format!("f{at}"), "text", words("?"))))
        }
        "foreign-kind" => form.field(Field::new("who", "hologram", words("Who are you?"))),
        "same-names" => form.field(who()).field(who()),
        "no-question" => form.field(Field::new("who", "notice", words("Come in"))),
        "markup" => {
            form.field(Field::new("who", "text", words("<script>alert(1)</script><img src=x onerror=a>")))
        }
        _ => form.field(who()),
    }
}

/// A field whose words alone fill a form.
fn who_else(text: &str) -> Field {
    let message =
        (0..4).fold(Message::new("no-key", text), |message, at| message.argument(format!("a{at}"), text));
    Field::new("else", "text", message)
}

fn endless() -> ! {
    loop {
        std::hint::black_box(0);
    }
}

esignet_sdk::export!(MisbehavingDoor as captcha, notifier);
