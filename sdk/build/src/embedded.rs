//! What a build needs of this repository, carried along: the contract, the SDKs, the lock files, the examples that are templates.
//!
//! So `esignet plugin new` and `build` are one program that works anywhere.

/// A file: where it stands below a directory, and what is in it.
pub(crate) type File = (&'static str, &'static str);

macro_rules! files {
    ($below:literal: $($path:literal),+ $(,)?) => { &[$(($path, include_str!(concat!("../../", $below, "/", $path)))),+] };
}

/// The contract but for the worlds, as dependencies of the world that a build makes.
pub(crate) const CONTRACT: &[File] = &[
    ("plugin/plugin.wit", include_str!("../../../wit/plugin.wit")),
    ("types/types.wit", include_str!("../../../wit/deps/types/types.wit")),
    ("host/host.wit", include_str!("../../../wit/deps/host/host.wit")),
    ("id-system/id-system.wit", include_str!("../../../wit/deps/id-system/id-system.wit")),
    ("auth-factor/auth-factor.wit", include_str!("../../../wit/deps/auth-factor/auth-factor.wit")),
    ("captcha/captcha.wit", include_str!("../../../wit/deps/captcha/captcha.wit")),
    ("notifier/notifier.wit", include_str!("../../../wit/deps/notifier/notifier.wit")),
    ("audit-sink/audit-sink.wit", include_str!("../../../wit/deps/audit-sink/audit-sink.wit")),
    ("key-binder/key-binder.wit", include_str!("../../../wit/deps/key-binder/key-binder.wit")),
];

/// The package `@esignet/plugin-sdk`.
pub(crate) const JS_SDK: &[File] = files!("js":
    "package.json",
    "src/audit.js",
    "src/binder.js",
    "src/bytes.js",
    "src/cache.js",
    "src/captcha.js",
    "src/clock.js",
    "src/config.js",
    "src/crypto.js",
    "src/factor.js",
    "src/failure.js",
    "src/guard.js",
    "src/host.js",
    "src/http.js",
    "src/identity.js",
    "src/index.js",
    "src/log.js",
    "src/notifier.js",
    "src/words.js",
);

/// The package `esignet_plugin`.
pub(crate) const PYTHON_SDK: &[File] = files!("python":
    "esignet_plugin/__init__.py",
    "esignet_plugin/_bytes.py",
    "esignet_plugin/_guard.py",
    "esignet_plugin/_host.py",
    "esignet_plugin/audit.py",
    "esignet_plugin/binder.py",
    "esignet_plugin/cache.py",
    "esignet_plugin/captcha.py",
    "esignet_plugin/clock.py",
    "esignet_plugin/config.py",
    "esignet_plugin/crypto.py",
    "esignet_plugin/factor.py",
    "esignet_plugin/failure.py",
    "esignet_plugin/http.py",
    "esignet_plugin/identity.py",
    "esignet_plugin/log.py",
    "esignet_plugin/notifier.py",
    "esignet_plugin/words.py",
);

/// The crate `esignet-sdk`, but for its contract.
pub(crate) const RUST_SDK: &[File] = files!("rust":
    "Cargo.toml",
    "src/bindings.rs",
    "src/form.rs",
    "src/import.rs",
    "src/import/cache.rs",
    "src/import/clock.rs",
    "src/import/config.rs",
    "src/import/crypto.rs",
    "src/import/http.rs",
    "src/import/log.rs",
    "src/known_secret.rs",
    "src/known_secret/tests.rs",
    "src/lib.rs",
    "src/panic.rs",
    "src/role.rs",
    "src/role/audit_sink.rs",
    "src/role/auth_factor.rs",
    "src/role/captcha.rs",
    "src/role/id_system.rs",
    "src/role/key_binder.rs",
    "src/role/notifier.rs",
    "src/word.rs",
);

/// What the crates of this workspace inherit.
pub(crate) const WORKSPACE: &str = include_str!("../../../Cargo.toml");

