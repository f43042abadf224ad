//! Forms sent again, out of order, by another site or another browser, and cookies that somebody planted
//! (`protocol.md` 31, `login.md` U13).

use esignet_tests::login::{self, AMINA};
use esignet_tests::op::{ISSUER, Setup};
use esignet_tests::{Landing, Op};

const LOGIN: &str = "https://op.example/login";

#[tokio::test]
async fn the_cookie_is_for_this_host_and_for_http_only() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let (_, first) = login::opened(&rp).await.unwrap();
    let cookie = first.reply.header("set-cookie");
    let (name, _) = cookie.split_once('=').unwrap();
    assert!(name.starts_with("__Host-"), "{name}");
    for attribute in ["Path=/", "Secure", "HttpOnly", "SameSite=Lax"] {
        assert!(cookie.split("; ").any(|part| part == attribute), "{attribute} in {cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
}

#[tokio::test]
async fn pages_can_be_framed_by_nobody_and_lead_only_where_they_must() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let (_, first) = login::opened(&rp).await.unwrap();
    let policy = first.reply.header("content-security-policy");
    let directives: Vec<_> = policy.split(';').map(str::trim).collect();
    for directive in [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'self' https://bank.example",
    ] {
        assert!(directives.contains(&directive), "{directive} in {policy}");
    }
    assert_eq!(first.reply.header("x-content-type-options"), "nosniff");
    assert_eq!(first.reply.header("referrer-policy"), "no-referrer");
    assert!(first.reply.header("cache-control").contains("no-store"));
    assert_eq!(
        first.attributes("script", "src").len(),
        first.all("script").len(),
        "no script stands in the page"
    );
    assert!(first.attributes("[style], [onclick], [onload]", "class").is_empty());
}

#[tokio::test]
async fn the_button_pressed_twice_sends_one_otp_and_both_presses_end_on_the_same_page() {
    let op = Setup::default().bounds(|bounds| bounds.otps_per_individual_per_hour = 1).start().await;
    let rp = op.rp().await;
    let (mut browser, first) = login::opened(&rp).await.unwrap();
    let body = first.form().fill("individual", AMINA.id).pressed("continue");
    let mut impatient = browser.clone();
    let (one, two) = tokio::join!(browser.post(LOGIN, &body), impatient.post(LOGIN, &body));
    assert_eq!((one.unwrap().status, two.unwrap().status), (303, 303));

    for mut tab in [browser, impatient] {
        let page = tab.page(LOGIN).await.unwrap();
        assert!(page.form().fields.iter().any(|field| field.name == "answer.otp"), "{}", page.text());
    }
    let (mut other, first) = login::opened(&rp.another_attempt()).await.unwrap();
    let page = login::identify(&mut other, &first, AMINA.id).await.unwrap().page().unwrap();
    assert!(
        !page.form().fields.iter().any(|field| field.name == "answer.otp"),
        "the one code of this hour was sent: {}",
        page.text()
    );
}

#[tokio::test]
async fn a_form_sent_again_later_does_nothing_and_leads_to_where_the_login_is() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let (mut browser, first) = login::opened(&rp).await.unwrap();
    let old_cookies = browser.cookies.clone();
    let body = first.form().fill("individual", AMINA.id).pressed("continue");
    browser.post(LOGIN, &body).await.unwrap();
    let question = browser.page(LOGIN).await.unwrap();

    let again = browser.post(LOGIN, &body).await.unwrap();
    assert_eq!(again.status, 303);
    browser.cookies = old_cookies;
    let repeated = browser.post(LOGIN, &body).await.unwrap();
    assert_eq!(repeated.status, 303, "the very same form with the very same cookie is the same press");
    let page = browser.page(LOGIN).await.unwrap();
    assert_eq!(page.heading(), question.heading());
    let response = {
        let consent = login::answer(&mut browser, &page, login::OTP).await.unwrap().page().unwrap();
        login::allow(&mut browser, &consent).await.unwrap().away().unwrap()
    };
    login::finish(&rp, response).await.unwrap();
}

#[tokio::test]
async fn the_last_form_sent_twice_yields_one_code() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let (mut browser, first) = login::opened(&rp).await.unwrap();
    let question = login::identify(&mut browser, &first, AMINA.id).await.unwrap().page().unwrap();
    let consent = login::answer(&mut browser, &question, login::OTP).await.unwrap().page().unwrap();
    let body = consent.form().pressed("allow");
    let mut impatient = browser.clone();
    let (one, two) = (browser.post(LOGIN, &body).await.unwrap(), impatient.post(LOGIN, &body).await.unwrap());
    let codes = [&one, &two].iter().filter(|reply| reply.header("location").contains("code=")).count();
    assert_eq!(codes, 1, "{} {}", one.status, two.status);
}

