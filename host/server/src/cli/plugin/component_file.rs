//! A component on the disk, taken apart and put together again.

use std::fs::{self, File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::path::Path;

use esignet_sandbox::signature::minisign::UnverifiedSignature;
use esignet_sandbox::signature::section;

use super::refused;
use crate::config::finding::Finding;

/// The largest file, as for the server.
const MAX_BYTES: u64 = 64 << 20;

/// A component and its signatures.
pub(super) struct ComponentFile {
    /// Everything but the signatures.
    pub(super) signed: Vec<u8>,
    /// The signatures, which nobody has verified.
    pub(super) signatures: Vec<UnverifiedSignature>,
}

impl ComponentFile {
    /// Reads it.
    pub(super) fn read(path: &Path) -> Result<Self, Finding> {
        let unreadable = |error: std::io::Error| {
            refused(path, &format!("the file cannot be read: {error}"), "name a plugin, NAME.wasm")
        };
        let mut bytes = Vec::new();
        File::open(path)
            .map_err(unreadable)?
            .take(MAX_BYTES + 1)
            .read_to_end(&mut bytes)
            .map_err(unreadable)?;
        if bytes.len() as u64 > MAX_BYTES {
            return Err(refused(
                path,
                "the file is larger than 64 MiB",
                "no server takes it; make it smaller",
            ));
        }
        if !matches!(bytes.get(..8), Some([0, b'a', b's', b'm', _, _, 1, 0])) {
            return Err(refused(path, "this is no WebAssembly component", "name a plugin, NAME.wasm"));
        }
        let again = "build it, or get it from its publisher, again";
        let split = section::split(&bytes).map_err(|error| refused(path, &error.to_string(), again))?;
        let signatures = split.signatures.iter().map(|text| UnverifiedSignature::parse(text));
        let signatures = signatures.collect::<Result<_, _>>().map_err(|error| {
            refused(path, &format!("a section esignet:signature holds no signature: {error}"), again)
        })?;
        Ok(Self { signed: split.signed.to_vec(), signatures })
    }

    /// Adds a signature, in place of those of the same key.
    pub(super) fn put(&mut self, signature: UnverifiedSignature) {
        self.signatures.retain(|other| other.key_id() != signature.key_id());
        self.signatures.push(signature);
    }

    /// Puts it in place of the file whole, with the file's permissions: a server that looks sees the old one or the new.
    pub(super) fn replace(&self, path: &Path) -> Result<(), Finding> {
        if self.signatures.len() > section::MAX_SIGNATURES {
            let problem = format!("there would be more than {} signatures", section::MAX_SIGNATURES);
            return Err(refused(path, &problem, "begin with a component that fewer have signed"));
        }
        let texts: Vec<String> = self.signatures.iter().map(ToString::to_string).collect();
        let bytes = section::append(&self.signed, &texts);
        put(path, &bytes).map_err(|error| {
            refused(path, &format!("the file cannot be written: {error}"), "copy it to where you may write")
        })
    }
}

fn put(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let permissions = fs::metadata(path)?.permissions();
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}.unfinished", std::process::id()));
    let draft = path.with_file_name(name);
    let write = || {
        let mut file = OpenOptions::new().write(true).create_new(true).open(&draft)?;
        file.write_all(bytes)?;
        file.set_permissions(permissions)?;
        file.sync_all()?;
        fs::rename(&draft, path)
    };
    write().inspect_err(|_| {
        // What cannot be removed is a hidden file that no server loads.
        let _ = fs::remove_file(&draft);
    })
}
