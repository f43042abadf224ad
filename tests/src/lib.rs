//! The outside view of e-Signet: what relying parties, browsers and attackers do, as a library for tests and tools.
//!
//! Nothing here knows how the server works inside. A [`RelyingParty`] speaks the protocol and can break every single
//! thing of it; a [`Browser`] reads pages as browsers do and submits the forms it finds; both speak over a [`Wire`] to a
//! [`Server`] that is a real process, or to an [`Op`] in this one with a clock that tests move.
//!
//! | What | File |
//! |---|---|
//! | a request to a server, real or in process | `wire.rs` |
//! | keys and JWTs, right and wrong | `key.rs`, `jwt.rs` |
//! | what a relying party sends | `relying_party.rs`, `call.rs` |
//! | what a browser does | `browser.rs`, `page.rs` |
//! | a whole login, step by step | `login.rs` |
//! | a provider in this process | `op.rs`, `op/setup.rs`, `op/door.rs`, `op/world.rs`, `op/outside.rs` |
//! | the real binary | `server.rs` |
//! | where plugins are written | `workshop.rs` |
//! | a register of people on the loopback interface | `register.rs` |
//! | who signs plugins | `publisher.rs` |
//! | certificates, and who shows which | `tls.rs` |
//! | a server that plugins talk to | `upstream.rs` |
//! | where build products are | `artifacts.rs` |

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a driver of tests fails by panicking, with the reason"
)]

pub mod artifacts;
pub mod browser;
pub mod call;
pub mod jwt;
pub mod key;
pub mod login;
pub mod op;
pub mod page;
pub mod publisher;
pub mod register;
pub mod relying_party;
pub mod server;
pub mod tls;
pub mod upstream;
pub mod wire;
pub mod workshop;

pub use browser::{Away, Browser, Landing};
pub use call::Call;
pub use jwt::Jwt;
pub use key::Key;
pub use login::{LoggedIn, Person};
pub use op::Op;
pub use page::{Form, Page};
pub use publisher::Publisher;
pub use register::{Asked, Register, Told};
pub use relying_party::{Registered, RelyingParty};
pub use server::{Server, Site};
pub use tls::{Authority, Identity, Shows};
pub use upstream::Upstream;
pub use wire::{Reply, Wire};
pub use workshop::{Dev, Workshop};
