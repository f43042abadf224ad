//! Clients for their whole life, by the real binary: files, commands, the admin API, keys that are elsewhere, logos.

use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::routing::get;
use esignet_tests::server::{self, free_port, registration, system_time};
use esignet_tests::{Browser, Key, Registered, RelyingParty, Reply, Server, Site};
use http::Request;
use serde_json::{Value, json};

/// A site with commands that read JSON.
struct Office {
    site: Site,
    config: String,
}

impl Office {
    fn new() -> Self {
        let site = Site::new("sled:store").unwrap();
        let config = site.config().display().to_string();
        Self { site, config }
    }

    fn write(&self, id: &str, registration: &Value) -> String {
        let file = self.site.directory.path().join(format!("{id}.json"));
        std::fs::write(&file, registration.to_string()).unwrap();
        file.display().to_string()
    }

    /// Runs `esignet client …` with `--json`.
    fn client(&self, command: &str, arguments: &[&str]) -> (i32, Value) {
        let all = [&["client", command, "--config", &self.config, "--json"], arguments].concat();
        let (code, output, errors) = self.site.run(&all).unwrap();
        let value = serde_json::from_str(&output).unwrap_or_else(|_| panic!("{command}: {output}{errors}"));
        (code, value)
    }

    /// What `esignet client apply` did or would do, as `client: action`.
    fn apply(&self, arguments: &[&str]) -> Vec<String> {
        let (code, value) = self.client("apply", arguments);
        assert_eq!(code, 0, "{value}");
        let line = |change: &Value| {
            let text = |name: &str| change[name].as_str().unwrap_or_default().to_owned();
            let members: Vec<&str> =
                change["members"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            format!("{} {} {}", text("action"), text("client_id"), members.join(" ")).trim_end().to_owned()
        };
        value["changes"].as_array().unwrap().iter().map(line).collect()
    }
}

#[test]
fn registrations_follow_their_files_and_the_same_files_change_nothing() {
    let office = Office::new();
    let (school, town) = (registration("school", &Key::p256()), registration("town", &Key::p256()));
    let files = [office.write("school", &school), office.write("town", &town)];
    let files = [files[0].as_str(), files[1].as_str()];

    assert_eq!(office.apply(&[&["--dry-run"], &files[..]].concat()), ["created school", "created town"]);
    assert_eq!(office.client("list", &[]).1, json!([]), "a dry run changes nothing");
    assert_eq!(office.apply(&files), ["created school", "created town"]);
    assert_eq!(office.apply(&files), ["unchanged school", "unchanged town"]);

    let mut edited = school.clone();
    edited["redirect_uris"] = json!(["https://school.example/other"]);
    edited["claims"] = json!(["name"]);
    office.write("school", &edited);
    assert_eq!(office.apply(&files), ["updated school claims redirect_uris", "unchanged town"]);
    let (_, shown) = office.client("show", &["school"]);
    assert_eq!(shown["redirect_uris"], edited["redirect_uris"]);

    assert_eq!(office.apply(&["--prune", "--dry-run", files[0]]), ["unchanged school", "deactivated town"]);
    assert_eq!(office.apply(&["--prune", files[0]]), ["unchanged school", "deactivated town"]);
    assert_eq!(office.client("show", &["town"]).1["status"], "inactive");
    assert_eq!(
        office.apply(&files),
        ["unchanged school", "unchanged town"],
        "no file without status activates"
    );
    assert_eq!(office.client("activate", &["town"]).1["changes"][0]["action"], "activated");
    assert_eq!(office.client("deactivate", &["town"]).1["changes"][0]["action"], "deactivated");
    assert_eq!(office.client("update", &[files[0]]).1["changes"][0]["action"], "unchanged");
    assert_eq!(office.client("delete", &["town"]).0, 0);
    for command in ["show", "activate", "delete"] {
        assert_eq!(office.client(command, &["town"]).0, 2, "{command}: it is gone");
    }
    assert_eq!(office.client("update", &[files[1]]).0, 2, "who is not registered is not updated");
}

#[test]
fn one_wrong_file_keeps_all_of_them_from_being_applied() {
    let office = Office::new();
    let good = office.write("school", &registration("school", &Key::p256()));
    let mut wrong = registration("town", &Key::p256());
    wrong["profile"] = "interop".into();
    wrong["userinfo_signed_response_alg"] = "EdDSA".into();
    let wrong = office.write("town", &wrong);
    let (code, value) = office.client("apply", &[&good, &wrong]);
    assert_eq!(code, 2);
    let text = value["findings"].to_string();
    assert!(text.contains("below the server's floor") && text.contains("town.json: profile"), "{text}");
    assert_eq!(office.client("list", &[]).1, json!([]));
}

#[tokio::test]
async fn an_edited_file_of_the_directory_changes_the_client_at_the_next_start_and_the_log_says_what() {
    let office = Office::new();
    office.site.start().await.unwrap().stop().await.unwrap();
    let file = office.site.directory.path().join("clients/bank.json");
    let mut edited: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    edited["redirect_uris"] = json!(["https://bank.example/callback", "https://bank.example/second"]);
    std::fs::write(&file, edited.to_string()).unwrap();
    let mut server = office.site.start().await.unwrap();
    let mut rp = office.site.rp(&server, "bank").await.unwrap();
    rp.redirect_uri = "https://bank.example/second".to_owned();
    assert!(rp.pushed().await.is_ok());
    server.stop().await.unwrap();
    let log = server.log();
    let line = log.lines().find(|line| line.contains("client changed")).expect("it is in the log");
    assert!(line.contains("redirect_uris") && !line.contains("/second"), "{line}");
}

/// A document on the loopback interface that a test changes, and how often it was asked for.
struct Elsewhere {
    address: SocketAddr,
    document: Arc<Mutex<Vec<u8>>>,
    asked: Arc<AtomicUsize>,
}

impl Elsewhere {
    async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (document, asked) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicUsize::new(0)));
        let (shown, counted) = (Arc::clone(&document), Arc::clone(&asked));
        let answer = get(async move || {
            counted.fetch_add(1, Ordering::SeqCst);
            shown.lock().unwrap().clone()
        });
        let router = Router::new().route("/document", answer);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, document, asked }
    }

    fn url(&self) -> String {
        format!("http://{}/document", self.address)
    }

    fn becomes(&self, document: Vec<u8>) {
        *self.document.lock().unwrap() = document;
    }

    fn publish(&self, keys: &[&Key]) {
        let keys: Vec<Value> = keys.iter().map(|key| key.public_jwk()).collect();
        self.becomes(json!({ "keys": keys }).to_string().into_bytes());
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

async fn rp(site: &Site, server: &Server, client_id: &str, key: &Key) -> RelyingParty {
    let redirect_uri = format!("https://{client_id}.example/callback");
    let registered = Registered { client_id: client_id.to_owned(), redirect_uri, key: key.clone() };
    RelyingParty::discover(server.wire.clone(), &site.issuer, registered, Arc::new(system_time))
        .await
        .unwrap()
}

async fn pushes(rp: &RelyingParty) -> u16 {
    rp.push().send().await.unwrap().status
}

#[tokio::test]
async fn keys_at_jwks_uri_roll_over_without_a_word_to_the_operator() {
    let (first, second, third) = (Key::p256(), Key::ed25519(), Key::p256());
    let elsewhere = Elsewhere::start().await;
    elsewhere.publish(&[&first, &second]);
    let office = Office::new();
    office.site.configure(&format!("[egress]\nallow = [\"{}\"]", elsewhere.address)).unwrap();
    let mut roaming = registration("roaming", &first);
    roaming.as_object_mut().unwrap().remove("jwks");
    roaming["jwks_uri"] = elsewhere.url().into();
    std::fs::write(office.site.directory.path().join("clients/roaming.json"), roaming.to_string()).unwrap();

    let mut server = office.site.start().await.unwrap();
    let [with_first, with_second, with_third] = [
        rp(&office.site, &server, "roaming", &first).await,
        rp(&office.site, &server, "roaming", &second).await,
        rp(&office.site, &server, "roaming", &third).await,
    ];
    assert_eq!(elsewhere.asked(), 0, "nothing is fetched before it is needed");
    assert_eq!([pushes(&with_first).await, pushes(&with_second).await, pushes(&with_first).await], [201; 3]);
    assert_eq!(elsewhere.asked(), 1, "what was read is kept");

    elsewhere.publish(&[&third]);
    assert_eq!(pushes(&with_third).await, 201, "a new key id leads to one more reading");
    assert_eq!(elsewhere.asked(), 2);
    assert_eq!(
        [pushes(&with_first).await, pushes(&with_second).await],
        [401; 2],
        "removed keys are good for nothing"
    );
    assert_eq!(pushes(&with_third).await, 201);
    assert_eq!(elsewhere.asked(), 2, "unknown key ids do not make the server fetch again and again");
    server.stop().await.unwrap();
    assert!(server.log().contains("egress.allow"), "that the guard is weakened is logged");
}

#[tokio::test]
async fn a_jwks_uri_on_a_network_that_is_not_public_is_never_asked() {
    let key = Key::p256();
    let elsewhere = Elsewhere::start().await;
    elsewhere.publish(&[&key]);
    let office = Office::new();
    let mut inside = registration("inside", &key);
    inside.as_object_mut().unwrap().remove("jwks");
    inside["jwks_uri"] = format!("https://127.0.0.1:{}/document", elsewhere.address.port()).into();
    std::fs::write(office.site.directory.path().join("clients/inside.json"), inside.to_string()).unwrap();
    let server = office.site.start().await.unwrap();
    let rp = rp(&office.site, &server, "inside", &key).await;
    assert_eq!(pushes(&rp).await, 503);
    assert_eq!(elsewhere.asked(), 0);
}

/// The admin API of a running server.
struct Desk<'a> {
    server: &'a Server,
    port: u16,
    token: String,
}

