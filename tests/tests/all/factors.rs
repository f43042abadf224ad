//! The identifier and the one-time code: what is accepted, what is not, and how often one may try.

use esignet_tests::login::{self, AFI, AMINA, KOSSI, LOURDES, MOUSSA, NOBODY};
use esignet_tests::op::Setup;
use esignet_tests::{Browser, Landing, Op, Page, RelyingParty};

fn asks_for_code(page: &Page) -> bool {
    page.form().fields.iter().any(|field| field.name == "answer.otp")
}

fn asks_who(page: &Page) -> bool {
    page.form().fields.iter().any(|field| field.name == "individual")
}

async fn question(rp: &RelyingParty, id: &str) -> (Browser, Page) {
    let (mut browser, first) = login::opened(rp).await.unwrap();
    let page = login::identify(&mut browser, &first, id).await.unwrap().page().unwrap();
    (browser, page)
}

#[tokio::test]
async fn a_wrong_code_may_be_tried_again_and_the_right_one_then_works() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let (mut browser, page) = question(&rp, AMINA.id).await;
    let again = login::answer(&mut browser, &page, "999999").await.unwrap().page().unwrap();
    assert_eq!(again.status(), 200);
    assert!(asks_for_code(&again));
    assert!(!again.reply.text().contains("999999"), "what was typed is not shown again");
    assert!(!again.attributes("[aria-invalid=true]", "name").is_empty(), "the field says that it is wrong");
    let consent = login::answer(&mut browser, &again, login::OTP).await.unwrap().page().unwrap();
    login::finish(&rp, login::allow(&mut browser, &consent).await.unwrap().away().unwrap()).await.unwrap();
}

#[tokio::test]
async fn after_five_wrong_codes_the_login_asks_again_who_it_is() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let (mut browser, mut page) = question(&rp, AMINA.id).await;
    for attempt in 1..=5 {
        assert!(asks_for_code(&page), "attempt {attempt}: {}", page.text());
        page = login::answer(&mut browser, &page, "999999").await.unwrap().page().unwrap();
    }
    assert!(asks_who(&page), "{}", page.text());
}

#[tokio::test]
async fn after_ten_wrong_codes_in_an_hour_an_identifier_is_locked_over_all_logins_and_others_are_not() {
    let op = Op::start().await;
    let rp = op.rp().await;
    for _ in 0..2 {
        let (mut browser, mut page) = question(&rp, AMINA.id).await;
        for _ in 0..5 {
            page = login::answer(&mut browser, &page, "999999").await.unwrap().page().unwrap();
        }
    }
    let (_, page) = question(&rp, AMINA.id).await;
    assert!(!asks_for_code(&page), "no code is sent any more: {}", page.text());
    login::whole(&rp, MOUSSA.id).await.unwrap();
    op.wait(3_601);
    login::whole(&rp, AMINA.id).await.unwrap();
}

#[tokio::test]
async fn one_login_takes_five_identifiers_at_most() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let (mut browser, mut page) = login::opened(&rp).await.unwrap();
    let before = page.heading();
    for _ in 0..5 {
        let question = login::identify(&mut browser, &page, KOSSI.id).await.unwrap().page().unwrap();
        page = login::answer(&mut browser, &question, login::OTP).await.unwrap().page().unwrap();
        assert!(asks_who(&page), "{}", page.text());
    }
    page = login::identify(&mut browser, &page, AMINA.id).await.unwrap().page().unwrap();
    assert!(asks_who(&page) && page.heading() == before, "the sixth is not tried: {}", page.text());
}

