//! The house holds (`docs/architecture.md`): arrows point down, files are small, names say what is inside.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, PackageId};

/// Who may see whom among our own crates, without tests. What is not here is an arrow that points up or sideways.
const ARROWS: [(&str, &[&str]); 12] = [
    ("esignet-jose", &[]),
    ("esignet-protocol", &["esignet-jose"]),
    ("esignet-store", &["esignet-jose", "esignet-protocol"]),
    ("esignet-sandbox", &["esignet-jose", "esignet-protocol"]),
    ("esignet-web", &["esignet-protocol"]),
    ("esignet-harness", &["esignet-jose", "esignet-protocol", "esignet-sandbox"]),
    (
        "esignet",
        &[
            "esignet-harness",
            "esignet-jose",
            "esignet-protocol",
            "esignet-store",
            "esignet-sandbox",
            "esignet-web",
            "esignet-relying-party",
            "esignet-build",
        ],
    ),
    ("esignet-sdk", &[]),
    ("esignet-relying-party", &[]),
    ("esignet-build", &[]),
    ("xtask", &["esignet-build"]),
    (
        "esignet-tests",
        &[
            "esignet-harness",
            "esignet-jose",
            "esignet-protocol",
            "esignet-store",
            "esignet-sandbox",
            "esignet-web",
        ],
    ),
];

/// Each heavy dependency, and the crates of ours that may depend on it themselves.
const OWNERS: [(&str, &[&str]); 4] = [
    ("axum", &["esignet-web", "esignet", "esignet-relying-party", "esignet-tests"]),
    ("wasmtime", &["esignet-sandbox"]),
    ("sled", &["esignet-store"]),
    ("askama", &["esignet-web", "esignet-relying-party"]),
];

/// What the pure crates must not even have far below them.
const IMPURE: [&str; 9] =
    ["axum", "hyper", "mio", "rustls", "reqwest", "sled", "socket2", "tokio", "wasmtime"];

/// What sources are called.
const SOURCES: [&str; 6] = ["rs", "mjs", "js", "ts", "py", "wit"];

/// The longest file.
const MAX_LINES: usize = 600;
/// Names of drawers.
const DRAWERS: [&str; 6] = ["utils", "helpers", "common", "misc", "manager", "service"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ is in the workspace").to_path_buf()
}

fn metadata() -> Metadata {
    MetadataCommand::new().current_dir(root()).exec().expect("cargo metadata")
}

/// Normal and build dependencies of every package, as they are resolved.
fn resolved(metadata: &Metadata) -> BTreeMap<&PackageId, Vec<&PackageId>> {
    let resolve = metadata.resolve.as_ref().expect("the dependencies are resolved");
    let shipped = |kinds: &[cargo_metadata::DepKindInfo]| {
        kinds.iter().any(|kind| kind.kind != DependencyKind::Development)
    };
    let dependencies = resolve.nodes.iter().map(|node| {
        let below = node
            .deps
            .iter()
            .filter(|dependency| shipped(&dependency.dep_kinds))
            .map(|dependency| &dependency.pkg);
        (&node.id, below.collect())
    });
    dependencies.collect()
}

#[test]
fn arrows_between_our_crates_point_down() {
    let metadata = metadata();
    for package in metadata.workspace_packages() {
        let name = package.name.as_str();
        let allowed: Vec<&str> = match ARROWS.iter().find(|(crate_name, _)| *crate_name == name) {
            Some((_, allowed)) => allowed.to_vec(),
            None if name.starts_with("esignet-plugin-") || name.starts_with("esignet-component-") => {
                vec!["esignet-sdk"]
            }
            None => panic!("{name} is new: an ADR and a row of ARROWS say what it may see"),
        };
        let shipped =
            package.dependencies.iter().filter(|dependency| dependency.kind != DependencyKind::Development);
        for dependency in shipped.filter(|dependency| dependency.path.is_some()) {
            assert!(allowed.contains(&dependency.name.as_str()), "{name} must not see {}", dependency.name);
        }
    }
}