impl Desk<'_> {
    async fn ask(&self, method: &str, path: &str, body: &Value) -> Reply {
        let request = Request::builder()
            .method(method)
            .uri(format!("http://127.0.0.1:{}{path}", self.port))
            .header("authorization", format!("Bearer {}", self.token))
            .header("content-type", "application/json")
            .header("if-match", "*")
            .body(if body.is_null() { Vec::new() } else { body.to_string().into_bytes() });
        self.server.wire.send(request.unwrap()).await.unwrap()
    }
}

/// A site with an admin API, and its token.
fn with_desk() -> (Office, u16, String) {
    let office = Office::new();
    let (port, token) = (free_port().unwrap(), esignet_tests::key::random_text(32));
    let file: PathBuf = office.site.directory.path().join("admin.token");
    std::fs::write(&file, format!("{token}\n")).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    let lines = format!("[admin]\nlisten = \"127.0.0.1:{port}\"\ntoken_file = \"admin.token\"");
    office.site.configure(&lines).unwrap();
    (office, port, token)
}

#[tokio::test]
async fn a_client_that_is_deactivated_while_the_server_runs_is_refused_at_once_and_after_a_restart() {
    let (office, port, token) = with_desk();
    let mut server = office.site.start().await.unwrap();
    let bank = office.site.rp(&server, "bank").await.unwrap();
    assert_eq!(pushes(&bank).await, 201);
    let desk = Desk { server: &server, port, token: token.clone() };
    let stranger = Desk { server: &server, port, token: "x".repeat(43) };
    assert_eq!(stranger.ask("GET", "/clients", &Value::Null).await.status, 401);
    let status = |status: &str| json!({ "status": status });
    assert_eq!(stranger.ask("PATCH", "/clients/bank", &status("inactive")).await.status, 401);
    assert_eq!(pushes(&bank).await, 201);
    assert_eq!(desk.ask("PATCH", "/clients/bank", &status("inactive")).await.status, 200);
    let refused = bank.push().send().await.unwrap();
    assert_eq!((refused.status, refused.member("error").as_str()), (401, "invalid_client"));
    assert_eq!(
        pushes(&office.site.rp(&server, "clinic").await.unwrap()).await,
        201,
        "nobody else is concerned"
    );
    server.stop().await.unwrap();
    assert!(!server.log().contains(&token), "the token is in no line of the log");

    let server = office.site.start().await.unwrap();
    let bank = office.site.rp(&server, "bank").await.unwrap();
    assert_eq!(pushes(&bank).await, 401, "its file does not activate it");
    let desk = Desk { server: &server, port, token };
    assert_eq!(desk.ask("PATCH", "/clients/bank", &status("active")).await.status, 200);
    assert_eq!(pushes(&bank).await, 201);
}

