//! The table of rules holds (`docs/specs.md`): every rule has a row, and every row names files and tests that are there.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// How many rules the protocol has.
const RULES: usize = 55;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ is in the workspace").to_path_buf()
}

/// A row: its number, its files, its tests.
struct Row {
    number: usize,
    files: Vec<String>,
    tests: Vec<String>,
}

pub(crate) fn quoted(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn rows() -> Vec<Row> {
    let text = std::fs::read_to_string(root().join("docs/specs.md")).expect("the table is there");
    let rows = text.lines().filter_map(|line| {
        let cells: Vec<&str> = line.strip_prefix("| ")?.split(" | ").collect();
        let number = cells.first()?.trim().parse().ok()?;
        assert_eq!(cells.len(), 4, "row {number} has four cells");
        Some(Row { number, files: quoted(cells[2]), tests: quoted(cells[3]) })
    });
    rows.collect()
}

/// The names of all test functions of the workspace's own crates.
pub(crate) fn tests() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut open = ["host", "plugins", "tests/tests"].map(|directory| root().join(directory)).to_vec();
    while let Some(directory) = open.pop() {
        for entry in std::fs::read_dir(&directory).expect("a directory") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                names.extend(tests_of(&std::fs::read_to_string(&path).expect("a source is text")));
            }
        }
    }
    names
}

/// The functions behind `#[test]`, `#[tokio::test…]`, or inside of `proptest!`.
fn tests_of(source: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut marked = false;
    for line in source.lines().map(str::trim) {
        marked |= line.starts_with("#[test]") || line.starts_with("#[tokio::test");
        let rest = line.strip_prefix("async ").unwrap_or(line);
        if let Some(name) = rest.strip_prefix("fn ").filter(|_| marked) {
            names.push(name.split(['(', '<']).next().unwrap_or_default().to_owned());
            marked = false;
        }
    }
    names
}

#[test]
fn every_rule_of_the_protocol_has_its_row() {
    let numbers: Vec<usize> = rows().iter().map(|row| row.number).collect();
    assert_eq!(numbers, (1..=RULES).collect::<Vec<_>>());
}

#[test]
fn every_row_names_files_and_tests_that_are_there() {
    let tests = tests();
    assert!(tests.len() > 500, "the tests are found");
    for row in rows() {
        assert!(!row.files.is_empty() && !row.tests.is_empty(), "row {} has both", row.number);
        for file in &row.files {
            let here = root().join(file).is_file() || root().join("host/protocol/src").join(file).is_file();
            assert!(here, "row {} names {file}, which is not there", row.number);
        }
        for test in &row.tests {
            assert!(tests.contains(test), "row {} names the test {test}, which is not there", row.number);
        }
    }
}
