//! The life of a `request_uri` (RFC 9126 §4, `protocol.md` 16): used up when the login completes, not when a page loads.

use esignet_tests::login::{self, AMINA};
use esignet_tests::{Landing, Op};

#[tokio::test]
async fn a_reload_and_a_second_tab_go_on_with_the_same_login() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let url = rp.authorization_url(&rp.pushed().await.unwrap());
    let mut browser = op.browser();
    let first = browser.page(&url).await.unwrap();
    let reloaded = browser.page(&url).await.unwrap();
    assert_eq!(reloaded.status(), 200);
    login::identify(&mut browser, &reloaded, AMINA.id).await.unwrap().page().unwrap();

    op.wait(100);
    let second_tab = browser.page(&url).await.unwrap();
    assert_ne!(
        second_tab.heading(),
        first.heading(),
        "the login is where it was, past its request's own 60 seconds"
    );
    let consent = login::answer(&mut browser, &second_tab, login::OTP).await.unwrap().page().unwrap();
    let response = login::allow(&mut browser, &consent).await.unwrap().away().unwrap();
    login::finish(&rp, response).await.unwrap();
}

#[tokio::test]
async fn a_request_that_nobody_opens_in_time_is_over() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let url = rp.authorization_url(&rp.pushed().await.unwrap());
    op.wait(59);
    assert_eq!(op.browser().page(&url).await.unwrap().status(), 200);
    let url = rp.authorization_url(&rp.pushed().await.unwrap());
    op.wait(61);
    assert_eq!(op.browser().page(&url).await.unwrap().status(), 400);
}

#[tokio::test]
async fn a_request_that_was_answered_cannot_be_opened_again() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let url = rp.authorization_url(&rp.pushed().await.unwrap());
    let mut browser = op.browser();
    let first = browser.page(&url).await.unwrap();
    login::through(&mut browser, &first, AMINA.id, login::OTP).await.unwrap();
    for mut browser in [browser, op.browser()] {
        assert_eq!(browser.page(&url).await.unwrap().status(), 400);
    }
}

#[tokio::test]
async fn a_request_that_was_cancelled_cannot_be_opened_again() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let url = rp.authorization_url(&rp.pushed().await.unwrap());
    let mut browser = op.browser();
    let first = browser.page(&url).await.unwrap();
    browser.press(&first, &first.form(), "cancel").await.unwrap().away().unwrap();
    assert_eq!(op.browser().page(&url).await.unwrap().status(), 400);
}

#[tokio::test]
async fn of_two_browsers_with_one_request_one_is_answered() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let url = rp.authorization_url(&rp.pushed().await.unwrap());
    let (mut mine, mut theirs) = (op.browser(), op.browser());
    let (first, other) = (mine.page(&url).await.unwrap(), theirs.page(&url).await.unwrap());
    assert_ne!(mine.cookies, theirs.cookies, "each browser has a login of its own");

    let response = login::through(&mut mine, &first, AMINA.id, login::OTP).await.unwrap();
    login::finish(&rp, response).await.unwrap();
    let question = login::identify(&mut theirs, &other, login::MOUSSA.id).await.unwrap().page().unwrap();
    let landing = login::answer(&mut theirs, &question, login::OTP).await.unwrap();
    let landing = match landing {
        Landing::Page(page) if page.form().has_button("allow") => {
            login::allow(&mut theirs, &page).await.unwrap()
        }
        Landing::Page(page) => Landing::Page(page),
        Landing::Away(away) => Landing::Away(away),
    };
    let page = landing.page().expect("no second response");
    assert_eq!(page.status(), 400);
}
