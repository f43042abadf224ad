//! Every way to get a configuration wrong, with the words an operator reads: `snapshots/` holds them.

mod broken;

use std::path::{Path, PathBuf};

use esignet_jose::algorithm::Algorithm;
use esignet_protocol::keys::KeyPolicy;

use super::*;

const GOOD: &str = r#"
[server]
issuer = "https://id.example.org"

[store]
url = "sled:data"

[keys]
master_key_file = "master.key"
"#;

fn read_as(text: &str, variables: &[(&str, &str)]) -> Result<(Config, Vec<Finding>), Vec<Finding>> {
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    read(Path::new("etc/esignet.toml"), text, variables)
}

fn good(text: &str, variables: &[(&str, &str)]) -> Config {
    match read_as(text, variables) {
        Ok((config, findings)) => {
            assert_eq!(findings, []);
            config
        }
        Err(findings) => panic!("{findings:#?}"),
    }
}

#[test]
fn every_broken_configuration_is_told_all_that_is_wrong_with_it() {
    assert!(broken::CASES.len() >= 20);
    for case in broken::CASES {
        let findings = read_as(case.text, case.variables).map(|_| ()).expect_err(case.name);
        let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
        insta::with_settings!({ description => case.name, omit_expression => true, prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(case.name.replace(' ', "_"), lines.join("\n"));
        });
    }
}

#[test]
fn the_smallest_configuration_has_the_safe_defaults() {
    let config = good(GOOD, &[]);
    assert_eq!(config.server.listen.to_string(), "127.0.0.1:8088");
    assert_eq!(config.lifetimes, Lifetimes::default());
    assert_eq!(config.bounds, Bounds::default());
    assert_eq!(config.weakenings, []);
    assert_eq!(config.assurance.methods[0].acr.as_str(), "mosip:idp:acr:generated-code");
    assert_eq!(config.assurance.methods[0].factors, ["OTP"]);
    assert_eq!(config.login.locales, esignet_web::locales());
}

#[test]
fn consents_are_kept_for_days_and_can_be_kept_for_none() {
    let text = format!("{GOOD}\n[lifetimes]\nconsent_days = 30\nconsent_history_days = 90\n");
    let lifetimes = good(&text, &[]).lifetimes;
    assert_eq!((lifetimes.consent, lifetimes.consent_history), (2_592_000, 7_776_000));
    assert_eq!(good(GOOD, &[("ESIGNET__LIFETIMES__CONSENT_DAYS", "0")]).lifetimes.consent, 0);
}

#[test]
fn signing_keys_turn_as_the_file_says_and_rs256_signs_only_where_interop_does() {
    assert_eq!(good(GOOD, &[]).keys.policy, KeyPolicy::default());
    let keys = "algorithms = [\"ES256\", \"RS256\", \"PS256\"]\nrotate_every_seconds = 86400\njwks_max_age_seconds = 60\n\
                poll_seconds = 5\nclock_skew_seconds = 1\npublish_ahead_seconds = 0\n";
    let text = format!("{GOOD}{keys}[lifetimes]\naccess_token_seconds = 900\n");
    assert!(read_as(&text, &[]).is_err(), "not in fapi2");
    let policy = good(&text, &[("ESIGNET__SERVER__PROFILE_FLOOR", "interop")]).keys.policy;
    let expected = KeyPolicy {
        algorithms: vec![Algorithm::Es256, Algorithm::Rs256, Algorithm::Ps256],
        rotate_every: 86_400,
        jwks_max_age: 60,
        poll_every: 5,
        clock_skew: 1,
        publish_ahead: 0,
        longest_life: 900,
    };
    assert_eq!(policy, expected);
}

#[test]
fn paths_begin_at_the_directory_of_the_file_also_from_a_variable() {
    let config = good(GOOD, &[("ESIGNET__PLUGINS__DIRECTORY", "more/plugins")]);
    assert_eq!(config.store.url, StoreUrl::Sled(PathBuf::from("etc/data")));
    assert_eq!(config.keys.master_key_file, Some(PathBuf::from("etc/master.key")));
    assert_eq!(config.plugins.directory.value, Path::new("etc/more/plugins"));
    assert_eq!(config.plugins.compiled, Some(PathBuf::from("etc/data-compiled")));
}

