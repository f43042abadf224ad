//! A captcha before the first factor: what the person sees, what an attacker gets, and what happens when it fails.

use esignet_protocol::id_systems::IdSystemName;
use esignet_protocol::policy::CaptchaWhen;
use esignet_protocol::ports::plugins::Individual;
use esignet_tests::login::{self, AMINA, MOUSSA};
use esignet_tests::op::{CHALLENGES, Setup};
use esignet_tests::{Browser, Landing, Op, Page};

const CAPTCHA: &str = "captcha-question";
const FIELD: &str = "answer.number";
const WORDS: [&str; 21] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
];

fn setup(when: CaptchaWhen) -> Setup {
    Setup::default().captcha(CAPTCHA, when).hmac_key(CAPTCHA, "answers", b"what answers are hidden by")
}

async fn op() -> Op {
    setup(CaptchaWhen::Always).start().await
}

fn asks_captcha(page: &Page) -> bool {
    page.form().fields.iter().any(|field| field.name == FIELD)
}

fn asks_for_code(page: &Page) -> bool {
    page.form().fields.iter().any(|field| field.name == "answer.otp")
}

/// Reads the question and answers it, as a person does.
fn solved(page: &Page) -> u32 {
    let question = page.all("fieldset.captcha label").join(" ");
    let words = question.split(|letter: char| !letter.is_alphabetic());
    let number = |word: &str| WORDS.iter().position(|known| *known == word.to_lowercase());
    let numbers: Vec<u32> = words.filter_map(number).map(|at| u32::try_from(at).unwrap()).collect();
    match numbers.as_slice() {
        [first, second] if question.contains("plus") => first + second,
        [first, second] if question.contains("minus") => first - second,
        [_, _, _] => *numbers.iter().max().unwrap(),
        _ => panic!("what is asked: {question}"),
    }
}

/// Says who one is and gives an answer.
async fn name_oneself(browser: &mut Browser, page: &Page, id: &str, number: &str) -> Page {
    let form = page.form().fill("individual", id).fill(FIELD, number);
    browser.press(page, &form, "continue").await.unwrap().page().unwrap()
}

async fn pass(browser: &mut Browser, page: &Page, id: &str) -> Page {
    name_oneself(browser, page, id, &solved(page).to_string()).await
}

/// How often a code was sent for somebody.
async fn codes_sent(op: &Op, id: &str) -> u64 {
    let individual = Individual { kind: "uin".to_owned(), value: id.to_owned(), attributes: Vec::new() };
    let key = op.provider.policy.pairwise_key.individual("otps", &IdSystemName::default(), &individual);
    op.store.stores().counters.count(&key, op.provider.now()).await.unwrap()
}

#[tokio::test]
async fn whoever_answers_right_signs_in_and_needs_no_page_more_than_without() {
    let op = op().await;
    let rp = op.rp().await;
    let (mut browser, first) = login::opened(&rp).await.unwrap();
    assert!(asks_captcha(&first) && first.form().has_button("another"), "{}", first.text());
    let question = pass(&mut browser, &first, AMINA.id).await;
    assert!(asks_for_code(&question), "{}", question.text());
    let consent = login::answer(&mut browser, &question, login::OTP).await.unwrap().page().unwrap();
    let response = login::allow(&mut browser, &consent).await.unwrap().away().unwrap();
    assert_eq!(login::finish(&rp, response).await.unwrap().userinfo["name"], AMINA.name);
}

#[tokio::test]
async fn a_wrong_answer_sends_no_code_and_asks_something_else_without_losing_what_was_typed() {
    let op = op().await;
    let rp = op.rp().await;
    let (mut browser, first) = login::opened(&rp).await.unwrap();
    let wrong = (solved(&first) + 1).to_string();
    let again = name_oneself(&mut browser, &first, AMINA.id, &wrong).await;
    assert!(asks_captcha(&again) && !asks_for_code(&again), "{}", again.text());
    assert!(again.text().contains("The answer is not right."), "{}", again.text());
    assert_eq!(again.form().value("individual"), AMINA.id);
    assert_eq!(again.form().value(FIELD), "", "what was answered is not shown again");
    let marked = again.attributes("[aria-invalid=true]", "name");
    assert_eq!(marked, [FIELD], "the field is marked that was wrong, and only it");
    assert_eq!(codes_sent(&op, AMINA.id).await, 0);
    assert!(asks_for_code(&pass(&mut browser, &again, AMINA.id).await));
    assert_eq!(codes_sent(&op, AMINA.id).await, 1);
}

#[tokio::test]
async fn without_an_answer_nothing_is_sent_and_the_challenge_stays() {
    let op = op().await;
    let rp = op.rp().await;
    let (mut browser, first) = login::opened(&rp).await.unwrap();
    let asked = first.all("fieldset.captcha label");
    let mut page = name_oneself(&mut browser, &first, AMINA.id, "  ").await;
    assert_eq!(page.all("fieldset.captcha label"), asked, "a slip of the finger costs no challenge");
    let bare = page.form().fill("individual", AMINA.id).drop_field(FIELD);
    page = browser.press(&page, &bare, "continue").await.unwrap().page().unwrap();
    assert_eq!(page.all("fieldset.captcha label"), asked);
    assert_eq!(codes_sent(&op, AMINA.id).await, 0);
    assert!(asks_for_code(&pass(&mut browser, &page, AMINA.id).await));
}

