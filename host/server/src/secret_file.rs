//! Files with secrets: read only when nobody else can read them, made so that nobody else ever could.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use zeroize::Zeroizing;

use crate::config::finding::Finding;

/// The largest secret taken.
const MAX_BYTES: u64 = 64 * 1024;

/// Reads a secret that group and others cannot read.
pub(crate) fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, Finding> {
    let refused = |problem: String, fix: String| Finding::error("file", path.display(), problem, fix);
    let unreadable = |error: io::Error| {
        refused(
            format!("the file cannot be read: {error}"),
            "make it readable for the server's user".to_owned(),
        )
    };
    let metadata = fs::metadata(path).map_err(unreadable)?;
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(Finding::error(
            "insecure",
            path.display(),
            format!("the file holds a secret and has mode {mode:03o}, so that others may read it"),
            format!("run: chmod 600 {}", path.display()),
        ));
    }
    if !metadata.is_file() || metadata.size() > MAX_BYTES {
        return Err(refused(
            format!("this is no file of at most {MAX_BYTES} bytes"),
            "name the file that holds the secret".to_owned(),
        ));
    }
    fs::read(path).map(Zeroizing::new).map_err(unreadable)
}

/// Makes a new file with mode 0600 and has it on the disk before it returns. A file that is there is an error.
pub(crate) fn create(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(content)?;
    file.sync_all()?;
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(directory)?.sync_all()
}

/// Makes or replaces a file with mode 0600; a reader sees the old content or the new one whole.
pub(crate) fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.unfinished", std::process::id()));
    let unfinished = path.with_file_name(name);
    create(&unfinished, content)?;
    fs::rename(&unfinished, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_that_others_may_read_is_refused_with_the_command_that_mends_it() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("secret");
        create(&path, b"x").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(read(&path).unwrap().as_slice(), b"x");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let finding = read(&path).unwrap_err();
        assert_eq!(finding.code, "insecure");
        assert!(finding.fix.contains("chmod 600"), "{finding}");
    }

    #[test]
    fn a_secret_is_never_written_over_by_create() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("secret");
        create(&path, b"first").unwrap();
        assert!(create(&path, b"second").is_err());
        replace(&path, b"third").unwrap();
        assert_eq!(read(&path).unwrap().as_slice(), b"third");
    }
}
