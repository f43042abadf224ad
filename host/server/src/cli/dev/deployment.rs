//! The deployment that `esignet dev` writes: an ordinary configuration, plugins, clients and their keys.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use esignet_jose::algorithm::Algorithm;
use esignet_jose::signing_key::SigningKey;
use esignet_protocol::client::Client;
use serde_json::{Map, Value, json};

use super::under_work::{self, UnderWork};
use crate::secret_file;

/// The ID system of the demo, by the name of its file.
pub(super) const ID_SYSTEM: &str = "mock-identity";
/// The code that is right for everyone, set in the plugin's section.
pub(super) const OTP: &str = "111111";
/// The PIN that is right for everyone, likewise.
pub(super) const PIN: &str = "545411";
/// The password that is right for everyone, likewise.
pub(super) const PASSWORD: &str = "correct horse";
/// Every way to sign in that the plugins of the demonstration have between them. One whose plugin is not there is not offered.
const ASSURANCE: &str = r#"[assurance]
"mosip:idp:acr:generated-code" = [["OTP"]]
"mosip:idp:acr:static-code" = [["PIN"]]
"mosip:idp:acr:password" = [["PWD"]]
"mosip:idp:acr:generated-and-static-code" = [["OTP", "PIN"]]
"#;
/// What the sample clients may ask for.
const CLAIMS: [&str; 11] = [
    "name",
    "given_name",
    "family_name",
    "gender",
    "birthdate",
    "email",
    "email_verified",
    "phone_number",
    "phone_number_verified",
    "address",
    "verified_claims",
];

/// How the client for encrypted answers wants them.
const ENCRYPTION: &str = "ECDH-ES+A256KW";

/// A P-256 key as one to encrypt to: nothing but what it is said to be for is different.
fn for_encryption(mut jwk: Value) -> Value {
    if let Value::Object(members) = &mut jwk {
        members.insert("use".to_owned(), "enc".into());
        members.insert("alg".to_owned(), ENCRYPTION.into());
    }
    jwk
}

/// The public half of a P-256 key.
fn public(jwk: &Value) -> Value {
    let mut jwk = jwk.clone();
    if let Value::Object(members) = &mut jwk {
        members.remove("d");
    }
    jwk
}

/// Where the deployment is and what it is reached at.
pub(super) struct Deployment {
    /// Everything is below this directory.
    pub(super) directory: PathBuf,
    /// The plugins of `--plugins`.
    pub(super) plugins: Option<PathBuf>,
    /// The provider's port.
    pub(super) port: u16,
    /// The relying party's port.
    pub(super) rp_port: u16,
    /// The plugin that somebody is writing.
    pub(super) under_work: Option<UnderWork>,
}

/// The clients of the deployment, with their private keys.
pub(super) struct DevClients {
    /// The sample relying party's.
    pub(super) sample: DevClient,
    /// For scripts and tests, one for each thing that a registration can change; nobody listens at their redirect URIs.
    pub(super) scripts: Vec<DevClient>,
}

/// A client with its private keys.
pub(super) struct DevClient {
    /// Its identifier.
    pub(super) client_id: String,
    /// What its registration says beyond the usual.
    pub(super) members: Map<String, Value>,
    /// Its redirect URIs.
    pub(super) redirect_uris: Vec<String>,
    /// Its private keys (RFC 7517), the one that signs first.
    pub(super) private_jwks: Vec<Value>,
}

/// What a client for scripts has beyond the usual.
fn scripts() -> Vec<(&'static str, Value)> {
    vec![
        ("script", json!({})),
        ("signing", json!({ "profile": "fapi2-message-signing" })),
        ("signed-userinfo", json!({ "userinfo_signed_response_alg": "ES256" })),
        (
            "encrypting",
            json!({
                "id_token_encrypted_response_alg": ENCRYPTION,
                "userinfo_signed_response_alg": "ES256",
                "userinfo_encrypted_response_alg": ENCRYPTION,
            }),
        ),
        ("interop", json!({ "profile": "interop", "id_token_signed_response_alg": "RS256" })),
    ]
}

impl Deployment {
    /// Where the configuration is.
    pub(super) fn config_file(&self) -> PathBuf {
        self.directory.join("esignet.toml")
    }

