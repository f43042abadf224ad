use std::os::unix::fs::PermissionsExt;

use super::*;

/// A program that is no compiler, in a file of its own.
fn program(directory: &Path, script: &str) -> Compiler {
    let path = directory.join("compiler");
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
    Compiler::Child(path, ChildLimits { wall: Duration::from_secs(1), ..ChildLimits::default() })
}

fn failure(script: &str) -> String {
    let directory = tempfile::tempdir().unwrap();
    let compiled = program(directory.path(), script).compile(&Engine::default(), &vec![0; 1 << 20]);
    compiled.err().unwrap().to_string()
}

#[test]
fn a_child_that_hangs_is_killed() {
    let told = failure("exec sleep 600");
    assert!(told.contains("took more than 1 s"), "{told}");
}

#[test]
fn a_child_that_says_no_is_quoted_and_one_that_dies_is_told_of() {
    assert_eq!(failure("echo 'no such section' >&2; exit 3"), "no such section");
    let told = failure("kill -9 $$");
    assert!(told.contains("the compiler was ended") && told.contains("signal: 9"), "{told}");
}

#[test]
fn what_is_no_machine_code_of_this_engine_is_refused() {
    assert!(!failure("cat > /dev/null; echo rubbish").is_empty());
}

#[test]
fn there_must_be_a_program() {
    let nowhere = Compiler::Child(PathBuf::from("/nonexistent"), ChildLimits::default());
    let compiled = nowhere.compile(&Engine::default(), b"");
    assert!(matches!(compiled, Err(NotCompiled::NotStarted(_))));
}
