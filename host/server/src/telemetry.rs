//! The log: structured, on standard error, from our own crates at the chosen level and from others from warnings on.
//!
//! Nothing personal goes into it: no code, token, credential, claim or identifier of a person (rule 17 of the house).

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer as _, fmt};

use crate::config::{Format, Level, Log};

/// Starts the log. Called once; a second call changes nothing.
pub(crate) fn start(log: Log) {
    let lines = fmt::layer().with_writer(std::io::stderr);
    let lines = match log.format {
        Format::Json => lines.json().flatten_event(true).with_current_span(false).boxed(),
        Format::Text => lines.with_target(false).with_ansi(false).boxed(),
    };
    // Another subscriber is in place only in tests, and they want their own.
    let _ = tracing_subscriber::registry().with(lines.with_filter(targets(log.level))).try_init();
}

/// Crates of others may log what they handle, so they are heard only when something is wrong.
fn targets(level: Level) -> Targets {
    let ours = match level {
        Level::Error => LevelFilter::ERROR,
        Level::Warn => LevelFilter::WARN,
        Level::Info => LevelFilter::INFO,
        Level::Debug => LevelFilter::DEBUG,
    };
    Targets::new()
        .with_default(LevelFilter::WARN.min(ours))
        .with_target("esignet", ours)
        .with_target("plugin", ours)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_crates_are_heard_from_warnings_on_whatever_level_is_chosen() {
        let targets = targets(Level::Debug);
        assert!(targets.would_enable("esignet_sandbox::registry", &tracing::Level::DEBUG));
        assert!(
            targets.would_enable("plugin", &tracing::Level::INFO),
            "what plugins log is for the operator"
        );
        assert!(!targets.would_enable("hyper::proto", &tracing::Level::INFO));
        assert!(targets.would_enable("hyper::proto", &tracing::Level::WARN));
    }
}
