//! The page of a factor: its form, step and rejection, and the way to ask for the same again.

use askama::Template;
use esignet_protocol::ports::plugins::{Form, Rejection};

use super::Setting;
use super::frame::{Asker, Frame, time_left};
use super::rejection::{Asked as During, sentences};
use crate::form::{self, Control, Field};
use crate::locale::{Arg, Words};

/// What the page asks.
pub(crate) struct Asked {
    /// Which factor, from 1.
    pub(crate) step: usize,
    /// Of how many.
    pub(crate) steps: usize,
    /// The form.
    pub(crate) form: Form,
    /// Why the last answer was not accepted.
    pub(crate) rejection: Option<Rejection>,
    /// Seconds until the same can be asked for again.
    pub(crate) resend_in: Option<u64>,
}

struct Resend {
    seconds: u64,
    wait: String,
}

#[derive(Template)]
#[template(path = "question.html")]
struct Question<'a> {
    frame: Frame<'a>,
    asker: Asker,
    form_token: String,
    step: Option<String>,
    heading: String,
    problems: Vec<String>,
    target: Option<String>,
    fields: Vec<Field>,
    submit: String,
    resend: Option<Resend>,
    time_left: String,
}

/// The HTML of the page.
pub(crate) fn render(setting: Setting<'_>, asked: &Asked) -> askama::Result<String> {
    let words = setting.words;
    let problems = sentences(words, asked.rejection.as_ref(), During::Factor);
    let fields = form::fields(words, &asked.form.fields, problems.first());
    let heading = words.message(&asked.form.title);
    let page = Question {
        frame: setting.frame(&heading, !problems.is_empty()),
        asker: setting.asker,
        form_token: setting.form_token,
        step: (asked.steps > 1).then(|| step(words, asked.step, asked.steps)),
        heading,
        target: fields.iter().find(|field| field.error.is_some()).map(Field::focus),
        problems,
        fields,
        submit: words.message(&asked.form.submit),
        resend: asked.resend_in.map(|seconds| Resend {
            seconds,
            wait: words.with("resend-wait", &[("count", Arg::Count(seconds))]).into_owned(),
        }),
        time_left: time_left(words, setting.seconds_left),
    };
    page.render()
}

fn step(words: Words, step: usize, steps: usize) -> String {
    let count = |number: usize| Arg::Count(u64::try_from(number).unwrap_or(u64::MAX));
    words.with("step", &[("step", count(step)), ("steps", count(steps))]).into_owned()
}
