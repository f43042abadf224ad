//! A value from a file that is read anew when the file has changed, so that an operator can exchange a secret while the
//! server runs.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::config::finding::Finding;

/// How a file becomes a value.
type Read<T> = Box<dyn Fn(&Path) -> Result<T, Finding> + Send + Sync>;

/// What a file says. While it cannot be read the last value stays, and the log says so once.
pub(crate) struct Watched<T> {
    file: PathBuf,
    read: Read<T>,
    held: Mutex<(Stamp, Arc<T>)>,
}

/// What is another one when a file was written, replaced or given other permissions; `None` when there is no file.
pub(crate) type Stamp = Option<[i64; 5]>;

impl<T> Watched<T> {
    /// Reads the file for the first time.
    pub(crate) fn open(
        file: &Path,
        read: impl Fn(&Path) -> Result<T, Finding> + Send + Sync + 'static,
    ) -> Result<Self, Finding> {
        // The stamp comes first: a change between the two is read again.
        let (stamp, value) = (stamp(file), read(file)?);
        Ok(Self { file: file.to_owned(), read: Box::new(read), held: Mutex::new((stamp, Arc::new(value))) })
    }

    /// The value as the file says it now. It is the same allocation until the file changes.
    ///
    /// To look at a file's metadata takes a microsecond or two, less than handing it to another thread.
    pub(crate) fn current(&self) -> Arc<T> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let stamp = stamp(&self.file);
        if held.0 != stamp {
            held.0 = stamp;
            match (self.read)(&self.file) {
                Ok(value) => {
                    held.1 = Arc::new(value);
                    tracing::info!(file = %self.file.display(), "egress: the file changed and was read anew");
                }
                Err(Finding { problem, .. }) => tracing::warn!(
                    file = %self.file.display(),
                    problem,
                    "egress: the file changed and cannot be used; what it said before stays in use"
                ),
            }
        }
        Arc::clone(&held.1)
    }
}

/// How a file looks now.
pub(crate) fn stamp(file: &Path) -> Stamp {
    let metadata = fs::metadata(file).ok()?;
    let inode = i64::from_ne_bytes(metadata.ino().to_ne_bytes());
    Some([inode, metadata.mtime(), metadata.mtime_nsec(), metadata.ctime(), metadata.ctime_nsec()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret_file;

    #[test]
    fn a_file_that_is_exchanged_is_read_anew_and_one_that_is_gone_leaves_its_value() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("token");
        secret_file::create(&file, b"first").unwrap();
        let watched = Watched::open(&file, |file| secret_file::read(file).map(|read| read.to_vec())).unwrap();
        assert!(Arc::ptr_eq(&watched.current(), &watched.current()));
        secret_file::replace(&file, b"other").unwrap();
        assert_eq!(*watched.current(), b"other");
        fs::remove_file(&file).unwrap();
        assert_eq!(*watched.current(), b"other");
        fs::write(&file, b"third").unwrap();
        assert_eq!(*watched.current(), b"other", "others may read it");
        fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        assert_eq!(*watched.current(), b"third");
    }
}
