//! The authorization endpoint (OIDC Core §3.1.2, RFC 9207, RFC 9700, `protocol.md` 22–30).

use esignet_tests::login::{self, AMINA, MOUSSA};
use esignet_tests::op::{ACR_OTP, ISSUER, Setup};
use esignet_tests::{Browser, Call, Op, Page, RelyingParty};

/// Asserts that a page is an error page: never a redirect, nothing reflected, nothing stored.
fn assert_problem(page: &Page, what: &str) {
    assert_eq!(page.status(), 400, "{what}: {}", page.text());
    assert!(page.reply.header("content-type").starts_with("text/html"), "{what}");
    assert!(page.reply.header("cache-control").contains("no-store"), "{what}");
    assert_eq!(page.reply.header("location"), "", "{what}");
    assert_eq!(page.reply.header("access-control-allow-origin"), "", "{what}");
    let html = page.reply.text();
    for reflected in ["evil.example", "<script>alert", "onerror"] {
        assert!(!html.contains(reflected), "{what} reflects {reflected}");
    }
}

#[tokio::test]
async fn what_cannot_be_trusted_to_redirect_is_a_page() {
    type Query = fn(Call, &RelyingParty, &str) -> Call;
    let table: &[(&str, Query)] = &[
        ("nothing", |c, _, _| c),
        ("no client_id", |c, _, uri| c.set("request_uri", uri)),
        ("unknown client", |c, _, uri| {
            c.set("client_id", "<script>alert(1)</script>").set("request_uri", uri)
        }),
        ("client_id twice", |c, rp, uri| {
            c.set("client_id", &rp.client_id).also("client_id", "clinic").set("request_uri", uri)
        }),
        ("request_uri twice", |c, rp, uri| {
            c.set("client_id", &rp.client_id).set("request_uri", uri).also("request_uri", "x")
        }),
        ("redirect_uri twice", |c, rp, uri| {
            c.set("client_id", &rp.client_id)
                .set("request_uri", uri)
                .also("redirect_uri", "https://evil.example/")
                .also("redirect_uri", "https://evil.example/")
        }),
        ("request_uri of nobody", |c, rp, _| {
            c.set("client_id", &rp.client_id)
                .set("request_uri", format!("urn:ietf:params:oauth:request_uri:{}", "x".repeat(43)))
        }),
        ("request_uri elsewhere", |c, rp, _| {
            c.set("client_id", &rp.client_id).set("request_uri", "https://evil.example/request")
        }),
        ("request_uri of another client", |c, _, uri| c.set("client_id", "clinic").set("request_uri", uri)),
        ("not pushed", |c, rp, _| {
            c.set("client_id", &rp.client_id)
                .set("response_type", "code")
                .set("scope", "openid")
                .set("redirect_uri", &rp.redirect_uri)
                .set("code_challenge", "x".repeat(43))
                .set("code_challenge_method", "S256")
        }),
        ("not pushed, to an evil place", |c, rp, _| {
            c.set("client_id", &rp.client_id)
                .set("response_type", "code")
                .set("redirect_uri", "https://evil.example/")
        }),
    ];
    let op = Op::start().await;
    let rp = op.rp().await;
    for (what, query) in table {
        let request_uri = rp.pushed().await.unwrap();
        let url = rp.endpoint("authorization_endpoint");
        let query = query(Call::get(&rp.wire, &url), &rp, &request_uri).encoded();
        let page = Browser::new(&rp.wire)
            .page(&format!("{url}?{query}"))
            .await
            .unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_problem(&page, what);
        let posted = Call::post(&rp.wire, &url).body(query).send().await.unwrap();
        assert_eq!(posted.status, 400, "{what}, posted");
    }
}

