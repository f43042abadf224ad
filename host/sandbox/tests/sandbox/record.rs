//! Everything that is logged while the tests run, to be searched by plugin.

use std::fmt::Write;
use std::sync::{Mutex, Once};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

static LINES: Mutex<Vec<String>> = Mutex::new(Vec::new());
static SPANS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Starts to record, once for all tests.
pub(crate) fn start() {
    static STARTED: Once = Once::new();
    STARTED.call_once(|| tracing::subscriber::set_global_default(Recorder).unwrap());
}

/// The lines about one plugin: `target level field=value …`.
pub(crate) fn of_plugin(id: &str) -> Vec<String> {
    let about = format!(" plugin=\"{id}\"");
    LINES.lock().unwrap().iter().filter(|line| line.contains(&about)).cloned().collect()
}

/// The spans about one plugin: `name field=value …`, with what was recorded later.
pub(crate) fn spans_of_plugin(id: &str) -> Vec<String> {
    let about = format!(" plugin=\"{id}\"");
    SPANS.lock().unwrap().iter().filter(|span| span.contains(&about)).cloned().collect()
}

struct Recorder;

impl Subscriber for Recorder {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("esignet") || metadata.target() == "plugin"
    }
    fn event(&self, event: &Event<'_>) {
        let mut line = Line(format!("{} {}", event.metadata().target(), event.metadata().level()));
        event.record(&mut line);
        LINES.lock().unwrap().push(line.0);
    }
    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        let mut line = Line(attributes.metadata().name().to_owned());
        attributes.record(&mut line);
        let mut spans = SPANS.lock().unwrap();
        spans.push(line.0);
        Id::from_u64(spans.len() as u64)
    }
    fn record(&self, span: &Id, values: &Record<'_>) {
        let mut line = Line(String::new());
        values.record(&mut line);
        let index = usize::try_from(span.into_u64()).unwrap() - 1;
        SPANS.lock().unwrap().get_mut(index).unwrap().push_str(&line.0);
    }
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        write!(self.0, " {}={value:?}", field.name()).unwrap();
    }
}
