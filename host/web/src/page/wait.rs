//! Pages that wait: a factor lets time pass until the person goes on, or a form is being worked on.

use askama::Template;
use esignet_protocol::ports::plugins::Message;

use super::Setting;
use super::frame::{Asker, Frame};

/// How soon a form that is being worked on is looked at again, in seconds.
const BUSY_SECONDS: u64 = 2;

#[derive(Template)]
#[template(path = "wait.html")]
struct Wait<'a> {
    frame: Frame<'a>,
    asker: Asker,
    form_token: String,
    heading: String,
    text: String,
    /// Whether the page comes again by itself. A pause does not: what ends it calls a plugin, and that takes a form.
    goes_on: bool,
}

/// The HTML of the page that lets time pass.
pub(crate) fn pause(setting: Setting<'_>, message: &Message) -> askama::Result<String> {
    let heading = setting.words.t("pause-title").into_owned();
    let text = setting.words.message(message);
    let frame = setting.frame(&heading, false);
    Wait { frame, asker: setting.asker, form_token: setting.form_token, heading, text, goes_on: false }
        .render()
}

/// The HTML of the page that waits for an answer to be checked.
pub(crate) fn busy(setting: Setting<'_>) -> askama::Result<String> {
    let heading = setting.words.t("busy-title").into_owned();
    let text = setting.words.t("busy-text").into_owned();
    let frame = setting.frame(&heading, false).again_after(BUSY_SECONDS);
    Wait { frame, asker: setting.asker, form_token: setting.form_token, heading, text, goes_on: true }
        .render()
}
