//! `esignet:host/config`: the plugin's own settings.

use super::CallState;
use crate::bindings::esignet::host::config;

impl config::Host for CallState {
    fn get(&mut self, key: String) -> Option<String> {
        self.plugin.rights.setting(&key)
    }
}
