//! What plugins do for the host: one file for each interface that they export, and the words these share.

use esignet_protocol::ports::plugins::PluginError;

use crate::accept;

/// Has a component describe itself in a role: the same call for every role, over types that the bindings make for each.
macro_rules! describe {
    ($plugin:expr, $exports:expr, $role:expr, $accept:expr) => {{
        let guest = $exports.clone();
        $plugin
            .call(
                $crate::instance::Function { role: $role, name: "describe" },
                $crate::personal::Personal::default(),
                move |store, instance| {
                    Box::pin(async move { guest.load(&mut *store, instance)?.call_describe(store).await })
                },
                $accept,
            )
            .await
    }};
}

pub(crate) mod audit_sink;
pub(crate) mod auth_factor;
pub(crate) mod captcha;
mod form;
pub(crate) mod id_system;
mod image;
pub(crate) mod key_binder;
pub(crate) mod measured;
pub(crate) mod notifier;
mod step;
mod word;

/// The functions of a role, as they were looked for in a component.
fn found<Indices>(looked_for: wasmtime::Result<Indices>) -> Result<Indices, PluginError> {
    looked_for.map_err(|error| PluginError::Broken(accept::cut(&error.to_string(), 256)))
}
