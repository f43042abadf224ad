//! `esignet:host/clock`: the time in whole seconds.

use super::CallState;
use crate::bindings::esignet::host::clock;

impl clock::Host for CallState {
    fn now(&mut self) -> u64 {
        self.plugin.sandbox.host.clock.now().0
    }
}
