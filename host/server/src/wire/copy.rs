//! A copy of a store for a check to look at: opening a store writes to it, and a check changes nothing.

use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use esignet_store::OpenError;
use tempfile::TempDir;

/// The most that is copied: more may fill the directory for temporary files, and takes longer than a check may.
const MAX_BYTES: u64 = 256 * 1024 * 1024;
/// The file that whoever has the store open holds the lock of.
const LOCKED_FILE: &str = "db";

/// What came of it.
#[derive(Debug)]
pub(super) enum Copied {
    /// The copy, readable by nobody else and removed when this is dropped.
    Whole(TempDir),
    /// Another process has the store open.
    Held,
    /// It has so many bytes.
    TooLarge(u64),
}

/// Copies the store in a directory as no process is changing it.
pub(super) fn copy(directory: &Path) -> Result<Copied, OpenError> {
    let unreadable =
        |error: io::Error| OpenError::Unreadable { path: directory.to_owned(), reason: error.to_string() };
    let found = fs::metadata(directory).map_err(unreadable)?;
    if !found.is_dir() {
        return Err(OpenError::NotADirectory(directory.to_owned()));
    }
    let mode = found.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(OpenError::Permissions { path: directory.to_owned(), mode });
    }
    // Shared: a server that starts meanwhile waits its short while, and two checks do not see each other.
    let file = File::open(directory.join(LOCKED_FILE)).map_err(unreadable)?;
    match file.try_lock_shared() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(Copied::Held),
        Err(TryLockError::Error(error)) => return Err(unreadable(error)),
    }
    let bytes = size(directory).map_err(unreadable)?;
    if bytes > MAX_BYTES {
        return Ok(Copied::TooLarge(bytes));
    }
    let to = tempfile::Builder::new()
        .prefix("esignet-check-")
        .permissions(fs::Permissions::from_mode(0o700))
        .tempdir()
        .map_err(unreadable)?;
    all(directory, to.path()).map_err(unreadable)?;
    Ok(Copied::Whole(to))
}

/// The bytes of all files below.
fn size(directory: &Path) -> io::Result<u64> {
    let mut bytes = 0_u64;
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        let below = if metadata.is_dir() { size(&entry.path())? } else { metadata.len() };
        bytes = bytes.saturating_add(below);
    }
    Ok(bytes)
}

fn all(from: &Path, to: &Path) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if entry.metadata()?.is_dir() {
            fs::create_dir(&to)?;
            all(&from, &to)?;
        } else {
            fs::copy(&from, &to)?;
        }
    }
    Ok(())
}
