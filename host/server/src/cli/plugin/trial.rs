//! A plugin as an operator would load it, on this machine and for a look: with what `dev.toml` gives it, and stand-ins for what it
//! asks for and nobody gave. A stand-in of a server cannot be reached, a stand-in of a key is nobody's.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use esignet_jose::algorithm::Algorithm;
use esignet_jose::signing_key::SigningKey;
use esignet_protocol::ports::entropy::Entropy as _;
use esignet_sandbox::{KeyUse, Manifest, MemoryCache, PluginReport, Registry};
use serde_json::Value as Json;
use tempfile::TempDir;
use toml::{Table, Value};

use crate::config::finding::{Finding, any_error};
use crate::config::{self};
use crate::secret_file;
use crate::system::{SystemClock, SystemEntropy};
use crate::wire::Purpose;
use crate::wire::master_key::MasterKey;
use crate::wire::plugins;

/// What a project gives its plugin, beside the manifest.
pub(crate) const GRANT: &str = "dev.toml";
/// Where nobody listens (RFC 863 has the port, and no machine serves it).
const NOBODY: &str = "http://127.0.0.1:9";

/// What a plugin is given for a look.
#[derive(Clone, Debug, Default)]
pub(crate) struct Given {
    /// The section `[plugins."ID"]`.
    pub(crate) section: Table,
    /// What it asks for and a stand-in takes the place of, in words.
    pub(crate) stand_ins: Vec<String>,
}

/// A plugin that was loaded for a look, or refused.
pub(crate) struct Trial {
    /// What holds it.
    pub(crate) registry: Arc<Registry>,
    /// What came of it.
    pub(crate) report: PluginReport,
    /// What is wrong with what it was given.
    pub(crate) findings: Vec<Finding>,
    _directory: TempDir,
}

/// What `dev.toml` says, or another file of the same form; nothing when there is none. Files that it names are beside it.
pub(crate) fn granted(file: &Path, is_named: bool) -> Result<Table, Finding> {
    let refused = |problem: String| {
        let fix = "write what an operator writes in [plugins.\"ID\"]: [config], [upstreams.NAME], [keys.NAME], [limits]";
        Finding::error("grant", file.display(), problem, fix)
    };
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !is_named => return Ok(Table::new()),
        Err(error) => return Err(refused(format!("it cannot be read: {error}"))),
    };
    let mut table: Table = text.parse().map_err(|error: toml::de::Error| refused(error.to_string()))?;
    let file = std::path::absolute(file).map_err(|error| refused(error.to_string()))?;
    let directory = file.parent().unwrap_or(Path::new("/"));
    for (key, value) in &mut table {
        if key != "config" {
            from(directory, key, value);
        }
    }
    Ok(table)
}

/// Has every file be named from the root.
fn from(directory: &Path, key: &str, value: &mut Value) {
    match value {
        Value::String(path) if key == "file" || key.ends_with("_file") => {
            *path = directory.join(&*path).display().to_string();
        }
        Value::Table(table) => table.iter_mut().for_each(|(key, value)| from(directory, key, value)),
        Value::Array(items) => items.iter_mut().for_each(|item| from(directory, key, item)),
        Value::String(_) | Value::Integer(_) | Value::Float(_) | Value::Boolean(_) | Value::Datetime(_) => {}
    }
}

impl Given {
    /// What was granted, and a stand-in for whatever else the manifest asks for and cannot do without. Keys are made in a folder.
    pub(crate) fn of(manifest: &Manifest, granted: Table, keys: &Path) -> Result<Self, Finding> {
        let mut given = Self { section: granted, stand_ins: Vec::new() };
        for name in manifest.requests.upstreams.keys() {
            if given.lacks("upstreams", name) {
                given.put("upstreams", name, [("url", NOBODY.to_owned())]);
                given.stand_ins.push(format!("the server \"{name}\""));
            }
        }
        for (name, asked) in &manifest.requests.keys {
            if given.lacks("keys", name) {
                let file = keys.join(format!("{}.key", given.stand_ins.len()));
                let written = key(asked.purpose()).and_then(|key| Ok(secret_file::create(&file, &key)?));
                written.map_err(|error| {
                    Finding::error(
                        "file",
                        file.display(),
                        format!("no key is made: {error:#}"),
                        "see the system's folder for temporary files",
                    )
                })?;
                let purpose = asked.purpose().as_str().to_owned();
                given.put("keys", name, [("use", purpose), ("file", file.display().to_string())]);
                given.stand_ins.push(format!("the key \"{name}\""));
            }
        }
        given.settings(manifest);
        Ok(given)
    }