    /// The issuer. An address and not a name: no resolver, and another site than the relying party's.
    pub(super) fn issuer(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Where browsers reach the relying party. Cookies know no ports, so it has a host name of its own.
    pub(super) fn rp_url(&self) -> String {
        format!("http://localhost:{}", self.rp_port)
    }

    /// The directory of plugins.
    pub(super) fn plugins_directory(&self) -> PathBuf {
        self.plugins.clone().unwrap_or_else(|| self.directory.join("plugins"))
    }

    /// Whether the made-up people are there.
    pub(super) fn has_mock_identity(&self) -> bool {
        self.plugins_directory().join(format!("{ID_SYSTEM}.wasm")).is_file()
    }

    /// Writes what is missing, and what depends on the ports anew.
    pub(super) fn write(&self, embedded: &[(&str, &[u8])]) -> anyhow::Result<DevClients> {
        for directory in ["clients", "keys"] {
            let directory = self.directory.join(directory);
            fs::create_dir_all(&directory)
                .with_context(|| format!("{} cannot be made", directory.display()))?;
        }
        if self.plugins.is_none() {
            let directory = self.plugins_directory();
            fs::create_dir_all(&directory)
                .with_context(|| format!("{} cannot be made", directory.display()))?;
            let under_work = self.under_work.as_ref();
            for (name, component) in embedded {
                let file = directory.join(format!("{name}.wasm"));
                if under_work.is_none_or(|plugin| !plugin.replaces(name)) {
                    write(&file, component)?;
                } else if file.exists() {
                    fs::remove_file(&file)
                        .with_context(|| format!("{} stands in the way", file.display()))?;
                }
            }
            if let Some(plugin) = under_work {
                let component = fs::read(&plugin.component);
                let component = component.with_context(|| plugin.component.display().to_string())?;
                write(&plugin.file_in(&directory), &component)?;
            }
        }
        let sample =
            self.client("sample-relying-party", &format!("{}/callback", self.rp_url()), &json!({}))?;
        let scripts =
            scripts().into_iter().map(|(id, members)| self.client(id, "http://127.0.0.1/cb", &members));
        let clients = DevClients { sample, scripts: scripts.collect::<Result<_, _>>()? };
        write(&self.config_file(), self.config()?.as_bytes())?;
        Ok(clients)
    }

    fn client(&self, id: &str, redirect_uri: &str, members: &Value) -> anyhow::Result<DevClient> {
        let members = members.as_object().cloned().unwrap_or_default();
        let key = signing_key(&self.directory.join("keys").join(format!("{id}.jwk")))?;
        let mut private_jwks: Vec<Value> = vec![serde_json::from_str(&key.to_private_jwk()?)?];
        if members.contains_key("id_token_encrypted_response_alg") {
            let file = self.directory.join("keys").join(format!("{id}-encryption.jwk"));
            private_jwks.push(for_encryption(serde_json::from_str(&signing_key(&file)?.to_private_jwk()?)?));
        }
        let mut registration = json!({
            "client_id": id,
            "client_name": { "en": if id == "sample-relying-party" { "Sample service" } else { "Script" } },
            "relying_party_id": "sample",
            "redirect_uris": [redirect_uri],
            "jwks": { "keys": private_jwks.iter().map(public).collect::<Vec<_>>() },
            "claims": self.claims(),
            // Whoever tries a login sees all of it, every time.
            "consent_expires_after_minutes": 0,
        });
        if let Value::Object(registration) = &mut registration {
            registration.extend(members.clone());
        }
        let client: Client = serde_json::from_value(registration)?;
        let registration = serde_json::to_string_pretty(&client)?;
        write(&self.directory.join("clients").join(format!("{id}.json")), registration.as_bytes())?;
        Ok(DevClient {
            client_id: id.to_owned(),
            members,
            redirect_uris: vec![redirect_uri.to_owned()],
            private_jwks,
        })
    }

    /// What the clients may ask for: what the ID system that somebody is writing releases, or what the made-up people have.
    fn claims(&self) -> Vec<String> {
        let of_plugin = self.under_work.as_ref().and_then(|plugin| plugin.id_system.clone());
        of_plugin.unwrap_or_else(|| CLAIMS.map(str::to_owned).to_vec())
    }

    /// The factor that somebody is writing judges by itself, and the made-up register takes its word.
    fn taken_words(&self) -> String {
        let factor = self.under_work.as_ref().and_then(|plugin| plugin.factor.as_deref());
        factor.map_or_else(String::new, |factor| format!("evidence = [\"TOTP\", {}]\n", quoted(factor)))
    }

    fn config(&self) -> anyhow::Result<String> {
        let plugins = self.plugins_directory();
        let plugins = plugins.to_str().context("the path of the plugins is not UTF-8")?;
        let id_system = if self.has_mock_identity() {
            // Named, so that a second ID system in the directory of --plugins is no question.
            format!(
                "id_system = {}\n\n[plugins.{ID_SYSTEM}.config]\notp = {}\npin = {}\npassword = {}\n{}",
                quoted(ID_SYSTEM),
                quoted(OTP),
                quoted(PIN),
                quoted(PASSWORD),
                self.taken_words(),
            )
        } else {
            String::new()
        };
        let under_work = self.under_work.as_ref().map_or_else(String::new, UnderWork::lines);
        let (before, after) = match under_work.split_once(under_work::SECTIONS) {
            Some((before, after)) => (format!("{before}\n"), after),
            None => (String::new(), under_work.as_str()),
        };
        Ok(format!(
            "# Written by `esignet dev` at every start. To go on from here, copy it and use `esignet serve`.\n\
             [server]\nissuer = {issuer}\nlisten = {listen}\n\
             # One of the clients shows what a relying party gets that cannot do better.\n\
             profile_floor = \"interop\"\n\n\
             [store]\nurl = \"sled:store\"\n\n\
             [keys]\nmaster_key_file = \"master.key\"\nalgorithms = [\"ES256\", \"RS256\"]\n\n\
             # Made-up people sign in as often as they like.\n\
             [bounds]\npushed_requests_per_minute = 10_000_000\notps_per_individual_per_hour = 10_000_000\n\n\
             [clients]\ndirectory = \"clients\"\n\n\
             {assurance}\n\
             [log]\nformat = \"text\"\n\n\
             # Whoever tries plugins has not signed them yet. Where people log in, name their publishers instead.\n\
             [plugins]\nrequire_signatures = false\ndirectory = {plugins}\n{before}{id_system}\n{after}",
            assurance = self.under_work.as_ref().map_or_else(|| ASSURANCE.to_owned(), UnderWork::assurance),
            issuer = quoted(&self.issuer()),
            listen = quoted(&format!("127.0.0.1:{}", self.port)),
            plugins = quoted(plugins),
        ))
    }
}

/// The text as a TOML string.
pub(super) fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

/// The key in the file, made when there is none.
fn signing_key(file: &Path) -> anyhow::Result<SigningKey> {
    if file.exists() {
        let content = secret_file::read(file).map_err(|finding| anyhow::anyhow!("{finding}"))?;
        let jwk =
            serde_json::from_slice(&content).with_context(|| format!("{} is no JWK", file.display()))?;
        return SigningKey::from_private_jwk(&jwk)
            .with_context(|| format!("{} is no private JWK", file.display()));
    }
    let key = SigningKey::generate(Algorithm::Es256)?;
    let written = secret_file::create(file, key.to_private_jwk()?.as_bytes());
    written.with_context(|| format!("{} cannot be written", file.display()))?;
    Ok(key)
}

fn write(file: &Path, content: &[u8]) -> anyhow::Result<()> {
    fs::write(file, content).with_context(|| format!("{} cannot be written", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{self, client_file};

    #[test]
    fn what_is_written_is_an_ordinary_configuration_with_ordinary_clients() {
        let directory = tempfile::tempdir().unwrap();
        let deployment = Deployment {
            directory: directory.path().to_owned(),
            plugins: None,
            port: 8088,
            rp_port: 8089,
            under_work: None,
        };
        let first = deployment.write(&[(ID_SYSTEM, b"\0asm"), ("otp", b"\0asm")]).unwrap();
        let (config, findings) = config::load(&deployment.config_file(), []).unwrap();
        assert!(findings.is_empty(), "{findings:?}");
        assert_eq!(config.server.issuer.as_str(), "http://127.0.0.1:8088");
        assert!(config.plugins.grants.contains_key(ID_SYSTEM));
        assert!(config.weakenings.iter().any(|weakening| weakening.key == "plugins.require_signatures"));
        assert_eq!(config.plugins.id_system.as_deref(), Some(ID_SYSTEM), "whatever else --plugins has");
        let client =
            client_file::load(&directory.path().join("clients/sample-relying-party.json")).unwrap().client;
        assert_eq!(client.redirect_uris[0].as_str(), "http://localhost:8089/callback");
        assert!(client_file::load(&directory.path().join("clients/script.json")).is_ok());
        let second = deployment.write(&[]).unwrap();
        let keys = |clients: &DevClients| -> Vec<Vec<Value>> {
            clients.scripts.iter().map(|client| client.private_jwks.clone()).collect()
        };
        assert_eq!(keys(&first), keys(&second), "keys stay");
    }

    #[test]
    fn where_the_made_up_people_are_not_the_id_system_is_left_to_the_directory() {
        let directory = tempfile::tempdir().unwrap();
        let plugins = directory.path().join("others");
        fs::create_dir(&plugins).unwrap();
        fs::write(plugins.join("register.wasm"), b"\0asm").unwrap();
        let deployment = Deployment {
            directory: directory.path().to_owned(),
            plugins: Some(plugins),
            port: 8088,
            rp_port: 8089,
            under_work: None,
        };
        deployment.write(&[]).unwrap();
        let (config, _) = config::load(&deployment.config_file(), []).unwrap();
        assert_eq!(config.plugins.id_system, None);
        assert!(config.plugins.grants.is_empty());
    }
}
