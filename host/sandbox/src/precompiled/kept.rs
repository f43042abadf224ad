//! What else is kept beside compiled code: the bytes of the present and the last good build of each plugin, by their
//! digest, and one note with a MAC that says which they are.

use std::collections::BTreeSet;
use std::fs;

use aws_lc_rs::hmac;

use super::{LEFT, Precompiled, message, replace};
use crate::component::Wasm;

const NOTE: &str = "standing.json";
const NOTE_MAC: &str = "standing.mac";

impl Precompiled {
    /// Keeps the bytes of a component. Without a directory nothing is kept, and nothing can be rolled back to after a start.
    pub(crate) fn keep_source(&self, wasm: &Wasm) {
        let digest = &wasm.digest;
        let Some(directory) = &self.directory else { return };
        let name = format!("{digest}.wasm");
        if directory.join(&name).exists() {
            return;
        }
        if let Err(error) = replace(directory, &name, &wasm.whole()) {
            tracing::warn!(directory = %directory.display(), %error, "the bytes of a plugin were not kept");
        }
    }

    /// The bytes that are kept under a digest, if they still have it.
    pub(crate) fn source(&self, digest: &str) -> Option<Wasm> {
        let bytes = fs::read(self.directory.as_ref()?.join(format!("{digest}.wasm"))).ok()?;
        Some(Wasm::of(bytes)).filter(|wasm| wasm.digest == digest)
    }

    /// Removes bytes of builds that are not among these and were kept a day ago.
    pub(crate) fn sweep_sources(&self, used: &BTreeSet<String>) {
        let entries = self.directory.iter().filter_map(|directory| fs::read_dir(directory).ok()).flatten();
        for entry in entries.flatten() {
            let name = entry.file_name();
            let digest = name.to_str().and_then(|name| name.strip_suffix(".wasm"));
            let age = entry.metadata().and_then(|about| about.modified()).map(|at| at.elapsed());
            let is_old = matches!(age, Ok(Ok(age)) if age > LEFT);
            if digest.is_some_and(|digest| digest.len() == 64 && !used.contains(digest)) && is_old {
                // What cannot be removed now goes with a later sweep.
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    /// The note, if it is ours.
    pub(crate) fn note(&self) -> Option<Vec<u8>> {
        let directory = self.directory.as_ref()?;
        let note = fs::read(directory.join(NOTE)).ok()?;
        let mac = fs::read(directory.join(NOTE_MAC)).unwrap_or_default();
        let is_ours = hmac::verify(&self.key, &message(NOTE, &note), &mac).is_ok();
        if !is_ours {
            tracing::warn!(directory = %directory.display(),
                "what was decided on plugins was not taken over: its MAC does not match");
        }
        is_ours.then_some(note)
    }

    /// Writes the note. A stop in between leaves one that is not ours, and nothing decided.
    pub(crate) fn write_note(&self, note: &[u8]) {
        let Some(directory) = &self.directory else { return };
        let mac = hmac::sign(&self.key, &message(NOTE, note));
        let written =
            replace(directory, NOTE, note).and_then(|()| replace(directory, NOTE_MAC, mac.as_ref()));
        if let Err(error) = written {
            tracing::error!(directory = %directory.display(), %error,
                "what was decided on plugins is not kept over a restart");
        }
    }

    /// Where orders of operators are left.
    pub(crate) fn directory(&self) -> Option<&std::path::Path> {
        self.directory.as_deref()
    }
}
