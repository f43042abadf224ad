use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use tower::ServiceExt;

use crate::answer::refusal::Face;
use crate::router::{Cors, Endpoint, Route, router, routes};
use crate::sample;
use crate::settings::WebSettings;
use crate::testing::{Stored, provider, settings};

const ISSUER: &str = "https://id.example";
const FORM: &str = "application/x-www-form-urlencoded";

fn site(stored: Stored) -> Router {
    router(provider(ISSUER, stored), settings(true))
}

/// The real list, for the real files.
fn all_routes() -> Vec<Route> {
    let provider = provider(ISSUER, Stored::Nothing);
    let branding = settings(true).branding;
    let assets = crate::assets::Assets::new(&branding);
    let files: Vec<String> = assets.iter().map(|asset| asset.file.clone()).collect();
    let mut routes = routes(provider.policy.issuer.path(), files.iter().map(String::as_str));
    for route in &mut routes {
        route.path = route.path.replace("{file}", &format!("{}.png", "a".repeat(43)));
    }
    routes
}

fn request(method: &Method, path: &str) -> http::request::Builder {
    Request::builder().method(method.clone()).uri(path)
}

async fn ask(site: &Router, request: Request<Body>) -> Response {
    site.clone().oneshot(request).await.expect("infallible")
}

async fn send(method: Method, path: &str) -> Response {
    ask(&site(Stored::Nothing), request(&method, path).body(Body::empty()).expect("a request")).await
}

async fn post(site: &Router, path: &str, content_type: &str, body: impl Into<Body>) -> Response {
    let request = request(&Method::POST, path).header(header::CONTENT_TYPE, content_type);
    ask(site, request.body(body.into()).expect("a request")).await
}

async fn text(response: Response) -> String {
    let bytes = response.into_body().collect().await.expect("a body").to_bytes();
    String::from_utf8(bytes.to_vec()).expect("text")
}

async fn json(response: Response) -> serde_json::Value {
    serde_json::from_str(&text(response).await).expect("JSON")
}

fn value<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).map(|value| value.to_str().expect("visible ASCII")).unwrap_or_default()
}

fn assert_hardened(headers: &HeaderMap, what: &str) {
    assert_eq!(value(headers, "x-content-type-options"), "nosniff", "{what}");
    assert_eq!(value(headers, "referrer-policy"), "no-referrer", "{what}");
    assert_eq!(value(headers, "x-frame-options"), "DENY", "{what}");
    assert_eq!(value(headers, "cross-origin-opener-policy"), "same-origin", "{what}");
    assert_eq!(value(headers, "cross-origin-resource-policy"), "same-origin", "{what}");
    assert!(value(headers, "strict-transport-security").starts_with("max-age=63072000"), "{what}");
    let policy = value(headers, "content-security-policy");
    assert!(
        policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
        "{what}: {policy}"
    );
    assert!(!value(headers, "cache-control").is_empty(), "{what}");
}

const METHODS: [Method; 7] =
    [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS];

#[tokio::test]
async fn every_route_hardens_every_answer_and_takes_only_its_methods() {
    for route in all_routes() {
        for method in METHODS {
            let what = format!("{method} {}", route.path);
            let response = send(method.clone(), &route.path).await;
            assert_hardened(response.headers(), &what);
            let preflight = method == Method::OPTIONS && route.cors == Cors::Anybody;
            let refused = response.status() == StatusCode::METHOD_NOT_ALLOWED;
            assert_eq!(refused, !route.methods.contains(&method) && !preflight, "{what}");
            if refused {
                let allow = value(response.headers(), "allow").to_owned();
                assert!(
                    route.methods.iter().all(|method| allow.contains(method.as_str())),
                    "{what}: {allow}"
                );
                let is_page = value(response.headers(), "content-type").starts_with("text/html");
                assert_eq!(is_page, route.face == Face::Page, "{what}");
            }
        }
    }
}

#[tokio::test]
async fn scripts_of_other_sites_read_only_what_is_open_to_them() {
    for route in all_routes() {
        let open = route.cors == Cors::Anybody;
        let response = send(Method::GET, &route.path).await;
        let origin = if open { "*" } else { "" };
        assert_eq!(value(response.headers(), "access-control-allow-origin"), origin, "{}", route.path);
        let preflight = send(Method::OPTIONS, &route.path).await;
        assert_eq!(preflight.status() == StatusCode::NO_CONTENT, open, "{}", route.path);
        let allowed = if open { "Authorization, DPoP, Content-Type" } else { "" };
        assert_eq!(value(preflight.headers(), "access-control-allow-headers"), allowed, "{}", route.path);
        assert_eq!(value(preflight.headers(), "access-control-allow-credentials"), "");
    }
}

