//! Pages that come again by themselves: a factor lets time pass, or a form is being worked on.

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
}

/// The HTML of the page that lets `seconds` pass.
pub(crate) fn pause(setting: Setting<'_>, message: &Message, seconds: u64) -> askama::Result<String> {
    let heading = setting.words.t("pause-title").into_owned();
    let text = setting.words.message(message);
    wait(setting, heading, text, seconds.max(1))
}

/// The HTML of the page that waits for an answer to be checked.
pub(crate) fn busy(setting: Setting<'_>) -> askama::Result<String> {
    let heading = setting.words.t("busy-title").into_owned();
    let text = setting.words.t("busy-text").into_owned();
    wait(setting, heading, text, BUSY_SECONDS)
}

fn wait(setting: Setting<'_>, heading: String, text: String, seconds: u64) -> askama::Result<String> {
    let frame = setting.frame(&heading, false).again_after(seconds);
    Wait { frame, asker: setting.asker, form_token: setting.form_token, heading, text }.render()
}
