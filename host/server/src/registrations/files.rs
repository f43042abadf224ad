//! Registrations in files: all of them read before anything is done with one.

use std::path::{Path, PathBuf};

use crate::config::client_file::{self, Registration};
use crate::config::finding::Finding;

/// The registrations of files and directories, or everything that is wrong with them. One client stands in one file.
pub(crate) fn load(paths: &[PathBuf]) -> Result<Vec<Registration>, Vec<Finding>> {
    let mut findings = Vec::new();
    let mut read: Vec<(PathBuf, Registration)> = Vec::new();
    for path in paths {
        let files = if path.is_dir() { directory(path) } else { Ok(vec![path.clone()]) };
        for file in files.unwrap_or_else(|finding| {
            findings.push(finding);
            Vec::new()
        }) {
            match client_file::load(&file) {
                Ok(registration) => {
                    let id = &registration.client.client_id;
                    match read.iter().find(|(_, earlier)| earlier.client.client_id == *id) {
                        Some((earlier, _)) if *earlier == file => {}
                        Some((earlier, _)) => findings.push(twice(&file, earlier, &registration)),
                        None => read.push((file, registration)),
                    }
                }
                Err(all) => findings.extend(all),
            }
        }
    }
    if findings.is_empty() {
        Ok(read.into_iter().map(|(_, registration)| registration).collect())
    } else {
        Err(findings)
    }
}

/// The `.toml` and `.json` files of a directory, by name.
fn directory(directory: &Path) -> Result<Vec<PathBuf>, Finding> {
    let unreadable = |error: std::io::Error| {
        let fix = "make the directory readable, or correct its name";
        let problem = format!("the directory of clients cannot be listed: {error}");
        Finding::error("file", directory.display(), problem, fix)
    };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        if !hidden && path.extension().is_some_and(|end| end == "toml" || end == "json") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn twice(file: &Path, earlier: &Path, registration: &Registration) -> Finding {
    Finding::error(
        "client",
        file.display(),
        format!(
            "the client `{}` is declared in {} already",
            registration.client.client_id,
            earlier.display()
        ),
        "keep one of the two files",
    )
}
