//! Opening a directory: who may read it, who else has it open, and whether the last stop was a clean one.

use std::fs::{DirBuilder, File};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use esignet_protocol::word::time::Timestamp;

use super::writer::commit;

/// Far above what a page of the largest values takes, so that sled keeps none outside the file that is synced.
const SEGMENT: usize = 2 * 1024 * 1024;

/// How much of the file is kept in memory.
const CACHE: u64 = 64 * 1024 * 1024;

/// The layout of keys and trees that this release writes.
const FORMAT: u8 = 1;

/// How often a lock is tried again: a predecessor that is just ending lets go within this time.
const LOCK_TRIES: u32 = 20;
const LOCK_PAUSE: Duration = Duration::from_millis(50);

const FORMAT_KEY: &str = "format";
const EPOCH_KEY: &str = "epoch";
/// How far ahead of ours the clock may be of whoever made an identifier, in seconds (`protocol.md` 18 and 37).
const CLOCK_SKEW: u64 = 10;
const SINCE_KEY: &str = "remembers since";
const SWEPT_KEY: &str = "swept until";
const RUNNING_KEY: &str = "running";

/// Why a store did not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is something else.
    #[error(
        "the store cannot be at {0}: it is not a directory; name a directory or a path that does not exist yet"
    )]
    NotADirectory(PathBuf),
    /// Others may read it.
    #[error("the store at {path} has mode {mode:03o}, so that others may read it; run `chmod 700 {path}`")]
    Permissions {
        /// Where.
        path: PathBuf,
        /// What it is now.
        mode: u32,
    },
    /// Another process has it.
    #[error("the store at {0} is open in another process; stop that one, or name another directory")]
    Locked(PathBuf),
    /// A later release wrote it.
    #[error(
        "the store at {path} has format {found}, but this release reads format {FORMAT}; run a later release"
    )]
    LaterFormat {
        /// Where.
        path: PathBuf,
        /// What it says.
        found: u8,
    },
    /// It was sealed under another key.
    #[error(
        "the store {0} was sealed under another sealing key; start with that key, or name an empty directory"
    )]
    WrongSealingKey(String),
    /// The file system or sled refused.
    #[error("the store at {path} cannot be opened: {reason}")]
    Unreadable {
        /// Where.
        path: PathBuf,
        /// What it said.
        reason: String,
    },
}

/// What opening found.
pub(super) struct Opened {
    pub(super) db: ::sled::Db,
    pub(super) meta: ::sled::Tree,
    pub(super) file: File,
    pub(super) epoch: u64,
    pub(super) since: Timestamp,
    pub(super) swept_until: Timestamp,
}

/// Opens or creates the store and marks it as running. After an unclean stop the store gets a new epoch and remembers
/// used identifiers only from `now` on.
pub(super) fn open(path: &Path, now: Timestamp) -> Result<Opened, OpenError> {
    let unreadable = |reason: String| OpenError::Unreadable { path: path.to_owned(), reason };
    let io = |error: std::io::Error| unreadable(error.to_string());
    let sled = |error: ::sled::Error| unreadable(error.to_string());

    let created = directory(path)?;
    let db = locked(path)?;
    let file = File::open(path.join("db")).map_err(io)?;
    let meta = db.open_tree("meta").map_err(sled)?;
    let number = |key: &str| -> Result<Option<u64>, OpenError> {
        let found = meta.get(key).map_err(sled)?;
        let number = found.map(|bytes| <[u8; 8]>::try_from(bytes.as_ref()).map(u64::from_be_bytes));
        number
            .transpose()
            .map_err(|_| unreadable(format!("its entry `{key}` is damaged; restore it from a backup")))
    };

    match meta.get(FORMAT_KEY).map_err(sled)?.as_deref() {
        None | Some([FORMAT]) => {}
        Some(other) => {
            let found = other.first().copied().unwrap_or_default();
            return Err(OpenError::LaterFormat { path: path.to_owned(), found });
        }
    }
    let clean = !meta.contains_key(RUNNING_KEY).map_err(sled)?;
    let kept = number(EPOCH_KEY)?.zip(number(SINCE_KEY)?).filter(|_| clean);
    let (epoch, since) = match kept {
        Some((epoch, since)) => (epoch, Timestamp(since)),
        // What was buffered is gone: nobody can say what was used by then, by a clock that may be ahead of ours.
        None if meta.contains_key(EPOCH_KEY).map_err(sled)? => (random(path)?, now.plus(CLOCK_SKEW)),
        None => (random(path)?, now),
    };

    meta.insert(FORMAT_KEY, &[FORMAT]).map_err(sled)?;
    meta.insert(EPOCH_KEY, &epoch.to_be_bytes()).map_err(sled)?;
    meta.insert(SINCE_KEY, &since.0.to_be_bytes()).map_err(sled)?;
    meta.insert(RUNNING_KEY, &[]).map_err(sled)?;
    commit(&db, &file).map_err(unreadable)?;
    if created {
        // The entries of new files survive a loss of power only when their directories are synced too.
        File::open(path).and_then(|directory| directory.sync_all()).map_err(io)?;
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(parent).and_then(|directory| directory.sync_all()).map_err(io)?;
    }

    let swept_until = Timestamp(number(SWEPT_KEY)?.unwrap_or_default());
    Ok(Opened { db, meta, file, epoch, since, swept_until })
}

