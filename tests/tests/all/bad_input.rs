//! Input that no honest client or browser sends (`protocol.md` 5, 33, 53): each has a defined answer, and none is a 5xx.

use esignet_tests::{Call, Op, RelyingParty, Reply};
use http::Method;

const FORM: &str = "application/x-www-form-urlencoded";

fn assert_defined(reply: &Reply, statuses: &[u16], what: &str) {
    assert!(statuses.contains(&reply.status), "{what}: {} {}", reply.status, reply.text());
    assert_eq!(reply.header("x-content-type-options"), "nosniff", "{what}");
    assert!(reply.header("cache-control").contains("no-store"), "{what}: {}", reply.header("cache-control"));
    assert!(!reply.text().contains("evil"), "{what} is reflected");
}

/// What a form endpoint of an API must say is JSON, with an incident id that leads to the log.
fn assert_api(reply: &Reply, what: &str) {
    assert!(
        reply.header("content-type").starts_with("application/json"),
        "{what}: {}",
        reply.header("content-type")
    );
    assert!(!reply.error().is_empty(), "{what}: {}", reply.text());
    assert!(reply.member("incident_id").len() >= 6, "{what}: {}", reply.text());
}

fn apis(rp: &RelyingParty) -> [Call; 2] {
    [rp.push(), rp.redeem("evil")]
}

#[tokio::test]
async fn a_body_of_another_type_is_refused() {
    let types = [
        None,
        Some("application/json"),
        Some("text/plain"),
        Some("multipart/form-data; boundary=evil"),
        Some("application/x-www-form-urlencodedevil"),
        Some("evil"),
        Some(""),
    ];
    let op = Op::start().await;
    let rp = op.rp().await;
    for content_type in types {
        for call in apis(&rp) {
            let what = format!("{content_type:?}");
            let reply = call.content_type(content_type).send().await.unwrap();
            assert_defined(&reply, &[400, 415], &what);
            assert_api(&reply, &what);
        }
        let login =
            Call::post(&rp.wire, "https://op.example/login").content_type(content_type).body("form=x");
        let reply = login.send().await.unwrap();
        assert_defined(&reply, &[400, 415], "login");
        assert!(reply.header("content-type").starts_with("text/html"));
    }
}

#[tokio::test]
async fn a_charset_on_the_right_type_does_no_harm() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let reply = rp
        .push()
        .content_type(Some("application/x-www-form-urlencoded; charset=UTF-8"))
        .send()
        .await
        .unwrap();
    assert_eq!(reply.status, 201);
}

#[tokio::test]
async fn malformed_and_oversized_bodies_are_refused_as_a_whole() {
    let many = (0..200).map(|number| format!("evil{number}=1")).collect::<Vec<_>>().join("&");
    let bodies: &[(&str, Vec<u8>, &[u16])] = &[
        ("empty", Vec::new(), &[400]),
        ("not UTF-8", b"client_id=%ff%fe".to_vec(), &[400]),
        ("raw bytes", vec![0xff, 0x00, 0xfe], &[400]),
        ("NUL", b"client_id=evil%00".to_vec(), &[400]),
        ("line break", b"client_id=evil%0d%0aset-cookie:evil".to_vec(), &[400]),
        ("separators", b"&&&===&".to_vec(), &[400]),
        ("many parameters", many.into_bytes(), &[413]),
        ("a value of 3 KB", format!("scope={}", "x".repeat(3_000)).into_bytes(), &[413]),
        ("17 KB", format!("evil={}", "x".repeat(17_000)).into_bytes(), &[413]),
        ("a megabyte", vec![b'x'; 1 << 20], &[413]),
    ];
    let op = Op::start().await;
    let rp = op.rp().await;
    for (what, body, statuses) in bodies {
        for call in apis(&rp) {
            let reply = call.body(body.clone()).send().await.unwrap();
            assert_defined(&reply, statuses, what);
            assert_api(&reply, what);
        }
        let posted = Call::post(&rp.wire, &rp.endpoint("authorization_endpoint"))
            .body(body.clone())
            .send()
            .await
            .unwrap();
        assert_defined(&posted, &[400, 413], &format!("{what}, at authorize"));
        let posted =
            Call::post(&rp.wire, "https://op.example/login").body(body.clone()).send().await.unwrap();
        assert_defined(&posted, &[400, 413], &format!("{what}, at login"));
    }
}

