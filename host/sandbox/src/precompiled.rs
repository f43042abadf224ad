//! Compiled code kept between starts.
//!
//! Deserialising compiled code is trusting it: whoever can write it can run machine code in the server. So each file
//! `<digest>-<engine>.cwasm` has an HMAC-SHA-256 beside it over its name and content, and nothing is deserialised
//! before that is verified, from the very bytes that were verified.

use std::collections::BTreeSet;
use std::fs;
use std::hash::{Hash, Hasher};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_lc_rs::{digest, hmac};
use wasmtime::Engine;
use wasmtime::component::Component;

use crate::compile::{Code, Compiler, NotCompiled};
use crate::engine::SandboxError;

mod kept;

/// How long what nothing uses is left where it is.
const LEFT: Duration = Duration::from_hours(24);

/// Where the machine code of a component came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeSource {
    /// Compiled now.
    Compiled,
    /// Taken from the cache, after its MAC was verified.
    Cached,
}

/// The directory of compiled code, if there is one.
pub(crate) struct Precompiled {
    directory: Option<PathBuf>,
    key: hmac::Key,
    engine_hash: String,
    compiler: Compiler,
}

impl Precompiled {
    /// Makes the directory, for its owner alone. One that is there and that others may write to is an error.
    pub(crate) fn new(
        engine: &Engine,
        directory: Option<PathBuf>,
        key: &[u8; 32],
        compiler: Compiler,
    ) -> Result<Self, SandboxError> {
        if let Some(directory) = directory.as_ref().filter(|directory| is_open(directory)) {
            return Err(SandboxError::OpenDirectory(directory.clone()));
        }
        let directory = directory.filter(|directory| match create_private(directory) {
            Ok(()) => true,
            Err(error) => {
                tracing::warn!(directory = %directory.display(), %error,
                    "compiled plugins are not kept: the directory cannot be made; make its parent writable");
                false
            }
        });
        let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_slice());
        Ok(Self { directory, key, engine_hash: engine_hash(engine), compiler })
    }

    /// The component of these bytes, whose SHA-256 is `digest`: from the cache, or compiled and put there.
    pub(crate) fn component(
        &self,
        engine: &Engine,
        digest: &str,
        wasm: &[u8],
    ) -> Result<(Component, CodeSource), NotCompiled> {
        let Some(directory) = &self.directory else {
            return Ok((self.compiler.compile(engine, wasm)?.component, CodeSource::Compiled));
        };
        let name = format!("{digest}-{}", self.engine_hash);
        if let Some(component) = self.load(engine, directory, &name) {
            return Ok((component, CodeSource::Cached));
        }
        let Code { component, serialized } = self.compiler.compile(engine, wasm)?;
        if let Err(error) = self.keep(directory, &name, &serialized) {
            tracing::warn!(directory = %directory.display(), %error, "a compiled plugin was not kept");
        }
        Ok((component, CodeSource::Compiled))
    }

    /// Removes code, MACs and drafts that belong to no plugin of `used` and were left for a day: within it they may be
    /// those of another server, or of one that is being replaced.
    pub(crate) fn sweep(&self, used: &BTreeSet<String>) {
        let Some(directory) = &self.directory else { return };
        let entries = fs::read_dir(directory).into_iter().flatten().flatten();
        for entry in entries.filter(|entry| self.is_left(entry, used)) {
            let file = entry.path();
            match fs::remove_file(&file) {
                Ok(()) => {
                    tracing::info!(file = %file.display(), "compiled code that nothing uses was removed");
                }
                Err(error) => tracing::warn!(file = %file.display(), %error,
                    "compiled code that nothing uses was not removed"),
            }
        }
    }

    fn is_left(&self, entry: &fs::DirEntry, used: &BTreeSet<String>) -> bool {
        let name = entry.file_name();
        let Some(written) = name.to_str().and_then(Written::of) else { return false };
        let in_use = !written.is_draft && written.engine == self.engine_hash && used.contains(written.digest);
        let age = entry.metadata().and_then(|about| about.modified()).map(|at| at.elapsed());
        !in_use && matches!(age, Ok(Ok(age)) if age > LEFT)
    }

    fn load(&self, engine: &Engine, directory: &Path, name: &str) -> Option<Component> {
        let path = directory.join(format!("{name}.cwasm"));
        let code = fs::read(&path).ok()?;
        let mac = fs::read(directory.join(format!("{name}.mac"))).unwrap_or_default();
        if !self.is_ours(name, &code, &mac) {
            tracing::warn!(file = %path.display(),
                "compiled code whose MAC does not match was not used; the plugin is compiled again");
            return None;
        }
        deserialize(engine, &code)
            .inspect_err(
                |error| tracing::warn!(file = %path.display(), %error, "compiled code was not usable"),
            )
            .ok()
    }

    fn is_ours(&self, name: &str, code: &[u8], mac: &[u8]) -> bool {
        hmac::verify(&self.key, &message(name, code), mac).is_ok()
    }

    fn keep(&self, directory: &Path, name: &str, code: &[u8]) -> std::io::Result<()> {
        let mac = hmac::sign(&self.key, &message(name, code));
        replace(directory, &format!("{name}.cwasm"), code)?;
        replace(directory, &format!("{name}.mac"), mac.as_ref())
    }
}

