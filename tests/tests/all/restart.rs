//! What was used stays used, and what was promised stays good, over a restart (`state.md`, `protocol.md` 18, 34, 37).

use std::sync::Arc;

use esignet_tests::login::{self, AMINA, MOUSSA};
use esignet_tests::{Browser, RelyingParty, Server, Site, server};

async fn started() -> (Site, Server, RelyingParty) {
    let site = Site::new("sled:store").unwrap();
    let server = site.start().await.unwrap();
    let rp = site.rp(&server, "bank").await.unwrap();
    (site, server, rp)
}

/// Stops or kills the server and starts it again; the relying party is the same.
async fn again(site: &Site, mut server: Server, clean: bool) -> Server {
    if clean {
        assert_eq!(server.stop().await.unwrap(), Some(0), "{}", server.log());
    } else {
        server.kill().unwrap();
    }
    drop(server);
    site.start().await.unwrap()
}

#[tokio::test]
async fn after_a_clean_restart_used_things_are_used_and_unused_things_are_good() {
    let (site, server, rp) = started().await;
    let used = login::whole(&rp, AMINA.id).await.unwrap();
    let unused_code = login::to_code(&rp, MOUSSA.id).await.unwrap().parameter("code");
    let unopened = rp.pushed().await.unwrap();
    let answered = rp.pushed().await.unwrap();
    let mut browser = Browser::new(&rp.wire);
    let first = browser.page(&rp.authorization_url(&answered)).await.unwrap();
    login::through(&mut browser, &first, AMINA.id, login::OTP).await.unwrap();
    let half = rp.pushed_as(rp.push().set("prompt", "consent")).await.unwrap();
    let mut half_way = Browser::new(&rp.wire);
    let page = half_way.page(&rp.authorization_url(&half)).await.unwrap();
    let question = login::identify(&mut half_way, &page, MOUSSA.id).await.unwrap().page().unwrap();
    let assertion = rp.assertion();
    assert_eq!(rp.push().assertion(&assertion).send().await.unwrap().status, 201);
    let proof = rp.proof("POST", &rp.par_endpoint());
    assert_eq!(rp.push().proof(&proof).send().await.unwrap().status, 201);

    let _server = again(&site, server, true).await;
    let token = &used.access_token;
    assert_eq!(rp.userinfo(token).send().await.unwrap().status, 200, "the access token is still good");
    assert_eq!(rp.push().assertion(&assertion).send().await.unwrap().status, 401, "the assertion is used");
    assert_eq!(
        rp.push().proof(&proof).send().await.unwrap().error(),
        "invalid_dpop_proof",
        "the proof is used"
    );
    assert_eq!(
        browser.page(&rp.authorization_url(&answered)).await.unwrap().status(),
        400,
        "the request is answered"
    );
    assert_eq!(Browser::new(&rp.wire).page(&rp.authorization_url(&unopened)).await.unwrap().status(), 200);
    assert_eq!(rp.redeem(&unused_code).send().await.unwrap().status, 200, "the code is good once");
    assert_eq!(rp.redeem(&unused_code).send().await.unwrap().error(), "invalid_grant");
    let consent = login::answer(&mut half_way, &question, login::OTP).await.unwrap().page().unwrap();
    assert!(consent.form().has_button("allow"), "a login under way goes on: {}", consent.text());

    let replay = rp.redeem(&used.response.parameter("code")).send().await.unwrap();
    assert_eq!(replay.error(), "invalid_grant", "the code is used");
    assert_eq!(rp.userinfo(token).send().await.unwrap().status, 401, "and its replay revokes the token");
}

#[tokio::test]
async fn after_a_crash_nothing_that_was_used_can_be_used_again() {
    let (site, server, rp) = started().await;
    let used = login::whole(&rp, AMINA.id).await.unwrap();
    let revoked = login::whole(&rp, MOUSSA.id).await.unwrap();
    rp.redeem(&revoked.response.parameter("code")).send().await.unwrap();
    let assertion = rp.assertion();
    assert_eq!(rp.push().assertion(&assertion).send().await.unwrap().status, 201);
    let proof = rp.proof("POST", &rp.par_endpoint());
    assert_eq!(rp.push().proof(&proof).send().await.unwrap().status, 201);

    let _server = again(&site, server, false).await;
    // Right after a crash nothing is believed that could be from before it, clocks being ten seconds apart at most.
    let rp = RelyingParty { now: Arc::new(|| server::system_time() + 10), ..rp };
    assert_eq!(rp.push().send().await.unwrap().status, 201);
    assert_eq!(rp.redeem(&used.response.parameter("code")).send().await.unwrap().status, 400);
    // Nobody can tell now whether these were used, and that is not the client's fault.
    let unsure = (503, "temporarily_unavailable".to_owned());
    assert_eq!(rp.push().assertion(&assertion).send().await.unwrap().verdict(), unsure);
    assert_eq!(rp.push().proof(&proof).send().await.unwrap().verdict(), unsure);
    assert_eq!(rp.userinfo(&revoked.access_token).send().await.unwrap().status, 401, "revocation survives");
}

#[tokio::test]
async fn after_a_crash_a_nonce_from_before_is_replaced_by_one_of_now() {
    let site = Site::new("sled:store").unwrap();
    site.configure_server("dpop_nonces = true").unwrap();
    let server = site.start().await.unwrap();
    let rp = site.rp(&server, "bank").await.unwrap();
    let before = rp.push().send().await.unwrap().header("dpop-nonce");
    let with = |rp: &RelyingParty, nonce: String| rp.proof("POST", &rp.par_endpoint()).claim("nonce", nonce);
    assert_eq!(rp.push().proof(&with(&rp, before.clone())).send().await.unwrap().status, 201);

    let _server = again(&site, server, false).await;
    let rp = RelyingParty { now: Arc::new(|| server::system_time() + 10), ..rp };
    let asked = rp.push().proof(&with(&rp, before)).send().await.unwrap();
    assert_eq!(asked.verdict(), (400, "use_dpop_nonce".to_owned()), "the memory does not reach back to it");
    let now = asked.header("dpop-nonce");
    assert_eq!(rp.push().proof(&with(&rp, now)).send().await.unwrap().status, 201);
}

#[tokio::test]
async fn subjects_and_keys_are_the_same_after_a_restart() {
    let (site, server, rp) = started().await;
    let before = login::whole(&rp, AMINA.id).await.unwrap();
    let server = again(&site, server, true).await;
    let after = login::whole(&rp.another_attempt(), AMINA.id).await.unwrap();
    assert_eq!(before.userinfo["sub"], after.userinfo["sub"]);
    rp.verified(&before.id_token).await.expect("the old key is still published");
    drop(server);
}