#[tokio::test]
async fn somebody_the_id_system_does_not_know_sees_what_somebody_known_sees() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let seen = |page: &Page| {
        let kinds: Vec<_> =
            page.form().fields.iter().map(|field| (field.name.clone(), field.kind.clone())).collect();
        (page.status(), page.heading(), kinds)
    };
    let ((mut known_browser, known), (mut unknown_browser, unknown)) =
        (question(&rp, AMINA.id).await, question(&rp, NOBODY.id).await);
    assert_eq!(seen(&known), seen(&unknown));
    let known = login::answer(&mut known_browser, &known, "999999").await.unwrap().page().unwrap();
    let unknown = login::answer(&mut unknown_browser, &unknown, "999999").await.unwrap().page().unwrap();
    assert_eq!(seen(&known), seen(&unknown));
    let unknown = login::answer(&mut unknown_browser, &unknown, login::OTP).await.unwrap().page().unwrap();
    assert!(!unknown.form().has_button("allow"));
}

#[tokio::test]
async fn somebody_who_is_locked_is_told_so_and_does_not_get_in() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let (mut browser, page) = question(&rp, KOSSI.id).await;
    let locked = login::answer(&mut browser, &page, login::OTP).await.unwrap().page().unwrap();
    assert_eq!(locked.status(), 200);
    assert!(!locked.form().has_button("allow"), "{}", locked.text());
}

#[tokio::test]
async fn when_the_id_system_cannot_answer_the_person_can_try_again() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let (mut browser, page) = question(&rp, AFI.id).await;
    assert!(asks_who(&page), "{}", page.text());
    assert!(!page.reply.text().contains("mock-identity"), "plugins and their words stay inside");
    let response = login::through(&mut browser, &page, LOURDES.id, login::OTP).await.unwrap();
    login::finish(&rp, response).await.unwrap();
}

#[tokio::test]
async fn digits_of_other_scripts_and_spaces_are_understood() {
    let op = Op::start().await;
    let rp = op.rp().await;
    for (id, otp) in [
        (" 2053 718 694 ", "111 111"),
        ("٢٠٥٣٧١٨٦٩٤", "١١١١١١"),
        ("२०५३७१८६९४", "११११११"),
        ("２０５３７１８６９４", "１１１１１１"),
    ] {
        let (mut browser, first) = login::opened(&rp).await.unwrap();
        let response = login::through(&mut browser, &first, id, otp)
            .await
            .unwrap_or_else(|error| panic!("{id}: {error:#}"));
        login::finish(&rp, response).await.unwrap();
    }
}

#[tokio::test]
async fn a_code_that_cannot_be_right_is_refused_without_costing_an_attempt() {
    let op = Setup::default().bounds(|bounds| bounds.failures_per_login = 2).start().await;
    let rp = op.rp().await;
    let (mut browser, mut page) = question(&rp, AMINA.id).await;
    for malformed in ["", "11111", "1111111", "11111a", "<b>111", "😀😀😀😀😀😀"] {
        page = login::answer(&mut browser, &page, malformed).await.unwrap().page().unwrap();
        assert!(asks_for_code(&page), "{malformed}: {}", page.text());
    }
    let consent = login::answer(&mut browser, &page, login::OTP).await.unwrap().page().unwrap();
    assert!(consent.form().has_button("allow"));
}

#[tokio::test]
async fn another_code_can_be_asked_for_after_a_while_and_not_without_end() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let (mut browser, mut page) = question(&rp, AMINA.id).await;
    let form = page.form().value("form");
    let early = browser.post(&page.url, &format!("form={form}&action=resend")).await.unwrap();
    assert_eq!(early.status, 303, "too early: nothing happens");
    page = browser.page(&page.url).await.unwrap();
    assert_eq!(page.form().value("form"), form, "the page is the same");
    for send in 2..=3 {
        op.wait(30);
        page = browser.page(&page.url).await.unwrap();
        assert!(page.form().has_button("resend"), "code {send}: {}", page.text());
        page = browser.press(&page, &page.form(), "resend").await.unwrap().page().unwrap();
        assert!(asks_for_code(&page), "code {send}: {}", page.text());
    }
    op.wait(30);
    page = browser.page(&page.url).await.unwrap();
    assert!(!page.form().has_button("resend"), "three codes are all there are");
    let landing = login::answer(&mut browser, &page, login::OTP).await.unwrap();
    assert!(matches!(landing, Landing::Page(page) if page.form().has_button("allow")));
}