#[tokio::test]
async fn only_public_documents_and_files_are_kept_by_anybody() {
    for route in all_routes() {
        let response = send(Method::GET, &route.path).await;
        let expected = match route.endpoint {
            Endpoint::OpenidConfiguration
            | Endpoint::OauthAuthorizationServer
            | Endpoint::Jwks
            | Endpoint::Guide(_) => "public, max-age=300",
            Endpoint::Asset(_) | Endpoint::ClientLogo => "public, max-age=31536000, immutable",
            Endpoint::PushedAuthorization
            | Endpoint::Token
            | Endpoint::Introspection
            | Endpoint::Revocation
            | Endpoint::Userinfo
            | Endpoint::KeyBinding
            | Endpoint::Authorization
            | Endpoint::Login
            | Endpoint::Live
            | Endpoint::Ready => "no-store",
        };
        assert_eq!(value(response.headers(), "cache-control"), expected, "{}", route.path);
    }
}

#[tokio::test]
async fn head_says_what_get_says_without_the_body() {
    for route in all_routes().iter().filter(|route| route.methods.contains(&Method::HEAD)) {
        let [get, head] = [send(Method::GET, &route.path).await, send(Method::HEAD, &route.path).await];
        assert_eq!(head.status(), get.status(), "{}", route.path);
        let length = value(head.headers(), "content-length").to_owned();
        assert_eq!(text(head).await, "", "{}", route.path);
        assert_eq!(length, text(get).await.len().to_string(), "{}", route.path);
    }
}

#[tokio::test]
async fn bodies_of_another_type_and_bodies_too_large_are_refused_everywhere() {
    let site = site(Stored::Nothing);
    for route in all_routes().iter().filter(|route| route.methods.contains(&Method::POST)) {
        for wrong in ["application/json", "multipart/form-data; boundary=x", "text/plain", ""] {
            let response = post(&site, &route.path, wrong, "a=1").await;
            assert_eq!(response.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE, "{} {wrong}", route.path);
            assert_hardened(response.headers(), &route.path);
        }
        let large = post(&site, &route.path, FORM, vec![b'a'; 16 * 1024 + 1]).await;
        assert_eq!(large.status(), StatusCode::PAYLOAD_TOO_LARGE, "{}", route.path);
        if route.face == Face::Json {
            let body = json(large).await;
            assert_eq!(body["error"], "invalid_request");
            assert_eq!(body["incident_id"].as_str().map(str::len), Some(8));
        }
    }
}

#[tokio::test]
async fn a_path_has_one_spelling() {
    let others = [
        "//login",
        "/login/",
        "/login;a=b",
        "/%6cogin",
        "/oauth%2ftoken",
        "/oauth//token",
        "/LOGIN",
        "/",
        "/x",
    ];
    for path in others {
        let response = send(Method::GET, path).await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
        assert_hardened(response.headers(), path);
    }
}

#[tokio::test]
async fn nothing_is_said_of_a_path_that_is_not_there() {
    let site = site(Stored::Nothing);
    for accept in ["text/html,*/*", "application/json"] {
        let request = request(&Method::GET, "/secret-looking-path?token=abc").header(header::ACCEPT, accept);
        let response = ask(&site, request.body(Body::empty()).expect("a request")).await;
        assert_eq!(
            value(response.headers(), "content-type").starts_with("text/html"),
            accept.starts_with("text/html")
        );
        let body = text(response).await;
        assert!(!body.contains("secret-looking") && !body.contains("abc"), "{body}");
    }
}

#[tokio::test]
async fn a_form_of_another_site_is_refused_with_a_page() {
    let site = site(Stored::Nothing);
    for (name, evil) in [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")] {
        let request = request(&Method::POST, "/login").header(header::CONTENT_TYPE, FORM).header(name, evil);
        let response = ask(&site, request.body(Body::from("form=x&action=allow")).expect("a request")).await;
        assert_eq!(response.status(), StatusCode::FORBIDDEN, "{name}");
        assert!(text(response).await.contains("This form came from another site"));
    }
}

#[tokio::test]
async fn who_sends_no_token_to_userinfo_is_told_how_and_nothing_else() {
    for method in [Method::GET, Method::POST] {
        let response = send(method, "/oidc/userinfo").await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(value(response.headers(), "www-authenticate"), "DPoP algs=\"ES256 PS256 EdDSA Ed25519\"");
        assert!(json(response).await.get("error").is_none());
    }
}

#[tokio::test]
async fn an_unknown_client_gets_a_page_and_no_redirect() {
    let response =
        send(Method::GET, "/authorize?client_id=nobody&request_uri=urn:x&redirect_uri=https://evil.example")
            .await;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    assert_eq!(value(response.headers(), "location"), "");
    assert!(!text(response).await.contains("evil.example"));
}