/// Writes down that records of used identifiers up to this expiry are being swept, before they are.
pub(super) fn note_swept(meta: &::sled::Tree, until: Timestamp) -> ::sled::Result<()> {
    meta.insert(SWEPT_KEY, &until.0.to_be_bytes()).map(drop)
}

/// Takes back the mark of a running store. All else must be on the disk before, and this after.
pub(super) fn mark_stopped(meta: &::sled::Tree) -> ::sled::Result<()> {
    meta.remove(RUNNING_KEY).map(drop)
}

/// 64 random bits, never the number of lasting records.
pub(super) fn random(path: &Path) -> Result<u64, OpenError> {
    let mut bytes = [0; 8];
    let filled = aws_lc_rs::rand::fill(&mut bytes);
    filled.map_err(|_| OpenError::Unreadable {
        path: path.to_owned(),
        reason: "the system gives no random bytes".to_owned(),
    })?;
    Ok(u64::from_be_bytes(bytes).max(1))
}

/// Creates the directory, readable by nobody else, or checks the one that is there; tells whether it is new.
fn directory(path: &Path) -> Result<bool, OpenError> {
    let unreadable =
        |error: std::io::Error| OpenError::Unreadable { path: path.to_owned(), reason: error.to_string() };
    match std::fs::metadata(path) {
        Ok(found) if !found.is_dir() => Err(OpenError::NotADirectory(path.to_owned())),
        Ok(found) => {
            let mode = found.permissions().mode() & 0o777;
            if mode & 0o077 != 0 {
                return Err(OpenError::Permissions { path: path.to_owned(), mode });
            }
            Ok(!path.join("db").exists())
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(unreadable)?;
            Ok(true)
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotADirectory => {
            Err(OpenError::NotADirectory(path.to_owned()))
        }
        Err(error) => Err(unreadable(error)),
    }
}

/// Opens sled, waiting a little for a predecessor that is ending.
pub(super) fn locked(path: &Path) -> Result<::sled::Db, OpenError> {
    let config =
        ::sled::Config::new().path(path).segment_size(SEGMENT).cache_capacity(CACHE).flush_every_ms(None);
    for _ in 0..LOCK_TRIES {
        match config.open() {
            Ok(db) => return Ok(db),
            // sled tells a lock that is held from other failures only by its words.
            Err(::sled::Error::Io(error)) if error.to_string().contains("could not acquire lock") => {
                std::thread::sleep(LOCK_PAUSE);
            }
            Err(error) => {
                return Err(OpenError::Unreadable { path: path.to_owned(), reason: error.to_string() });
            }
        }
    }
    Err(OpenError::Locked(path.to_owned()))
}