#[tokio::test]
async fn a_client_registered_while_the_server_runs_signs_people_in_beside_its_logo() {
    let (office, port, token) = with_desk();
    let elsewhere = Elsewhere::start().await;
    office.site.configure(&format!("[egress]\nallow = [\"{}\"]", elsewhere.address)).unwrap();
    // The smallest PNG: one pixel.
    elsewhere.becomes(base64_png());
    let server = office.site.start().await.unwrap();
    let desk = Desk { server: &server, port, token };
    let key = Key::p256();
    let mut school = registration("school", &key);
    school["logo_uri"] = elsewhere.url().into();
    let created = desk.ask("POST", "/clients", &school).await;
    assert_eq!((created.status, &created.json()["findings"]), (201, &json!([])), "{}", created.text());

    let rp = rp(&office.site, &server, "school", &key).await;
    let request_uri = rp.pushed().await.unwrap();
    let mut browser = Browser::new(&rp.wire);
    let page = browser.page(&rp.authorization_url(&request_uri)).await.unwrap();
    let html = page.reply.text();
    let (_, rest) = html.split_once("<img src=\"/clients/").expect("the logo is on the page");
    let (file, _) = rest.split_once('"').unwrap();
    let logo = server.wire.get(&format!("{}/clients/{file}", office.site.issuer)).await.unwrap();
    assert_eq!((logo.status, &logo.body[1..4]), (200, &b"PNG"[..]));
    assert_eq!(logo.headers["content-type"], "image/png");
    assert!(logo.headers["cache-control"].to_str().unwrap().contains("immutable"));
    assert_eq!(elsewhere.asked(), 1, "it is fetched when it is registered, not when it is shown");

    let changed = desk.ask("PUT", "/clients/school", &registration("school", &key)).await;
    assert_eq!(changed.json()["members"], json!(["logo", "logo_uri"]), "{}", changed.text());
    let gone = server.wire.get(&format!("{}/clients/{file}", office.site.issuer)).await.unwrap();
    assert_eq!(gone.status, 404);
    assert_eq!(desk.ask("DELETE", "/clients/school", &Value::Null).await.status, 204);
    assert_eq!(pushes(&rp).await, 401);
}

