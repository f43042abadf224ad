//! Makes plugin components of Rust, JavaScript and Python, with their manifests inside.
//!
//! Both `cargo xtask plugins` and `esignet plugin build` build with this crate, so that a plugin is built the same way
//! whoever builds it (ADR 94).
//!
//! | What | File |
//! |---|---|
//! | a directory that holds a plugin | `project.rs` |
//! | Rust: a toolchain that can build for WebAssembly | `toolchain.rs`, `rust.rs` |
//! | JavaScript and Python: layout, cache, build | `script.rs` |
//! | the SDK of Rust, where cargo finds it | `rust_sdk.rs`, `inherited.rs` |
//! | a new project | `template.rs` |
//! | the pinned programs that do it; their lock files are beside `src` | `tools.rs` |
//! | the contract and the SDKs, carried along | `embedded.rs` |
//! | components as bytes, and the manifest's section | `component.rs` |
//! | what the person who waits is told | `progress.rs` |
//! | what can go wrong | `error.rs` |
//!
//! # What this crate must never do
//!
//! Run a component, or decide whether a manifest is a good one: that is the sandbox's. Fetch anything but what the lock files
//! name with a hash.

mod component;
mod embedded;
mod error;
mod inherited;
pub mod progress;
mod project;
mod rust;
mod rust_sdk;
mod script;
mod template;
pub mod toolchain;
mod tools;

use std::path::Path;

pub use component::{MANIFEST_SECTION, componentise, with_manifest, write_if_changed};
pub use error::BuildError;
pub use project::{Language, Project};
pub use template::{Beginning, begin};

/// What came of a build.
#[derive(Clone, Debug)]
pub struct Built {
    /// The component, with the manifest inside.
    pub component: Vec<u8>,
    /// Whether it was made now, or had been made of the very same files before.
    pub made_now: bool,
}

/// Builds one plugin. In `work` are the tools, what was laid out, and what was made before; it may be shared by any number of
/// plugins, one at a time.
pub fn build(project: &Project, work: &Path) -> Result<Built, BuildError> {
    let (component, made_now) = match project.language {
        Language::Rust => rust::build(project, work)?,
        Language::JavaScript | Language::Python => script::build(project, work)?,
    };
    let component = match &project.manifest {
        Some(manifest) => with_manifest(component, manifest),
        None => component,
    };
    Ok(Built { component, made_now })
}
