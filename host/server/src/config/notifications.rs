//! `[notifications]`: which plugin tells people of what was done in their name.

use std::time::Duration;

use esignet_protocol::ports::notices::NoticeEvent;
use esignet_sandbox::NoticeSettings;

use super::finding::did_you_mean;
use super::section::{Located, Section};

/// Who is told, and how long a stop waits for those who are not told yet.
#[derive(Clone, Debug)]
pub(crate) struct Notifications {
    /// The notifier and what it is told of.
    pub(crate) settings: Located<NoticeSettings>,
    /// How long a stop waits.
    pub(crate) drain: Duration,
}

/// The notifier, if one is named.
pub(super) fn read(section: Section<'_>) -> Option<Notifications> {
    let usual = NoticeSettings::default();
    let number = |key, most, usual: u32| {
        u32::try_from(section.number(key, 1..=most, u64::from(usual))).unwrap_or(usual)
    };
    let tries = number("tries", 20, usual.tries);
    let queue_length = number("queue_length", 100_000, usual.queue_length);
    let drain = Duration::from_secs(section.number("drain_seconds", 0..=60, 5));
    let events =
        section.texts("events").map(|words| words.iter().filter_map(|word| event(&section, word)).collect());
    let others = ["tries", "queue_length", "drain_seconds", "events"];
    let plugin = if section.has("plugin") || others.iter().any(|key| section.has(key)) {
        section.required_text("plugin", "\"notify-http\"")
    } else {
        section.ask("plugin");
        None
    };
    section.finish();
    let plugin = plugin?;
    let events = events.unwrap_or(usual.events.clone());
    let value = NoticeSettings { plugin: plugin.value, events, tries, queue_length, ..usual };
    Some(Notifications { settings: Located { value, place: plugin.place }, drain })
}

fn event(section: &Section<'_>, word: &Located<String>) -> Option<NoticeEvent> {
    let known = NoticeEvent::ALL;
    if let Some(event) = known.into_iter().find(|event| event.as_str() == word.value) {
        return Some(event);
    }
    let meant = did_you_mean(&word.value, known.iter().map(|event| event.as_str()));
    let meant = meant.map_or_else(String::new, |event| format!("did you mean \"{event}\"? "));
    let all = known.map(NoticeEvent::as_str).join(", ");
    let problem = format!("nobody is told of \"{}\"", word.value);
    section.findings().error("bad-value", &word.place, problem, format!("{meant}choose of: {all}"));
    None
}
