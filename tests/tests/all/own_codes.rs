//! Codes that the factor `otp` makes itself and sends over a gateway: whole logins through the real components, to a gateway
//! on the loopback interface.

use esignet_tests::login::{self, AMINA, MOUSSA};
use esignet_tests::op::{ACR_OTP, Setup};
use esignet_tests::{
    Asked, Authority, Browser, Landing, Op, Page, Register, RelyingParty, Site, Told, Upstream,
};
use serde_json::{Value, json};

const KEY: &[u8] = b"what codes of our own are kept by";
/// Where Amina's codes go.
const NUMBER: &str = "+212655501417";
/// A number that is nobody's at the ID system.
const NOBODYS: &str = "+212600000000";

fn send() -> Value {
    let json = json!({ "to": "{to}", "code": "{code}", "text": "{text}", "subject": "{subject}" });
    json!({ "sms": { "path": "/v1/messages", "json": json, "no-such-address": [422] },
            "email": { "path": "/v1/mails", "json": json } })
}

fn setup(gateway: &Register) -> Setup {
    Setup::default()
        .config("mock-identity", "individual-kinds", json!(["phone", "email", "uin"]))
        .config("otp", "codes", "own")
        .config("otp", "phone-country", "+212")
        .config("otp", "phone-prefixes", json!(["+212"]))
        .config("otp", "send", send())
        .upstream("otp", "sms", &gateway.url)
        .upstream("otp", "email", &gateway.url)
        .hmac_key("otp", "codes", KEY)
}

/// A gateway that takes whatever it is given.
async fn willing() -> Register {
    Register::start(|_| (202, json!({}))).await
}

async fn question(rp: &RelyingParty, kind: &str, value: &str) -> (Browser, Page) {
    let (mut browser, first) = login::opened(rp).await.unwrap();
    let form = first.form().fill("individual", value).forge("kind", kind);
    let page = browser.press(&first, &form, "continue").await.unwrap().page().unwrap();
    (browser, page)
}

async fn typed(browser: &mut Browser, page: &Page, value: &str) -> Page {
    login::answer(browser, page, value).await.unwrap().page().unwrap()
}

fn asks_for_code(page: &Page) -> bool {
    page.form().fields.iter().any(|field| field.name == "answer.otp")
}

fn asks_who(page: &Page) -> bool {
    page.form().fields.iter().any(|field| field.name == "individual")
}

