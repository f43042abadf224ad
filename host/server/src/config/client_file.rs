//! A relying party's registration in a file, TOML or JSON, with everything that is wrong with it at once.

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
use serde_json::Value as Json;

use super::document::{self, Entry, Node, Place, Table, Value};
use super::finding::{Finding, Findings, any_error};
use super::plugins::json;
use super::section::{Reading, Section};

/// The largest file taken: a registration with twenty RSA keys is a tenth of it.
const MAX_BYTES: u64 = 256 * 1024;

/// Reads a registration from a file whose name ends in `.toml` or `.json`.
pub(crate) fn load(file: &Path) -> Result<Client, Vec<Finding>> {
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
pub(crate) fn read(file: &Path, text: &str) -> Result<Client, Vec<Finding>> {
    let findings = Findings::default();
    let nowhere = Place::Nowhere(Arc::from(file.display().to_string()));
    let table = match file.extension().and_then(|end| end.to_str()) {
        Some("toml") => document::parse(file, text, &findings),
        Some("json") => from_json(file, text, &nowhere, &findings),
        _ => {
            let problem = "a registration is a .toml or a .json file";
            findings.error("file", &nowhere, problem, "rename the file after what it holds");
            Table::default()
        }
    };
    if findings.any() {
        return Err(findings.into_vec());
    }
    let reading = Reading { findings: &findings, directory: Path::new("") };
    let client = client(Section::root(reading, nowhere.clone(), &table));
    if let Some(client) = &client {
        for error in client.findings() {
            let place = table.entry(error.field).map_or(&nowhere, |entry| &entry.place);
            findings.error("client", place, format!("`{}` cannot be registered", error.field), error.problem);
        }
    }
    let findings = findings.into_vec();
    match client {
        Some(client) if !any_error(&findings) => Ok(client),
        _ => Err(findings),
    }
}

fn client(section: Section<'_>) -> Option<Client> {
    let client_id = section.required_text("client_id", "\"bank-web\"").and_then(|text| {
        let parsed = ClientId::parse(&text.value);
        report(
            &section,
            &text.place,
            parsed.map_err(|error| error.to_string()),
            "shorten it or use other characters",
        )
    });
    if !section.has("client_name") {
        missing(&section, "client_name", "{ en = \"Example Bank\" }");
    }
    let client_name = section.words("client_name");
    let relying_party_id = section.required_text("relying_party_id", "\"example-bank\"");
    let profile = section.choice(
        "profile",
        &Profile::ALL.map(|profile| (profile.as_str(), profile)),
        Profile::default(),
    );
    let redirect_uris = redirect_uris(&section);
    let jwks = jwks(&section);
    let plain = |key| section.text(key).map(|text| text.value);
    let method = choices(AuthenticationMethod::ALL, AuthenticationMethod::as_str);
    let status = [("active", Status::Active), ("inactive", Status::Inactive)];
    let texts = |key| section.texts(key).unwrap_or_default().into_iter().map(|text| text.value);
    let mut client = Client {
        client_id: client_id?,
        client_name,
        relying_party_id: relying_party_id?.value,
        status: section.choice("status", &status, Status::default()),
        profile,
        redirect_uris: redirect_uris?,
        purpose: purpose(section.section("purpose"), section.has("purpose")),
        logo_uri: plain("logo_uri"),
        logo: None,
        token_endpoint_auth_method: section.choice(
            "token_endpoint_auth_method",
            &method,
            AuthenticationMethod::default(),
        ),
        token_endpoint_auth_signing_alg: optional_algorithm(&section, "token_endpoint_auth_signing_alg"),
        jwks: jwks?,
        jwks_uri: plain("jwks_uri"),
        tls_client_auth_subject_dn: plain("tls_client_auth_subject_dn"),
        tls_client_auth_san_dns: plain("tls_client_auth_san_dns"),
        tls_client_auth_san_uri: plain("tls_client_auth_san_uri"),
        tls_client_auth_san_ip: plain("tls_client_auth_san_ip"),
        tls_client_auth_san_email: plain("tls_client_auth_san_email"),
        tls_client_certificate_bound_access_tokens: section
            .flag("tls_client_certificate_bound_access_tokens", false),
        dpop_bound_access_tokens: section
            .has("dpop_bound_access_tokens")
            .then(|| section.flag("dpop_bound_access_tokens", true)),
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
        acr_values: texts("acr_values").map(Acr).collect(),
        sector_identifier: plain("sector_identifier"),
        consent_expires_after_minutes: None,
    };
    if section.has("consent_expires_after_minutes") {
        client.consent_expires_after_minutes =
            Some(section.number("consent_expires_after_minutes", 0..=u64::MAX, 0));
    }
    section.ask("dpop_bound_access_tokens");
    section.ask("consent_expires_after_minutes");
    section.finish();
    Some(client)
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

fn missing(section: &Section<'_>, key: &str, example: &str) {
    let problem = format!("`{key}` is missing in {}", section.title());
    section.findings().error("missing-key", section.place(), problem, format!("add {key} = {example}"));
}

fn report<T>(section: &Section<'_>, place: &Place, parsed: Result<T, String>, fix: &str) -> Option<T> {
    parsed.map_err(|problem| section.findings().error("client", place, problem, fix)).ok()
}

fn redirect_uris(section: &Section<'_>) -> Option<Vec<RedirectUri>> {
    if !section.has("redirect_uris") {
        missing(section, "redirect_uris", "[\"https://bank.example/callback\"]");
    }
    let texts = section.texts("redirect_uris")?;
    let all = texts.len();
    let uris: Vec<_> = texts
        .into_iter()
        .filter_map(|text| {
            let parsed = RedirectUri::parse(&text.value);
            let named = parsed.map_err(|error| format!("the redirect URI \"{}\": {error}", text.value));
            report(section, &text.place, named, "register the exact URI that the relying party will send")
        })
        .collect();
    (uris.len() == all).then_some(uris)
}

fn jwks(section: &Section<'_>) -> Option<JwkSet> {
    let needs_none = section.has("jwks_uri")
        || section.text("token_endpoint_auth_method").is_some_and(|method| method.value == "tls_client_auth");
    let Some(entry) = section.known_entry("jwks") else {
        if needs_none {
            return Some(JwkSet::default());
        }
        missing(
            section,
            "jwks",
            "{ keys = [{ kty = \"EC\", crv = \"P-256\", alg = \"ES256\", x = \"…\", y = \"…\" }] }",
        );
        return None;
    };
    let parsed = JwkSet::from_value(&json(&entry.node))
        .map_err(|error| format!("`jwks` is no set of public keys: {error}"));
    let set = report(
        section,
        &entry.place,
        parsed,
        "register the public JWK set of the relying party (RFC 7517 section 5)",
    )?;
    for error in set.skipped() {
        let problem = format!("a key of `jwks` cannot be used: {error}");
        let fix = "register keys for ES256, PS256 or EdDSA, or leave this one out";
        section.findings().error("client", &entry.place, problem, fix);
    }
    Some(set)
}

/// A JSON object as a table; its values have no line of their own.
fn from_json(file: &Path, text: &str, place: &Place, findings: &Findings) -> Table {
    match serde_json::from_str(text) {
        Ok(Json::Object(members)) => return table(members, place),
        Ok(_) => findings.error(
            "syntax",
            place,
            "this is not a JSON object",
            "write one client as { \"client_id\": … }",
        ),
        Err(error) => {
            let (line, column) = (error.line(), error.column());
            let place = Place::File { file: Arc::from(file.display().to_string()), line, column };
            findings.error("syntax", &place, format!("this is not JSON: {error}"), "correct the line");
        }
    }
    Table::default()
}

fn table(members: serde_json::Map<String, Json>, place: &Place) -> Table {
    let entry = |(key, value)| Entry { key, place: place.clone(), node: node(value, place) };
    Table { entries: members.into_iter().filter(|(_, value)| !value.is_null()).map(entry).collect() }
}

fn node(value: Json, place: &Place) -> Node {
    let value = match value {
        Json::Null => Value::Text(String::new()),
        Json::Bool(flag) => Value::Boolean(flag),
        Json::Number(number) => match number.as_i64() {
            Some(whole) => Value::Integer(i128::from(whole)),
            None => Value::Float(number.as_f64().unwrap_or(f64::NAN)),
        },
        Json::String(text) => Value::Text(text),
        Json::Array(values) => Value::Array(values.into_iter().map(|value| node(value, place)).collect()),
        Json::Object(members) => Value::Table(table(members, place)),
    };
    Node { place: place.clone(), value }
}
