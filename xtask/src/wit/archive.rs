//! `wit/archive`: the released versions of the contract, each as it was, and a list of digests that says whether it still is.
//!
//! | File | Holds |
//! |---|---|
//! | `VERSION/` | the contract of that version: `plugin.wit`, and what it draws on in `deps/` |
//! | `digests` | a line for each file of it: SHA-256 and path. Lines are added, never changed or removed |
//! | `lines` | a line of text for each line of versions, the newest last: its name, and the day of its first release, or `draft` |

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use semver::Version;
use sha2::{Digest, Sha256};

use super::compare::line;
use super::contract::Contract;

const DIGESTS: &str = "digests";
const LINES: &str = "lines";
const DRAFT: &str = "draft";

/// The archive.
pub(super) struct Archive {
    directory: PathBuf,
}

impl Archive {
    pub(super) const fn at(directory: PathBuf) -> Self {
        Self { directory }
    }

    /// The released versions, oldest first.
    pub(super) fn versions(&self) -> Result<BTreeMap<Version, Contract>> {
        let mut versions = BTreeMap::new();
        for name in self.directories()? {
            let version: Version =
                name.parse().with_context(|| format!("wit/archive/{name} is not named after a version"))?;
            versions.insert(version, Contract::read(&self.directory.join(&name))?);
        }
        Ok(versions)
    }

    /// What is not as it was when it was released.
    pub(super) fn disturbed(&self) -> Result<Vec<String>> {
        let (listed, present) = (self.listed()?, self.present()?);
        let mut found = Vec::new();
        for (path, digest) in &listed {
            match present.get(path) {
                None => found.push(format!(
                    "archive-lost: wit/archive/{path}: it is not there any more\n    fix: put it back from history: \
                     a released version stays as it was"
                )),
                Some(now) if now != digest => found.push(format!(
                    "archive-changed: wit/archive/{path}: it is not what was released\n    fix: put it back from \
                     history: what should be different is a new version"
                )),
                Some(_) => {}
            }
        }
        let unlisted = present.keys().filter(|path| !listed.contains_key(*path));
        found.extend(unlisted.map(|path| {
            format!(
                "archive-unlisted: wit/archive/{path}: no digest of it is in wit/archive/{DIGESTS}\n    fix: remove \
                 it: versions come here by `cargo xtask wit freeze VERSION` alone"
            )
        }));
        Ok(found)
    }

    /// Makes the present contract a released version. Nothing that is there is written again.
    pub(super) fn freeze(&self, contract: &Path, version: &Version, today: &str) -> Result<usize> {
        let into = self.directory.join(version.to_string());
        if into.exists() {
            bail!("wit/archive/{version} is there: a released version never changes");
        }
        let present = Contract::read(contract)?;
        if present.version()? != version {
            bail!("the contract is {}: esignet:plugin in wit/plugin.wit says so", present.version()?);
        }
        let lines = self.released(version, today)?;
        let files = files_of(contract, &["archive"])?;
        for (path, bytes) in &files {
            let file = into.join(path);
            fs::create_dir_all(file.parent().unwrap_or(&into))?;
            fs::write(&file, bytes).with_context(|| format!("{} cannot be written", file.display()))?;
        }
        let mut digests = self.listed()?;
        digests.extend(files.iter().map(|(path, bytes)| (format!("{version}/{path}"), digest(bytes))));
        let text =
            digests.iter().map(|(path, digest)| format!("{digest}  {path}\n")).collect::<Vec<_>>().concat();
        fs::write(self.directory.join(DIGESTS), text)?;
        fs::write(self.directory.join(LINES), lines)?;
        Ok(files.len())
    }

    /// The list of lines with the line of this version released, today if it was not before.
    fn released(&self, version: &Version, today: &str) -> Result<String> {
        let text =
            fs::read_to_string(self.directory.join(LINES)).context("wit/archive/lines cannot be read")?;
        let (of, mut is_there) = (line(version), false);
        let lines = text.lines().map(|row| match row.split_once(' ') {
            Some((name, day)) if name == of => {
                is_there = true;
                format!("{name} {}\n", if day == DRAFT { today } else { day })
            }
            Some(_) | None => format!("{row}\n"),
        });
        let lines: String = lines.collect();
        if !is_there {
            bail!("wit/archive/lines has no line {of}: add `{of} {DRAFT}` at its end");
        }
        Ok(lines)
    }

    /// What there is, in a sentence.
    pub(super) fn kept(&self) -> Result<String> {
        let versions: Vec<String> = self.versions()?.keys().map(ToString::to_string).collect();
        Ok(match versions.as_slice() {
            [] => {
                "no version of the contract is released yet: it is a draft, and promises nothing".to_owned()
            }
            versions => format!("the contract keeps what these versions promised: {}", versions.join(", ")),
        })
    }

