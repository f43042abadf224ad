//! Walking a log from its first event to its last, without opening it: it may be a copy, or be written to meanwhile.

use std::io;
use std::path::{Path, PathBuf};

use esignet_protocol::audit::chain::{Hash, Recorded, origin};

use super::segment::{self, Header, Lines};

/// What a sound log has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// Its name.
    pub log: String,
    /// The first event that is there: 1, or later when older ones were removed by their bound.
    pub first: u64,
    /// The last.
    pub last: u64,
}

/// Where a chain breaks first, or why it cannot be walked.
#[derive(Debug, thiserror::Error)]
pub enum Break {
    /// There is no log.
    #[error("{0} has no audit log")]
    Nothing(PathBuf),
    /// A file is none of this log, or is not the one that must follow.
    #[error("{file}: {why}")]
    File {
        /// Which.
        file: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// An event is missing, changed, or out of its place.
    #[error("{file}: the chain breaks at event {sequence}: {why}")]
    Event {
        /// Which file.
        file: PathBuf,
        /// The number that should stand there.
        sequence: u64,
        /// What is wrong.
        why: &'static str,
    },
    /// The file system refused.
    #[error("the log cannot be read: {0}")]
    Io(#[from] io::Error),
}

/// What a walk comes by.
#[derive(Clone, Copy, Debug)]
pub enum Given<'a> {
    /// Where the log begins, or what is left of it.
    Beginning {
        /// The log.
        log: &'a str,
        /// The number of the first event.
        first: u64,
        /// The hash before it.
        previous: &'a Hash,
    },
    /// An event that follows the one before it.
    Event(&'a Recorded),
}

/// Walks the chain. A line that is still being written at the end is no break.
pub fn verify(directory: &Path) -> Result<Verified, Break> {
    walk(directory, |_| Ok(()))
}

/// Walks the chain and gives each event on the way, so that what was given before a break is sound.
pub fn events(directory: &Path, give: impl FnMut(Given<'_>) -> io::Result<()>) -> Result<Verified, Break> {
    walk(directory, give)
}

fn walk(directory: &Path, mut give: impl FnMut(Given<'_>) -> io::Result<()>) -> Result<Verified, Break> {
    let mut verified = Verified::default();
    let mut previous: Option<Hash> = None;
    for found in segment::list(directory)? {
        let file = segment::path(directory, found.first);
        let mut lines = Lines::open(&file, 0)?;
        let header = lines.header()?;
        let broken = |why: &str| Break::File { file: file.clone(), why: why.to_owned() };
        let header = header.ok_or_else(|| broken("its first line is not that of a log"))?;
        let mut hash = begin(&header, found.first, (&verified, previous)).map_err(broken)?;
        if previous.is_none() {
            give(Given::Beginning { log: &header.log, first: found.first, previous: &hash })?;
            verified = Verified { log: header.log, first: found.first, last: found.first - 1 };
        }
        while let Some(event) = lines.event()? {
            let sequence = verified.last + 1;
            let broken = |why| Break::Event { file: file.clone(), sequence, why };
            let event = event.map_err(|_| broken("the line is no event"))?;
            if event.sequence != sequence {
                return Err(broken("another number stands there"));
            }
            if !event.follows(&hash) {
                return Err(broken("its hash is not that of what it says after what is before it"));
            }
            give(Given::Event(&event))?;
            (hash, verified.last) = (event.hash, sequence);
        }
        previous = Some(hash);
    }
    if previous.is_none() { Err(Break::Nothing(directory.to_owned())) } else { Ok(verified) }
}

/// The hash before the first event of a file, if the file is the one that must be there.
fn begin(
    header: &Header,
    first: u64,
    (verified, previous): (&Verified, Option<Hash>),
) -> Result<Hash, &'static str> {
    let stated = header.previous().filter(|_| header.first == first);
    let stated = stated.ok_or("its first line does not fit its name")?;
    match previous {
        None if first == 1 && stated != origin(&header.log) => Err("it does not begin as a log does"),
        None => Ok(stated),
        Some(_) if header.log != verified.log => Err("it is of another log"),
        Some(_) if first != verified.last + 1 => Err("events before it are missing"),
        Some(previous) if previous != stated => Err("it does not follow the file before it"),
        Some(previous) => Ok(previous),
    }
}
