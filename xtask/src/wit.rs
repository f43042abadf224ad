//! `cargo xtask wit`: what the contract with plugins promises, and whether it is kept (ADR 0099); and `cargo xtask docs`, the
//! reference made of it.
//!
//! | What | File |
//! |---|---|
//! | the contract, read | `wit/contract.rs`, `wit/text.rs` |
//! | a released version and the present one, compared | `wit/compare.rs` |
//! | released versions, and that nobody touches them | `wit/archive.rs` |
//! | components that must keep running | `wit/corpus.rs` |
//! | the reference | `wit/reference.rs` |

mod archive;
mod compare;
mod contract;
mod corpus;
mod reference;
mod text;

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::workspace;
use archive::Archive;
use contract::Contract;

/// The command's arguments.
pub(crate) const ARGUMENTS: &str = "check | freeze VERSION | corpus";

/// The contract that is worked on.
fn directory() -> PathBuf {
    workspace::root().join("wit")
}

/// The command.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let archive = Archive::at(directory().join("archive"));
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["check"] => {
            let found = check(&archive)?;
            if found.is_empty() {
                println!("{}", archive.kept()?);
                return Ok(());
            }
            bail!("the contract breaks what it promised:\n\n{}\n", found.join("\n\n"))
        }
        ["freeze", version] => {
            let found = check(&archive)?;
            if !found.is_empty() {
                bail!("nothing is frozen that breaks what was promised before:\n\n{}\n", found.join("\n\n"));
            }
            let version = version.parse().with_context(|| format!("{version} is no version"))?;
            let files = archive.freeze(&directory(), &version, &archive::today()?)?;
            println!("wit/archive/{version} has {files} files, and never changes again; commit it, and");
            println!("`cargo xtask wit corpus` keeps components that were built against it");
            Ok(())
        }
        ["corpus"] => corpus::keep(&archive),
        _ => bail!("say what: {ARGUMENTS}"),
    }
}

/// Everything that is wrong with the archive, and every promise of it that the present contract breaks.
fn check(archive: &Archive) -> Result<Vec<String>> {
    let mut found = archive.disturbed()?;
    let present = Contract::read(&directory())?;
    for (version, frozen) in archive.versions()? {
        let broken = compare::compare(&frozen, &present);
        found.extend(broken.iter().map(|broken| format!("{version}: {broken}")));
    }
    Ok(found)
}

/// `cargo xtask docs`: writes the reference, or with `--check` says what of it is stale.
pub(crate) fn docs(arguments: &[String]) -> Result<()> {
    let contract = Contract::read(&directory())?;
    let (pages, bare) = (reference::pages(&contract), reference::bare(&contract));
    if !bare.is_empty() {
        bail!("without a word of documentation in wit/: {}", bare.join(", "));
    }
    let below = workspace::root().join(reference::DIRECTORY);
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => {
            let written = reference::write(&below, &pages)?;
            println!("{}: {} pages, {written} of them new", reference::DIRECTORY, pages.len());
            Ok(())
        }
        ["--check"] => match reference::stale(&below, &pages)?.as_slice() {
            [] => Ok(()),
            stale => bail!("stale: {}; run `cargo xtask docs`", stale.join(", ")),
        },
        _ => bail!("it takes --check or nothing"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_contract_keeps_what_released_versions_promised() {
        let found = check(&Archive::at(directory().join("archive"))).unwrap();
        assert!(found.is_empty(), "{}", found.join("\n\n"));
    }

    #[test]
    fn the_reference_is_that_of_the_contract() {
        let pages = reference::pages(&Contract::read(&directory()).unwrap());
        let stale = reference::stale(&workspace::root().join(reference::DIRECTORY), &pages).unwrap();
        assert!(stale.is_empty(), "run `cargo xtask docs`: {}", stale.join(", "));
    }

    #[test]
    fn everything_in_the_contract_says_what_it_is() {
        let bare = reference::bare(&Contract::read(&directory()).unwrap());
        assert!(bare.is_empty(), "without a word of documentation in wit/: {}", bare.join(", "));
    }
}
