//! What people know: a PIN, a password, and a PIN beside the one-time code; through the real components.

use esignet_tests::login::{self, AMINA, KOSSI, MOUSSA, NOBODY, PASSWORD, PIN};
use esignet_tests::op::Setup;
use esignet_tests::{Browser, Op, Page, RelyingParty};
use serde_json::json;

const ACR_PIN: &str = "mosip:idp:acr:static-code";
const ACR_PASSWORD: &str = "mosip:idp:acr:password";
const ACR_TWO: &str = "test:acr:two-factors";

async fn provider() -> Op {
    Setup::default()
        .shipped("pin")
        .shipped("password")
        .method(ACR_PIN, &["PIN"])
        .method(ACR_PASSWORD, &["PWD"])
        .method(ACR_TWO, &["OTP", "PIN"])
        .start()
        .await
}

/// The first question for somebody who signs in for a class.
async fn question(rp: &RelyingParty, acr: &str, id: &str) -> (Browser, Page) {
    let (mut browser, first) = login::opened_as(rp, rp.push().set("acr_values", acr)).await.unwrap();
    let page = login::identify(&mut browser, &first, id).await.unwrap().page().unwrap();
    (browser, page)
}

async fn typed(browser: &mut Browser, page: &Page, value: &str) -> Page {
    login::type_in(browser, page, value).await.unwrap().page().unwrap()
}

/// The name of the only field to type into.
fn asks_for(page: &Page) -> String {
    let fields = page.form().fields;
    let typed = |kind: &str| !["hidden", "checkbox", "radio"].contains(&kind);
    fields.into_iter().find(|field| typed(&field.kind)).map(|field| field.name).unwrap_or_default()
}

/// The claims of the `id_token` after consent.
async fn signed_in(
    rp: &RelyingParty,
    browser: &mut Browser,
    consent: &Page,
) -> serde_json::Map<String, serde_json::Value> {
    assert!(consent.form().has_button("allow"), "no consent page: {}", consent.text());
    let response = login::allow(browser, consent).await.unwrap().away().unwrap();
    let logged_in = login::finish(rp, response).await.unwrap();
    rp.verified(&logged_in.id_token).await.unwrap()
}

#[tokio::test]
async fn a_person_signs_in_with_their_pin_and_the_id_token_says_so() {
    let op = provider().await;
    let rp = op.rp().await;
    let (mut browser, page) = question(&rp, ACR_PIN, AMINA.id).await;
    assert_eq!(page.attributes("[name='answer.pin']", "type"), ["password"], "what is typed is hidden");
    assert_eq!(page.attributes("[name='answer.pin']", "inputmode"), ["numeric"]);
    let consent = typed(&mut browser, &page, " ٥٤٥ ٤١١ ").await;
    let claims = signed_in(&rp, &mut browser, &consent).await;
    assert_eq!((&claims["acr"], &claims["amr"]), (&json!(ACR_PIN), &json!(["pin"])));
}

#[tokio::test]
async fn a_person_signs_in_with_their_password_and_the_id_token_says_so() {
    let op = provider().await;
    let rp = op.rp().await;
    let (mut browser, page) = question(&rp, ACR_PASSWORD, AMINA.id).await;
    assert_eq!(page.attributes("[name='answer.password']", "type"), ["password"]);
    assert_eq!(page.attributes("[name='answer.password']", "autocomplete"), ["current-password"]);
    let again = typed(&mut browser, &page, "Correct horse").await;
    assert_eq!(asks_for(&again), "answer.password", "capital letters count");
    assert!(!again.reply.text().contains("Correct horse"), "what was typed is not shown again");
    let again = typed(&mut browser, &again, "correct horse ").await;
    assert_eq!(asks_for(&again), "answer.password", "spaces count");
    let consent = typed(&mut browser, &again, PASSWORD).await;
    let claims = signed_in(&rp, &mut browser, &consent).await;
    assert_eq!((&claims["acr"], &claims["amr"]), (&json!(ACR_PASSWORD), &json!(["pwd"])));
}

#[tokio::test]
async fn a_wrong_pin_may_be_tried_three_times_in_a_login_and_then_the_login_asks_who_it_is() {
    let op = provider().await;
    let rp = op.rp().await;
    let (mut browser, mut page) = question(&rp, ACR_PIN, AMINA.id).await;
    for attempt in 1..=3 {
        assert_eq!(asks_for(&page), "answer.pin", "attempt {attempt}: {}", page.text());
        page = typed(&mut browser, &page, "545412").await;
    }
    assert_eq!(asks_for(&page), "individual", "{}", page.text());
    assert!(page.text().contains("locked"), "{}", page.text());
}

