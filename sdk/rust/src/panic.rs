//! Tells the plugin's log where it panicked, before the panic traps and takes the instance with it.

use std::panic::PanicHookInfo;
use std::sync::Once;

use crate::import::log;

/// Has panics reported; every exported function calls it first.
pub(crate) fn report_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| std::panic::set_hook(Box::new(report)));
}

fn report(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    log::error("plugin-panicked", &[("at", &place), ("message", message(panic))]);
}

/// What the panic says, if that is a constant of the source. A message with values in it may carry what a person typed, and
/// stays out of the log; the place says enough.
fn message<'a>(panic: &'a PanicHookInfo<'_>) -> &'a str {
    panic.payload().downcast_ref::<&'static str>().copied().unwrap_or("(withheld: it has values in it)")
}
