//! Plugins must be signed: what publishers and operators do with the real binary, and what it says of files it does not
//! take (`docs/operations/plugin-signatures.md`).

use std::os::unix::fs::PermissionsExt;

use esignet_tests::login::{self, AMINA};
use esignet_tests::{Publisher, Site, artifacts};
use serde_json::Value;

/// Changes the configuration.
fn reconfigure(site: &Site, from: &str, to: &str) {
    let before = std::fs::read_to_string(site.config()).unwrap();
    assert!(before.contains(from), "{from} is in {before}");
    std::fs::write(site.config(), before.replacen(from, to, 1)).unwrap();
}

/// Runs a command that must succeed, and returns what it wrote.
fn done(site: &Site, arguments: &[&str]) -> String {
    let (code, output, errors) = site.run(arguments).unwrap();
    assert_eq!(code, 0, "{arguments:?}: {output}{errors}");
    output
}

/// What `esignet plugin list` says of the OTP factor.
fn otp(site: &Site) -> Value {
    let (_, output, errors) = site.run(&["plugin", "list", "--json"]).unwrap();
    let listed: Value =
        serde_json::from_str(&output).unwrap_or_else(|error| panic!("{error}: {output}{errors}"));
    listed.as_array().unwrap().iter().find(|plugin| plugin["id"] == "otp").unwrap().clone()
}

#[tokio::test]
async fn a_publisher_makes_a_key_and_signs_and_an_operator_who_trusts_it_serves_logins() {
    let site = Site::new("memory").unwrap();
    std::fs::copy(artifacts::plugin("otp").unwrap(), site.plugin("otp")).unwrap();
    let config = done(&site, &["plugin", "keygen", "--out", "ministry", "--no-password"]);
    let private = site.directory.path().join("ministry.key");
    assert_eq!(std::fs::metadata(&private).unwrap().permissions().mode() & 0o777, 0o600);
    let (code, _, errors) = site.run(&["plugin", "keygen", "--out", "ministry", "--no-password"]).unwrap();
    assert_eq!(code, 2, "a key is never written over: {errors}");

    let (code, _, errors) = site
        .run(&["plugin", "sign", "--key", "ministry.key", "--version", "9.9.9", "plugins/otp.wasm"])
        .unwrap();
    assert_eq!(code, 2, "the manifest says which version it is");
    assert!(errors.contains("leave --id and --version out"), "{errors}");
    let sign = ["plugin", "sign", "--key", "ministry.key", "plugins/otp.wasm"];
    done(&site, &sign);
    let once = std::fs::read(site.plugin("otp")).unwrap().len();
    done(&site, &sign);
    assert_eq!(std::fs::read(site.plugin("otp")).unwrap().len(), once, "a key signs once");
    let verified = done(&site, &["plugin", "verify", "plugins/otp.wasm", "--key", "ministry.pub"]);
    assert!(verified.contains("signed by ministry.pub\tversion 0.1.0"), "{verified}");
    let (code, _, errors) =
        site.run(&["plugin", "verify", "plugins/otp.wasm", "--config", "esignet.toml"]).unwrap();
    assert_eq!(code, 2);
    assert!(errors.contains("[plugins.publishers.NAME]"), "{errors}");

    let (_, lines) = config.split_once("\n\n").unwrap();
    site.configure(lines).unwrap();
    let verified =
        done(&site, &["plugin", "verify", "plugins/otp.wasm", "--config", "esignet.toml", "--json"]);
    let verified: Value = serde_json::from_str(&verified).unwrap();
    assert_eq!((&verified["verified"], &verified["signed_by"][0]), (&Value::Bool(true), &"ministry".into()));
    let listed = otp(&site);
    assert_eq!((&listed["state"], &listed["version"]), (&"loaded".into(), &"0.1.0".into()), "{listed}");
    let mut server = site.start().await.unwrap();
    let rp = site.rp(&server, "bank").await.unwrap();
    assert_eq!(login::whole(&rp, AMINA.id).await.unwrap().userinfo["name"], AMINA.name);
    server.stop().await.unwrap();
    let log = server.log();
    let line = log.lines().find(|line| line.contains("plugin loaded") && line.contains("otp")).unwrap();
    assert!(line.contains("ministry"), "the log says who signed it: {line}");
}

