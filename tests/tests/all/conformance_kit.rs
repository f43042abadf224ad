//! The conformance kit: every plugin that is shipped or shown passes it, every fault that is seeded fails it, and the command
//! says which.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use esignet_harness::conformance::{self, Results, Unmet};
use esignet_harness::fixture::Fixture;
use esignet_sandbox::{Inspection, Role};
use esignet_tests::artifacts;
use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// Each component is compiled once for all tests.
fn compiled() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("kit-compiled")
}

fn fixtures(of: &str) -> Vec<Fixture> {
    let fixtures =
        Fixture::read_all(&root().join(of).join("fixtures")).unwrap_or_else(|error| panic!("{error}"));
    assert!(!fixtures.is_empty(), "{of} has no fixtures");
    fixtures
}

fn tested(component: &Path, fixtures: &[Fixture]) -> Results {
    let results = conformance::run(component, fixtures, Some(&compiled()), |_| {});
    let results = results.unwrap_or_else(|error| panic!("{}: {error}", component.display()));
    let failed: Vec<String> = results.failed().map(conformance::Outcome::line).collect();
    assert!(results.is_conformant(), "{}\n{}", results.summary(), failed.join("\n"));
    results
}

fn passed(results: &Results) -> usize {
    results.outcomes.iter().filter(|outcome| outcome.verdict.is_ok()).count()
}

#[test]
fn every_plugin_that_is_shipped_passes_with_its_fixtures() {
    let directories = std::fs::read_dir(root().join("plugins")).unwrap().map(|entry| entry.unwrap().path());
    let mut seen = 0;
    for directory in directories.filter(|path| path.is_dir()) {
        let name = directory.file_name().unwrap().to_str().unwrap();
        let roles = Inspection::of(&artifacts::plugin(name).unwrap()).unwrap().roles;
        if !roles.iter().any(|role| [Role::IdSystem, Role::AuthFactor].contains(role)) {
            continue;
        }
        let results = tested(&artifacts::plugin(name).unwrap(), &fixtures(&format!("plugins/{name}")));
        // What is skipped shows nothing: most cases have to have somebody to run with.
        assert!(passed(&results) >= 40, "{}", results.summary());
        seen += 1;
    }
    assert!(seen >= 6, "the plugins are found");
}

#[test]
fn the_example_in_rust_passes_with_its_fixtures() {
    hello("hello-rust");
}

#[test]
fn the_example_in_javascript_passes_with_its_fixtures() {
    hello("hello-js");
}

#[test]
fn the_example_in_python_passes_with_its_fixtures() {
    hello("hello-python");
}

fn hello(name: &str) {
    let results =
        tested(&artifacts::example_plugin(name).unwrap(), &fixtures(&format!("examples/plugins/{name}")));
    assert!(passed(&results) >= 40, "{}", results.summary());
}

/// The faults that can be seeded and the cases that find them, read from the source: a new one is tried without a word here.
fn mutants(source: &str) -> Vec<(String, String)> {
    let list = source.split_once("pub const MUTANTS").unwrap().1.split_once("];").unwrap().0;
    let pair = |line: &str| {
        let mut words = line.split('"').skip(1).step_by(2).map(str::to_owned);
        Some((words.next()?, words.next()?))
    };
    list.lines().filter(|line| line.trim_start().starts_with("(\"")).filter_map(pair).collect()
}

/// In some world of the plugin, the case fails for the mutant.
fn is_found(component: &Path, fixtures: &[Fixture], (mutant, case): &(String, String)) -> Result<(), String> {
    let mut seen = Vec::new();
    for fixture in fixtures {
        let mut fixture = fixture.clone();
        fixture.settings.insert("mutant".to_owned(), mutant.as_str().into());
        let plugin = fixture.harness(component).compiled_in(compiled()).load();
        let plugin = plugin.unwrap_or_else(|error| panic!("{mutant}: {error}"));
        match conformance::run_one(case, plugin, &fixture)
            .unwrap_or_else(|| panic!("there is no case {case}"))
        {
            Err(Unmet::Failed(_)) => return Ok(()),
            other => seen.push(format!("{other:?}")),
        }
    }
    Err(format!("{mutant} is not found by {case}: {}", seen.join(", ")))
}

