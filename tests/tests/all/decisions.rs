//! What the person decides: to go on, to share, or not (OIDC Core §3.1.2.4, `protocol.md` 32).

use esignet_tests::login::{self, AMINA};
use esignet_tests::op::ISSUER;
use esignet_tests::{Browser, Op, Page, RelyingParty};

async fn consent_page(rp: &RelyingParty) -> (Browser, Page) {
    let (mut browser, first) = login::opened(rp).await.unwrap();
    let question = login::identify(&mut browser, &first, AMINA.id).await.unwrap().page().unwrap();
    let consent = login::answer(&mut browser, &question, login::OTP).await.unwrap().page().unwrap();
    (browser, consent)
}

#[tokio::test]
async fn denying_is_access_denied_and_no_code() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let (mut browser, consent) = consent_page(&rp).await;
    let response = browser.press(&consent, &consent.form(), "deny").await.unwrap().away().unwrap();
    assert_eq!(response.parameter("error"), "access_denied");
    assert_eq!(response.parameter("state"), rp.state);
    assert_eq!(response.parameter("iss"), ISSUER);
    assert_eq!(response.parameter("code"), "");
    assert!(browser.cookies.is_empty());
}

#[tokio::test]
async fn cancelling_works_on_every_page() {
    let op = Op::start().await;
    let rp = op.rp().await;
    for pages in 0..3 {
        let (mut browser, mut page) = login::opened(&rp).await.unwrap();
        if pages > 0 {
            page = login::identify(&mut browser, &page, AMINA.id).await.unwrap().page().unwrap();
        }
        if pages > 1 {
            page = login::answer(&mut browser, &page, login::OTP).await.unwrap().page().unwrap();
        }
        let response = browser.press(&page, &page.form(), "cancel").await.unwrap().away().unwrap();
        assert_eq!(response.parameter("error"), "access_denied", "page {pages}");
        assert_eq!(response.parameter("state"), rp.state);
    }
}

#[tokio::test]
async fn what_is_not_ticked_is_not_shared_and_what_is_essential_is() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let (mut browser, consent) = consent_page(&rp).await;
    let form = consent.form();
    assert!(
        form.fields.iter().filter(|field| field.kind == "checkbox").all(|field| !field.sent),
        "nothing is ticked for them"
    );
    assert!(
        !form.fields.iter().any(|field| field.name == "claim.name"),
        "what is essential cannot be unticked"
    );
    let response = browser.press(&consent, &form.tick("claim.email"), "allow").await.unwrap().away().unwrap();
    let userinfo = login::finish(&rp, response).await.unwrap().userinfo;
    let names: Vec<_> = userinfo.keys().map(String::as_str).collect();
    assert_eq!(names, ["email", "name", "sub"]);
}

#[tokio::test]
async fn a_claim_that_was_not_asked_for_cannot_be_smuggled_into_the_form() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let (mut browser, consent) = consent_page(&rp).await;
    let forged = consent
        .form()
        .forge("claim.phone_number", "on")
        .forge("claim.address", "on")
        .forge("claim.sub", "on");
    let response = browser.press(&consent, &forged, "allow").await.unwrap().away().unwrap();
    let userinfo = login::finish(&rp, response).await.unwrap().userinfo;
    let names: Vec<_> = userinfo.keys().map(String::as_str).collect();
    assert_eq!(names, ["name", "sub"]);
}

#[tokio::test]
async fn when_nothing_is_asked_for_nothing_is_asked_unless_the_relying_party_insists() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let bare = || rp.push().set("scope", "openid").without("claims");
    for (push, asks) in [(bare(), false), (bare().set("prompt", "consent"), true)] {
        let (mut browser, first) = login::opened_as(&rp, push).await.unwrap();
        let question = login::identify(&mut browser, &first, AMINA.id).await.unwrap().page().unwrap();
        let landing = login::answer(&mut browser, &question, login::OTP).await.unwrap();
        assert_eq!(landing.clone().page().is_ok(), asks);
        let response = if asks {
            login::allow(&mut browser, &landing.page().unwrap()).await.unwrap().away().unwrap()
        } else {
            landing.away().unwrap()
        };
        let userinfo = login::finish(&rp, response).await.unwrap().userinfo;
        assert_eq!(userinfo.keys().map(String::as_str).collect::<Vec<_>>(), ["sub"]);
    }
}

#[tokio::test]
async fn a_decision_that_takes_too_long_is_none() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let (mut browser, consent) = consent_page(&rp).await;
    op.wait(121);
    let response = login::allow(&mut browser, &consent).await.unwrap().away().unwrap();
    assert_eq!(response.parameter("error"), "login_required");
    assert_eq!(response.parameter("code"), "");
}

#[tokio::test]
async fn the_consent_page_names_who_asks_and_what_for() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let (_, consent) = consent_page(&rp).await;
    let text = consent.text();
    assert!(text.contains("The bank <b>&amp;</b> Sons"), "{text}");
    assert!(text.contains("bank.example"), "{text}");
    assert!(!text.contains("amina.benali"), "the page asks about claims and does not show them");
}
