//! A relying party's registration, TOML or JSON, with everything that is wrong with it at once.

mod json;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use esignet_jose::algorithm::Algorithm;
use esignet_jose::jwe::{ContentEncryption, KeyManagement};
use esignet_jose::jwk::JwkSet;
use esignet_protocol::client::purpose::{Purpose, PurposeKind};
use esignet_protocol::client::{AuthenticationMethod, Client, Profile, Status};
use esignet_protocol::word::acr::Acr;
use esignet_protocol::word::client_id::ClientId;
use esignet_protocol::word::redirect_uri::RedirectUri;

use super::document::{self, Place, Table};
use super::finding::{Finding, Findings, any_error};
use super::section::{Reading, Section};

/// The largest file taken: a registration with twenty RSA keys is a tenth of it.
const MAX_BYTES: u64 = 256 * 1024;

/// A registration that is right in itself, and where its members were written.
#[derive(Clone, Debug)]
pub(crate) struct Registration {
    /// The client.
    pub(crate) client: Client,
    /// Whether it says `status`. One that does not leaves a client active or inactive as it is.
    pub(crate) says_status: bool,
    source: Source,
    members: Vec<(String, Place)>,
}

impl Registration {
    /// Where a member was written, or where it is missing.
    pub(crate) fn place(&self, member: &str) -> String {
        let written = self.members.iter().find(|(name, _)| name == member);
        written.map_or_else(|| self.source.member(member), |(_, place)| place.clone()).to_string()
    }
}

/// Where a registration was read from, for places of what is not there.
#[derive(Clone, Debug)]
struct Source {
    /// The file; empty for a body of the admin API.
    name: Arc<str>,
    has_lines: bool,
}

impl Source {
    fn whole(&self) -> Place {
        Place::Nowhere(Arc::clone(&self.name))
    }

    fn member(&self, member: &str) -> Place {
        match (self.has_lines, self.name.is_empty()) {
            (true, _) => self.whole(),
            (false, true) => Place::Nowhere(Arc::from(member)),
            (false, false) => Place::Nowhere(Arc::from(format!("{}: {member}", self.name))),
        }
    }
}

/// Reads a registration from a file whose name ends in `.toml` or `.json`.
pub(crate) fn load(file: &Path) -> Result<Registration, Vec<Finding>> {
    let refuse = |problem: String, fix: &str| Err(vec![Finding::error("file", file.display(), problem, fix)]);
    match std::fs::metadata(file) {
        Ok(metadata) if metadata.len() > MAX_BYTES => {
            return refuse(
                format!("the file has more than {MAX_BYTES} bytes"),
                "name a registration of one client",
            );
        }
        Ok(_) => {}
        Err(error) => {
            return refuse(format!("the file cannot be read: {error}"), "name a file that is there");
        }
    }
    match std::fs::read_to_string(file) {
        Ok(text) => read(file, &text),
        Err(error) => refuse(format!("the file cannot be read: {error}"), "make it readable UTF-8 text"),
    }
}

/// Reads a registration from its text.
pub(crate) fn read(file: &Path, text: &str) -> Result<Registration, Vec<Finding>> {
    let findings = Findings::default();
    let end = file.extension().and_then(|end| end.to_str());
    let source = Source {
        name: Arc::from(file.display().to_string()),
        has_lines: end.is_some_and(|end| end != "json"),
    };
    let table = match end {
        Some("toml") => document::parse(file, text, &findings),
        Some("json") => json::parse(file, text, &source, &findings),
        _ => {
            let problem = "a registration is a .toml or a .json file";
            findings.error("file", &source.whole(), problem, "rename the file after what it holds");
            Table::default()
        }
    };
    registration(&table, source, findings)
}

/// Reads a registration from the body of a request: the places of findings are names of members.
pub(crate) fn from_members(
    members: serde_json::Map<String, serde_json::Value>,
) -> Result<Registration, Vec<Finding>> {
    let source = Source { name: Arc::from(""), has_lines: false };
    registration(&json::table(members, &source), source, Findings::default())
}

fn registration(table: &Table, source: Source, findings: Findings) -> Result<Registration, Vec<Finding>> {
    if findings.any() {
        return Err(findings.into_vec());
    }
    let reading = Reading { findings: &findings, directory: Path::new("") };
    let section = Section::root(reading, source.whole(), table);
    let says_status = section.has("status");
    let mut failed = Failed { source: &source, members: BTreeSet::new() };
    let client = client(section, &mut failed);
    let failed = failed.members;
    if let Some(client) = &client {
        for error in client.findings().into_iter().filter(|error| !failed.contains(error.field)) {
            let place = table
                .entry(error.field)
                .map_or_else(|| source.member(error.field), |entry| entry.place.clone());
            findings.error(
                "client",
                &place,
                format!("`{}` cannot be registered", error.field),
                error.problem,
            );
        }
    }
    let findings = findings.into_vec();
    let members = table.entries.iter().map(|entry| (entry.key.clone(), entry.place.clone())).collect();
    match client {
        Some(client) if !any_error(&findings) => Ok(Registration { client, says_status, source, members }),
        _ => Err(findings),
    }
}