/// The examples that projects begin from: an ID system in each language, and a factor.
pub(crate) const HELLO_RUST: &[File] = files!("../examples/plugins/hello-rust": "fixtures/people.toml", "Cargo.toml", "README.md", "dev.toml", "plugin.toml", "src/lib.rs");
pub(crate) const HELLO_JS: &[File] = files!("../examples/plugins/hello-js": "fixtures/people.toml", "README.md", "dev.toml", "package.json", "plugin.js", "plugin.toml");
pub(crate) const HELLO_PYTHON: &[File] = files!("../examples/plugins/hello-python": "fixtures/people.toml", "README.md", "dev.toml", "plugin.py", "plugin.toml");
pub(crate) const WORD_RUST: &[File] = files!("../examples/plugins/word-rust": "Cargo.toml", "README.md", "dev.toml", "plugin.toml", "src/lib.rs");
pub(crate) const WORD_JS: &[File] = files!("../examples/plugins/word-js": "README.md", "dev.toml", "package.json", "plugin.js", "plugin.toml");
pub(crate) const WORD_PYTHON: &[File] =
    files!("../examples/plugins/word-python": "README.md", "dev.toml", "plugin.py", "plugin.toml");

/// What npm installs from.
pub(crate) const JS_TOOLS: &[File] = files!("build/tools/js": "package.json", "package-lock.json");

/// What pip installs from.
pub(crate) const PYTHON_TOOLS: &[File] = files!("build/tools/python": "requirements.txt");

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    /// The files below a directory beside this crate that end so, however deep.
    fn files_in(directory: &str, end: &str) -> BTreeSet<String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(directory);
        let (mut open, mut files) = (vec![root.clone()], BTreeSet::new());
        while let Some(directory) = open.pop() {
            for entry in std::fs::read_dir(directory).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    open.push(path);
                } else if path.to_str().unwrap().ends_with(end) {
                    files.insert(path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned());
                }
            }
        }
        files
    }

    #[test]
    fn every_module_of_the_sdks_is_carried_along() {
        let carried = |files: &[File], below: &str| {
            let names = files.iter().filter_map(|(path, _)| path.strip_prefix(below));
            names.map(str::to_owned).collect::<BTreeSet<_>>()
        };
        let mut js = files_in("js/src", ".js");
        assert!(js.remove("testing.js"), "it is for outside the sandbox only");
        assert_eq!(carried(JS_SDK, "src/"), js);
        assert_eq!(carried(PYTHON_SDK, "esignet_plugin/"), files_in("python/esignet_plugin", ".py"));
        assert_eq!(carried(RUST_SDK, "src/"), files_in("rust/src", ".rs"));
    }

    #[test]
    fn every_file_of_an_example_is_part_of_the_template() {
        for (example, files) in [
            ("hello-rust", HELLO_RUST),
            ("hello-js", HELLO_JS),
            ("hello-python", HELLO_PYTHON),
            ("word-rust", WORD_RUST),
            ("word-js", WORD_JS),
            ("word-python", WORD_PYTHON),
        ] {
            let carried: BTreeSet<String> = files.iter().map(|(path, _)| (*path).to_owned()).collect();
            let mut there = files_in(&format!("../examples/plugins/{example}"), "");
            there.retain(|path| {
                !["node_modules/", "target/", "__pycache__/"].iter().any(|made| path.contains(made))
            });
            let is_made = |path: &str| Path::new(path).extension().is_some_and(|end| end == "wasm");
            there.retain(|path| !is_made(path) && !path.starts_with('.') && path != "Cargo.lock");
            assert_eq!(carried, there, "{example}");
        }
    }

    #[test]
    fn every_package_of_the_contract_is_carried_along() {
        let carried: BTreeSet<String> = CONTRACT.iter().map(|(path, _)| (*path).to_owned()).collect();
        let mut contract = files_in("../wit/deps", ".wit");
        contract.insert("plugin/plugin.wit".to_owned());
        assert_eq!(carried, contract);
    }
}