#[tokio::test]
async fn an_answer_counts_once() {
    let op = op().await;
    let rp = op.rp().await;
    let (mut browser, first) = login::opened(&rp).await.unwrap();
    let form = first.form().fill("individual", AMINA.id).fill(FIELD, &solved(&first).to_string());
    let question = browser.press(&first, &form, "continue").await.unwrap().page().unwrap();
    // Five wrong codes lead back to the question who it is.
    let mut page = question;
    for _ in 0..5 {
        page = login::answer(&mut browser, &page, "999999").await.unwrap().page().unwrap();
    }
    assert!(asks_captcha(&page), "every identifier meets a captcha: {}", page.text());
    let sent = codes_sent(&op, AMINA.id).await;
    // The form of the first page, as it was, with the form token of this one: its challenge is spent.
    let replayed = form.fill("form", &page.form().value("form"));
    let after = browser.press(&page, &replayed, "continue").await.unwrap().page().unwrap();
    let same = solved(&first) == solved(&page);
    assert_eq!(asks_for_code(&after), same, "an answer is good for its own challenge alone");
    assert_eq!(codes_sent(&op, AMINA.id).await, sent + u64::from(same));
}

#[tokio::test]
async fn the_same_form_twice_passes_once_and_sends_one_code() {
    let op = op().await;
    let rp = op.rp().await;
    let (mut browser, first) = login::opened(&rp).await.unwrap();
    let mut other = browser.clone();
    let form = first.form().fill("individual", AMINA.id).fill(FIELD, &solved(&first).to_string());
    let (one, two) =
        tokio::join!(browser.press(&first, &form, "continue"), other.press(&first, &form, "continue"));
    let pages = [one, two].map(|landing| landing.unwrap().page().unwrap());
    assert!(pages.iter().any(asks_for_code) || pages.iter().all(|page| page.heading().contains("checking")));
    assert_eq!(codes_sent(&op, AMINA.id).await, 1);
}

#[tokio::test]
async fn an_answer_that_took_too_long_is_told_so_and_another_question_is_asked() {
    let op = op().await;
    let rp = op.rp().await;
    let (mut browser, first) = login::opened(&rp).await.unwrap();
    op.wait(180);
    let late = pass(&mut browser, &first, AMINA.id).await;
    assert!(late.text().contains("You took too long to answer."), "{}", late.text());
    assert!(asks_for_code(&pass(&mut browser, &late, AMINA.id).await));
}

#[tokio::test]
async fn another_question_can_be_asked_for_and_not_without_end() {
    let op = op().await;
    let rp = op.rp().await;
    let (mut browser, mut page) = login::opened(&rp).await.unwrap();
    for _ in 1..CHALLENGES {
        let typed = page.form().fill("individual", "205 37");
        page = browser.press(&page, &typed, "another").await.unwrap().page().unwrap();
        assert!(asks_captcha(&page), "{}", page.text());
        assert_eq!(page.form().value("individual"), "205 37", "what was typed stays");
    }
    page = browser.press(&page, &page.form(), "another").await.unwrap().page().unwrap();
    assert!(!asks_captcha(&page) && page.text().contains("There were too many tries."), "{}", page.text());
    assert!(!page.form().has_button("continue"));
    let forced = page.form().fill("individual", AMINA.id).forge("action", "continue");
    let body = forced.pressed("cancel").replace("&action=cancel", "");
    browser.post(&page.url, &body).await.unwrap();
    assert_eq!(codes_sent(&op, AMINA.id).await, 0, "nothing is done for this login any more");
    page = browser.page(&page.url).await.unwrap();
    let landing = browser.press(&page, &page.form(), "cancel").await.unwrap();
    assert_eq!(landing.away().unwrap().parameter("error"), "access_denied");
}

#[tokio::test]
async fn a_question_is_in_the_language_of_the_page() {
    let op = op().await;
    let rp = op.rp().await;
    let request_uri = rp.pushed_as(rp.push().set("ui_locales", "fr")).await.unwrap();
    let mut browser = op.browser();
    let page = browser.page(&rp.authorization_url(&request_uri)).await.unwrap();
    let asked = page.all("fieldset.captcha").join(" ");
    assert!(asked.contains("Montrez que vous êtes une personne"), "{asked}");
    assert!(asked.contains("Combien font") || asked.contains("Lequel de ces nombres"), "{asked}");
    assert!(!WORDS.iter().any(|word| word.len() > 3 && asked.contains(word)), "{asked}");
}