#[tokio::test]
async fn malformed_and_oversized_queries_are_refused_with_a_page() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let endpoint = rp.endpoint("authorization_endpoint");
    for query in [
        "%ff",
        "client_id=%00",
        "client_id=evil%0d%0aevil",
        "=&=&=",
        &format!("client_id={}", "x".repeat(3_000)),
        &format!("client_id=bank&evil={}", "x".repeat(20_000)),
    ] {
        let reply = op.wire.get(&format!("{endpoint}?{query}")).await.unwrap();
        assert_defined(&reply, &[400, 413, 414], query);
        assert!(reply.header("content-type").starts_with("text/html"), "{query}");
    }
}

#[tokio::test]
async fn another_method_is_refused_with_the_ones_that_are_allowed() {
    let op = Op::start().await;
    let rp = op.rp().await;
    for (url, allowed) in [
        (rp.par_endpoint(), &["POST"][..]),
        (rp.token_endpoint(), &["POST"]),
        (rp.userinfo_endpoint(), &["GET", "POST"]),
        (rp.endpoint("authorization_endpoint"), &["GET", "POST"]),
        ("https://op.example/login".to_owned(), &["GET", "POST"]),
    ] {
        for method in [Method::GET, Method::HEAD, Method::PUT, Method::DELETE, Method::PATCH, Method::TRACE] {
            if allowed.contains(&method.as_str()) {
                continue;
            }
            let request = http::Request::builder().method(method.clone()).uri(&url).body(Vec::new()).unwrap();
            let reply = op.wire.send(request).await.unwrap();
            assert_eq!(reply.status, 405, "{method} {url}");
            for name in allowed {
                assert!(reply.header("allow").contains(name), "{method} {url}: {}", reply.header("allow"));
            }
        }
    }
}

#[tokio::test]
async fn scripts_of_other_sites_may_read_apis_and_never_what_a_browser_logs_in_with() {
    let op = Op::start().await;
    let rp = op.rp().await;
    for (url, open) in [
        (rp.token_endpoint(), true),
        (rp.userinfo_endpoint(), true),
        (rp.endpoint("authorization_endpoint"), false),
        ("https://op.example/login".to_owned(), false),
    ] {
        let request = http::Request::builder()
            .method(Method::OPTIONS)
            .uri(&url)
            .header("origin", "https://app.example")
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "dpop,authorization,content-type");
        let reply = op.wire.send(request.body(Vec::new()).unwrap()).await.unwrap();
        assert_eq!(reply.header("access-control-allow-origin") == "*", open, "{url}");
        assert_eq!(reply.header("access-control-allow-credentials"), "", "{url}");
    }
}

#[tokio::test]
async fn a_path_that_is_not_there_is_not_there() {
    let op = Op::start().await;
    for path in [
        "/",
        "/oauth/par/",
        "/oauth//par",
        "/OAUTH/PAR",
        "/../etc/passwd",
        "/oauth/register",
        "/errors/evil",
        "/%2e%2e/",
        "/login/evil",
    ] {
        let reply = op.wire.get(&format!("https://op.example{path}")).await.unwrap();
        assert_eq!(reply.status, 404, "{path}");
        assert!(!reply.text().contains("evil"), "{path} is reflected");
    }
}

#[tokio::test]
async fn a_form_type_is_the_only_one_that_is_advertised_by_success() {
    let op = Op::start().await;
    let rp = op.rp().await;
    assert_eq!(rp.push().content_type(Some(FORM)).send().await.unwrap().status, 201);
    assert_eq!(
        rp.push().content_type(Some("Application/X-WWW-Form-Urlencoded")).send().await.unwrap().status,
        201
    );
}