#[tokio::test]
async fn the_first_page_may_be_asked_for_by_post_from_another_site() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let request_uri = rp.pushed().await.unwrap();
    let call = Call::post(&rp.wire, &rp.endpoint("authorization_endpoint"))
        .set("client_id", &rp.client_id)
        .set("request_uri", request_uri)
        .header("origin", "https://bank.example")
        .header("sec-fetch-site", "cross-site");
    let reply = call.send().await.unwrap();
    assert_eq!(reply.status, 200, "{}", reply.text());
}

#[tokio::test]
async fn beside_a_request_uri_every_other_parameter_is_ignored() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let request_uri = rp.pushed().await.unwrap();
    let url = format!(
        "{}&redirect_uri=https%3A%2F%2Fevil.example%2F&prompt=none&response_type=token&state=evil&scope=admin",
        rp.authorization_url(&request_uri)
    );
    let mut browser = op.browser();
    let first = browser.page(&url).await.unwrap();
    assert_eq!(first.status(), 200);
    let response = login::through(&mut browser, &first, AMINA.id, login::OTP).await.unwrap();
    assert_eq!(
        (response.parameter("state"), response.url.as_str()),
        (rp.state.clone(), "https://bank.example/callback")
    );
}

#[tokio::test]
async fn an_error_goes_back_with_its_code_the_state_and_the_issuer() {
    let table: &[(&str, &str, &str, &str)] = &[
        ("nobody is ever logged in", "prompt", "none", "login_required"),
        (
            "an acr nobody can meet",
            "claims",
            r#"{"id_token":{"acr":{"essential":true,"value":"urn:gold"}}}"#,
            "unmet_authentication_requirements",
        ),
    ];
    let op = Op::start().await;
    let rp = op.rp().await;
    for (what, name, value, error) in table {
        let request_uri = rp.pushed_as(rp.push().set(name, *value)).await.unwrap();
        let url = rp.authorization_url(&request_uri);
        let response = op.browser().open(&url).await.unwrap().away().unwrap();
        assert_eq!(response.reply.status, 303, "{what}");
        assert_eq!(response.parameter("error"), *error, "{what}");
        assert_eq!(
            response.names(),
            ["error", "error_description", "error_uri", "from", "iss", "state"],
            "{what}"
        );
        assert_eq!(response.parameter("iss"), ISSUER, "{what}");
        assert_eq!(response.parameter("state"), rp.state, "{what}");
        assert_eq!(response.reply.header("referrer-policy"), "no-referrer", "{what}");
        assert!(response.reply.header("cache-control").contains("no-store"), "{what}");
        assert!(op.browser().page(&url).await.is_ok(), "{what}: the request is answered, once");
    }
}

#[tokio::test]
async fn without_a_state_none_comes_back() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let request_uri = rp.pushed_as(rp.push().without("state").set("prompt", "none")).await.unwrap();
    let response = op.browser().open(&rp.authorization_url(&request_uri)).await.unwrap().away().unwrap();
    assert_eq!(response.names(), ["error", "error_description", "error_uri", "from", "iss"]);
}

#[tokio::test]
async fn an_error_by_form_post_is_posted() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let request_uri =
        rp.pushed_as(rp.push().set("prompt", "none").set("response_mode", "form_post")).await.unwrap();
    let mut browser = op.browser();
    let page = browser.page(&rp.authorization_url(&request_uri)).await.unwrap();
    let response = browser.press(&page, &page.form(), "").await.unwrap().away().unwrap();
    assert_eq!(response.parameter("error"), "login_required");
    assert_eq!(response.parameter("iss"), ISSUER);
}

#[tokio::test]
async fn acr_values_are_a_preference_and_what_happened_is_stated() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let response =
        login::respond(&rp, rp.push().set("acr_values", "urn:gold urn:silver"), AMINA.id).await.unwrap();
    let logged_in = login::finish(&rp, response).await.unwrap();
    assert_eq!(rp.verified(&logged_in.id_token).await.unwrap()["acr"], ACR_OTP);
}