#[tokio::test]
async fn only_identifiers_that_were_tried_often_meet_it_when_the_policy_says_so() {
    let op = setup(CaptchaWhen::AfterAttempts(2)).start().await;
    let rp = op.rp().await;
    for _ in 0..2 {
        login::whole(&rp, AMINA.id).await.unwrap();
    }
    let (mut browser, first) = login::opened(&rp).await.unwrap();
    assert!(!asks_captcha(&first));
    let page = login::identify(&mut browser, &first, AMINA.id).await.unwrap().page().unwrap();
    assert!(asks_captcha(&page), "two codes were sent in this hour: {}", page.text());
    assert_eq!((page.form().value("individual").as_str(), codes_sent(&op, AMINA.id).await), (AMINA.id, 2));
    assert!(page.all(".error, .summary").is_empty(), "nothing was wrong");
    assert!(asks_for_code(&pass(&mut browser, &page, AMINA.id).await));

    login::whole(&rp, MOUSSA.id).await.unwrap();
    op.wait(3_601);
    login::whole(&rp, AMINA.id).await.unwrap();
}

#[tokio::test]
async fn whoever_names_several_people_in_one_login_meets_it_too() {
    let op = setup(CaptchaWhen::AfterAttempts(2)).start().await;
    let rp = op.rp().await;
    let (mut browser, mut page) = login::opened(&rp).await.unwrap();
    for id in [login::KOSSI.id, login::AFI.id] {
        assert!(!asks_captcha(&page));
        page = login::identify(&mut browser, &page, id).await.unwrap().page().unwrap();
        if asks_for_code(&page) {
            page = login::answer(&mut browser, &page, login::OTP).await.unwrap().page().unwrap();
        }
    }
    assert!(asks_captcha(&page), "{}", page.text());
}

#[tokio::test]
async fn a_challenge_is_judged_by_the_build_that_made_it() {
    let op = op().await;
    let rp = op.rp().await;
    let (mut browser, first) = login::opened(&rp).await.unwrap();
    op.plugins.put(CAPTCHA, "0.2.0", "").unwrap();
    let report = op.plugins.load().await;
    assert!(report.all_findings().next().is_none());
    assert!(asks_for_code(&pass(&mut browser, &first, AMINA.id).await));
}

#[tokio::test]
async fn a_captcha_that_is_gone_lets_nobody_through_and_says_that_it_does_not_work() {
    let op = op().await;
    let rp = op.rp().await;
    std::fs::remove_file(op.plugins.file(CAPTCHA)).unwrap();
    op.plugins.load().await;
    let (mut browser, first) = login::opened(&rp).await.unwrap();
    for page in
        [first.clone(), login::identify(&mut browser, &first, AMINA.id).await.unwrap().page().unwrap()]
    {
        assert!(page.text().contains("does not work at the moment"), "{}", page.text());
        assert!(page.form().has_button("continue"), "one may try again");
    }
    assert_eq!(codes_sent(&op, AMINA.id).await, 0);
}

/// What the misbehaving captcha can do, read from its source: a new one is tried without a word here.
fn behaviours() -> Vec<String> {
    let source = include_str!("../../components/misbehaving-door/src/lib.rs");
    let (_, table) = source.split_once("BEHAVIOURS: [&str;").expect("the table is there");
    let (table, _) = table.split_once("];").expect("the table ends");
    let names: Vec<_> = table.split('"').skip(1).step_by(2).map(str::to_owned).collect();
    assert!(names.len() > 15, "{names:?}");
    names
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_a_captcha_does_nobody_gets_through_unjudged_and_the_page_is_ours() {
    for behaviour in behaviours() {
        let op = Setup::default().misbehaving_door(&behaviour).start().await;
        let rp = op.rp().await;
        let (mut browser, first) = login::opened(&rp).await.unwrap();
        let form = first.form().fill("individual", AMINA.id);
        let asked = form.fields.iter().any(|field| field.name == "answer.who");
        let form = if asked { form.fill("answer.who", "person") } else { form };
        let landing = browser.press(&first, &form, "continue").await.unwrap();
        let Landing::Page(page) = landing else { panic!("{behaviour} ended the login") };
        let behaves =
            ["well-behaved", "markup", "trap-in-notify", "loop-in-notify"].contains(&behaviour.as_str());
        assert_eq!(asks_for_code(&page), behaves, "{behaviour}: {}", page.text());
        assert_eq!(codes_sent(&op, AMINA.id).await, u64::from(behaves), "{behaviour}");
        for page in [&first, &*page] {
            assert_eq!((page.status(), page.all("h1").len()), (200, 1), "{behaviour}");
            let html = page.reply.text();
            assert!(!html.contains("<script>") && !html.contains("told to"), "{behaviour}: {html}");
            assert!(page.all("b, img, [onerror]").is_empty(), "{behaviour}");
        }
        if !behaves && behaviour != "markup-in-rejection" {
            let said =
                [&first, &*page].iter().any(|page| page.text().contains("does not work at the moment"));
            assert!(said, "{behaviour}: {}", page.text());
        }
    }
}