fn all_are_found(component: &str, fixtures: &[Fixture], source: &str, at_least: usize) {
    let component = artifacts::test_component(component).unwrap();
    tested(&component, fixtures);
    let mutants = mutants(source);
    assert!(mutants.len() >= at_least, "the mutants are found");
    let missed: Vec<String> =
        mutants.iter().filter_map(|mutant| is_found(&component, fixtures, mutant).err()).collect();
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
fn every_fault_seeded_in_an_id_system_fails_the_case_for_it() {
    let source = include_str!("../../components/mutant-identity/src/fault.rs");
    all_are_found("mutant-identity", &fixtures("plugins/mock-identity"), source, 28);
}

#[test]
fn every_fault_seeded_in_a_factor_fails_the_case_for_it() {
    let source = include_str!("../../components/mutant-totp/src/fault.rs");
    all_are_found("mutant-totp", &fixtures("plugins/totp"), source, 20);
}

#[test]
fn the_document_has_every_case_of_the_kit() {
    let file = root().join("docs/plugins/conformance.md");
    let document = std::fs::read_to_string(&file).unwrap();
    let mut written = document.split("\n## ").next().unwrap().to_owned();
    for (title, role) in [("ID systems", Role::IdSystem), ("Factors", Role::AuthFactor)] {
        written = format!("{}\n\n## {title}\n\n{}", written.trim_end(), conformance::table(role));
    }
    if std::env::var_os("INSTA_UPDATE").is_some_and(|wanted| wanted == "always") {
        std::fs::write(&file, &written).unwrap();
    } else {
        assert!(
            written == document,
            "docs/plugins/conformance.md is not what the kit has: run with INSTA_UPDATE=always"
        );
    }
}

fn esignet(arguments: &[&str], home: &Path) -> Output {
    let mut command = Command::new(artifacts::program("esignet").unwrap());
    command.args(["plugin", "test"]).args(arguments).arg("--compiled").arg(compiled()).current_dir(home);
    command.output().unwrap()
}

/// A folder as an author has it: manifest, component and fixtures.
fn folder(mutant: Option<&str>) -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    let component = artifacts::test_component("mutant-totp").unwrap();
    std::fs::copy(component, home.path().join("mutant-totp.wasm")).unwrap();
    let manifest = root().join("tests/components/mutant-totp/plugin.toml");
    std::fs::copy(manifest, home.path().join("plugin.toml")).unwrap();
    std::fs::create_dir(home.path().join("fixtures")).unwrap();
    let fixture = std::fs::read_to_string(root().join("plugins/totp/fixtures/app.toml")).unwrap();
    let setting = mutant.map_or_else(String::new, |mutant| format!("\n[settings]\nmutant = \"{mutant}\"\n"));
    std::fs::write(home.path().join("fixtures/app.toml"), format!("{fixture}{setting}")).unwrap();
    home
}

#[test]
fn the_command_says_of_a_folder_what_passes_and_ends_well() {
    let home = folder(None);
    let output = esignet(&[], home.path());
    let told = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert!(told.contains("passed   auth-factor/answers/right [app]\n"), "{told}");
    assert!(told.contains("skipped  auth-factor/steps/resend [app]: nothing can be sent again\n"), "{told}");
    assert!(told.contains("passed   fixture/Amina [app]\n"), "{told}");
    assert!(told.lines().last().unwrap().starts_with("mutant-totp: "), "{told}");
}

#[test]
fn the_command_names_the_case_that_fails_for_people_for_programs_and_for_ci() {
    let home = folder(Some("never-spends"));
    let output = esignet(&["--json", "--junit", "results.xml"], home.path());
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    let failed: Vec<&Value> =
        told["cases"].as_array().unwrap().iter().filter(|case| case["outcome"] == "failed").collect();
    assert_eq!(told["failed"], failed.len());
    assert!(failed.iter().any(|case| case["case"] == "auth-factor/answers/once"), "{failed:?}");
    let xml = std::fs::read_to_string(home.path().join("results.xml")).unwrap();
    let document = roxmltree::Document::parse(&xml).unwrap_or_else(|error| panic!("{error}\n{xml}"));
    let failures = document.descendants().filter(|node| node.has_tag_name("failure")).count();
    assert_eq!(failures, failed.len());
    let read: usize = document.root_element().attribute("tests").unwrap().parse().unwrap();
    assert_eq!(read, told["cases"].as_array().unwrap().len());
}

#[test]
fn the_command_ends_with_2_and_a_remedy_when_nothing_can_be_tested() {
    let home = folder(None);
    std::fs::write(home.path().join("fixtures/app.toml"), "[[peple]]\n").unwrap();
    let output = esignet(&["."], home.path());
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains("app.toml:1:3") && told.contains("did you mean `people`?"), "{told}");

    let output = esignet(&["nothing.wasm"], home.path());
    assert_eq!(output.status.code(), Some(2));
    std::fs::remove_file(home.path().join("mutant-totp.wasm")).unwrap();
    let output = esignet(&["."], home.path());
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(2) && told.contains("esignet plugin build"), "{told}");
}

#[test]
fn the_fixture_of_the_document_is_one() {
    let document = std::fs::read_to_string(root().join("docs/plugins/testing.md")).unwrap();
    let example = document.split_once("```toml\n").unwrap().1.split_once("```").unwrap().0;
    let fixture =
        Fixture::parse(Path::new("example.toml"), example).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(fixture.people.len(), 2);
    assert!(fixture.stranger.is_some() && fixture.upstreams["register"].len() == 2);
}
