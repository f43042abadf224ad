//! A consent that is remembered: when it is used again, when not, how it ends, and what is left of it (`login.md` 5,
//! `protocol.md` 27, 32; I2, I3).

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use esignet_protocol::consent::record::{ConsentEntry, ConsentEvent, ConsentNumber, ConsentRecord};
use esignet_protocol::consent::withdraw;
use esignet_protocol::ports::store::{Consents, StoreError};
use esignet_protocol::word::client_id::ClientId;
use esignet_protocol::word::time::Timestamp;
use esignet_tests::call::Call;
use esignet_tests::login::{self, AMINA, LoggedIn, MOUSSA};
use esignet_tests::op::Setup;
use esignet_tests::{Browser, Landing, Op, Page, RelyingParty, Site, Wire};
use esignet_web::{Branding, Ready, WebSettings};
use serde_json::{Value, json};

/// Somebody who has shown who they are: on the consent page, or on the way back without one.
async fn signed_in(rp: &RelyingParty, push: Call, id: &str) -> (Browser, Landing) {
    let (mut browser, first) = login::opened_as(rp, push).await.unwrap();
    let question = login::identify(&mut browser, &first, id).await.unwrap().page().unwrap();
    let landing = login::answer(&mut browser, &question, login::OTP).await.unwrap();
    (browser, landing)
}

/// The consent page that a request must lead to.
async fn asked(rp: &RelyingParty, push: Call, id: &str) -> (Browser, Page) {
    let (browser, landing) = signed_in(rp, push, id).await;
    let page = landing.page().expect("consent is asked for");
    assert!(page.form().has_button("allow"), "{}", page.text());
    (browser, page)
}

/// A login that must be asked for consent, and gives it without a voluntary claim.
async fn consented(rp: &RelyingParty) -> LoggedIn {
    let (mut browser, page) = asked(rp, rp.push(), AMINA.id).await;
    let response = browser.press(&page, &page.form(), "allow").await.unwrap().away().unwrap();
    login::finish(rp, response).await.unwrap()
}

/// A login that must not be asked.
async fn not_asked(rp: &RelyingParty) -> LoggedIn {
    let (_, landing) = signed_in(rp, rp.push(), AMINA.id).await;
    login::finish(rp, landing.away().expect("consent is not asked for")).await.unwrap()
}

async fn withdraw_in(op: &Op, rp: &RelyingParty, subject: &Value) -> bool {
    let (client, subject) = (ClientId::parse(&rp.client_id).unwrap(), subject.as_str().unwrap());
    let (consents, now) = (op.provider.stores.consents.as_ref(), op.provider.now());
    let lifetimes = &op.provider.policy.lifetimes;
    withdraw::handle(consents, &client, subject, lifetimes, now).await.unwrap()
}

async fn history(op: &Op, rp: &RelyingParty, subject: &Value) -> Vec<ConsentEntry> {
    let (client, now) = (ClientId::parse(&rp.client_id).unwrap(), op.provider.now());
    op.provider.stores.consents.history(&client, subject.as_str().unwrap(), now).await.unwrap()
}

fn given(entry: &ConsentEntry) -> &ConsentRecord {
    let ConsentEvent::Given(record) = &entry.event else { panic!("it is a withdrawal") };
    record
}

fn names(logged_in: &LoggedIn) -> Vec<&str> {
    logged_in.userinfo.keys().map(String::as_str).collect()
}

#[tokio::test]
async fn the_second_login_is_not_asked_and_gets_what_was_granted_in_the_first() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let first = consented(&rp).await;
    let second = not_asked(&rp.another_attempt()).await;
    assert_eq!(names(&first), ["name", "sub"], "the voluntary claims were not ticked");
    assert_eq!(first.userinfo, second.userinfo);
    let kept = history(&op, &rp, &first.userinfo["sub"]).await;
    assert_eq!(kept.len(), 1, "a login that is not asked writes no consent");
}

#[tokio::test]
async fn whoever_else_signs_in_or_asks_is_asked() {
    let op = Op::start().await;
    let rp = op.rp().await;
    consented(&rp).await;
    asked(&rp, rp.push(), MOUSSA.id).await;
    let clinic = op.client("clinic").await;
    asked(&clinic, clinic.push(), AMINA.id).await;
}

