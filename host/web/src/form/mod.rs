//! The forms of factors: a plugin says which fields, the host says how they look (`plugins.md`, "Pages are the host's").

mod constraint;

use esignet_protocol::ports::plugins;

use crate::locale::Words;
use crate::page::text::plain;
use constraint::Constraints;

/// The most characters a field takes when its plugin says nothing.
const MAX_LENGTH: usize = 256;

/// A field as the template needs it. Its id is ours, so it is unique and well formed whatever the plugin calls the field.
pub(crate) struct Field {
    /// The id of the control, or the beginning of the ids of several.
    pub(crate) id: String,
    /// What the form sends it as.
    pub(crate) name: String,
    /// What it is called.
    pub(crate) label: String,
    /// What helps to fill it in.
    pub(crate) hint: Option<String>,
    /// Why the last answer was not accepted.
    pub(crate) error: Option<String>,
    /// Whether it has to be filled in.
    pub(crate) required: bool,
    /// How it is drawn.
    pub(crate) control: Control,
}

/// How a field is drawn.
pub(crate) enum Control {
    /// One line of text.
    Input(Input),
    /// One of several.
    Choice(Vec<Choice>),
    /// Yes or no.
    Checkbox,
    /// Nothing to fill in, only to read.
    Notice,
    /// Nothing to fill in, only to look at: a `data:` URL.
    Image(String),
}

/// One line of text.
pub(crate) struct Input {
    /// HTML's type.
    pub(crate) kind: &'static str,
    /// The class for the style sheet.
    pub(crate) class: &'static str,
    /// The keyboard.
    pub(crate) inputmode: Option<&'static str>,
    /// What a browser or password manager may fill in.
    pub(crate) autocomplete: String,
    /// The most characters.
    pub(crate) max_length: Option<usize>,
    /// A regular expression that the browser holds the answer to.
    pub(crate) pattern: Option<String>,
    /// The direction of what is typed.
    pub(crate) dir: &'static str,
    /// Whether what is typed is hidden.
    pub(crate) hides: bool,
}

/// One of several.
pub(crate) struct Choice {
    /// The id of the button.
    pub(crate) id: String,
    /// What the form sends.
    pub(crate) value: String,
    /// What it is called.
    pub(crate) label: String,
}

/// The fields of a form. `error` belongs to the first one that can be filled in.
pub(crate) fn fields(words: Words, fields: &[plugins::Field], error: Option<&String>) -> Vec<Field> {
    let mut error = error.cloned();
    let field = |(index, field): (usize, &plugins::Field)| {
        let mut drawn = Field::new(words, index, field);
        if !matches!(drawn.control, Control::Notice | Control::Image(_)) {
            drawn.error = error.take();
        }
        drawn
    };
    fields.iter().enumerate().map(field).collect()
}

impl Field {
    fn new(words: Words, index: usize, field: &plugins::Field) -> Self {
        let id = format!("field-{}", index + 1);
        let constraints = Constraints(&field.constraints);
        Self {
            control: control(&id, field, constraints),
            id,
            name: format!("answer.{}", field.name),
            label: words.message(&field.label),
            hint: field.hint.as_ref().map(|hint| words.message(hint)),
            error: None,
            required: field.required,
        }
    }

    /// The ids of the texts that describe the control.
    pub(crate) fn described_by(&self) -> Option<String> {
        let hint = self.hint.as_ref().map(|_| format!("{}-hint", self.id));
        let error = self.error.as_ref().map(|_| format!("{}-error", self.id));
        hint.into_iter().chain(error).reduce(|hint, error| format!("{hint} {error}"))
    }

    /// The id of the control that a link to this field leads to.
    pub(crate) fn focus(&self) -> String {
        match &self.control {
            Control::Choice(choices) => {
                choices.first().map_or_else(|| self.id.clone(), |choice| choice.id.clone())
            }
            Control::Input(_) | Control::Checkbox | Control::Notice | Control::Image(_) => self.id.clone(),
        }
    }
}

/// How a kind of field is drawn. A kind that this version does not know is a line of text: it can be answered, and the
/// plugin judges the answer.
fn control(id: &str, field: &plugins::Field, constraints: Constraints<'_>) -> Control {
    match field.kind.as_str() {
        "notice" => Control::Notice,
        "image" => image(constraints).map_or(Control::Notice, Control::Image),
        "checkbox" => Control::Checkbox,
        "choice" => Control::Choice(choices(id, constraints)),
        "otp" => Control::Input(otp(constraints)),
        "pin" => Control::Input(secret("pin", Some("numeric"), "off", constraints)),
        "password" => Control::Input(secret("password", None, "current-password", constraints)),
        "date" => Control::Input(Input { max_length: None, ..line("date", "ltr", "off", constraints) }),
        "phone" => Control::Input(Input { inputmode: Some("tel"), ..line("tel", "ltr", "tel", constraints) }),
        _ => Control::Input(Input {
            inputmode: constraints.digits().then_some("numeric"),
            max_length: Some(constraints.number("max-length").unwrap_or(MAX_LENGTH)),
            pattern: constraints.one("pattern").map(str::to_owned),
            ..line("text", "auto", "off", constraints)
        }),
    }
}

/// The picture; without one that can be shown the words that stand for it are left.
fn image(constraints: Constraints<'_>) -> Option<String> {
    let data = constraints.one("data")?;
    let is_base64 = data.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte));
    let is_png = constraints.one("media-type") == Some("image/png");
    (is_base64 && is_png).then(|| format!("data:image/png;base64,{data}"))
}

fn choices(id: &str, constraints: Constraints<'_>) -> Vec<Choice> {
    let choice = |(index, value): (usize, &str)| Choice {
        id: format!("{id}-{}", index + 1),
        value: value.to_owned(),
        label: plain(value, 120),
    };
    constraints.all("option").enumerate().map(choice).collect()
}

/// No `pattern` and room to spare: digits of other scripts and spaces are typed and pasted, and folded behind us.
fn otp(constraints: Constraints<'_>) -> Input {
    let length = constraints.number("length").unwrap_or(MAX_LENGTH / 3);
    Input {
        class: "code",
        inputmode: constraints.digits().then_some("numeric"),
        max_length: Some(length.saturating_mul(3)),
        ..line("text", "ltr", "one-time-code", constraints)
    }
}

/// No `maxlength`: a password that is cut silently cannot be right.
fn secret(
    class: &'static str,
    inputmode: Option<&'static str>,
    autocomplete: &'static str,
    constraints: Constraints<'_>,
) -> Input {
    Input { class, inputmode, hides: true, ..line("password", "ltr", autocomplete, constraints) }
}

fn line(
    kind: &'static str,
    dir: &'static str,
    autocomplete: &'static str,
    constraints: Constraints<'_>,
) -> Input {
    Input {
        kind,
        class: "line",
        inputmode: None,
        autocomplete: constraints.autocomplete().unwrap_or(autocomplete).to_owned(),
        max_length: constraints.number("max-length"),
        pattern: None,
        dir,
        hides: false,
    }
}