fn base64_png() -> Vec<u8> {
    let text =
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
    base64::Engine::decode(&base64::engine::general_purpose::STANDARD, text).unwrap()
}

#[test]
fn an_admin_api_that_others_could_reach_or_open_is_refused() {
    let (office, ..) = with_desk();
    let file = office.site.directory.path().join("admin.token");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    let (code, output, errors) = office.site.run(&["check", &office.config]).unwrap();
    assert_eq!(code, 2);
    assert!(format!("{output}{errors}").contains("chmod 600"), "{output}{errors}");
    let config = std::fs::read_to_string(office.site.config()).unwrap();
    std::fs::write(
        office.site.config(),
        config.replace("[admin]\nlisten = \"127.0.0.1:", "[admin]\nlisten = \"0.0.0.0:"),
    )
    .unwrap();
    let (code, output, errors) = office.site.run(&["check", &office.config]).unwrap();
    assert_eq!(code, 2);
    assert!(format!("{output}{errors}").contains("the admin API speaks plain HTTP"), "{output}{errors}");
}

#[tokio::test]
async fn commands_say_that_the_server_must_be_stopped() {
    let office = Office::new();
    let _server = office.site.start().await.unwrap();
    let file = office.write("school", &server::registration("school", &Key::p256()));
    for command in [&["apply", "--dry-run", &file][..], &["apply", &file], &["deactivate", "bank"]] {
        let (code, value) = office.client(command[0], &command[1..]);
        assert_eq!(code, 2);
        let fix = value["findings"][0]["fix"].as_str().unwrap();
        assert!(fix.contains("server is stopped") || fix.contains("stop the server"), "{command:?}: {fix}");
    }
}