#[test]
fn what_is_not_signed_as_it_must_be_is_refused_with_what_to_do() {
    let component = std::fs::read(artifacts::plugin("otp").unwrap()).unwrap();
    let (ours, stranger) = (Publisher::new(1), Publisher::new(2));
    let sign =
        |publisher: &Publisher, id: &str, version: &str| publisher.sign(&component, id, version).unwrap();
    let good = sign(&ours, "otp", "0.1.0");
    let mut tampered = good.clone();
    tampered[component.len() / 2] ^= 1;
    let mut commented = good.clone();
    let version = commented.windows(5).rposition(|window| window == b"0.1.0").unwrap();
    commented[version] = b'9';
    let behind = [&good[..], b"\0\x05\x04more"].concat();
    let cases = [
        ("unsigned", component.clone(), "nobody signed it", "esignet plugin sign --key"),
        ("tampered", tampered, "is not over this file", "get the file again"),
        ("another version in the comment", commented, "is not over this file", "get the file again"),
        ("a stranger's", sign(&stranger, "otp", "0.1.0"), "no publisher", "[plugins.publishers.NAME]"),
        (
            "another plugin's",
            sign(&ours, "mock-identity", "0.1.0"),
            "is not what the file says it is",
            "esignet plugin sign",
        ),
        ("downgraded", sign(&ours, "otp", "0.0.9"), "it is version 0.0.9", "minimum_version"),
        ("something behind the signature", behind, "follows a signature", "copy it whole"),
        ("cut off", good[..good.len() - 1].to_vec(), "cut off", "copy it whole"),
    ];
    let site = Site::new("memory").unwrap();
    site.configure("[plugins.otp]\nminimum_version = \"0.1.0\"\n").unwrap();
    assert_eq!(otp(&site)["state"], "loaded", "before anything is wrong");
    for (name, file, rule, mend) in cases {
        std::fs::write(site.plugin("otp"), file).unwrap();
        let listed = otp(&site);
        let error = listed["errors"].to_string();
        for expected in [rule, mend, "otp.wasm"] {
            assert!(error.contains(expected), "{name} does not say {expected}: {error}");
        }
        let (code, _, errors) =
            site.run(&["plugin", "verify", "plugins/otp.wasm", "--config", "esignet.toml"]).unwrap();
        assert_eq!(code, 2, "{name}: {errors}");
    }
    let (code, _, errors) = site.run(&["serve", "--config", "esignet.toml"]).unwrap();
    assert_eq!(code, 2, "nobody could log in: {errors}");
}

#[test]
fn what_is_revoked_is_refused_also_by_a_list_that_somebody_publishes() {
    let site = Site::new("memory").unwrap();
    let digest = otp(&site)["digest"].as_str().unwrap().to_owned();
    let list = site.directory.path().join("revoked.txt");
    std::fs::write(&list, format!("# otp 1.2.0 lets everybody in\n{digest}\n")).unwrap();
    site.configure("[plugins.revoked]\nfile = \"revoked.txt\"\n").unwrap();
    let error = otp(&site)["errors"].to_string();
    assert!(error.contains(&digest) && error.contains("is revoked"), "{error}");
    std::fs::write(&list, "").unwrap();
    assert_eq!(otp(&site)["state"], "loaded");
    std::fs::write(&list, format!("{}\n", site.publisher.public_key())).unwrap();
    let error = otp(&site)["errors"].to_string();
    assert!(error.contains("is revoked") && error.contains("new key"), "{error}");
    std::fs::write(&list, "nonsense").unwrap();
    let (code, _, errors) = site.run(&["check", "esignet.toml"]).unwrap();
    assert_eq!(code, 2, "what cannot be read is not taken for empty");
    assert!(errors.contains("revoked.txt:1"), "{errors}");
}

