use super::*;

const WHOLE: &str = r#"
[plugin]
id = "xx.country.register"
version = "1.4.2"
publisher = "Ministry of the Interior"
license = "MPL-2.0"
description = "The population register."

[requests]
cache = true
claims = ["name"]
[requests.keys]
partner = "sign"
session = { use = "seal", optional = true }
[requests.upstreams.register]
methods = ["POST"]
path_prefixes = ["/v2/"]
max_response_kib = 64
timeout_ms = 3000
calls = 4

[config.schema]
type = "object"

[limits]
cpu_ms = 40

[messages.en]
"field.phone" = "Mobile number"
"#;

#[test]
fn a_whole_manifest_is_read() {
    let manifest = Manifest::parse(WHOLE).unwrap();
    assert_eq!(manifest.plugin.id, "xx.country.register");
    assert_eq!(manifest.plugin.version, Version::new(1, 4, 2));
    assert_eq!(manifest.requests.keys["partner"], KeyAsked::Needed(KeyUse::Sign));
    assert_eq!(manifest.requests.keys["session"].purpose(), KeyUse::Seal);
    assert!(manifest.requests.keys["session"].optional());
    assert_eq!(manifest.requests.upstreams["register"].calls, Some(4));
    assert_eq!(manifest.config.schema.unwrap()["type"], "object");
    assert_eq!(manifest.messages["en"]["field.phone"], "Mobile number");
}

#[test]
fn what_is_wrong_is_told_with_its_line_or_its_table() {
    for (from, to, told) in [
        ("cache = true", "cash = true", "line 10"),
        ("id = \"xx.country.register\"", "id = \"Register\"", "lower-case letters"),
        ("id = \"xx.country.register\"", "id = \"ceiling\"", "operator's file"),
        ("version = \"1.4.2\"", "version = \"1.4\"", "line 4"),
        ("publisher = \"Ministry of the Interior\"", "publisher = \"\"", "publisher"),
        ("methods = [\"POST\"]", "methods = [\"post\"]", "[requests.upstreams.register]"),
        ("path_prefixes = [\"/v2/\"]", "path_prefixes = [\"v2\"]", "path_prefixes"),
        ("partner = \"sign\"", "partner = \"wield\"", "or \"decrypt\""),
        ("[messages.en]", "[messages.\"not a language\"]", "language tag"),
    ] {
        let refusal = Manifest::parse(&WHOLE.replace(from, to)).unwrap_err();
        assert!(refusal.contains(told), "{to}: {refusal}");
    }
}

#[test]
fn a_component_without_a_manifest_is_told_how_to_get_one() {
    let refusal = Manifest::of(b"\0asm\x0d\0\x01\0", Path::new("x.wasm")).unwrap_err().to_string();
    assert!(refusal.contains("x.wasm") && refusal.contains("plugin.toml"), "{refusal}");
    let embedded = embed(b"\0asm\x0d\0\x01\0", WHOLE).unwrap();
    assert_eq!(Manifest::of(&embedded, Path::new("x.wasm")).unwrap().plugin.id, "xx.country.register");
}

#[test]
fn the_manifest_of_the_documents_is_one() {
    let page = include_str!("../../../../docs/plugins/manifest.md");
    let block = page.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let manifest = Manifest::parse(block).unwrap();
    assert_eq!(manifest.plugin.id, "xx.country.population-register");
    assert!(manifest.requests.keys["session"].optional());
    assert_eq!(manifest.messages.len(), 2);
}

#[test]
fn a_manifest_that_is_loaded_can_be_signed_however_long_its_words_are() {
    let long = format!("{WHOLE}{}", "# many words in many languages\n".repeat(7_000));
    assert!((200_000..MAX_BYTES).contains(&long.len()));
    let component = embed(b"\0asm\x0d\0\x01\0", &long).unwrap();
    assert!(Manifest::of(&component, Path::new("x.wasm")).is_ok());
    let said = crate::signature::facts::of_manifest(&component).unwrap().unwrap();
    assert_eq!(said, ("xx.country.register".to_owned(), Version::new(1, 4, 2)));
}
