//! What tells people of what was done in their name (`esignet:notifier`).

use std::marker::PhantomData;

use crate::bindings::notifier::exports::esignet::notifier::notifier::Guest;
pub use crate::bindings::notifier::exports::esignet::notifier::notifier::{Descriptor, Notice};
use crate::panic::report_panics;
use crate::word::Failure;

/// A notifier. Export it with [`export!`](crate::export): `esignet_sdk::export!(MyNotifier as notifier);`
pub trait Notifier {
    /// What it wants to hear of. Asked once, when the plugin is loaded: the place to check the configuration.
    ///
    /// # Errors
    ///
    /// [`Failure::Misconfigured`] keeps the plugin from being loaded.
    fn describe() -> Result<Descriptor, Failure>;

    /// Takes one notice. The same `id` may come again, after an answer that was lost too: nobody is to be told twice.
    ///
    /// # Errors
    ///
    /// [`Failure::Unavailable`] has it brought again some times; after any other one it is given up.
    fn notify(notice: &Notice) -> Result<(), Failure>;
}

impl Descriptor {
    /// It wants to hear of these.
    pub fn of_events(events: &[&str]) -> Self {
        Self { events: events.iter().map(|&event| event.to_owned()).collect(), attributes: Vec::new() }
    }
}

impl Notice {
    /// A further fact of the event, if it is there.
    pub fn fact(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|fact| fact.name == name).map(|fact| fact.value.as_str())
    }
}

/// Stands between the contract's functions and the trait.
#[doc(hidden)]
pub struct Exported<T>(PhantomData<T>);

impl<T: Notifier> Guest for Exported<T> {
    fn describe() -> Result<Descriptor, Failure> {
        report_panics();
        T::describe()
    }

    fn notify(notice: Notice) -> Result<(), Failure> {
        report_panics();
        T::notify(&notice)
    }
}
