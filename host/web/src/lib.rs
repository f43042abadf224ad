//! HTTP, pages and forms: turns requests into raw values and outcomes into answers.
//!
//! | concern | file |
//! |---|---|
//! | which path is which endpoint | `router.rs` |
//! | what happens around every endpoint: methods, time, panics, the log, headers | `border.rs` |
//! | one thin file per endpoint: read, `handle`, answer | `endpoint/` |
//! | bodies, headers and languages as raw values | `extract/` |
//! | JSON, pages, redirects and refusals as responses | `answer/` |
//! | typed pages and the forms of factors | `page/`, `form/`, `templates/` |
//! | words | `locale.rs`, `locales/` |
//! | what browsers may do | `csp.rs`, `csrf.rs`, `cookie.rs` |
//!
//! This crate decides nothing about the protocol, keeps nothing between requests, and never logs a parameter, a cookie or a
//! body. A plugin's text is shown as text; markup comes from `templates/` alone.
#![forbid(unsafe_code)]

mod answer;
mod assets;
mod border;
mod cookie;
mod csp;
mod csrf;
mod endpoint;
mod extract;
mod form;
mod locale;
mod page;
mod router;
pub mod sample;
mod settings;
mod site;
#[cfg(test)]
mod testing;

pub use extract::UnreadableCertificate;
pub use locale::locales;
pub use router::router;
pub use settings::{Branding, Logo, LogoFormat, Ready, WebSettings};
