//! A file of the log: a line that says which log it is of and what came before, then a line of JSON for each event.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use esignet_protocol::audit::chain::{Hash, Recorded, hexadecimal};
use serde::{Deserialize, Serialize};

/// The form of files that this release writes.
const FORMAT: u8 = 1;
/// The longest line that is read: an event has at most some tens of attributes of 2 KiB.
const MAX_LINE: u64 = 256 * 1024;

/// The first line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Header {
    format: u8,
    /// Which log.
    pub(super) log: String,
    /// The number of the first event of the file.
    pub(super) first: u64,
    /// The hash before it.
    previous: String,
}

impl Header {
    pub(super) fn new(log: &str, first: u64, previous: &Hash) -> Self {
        Self { format: FORMAT, log: log.to_owned(), first, previous: hexadecimal::digits(previous) }
    }

    pub(super) fn previous(&self) -> Option<Hash> {
        hexadecimal::parse(&self.previous)
    }
}

/// A file of the log, by what is known of it.
#[derive(Clone, Debug)]
pub(super) struct Segment {
    /// The number of its first event.
    pub(super) first: u64,
    /// How long it is.
    pub(super) bytes: u64,
}

/// Its file. Names sort as numbers do.
pub(super) fn path(directory: &Path, first: u64) -> PathBuf {
    directory.join(format!("{first:020}.log"))
}

/// The files of a directory by the number of their first events.
pub(super) fn list(directory: &Path) -> io::Result<Vec<Segment>> {
    let mut segments = Vec::new();
    for entry in std::fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name();
        let first =
            name.to_str().and_then(|name| name.strip_suffix(".log")).and_then(|first| first.parse().ok());
        if let Some(first) = first {
            segments.push(Segment { first, bytes: entry.metadata()?.len() });
        }
    }
    segments.sort_by_key(|segment| segment.first);
    Ok(segments)
}

/// Makes the file of a segment, with its first line, on the disk when it returns.
pub(super) fn create(directory: &Path, header: &Header) -> io::Result<(File, u64)> {
    let path = path(directory, header.first);
    let mut file = OpenOptions::new().append(true).create_new(true).mode(0o600).open(path)?;
    let line = line(header)?;
    file.write_all(&line)?;
    file.sync_all()?;
    File::open(directory)?.sync_all()?;
    Ok((file, line.len() as u64))
}

/// Opens the file of the last segment to go on with it.
pub(super) fn append(directory: &Path, first: u64) -> io::Result<File> {
    OpenOptions::new().append(true).open(path(directory, first))
}

/// A line of JSON.
pub(super) fn line(value: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    Ok(line)
}

/// Reads the lines of one file.
pub(super) struct Lines {
    reader: BufReader<File>,
    /// Where the next line begins.
    pub(super) offset: u64,
}

/// What stands at one place of a file.
pub(super) enum Line {
    /// A whole line.
    Whole(Vec<u8>),
    /// The end of the file, with what was written of another line, if anything.
    End,
}

impl Lines {
    pub(super) fn open(path: &Path, offset: u64) -> io::Result<Self> {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(offset))?;
        Ok(Self { reader: BufReader::new(file), offset })
    }

    pub(super) fn next(&mut self) -> io::Result<Line> {
        let mut line = Vec::new();
        let read = self.reader.by_ref().take(MAX_LINE).read_until(b'\n', &mut line)?;
        if line.pop() != Some(b'\n') {
            return Ok(Line::End);
        }
        self.offset += read as u64;
        Ok(Line::Whole(line))
    }

    /// The first line of the file.
    pub(super) fn header(&mut self) -> io::Result<Option<Header>> {
        let Line::Whole(line) = self.next()? else { return Ok(None) };
        let header: Option<Header> = serde_json::from_slice(&line).ok();
        Ok(header.filter(|header| header.format == FORMAT))
    }

    /// The next event: an error inside is a line that is none.
    pub(super) fn event(&mut self) -> io::Result<Option<Result<Recorded, NoEvent>>> {
        match self.next()? {
            Line::Whole(line) => Ok(Some(serde_json::from_slice(&line).map_err(|_| NoEvent))),
            Line::End => Ok(None),
        }
    }
}

/// A line is no event.
#[derive(Clone, Copy, Debug)]
pub(super) struct NoEvent;
