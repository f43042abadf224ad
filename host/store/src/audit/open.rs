//! Opening a log: nobody else has it, it goes on where it ended, and what an unclean stop tore is set aside.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use esignet_jose::digest::encode_base64url;
use esignet_protocol::audit::chain::{Hash, origin};

use super::places::Places;
use super::segment::{self, Header, Line, Lines, Segment};

/// Why a log did not open.
#[derive(Debug, thiserror::Error)]
pub enum AuditOpenError {
    /// Another process has it.
    #[error("the audit log at {0} is open in another process; stop that one, or name another directory")]
    Locked(PathBuf),
    /// Others may read it.
    #[error(
        "the audit log at {path} has mode {mode:03o}, so that others may read it; run `chmod 700 {path}`"
    )]
    Permissions {
        /// Where.
        path: PathBuf,
        /// What it is now.
        mode: u32,
    },
    /// A file of it is not what was written.
    #[error(
        "the audit log at {path} is damaged: {reason}; restore it from a backup, or move it away and begin a new one"
    )]
    Damaged {
        /// Where.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The file system refused.
    #[error(
        "the audit log at {path} cannot be opened: {source}; see that the directory belongs to the server's user"
    )]
    Io {
        /// Where.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
}

/// What opening found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Opened {
    /// How many bytes at the end were no whole events, and were set aside.
    pub set_aside: u64,
}

/// A log as it was left.
pub(super) struct Found {
    pub(super) id: String,
    pub(super) segments: Vec<Segment>,
    pub(super) file: File,
    pub(super) next: u64,
    pub(super) previous: Hash,
    pub(super) places: Places,
    pub(super) opened: Opened,
    /// Held for as long as the log is open.
    pub(super) lock: File,
}

pub(super) fn open(directory: &Path) -> Result<Found, AuditOpenError> {
    let io = |source: io::Error| AuditOpenError::Io { path: directory.to_owned(), source };
    make(directory)?;
    let lock = lock(directory)?;
    let places = Places::read(directory).map_err(io)?;
    let mut segments = segment::list(directory).map_err(io)?;
    // A file without its whole first line was about to begin when the process stopped.
    while let Some(last) = segments.last()
        && (segments.len() > 1 || last.first == 1)
        && last.bytes < HEADER_BYTES
        && header(directory, last.first).map_err(io)?.is_none()
    {
        std::fs::remove_file(segment::path(directory, last.first)).map_err(io)?;
        segments.pop();
    }
    let found = match segments.pop() {
        None => begin(directory, places)?,
        Some(last) => go_on(directory, (segments, last), places)?,
    };
    let (id, segments, file, (next, previous), places, opened) = found;
    if let Some((sink, place)) = places.0.iter().find(|(_, place)| **place >= next) {
        return Err(AuditOpenError::Damaged {
            path: directory.to_owned(),
            reason: format!("it ends at event {}, and the sink {sink} already has event {place}", next - 1),
        });
    }
    Ok(Found { id, segments, file, next, previous, places, opened, lock })
}

/// A first line is shorter than this.
const HEADER_BYTES: u64 = 512;

fn header(directory: &Path, first: u64) -> io::Result<Option<Header>> {
    Lines::open(&segment::path(directory, first), 0)?.header()
}

type Parts = (String, Vec<Segment>, File, (u64, Hash), Places, Opened);

fn begin(directory: &Path, places: Places) -> Result<Parts, AuditOpenError> {
    let io = |source: io::Error| AuditOpenError::Io { path: directory.to_owned(), source };
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes)
        .map_err(|_| io(io::Error::other("the system gives no random bytes")))?;
    let id = encode_base64url(bytes);
    let previous = origin(&id);
    let (file, bytes) = segment::create(directory, &Header::new(&id, 1, &previous)).map_err(io)?;
    Ok((id, vec![Segment { first: 1, bytes }], file, (1, previous), places, Opened::default()))
}

/// Walks the last file to its last whole event.
fn go_on(
    directory: &Path,
    (mut segments, last): (Vec<Segment>, Segment),
    places: Places,
) -> Result<Parts, AuditOpenError> {
    let io = |source: io::Error| AuditOpenError::Io { path: directory.to_owned(), source };
    let damaged = |reason: String| AuditOpenError::Damaged { path: directory.to_owned(), reason };
    let path = segment::path(directory, last.first);
    let mut lines = Lines::open(&path, 0).map_err(io)?;
    let header = lines.header().map_err(io)?;
    let header = header.filter(|header| header.first == last.first);
    let previous = header.as_ref().and_then(Header::previous);
    let (Some(header), Some(mut previous)) = (header, previous) else {
        return Err(damaged(format!("the first line of {} is not that of a log", path.display())));
    };
    let (mut next, mut good) = (last.first, lines.offset);
    // What is behind the last good event was never said to be on the disk, or somebody changed it: the chain, which the
    // next event goes on, says that something was set aside.
    while let Line::Whole(line) = lines.next().map_err(io)? {
        let event = serde_json::from_slice::<esignet_protocol::audit::chain::Recorded>(&line).ok();
        let Some(event) = event.filter(|event| event.sequence == next && event.follows(&previous)) else {
            break;
        };
        (previous, next, good) = (event.hash, next + 1, lines.offset);
    }
    let set_aside = last.bytes.saturating_sub(good);
    if set_aside > 0 {
        set_tail_aside(&path, good).map_err(io)?;
    }
    let file = segment::append(directory, last.first).map_err(io)?;
    segments.push(Segment { first: last.first, bytes: good });
    Ok((header.log, segments, file, (next, previous), places, Opened { set_aside }))
}

/// Moves what is behind `good` into a file of its own.
fn set_tail_aside(path: &Path, good: u64) -> io::Result<()> {
    let mut file = OpenOptions::new().read(true).write(true).open(path)?;
    file.seek(SeekFrom::Start(good))?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail)?;
    let aside = path.with_extension(format!("torn-{good}"));
    let mut kept = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(aside)?;
    kept.write_all(&tail)?;
    kept.sync_all()?;
    file.set_len(good)?;
    file.sync_all()
}

fn make(directory: &Path) -> Result<(), AuditOpenError> {
    let io = |source: io::Error| AuditOpenError::Io { path: directory.to_owned(), source };
    match std::fs::metadata(directory) {
        Ok(found) => {
            let mode = found.permissions().mode() & 0o777;
            if mode & 0o077 != 0 {
                return Err(AuditOpenError::Permissions { path: directory.to_owned(), mode });
            }
            Ok(())
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(io)?;
            let parent = directory.parent().filter(|parent| !parent.as_os_str().is_empty());
            File::open(parent.unwrap_or(Path::new("."))).and_then(|parent| parent.sync_all()).map_err(io)
        }
        Err(error) => Err(io(error)),
    }
}

fn lock(directory: &Path) -> Result<File, AuditOpenError> {
    let io = |source: io::Error| AuditOpenError::Io { path: directory.to_owned(), source };
    let path = directory.join("lock");
    let file =
        OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path).map_err(io)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(AuditOpenError::Locked(directory.to_owned())),
        Err(TryLockError::Error(source)) => Err(io(source)),
    }
}
