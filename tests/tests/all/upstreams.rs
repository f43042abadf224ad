//! A plugin and its upstream through the real binary: TLS, a certificate and an access token that the plugin never sees.

use std::time::Duration;

use esignet_tests::login::{self, AMINA};
use esignet_tests::op::ACR_BAD;
use esignet_tests::{Authority, Key, Page, Server, Site, Upstream, artifacts, jwt};
use serde_json::{Value, json};

const SECRET: &str = "canary-secret";
const TOKEN: &str = "canary-token";

/// A site whose factor asks the upstream `register` and tells what it learns.
fn site(upstream: &str) -> Site {
    let site = Site::new("memory").unwrap();
    site.add("misbehaving", &artifacts::test_component("misbehaving").unwrap()).unwrap();
    site.configure(&format!(
        "[log]\nlevel = \"debug\"\n\n\
         [assurance]\n\"mosip:idp:acr:generated-code\" = [[\"OTP\"]]\n\"{ACR_BAD}\" = [[\"BAD\"]]\n\n\
         [plugins.misbehaving.config]\nbehaviour = \"tell-the-answer\"\n\n\
         [plugins.misbehaving.upstreams.register]\n{upstream}"
    ))
    .unwrap();
    site
}

/// The page that tells what the plugin learned.
async fn told(site: &Site, server: &Server) -> Page {
    let rp = site.rp(server, "bank").await.unwrap();
    let (mut browser, first) = login::opened_as(&rp, rp.push().set("acr_values", ACR_BAD)).await.unwrap();
    login::identify(&mut browser, &first, AMINA.id).await.unwrap().page().unwrap()
}

/// A token endpoint and a register in one, over one certificate.
async fn register(servers: &Authority, clients: Option<&Authority>) -> Upstream {
    let people = json!({ "people": "as-many-as-there-are" }).to_string();
    Upstream::start(&servers.server(), clients, move |asked| match asked.path.as_str() {
        "/token" => {
            let token = json!({ "access_token": TOKEN, "token_type": "Bearer", "expires_in": 300 });
            (200, token.to_string())
        }
        "/people" if asked.authorization == [format!("Bearer {TOKEN}")] => (200, people.clone()),
        _ => (401, "{}".to_owned()),
    })
    .await
    .unwrap()
}

fn section(url: &str, credentials: &str) -> String {
    format!(
        "url = \"{url}\"\nca_file = \"register-ca.pem\"\nclient_certificate_file = \"client.pem\"\n\
         client_key_file = \"client.key\"\n\n[plugins.misbehaving.upstreams.register.credentials]\n\
         kind = \"client-credentials\"\ntoken_url = \"{url}/token\"\nclient_id = \"the-host\"\n{credentials}\n"
    )
}

fn certificates(site: &Site, servers: &Authority, clients: &Authority) {
    let client = clients.client("the host");
    site.write_secret("register-ca.pem", &servers.pem()).unwrap();
    site.write_secret("client.pem", &client.pem()).unwrap();
    site.write_secret("client.key", &client.key_pem()).unwrap();
}

#[tokio::test]
async fn a_plugin_reaches_its_upstream_with_a_certificate_and_a_token_that_it_never_sees() {
    let (servers, clients) = (Authority::new("servers"), Authority::new("clients"));
    let register = register(&servers, Some(&clients)).await;
    let site = site(&section(&register.url, "client_secret_file = \"secret\"\nscope = \"people\""));
    certificates(&site, &servers, &clients);
    site.write_secret("secret", SECRET).unwrap();
    let mut server = site.start().await.unwrap();
    for _ in 0..2 {
        let page = told(&site, &server).await;
        let html = page.reply.text();
        assert!(html.contains("content-type=application/json"), "the plugin tells headers: {html}");
        assert!(html.contains("as-many-as-there-are"), "{html}");
        assert!(!html.contains("canary"), "{html}");
    }
    server.stop().await.unwrap();

    let asked: Vec<String> = register.asked().iter().map(|asked| asked.path.clone()).collect();
    assert_eq!(asked, ["/token", "/people", "/people"], "one token serves both logins");
    assert_eq!(register.asked()[0].body, "grant_type=client_credentials&scope=people");
    let log = server.log();
    assert!(
        log.contains("\"plugin\":\"misbehaving\",\"event\":\"answer\""),
        "the plugin wrote to the log: {log}"
    );
    assert!(!log.contains("canary") && !log.contains("Bearer"), "{log}");
}

