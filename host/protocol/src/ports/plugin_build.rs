//! One build of a plugin: what a login is held to while the directory of plugins changes under it.

use serde::{Deserialize, Serialize};

/// Which file of a plugin, by what is in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PluginBuild {
    /// The plugin's id.
    pub id: String,
    /// Its version (semver), as its manifest has it.
    pub version: String,
    /// SHA-256 of the file in lower-case hexadecimal; empty for what is no file.
    pub digest: String,
}

impl PluginBuild {
    /// A plugin that is no file, as in tests.
    pub fn native(id: &str) -> Self {
        Self { id: id.to_owned(), ..Self::default() }
    }

    /// Whether a login that began with this build may go on with another one, because this one is not there any more: the
    /// node was started again, or it is another node. They must be the same plugin in versions that semver calls
    /// compatible, since the state that a factor keeps in a login is between it and itself.
    pub fn can_go_on_with(&self, other: &Self) -> bool {
        self.id == other.id && (self.digest == other.digest || self.line() == other.line())
    }

    /// What compatible versions have in common: the major version; before 1.0.0 the minor version, too.
    fn line(&self) -> (&str, &str) {
        let mut numbers = self.version.split('.');
        let major = numbers.next().unwrap_or_default();
        (major, if major == "0" { numbers.next().unwrap_or_default() } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(id: &str, version: &str, digest: &str) -> PluginBuild {
        PluginBuild { id: id.to_owned(), version: version.to_owned(), digest: digest.to_owned() }
    }

    #[test]
    fn a_login_goes_on_with_a_compatible_version_of_the_same_plugin_only() {
        let begun = build("otp", "1.2.3", "a");
        for (other, can) in [
            (build("otp", "1.2.3", "b"), true),
            (build("otp", "1.9.0", "b"), true),
            (build("otp", "1.0.0-rc.1", "b"), true),
            (build("otp", "2.0.0", "b"), false),
            (build("otp", "11.2.3", "b"), false),
            (build("totp", "1.2.3", "a"), false),
        ] {
            assert_eq!(begun.can_go_on_with(&other), can, "{other:?}");
        }
        assert!(build("otp", "0.3.1", "a").can_go_on_with(&build("otp", "0.3.9", "b")));
        assert!(!build("otp", "0.3.1", "a").can_go_on_with(&build("otp", "0.4.0", "b")));
        assert!(PluginBuild::native("otp").can_go_on_with(&PluginBuild::native("otp")));
    }
}