    /// Settings that nobody set and that the schema has a default or an example of.
    fn settings(&mut self, manifest: &Manifest) {
        let schema = manifest.config.schema.as_ref();
        let properties = schema.and_then(|schema| schema.get("properties")).and_then(Json::as_object);
        for (name, property) in properties.into_iter().flatten() {
            let example = property.get("default").or_else(|| property.get("examples")?.get(0));
            let value = example.and_then(|example| Value::try_from(example).ok());
            if let Some(value) = value.filter(|_| self.lacks("config", name)) {
                self.set("config", name, value);
                self.stand_ins.push(format!("the setting `{name}`"));
            }
        }
    }

    /// Settings that the plugin cannot do without and that are not there.
    pub(crate) fn missing_settings(&self, manifest: &Manifest) -> Vec<String> {
        let required = manifest.config.schema.as_ref().and_then(|schema| schema.get("required"));
        let required = required.and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str);
        required.filter(|name| self.lacks("config", name)).map(str::to_owned).collect()
    }

    fn lacks(&self, of: &str, name: &str) -> bool {
        self.section.get(of).and_then(|table| table.get(name)).is_none()
    }

    fn set(&mut self, of: &str, name: &str, value: Value) {
        // What is no table the operator's file is refused for: nothing is put into it.
        if let Value::Table(table) = self.section.entry(of).or_insert_with(|| Value::Table(Table::new())) {
            table.insert(name.to_owned(), value);
        }
    }

    fn put<const N: usize>(&mut self, of: &str, name: &str, pairs: [(&str, String); N]) {
        let pairs = pairs.into_iter().map(|(key, value)| (key.to_owned(), Value::from(value))).collect();
        self.set(of, name, Value::Table(pairs));
    }
}

/// A key for a use, as its file holds it.
fn key(purpose: KeyUse) -> anyhow::Result<Vec<u8>> {
    match purpose {
        KeyUse::Hmac | KeyUse::Seal => {
            let mut key = vec![0; 32];
            SystemEntropy::new().fill(&mut key);
            Ok(key)
        }
        KeyUse::Sign | KeyUse::Decrypt => {
            let mut jwk: Json =
                serde_json::from_str(&SigningKey::generate(Algorithm::Es256)?.to_private_jwk()?)?;
            if let (KeyUse::Decrypt, Json::Object(members)) = (purpose, &mut jwk) {
                members.insert("use".to_owned(), "enc".into());
                members.insert("alg".to_owned(), "ECDH-ES+A256KW".into());
            }
            Ok(jwk.to_string().into_bytes())
        }
    }
}

/// Loads a component as a server does, but without a look at who signed it.
pub(crate) async fn load(
    component: &Path,
    manifest: &Manifest,
    granted: Table,
) -> Result<(Trial, Given), Vec<Finding>> {
    let temporary = |error: std::io::Error| {
        let fix = "see whether the system's folder for temporary files is full";
        vec![Finding::error("file", "a temporary folder", error.to_string(), fix)]
    };
    let directory = tempfile::Builder::new().prefix("esignet-plugin-").tempdir().map_err(temporary)?;
    let plugins = directory.path().join("plugins");
    fs::create_dir(&plugins).map_err(temporary)?;
    let id = manifest.plugin.id.as_str();
    let file = plugins.join(format!("{id}.wasm"));
    fs::copy(component, &file).map_err(temporary)?;
    let given = Given::of(manifest, granted, directory.path()).map_err(|finding| vec![finding])?;
    let place = PathBuf::from(GRANT);
    let (config, _) =
        config::read(&place, &operators_file(&plugins, id, &given.section), []).map_err(|findings| {
            findings
                .into_iter()
                .map(|finding| Finding { place: GRANT.to_owned(), ..finding })
                .collect::<Vec<_>>()
        })?;
    let clock = Arc::new(SystemClock);
    let cache = Arc::new(MemoryCache::new(clock.clone()));
    let loaded = plugins::load(&config, Purpose::Check, &MasterKey::random(), cache, clock).await?;
    // Whether people could log in with this plugin alone is another question.
    let about = |finding: &Finding| !["acr", "bad-value", "plugin"].contains(&finding.code);
    let findings: Vec<Finding> = loaded.findings.into_iter().filter(about).collect();
    if any_error(&findings) {
        return Err(findings);
    }
    let report = loaded.report.plugins.into_iter().next().ok_or_else(|| {
        vec![Finding::error(
            "file",
            component.display(),
            "the component was not looked at",
            "name a file that ends in .wasm",
        )]
    })?;
    Ok((Trial { registry: loaded.registry, report, findings, _directory: directory }, given))
}

