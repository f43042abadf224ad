//! The real binary ends TLS itself (`protocol.md` 53), and takes certificates of clients (RFC 8705 §2).

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use esignet_tests::login::{self, AMINA};
use esignet_tests::{
    Browser, Call, Identity, Key, Registered, RelyingParty, Reply, Shows, Site, Wire, jwt, server, tls,
};
use serde_json::{Value, json};

#[tokio::test]
async fn a_login_over_tls_has_cookies_for_this_host_alone_and_browsers_are_told_to_stay_with_https() {
    let site = Site::with_tls("memory").unwrap();
    let mut server = site.start().await.unwrap();
    let rp = site.rp(&server, "bank").await.unwrap();
    assert!(rp.token_endpoint().starts_with("https://127.0.0.1:"), "{}", rp.token_endpoint());

    let request_uri = rp.pushed().await.unwrap();
    let mut browser = Browser::new(&rp.wire);
    let first = browser.page(&rp.authorization_url(&request_uri)).await.unwrap();
    assert!(first.reply.header("strict-transport-security").contains("max-age="));
    assert_eq!(browser.cookies.len(), 1);
    assert!(browser.cookies.keys().all(|name| name.starts_with("__Host-")), "{:?}", browser.cookies.keys());
    let response = login::through(&mut browser, &first, AMINA.id, login::OTP).await.unwrap();
    let logged_in = login::finish(&rp, response).await.unwrap();
    assert_eq!(logged_in.userinfo["name"], AMINA.name);
    assert_eq!(server.stop().await.unwrap(), Some(0), "{}", server.log());
}

#[tokio::test]
async fn people_are_never_asked_for_a_certificate_and_clients_are_where_they_go_for_it() {
    let site = Site::with_tls("memory").unwrap();
    let _server = site.start().await.unwrap();
    let port = site.tls.as_ref().unwrap().mtls_port;
    let document = |base: &str| format!("{base}/.well-known/openid-configuration");
    for identity in [Identity::self_signed("a bank"), site.tls.as_ref().unwrap().clients.client("a bank")] {
        let shows = Shows::certificate(&identity).unwrap();
        let wire = site.wire(&shows).unwrap();
        assert_eq!(wire.get(&document(&site.issuer)).await.unwrap().status, 200);
        assert_eq!(shows.asked(), 0);
        assert_eq!(wire.get(&document(&format!("https://127.0.0.1:{port}"))).await.unwrap().status, 200);
        assert_eq!(shows.asked(), 1);
    }
    let nothing = Shows::nothing();
    let wire = site.wire(&nothing).unwrap();
    let reply = wire.get(&document(&format!("https://127.0.0.1:{port}"))).await.unwrap();
    assert_eq!((reply.status, nothing.asked()), (200, 1), "a client without a certificate is answered");
}

#[tokio::test]
async fn tls_1_2_is_still_spoken_and_plain_http_is_not() {
    let site = Site::with_tls("memory").unwrap();
    let _server = site.start().await.unwrap();
    let live = format!("{}/live", site.issuer);
    let older = &[&rustls::version::TLS12];
    let older = site.tls.as_ref().unwrap().servers.trusting(&Shows::nothing(), older).unwrap();
    assert_eq!(Wire::over(older).unwrap().get(&live).await.unwrap().status, 200);
    let plain = live.replacen("https", "http", 1);
    assert!(Wire::network().unwrap().get(&plain).await.is_err());
    assert!(Wire::network().unwrap().get(&live).await.is_err(), "the certificate is one of a test");
}

#[test]
fn a_certificate_that_no_client_would_take_is_said_to_be_so_before_a_port_is_bound() {
    let site = Site::with_tls("memory").unwrap();
    let config = site.config().display().to_string();
    let servers = &site.tls.as_ref().unwrap().servers;
    let mut params = tls::params("a server", &["127.0.0.1"], rcgen::ExtendedKeyUsagePurpose::ServerAuth);
    params.not_after = rcgen::date_time_ymd(2020, 1, 1);
    let expired = servers.issue(&params);
    site.write_secret("tls.pem", &expired.pem()).unwrap();
    let cases = [
        (servers.server().key_pem(), "tls.key", "the key is not that of the first certificate"),
        (expired.key_pem(), "tls.pem", "the certificate has expired"),
        (String::new(), "tls.key", "there is no private key"),
    ];
    for (key, file, problem) in cases {
        site.write_secret("tls.key", &key).unwrap();
        for arguments in [&["serve", "--config", &config][..], &["check", &config]] {
            let (code, output, errors) = site.run(arguments).unwrap();
            assert_eq!(code, 2, "{arguments:?}: {output}{errors}");
            assert!(errors.contains(file) && errors.contains(problem), "{arguments:?}: {errors}");
        }
    }
}

