//! The WIT contract as Rust types, generated from `wit/` when this crate is compiled.
//!
//! One synthetic world holds every interface of the contract, so that a type shared by two roles is one Rust type.
//! A component needs to export only some of it: each role is looked up on its own.
#![allow(missing_docs, clippy::all, clippy::pedantic, unreachable_pub, reason = "generated code")]

wasmtime::component::bindgen!({
    path: "../../wit",
    inline: "
        package esignet:sandbox@0.1.0;

        world sandbox {
            include esignet:plugin/imports@0.1.0;
            export esignet:id-system/id-system@0.1.0;
            export esignet:auth-factor/auth-factor@0.1.0;
            export esignet:captcha/captcha@0.1.0;
            export esignet:notifier/notifier@0.1.0;
            export esignet:audit-sink/audit-sink@0.1.0;
            export esignet:key-binder/key-binder@0.1.0;
        }
    ",
    world: "esignet:sandbox/sandbox",
    imports: {
        "esignet:host/http@0.1.0": async,
        "esignet:host/cache@0.1.0": async,
        "esignet:host/crypto@0.1.0": trappable,
        "esignet:host/log@0.1.0": trappable,
    },
    exports: { default: async },
});