#[test]
fn variables_take_the_place_of_keys_in_the_type_of_the_key() {
    let text = format!("{GOOD}\n[plugins.mock-identity.config]\notp = \"1\"\n");
    let config = good(
        &text,
        &[
            ("ESIGNET__SERVER__MAX_CONNECTIONS", "17"),
            ("ESIGNET__SERVER__LISTEN", "0.0.0.0:80"),
            ("ESIGNET__SERVER__BEHIND_TLS_PROXY", "true"),
            ("ESIGNET__BOUNDS__LOGINS_PER_REQUEST", "7"),
            ("ESIGNET__LOGIN__LOCALES", "[\"fr\", \"en\"]"),
            ("ESIGNET__BRANDING__NAME", "{ en = \"Example\", fr = \"Exemple\" }"),
            ("ESIGNET__PLUGINS__MOCK_IDENTITY__CONFIG__OTP", "222222"),
            ("ESIGNET__LOG__FORMAT", "text"),
            ("ESIGNET_OTHER", "is not ours"),
        ],
    );
    assert_eq!(config.server.connections.max, 17);
    assert_eq!(config.bounds.logins_per_request, 7);
    assert_eq!(config.login.locales, ["fr", "en"]);
    assert_eq!(config.branding.name["fr"], "Exemple");
    assert_eq!(config.plugins.grants["mock-identity"].config["otp"], serde_json::json!("222222"));
    assert_eq!(config.log.format, Format::Text);
}

#[test]
fn whatever_weakens_a_guard_is_named() {
    let text = r#"
[server]
issuer = "http://localhost:8088"
listen = "0.0.0.0:8088"
behind_tls_proxy = true
client_certificate_header = "x-client-cert"
trusted_proxies = ["10.0.0.0/8"]
[store]
url = "memory"
[bounds]
otps_per_individual_per_hour = 101
[egress]
allow = ["127.0.0.1:9443"]
[log]
level = "debug"
[plugins]
require_signatures = false
[plugins.register.upstreams.register]
url = "http://register.internal"
methods = ["POST"]
path_prefixes = ["/"]
"#;
    let mut keys: Vec<String> =
        good(text, &[]).weakenings.into_iter().map(|weakening| weakening.key).collect();
    keys.sort();
    let expected = [
        "bounds.otps_per_individual_per_hour",
        "egress.allow",
        "log.level",
        "plugins.register.upstreams.register.url",
        "plugins.require_signatures",
        "server.behind_tls_proxy",
        "server.client_certificate_header",
        "server.issuer",
        "store.url",
    ];
    assert_eq!(keys, expected);
}

#[test]
fn nobody_may_sign_plugins_until_the_file_says_who() {
    let trust = good(GOOD, &[]).plugins.signatures.trust;
    assert!(trust.required && trust.publishers.is_empty());
    let key = "RWTEZWrWVvKGW2tdaeVUrXDrneDwfGy4Q5CHSuAvS6+/0bDNt84jqfJ8";
    let text = format!(
        "{GOOD}\n[plugins.publishers.ministry]\npublic_key = \"{key}\"\nplugins = [\"xx.*\"]\n\
         [plugins.revoked]\nkeys = [\"{key}\"]\nfile = \"revoked.txt\"\n\
         [plugins.\"xx.register\"]\nminimum_version = \"1.4.0\"\n"
    );
    let plugins = good(&text, &[]).plugins;
    let trust = plugins.signatures.trust;
    assert_eq!((trust.needed, trust.publishers[0].name.as_str()), (1, "ministry"));
    assert_eq!(trust.publishers[0].keys, trust.revoked.keys);
    assert_eq!(trust.minimum_versions["xx.register"].to_string(), "1.4.0");
    assert_eq!(plugins.grants.into_keys().collect::<Vec<_>>(), ["xx.register"], "publishers are no plugins");
    assert_eq!(plugins.signatures.revoked_file.unwrap().value, Path::new("etc/revoked.txt"));
}

const TLS: &str = "[tls]\ncertificate_file = \"tls/chain.pem\"\nkey_file = \"tls/key.pem\"\n";

#[test]
fn a_server_with_a_certificate_may_be_reached_and_asks_nobody_for_theirs() {
    let config = good(&format!("{GOOD}\n{TLS}"), &[("ESIGNET__SERVER__LISTEN", "0.0.0.0:443")]);
    let files = config.tls.certificate.unwrap();
    assert_eq!(
        (files.certificate.as_path(), files.key.as_path()),
        (Path::new("etc/tls/chain.pem"), Path::new("etc/tls/key.pem"))
    );
    assert_eq!(config.tls.client_certificates, ClientCertificates::None);
    assert_eq!(config.mutual_tls, None);
    assert_eq!(config.weakenings, []);
}