#[tokio::test]
async fn a_key_authenticates_the_host_and_a_stranger_is_not_served() {
    let (servers, clients) = (Authority::new("servers"), Authority::new("clients"));
    let register = register(&servers, Some(&clients)).await;
    let site = site(&section(&register.url, "key_file = \"host.jwk\""));
    certificates(&site, &servers, &clients);
    let key = Key::p256();
    site.write_secret("host.jwk", &key.private_jwk().to_string()).unwrap();
    let mut server = site.start().await.unwrap();
    assert!(told(&site, &server).await.reply.text().contains("as-many-as-there-are"));
    server.stop().await.unwrap();
    let form = register.asked()[0].body.clone();
    let assertion = form.split('&').find_map(|pair| pair.strip_prefix("client_assertion=")).unwrap();
    jwt::verify_es256(assertion, &key.public_jwk()).unwrap();
    let (_, claims) = jwt::parts(assertion).unwrap();
    assert_eq!((&claims["iss"], &claims["sub"]), (&json!("the-host"), &json!("the-host")));
    assert_eq!(claims["aud"], format!("{}/token", register.url));

    // The certificate of another authority: no connection, no token, no word about either for the plugin.
    certificates(&site, &servers, &Authority::new("others"));
    let mut server = site.start().await.unwrap();
    let html = told(&site, &server).await.reply.text();
    assert!(html.contains("no access token was obtained"), "{html}");
    assert_eq!(register.asked().len(), 2, "nothing reached it");
    server.stop().await.unwrap();
    assert!(server.log().contains("no access token"), "the operator learns of it: {}", server.log());
}

#[tokio::test]
async fn a_token_endpoint_that_does_not_answer_costs_the_plugin_its_call_and_no_more() {
    let servers = Authority::new("servers");
    let site = site(
        "url = \"https://127.0.0.1:1\"\nca_file = \"register-ca.pem\"\n\n\
         [plugins.misbehaving.upstreams.register.credentials]\nkind = \"client-credentials\"\n\
         token_url = \"https://127.0.0.1:1/canary\"\nclient_id = \"canary-client\"\nclient_secret_file = \"secret\"\n",
    );
    site.write_secret("register-ca.pem", &servers.pem()).unwrap();
    site.write_secret("secret", SECRET).unwrap();
    let mut server = site.start().await.unwrap();
    let html =
        tokio::time::timeout(Duration::from_secs(20), told(&site, &server)).await.unwrap().reply.text();
    assert!(html.contains("no access token was obtained"), "{html}");
    server.stop().await.unwrap();
    assert!(!html.contains("canary") && !server.log().contains("canary"), "{}", server.log());
}

#[test]
fn a_check_tells_everything_that_is_wrong_with_an_upstream() {
    let site = site(&section("https://127.0.0.1:1", "client_secret_file = \"secret\""));
    site.write_secret("secret", SECRET).unwrap();
    site.write_secret("client.key", "canary").unwrap();
    let (code, report, _) = site.run(&["check", "--json", "esignet.toml"]).unwrap();
    assert_eq!(code, 2, "{report}");
    let report: Value = serde_json::from_str(&report).unwrap();
    let place = "[plugins.\"misbehaving\".upstreams.\"register\"]";
    let findings = report["findings"].as_array().unwrap().iter().filter(|finding| finding["place"] == place);
    let problems: Vec<&str> = findings.map(|finding| finding["problem"].as_str().unwrap()).collect();
    for key in ["ca_file", "client_certificate_file", "client_key_file"] {
        assert!(problems.iter().any(|problem| problem.starts_with(key)), "{key}: {report:#}");
    }
    assert!(!report.to_string().contains("canary"), "{report:#}");
}