#[tokio::test]
async fn the_bound_of_an_identifier_over_all_logins_holds_for_pins_too() {
    let op = provider().await;
    let rp = op.rp().await;
    for _ in 0..4 {
        let (mut browser, mut page) = question(&rp, ACR_PIN, AMINA.id).await;
        while asks_for(&page) == "answer.pin" {
            page = typed(&mut browser, &page, "545412").await;
        }
    }
    let (mut browser, page) = question(&rp, ACR_PIN, AMINA.id).await;
    let refused = typed(&mut browser, &page, PIN).await;
    assert_eq!(asks_for(&refused), "individual", "the right PIN comes too late: {}", refused.text());
    let (mut browser, page) = question(&rp, ACR_PIN, MOUSSA.id).await;
    let consent = typed(&mut browser, &page, PIN).await;
    signed_in(&rp, &mut browser, &consent).await;
}

#[tokio::test]
async fn what_cannot_be_a_pin_costs_no_try() {
    let op = provider().await;
    let rp = op.rp().await;
    let (mut browser, mut page) = question(&rp, ACR_PIN, AMINA.id).await;
    for malformed in ["", "123", "123456789", "54541a", "<b>"] {
        page = typed(&mut browser, &page, malformed).await;
        assert_eq!(asks_for(&page), "answer.pin", "{malformed}: {}", page.text());
    }
    let consent = typed(&mut browser, &page, PIN).await;
    signed_in(&rp, &mut browser, &consent).await;
}

#[tokio::test]
async fn somebody_locked_and_somebody_unknown_do_not_get_in_with_what_is_right() {
    let op = provider().await;
    let rp = op.rp().await;
    for (acr, secret) in [(ACR_PIN, PIN), (ACR_PASSWORD, PASSWORD)] {
        let (mut browser, page) = question(&rp, acr, KOSSI.id).await;
        let locked = typed(&mut browser, &page, secret).await;
        assert_eq!(asks_for(&locked), "individual", "{}", locked.text());
        assert!(locked.text().contains("locked"), "{}", locked.text());

        let (mut browser, page) = question(&rp, acr, NOBODY.id).await;
        let unknown = typed(&mut browser, &page, secret).await;
        let (mut browser, page) = question(&rp, acr, AMINA.id).await;
        let wrong = typed(&mut browser, &page, "999999").await;
        assert_eq!((unknown.heading(), asks_for(&unknown)), (wrong.heading(), asks_for(&wrong)));
    }
}

#[tokio::test]
async fn two_factors_are_asked_in_order_and_both_are_in_the_id_token() {
    let op = provider().await;
    let rp = op.rp().await;
    let (mut browser, code) = question(&rp, ACR_TWO, AMINA.id).await;
    assert_eq!(asks_for(&code), "answer.otp");
    let pin = typed(&mut browser, &code, login::OTP).await;
    assert_eq!(asks_for(&pin), "answer.pin", "the code alone is not enough: {}", pin.text());
    let consent = typed(&mut browser, &pin, PIN).await;
    let claims = signed_in(&rp, &mut browser, &consent).await;
    assert_eq!((&claims["acr"], &claims["amr"]), (&json!(ACR_TWO), &json!(["otp", "pin"])));
}

#[tokio::test]
async fn neither_of_two_factors_makes_up_for_the_other() {
    let op = provider().await;
    let rp = op.rp().await;
    for (person, otp, pin) in [(AMINA, login::OTP, "545412"), (MOUSSA, "111112", PIN)] {
        let (mut browser, page) = question(&rp, ACR_TWO, person.id).await;
        let page = typed(&mut browser, &page, otp).await;
        assert_eq!(asks_for(&page), "answer.pin", "nobody tells which of the two was wrong: {}", page.text());
        let again = typed(&mut browser, &page, pin).await;
        assert_eq!(asks_for(&again), "answer.otp", "{otp} {pin}: {}", again.text());
        let page = typed(&mut browser, &again, login::OTP).await;
        let consent = typed(&mut browser, &page, PIN).await;
        signed_in(&rp, &mut browser, &consent).await;
    }
}