#[tokio::test]
async fn a_form_that_does_not_fit_the_page_moves_nothing() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let (mut browser, first) = login::opened(&rp).await.unwrap();
    let heading = first.heading();
    let form = first.form();
    let out_of_order = [
        form.clone()
            .forge("answer.otp", login::OTP)
            .forge("action", "allow")
            .drop_field("individual")
            .pressed("continue"),
        format!("form={}&action=allow", form.value("form")),
        format!("form={}&action=deny", form.value("form")),
        format!("form={}&action=resend", form.value("form")),
        format!("form={}&action=surprise", form.value("form")),
        format!("form={}", "x".repeat(43)),
        "action=continue".to_owned(),
        form.clone().forge("form", "").fill("individual", AMINA.id).pressed("continue"),
        form.clone().forge("method", "7").fill("individual", AMINA.id).pressed("continue"),
        form.clone().forge("method", "-1").fill("individual", AMINA.id).pressed("continue"),
        form.clone().forge("kind", "passport").fill("individual", AMINA.id).pressed("continue"),
        form.clone().fill("individual", "").pressed("continue"),
        form.clone().fill("individual", "   ").pressed("continue"),
        form.clone().fill("individual", "not a number").pressed("continue"),
        form.clone().fill("individual", &"9".repeat(500)).pressed("continue"),
    ];
    for body in out_of_order {
        let reply = browser.post(LOGIN, &body).await.unwrap();
        assert!(matches!(reply.status, 303 | 400), "{body}: {}", reply.status);
        assert!(!reply.header("location").contains("code="), "{body}");
        let page = browser.page(LOGIN).await.unwrap();
        assert_eq!((page.status(), page.heading()), (200, heading.clone()), "{body}");
    }
}

#[tokio::test]
async fn a_form_of_another_login_moves_nothing() {
    let op = Op::start().await;
    let (bank, clinic) = (op.rp().await, op.client("clinic").await);
    let (mut mine, first) = login::opened(&bank).await.unwrap();
    let (_, theirs) = login::opened(&clinic).await.unwrap();
    mine.post(LOGIN, &theirs.form().fill("individual", AMINA.id).pressed("continue")).await.unwrap();
    assert_eq!(mine.page(LOGIN).await.unwrap().heading(), first.heading());
}

#[tokio::test]
async fn a_form_from_another_site_is_refused() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let (mut browser, first) = login::opened(&rp).await.unwrap();
    let body = first.form().fill("individual", AMINA.id).pressed("continue");
    let foreign: &[&[(&str, &str)]] = &[
        &[("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")],
        &[("origin", "https://evil.example")],
        &[("origin", "null"), ("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
    ];
    for headers in foreign {
        let reply = browser.request("POST", LOGIN, Some(&body), headers).await.unwrap();
        assert_eq!(reply.status, 403, "{headers:?}");
    }
    assert_eq!(browser.page(LOGIN).await.unwrap().heading(), first.heading(), "nothing happened");
}

#[tokio::test]
async fn a_cookie_that_was_planted_before_a_step_is_worth_nothing_after_it() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let (mut victim, first) = login::opened(&rp).await.unwrap();
    let mut attacker = victim.clone();
    let question = login::identify(&mut victim, &first, AMINA.id).await.unwrap().page().unwrap();
    assert_ne!(attacker.cookies, victim.cookies, "each step renews the cookie");

    let seen = attacker.page(LOGIN).await.unwrap();
    assert_eq!(seen.status(), 400, "{}", seen.text());
    let guess = question.form().fill("answer.otp", login::OTP).pressed("continue");
    let reply = attacker.post(LOGIN, &guess).await.unwrap();
    assert!(!reply.header("location").contains("code="), "{}", reply.status);

    let consent = login::answer(&mut victim, &question, login::OTP).await.unwrap().page().unwrap();
    assert!(consent.form().has_button("allow"), "the victim's own login goes on: {}", consent.text());
}

#[tokio::test]
async fn without_a_login_there_is_a_page_that_says_so() {
    let op = Op::start().await;
    for cookie in [None, Some("x"), Some("x.y"), Some(""), Some(&"x".repeat(5_000))] {
        let mut browser = op.browser();
        if let Some(cookie) = cookie {
            browser.cookies.insert("__Host-esignet".to_owned(), cookie.to_owned());
        }
        let page = browser.page(LOGIN).await.unwrap();
        assert_eq!(page.status(), 400);
        let posted = browser.post(LOGIN, "form=x&action=allow").await.unwrap();
        assert_eq!(posted.status, 400);
        assert_eq!(posted.header("location"), "");
    }
}

#[tokio::test]
async fn two_logins_in_one_browser_do_not_get_mixed_up() {
    let op = Op::start().await;
    let (bank, clinic) = (op.rp().await, op.client("clinic").await);
    let (mut browser, of_bank) = login::opened(&bank).await.unwrap();
    let clinic_url = clinic.authorization_url(&clinic.pushed().await.unwrap());
    let of_clinic = browser.page(&clinic_url).await.unwrap();
    assert!(of_clinic.text().contains("The clinic"));

    let stale =
        browser.press(&of_bank, &of_bank.form().fill("individual", AMINA.id), "continue").await.unwrap();
    let Landing::Page(page) = stale else { panic!("the old tab finished a login") };
    assert!(
        page.text().contains("The clinic"),
        "the old tab shows the login that the browser is in: {}",
        page.text()
    );
    let response = login::through(&mut browser, &page, AMINA.id, login::OTP).await.unwrap();
    assert_eq!(response.parameter("iss"), ISSUER);
    login::finish(&clinic, response).await.unwrap();
}