#[tokio::test]
async fn a_problem_page_speaks_the_language_of_the_browser() {
    let site = site(Stored::Nothing);
    let request = request(&Method::GET, "/login").header(header::ACCEPT_LANGUAGE, "xx, ar;q=0.9, en;q=0.1");
    let page = text(ask(&site, request.body(Body::empty()).expect("a request")).await).await;
    assert!(page.contains("<html lang=\"ar\" dir=\"rtl\">"), "{page}");
}

#[tokio::test]
async fn a_store_that_is_down_is_temporary_and_its_words_stay_inside() {
    let response = send_to(Stored::Down).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(!text(response).await.contains("down"));
}

#[tokio::test]
async fn a_panic_is_an_answer_with_an_incident_id() {
    let response = send_to(Stored::Panics).await;
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_hardened(response.headers(), "panic");
    let page = text(response).await;
    assert!(page.contains("B9D5MPJT") && !page.contains("a port that panics"), "{page}");
}

#[tokio::test]
async fn an_endpoint_that_never_answers_is_given_up_in_time() {
    let settings = WebSettings { request_timeout: Duration::from_millis(1), ..settings(true) };
    let site = router(provider(ISSUER, Stored::Hangs), settings);
    let response = ask(&site, opening().body(Body::empty()).expect("a request")).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(text(response).await.contains("You cannot sign in right now"));
}

/// Opens a login while the store behaves so.
async fn send_to(stored: Stored) -> Response {
    ask(&site(stored), opening().body(Body::empty()).expect("a request")).await
}

fn opening() -> http::request::Builder {
    request(&Method::GET, "/authorize?client_id=rp&request_uri=urn:ietf:params:oauth:request_uri:x")
}

#[tokio::test]
async fn two_hosts_in_one_request_are_refused() {
    let request = request(&Method::GET, "/login").header(header::HOST, "a").header(header::HOST, "b");
    let response = ask(&site(Stored::Nothing), request.body(Body::empty()).expect("a request")).await;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_certificate_that_nobody_can_read_is_refused_as_json_and_as_a_page() {
    for (method, path) in [(Method::POST, "/oauth/token"), (Method::GET, "/login")] {
        let mut request = request(&method, path).body(Body::empty()).expect("a request");
        request.extensions_mut().insert(crate::UnreadableCertificate);
        let response = ask(&site(Stored::Nothing), request).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{path}");
        if method == Method::POST {
            assert_eq!(json(response).await["error"], "invalid_request");
        }
    }
}

#[tokio::test]
async fn readiness_names_what_is_missing_and_liveness_does_not_care() {
    let site = router(provider(ISSUER, Stored::Down), settings(false));
    let ask_for = |path| ask(&site, request(&Method::GET, path).body(Body::empty()).expect("a request"));
    assert_eq!(ask_for("/live").await.status(), StatusCode::OK);
    let ready = ask_for("/ready").await;
    assert_eq!(ready.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(
        json(ready).await,
        serde_json::json!({ "ready": false, "checks": { "store": true, "plugins": false } })
    );
}

#[tokio::test]
async fn a_tenant_lives_below_the_path_of_its_issuer() {
    let site = router(provider("https://id.example/tenant", Stored::Nothing), settings(true));
    let ask_for =
        |path: &str| ask(&site, request(&Method::GET, path).body(Body::empty()).expect("a request"));
    for path in ["/tenant/.well-known/openid-configuration", "/.well-known/oauth-authorization-server/tenant"]
    {
        let document = json(ask_for(path).await).await;
        assert_eq!(document["issuer"], "https://id.example/tenant");
    }
    assert_eq!(ask_for("/login").await.status(), StatusCode::NOT_FOUND);
    let page = text(ask_for("/tenant/login").await).await;
    assert!(page.contains("href=\"/tenant/assets/style."), "{page}");
}

#[tokio::test]
async fn every_file_that_a_page_names_is_served() {
    for file in sample::files() {
        let response = send(Method::GET, &file.path).await;
        assert_eq!(response.status(), StatusCode::OK, "{}", file.path);
        assert_eq!(value(response.headers(), "content-type"), file.media_type);
    }
}

#[tokio::test]
async fn only_names_of_logos_are_looked_for_and_a_store_that_is_down_is_said_to_be_so() {
    let name = "a".repeat(43);
    let path = |file: &str| format!("/clients/{file}");
    assert_eq!(send(Method::GET, &path(&format!("{name}.png"))).await.status(), StatusCode::OK);
    for file in [&name, "x.png", &format!("{name}.svg"), &format!("{name}.png.png"), &format!("{name}.png/x")]
    {
        assert_eq!(send(Method::GET, &path(file)).await.status(), StatusCode::NOT_FOUND, "{file}");
    }
    let down = request(&Method::GET, &path(&format!("{name}.png"))).body(Body::empty()).expect("a request");
    let response = ask(&site(Stored::Down), down).await;
    assert!(response.status().is_server_error());
    assert_eq!(value(response.headers(), "cache-control"), "no-store");
}
