//! What is bounded, and what stays good while somebody pushes against a bound.

use esignet_tests::login::{self, AMINA, MOUSSA};
use esignet_tests::op::Setup;
use esignet_tests::{Landing, Op};
use serde_json::{Value, json};

#[tokio::test]
async fn a_request_opens_in_five_browsers_and_no_more() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let url = rp.authorization_url(&rp.pushed().await.unwrap());
    let mut first = op.browser();
    let page = first.page(&url).await.unwrap();
    for _ in 0..4 {
        assert_eq!(op.browser().page(&url).await.unwrap().status(), 200);
    }
    assert_eq!(op.browser().page(&url).await.unwrap().status(), 400, "a sixth login of one request");
    assert_eq!(first.page(&url).await.unwrap().status(), 200, "a reload opens nothing");
    let response = login::through(&mut first, &page, AMINA.id, login::OTP).await.unwrap();
    login::finish(&rp, response).await.unwrap();
}

#[tokio::test]
async fn a_second_browser_cannot_answer_what_the_first_has_answered() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let url = rp.authorization_url(&rp.pushed().await.unwrap());
    let (mut mine, mut theirs) = (op.browser(), op.browser());
    let (first, other) = (mine.page(&url).await.unwrap(), theirs.page(&url).await.unwrap());
    login::through(&mut mine, &first, AMINA.id, login::OTP).await.unwrap();
    let landing = theirs.press(&other, &other.form(), "cancel").await.unwrap();
    let Landing::Page(page) = landing else { panic!("the relying party got a second response") };
    assert_eq!(page.status(), 400);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_codes_sent_at_the_same_time_do_not_outrun_the_bound_of_an_identifier() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let mut questions = Vec::new();
    for _ in 0..25 {
        let (mut browser, first) = login::opened(&rp).await.unwrap();
        let question = login::identify(&mut browser, &first, AMINA.id).await.unwrap().page().unwrap();
        questions.push((browser, question));
    }
    let guesses = questions.into_iter().map(|(mut browser, question)| {
        tokio::spawn(async move {
            let page = login::answer(&mut browser, &question, "999999").await.unwrap().page().unwrap();
            page.form().fields.iter().any(|field| field.name == "answer.otp")
        })
    });
    let mut judged = 0;
    for guess in guesses.collect::<Vec<_>>() {
        judged += usize::from(guess.await.unwrap());
    }
    assert!(
        (1..=10).contains(&judged),
        "{judged} were judged; the others were told that the identifier is locked"
    );
    login::whole(&rp, MOUSSA.id).await.unwrap();
}

#[tokio::test]
async fn right_codes_and_slips_of_the_finger_do_not_count_against_an_identifier() {
    let op = Op::start().await;
    let rp = op.rp().await;
    for _ in 0..12 {
        let (mut browser, first) = login::opened(&rp).await.unwrap();
        let question = login::identify(&mut browser, &first, AMINA.id).await.unwrap().page().unwrap();
        let again = login::answer(&mut browser, &question, "1111").await.unwrap().page().unwrap();
        let consent = login::answer(&mut browser, &again, login::OTP).await.unwrap().page().unwrap();
        assert!(consent.form().has_button("allow"), "{}", consent.text());
    }
}

#[tokio::test]
async fn an_outage_of_the_id_system_locks_nobody_out() {
    let op = Setup::default().misbehaving_identity("trap-in-authenticate").start().await;
    let rp = op.rp().await;
    for attempt in 1..=12 {
        let (mut browser, first) = login::opened(&rp).await.unwrap();
        let question = login::identify(&mut browser, &first, AMINA.id).await.unwrap().page().unwrap();
        let asks = question.form().fields.iter().any(|field| field.name == "answer.otp");
        assert!(asks, "attempt {attempt}: {}", question.text());
        let page = login::answer(&mut browser, &question, login::OTP).await.unwrap().page().unwrap();
        assert!(!page.form().has_button("allow"), "the ID system never answered");
        // Slower than the circuit opens: it is the identifier that must not be locked.
        op.wait(10);
    }
}

#[tokio::test]
async fn hundreds_of_claims_that_nobody_may_have_are_ignored_and_cost_nothing() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let mut userinfo = json!({ "name": { "essential": true } });
    for number in 0..400 {
        userinfo[format!("claim_{number}")] = Value::Null;
    }
    let claims = serde_json::to_string(&json!({ "userinfo": userinfo })).unwrap();
    let response = login::respond(&rp, rp.push().set("claims", claims), AMINA.id).await.unwrap();
    let logged_in = login::finish(&rp, response).await.unwrap();
    assert_eq!(logged_in.userinfo["name"], AMINA.name);
}

#[tokio::test]
async fn a_request_that_is_too_much_in_all_is_refused_when_it_is_pushed() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let values: Vec<String> = (0..250).map(|number| format!("a name that could be it {number}")).collect();
    let claims = json!({ "userinfo": { "name": { "values": values } } }).to_string();
    let reply = rp.push().set("claims", claims).send().await.unwrap();
    assert_eq!((reply.status, reply.member("error").as_str()), (413, "invalid_request"));
}

#[tokio::test]
async fn a_request_that_shows_nothing_leaves_the_login_in_another_tab_alone() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let (mut browser, first) = login::opened(&rp).await.unwrap();
    let silent = rp.pushed_as(rp.push().set("prompt", "none")).await.unwrap();
    let response = browser.open(&rp.authorization_url(&silent)).await.unwrap().away().unwrap();
    assert_eq!(response.parameter("error"), "login_required");
    let response = login::through(&mut browser, &first, AMINA.id, login::OTP).await.unwrap();
    login::finish(&rp, response).await.unwrap();
}

#[tokio::test]
async fn who_tries_to_authenticate_by_a_header_is_answered_in_its_scheme() {
    let op = Op::start().await;
    let rp = op.rp().await;
    let reply =
        rp.push().unauthenticated().header("authorization", "Basic YmFuazpzZWNyZXQ=").send().await.unwrap();
    assert_eq!((reply.status, reply.member("error").as_str()), (401, "invalid_client"));
    assert_eq!(reply.headers["www-authenticate"], "Basic realm=\"esignet\"");
}
