//! `[log]`: how much is logged and how it is written. Nothing personal is logged at any level.

use super::Weakening;
use super::section::Section;

/// The log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Log {
    /// How lines are written.
    pub(crate) format: Format,
    /// How much is logged.
    pub(crate) level: Level,
}

/// How lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// A JSON object a line.
    Json,
    /// For people.
    Text,
}

/// How much is logged, by our own crates; others are heard from warnings on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    /// What needs somebody now.
    Error,
    /// What needs somebody soon.
    Warn,
    /// What happened.
    Info,
    /// How it happened.
    Debug,
}

impl Default for Log {
    fn default() -> Self {
        Self { format: Format::Json, level: Level::Info }
    }
}

pub(super) fn read(section: Section<'_>, weakenings: &mut Vec<Weakening>) -> Log {
    let default = Log::default();
    let formats = [("json", Format::Json), ("text", Format::Text)];
    let levels =
        [("error", Level::Error), ("warn", Level::Warn), ("info", Level::Info), ("debug", Level::Debug)];
    let log = Log {
        format: section.choice("format", &formats, default.format),
        level: section.choice("level", &levels, default.level),
    };
    if log.level == Level::Debug {
        weakenings.push(Weakening {
            key: "log.level".to_owned(),
            meaning: "debug logs tell how clients use the server; for finding a fault, not for every day",
        });
    }
    section.finish();
    log
}
