//! Codes of authenticator apps (RFC 6238): what an app would show is accepted, once, and nothing else is. The app here
//! computes what the README of `plugins/totp` says, with another library.

use aws_lc_rs::hmac;
use esignet_tests::login::{self, AMINA, KOSSI, MOUSSA, NOBODY, PIN};
use esignet_tests::op::Setup;
use esignet_tests::{Browser, Op, Page, RelyingParty, Site, server};
use serde_json::json;

const ACR_TOTP: &str = "mosip:idp:acr:time-code";
const ACR_BOTH: &str = "test:acr:pin-and-time-code";
const KEY: &[u8] = b"only the host and the enrolment have it";

fn setup() -> Setup {
    Setup::default()
        .shipped("totp")
        .shipped("pin")
        .hmac_key("totp", "totp", KEY)
        .method(ACR_TOTP, &["TOTP"])
        .method(ACR_BOTH, &["PIN", "TOTP"])
}

fn mac(key: &[u8], data: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), data).as_ref().to_vec()
}

/// What an app that was enrolled for somebody shows so many seconds from now.
fn shown(op: &Op, id: &str, seconds: i64) -> String {
    shown_at(id, op.clock.seconds().checked_add_signed(seconds).unwrap())
}

fn shown_at(id: &str, time: u64) -> String {
    let secret = mac(KEY, format!("esignet-totp-v1\0uin\0{id}").as_bytes());
    let step = time / 30;
    let mac = mac(&secret, &step.to_be_bytes());
    let offset = usize::from(mac[31] & 15);
    let four = u32::from_be_bytes(mac[offset..offset + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:06}", four % 1_000_000)
}

async fn question(rp: &RelyingParty, acr: &str, id: &str) -> (Browser, Page) {
    let (mut browser, first) = login::opened_as(rp, rp.push().set("acr_values", acr)).await.unwrap();
    let page = login::identify(&mut browser, &first, id).await.unwrap().page().unwrap();
    (browser, page)
}

/// The page after a code.
async fn after(rp: &RelyingParty, id: &str, code: &str) -> Page {
    let (mut browser, page) = question(rp, ACR_TOTP, id).await;
    login::type_in(&mut browser, &page, code).await.unwrap().page().unwrap()
}

fn asks_for_code(page: &Page) -> bool {
    page.form().fields.iter().any(|field| field.name == "answer.totp")
}

#[tokio::test]
async fn a_person_signs_in_with_the_code_of_their_app_and_the_id_token_says_so() {
    let op = setup().start().await;
    let rp = op.rp().await;
    let (mut browser, page) = question(&rp, ACR_TOTP, AMINA.id).await;
    assert_eq!(page.attributes("[name='answer.totp']", "autocomplete"), ["one-time-code"]);
    let consent =
        login::type_in(&mut browser, &page, &shown(&op, AMINA.id, 0)).await.unwrap().page().unwrap();
    let response = login::allow(&mut browser, &consent).await.unwrap().away().unwrap();
    let logged_in = login::finish(&rp, response).await.unwrap();
    assert_eq!(logged_in.userinfo["name"], AMINA.name);
    let claims = rp.verified(&logged_in.id_token).await.unwrap();
    assert_eq!((&claims["acr"], &claims["amr"]), (&json!(ACR_TOTP), &json!(["otp"])));
}

#[tokio::test]
async fn a_clock_may_be_half_a_minute_off_and_no_more() {
    let op = setup().start().await;
    let rp = op.rp().await;
    for (seconds, is_right) in [(-30, true), (30, true), (-60, false), (60, false)] {
        let page = after(&rp, AMINA.id, &shown(&op, AMINA.id, seconds)).await;
        assert_eq!(page.form().has_button("allow"), is_right, "{seconds} s: {}", page.text());
        assert_eq!(asks_for_code(&page), !is_right, "{seconds} s: {}", page.text());
    }
}

#[tokio::test]
async fn replay_a_code_that_was_used_is_not_accepted_again_in_any_login() {
    let op = setup().start().await;
    let rp = op.rp().await;
    let code = shown(&op, AMINA.id, 0);
    assert!(after(&rp, AMINA.id, &code).await.form().has_button("allow"));
    for _ in 0..2 {
        let replayed = after(&rp.another_attempt(), AMINA.id, &code).await;
        assert!(asks_for_code(&replayed), "{}", replayed.text());
        assert!(replayed.text().contains("no longer valid"), "{}", replayed.text());
        op.wait(30);
    }
    assert!(
        after(&rp, AMINA.id, &shown(&op, AMINA.id, 0)).await.form().has_button("allow"),
        "the next one is"
    );
}

#[tokio::test]
async fn of_two_that_use_a_code_at_the_same_moment_one_gets_in() {
    let op = setup().start().await;
    let rp = op.rp().await;
    let code = shown(&op, AMINA.id, 0);
    let other = rp.another_attempt();
    let (one, two) = tokio::join!(after(&rp, AMINA.id, &code), after(&other, AMINA.id, &code));
    let in_ = [one, two].iter().filter(|page| page.form().has_button("allow")).count();
    assert_eq!(in_, 1);
}

#[tokio::test]
async fn the_code_of_somebody_else_and_of_nobody_does_not_help() {
    let op = setup().start().await;
    let rp = op.rp().await;
    assert!(asks_for_code(&after(&rp, AMINA.id, &shown(&op, MOUSSA.id, 0)).await));
    for person in [NOBODY, KOSSI] {
        let page = after(&rp, person.id, &shown(&op, person.id, 0)).await;
        assert!(!page.form().has_button("allow"), "the ID system has the last word: {}", page.text());
    }
}

#[tokio::test]
async fn after_five_wrong_codes_the_login_asks_again_who_it_is() {
    let op = setup().start().await;
    let rp = op.rp().await;
    let (mut browser, mut page) = question(&rp, ACR_TOTP, AMINA.id).await;
    let wrong = shown(&op, AMINA.id, 300);
    for attempt in 1..=5 {
        assert!(asks_for_code(&page), "attempt {attempt}: {}", page.text());
        page = login::type_in(&mut browser, &page, &wrong).await.unwrap().page().unwrap();
    }
    assert!(page.form().fields.iter().any(|field| field.name == "individual"), "{}", page.text());
}

#[tokio::test]
async fn without_the_cache_that_marks_codes_as_used_nobody_gets_in() {
    let op = setup().without_plugin_cache().start().await;
    let rp = op.rp().await;
    let page = after(&rp, AMINA.id, &shown(&op, AMINA.id, 0)).await;
    assert!(!page.form().has_button("allow"), "{}", page.text());
    assert!(!page.reply.text().contains("totp"), "plugins and their words stay inside");
}

#[tokio::test]
async fn a_pin_and_a_code_of_an_app_make_two_factors() {
    let op = setup().start().await;
    let rp = op.rp().await;
    let (mut browser, page) = question(&rp, ACR_BOTH, AMINA.id).await;
    let page = login::type_in(&mut browser, &page, PIN).await.unwrap().page().unwrap();
    assert!(asks_for_code(&page), "{}", page.text());
    let consent =
        login::type_in(&mut browser, &page, &shown(&op, AMINA.id, 0)).await.unwrap().page().unwrap();
    let response = login::allow(&mut browser, &consent).await.unwrap().away().unwrap();
    let logged_in = login::finish(&rp, response).await.unwrap();
    let claims = rp.verified(&logged_in.id_token).await.unwrap();
    assert_eq!((&claims["acr"], &claims["amr"]), (&json!(ACR_BOTH), &json!(["otp", "pin"])));
}

#[tokio::test]
async fn the_real_binary_takes_the_key_from_its_file_and_codes_by_its_own_clock() {
    let site = Site::new("sled:store").unwrap();
    site.ship("totp").unwrap();
    site.write_secret("totp.secret", &format!("{}\n", std::str::from_utf8(KEY).unwrap())).unwrap();
    site.configure(&format!(
        "[plugins.totp.keys.totp]\nuse = \"hmac\"\nfile = \"totp.secret\"\n\n\
         [assurance]\n\"{ACR_TOTP}\" = [[\"TOTP\"]]"
    ))
    .unwrap();
    let server = site.start().await.unwrap();
    let rp = site.rp(&server, "bank").await.unwrap();
    let code = shown_at(AMINA.id, server::system_time());
    assert!(after(&rp, AMINA.id, &code).await.form().has_button("allow"));
    let replayed = after(&rp.another_attempt(), AMINA.id, &code).await;
    assert!(asks_for_code(&replayed), "{}", replayed.text());
}
