//! Tests of a plugin as it will run: the real component, in the real sandbox, under the limits that a server has.
//!
//! A test has everything around the plugin in its hands: the time, randomness, the cache, what upstreams answer and how
//! they fail. It gets the answer of each call as the core of e-Signet gets it, and a [`Report`] of what the plugin did.
//!
//! ```no_run
//! use esignet_harness::{Harness, Rule, caller, person, proof};
//! use serde_json::json;
//!
//! # fn test() -> Result<(), Box<dyn std::error::Error>> {
//! let register = vec![
//!     Rule::on("POST", "/check").with_body(json!({"code": "482913"})).json(200, json!({"ref": "p-77"})),
//!     Rule::on("POST", "/check").json(403, json!({"fault": "MISMATCH"})),
//! ];
//! let plugin = Harness::of("target/plugins/population-register.wasm")
//!     .setting("partner", "example")
//!     .upstream("register", register)
//!     .load()?;
//! let id_system = plugin.id_system()?;
//!
//! let code = proof("OTP", "alpha-numeric", "482913");
//! let call = id_system.authenticate(&caller("t-1"), &person("uin", "2053718694"), &[code], &[]);
//! assert_eq!(call.report.exchanges.len(), 1);
//! assert_eq!(call.answer().subject, "p-77");
//! # Ok(())
//! # }
//! ```
//!
//! | What | File |
//! |---|---|
//! | a plugin in a sandbox of its own | `harness.rs` |
//! | the functions of the roles, and their words | `calls.rs` |
//! | what a call came to, and what it did | `report.rs` |
//! | servers by a script | `upstream.rs` |
//! | time, randomness, cache, keys | `clock.rs`, `entropy.rs`, `cache.rs`, `key.rs` |
//! | what an author writes down for the kit | `fixture.rs`, `fixture/` |
//! | the conformance kit | `conformance.rs`, `conformance/` |
//! | what can go wrong | `error.rs` |
//!
//! # What this crate must never do
//!
//! Check a plugin in another way than a server would: whatever the sandbox does, it does here. Be part of a server: reports
//! have what is secret and personal in them, as the plugin wrote it.

mod cache;
mod calls;
mod clock;
pub mod conformance;
mod entropy;
mod error;
pub mod fixture;
mod harness;
mod key;
mod report;
mod upstream;

pub use cache::{CacheFault, TestCache};
pub use calls::{FactorCalls, IdSystemCalls, answers, caller, claims, evidence, person, proof};
pub use clock::StandingClock;
pub use entropy::RepeatableEntropy;
pub use error::HarnessError;
pub use harness::{BEGINS_AT, Harness, Plugin};
pub use key::hmac as hmac_key;
pub use report::{Call, Report};
pub use upstream::{Exchange, Fault, Rule, Upstreams};