/// An operator's file with this plugin and nothing else.
fn operators_file(plugins: &Path, id: &str, section: &Table) -> String {
    let mut of_plugins = Table::new();
    of_plugins.insert("require_signatures".to_owned(), Value::from(false));
    of_plugins.insert("directory".to_owned(), Value::from(plugins.display().to_string()));
    of_plugins.insert(id.to_owned(), Value::Table(section.clone()));
    let mut file = Table::new();
    file.insert("plugins".to_owned(), Value::Table(of_plugins));
    format!(
        "[server]\nissuer = \"http://127.0.0.1:1\"\n[store]\nurl = \"memory\"\n[keys]\nmaster_key_file = \"none\"\n{}",
        toml::to_string(&file).unwrap_or_default()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = r#"
[plugin]
id = "xx.register"
version = "1.2.0"
publisher = "Ministry"
[requests.keys]
mac = "hmac"
box = "seal"
partner = "sign"
inbox = "decrypt"
[requests.upstreams.register]
methods = ["POST"]
path_prefixes = ["/v2/"]
[config.schema]
required = ["partner", "mode"]
[config.schema.properties.partner]
type = "string"
[config.schema.properties.mode]
default = "strict"
"#;

    #[test]
    fn what_a_plugin_asks_for_and_nobody_gave_is_stood_in_for_and_an_operators_file_takes_it() {
        let directory = tempfile::tempdir().unwrap();
        let manifest = Manifest::parse(MANIFEST).unwrap();
        let given = Given::of(&manifest, Table::new(), directory.path()).unwrap();
        assert_eq!(given.stand_ins.len(), 6, "{:?}", given.stand_ins);
        assert_eq!(given.missing_settings(&manifest), ["partner"]);
        let file = operators_file(directory.path(), "xx.register", &given.section);
        let (config, _) = config::read(Path::new("x.toml"), &file, []).unwrap();
        let grant = &config.plugins.grants["xx.register"];
        assert_eq!(grant.upstreams["register"].url, NOBODY);
        assert_eq!(grant.key_files.len(), 4);
        assert_eq!(grant.config["mode"], "strict");
    }

    #[test]
    fn what_was_given_stays_and_its_files_are_beside_the_file_that_names_them() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join(GRANT);
        fs::write(
            &file,
            "[config]\nfile = \"as it is\"\n[keys.partner]\nuse = \"sign\"\nfile = \"keys/p.pem\"\n\
             [upstreams.register]\nurl = \"https://r.example\"\nca_file = \"ca.pem\"\n",
        )
        .unwrap();
        let granted = granted(&file, true).unwrap();
        assert_eq!(granted["config"]["file"].as_str(), Some("as it is"));
        let here = |name: &str| directory.path().join(name).display().to_string();
        assert_eq!(granted["keys"]["partner"]["file"].as_str(), Some(&*here("keys/p.pem")));
        assert_eq!(granted["upstreams"]["register"]["ca_file"].as_str(), Some(&*here("ca.pem")));
        let given = Given::of(&Manifest::parse(MANIFEST).unwrap(), granted, directory.path()).unwrap();
        assert_eq!(given.section["upstreams"]["register"]["url"].as_str(), Some("https://r.example"));
    }

    #[test]
    fn no_file_gives_nothing_unless_it_was_named() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join(GRANT);
        assert!(granted(&file, false).unwrap().is_empty());
        assert!(granted(&file, true).is_err());
    }
}
