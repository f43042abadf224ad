//! A plugin that somebody is writing, in the deployment of `esignet plugin dev`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::deployment::{ID_SYSTEM, quoted};

/// What parts keys of `[plugins]` from sections.
pub(super) const SECTIONS: &str = "\n\n";

/// A plugin that somebody is writing, as the deployment has it.
#[derive(Clone, Debug)]
pub(crate) struct UnderWork {
    /// Its id.
    pub(crate) id: String,
    /// The file.
    pub(crate) component: PathBuf,
    /// The section `[plugins."ID"]`.
    pub(crate) section: toml::Table,
    /// The claims that it asks to release, if it is an ID system.
    pub(crate) id_system: Option<Vec<String>>,
    /// The word of the acr mapping, if it is a factor.
    pub(crate) factor: Option<String>,
}

impl UnderWork {
    /// Where it is among the plugins of a deployment.
    pub(crate) fn file_in(&self, plugins: &Path) -> PathBuf {
        plugins.join(format!("{}.wasm", self.id))
    }

    /// Whether it stands where this plugin that is built in would: the ID system, or a factor.
    pub(super) fn replaces(&self, embedded: &str) -> bool {
        let other = if embedded == ID_SYSTEM { self.id_system.is_some() } else { self.factor.is_some() };
        other || self.id == embedded
    }

    /// What the file says of the plugin that somebody is writing: keys of `[plugins]`, then sections.
    pub(super) fn lines(&self) -> String {
        let mut text = "# It is exchanged by who watches its sources.\nwatch = false\n".to_owned();
        if self.id_system.is_some() {
            let _ = writeln!(text, "id_system = {}", quoted(&self.id));
        }
        text.push_str(SECTIONS);
        if !self.section.is_empty() {
            let mut of_plugins = toml::Table::new();
            of_plugins.insert(self.id.clone(), toml::Value::Table(self.section.clone()));
            let mut file = toml::Table::new();
            file.insert("plugins".to_owned(), toml::Value::Table(of_plugins));
            text.push_str(&toml::to_string(&file).unwrap_or_default());
        }
        text
    }

    /// The section `[assurance]`: one signs in with the factor, or else with the code that an ID system is asked for.
    pub(super) fn assurance(&self) -> String {
        let factor = self.factor.as_deref().unwrap_or("OTP");
        format!("[assurance]\n\"urn:example:acr:dev\" = [[{}]]\n", quoted(factor))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::deployment::Deployment;
    use super::*;
    use crate::config::{self, client_file};

    fn with(under_work: UnderWork) -> (tempfile::TempDir, config::Config) {
        let directory = tempfile::tempdir().unwrap();
        let component = directory.path().join("made.wasm");
        fs::write(&component, b"\0asm").unwrap();
        let deployment = Deployment {
            directory: directory.path().to_owned(),
            plugins: None,
            port: 8088,
            rp_port: 8089,
            under_work: Some(UnderWork { component, ..under_work }),
        };
        deployment.write(&[(ID_SYSTEM, b"\0asm"), ("otp", b"\0asm")]).unwrap();
        let (config, findings) = config::load(&deployment.config_file(), []).unwrap();
        assert!(findings.is_empty(), "{findings:?}");
        (directory, config)
    }

    #[test]
    fn an_id_system_that_somebody_is_writing_stands_in_the_place_of_the_made_up_one() {
        let (directory, config) = with(UnderWork {
            id: "xx.mine".to_owned(),
            component: PathBuf::new(),
            section: "[config]\notp = \"1\"\n".parse().unwrap(),
            id_system: Some(vec!["name".to_owned()]),
            factor: None,
        });
        assert_eq!(config.plugins.id_system.as_deref(), Some("xx.mine"));
        assert_eq!(config.plugins.grants["xx.mine"].config["otp"], "1");
        assert!(config.plugins.watching.is_none());
        let plugins = directory.path().join("plugins");
        assert!(plugins.join("xx.mine.wasm").is_file() && plugins.join("otp.wasm").is_file());
        assert!(!plugins.join("mock-identity.wasm").exists());
        let client = client_file::load(&directory.path().join("clients/script.json")).unwrap().client;
        assert_eq!(client.claims.len(), 1);
    }

    #[test]
    fn a_factor_that_somebody_is_writing_is_what_one_signs_in_with() {
        let (_directory, config) = with(UnderWork {
            id: "word".to_owned(),
            component: PathBuf::new(),
            section: toml::Table::new(),
            id_system: None,
            factor: Some("WORD".to_owned()),
        });
        let methods: Vec<_> = config.assurance.methods.iter().map(|method| method.factors.clone()).collect();
        assert_eq!(methods, [["WORD"]]);
        assert_eq!(config.plugins.id_system.as_deref(), Some(ID_SYSTEM));
        assert_eq!(config.plugins.grants[ID_SYSTEM].config["evidence"][1], "WORD");
    }
}