#[tokio::test]
async fn any_max_age_and_prompt_login_are_met_by_the_fresh_login_that_always_happens() {
    let op = Op::start().await;
    let rp = op.rp().await;
    for (name, value) in
        [("max_age", "0"), ("max_age", "100000"), ("prompt", "login"), ("prompt", "select_account")]
    {
        op.wait(20);
        let response = login::respond(&rp, rp.push().set(name, value), AMINA.id).await.unwrap();
        let logged_in = login::finish(&rp, response).await.unwrap();
        assert_eq!(
            rp.verified(&logged_in.id_token).await.unwrap()["auth_time"],
            op.clock.seconds(),
            "{name}={value}"
        );
    }
}

#[tokio::test]
async fn an_id_token_hint_lets_in_the_same_person_only() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let hint = login::whole(&rp, AMINA.id).await.unwrap().id_token;
    op.wait(3_600);
    let same = login::respond(&rp, rp.push().set("id_token_hint", &hint), AMINA.id).await.unwrap();
    assert_eq!(same.parameter("error"), "", "an expired hint is a hint");
    let other = login::respond(&rp, rp.push().set("id_token_hint", &hint), MOUSSA.id).await.unwrap();
    assert_eq!(other.parameter("error"), "login_required");
    assert_eq!(other.parameter("code"), "");

    let clinic = op.client("clinic").await;
    let foreign = clinic.push().set("id_token_hint", &hint).send().await.unwrap();
    assert_eq!(
        foreign.verdict(),
        (400, "invalid_request".to_owned()),
        "an id_token of another client is no hint"
    );
}

#[tokio::test]
async fn a_request_for_one_subject_is_not_answered_with_another() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let sub = login::whole(&rp, AMINA.id).await.unwrap().userinfo["sub"].as_str().unwrap().to_owned();
    let claims = format!(r#"{{"id_token":{{"sub":{{"value":"{sub}"}}}}}}"#);
    let same = login::respond(&rp, rp.push().set("claims", &claims), AMINA.id).await.unwrap();
    assert_eq!(same.parameter("error"), "");
    let other = login::respond(&rp, rp.push().set("claims", &claims), MOUSSA.id).await.unwrap();
    assert_eq!(other.parameter("error"), "login_required");
}

#[tokio::test]
async fn pages_are_in_the_language_of_the_request_or_of_the_browser() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let table = [
        (Some("tlh fr-CA en"), "ar", "fr"),
        (None, "ar, en;q=0.5", "ar"),
        (Some("tlh"), "", "en"),
        (None, "tlh", "en"),
    ];
    for (ui_locales, accept, expected) in table {
        let push = ui_locales.map_or_else(|| rp.push(), |tags| rp.push().set("ui_locales", tags));
        let request_uri = rp.pushed_as(push).await.unwrap();
        let page = op.browser().speaking(accept).page(&rp.authorization_url(&request_uri)).await.unwrap();
        assert_eq!(page.attributes("html", "lang"), [expected], "{ui_locales:?} {accept}");
        let direction = if expected == "ar" { "rtl" } else { "ltr" };
        assert_eq!(page.attributes("html", "dir"), [direction]);
    }
}

#[tokio::test]
async fn a_login_hint_prefills_and_is_text() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let hint = r#""><script>alert(1)</script>"#;
    let (_, page) = login::opened_as(&rp, rp.push().set("login_hint", hint)).await.unwrap();
    assert_eq!(page.form().value("individual"), hint);
    assert!(!page.reply.text().contains("<script>alert"));
}

#[tokio::test]
async fn a_login_that_takes_too_long_ends_at_the_relying_party() {
    let op = Setup::default().start().await;
    let rp = op.rp().await;
    let (mut browser, _) = login::opened(&rp).await.unwrap();
    op.wait(301);
    let response = browser.open(&format!("{ISSUER}/login")).await.unwrap().away().unwrap();
    assert_eq!(response.parameter("error"), "login_required");
    assert_eq!(response.parameter("state"), rp.state);
}
