//! What a call came to, and everything it did on the way.

use std::sync::{Mutex, PoisonError};

use esignet_protocol::ports::plugins::PluginError;
use esignet_sandbox::{CallEnded, HostCall, LogLine, Narrowed, Observer};

use crate::upstream::Exchange;

/// A call of a plugin: its outcome as the core of e-Signet gets it, and what was seen of it.
pub struct Call<T> {
    /// What the host hands on, after all its checks.
    pub outcome: Result<T, PluginError>,
    /// What was seen.
    pub report: Report,
}

impl<T> Call<T> {
    /// The answer.
    ///
    /// # Panics
    ///
    /// When there is none, with the reason and the report.
    #[track_caller]
    pub fn answer(self) -> T {
        match self.outcome {
            Ok(answer) => answer,
            Err(error) => panic!("{error}\n{:#?}", self.report),
        }
    }

    /// Why there is no answer, if there is none.
    pub fn error(&self) -> Option<&PluginError> {
        self.outcome.as_ref().err()
    }
}

/// What was seen of a call, as the plugin wrote it: before the host takes out what is the person's.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// What it used and how it ended; none when it was never begun, because the plugin failed too often.
    pub ended: Option<CallEnded>,
    /// What it asked of the host, in order. Lines of the log are in `log`.
    pub host_calls: Vec<HostCall>,
    /// What it asked of upstreams that were granted.
    pub exchanges: Vec<Exchange>,
    /// What it logged.
    pub log: Vec<LogLine>,
    /// What the host took out of its answer.
    pub narrowed: Vec<Narrowed>,
}

impl Report {
    /// The function as the contract names it, or "?" when it was never begun.
    pub fn function(&self) -> &'static str {
        self.ended.as_ref().map_or("?", |ended| ended.function)
    }

    /// How it ended: "answered", "rejected", "unavailable", "timed-out", "trapped" or "broken".
    pub fn outcome(&self) -> &'static str {
        self.ended.as_ref().map_or("unavailable", |ended| ended.outcome)
    }

    /// Why there was no answer, as the plugin wrote it.
    pub fn error(&self) -> Option<&str> {
        self.ended.as_ref().and_then(|ended| ended.error.as_deref())
    }

    /// What it asked for and was not given.
    pub fn denials(&self) -> u32 {
        self.ended.as_ref().map_or(0, |ended| ended.denials)
    }

    /// Everything it wrote for an operator to read: lines of the log, and why there was no answer.
    pub fn told(&self) -> Vec<String> {
        let lines = self.log.iter().map(|line| {
            let fields: Vec<String> =
                line.fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
            format!("{} {}", line.event, fields.join(" "))
        });
        lines.chain(self.error().map(str::to_owned)).collect()
    }
}

/// Collects what is seen, call by call.
#[derive(Default)]
pub(crate) struct Record(Mutex<Report>);

impl Record {
    fn with<T>(&self, act: impl FnOnce(&mut Report) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What was seen since the last time.
    pub(crate) fn taken(&self) -> Report {
        self.with(std::mem::take)
    }
}

impl Observer for Record {
    fn host_call(&self, call: HostCall) {
        self.with(|report| report.host_calls.push(call));
    }

    fn log_line(&self, line: LogLine) {
        self.with(|report| report.log.push(line));
    }

    fn narrowed(&self, narrowed: Narrowed) {
        self.with(|report| report.narrowed.push(narrowed));
    }

    fn call_ended(&self, ended: CallEnded) {
        self.with(|report| report.ended = Some(ended));
    }
}