/// What the name of a file of ours says.
struct Written<'a> {
    digest: &'a str,
    engine: &'a str,
    is_draft: bool,
}

impl<'a> Written<'a> {
    /// Reads `<digest>-<engine>.cwasm`, `.mac`, and drafts of them; `None` for what is not ours.
    fn of(name: &'a str) -> Option<Self> {
        let (is_draft, name) = name.strip_prefix('.').map_or((false, name), |name| (true, name));
        let mut parts = name.split('.');
        let (digest, engine) = parts.next()?.rsplit_once('-')?;
        let ours = matches!(parts.next()?, "cwasm" | "mac")
            && engine.len() == 16
            && engine.bytes().all(|b| b.is_ascii_hexdigit())
            && parts.count() == if is_draft { 2 } else { 0 };
        ours.then_some(Self { digest, engine, is_draft })
    }
}

#[expect(unsafe_code, reason = "wasmtime has no safe way to load compiled code")]
pub(crate) fn deserialize(engine: &Engine, code: &[u8]) -> wasmtime::Result<Component> {
    // SAFETY: one caller has just verified, over these same bytes, a MAC that only this program can make with a key that
    // never leaves it; the other has just read them from the pipe of a compiler that it started from this program's own
    // file. Either way they are what `Component::serialize` wrote, which checks the engine's settings itself.
    unsafe { Component::deserialize(engine, code) }
}

fn message(name: &str, code: &[u8]) -> Vec<u8> {
    let mut message = Vec::with_capacity(name.len() + code.len() + 32);
    message.extend_from_slice(b"esignet compiled component 1\0");
    message.extend_from_slice(name.as_bytes());
    message.push(0);
    message.extend_from_slice(code);
    message
}

fn create_private(directory: &Path) -> std::io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(directory)
}

/// Whether the group or others may write to what is there.
fn is_open(directory: &Path) -> bool {
    fs::metadata(directory).is_ok_and(|about| about.permissions().mode() & 0o022 != 0)
}

/// Puts a file in place whole: a reader sees the old one or the new one.
fn replace(directory: &Path, name: &str, content: &[u8]) -> std::io::Result<()> {
    static DRAFTS: AtomicUsize = AtomicUsize::new(0);
    let number = DRAFTS.fetch_add(1, Ordering::Relaxed);
    let draft = directory.join(format!(".{name}.{}.{number}", std::process::id()));
    let put = || {
        let mut file =
            fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
        file.write_all(content)?;
        drop(file);
        fs::rename(&draft, directory.join(name))
    };
    put().inspect_err(|_| {
        // What cannot be removed now goes with a later sweep.
        let _ = fs::remove_file(&draft);
    })
}

/// What of the engine compiled code depends on: version, target, settings.
fn engine_hash(engine: &Engine) -> String {
    struct Sha256(digest::Context);
    impl Hasher for Sha256 {
        fn write(&mut self, bytes: &[u8]) {
            self.0.update(bytes);
        }
        fn finish(&self) -> u64 {
            self.0.clone().finish().as_ref().iter().take(8).fold(0, |sum, byte| (sum << 8) | u64::from(*byte))
        }
    }
    let mut hasher = Sha256(digest::Context::new(&digest::SHA256));
    engine.precompile_compatibility_hash().hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

#[cfg(test)]
#[path = "precompiled/tests.rs"]
mod tests;
