//! What a build of JavaScript or Python needs of this repository, carried along: the contract, the two SDKs, the lock files.
//!
//! So `esignet plugin build` is one program that works anywhere.

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

/// What npm installs from.
pub(crate) const JS_TOOLS: &[File] = files!("build/tools/js": "package.json", "package-lock.json");

/// What pip installs from.
pub(crate) const PYTHON_TOOLS: &[File] = files!("build/tools/python": "requirements.txt");

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    fn files_in(directory: &str, end: &str) -> BTreeSet<String> {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(directory);
        let entries = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap());
        let names = entries.map(|entry| entry.file_name().into_string().unwrap());
        names.filter(|name| name.ends_with(end)).collect()
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
    }
}