    fn directories(&self) -> Result<Vec<String>> {
        let mut names = Vec::new();
        if !self.directory.is_dir() {
            return Ok(names);
        }
        for entry in fs::read_dir(&self.directory)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                names.push(entry.file_name().to_string_lossy().into_owned());
            }
        }
        Ok(names)
    }

    /// Digests by path, as they were written down.
    fn listed(&self) -> Result<BTreeMap<String, String>> {
        let text = match fs::read_to_string(self.directory.join(DIGESTS)) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
            Err(error) => return Err(error).context("wit/archive/digests cannot be read"),
        };
        let row = |row: &str| {
            let (digest, path) =
                row.split_once("  ").with_context(|| format!("{row:?} is no digest and path"))?;
            Ok((path.to_owned(), digest.to_owned()))
        };
        text.lines().map(row).collect()
    }

    /// Digests by path, as they are.
    fn present(&self) -> Result<BTreeMap<String, String>> {
        let mut present = BTreeMap::new();
        for name in self.directories()? {
            let files = files_of(&self.directory.join(&name), &[])?;
            present.extend(files.iter().map(|(path, bytes)| (format!("{name}/{path}"), digest(bytes))));
        }
        Ok(present)
    }
}

/// SHA-256 in lower-case hexadecimal.
pub(super) fn digest(bytes: &[u8]) -> String {
    let digit = |four: u8| char::from_digit(u32::from(four), 16).unwrap_or('0');
    Sha256::digest(bytes).iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// All files below a directory but for these in it, by path.
fn files_of(directory: &Path, but: &[&str]) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    let entries =
        fs::read_dir(directory).with_context(|| format!("{} cannot be read", directory.display()))?;
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if but.contains(&name.as_str()) {
            continue;
        }
        if entry.file_type()?.is_dir() {
            let below = files_of(&entry.path(), &[])?;
            files.extend(below.into_iter().map(|(path, bytes)| (format!("{name}/{path}"), bytes)));
        } else {
            files.insert(name, fs::read(entry.path())?);
        }
    }
    Ok(files)
}

/// The day, `2027-01-15`.
pub(super) fn today() -> Result<String> {
    let date = Command::new("date").args(["-u", "+%Y-%m-%d"]).output().context("date cannot be run")?;
    Ok(String::from_utf8_lossy(&date.stdout).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: &str = "package esignet:host@0.1.0;\ninterface clock { now: func() -> u64; }\n";

    fn contract(directory: &Path) -> (PathBuf, Archive) {
        let wit = directory.join("wit");
        fs::create_dir_all(wit.join("deps/host")).unwrap();
        fs::create_dir_all(wit.join("archive")).unwrap();
        fs::write(wit.join("deps/host/host.wit"), HOST).unwrap();
        let plugin = "package esignet:plugin@0.1.0;\nworld p { import esignet:host/clock@0.1.0; }\n";
        fs::write(wit.join("plugin.wit"), plugin).unwrap();
        fs::write(wit.join("archive/lines"), "0.1 draft\n").unwrap();
        (wit.clone(), Archive::at(wit.join("archive")))
    }

    fn freeze(wit: &Path, archive: &Archive, version: &str) -> Result<usize> {
        archive.freeze(wit, &version.parse().unwrap(), "2027-01-15")
    }

    #[test]
    fn a_version_is_frozen_once_whole_and_under_its_own_name() {
        let directory = tempfile::tempdir().unwrap();
        let (wit, archive) = contract(directory.path());
        assert!(freeze(&wit, &archive, "0.1.1").unwrap_err().to_string().contains("the contract is 0.1.0"));
        assert_eq!(freeze(&wit, &archive, "0.1.0").unwrap(), 2);
        assert!(freeze(&wit, &archive, "0.1.0").unwrap_err().to_string().contains("never changes"));
        assert_eq!(fs::read_to_string(wit.join("archive/lines")).unwrap(), "0.1 2027-01-15\n");
        assert_eq!(archive.versions().unwrap().len(), 1);
        assert!(archive.disturbed().unwrap().is_empty());
    }

    #[test]
    fn whatever_happens_to_a_frozen_file_is_told() {
        for (change, told) in [
            (
                Box::new(|file: &Path| fs::write(file, format!("{HOST} ")).unwrap()) as Box<dyn Fn(&Path)>,
                "archive-changed",
            ),
            (Box::new(|file: &Path| fs::remove_file(file).unwrap()), "archive-lost"),
            (
                Box::new(|file: &Path| fs::write(file.with_file_name("more.wit"), HOST).unwrap()),
                "archive-unlisted",
            ),
        ] {
            let directory = tempfile::tempdir().unwrap();
            let (wit, archive) = contract(directory.path());
            freeze(&wit, &archive, "0.1.0").unwrap();
            change(&wit.join("archive/0.1.0/deps/host/host.wit"));
            let found = archive.disturbed().unwrap();
            assert_eq!(found.len(), 1, "{found:?}");
            assert!(found[0].starts_with(told), "{found:?}");
        }
    }

    #[test]
    fn a_version_of_a_line_that_nobody_announced_is_not_frozen() {
        let directory = tempfile::tempdir().unwrap();
        let (wit, archive) = contract(directory.path());
        fs::write(wit.join("archive/lines"), "0.2 draft\n").unwrap();
        assert!(freeze(&wit, &archive, "0.1.0").unwrap_err().to_string().contains("add `0.1 draft`"));
        assert!(!wit.join("archive/0.1.0").exists());
    }
}