#[tokio::test]
async fn a_request_that_differs_in_what_it_asks_is_asked() {
    let op = Op::start().await;
    let rp = op.rp().await;
    consented(&rp).await;
    for push in [
        rp.push().set("scope", "openid profile email phone"),
        rp.push().set("scope", "openid profile"),
        rp.push().without("claims"),
        rp.push().set("claims", r#"{"userinfo":{"name":{"essential":true},"gender":{"essential":true}}}"#),
        rp.push().set("claims", r#"{"userinfo":{"name":{"essential":true}},"id_token":{"name":null}}"#),
        rp.push().set("prompt", "consent"),
    ] {
        asked(&rp, push, AMINA.id).await;
    }
    // Neither is another question, and nothing that was only asked has taken the place of what was granted.
    for push in [rp.push().set("claims_locales", "fr"), rp.push().set("prompt", "login")] {
        let (_, landing) = signed_in(&rp, push, AMINA.id).await;
        landing.away().expect("consent is not asked for");
    }
}

#[tokio::test]
async fn the_latest_answer_counts() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let sub = consented(&rp).await.userinfo["sub"].clone();
    let (mut browser, page) = asked(&rp, rp.push().set("prompt", "consent"), AMINA.id).await;
    assert!(
        page.form().fields.iter().all(|field| field.kind != "checkbox" || !field.sent),
        "nothing is ticked"
    );
    let form = page.form().tick("claim.email");
    browser.press(&page, &form, "allow").await.unwrap().away().unwrap();
    assert_eq!(names(&not_asked(&rp).await), ["email", "name", "sub"]);
    let numbers: Vec<_> = history(&op, &rp, &sub).await.iter().map(|entry| entry.number).collect();
    assert_eq!(numbers, [ConsentNumber(2), ConsentNumber(1)], "the earlier one is history");
}

#[tokio::test]
async fn a_consent_expires_and_is_asked_for_again() {
    let op = Setup::default().lifetimes(|lifetimes| lifetimes.consent = 3_600).start().await;
    let rp = op.rp().await;
    let (_, page) = asked(&rp, rp.push(), AMINA.id).await;
    assert!(
        page.text().contains("remembered at this service for 1 hour. You can withdraw it."),
        "{}",
        page.text()
    );
    consented(&rp).await;
    op.wait(3_599);
    not_asked(&rp).await;
    op.wait(1);
    consented(&rp).await;
}

#[tokio::test]
async fn with_a_lifetime_of_nothing_every_login_is_asked_and_nothing_is_stored() {
    let op = Setup::default().lifetimes(|lifetimes| lifetimes.consent = 0).start().await;
    let rp = op.rp().await;
    let (_, page) = asked(&rp, rp.push(), AMINA.id).await;
    assert!(page.text().contains("It is shared once, for this sign-in."), "{}", page.text());
    let first = consented(&rp).await;
    consented(&rp).await;
    assert_eq!(history(&op, &rp, &first.userinfo["sub"]).await, []);
}

#[tokio::test]
async fn denying_stores_nothing() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let (mut browser, page) = asked(&rp, rp.push(), AMINA.id).await;
    let response = browser.press(&page, &page.form(), "deny").await.unwrap().away().unwrap();
    assert_eq!(response.parameter("error"), "access_denied");
    let sub = consented(&rp).await.userinfo["sub"].clone();
    assert_eq!(history(&op, &rp, &sub).await.len(), 1);
}

#[tokio::test]
async fn a_withdrawn_consent_is_asked_for_and_its_codes_and_tokens_are_dead() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let first = consented(&rp).await;
    let second = not_asked(&rp).await;
    let (_, landing) = signed_in(&rp, rp.push(), AMINA.id).await;
    let unused_code = landing.away().unwrap().parameter("code");
    let clinic = op.client("clinic").await;
    let elsewhere = consented(&clinic).await;

    assert!(withdraw_in(&op, &rp, &first.userinfo["sub"]).await);
    assert!(!withdraw_in(&op, &rp, &first.userinfo["sub"]).await, "it is withdrawn once");
    for dead in [&first, &second] {
        let refused = rp.userinfo(&dead.access_token).send().await.unwrap();
        assert_eq!((refused.status, refused.error().as_str()), (401, "invalid_token"));
    }
    assert_eq!(rp.redeem(&unused_code).send().await.unwrap().error(), "invalid_grant");
    let clinics = clinic.userinfo(&elsewhere.access_token).send().await.unwrap();
    assert_eq!(clinics.status, 200, "what was agreed to elsewhere is untouched");

    let again = consented(&rp).await;
    assert_eq!(rp.userinfo(&again.access_token).send().await.unwrap().status, 200);
    assert_eq!(
        rp.userinfo(&first.access_token).send().await.unwrap().status,
        401,
        "giving again revives nothing"
    );
    let entries = history(&op, &rp, &first.userinfo["sub"]).await;
    assert_eq!(entries.len(), 3);
    assert!(matches!(entries[1].event, ConsentEvent::Withdrawn { .. }));
}