#[test]
fn two_publishers_are_two_and_one_with_two_signatures_is_one() {
    let site = Site::new("memory").unwrap();
    let (first, second, other) = (Publisher::new(1), Publisher::new(4), Publisher::new(5));
    let keys = format!("public_keys = [\"{}\", \"{}\"]", first.public_key(), second.public_key());
    reconfigure(&site, &format!("public_key = \"{}\"", first.public_key()), &keys);
    site.configure(&format!("[plugins.publishers.auditor]\npublic_key = \"{}\"\n", other.public_key()))
        .unwrap();
    reconfigure(&site, "[plugins]\n", "[plugins]\nsignatures_needed = 2\n");
    let one = std::fs::read(site.plugin("otp")).unwrap();
    let twice = second.sign(&one, "otp", "0.1.0").unwrap();
    std::fs::write(site.plugin("otp"), &twice).unwrap();
    let error = otp(&site)["errors"].to_string();
    assert!(error.contains("2 publishers must have signed it") && error.contains("are: tests"), "{error}");
    std::fs::write(site.plugin("otp"), other.sign(&twice, "otp", "0.1.0").unwrap()).unwrap();
    let listed = otp(&site);
    assert_eq!(listed["signed_by"], serde_json::json!(["auditor", "tests"]), "{listed}");
}

#[tokio::test]
async fn without_a_publisher_nothing_is_loaded_until_the_operator_says_so_in_as_many_words() {
    let site = Site::new("memory").unwrap();
    artifacts_as_built(&site);
    let key = format!("[plugins.publishers.tests]\npublic_key = \"{}\"\n", site.publisher.public_key());
    reconfigure(&site, &key, "");
    for arguments in [&["serve", "--config", "esignet.toml"][..], &["check", "esignet.toml"]] {
        let (code, output, errors) = site.run(arguments).unwrap();
        assert_eq!(code, 2, "{arguments:?}");
        let said = format!("{output}{errors}");
        for expected in ["[plugins.publishers.NAME]", "public_key", "require_signatures = false"] {
            assert!(said.contains(expected), "{arguments:?} does not say {expected}: {said}");
        }
    }
    reconfigure(&site, "[plugins]\n", "[plugins]\nrequire_signatures = false\n");
    let mut server = site.start().await.unwrap();
    let rp = site.rp(&server, "bank").await.unwrap();
    login::whole(&rp, AMINA.id).await.unwrap();
    server.stop().await.unwrap();
    assert!(server.log().contains("plugins.require_signatures"), "and it is logged: {}", server.log());
}

/// Puts the plugins there as they were built: unsigned.
fn artifacts_as_built(site: &Site) {
    for id in ["otp", "mock-identity"] {
        std::fs::copy(artifacts::plugin(id).unwrap(), site.plugin(id)).unwrap();
    }
}

#[test]
fn signatures_go_to_the_standard_tool_and_come_from_it() {
    let site = Site::new("memory").unwrap();
    let out = site.directory.path().join("out");
    std::fs::create_dir(&out).unwrap();
    done(&site, &["plugin", "verify", "plugins/otp.wasm", "--config", "esignet.toml", "--export", "out"]);
    let component = std::fs::read(out.join("otp.wasm")).unwrap();
    assert_eq!(component, std::fs::read(artifacts::plugin("otp").unwrap()).unwrap(), "as it was built");
    let minisig = "out/otp.wasm.0101010101010101.minisig";
    assert!(
        std::fs::read_to_string(site.directory.path().join(minisig))
            .unwrap()
            .starts_with("untrusted comment: ")
    );
    let into_itself = site.run(&[
        "plugin",
        "verify",
        "plugins/otp.wasm",
        "--config",
        "esignet.toml",
        "--export",
        "plugins",
    ]);
    assert_eq!(into_itself.unwrap().0, 2, "the signed file stays");

    std::fs::copy(out.join("otp.wasm"), site.plugin("otp")).unwrap();
    assert_eq!(otp(&site)["state"], "refused");
    done(&site, &["plugin", "sign", "--attach", minisig, "plugins/otp.wasm"]);
    assert_eq!(otp(&site)["state"], "loaded");

    let text = std::fs::read_to_string(site.directory.path().join(minisig)).unwrap();
    std::fs::write(site.directory.path().join("silent.minisig"), text.replace("id:otp ", "")).unwrap();
    done(&site, &["plugin", "sign", "--attach", "silent.minisig", "plugins/otp.wasm"]);
    assert_eq!(otp(&site)["state"], "refused", "a comment that was changed is not what was signed");
}
