//! Every test from the outside, in one program: one link, and the sandbox's compiled plugins are shared.
//!
//! | What | Modules |
//! |---|---|
//! | a login that works, token by token | `happy_path`, `claims`, `answers`, `identity_assurance` |
//! | what a profile changes | `interop`, `request_object`, `mutual_tls` |
//! | what comes after a login | `introspection`, `key_binding` |
//! | what a client can get wrong | `pushed_authorization`, `client_authentication`, `token`, `dpop`, `userinfo` |
//! | what a browser can get wrong, or an attacker with one | `authorization`, `request_uri`, `forms`, `decisions`, `factors` |
//! | what stands at the door | `captcha`, `captcha_spent`, `notices`, `door` |
//! | other factors than the code | `known_secrets`, `time_codes`, `own_codes` |
//! | an ID system by configuration, and several of them | `rest_identity`, `id_system_routes` |
//! | what is remembered of an answer | `consent` |
//! | plugins that misbehave, are exchanged, or are in JavaScript and Python | `misbehaving`, `hostile_suite`, `hot_swap`, `compiler`, `languages` |
//! | what every plugin of a role must do | `conformance_kit` |
//! | what plugins talk to | `upstreams` |
//! | what is promised and kept | `corpus`, `metrics`, `promises`, `discovery`, `bad_input`, `bounds`, `canary`, `storm` |
//! | the record of what happens | `audit` |
//! | keys that turn, ours and theirs | `key_rotation`, `jwks_uri` |
//! | writing plugins, and the documents that teach it | `plugin_tools`, `tutorials` |
//! | the real binary | `binary`, `restart`, `tls`, `clients`, `plugin_signatures`, `live_trust` |
//! | the house | `architecture`, `shipped_plugins`, `specs` |

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test fails by panicking, with the reason"
)]

mod answers;
mod architecture;
mod audit;
mod authorization;
mod bad_input;
mod binary;
mod bounds;
mod canary;
mod captcha;
mod captcha_spent;
mod claims;
mod client_authentication;
mod clients;
mod compiler;
mod conformance_kit;
mod consent;
mod corpus;
mod decisions;
mod discovery;
mod door;
mod dpop;
mod factors;
mod forms;
mod happy_path;
mod hostile_suite;
mod hot_swap;
mod id_system_routes;
mod identity_assurance;
mod interop;
mod introspection;
mod jwks_uri;
mod key_binding;
mod key_rotation;
mod known_secrets;
mod languages;
mod live_trust;
mod metrics;
mod misbehaving;
mod mutual_tls;
mod notices;
mod own_codes;
mod plugin_signatures;
mod plugin_tools;
mod promises;
mod pushed_authorization;
mod request_object;
mod request_uri;
mod rest_identity;
mod restart;
mod shipped_plugins;
mod specs;
mod storm;
mod time_codes;
mod tls;
mod token;
mod tutorials;
mod upstreams;
mod userinfo;