#[test]
fn the_base_for_certificates_is_where_they_are_asked_for() {
    let base = |text: &str| good(&format!("{GOOD}\n{text}"), &[]).mutual_tls.unwrap().base;
    assert_eq!(base(&format!("{TLS}mtls_listen = \"0.0.0.0:8444\"\n")), "https://id.example.org:8444");
    assert_eq!(
        base(&format!("{TLS}mtls_listen = \"0.0.0.0:8444\"\nmtls_base_url = \"https://mtls.example.org\"\n")),
        "https://mtls.example.org"
    );
    assert_eq!(base(&format!("{TLS}client_certificates = \"optional\"\n")), "https://id.example.org");
    let proxied = GOOD.replace(
        "[store]",
        "client_certificate_header = \"client-cert\"\ntrusted_proxies = [\"::1\"]\n[store]",
    );
    let config = good(&proxied, &[]);
    assert_eq!(config.mutual_tls.unwrap().base, "https://id.example.org");
    assert_eq!(config.weakenings[0].key, "server.client_certificate_header");
}

#[test]
fn classes_and_their_methods_keep_the_operators_order() {
    let text = format!("{GOOD}\n[assurance]\nhigh = [[\"BIO\", \"PIN\"], [\"WLA\"]]\nbasic = [[\"OTP\"]]\n");
    let methods = good(&text, &[]).assurance.methods;
    let seen: Vec<_> = methods.iter().map(|method| (method.acr.as_str(), method.factors.join("+"))).collect();
    let expected = [("high", "BIO+PIN"), ("high", "WLA"), ("basic", "OTP")];
    assert_eq!(seen, expected.map(|(acr, factors)| (acr, factors.to_owned())));
}

#[test]
fn the_example_in_the_repository_is_without_fault() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/esignet.toml");
    let (config, findings) = load(&file, []).unwrap_or_else(|findings| panic!("{findings:#?}"));
    assert_eq!(findings, []);
    assert_eq!(config.weakenings, [], "an example is not a place to weaken guards");
    let clients = config.clients_directory.expect("the example declares clients");
    let mut read = 0;
    for entry in std::fs::read_dir(clients).unwrap() {
        client_file::load(&entry.unwrap().path()).unwrap_or_else(|findings| panic!("{findings:#?}"));
        read += 1;
    }
    assert!(read >= 1);
}

#[test]
fn the_example_shows_every_key_there_is() {
    let sections = [
        "server",
        "tls",
        "store",
        "keys",
        "lifetimes",
        "bounds",
        "login",
        "login.captcha",
        "notifications",
        "branding",
        "plugins",
        "clients",
        "admin",
        "audit",
        "key_binding",
        "egress",
        "log",
        "plugins.p",
        "plugins.p.limits",
        "plugins.p.upstreams.u",
        "plugins.p.keys.k",
        "plugins.ceiling",
        "plugins.publishers.p",
        "plugins.revoked",
        // An array of tables.
        "[id_systems]",
    ];
    let text = sections.map(|section| format!("[{section}]\nqqq = 1\n")).concat();
    let example = include_str!("../../../../examples/esignet.toml");
    let findings = read_as(&text, &[]).map(drop).unwrap_err();
    let unknown: Vec<_> = findings.iter().filter(|finding| finding.code == "unknown-key").collect();
    assert_eq!(unknown.len(), sections.len());
    for finding in unknown {
        let (_, known) = finding.fix.split_once("known here: ").unwrap();
        for key in known.split(", ") {
            let shown = [
                format!("\n{key} ="),
                format!("\n# {key} ="),
                format!(".{key}]"),
                format!(".{key}."),
                format!("{key}]]"),
            ];
            assert!(
                shown.iter().any(|shown| example.contains(shown)),
                "{}: `{key}` is not in the example",
                finding.problem
            );
        }
    }
}

#[test]
fn a_missing_file_is_one_pointed_error() {
    let findings = load(Path::new("nowhere/esignet.toml"), []).map(drop).unwrap_err();
    assert_eq!(findings.len(), 1);
    assert_eq!((findings[0].code, findings[0].place.as_str()), ("file", "nowhere/esignet.toml"));
}

#[test]
fn every_broken_registration_is_told_all_that_is_wrong_with_it() {
    for (name, file, text) in broken::REGISTRATIONS {
        let findings = client_file::read(Path::new(file), text).map(drop).expect_err(name);
        let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
        insta::with_settings!({ description => *name, omit_expression => true, prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(format!("client_{}", name.replace(' ', "_")), lines.join("\n"));
        });
    }
}
