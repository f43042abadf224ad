//! Logins with marked values through the real binary at its most talkative: not one of them is in the log.

use esignet_tests::login;
use esignet_tests::{Browser, Site};
use serde_json::json;

const UIN: &str = "7391846205";
const OTP: &str = "864209";
const PHONE: &str = "+990155577731";
const EMAIL: &str = "canary.bird@cage.example";
const NAME: &str = "Canaria Bird";
const BIRTHDATE: &str = "1977-07-07";
const HINT: &str = "canary-login-hint";

#[tokio::test]
async fn no_byte_of_a_login_is_in_the_log() {
    let site = Site::new("sled:store").unwrap();
    let people = json!({ UIN: {
        "phone": PHONE, "email": EMAIL,
        "claims": { "birthdate": BIRTHDATE, "email": EMAIL, "phone_number": PHONE },
        "words": { "en": { "name": NAME } },
    }});
    site.configure(&format!(
        "[log]\nlevel = \"debug\"\n\n[plugins.mock-identity.config]\notp = \"{OTP}\"\npeople = '{people}'\n"
    ))
    .unwrap();
    let mut server = site.start().await.unwrap();
    let rp = site.rp(&server, "bank").await.unwrap();
    let mut canaries: Vec<String> =
        [UIN, OTP, PHONE, EMAIL, NAME, BIRTHDATE, HINT, &UIN[..8]].map(str::to_owned).into();
    canaries.extend([rp.state.clone(), rp.nonce.clone(), rp.code_verifier.clone(), rp.dpop_key.thumbprint()]);

    // A login that works.
    let assertion = rp.assertion();
    let push = rp.push().assertion(&assertion).set("login_hint", HINT);
    let request_uri = rp.pushed_as(push).await.unwrap();
    canaries.push(request_uri.rsplit(':').next().unwrap().to_owned());
    canaries.push(assertion.encode().rsplit('.').next().unwrap().to_owned());
    let mut browser = Browser::new(&rp.wire);
    let first = browser.page(&rp.authorization_url(&request_uri)).await.unwrap();
    let mut watch = |browser: &Browser| {
        for value in browser.cookies.values() {
            canaries.extend(value.split('.').filter(|part| part.len() > 8).map(str::to_owned));
        }
    };
    watch(&browser);
    let wrong = login::identify(&mut browser, &first, UIN).await.unwrap().page().unwrap();
    watch(&browser);
    let question = login::answer(&mut browser, &wrong, "975318").await.unwrap().page().unwrap();
    let consent = login::answer(&mut browser, &question, OTP).await.unwrap().page().unwrap();
    watch(&browser);
    let forms = [first.form().value("form"), question.form().value("form"), consent.form().value("form")];
    let response = login::allow(&mut browser, &consent).await.unwrap().away().unwrap();
    let logged_in = login::finish(&rp, response).await.unwrap();
    assert_eq!(logged_in.userinfo["name"], NAME);
    canaries.extend(forms);
    canaries.push("975318".to_owned());
    canaries.push(logged_in.response.parameter("code"));
    canaries.push(logged_in.userinfo["sub"].as_str().unwrap().to_owned());
    for token in [&logged_in.access_token, &logged_in.id_token] {
        canaries.extend(token.split('.').skip(1).map(str::to_owned));
    }

    // Logins and requests that do not.
    rp.redeem(&logged_in.response.parameter("code")).send().await.unwrap();
    rp.userinfo(&logged_in.access_token).send().await.unwrap();
    rp.push()
        .set("scope", "canary-scope")
        .set("redirect_uri", "https://canary.example/")
        .send()
        .await
        .unwrap();
    rp.push().set("login_hint", "canary\u{1}").send().await.unwrap();
    rp.redeem("canary-code-of-nobody").send().await.unwrap();
    let mut other = Browser::new(&rp.wire);
    let first = other.page(&rp.authorization_url(&rp.pushed().await.unwrap())).await.unwrap();
    login::identify(&mut other, &first, "canary-identifier").await.unwrap();
    other
        .page(&format!("{}/authorize?client_id=canary-client&request_uri=canary-uri", site.issuer))
        .await
        .unwrap();
    server.wire.get(&format!("{}/canary-path?canary=query", site.issuer)).await.unwrap();
    canaries.extend(["canary-", "canary.example"].map(str::to_owned));
    server.stop().await.unwrap();

    let log = server.log();
    assert!(log.lines().count() > 10, "there is a log to look at: {log}");
    for canary in canaries.iter().filter(|canary| !canary.is_empty()) {
        let line = log.lines().find(|line| line.contains(canary.as_str()));
        assert!(line.is_none(), "`{canary}` is in the log: {}", line.unwrap_or_default());
    }
}