#[tokio::test]
async fn the_receipt_says_what_was_agreed_to_and_verifies_with_the_published_keys() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let logged_in = consented(&rp).await;
    let entries = history(&op, &rp, &logged_in.userinfo["sub"]).await;
    let record = given(&entries[0]);
    let receipt = rp.verified(&record.receipt).await.expect("signed with a published key");
    assert_eq!(receipt["iss"], rp.issuer);
    assert_eq!(receipt["sub"], logged_in.userinfo["sub"]);
    assert_eq!(receipt["client_id"], "bank");
    assert_eq!(receipt["client_name"], "The bank <b>&amp;</b> Sons");
    assert_eq!(receipt["granted"], json!(["name"]));
    assert_eq!(receipt["asked_hash"], record.asked_hash);
    assert_eq!(receipt["acr"], "mosip:idp:acr:generated-code");
    let asked = receipt["asked"].as_array().unwrap();
    assert!(asked.contains(&json!({ "name": "name", "essential": true, "to": ["userinfo"] })));
    assert!(asked.contains(&json!({ "name": "email", "essential": false, "to": ["userinfo"] })));
    let (header, _) = esignet_tests::jwt::parts(&record.receipt).unwrap();
    assert_eq!(header["typ"], "consent-receipt+jwt");

    let hinted = rp.push().set("id_token_hint", &record.receipt).send().await.unwrap();
    assert_eq!(hinted.status, 400, "a receipt is no id_token");
    assert_eq!(rp.userinfo(&record.receipt).send().await.unwrap().status, 401, "nor an access token");
}

/// Consents that cannot be kept.
struct FullDisk(Arc<dyn Consents>);

fn full<T>() -> Result<T, StoreError> {
    Err(StoreError::Unavailable("no space left".to_owned()))
}

#[async_trait]
impl Consents for FullDisk {
    async fn latest(
        &self,
        client: &ClientId,
        subject: &str,
        now: Timestamp,
    ) -> Result<Option<ConsentEntry>, StoreError> {
        self.0.latest(client, subject, now).await
    }

    async fn give(&self, _: &ConsentRecord, _: Timestamp) -> Result<ConsentNumber, StoreError> {
        full()
    }

    async fn withdraw(&self, _: &ClientId, _: &str, _: Timestamp, _: Timestamp) -> Result<bool, StoreError> {
        full()
    }

    async fn list(&self, _: &str, _: Timestamp) -> Result<Vec<ConsentEntry>, StoreError> {
        full()
    }

    async fn history(&self, _: &ClientId, _: &str, _: Timestamp) -> Result<Vec<ConsentEntry>, StoreError> {
        full()
    }
}

#[tokio::test]
async fn a_consent_that_cannot_be_kept_gives_no_code() {
    let mut op = Op::start().await;
    let kept = Arc::clone(&op.provider.stores.consents);
    op.provider.stores.consents = Arc::new(FullDisk(kept));
    let settings = WebSettings {
        branding: Branding::default(),
        readiness: Arc::new(Ready::default),
        request_timeout: Duration::from_secs(20),
    };
    op.wire = Wire::InProcess(esignet_web::router(op.provider.clone(), settings));
    let rp = op.rp().await;
    let (mut browser, page) = asked(&rp, rp.push(), AMINA.id).await;
    let response = browser.press(&page, &page.form(), "allow").await.unwrap().away().unwrap();
    assert_eq!(response.parameter("error"), "temporarily_unavailable");
    assert_eq!(response.parameter("code"), "");
    asked(&rp, rp.push(), AMINA.id).await;
}

#[tokio::test]
async fn a_consent_and_its_withdrawal_hold_over_a_crash_and_over_the_commands_of_the_operator() {
    let site = Site::new("sled:store").unwrap();
    let mut server = site.start().await.unwrap();
    let rp = site.rp(&server, "bank").await.unwrap();
    let first = consented(&rp).await;
    server.kill().unwrap();
    drop(server);

    let mut server = site.start().await.unwrap();
    // Right after a crash nothing is believed that could be from before it.
    let ahead = RelyingParty { now: Arc::new(|| esignet_tests::server::system_time() + 10), ..rp.clone() };
    not_asked(&ahead.another_attempt()).await;
    server.stop().await.unwrap();
    drop(server);

    let (config, sub) = (site.config().display().to_string(), first.userinfo["sub"].as_str().unwrap());
    let command = |name: &str| {
        let whose = ["consent", name, "--config", &config, "--client", "bank", "--subject", sub];
        let (code, output, errors) = site.run(&whose).unwrap();
        assert!(!errors.contains("panicked"), "{errors}");
        (code, output)
    };
    let (code, receipt) = command("receipt");
    assert_eq!(code, 0);
    let (_, claims) = esignet_tests::jwt::parts(receipt.trim()).unwrap();
    assert_eq!((claims["sub"].as_str(), &claims["granted"]), (Some(sub), &json!(["name"])));
    let list = || site.run(&["consent", "list", "--config", &config, "--subject", sub]).unwrap().1;
    assert!(list().starts_with("bank\tuntil 20") && list().ends_with("\tname\n"), "{}", list());
    assert_eq!(command("withdraw").0, 0);
    assert_eq!(command("withdraw").0, 2, "there is nothing left to withdraw");
    assert!(list().starts_with("bank\twithdrawn 20"), "{}", list());
    let entries: Value = serde_json::from_str(&command("history").1).unwrap();
    assert_eq!(entries.as_array().map(Vec::len), Some(2));

    let _server = site.start().await.unwrap();
    assert_eq!(rp.userinfo(&first.access_token).send().await.unwrap().status, 401, "its token is dead");
    asked(&rp, rp.push(), AMINA.id).await;
}
