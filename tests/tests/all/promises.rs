//! What is said of the security of plugins is shown: every test that the document names is there (`docs/plugins/security-model.md`).

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Where tests are.
const PLACES: [&str; 4] = ["tests/tests", "host/sandbox", "host/server", "host/protocol"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// The functions below a directory that are tests.
fn tests(directory: &Path, names: &mut BTreeSet<String>) {
    for entry in
        std::fs::read_dir(directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display()))
    {
        let path = entry.unwrap().path();
        if path.is_dir() {
            tests(&path, names);
        } else if path.extension().is_some_and(|end| end == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            let mut is_test = false;
            for line in text.lines().map(str::trim) {
                let function = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ");
                match function.and_then(|rest| rest.split('(').next()) {
                    Some(name) if is_test => {
                        names.insert(name.to_owned());
                        is_test = false;
                    }
                    Some(_) | None => {
                        is_test = line == "#[test]"
                            || line.starts_with("#[tokio::test")
                            || (is_test && line.starts_with('#'));
                    }
                }
            }
        }
    }
}

/// Each row of the table of what a plugin cannot do: what, and the tests that show it.
fn rows(document: &str) -> Vec<(&str, Vec<&str>)> {
    let table =
        document.split("\n## ").find(|section| section.starts_with("What a plugin cannot do")).unwrap();
    let rows = table.lines().filter(|line| line.starts_with("| ")).skip(1);
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        assert_eq!(cells.len(), 3, "what, why and the tests: {row}");
        (cells[0], cells[2].split('`').skip(1).step_by(2).collect())
    })
    .collect()
}

#[test]
fn every_statement_on_what_plugins_cannot_do_is_shown_by_a_test_that_is_there() {
    let document = std::fs::read_to_string(root().join("docs/plugins/security-model.md")).unwrap();
    let mut there = BTreeSet::new();
    for place in PLACES {
        tests(&root().join(place), &mut there);
    }
    assert!(there.len() > 500, "the tests are found: {}", there.len());
    let rows = rows(&document);
    assert!(rows.len() > 20, "the statements are found");
    for (what, shown_by) in rows {
        assert!(!shown_by.is_empty(), "\"{what}\" is shown by nothing");
        for test in shown_by {
            assert!(there.contains(test), "\"{what}\" is shown by {test}, which is not there");
        }
    }
}
