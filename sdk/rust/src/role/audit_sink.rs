//! Keeps the record of what happened outside of the server (`esignet:audit-sink`).

use std::marker::PhantomData;

use crate::bindings::audit_sink::exports::esignet::audit_sink::audit_sink::Guest;
pub use crate::bindings::audit_sink::exports::esignet::audit_sink::audit_sink::{Descriptor, Event};
use crate::word::Failure;

/// An audit sink. Export it with [`export!`](crate::export): `esignet_sdk::export!(MySink as audit_sink);`
///
/// Every call runs in a fresh instance, so nothing is remembered: where a log is, the host knows.
pub trait AuditSink {
    /// How many events it takes in one call. Asked once, when the plugin is loaded: the place to check the configuration.
    ///
    /// # Errors
    ///
    /// [`Failure::Misconfigured`] keeps the plugin from being loaded.
    fn describe() -> Result<Descriptor, Failure>;

    /// Stores events of one log in order, some of them perhaps again: `log` and [`Event::sequence`] name an event. Answers up
    /// to which number everything is safely stored.
    ///
    /// # Errors
    ///
    /// Any [`Failure`]; the host brings the same events again, later and later.
    fn write(log: &str, events: &[Event]) -> Result<u64, Failure>;
}

impl Descriptor {
    /// Takes so many events in one call, at most 1,000.
    pub fn new(batch: u32) -> Self {
        Self { batch, attributes: Vec::new() }
    }
}

/// Stands between the contract's functions and the trait.
#[doc(hidden)]
pub struct Exported<T>(PhantomData<T>);

impl<T: AuditSink> Guest for Exported<T> {
    fn describe() -> Result<Descriptor, Failure> {
        crate::panic::report_panics();
        T::describe()
    }

    fn write(log: String, events: Vec<Event>) -> Result<u64, Failure> {
        crate::panic::report_panics();
        T::write(&log, &events)
    }
}
