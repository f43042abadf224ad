use super::*;

fn grant() -> Upstream {
    Upstream {
        url: "https://register.example/base".to_owned(),
        methods: vec!["POST".to_owned()],
        path_prefixes: vec!["/v2/".to_owned(), "/health".to_owned()],
        max_response_kib: Some(32),
        timeout_ms: 2_000,
        calls: None,
    }
}

fn request(path: &str) -> Request {
    Request {
        upstream: "register".to_owned(),
        method: "POST".to_owned(),
        path: path.to_owned(),
        query: Vec::new(),
        headers: Vec::new(),
        body: Vec::new(),
        timeout_ms: None,
    }
}

fn with_header(name: &str, value: &str) -> Request {
    Request { headers: vec![(name.to_owned(), value.to_owned())], ..request("/v2/x") }
}

#[test]
fn a_granted_request_keeps_what_it_asks_for_within_the_grant() {
    let asked = Request { timeout_ms: Some(60_000), ..request("/v2/people/a%20b") };
    let admitted = admitted("tested", asked, &grant(), 64).unwrap();
    assert_eq!(admitted.base_url, "https://register.example/base");
    assert_eq!(admitted.path, "/v2/people/a%20b");
    assert_eq!(admitted.timeout_ms, 2_000);
    assert_eq!(admitted.max_response_bytes, 32 * 1024);
}

#[test]
fn a_prefix_is_left_at_whole_segments_only() {
    assert!(admitted("tested", request("/health"), &grant(), 64).is_ok());
    assert!(admitted("tested", request("/health/live"), &grant(), 64).is_ok());
    for path in ["/healthy", "/v2", "/v20/x", "/admin", "/"] {
        assert!(matches!(admitted("tested", request(path), &grant(), 64), Err(Error::Denied(_))), "{path}");
    }
}

#[test]
fn evil_paths_are_refused() {
    for path in [
        "",
        "v2/x",
        "//evil.example/v2/",
        "/v2//x",
        "/v2/../admin",
        "/v2/..",
        "/v2/./x",
        "/v2/%2e%2e/admin",
        "/v2/%2E./admin",
        "/v2/x%2fy",
        "/v2/x%5Cy",
        "/v2/\\..\\admin",
        "/v2/x?y=1",
        "/v2/x#y",
        "/v2/x y",
        "/v2/x\r\nHost: evil.example",
        "/v2/x%0d%0aHost:evil",
        "/v2/%00",
        "/v2/%252e%252e/admin",
        "/v2/%2",
        "/v2/%zz",
        "/v2/é",
        "https://evil.example/v2/",
        "@evil.example/v2/",
        "/v2/x;jsessionid=1",
    ] {
        assert!(
            matches!(admitted("tested", request(path), &grant(), 64), Err(Error::Invalid(_))),
            "{path:?} passed"
        );
    }
    let long = format!("/v2/{}", "x".repeat(2048));
    assert!(admitted("tested", request(&long), &grant(), 64).is_err());
}

#[test]
fn a_method_that_was_not_granted_is_denied() {
    for method in ["GET", "post", "POST\r\nX: y", ""] {
        let asked = Request { method: method.to_owned(), ..request("/v2/x") };
        assert!(
            matches!(admitted("tested", asked, &grant(), 64), Err(Error::Denied(_))),
            "{method:?} passed"
        );
    }
}

#[test]
fn headers_of_the_connection_the_route_and_the_login_are_the_hosts() {
    for name in [
        "Host",
        "content-length",
        "Connection",
        "Transfer-Encoding",
        "Authorization",
        "Cookie",
        "X-Forwarded-For",
        "Proxy-Authorization",
        "Forwarded",
        "X-Forwarded-Host",
        "X-Forwarded",
        "X-Real-IP",
        "X-HTTP-Method",
        "X-HTTP-Method-Override",
        "x-method-override",
        "X-Original-URL",
        "X-Original-Host",
        "X-Rewrite-URL",
    ] {
        assert!(
            matches!(admitted("tested", with_header(name, "x"), &grant(), 64), Err(Error::Denied(_))),
            "{name} passed"
        );
    }
    assert!(admitted("tested", with_header("Content-Type", "application/json"), &grant(), 64).is_ok());
}

#[test]
fn a_header_cannot_begin_another() {
    for (name, value) in
        [("X-A", "b\r\nHost: evil"), ("X-A\r\nHost", "x"), ("X A", "x"), ("", "x"), ("X-A", "\0")]
    {
        assert!(
            matches!(admitted("tested", with_header(name, value), &grant(), 64), Err(Error::Invalid(_))),
            "{name:?} passed"
        );
    }
}

#[test]
fn floods_in_query_headers_and_body_are_refused() {
    let many = vec![("a".to_owned(), "b".to_owned()); 65];
    let large = vec![("a".to_owned(), "b".repeat(9_000))];
    for pairs in [many, large] {
        assert!(
            admitted("tested", Request { query: pairs.clone(), ..request("/v2/x") }, &grant(), 64).is_err()
        );
        assert!(admitted("tested", Request { headers: pairs, ..request("/v2/x") }, &grant(), 64).is_err());
    }
    let body = Request { body: vec![0; BODY_BYTES + 1], ..request("/v2/x") };
    assert!(admitted("tested", body, &grant(), 64).is_err());
}