/// A relying party whose requests reach a server with this value of the header.
async fn pushed_with(rp: &RelyingParty, value: &str) -> (u16, String) {
    rp.push().header("x-client-cert", value).send().await.unwrap().verdict()
}

#[tokio::test]
async fn a_header_with_a_certificate_counts_from_a_trusted_proxy_and_is_nothing_from_anybody_else() {
    let header = format!(":{}:", STANDARD.encode(Identity::self_signed("a bank").der()));
    for (proxies, unreadable) in [("127.0.0.1", (400, "invalid_request")), ("192.0.2.1", (201, ""))] {
        let site = Site::new("memory").unwrap();
        site.configure_server(&format!(
            "client_certificate_header = \"x-client-cert\"\ntrusted_proxies = [\"{proxies}\"]"
        ))
        .unwrap();
        let mut server = site.start().await.unwrap();
        let rp = site.rp(&server, "bank").await.unwrap();
        let accepted = (201, String::new());
        assert_eq!(pushed_with(&rp, &header).await, accepted, "{proxies}");
        let verdict = pushed_with(&rp, "not a certificate").await;
        assert_eq!((verdict.0, verdict.1.as_str()), unreadable, "{proxies}");
        assert_eq!(server.stop().await.unwrap(), Some(0));
        let log = server.log();
        assert!(log.contains("server.client_certificate_header"), "the weakening is logged: {log}");
        assert!(!log.contains(&header[1..40]) && !log.contains("not a certificate"), "{log}");
    }
}

#[tokio::test]
async fn the_header_is_nothing_where_it_is_not_configured() {
    let site = Site::new("memory").unwrap();
    let server = site.start().await.unwrap();
    let rp = site.rp(&server, "bank").await.unwrap();
    assert_eq!(pushed_with(&rp, "not a certificate").await, (201, String::new()));
}

/// Who is registered to be known by a certificate.
const MUTUAL: &str = "mutual";

/// Registers a client that is known by a certificate, and binds its tokens to it.
fn register(site: &Site, members: &Value) {
    let mut registration = server::registration(MUTUAL, &Key::p256());
    registration["tls_client_certificate_bound_access_tokens"] = true.into();
    for (member, value) in members.as_object().unwrap() {
        registration[member] = value.clone();
    }
    let file = site.directory.path().join("clients").join(format!("{MUTUAL}.json"));
    std::fs::write(file, registration.to_string()).unwrap();
}

fn by_name(subject: &str) -> Value {
    json!({
        "token_endpoint_auth_method": "tls_client_auth", "jwks": { "keys": [] },
        "tls_client_auth_subject_dn": format!("CN={subject}"),
    })
}

fn by_key(identity: &Identity) -> Value {
    let mut jwk = identity.public_jwk();
    jwk["use"] = "sig".into();
    json!({ "token_endpoint_auth_method": "self_signed_tls_client_auth", "jwks": { "keys": [jwk] } })
}

/// The client, which shows something to those who ask, and goes where it is asked (RFC 8705 §5).
async fn mutual(site: &Site, shows: &Arc<Shows>) -> RelyingParty {
    let redirect_uri = format!("https://{MUTUAL}.example/callback");
    let registered = Registered { client_id: MUTUAL.to_owned(), redirect_uri, key: Key::p256() };
    let wire = site.wire(shows).unwrap();
    let mut rp =
        RelyingParty::discover(wire, &site.issuer, registered, Arc::new(server::system_time)).await.unwrap();
    for (member, alias) in rp.metadata["mtls_endpoint_aliases"].as_object().unwrap().clone() {
        rp.metadata[member] = alias;
    }
    rp
}

/// A call of a client that is known by the certificate of its connection alone.
fn shown(call: Call) -> Call {
    call.unauthenticated().unproved().set("client_id", MUTUAL)
}