#[test]
fn a_heavy_dependency_has_one_owner() {
    let metadata = metadata();
    for package in metadata.workspace_packages() {
        for (heavy, owners) in OWNERS {
            let uses = package.dependencies.iter().any(|dependency| dependency.name == heavy);
            assert!(
                !uses || owners.contains(&package.name.as_str()),
                "{} must not depend on {heavy}",
                package.name
            );
        }
    }
}

#[test]
fn the_pure_crates_have_no_io_however_far_below() {
    let metadata = metadata();
    let below = resolved(&metadata);
    for pure in ["esignet-jose", "esignet-protocol"] {
        let package = metadata.workspace_packages().into_iter().find(|package| package.name.as_str() == pure);
        let mut open = vec![&package.expect("the crate is there").id];
        let mut seen = BTreeSet::new();
        while let Some(id) = open.pop() {
            if seen.insert(id) {
                open.extend(&below[id]);
                let name = metadata[id].name.as_str();
                assert!(!IMPURE.contains(&name), "{pure} has {name} below it");
            }
        }
        assert!(seen.len() > 5, "{pure} has dependencies, and they were looked at");
    }
}

/// The directories with our own code.
fn sources() -> Vec<PathBuf> {
    let mut files = Vec::new();
    for top in ["host", "sdk", "plugins", "tests", "examples", "xtask"] {
        walk(&root().join(top), &mut files);
    }
    assert!(files.len() > 100, "the sources are found");
    files
}

fn walk(directory: &Path, files: &mut Vec<PathBuf>) {
    for entry in
        std::fs::read_dir(directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display()))
    {
        let path = entry.expect("an entry").path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_dir() {
            if !["target", "node_modules"].contains(&name) && !name.starts_with('.') {
                walk(&path, files);
            }
        } else if path.extension().is_some_and(|end| SOURCES.iter().any(|source| end == *source)) {
            files.push(path);
        }
    }
}

#[test]
fn no_file_is_longer_than_a_person_reads() {
    for file in sources() {
        let lines = std::fs::read_to_string(&file).expect("a source is text").lines().count();
        assert!(lines <= MAX_LINES, "{} has {lines} lines; the most is {MAX_LINES}", file.display());
    }
}

#[test]
fn no_file_is_a_drawer() {
    for file in sources() {
        let relative = file.strip_prefix(root()).expect("below the root").to_path_buf();
        for part in relative.iter().filter_map(|part| part.to_str()) {
            let stem = part.split('.').next().unwrap_or(part);
            let drawer = DRAWERS.iter().any(|drawer| stem == *drawer || stem == drawer.trim_end_matches('s'));
            assert!(!drawer, "{} is a drawer: name it after what is inside", relative.display());
        }
    }
}

#[test]
fn every_file_that_a_map_names_is_there() {
    let mut seen = 0;
    for map in
        sources().into_iter().filter(|file| file.ends_with("src/lib.rs") || file.ends_with("src/main.rs"))
    {
        let text = std::fs::read_to_string(&map).expect("a source is text");
        let directory = map.parent().expect("a file is in a directory");
        let rows = text.lines().filter_map(|line| line.strip_prefix("//! |"));
        let names =
            rows.flat_map(|row| row.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>());
        for name in names
            .filter(|name| Path::new(name).extension().is_some_and(|end| end == "rs") || name.ends_with('/'))
        {
            assert!(
                directory.join(&name).exists(),
                "the map in {} names {name}, which is not there",
                map.display()
            );
            seen += 1;
        }
    }
    assert!(seen > 20, "maps are found");
}

#[test]
fn our_sources_name_no_place_of_one_machine() {
    let here = [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/"), concat!("/tmp", "/t-")];
    for file in sources() {
        let text = std::fs::read_to_string(&file).expect("a source is text");
        for place in here {
            assert!(!text.contains(place), "{} names {place}", file.display());
        }
    }
}
