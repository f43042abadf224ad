//! Every test from the outside, in one program: one link, and the sandbox's compiled plugins are shared.
//!
//! | What | Modules |
//! |---|---|
//! | a login that works, token by token | `happy_path`, `claims` |
//! | what a client can get wrong | `pushed_authorization`, `client_authentication`, `token`, `dpop`, `userinfo` |
//! | what a browser can get wrong, or an attacker with one | `authorization`, `request_uri`, `forms`, `decisions`, `factors` |
//! | plugins that misbehave | `misbehaving` |
//! | what is promised and kept | `discovery`, `bad_input`, `bounds`, `canary` |
//! | the real binary | `binary`, `restart`, `clients` |
//! | the house | `architecture` |

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test fails by panicking, with the reason"
)]

mod architecture;
mod authorization;
mod bad_input;
mod binary;
mod bounds;
mod canary;
mod claims;
mod client_authentication;
mod clients;
mod decisions;
mod discovery;
mod dpop;
mod factors;
mod forms;
mod happy_path;
mod misbehaving;
mod pushed_authorization;
mod request_uri;
mod restart;
mod token;
mod userinfo;
