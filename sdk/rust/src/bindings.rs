//! What `wit-bindgen` makes of the contract in `wit/`: one module for the host's imports and shared words, one a role.
//!
//! A role's world is bound on its own, so that a plugin that exports one role owes nothing to another. Nothing here is
//! for plugin authors; the crate's other modules are.

/// The host's imports and the words every role shares.
pub mod host {
    wit_bindgen::generate!({
        path: "../../wit",
        inline: "
            package esignet:sdk;
            world host {
                include esignet:plugin/imports@0.1.0;
                import esignet:types/types@0.1.0;
                import esignet:types/forms@0.1.0;
            }
        ",
        world: "esignet:sdk/host",
        additional_derives: [PartialEq, Eq],
        generate_all,
        generate_unused_types: true,
    });
}

/// The role `id-system`.
pub mod id_system {
    wit_bindgen::generate!({
        path: "../../wit",
        inline: "
            package esignet:sdk;
            world id-system {
                export esignet:id-system/id-system@0.1.0;
            }
        ",
        world: "esignet:sdk/id-system",
        with: { "esignet:types/types@0.1.0": crate::bindings::host::esignet::types::types },
        additional_derives: [PartialEq, Eq],
        generate_all,
        pub_export_macro: true,
        export_macro_name: "export_id_system_bindings",
        default_bindings_module: "esignet_sdk::bindings::id_system",
    });
}

/// The role `auth-factor`.
pub mod auth_factor {
    wit_bindgen::generate!({
        path: "../../wit",
        inline: "
            package esignet:sdk;
            world auth-factor {
                export esignet:auth-factor/auth-factor@0.1.0;
            }
        ",
        world: "esignet:sdk/auth-factor",
        with: {
            "esignet:types/types@0.1.0": crate::bindings::host::esignet::types::types,
            "esignet:types/forms@0.1.0": crate::bindings::host::esignet::types::forms,
        },
        additional_derives: [PartialEq, Eq],
        generate_all,
        pub_export_macro: true,
        export_macro_name: "export_auth_factor_bindings",
        default_bindings_module: "esignet_sdk::bindings::auth_factor",
    });
}

/// The role `captcha`.
pub mod captcha {
    wit_bindgen::generate!({
        path: "../../wit",
        inline: "
            package esignet:sdk;
            world captcha {
                export esignet:captcha/captcha@0.1.0;
            }
        ",
        world: "esignet:sdk/captcha",
        with: {
            "esignet:types/types@0.1.0": crate::bindings::host::esignet::types::types,
            "esignet:types/forms@0.1.0": crate::bindings::host::esignet::types::forms,
        },
        additional_derives: [PartialEq, Eq],
        generate_all,
        pub_export_macro: true,
        export_macro_name: "export_captcha_bindings",
        default_bindings_module: "esignet_sdk::bindings::captcha",
    });
}

/// The role `notifier`.
pub mod notifier {
    wit_bindgen::generate!({
        path: "../../wit",
        inline: "
            package esignet:sdk;
            world notifier {
                export esignet:notifier/notifier@0.1.0;
            }
        ",
        world: "esignet:sdk/notifier",
        with: { "esignet:types/types@0.1.0": crate::bindings::host::esignet::types::types },
        additional_derives: [PartialEq, Eq],
        generate_all,
        pub_export_macro: true,
        export_macro_name: "export_notifier_bindings",
        default_bindings_module: "esignet_sdk::bindings::notifier",
    });
}

/// The role `audit-sink`.
pub mod audit_sink {
    wit_bindgen::generate!({
        path: "../../wit",
        inline: "
            package esignet:sdk;
            world audit-sink {
                export esignet:audit-sink/audit-sink@0.1.0;
            }
        ",
        world: "esignet:sdk/audit-sink",
        with: { "esignet:types/types@0.1.0": crate::bindings::host::esignet::types::types },
        additional_derives: [PartialEq, Eq],
        generate_all,
        pub_export_macro: true,
        export_macro_name: "export_audit_sink_bindings",
        default_bindings_module: "esignet_sdk::bindings::audit_sink",
    });
}

/// The role `key-binder`.
pub mod key_binder {
    wit_bindgen::generate!({
        path: "../../wit",
        inline: "
            package esignet:sdk;
            world key-binder {
                export esignet:key-binder/key-binder@0.1.0;
            }
        ",
        world: "esignet:sdk/key-binder",
        with: { "esignet:types/types@0.1.0": crate::bindings::host::esignet::types::types },
        additional_derives: [PartialEq, Eq],
        generate_all,
        pub_export_macro: true,
        export_macro_name: "export_key_binder_bindings",
        default_bindings_module: "esignet_sdk::bindings::key_binder",
    });
}