/// Members that were not read, so that nothing more is said of them.
struct Failed<'a> {
    source: &'a Source,
    members: BTreeSet<&'static str>,
}

impl Failed<'_> {
    fn missing(&mut self, section: &Section<'_>, member: &'static str, example: &str) {
        let problem = format!("`{member}` is missing in {}", section.title());
        let place = self.source.member(member);
        section.findings().error("missing-key", &place, problem, format!("add {member} = {example}"));
        self.members.insert(member);
    }

    /// What was read, or a finding and nothing.
    fn report<T>(
        &mut self,
        section: &Section<'_>,
        member: &'static str,
        at: &Place,
        (parsed, fix): (Result<T, String>, &str),
    ) -> Option<T> {
        let refused = |problem| {
            section.findings().error("client", at, problem, fix);
            self.members.insert(member);
        };
        parsed.map_err(refused).ok()
    }
}

/// The client that the members make. What cannot be read is a finding, and something harmless stands in for it, so that the
/// rest is read and judged all the same; with a finding nobody gets to see it.
fn client(section: Section<'_>, failed: &mut Failed<'_>) -> Option<Client> {
    let client_id = client_id(&section, failed);
    if !section.has("client_name") {
        failed.missing(&section, "client_name", "{ en = \"Example Bank\" }");
    }
    let client_name = section.words("client_name");
    if !section.has("relying_party_id") {
        failed.missing(&section, "relying_party_id", "\"example-bank\"");
    }
    let plain = |key| section.text(key).map(|text| text.value);
    let relying_party_id = plain("relying_party_id").unwrap_or_default();
    let redirect_uris = redirect_uris(&section, failed);
    let jwks = jwks(&section, failed);
    let profiles = choices(Profile::ALL, Profile::as_str);
    let methods = choices(AuthenticationMethod::ALL, AuthenticationMethod::as_str);
    let status = [("active", Status::Active), ("inactive", Status::Inactive)];
    let texts = |key| section.texts(key).unwrap_or_default().into_iter().map(|text| text.value);
    let flag = |key| section.flag(key, false);
    let minutes = || section.number("consent_expires_after_minutes", 0..=u64::MAX, 0);
    section.ask("dpop_bound_access_tokens");
    section.ask("consent_expires_after_minutes");
    let client = Client {
        client_id: client_id.or_else(|| ClientId::parse("unreadable").ok())?,
        client_name,
        relying_party_id,
        status: section.choice("status", &status, Status::default()),
        profile: section.choice("profile", &profiles, Profile::default()),
        redirect_uris,
        purpose: purpose(section.section("purpose"), section.has("purpose")),
        logo_uri: plain("logo_uri"),
        logo: None,
        token_endpoint_auth_method: section.choice(
            "token_endpoint_auth_method",
            &methods,
            AuthenticationMethod::default(),
        ),
        token_endpoint_auth_signing_alg: optional_algorithm(&section, "token_endpoint_auth_signing_alg"),
        jwks,
        jwks_uri: plain("jwks_uri"),
        tls_client_auth_subject_dn: plain("tls_client_auth_subject_dn"),
        tls_client_auth_san_dns: plain("tls_client_auth_san_dns"),
        tls_client_auth_san_uri: plain("tls_client_auth_san_uri"),
        tls_client_auth_san_ip: plain("tls_client_auth_san_ip"),
        tls_client_auth_san_email: plain("tls_client_auth_san_email"),
        tls_client_certificate_bound_access_tokens: flag("tls_client_certificate_bound_access_tokens"),
        dpop_bound_access_tokens: section
            .has("dpop_bound_access_tokens")
            .then(|| flag("dpop_bound_access_tokens")),
        require_signed_request_object: flag("require_signed_request_object"),
        request_object_signing_alg: optional_algorithm(&section, "request_object_signing_alg"),
        authorization_signed_response_alg: signed_with(&section, "authorization_signed_response_alg"),
        id_token_signed_response_alg: signed_with(&section, "id_token_signed_response_alg"),
        id_token_encrypted_response_alg: key_management(&section, "id_token_encrypted_response_alg"),
        id_token_encrypted_response_enc: content_encryption(&section, "id_token_encrypted_response_enc"),
        userinfo_signed_response_alg: optional_algorithm(&section, "userinfo_signed_response_alg"),
        userinfo_encrypted_response_alg: key_management(&section, "userinfo_encrypted_response_alg"),
        userinfo_encrypted_response_enc: content_encryption(&section, "userinfo_encrypted_response_enc"),
        introspection_signed_response_alg: signed_with(&section, "introspection_signed_response_alg"),
        claims: texts("claims").collect(),
        key_binding: flag("key_binding"),
        acr_values: texts("acr_values").map(Acr).collect(),
        sector_identifier: plain("sector_identifier"),
        consent_expires_after_minutes: section.has("consent_expires_after_minutes").then(minutes),
    };
    section.finish();
    Some(client)
}

