use std::os::unix::fs::PermissionsExt;

use super::*;

const EMPTY: &[u8] = b"\0asm\x0d\0\x01\0";

fn cache(directory: &Path, key: u8) -> (Engine, Precompiled) {
    let engine = Engine::default();
    let cache = Precompiled::new(&engine, Some(directory.to_owned()), &[key; 32]);
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