async fn pushed(site: &Site, shows: &Arc<Shows>) -> (u16, String) {
    shown(mutual(site, shows).await.push()).send().await.unwrap().verdict()
}

#[tokio::test]
async fn a_client_with_a_certificate_of_its_own_gets_tokens_that_nobody_else_can_use() {
    let site = Site::with_tls("memory").unwrap();
    let own = Identity::self_signed("a bank");
    register(&site, &by_key(&own));
    let _server = site.start().await.unwrap();
    let rp = mutual(&site, &Shows::certificate(&own).unwrap()).await;
    let response = login::respond(&rp, shown(rp.push()), AMINA.id).await.unwrap();
    let tokens = shown(rp.redeem(&response.parameter("code"))).send().await.unwrap();
    assert_eq!(tokens.status, 200, "{}", tokens.text());
    let token = tokens.member("access_token");
    let (_, claims) = jwt::parts(&token).unwrap();
    assert_eq!(claims["cnf"], json!({ "x5t#S256": jwt::sha256(&own.der()) }));

    let url = rp.userinfo_endpoint();
    let asked = async |wire: Wire| -> Reply {
        Call::get(&wire, &url).header("authorization", &format!("Bearer {token}")).send().await.unwrap()
    };
    assert_eq!(asked(rp.wire.clone()).await.json()["name"], AMINA.name);
    let others = Shows::certificate(&Identity::self_signed("a bank")).unwrap();
    for thief in [others, Shows::nothing()] {
        let refused = asked(site.wire(&thief).unwrap()).await;
        assert_eq!(refused.verdict(), (401, "invalid_token".to_owned()));
        assert_eq!(thief.asked(), 1);
    }
}

#[tokio::test]
async fn a_name_in_a_certificate_counts_where_a_trusted_issuer_wrote_it_and_the_listener_asked() {
    let site = Site::with_tls("memory").unwrap();
    register(&site, &by_name("a bank"));
    let mut server = site.start().await.unwrap();
    let clients = &site.tls.as_ref().unwrap().clients;
    let (own, forged) = (clients.client("a bank"), Identity::self_signed("a bank"));
    let refused = (401, "invalid_client".to_owned());
    let shows = Shows::certificate(&own).unwrap();
    assert_eq!(pushed(&site, &shows).await, (201, String::new()), "{}", server.log());
    for other in [forged, clients.client("a clinic")] {
        assert_eq!(pushed(&site, &Shows::certificate(&other).unwrap()).await, refused);
    }
    assert_eq!(pushed(&site, &Shows::nothing()).await, refused);

    let elsewhere = format!("{}/oauth/par", site.issuer);
    let rp = mutual(&site, &shows).await;
    assert_eq!(
        shown(rp.push()).url(&elsewhere).send().await.unwrap().verdict(),
        refused,
        "nobody asks there"
    );
    assert_eq!(server.stop().await.unwrap(), Some(0));
}

#[tokio::test]
async fn a_proxys_word_for_a_certificate_is_judged_by_our_issuers_and_only_a_trusted_one_is_heard() {
    let clients = esignet_tests::Authority::new("clients");
    let (own, forged) = (clients.client("a bank"), Identity::self_signed("a bank"));
    let header = |identity: &Identity| format!(":{}:", STANDARD.encode(identity.der()));
    let refused = (401, "invalid_client".to_owned());
    for (proxies, heard) in [("127.0.0.0/8", (201, String::new())), ("192.0.2.1", refused.clone())] {
        let site = Site::new("memory").unwrap();
        site.configure_server(&format!(
            "client_certificate_header = \"client-cert\"\ntrusted_proxies = [\"{proxies}\"]"
        ))
        .unwrap();
        site.write_secret("clients.pem", &clients.pem()).unwrap();
        site.configure("[tls]\nclient_ca_file = \"clients.pem\"").unwrap();
        register(&site, &by_name("a bank"));
        let _server = site.start().await.unwrap();
        let rp = mutual(&site, &Shows::nothing()).await;
        let push =
            async |value: &str| shown(rp.push()).header("client-cert", value).send().await.unwrap().verdict();
        assert_eq!(push(&header(&own)).await, heard, "{proxies}");
        assert_eq!(push(&header(&forged)).await, refused, "{proxies}");
        assert_eq!(push("").await, refused, "{proxies}");
    }
}