/// The code of the last message.
fn last_code(gateway: &Register) -> String {
    gateway.asked().last().unwrap().body["code"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_person_signs_in_with_a_code_that_came_to_their_number_and_the_id_token_says_so() {
    let gateway = willing().await;
    let op = setup(&gateway).start().await;
    let rp = op.rp().await;
    let (mut browser, page) = question(&rp, "phone", "+212 655 50-14-17").await;
    assert!(page.text().contains("XXXXXX1417"), "{}", page.text());
    let asked = gateway.asked();
    assert_eq!((asked.len(), asked[0].line().as_str()), (1, "POST /v1/messages"));
    assert_eq!(asked[0].body["to"], NUMBER);
    let code = last_code(&gateway);
    assert!(asked[0].body["text"].as_str().unwrap().contains(&code));
    assert!(!page.reply.text().contains(&code) && !page.reply.text().contains("501417"));

    let arabic: String = code.chars().map(|c| char::from_u32(u32::from(c) - 0x30 + 0x660).unwrap()).collect();
    let consent = typed(&mut browser, &page, &arabic).await;
    let response = login::allow(&mut browser, &consent).await.unwrap().away().unwrap();
    let logged_in = login::finish(&rp, response).await.unwrap();
    assert_eq!(logged_in.userinfo["name"], AMINA.name);
    let claims = rp.verified(&logged_in.id_token).await.unwrap();
    assert_eq!((&claims["acr"], &claims["amr"]), (&json!(ACR_OTP), &json!(["otp", "sms"])));
}

#[tokio::test]
async fn a_mailbox_is_an_address_too_and_its_owner_the_same_person() {
    let gateway = willing().await;
    let op = setup(&gateway).start().await;
    let rp = op.rp().await;
    let mut subjects = Vec::new();
    for (kind, value) in [("email", "moussa.diop@Mail.example"), ("email", "Moussa.Diop@mail.example")] {
        let rp = rp.another_attempt();
        let (mut browser, page) = question(&rp, kind, value).await;
        let response = match login::answer(&mut browser, &page, &last_code(&gateway)).await.unwrap() {
            // The second time they agreed already.
            Landing::Away(response) => response,
            Landing::Page(consent) => login::allow(&mut browser, &consent).await.unwrap().away().unwrap(),
        };
        let logged_in = login::finish(&rp, response).await.unwrap();
        assert_eq!(logged_in.userinfo["name"], MOUSSA.name);
        assert_eq!(rp.verified(&logged_in.id_token).await.unwrap()["amr"], json!(["otp"]));
        subjects.push(logged_in.userinfo["sub"].clone());
    }
    assert_eq!(subjects[0], subjects[1]);
    assert_eq!(gateway.asked()[0].body["subject"], "Your code to sign in");
}

#[tokio::test]
async fn enumeration_a_code_goes_to_nobodys_number_as_it_goes_to_somebodys() {
    let gateway = willing().await;
    let op = setup(&gateway).start().await;
    let rp = op.rp().await;
    let (_, known) = question(&rp, "phone", NUMBER).await;
    let rp = rp.another_attempt();
    let (mut browser, unknown) = question(&rp, "phone", NOBODYS).await;
    let masked = |page: &Page| page.text().replace("XXXXXX1417", "X").replace("XXXXXX0000", "X");
    assert_eq!((known.status(), masked(&known)), (unknown.status(), masked(&unknown)));
    // Whoever reads what comes to the number gets in only if it is a person's.
    let after = typed(&mut browser, &unknown, &last_code(&gateway)).await;
    assert!(asks_who(&after) && !after.form().has_button("allow"), "{}", after.text());
}

#[tokio::test]
async fn a_code_is_good_three_times_at_most_and_for_its_time_and_in_its_login_only() {
    let gateway = willing().await;
    let op = setup(&gateway).start().await;
    let rp = op.rp().await;
    let (mut browser, mut page) = question(&rp, "phone", NUMBER).await;
    let code = last_code(&gateway);
    let wrong = if code == "111111" { "222222" } else { "111111" };
    for _ in 0..3 {
        assert!(asks_for_code(&page), "{}", page.text());
        page = typed(&mut browser, &page, wrong).await;
    }
    assert!(asks_who(&page), "{}", page.text());

    let (mut browser, page) = question(&rp.another_attempt(), "phone", NUMBER).await;
    if last_code(&gateway) != code {
        let elsewhere = typed(&mut browser, &page, &code).await;
        assert!(asks_for_code(&elsewhere), "the code of another login: {}", elsewhere.text());
    }
    let (mut browser, page) = question(&rp.another_attempt(), "phone", NUMBER).await;
    op.wait(300);
    let late = typed(&mut browser, &page, &last_code(&gateway)).await;
    assert!(asks_for_code(&late) && late.text().contains("no longer valid"), "{}", late.text());
}

#[tokio::test]
async fn pumping_no_more_messages_go_to_a_number_in_an_hour_than_the_operator_allows_however_it_is_written() {
    let gateway = willing().await;
    let op = setup(&gateway).bounds(|bounds| bounds.otps_per_individual_per_hour = 2).start().await;
    let rp = op.rp().await;
    for spelled in [NUMBER, "+212 655 50 14 17", "+212-655-501417", "+٢١٢٦٥٥٥٠١٤١٧"] {
        question(&rp.another_attempt(), "phone", spelled).await;
    }
    assert_eq!(gateway.asked().len(), 2);
    let (_, refused) = question(&rp.another_attempt(), "phone", NUMBER).await;
    assert!(asks_who(&refused) && refused.text().contains("locked"), "{}", refused.text());
    let (_, other) = question(&rp.another_attempt(), "phone", NOBODYS).await;
    assert!(asks_for_code(&other), "another number is not bounded by it: {}", other.text());
    assert_eq!(gateway.asked().len(), 3);
}

#[tokio::test]
async fn the_hosts_bound_holds_for_codes_that_are_asked_for_again() {
    let gateway = willing().await;
    let op = setup(&gateway).bounds(|bounds| bounds.otps_per_individual_per_hour = 1).start().await;
    let rp = op.rp().await;
    let (mut browser, page) = question(&rp, "phone", NUMBER).await;
    op.wait(60);
    let again = browser.press(&page, &page.form(), "resend").await.unwrap().page().unwrap();
    assert!(asks_for_code(&again), "the first one is still good: {}", again.text());
    assert_eq!(gateway.asked().len(), 1);
    let consent = typed(&mut browser, &again, &last_code(&gateway)).await;
    assert!(consent.form().has_button("allow"), "{}", consent.text());
}

#[tokio::test]
async fn no_message_goes_to_another_country_or_to_what_is_no_address() {
    let gateway = willing().await;
    let op = setup(&gateway).start().await;
    let rp = op.rp().await;
    for (kind, value) in
        [("phone", "+33612345678"), ("phone", "no number"), ("email", "a@b.c,d@e.f"), ("uin", AMINA.id)]
    {
        let (_, page) = question(&rp.another_attempt(), kind, value).await;
        assert!(asks_who(&page), "{value}: {}", page.text());
    }
    assert!(gateway.asked().is_empty());
}

/// The page after saying who one is to a gateway that answers this.
async fn with_gateway(answer: impl Fn(&Asked) -> Told + Send + Sync + 'static) -> (Op, Register, Page) {
    let gateway = Register::start(answer).await;
    let op = setup(&gateway).start().await;
    let (_, page) = question(&op.rp().await, "phone", NUMBER).await;
    (op, gateway, page)
}

#[tokio::test]
async fn a_gateway_that_fails_costs_the_login_a_clean_page_and_no_code_is_asked_for() {
    for status in [400, 401, 500, 503, 429, 422, 302] {
        let (_op, gateway, page) =
            with_gateway(move |_| (status, json!({ "secret": "of the gateway" }))).await;
        assert_eq!(gateway.asked().len(), 1, "{status}: it is asked once");
        assert!(!asks_for_code(&page) && !page.form().has_button("allow"), "{status}: {}", page.text());
        let html = page.reply.text();
        for inside in ["gateway", "otp.wasm", &last_code(&gateway)] {
            assert!(!html.contains(inside), "{status} shows {inside}");
        }
    }
}

#[tokio::test]
async fn the_real_binary_sends_through_a_gateway_that_it_logs_in_to() {
    let site = Site::new("memory").unwrap();
    let authority = Authority::new("gateways");
    let gateway = Upstream::start(&authority.server(), None, |asked| {
        let known = asked.authorization == ["Bearer of-the-gateway"] && asked.path == "/v1/messages";
        (if known { 202 } else { 401 }, "{}".to_owned())
    })
    .await
    .unwrap();
    site.write_secret("gateway.pem", &authority.pem()).unwrap();
    site.write_secret("gateway.token", "of-the-gateway\n").unwrap();
    site.write_secret("codes.secret", &format!("{}\n", std::str::from_utf8(KEY).unwrap())).unwrap();
    site.configure(&format!(
        "[log]\nlevel = \"debug\"\n\n[[login.individual]]\nkind = \"phone\"\n\n\
         [plugins.mock-identity.config]\nindividual-kinds = [\"phone\"]\n\n\
         [plugins.otp.config]\ncodes = \"own\"\nphone-prefixes = [\"+212\"]\n\
         send.sms = {{ path = \"/v1/messages\", json = {{ to = \"{{to}}\", code = \"{{code}}\" }} }}\n\n\
         [plugins.otp.keys.codes]\nuse = \"hmac\"\nfile = \"codes.secret\"\n\n\
         [plugins.otp.upstreams.sms]\nurl = \"{}\"\nca_file = \"gateway.pem\"\n\n\
         [plugins.otp.upstreams.sms.credentials]\nkind = \"bearer\"\ntoken_file = \"gateway.token\"\n",
        gateway.url
    ))
    .unwrap();
    let mut server = site.start().await.unwrap();
    let rp = site.rp(&server, "bank").await.unwrap();
    let (mut browser, first) = login::opened(&rp).await.unwrap();
    let page = login::identify(&mut browser, &first, NUMBER).await.unwrap().page().unwrap();
    let sent: Value = serde_json::from_str(&gateway.asked()[0].body).unwrap();
    assert_eq!(sent["to"], NUMBER);
    let code = sent["code"].as_str().unwrap();
    let consent = typed(&mut browser, &page, code).await;
    let response = login::allow(&mut browser, &consent).await.unwrap().away().unwrap();
    assert_eq!(login::finish(&rp, response).await.unwrap().userinfo["name"], AMINA.name);
    server.stop().await.unwrap();
    let log = server.log();
    for canary in [code, NUMBER, "655501417", "of-the-gateway"] {
        assert!(!log.contains(canary), "{canary} is in the log");
    }
}
