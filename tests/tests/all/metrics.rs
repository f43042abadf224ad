//! Metrics by the real binary: for the token of the metrics alone, on the listener of the admin API alone, and without a person.

use std::collections::BTreeMap;

use esignet_tests::server::free_port;
use esignet_tests::wire::Reply;
use esignet_tests::{Server, Site, key, login};
use http::Request;
use serde_json::json;

/// Values of one person that must be nowhere.
const CANARIES: [&str; 6] =
    ["7391846205", "864209", "canary.bird@cage.example", "Canaria Bird", "+990155577731", "1977-07-07"];

async fn get(server: &Server, url: &str, token: &str) -> Reply {
    let request = Request::get(url).header("authorization", format!("Bearer {token}"));
    server.wire.send(request.body(Vec::new()).unwrap()).await.unwrap()
}

/// The counters of calls by plugin, function and outcome.
fn calls(text: &str) -> BTreeMap<(String, String, String), u64> {
    let series = text.lines().filter_map(|line| line.strip_prefix("esignet_plugin_calls_total{"));
    series
        .map(|line| {
            let (labels, count) = line.split_once("} ").unwrap();
            let label = |name: &str| {
                let value =
                    labels.split(&format!("{name}=\"")).nth(1).and_then(|rest| rest.split('"').next());
                value.unwrap().to_owned()
            };
            ((label("plugin"), label("function"), label("outcome")), count.parse().unwrap())
        })
        .collect()
}

#[tokio::test]
async fn a_login_is_counted_for_whoever_has_the_token_of_the_metrics_and_names_nobody() {
    let site = Site::new("memory").unwrap();
    let [uin, otp, email, name, phone, birthdate] = CANARIES;
    let people = json!({ uin: {
        "phone": phone, "email": email, "claims": { "birthdate": birthdate, "email": email }, "words": { "en": { "name": name } },
    }});
    let (port, admin, metrics) = (free_port().unwrap(), key::random_text(32), key::random_text(32));
    site.write_secret("admin.token", &admin).unwrap();
    site.write_secret("metrics.token", &metrics).unwrap();
    site.configure(&format!(
        "[admin]\nlisten = \"127.0.0.1:{port}\"\ntoken_file = \"admin.token\"\nmetrics_token_file = \"metrics.token\"\n\n\
         [plugins.mock-identity.config]\notp = \"{otp}\"\npeople = '{people}'\n"
    ))
    .unwrap();
    let mut server = site.start().await.unwrap();
    let rp = site.rp(&server, "bank").await.unwrap();
    let (mut browser, first) = login::opened(&rp).await.unwrap();
    let question = login::identify(&mut browser, &first, uin).await.unwrap().page().unwrap();
    let wrong = login::answer(&mut browser, &question, "975318").await.unwrap().page().unwrap();
    let consent = login::answer(&mut browser, &wrong, otp).await.unwrap().page().unwrap();
    let response = login::allow(&mut browser, &consent).await.unwrap().away().unwrap();
    assert_eq!(login::finish(&rp, response).await.unwrap().userinfo["name"], name);

    let (desk, public) = (format!("http://127.0.0.1:{port}/metrics"), format!("{}/metrics", site.issuer));
    for (url, token, status) in
        [(&desk, admin.as_str(), 401), (&desk, "", 401), (&public, metrics.as_str(), 404)]
    {
        assert_eq!(get(&server, url, token).await.status, status, "{url}");
    }
    let clients = format!("http://127.0.0.1:{port}/clients");
    assert_eq!(get(&server, &clients, &metrics).await.status, 401, "it opens nothing else");

    let reply = get(&server, &desk, &metrics).await;
    assert_eq!(reply.status, 200);
    assert!(reply.header("content-type").starts_with("application/openmetrics-text"));
    let text = reply.text();
    assert!(text.ends_with("# EOF\n"), "{text}");
    let calls = calls(&text);
    let count = |plugin: &str, function: &str, outcome: &str| {
        calls.get(&(plugin.to_owned(), function.to_owned(), outcome.to_owned())).copied()
    };
    assert_eq!(count("otp", "begin", "answered"), Some(1), "{text}");
    assert_eq!(count("mock-identity", "send-otp", "answered"), Some(1));
    assert_eq!(count("mock-identity", "authenticate", "rejected"), Some(1));
    assert_eq!(count("mock-identity", "authenticate", "answered"), Some(1));
    assert_eq!(count("mock-identity", "release-claims", "answered"), Some(1));
    for canary in CANARIES.into_iter().chain(["975318", "bank", "clinic"]) {
        assert!(!text.contains(canary), "{canary}: {text}");
    }
    server.stop().await.unwrap();
}

#[tokio::test]
async fn without_a_token_for_them_there_are_no_metrics() {
    let site = Site::new("memory").unwrap();
    let (port, admin) = (free_port().unwrap(), key::random_text(32));
    site.write_secret("admin.token", &admin).unwrap();
    site.configure(&format!("[admin]\nlisten = \"127.0.0.1:{port}\"\ntoken_file = \"admin.token\"\n"))
        .unwrap();
    let mut server = site.start().await.unwrap();
    assert_eq!(get(&server, &format!("http://127.0.0.1:{port}/metrics"), &admin).await.status, 404);
    server.stop().await.unwrap();
}
