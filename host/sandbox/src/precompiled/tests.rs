use super::*;

const EMPTY: &[u8] = b"\0asm\x0d\0\x01\0";

fn cache(directory: &Path, key: u8) -> (Engine, Precompiled) {
    let engine = Engine::default();
    let cache =
        Precompiled::new(&engine, Some(directory.to_owned()), &[key; 32], Compiler::InProcess).unwrap();
    (engine, cache)
}

fn source(directory: &Path, key: u8) -> CodeSource {
    let (engine, cache) = cache(directory, key);
    cache.component(&engine, "d1", EMPTY).unwrap().1
}

fn file(directory: &Path, extension: &str) -> PathBuf {
    fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|e| e == extension))
        .unwrap()
}

#[test]
fn the_second_start_takes_compiled_code_from_a_private_directory() {
    let home = tempfile::tempdir().unwrap();
    let directory = home.path().join("a/b");
    assert_eq!(source(&directory, 1), CodeSource::Compiled);
    assert_eq!(source(&directory, 1), CodeSource::Cached);
    assert_eq!(fs::metadata(&directory).unwrap().permissions().mode() & 0o777, 0o700);
    assert_eq!(fs::metadata(file(&directory, "cwasm")).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn forged_code_is_compiled_again_and_replaced() {
    for forge in [flip_a_byte as fn(&Path), cut_it_short, take_the_mac_away, write_another_mac] {
        let home = tempfile::tempdir().unwrap();
        assert_eq!(source(home.path(), 1), CodeSource::Compiled);
        forge(home.path());
        assert_eq!(source(home.path(), 1), CodeSource::Compiled);
        assert_eq!(source(home.path(), 1), CodeSource::Cached);
    }
}

#[test]
fn code_kept_under_another_key_is_not_loaded() {
    let home = tempfile::tempdir().unwrap();
    assert_eq!(source(home.path(), 1), CodeSource::Compiled);
    assert_eq!(source(home.path(), 2), CodeSource::Compiled);
}

#[test]
fn code_of_one_plugin_does_not_pass_for_another() {
    let home = tempfile::tempdir().unwrap();
    assert_eq!(source(home.path(), 1), CodeSource::Compiled);
    for extension in ["cwasm", "mac"] {
        let from = file(home.path(), extension);
        let name = from.file_name().unwrap().to_str().unwrap().replacen("d1", "d2", 1);
        fs::copy(&from, home.path().join(name)).unwrap();
    }
    let (engine, cache) = cache(home.path(), 1);
    assert_eq!(cache.component(&engine, "d2", EMPTY).unwrap().1, CodeSource::Compiled);
}

fn flip_a_byte(directory: &Path) {
    let path = file(directory, "cwasm");
    let mut code = fs::read(&path).unwrap();
    let middle = code.len() / 2;
    code[middle] ^= 1;
    fs::write(path, code).unwrap();
}

fn cut_it_short(directory: &Path) {
    let path = file(directory, "cwasm");
    let code = fs::read(&path).unwrap();
    fs::write(path, &code[..code.len() - 1]).unwrap();
}

fn take_the_mac_away(directory: &Path) {
    fs::remove_file(file(directory, "mac")).unwrap();
}

fn write_another_mac(directory: &Path) {
    fs::write(file(directory, "mac"), [7; 32]).unwrap();
}

#[test]
fn what_no_loaded_plugin_uses_is_removed_after_a_day_and_nothing_else() {
    let home = tempfile::tempdir().unwrap();
    let (engine, cache) = cache(home.path(), 1);
    for digest in ["d1", "d2", "d3"] {
        cache.component(&engine, digest, EMPTY).unwrap();
    }
    let hash = cache.engine_hash.as_str();
    let old = std::time::SystemTime::now() - Duration::from_hours(25);
    let draft = format!(".d1-{hash}.cwasm.17.0");
    let of_another_engine = "d1-0000000000000000.mac".to_owned();
    let foreign = ["notes.mac", "README.md", ".profile", "a-b.cwasm"].map(str::to_owned);
    for name in foreign.iter().chain([&draft, &of_another_engine]) {
        fs::write(home.path().join(name), b"x").unwrap();
    }
    for entry in fs::read_dir(home.path()).unwrap().flatten() {
        if !entry.file_name().to_str().unwrap().starts_with("d3") {
            fs::File::options().write(true).open(entry.path()).unwrap().set_modified(old).unwrap();
        }
    }
    cache.sweep(&BTreeSet::from(["d1".to_owned()]));
    let mut kept: Vec<String> = fs::read_dir(home.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let mut expected: Vec<String> = foreign.to_vec();
    for digest in ["d1", "d3"] {
        expected.extend(["cwasm", "mac"].map(|end| format!("{digest}-{hash}.{end}")));
    }
    kept.sort();
    expected.sort();
    assert_eq!(kept, expected, "d3 is fresh, and what is foreign is not ours to remove");
}

#[test]
fn a_directory_that_others_may_write_to_is_refused_by_name() {
    for mode in [0o720, 0o702, 0o777] {
        let home = tempfile::tempdir().unwrap();
        fs::set_permissions(home.path(), fs::Permissions::from_mode(mode)).unwrap();
        let refused =
            Precompiled::new(&Engine::default(), Some(home.path().to_owned()), &[1; 32], Compiler::InProcess);
        let told = refused.err().unwrap().to_string();
        assert!(told.contains(home.path().to_str().unwrap()) && told.contains("chmod go-w"), "{told}");
    }
}