fn client_id(section: &Section<'_>, failed: &mut Failed<'_>) -> Option<ClientId> {
    if !section.has("client_id") {
        section.ask("client_id");
        failed.missing(section, "client_id", "\"bank-web\"");
        return None;
    }
    let text = section.text("client_id")?;
    let parsed = ClientId::parse(&text.value).map_err(|error| error.to_string());
    failed.report(section, "client_id", &text.place, (parsed, "shorten it or use other characters"))
}

fn choices<T: Copy, const N: usize>(all: [T; N], name: impl Fn(T) -> &'static str) -> [(&'static str, T); N] {
    all.map(|value| (name(value), value))
}

fn signed_with(section: &Section<'_>, key: &'static str) -> Algorithm {
    section.choice(key, &choices(Algorithm::ALL, Algorithm::as_str), Algorithm::Es256)
}

fn optional_algorithm(section: &Section<'_>, key: &'static str) -> Option<Algorithm> {
    section.choice(
        key,
        &choices(Algorithm::ALL, Algorithm::as_str).map(|(name, value)| (name, Some(value))),
        None,
    )
}

fn key_management(section: &Section<'_>, key: &'static str) -> Option<KeyManagement> {
    let known = choices(KeyManagement::ALL, KeyManagement::as_str);
    section.choice(key, &known.map(|(name, value)| (name, Some(value))), None)
}

fn content_encryption(section: &Section<'_>, key: &'static str) -> ContentEncryption {
    let known = choices(ContentEncryption::ALL, ContentEncryption::as_str);
    section.choice(key, &known, ContentEncryption::default())
}

fn purpose(section: Section<'_>, is_there: bool) -> Option<Purpose> {
    let kinds = [("login", PurposeKind::Login), ("verify", PurposeKind::Verify), ("link", PurposeKind::Link)];
    let kind = section.choice("type", &kinds, PurposeKind::default());
    let purpose = Purpose { kind, title: section.words("title"), subtitle: section.words("subtitle") };
    section.finish();
    is_there.then_some(purpose)
}

fn redirect_uris(section: &Section<'_>, failed: &mut Failed<'_>) -> Vec<RedirectUri> {
    if !section.has("redirect_uris") {
        failed.missing(section, "redirect_uris", "[\"https://bank.example/callback\"]");
    }
    let mut uris = Vec::new();
    for text in section.texts("redirect_uris").unwrap_or_default() {
        let parsed = RedirectUri::parse(&text.value);
        let named = parsed.map_err(|error| format!("the redirect URI \"{}\": {error}", text.value));
        let fix = "register the exact URI that the relying party will send";
        uris.extend(failed.report(section, "redirect_uris", &text.place, (named, fix)));
    }
    uris
}

fn jwks(section: &Section<'_>, failed: &mut Failed<'_>) -> JwkSet {
    let needs_none = section.has("jwks_uri")
        || section.text("token_endpoint_auth_method").is_some_and(|method| method.value == "tls_client_auth");
    let Some(entry) = section.known_entry("jwks") else {
        if !needs_none {
            let example =
                "{ keys = [{ kty = \"EC\", crv = \"P-256\", alg = \"ES256\", x = \"…\", y = \"…\" }] }";
            failed.missing(section, "jwks", example);
        }
        return JwkSet::default();
    };
    let parsed = JwkSet::from_value(&super::plugins::json(&entry.node))
        .map_err(|error| format!("`jwks` is no set of public keys: {error}"));
    let fix = "register the public JWK set of the relying party (RFC 7517 section 5)";
    let set = failed.report(section, "jwks", &entry.place, (parsed, fix)).unwrap_or_default();
    for error in set.skipped() {
        let problem = format!("a key of `jwks` cannot be used: {error}");
        let fix = "register keys for ES256, PS256 or EdDSA, or leave this one out";
        section.findings().error("client", &entry.place, problem, fix);
    }
    set
}
