//! Somebody's own register of people, reached by `plugins/rest-identity` with nothing but configuration: whole logins through
//! the real component, over real sockets.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use esignet_tests::login;
use esignet_tests::op::{ACR_OTP, Setup};
use esignet_tests::{Asked, Browser, Page, Register, RelyingParty, Site, Told};
use serde_json::{Value, json};

const ACR_TWO: &str = "test:acr:two-factors";
const KEY: &[u8] = b"what made-up targets are made of";
/// Somebody the register knows, with the code 482913 and the PIN 0815.
const KNOWN: &str = "1001";
const NOBODY: &str = "1002";
const LOCKED: &str = "1003";

/// The register: its paths, words and formats are its own.
pub(crate) fn answer(asked: &Asked) -> Told {
    let said = |pointer: &str| asked.body.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    match asked.line().as_str() {
        "POST /v2/people/1001/codes" | "POST /v2/people/1003/codes" => {
            (202, json!({ "sentTo": "XXXXXX4417", "goodFor": 120 }))
        }
        "POST /v2/people/1002/codes" => (404, json!({ "fault": "NO_SUCH_PERSON" })),
        "POST /v2/check" if said("/who/number") == LOCKED => {
            (200, json!({ "fault": { "code": "E-LOCKED", "wait": 600 } }))
        }
        "POST /v2/check" if said("/who/number") != KNOWN => (200, json!({ "fault": { "code": "E-NOBODY" } })),
        "POST /v2/check" => {
            let pin_is_right = asked.body.get("pin").is_none_or(|pin| pin == "0815");
            if said("/code") == "482913" && pin_is_right {
                (200, json!({ "verdict": "MATCH", "person": { "ref": "p-77", "ticket": "t\"1" } }))
            } else {
                (200, json!({ "fault": { "code": "E-MISMATCH", "left": 2 } }))
            }
        }
        "GET /v2/records/p-77" if asked.header("x-ticket") == "t\"1" => (
            200,
            json!({
                "names": { "first": "AMINA", "last": "BEN-ALI", "fr": "Amina Ben-Ali (fr)" },
                "born": "17/04/1991", "sex": "F", "mail": "Amina@Mail.EXAMPLE", "mailState": "CONFIRMED",
                "phone": "655501417", "town": "RABAT", "seen": true, "secret": "never asked for",
            }),
        ),
        _ => (500, json!({ "fault": "not scripted" })),
    }
}

/// The configuration, by key; the first is the ID system's name for the operator's file.
pub(crate) fn config() -> Vec<(&'static str, Value)> {
    vec![
        ("individual-kinds", json!(["uin"])),
        ("factors", json!({ "OTP": ["alpha-numeric"], "PIN": ["number"] })),
        ("otp-channels", json!(["sms"])),
        (
            "send-otp",
            json!({
                "method": "POST", "path": "/v2/people/{individual.value}/codes",
                "body": { "login": "{caller.transaction}", "for": "{caller.relying-party}" },
                "rejections": [{ "status": 404, "reason": "unknown" }],
            }),
        ),
        (
            "receipt",
            json!({ "targets": [{ "channel": "sms", "masked": "/sentTo", "made-up": "XXXXXX####" }], "valid-seconds": "/goodFor" }),
        ),
        (
            "authenticate",
            json!({
                "method": "POST", "path": "/v2/check",
                "body": { "who": { "number": "{individual.value}" }, "code": "{proof.OTP.value}", "pin": "{proof.PIN.value}" },
                "success": { "pointer": "/verdict", "equals": "MATCH" },
                "rejections": [
                    { "pointer": "/fault/code", "equals": "E-LOCKED", "reason": "locked", "retry-after-seconds": "/fault/wait" },
                    { "pointer": "/fault/code", "equals": "E-NOBODY", "reason": "unknown" },
                    { "pointer": "/fault/code", "equals": "E-MISMATCH", "reason": "wrong", "attempts-left": "/fault/left" },
                ],
            }),
        ),
        ("person", json!({ "subject": "/person/ref", "continuation": { "ticket": "/person/ticket" } })),
        (
            "release-claims",
            json!({ "method": "GET", "path": "/v2/records/{subject}", "headers": { "x-ticket": "{continuation.ticket}" } }),
        ),
        (
            "claims",
            json!({
                "name": { "join": ["/names/first", "/names/last"], "transform": "title" },
                "name#fr": { "pointer": "/names/fr" },
                "birthdate": { "pointer": "/born", "date": "dd/MM/yyyy" },
                "gender": { "pointer": "/sex", "values": { "F": "female", "M": "male" } },
                "email": { "pointer": "/mail", "transform": "lower" },
                "email_verified": { "pointer": "/mailState", "boolean": ["CONFIRMED"] },
                "phone_number": { "pointer": "/phone", "prefix": "+212" },
                "address": { "members": {
                    "locality": { "pointer": "/town", "transform": "title" }, "country": { "constant": "Morocco" } } },
            }),
        ),
        (
            "verified",
            json!([{ "trust-framework": "xx_civil", "claims": ["name"], "when": { "pointer": "/seen", "equals": true } }]),
        ),
    ]
}

fn setup(register: &Register) -> Setup {
    let setup = Setup::default()
        .id_system("rest-identity")
        .shipped("pin")
        .method(ACR_TWO, &["OTP", "PIN"])
        .upstream("rest-identity", "register", &register.url)
        .hmac_key("rest-identity", "mask", KEY);
    config().into_iter().fold(setup, |setup, (key, value)| setup.config("rest-identity", key, value))
}

pub(crate) async fn question(rp: &RelyingParty, acr: &str, id: &str) -> (Browser, Page) {
    let (mut browser, first) = login::opened_as(rp, rp.push().set("acr_values", acr)).await.unwrap();
    let page = login::identify(&mut browser, &first, id).await.unwrap().page().unwrap();
    (browser, page)
}

async fn typed(browser: &mut Browser, page: &Page, value: &str) -> Page {
    login::type_in(browser, page, value).await.unwrap().page().unwrap()
}

fn asks_for(page: &Page, field: &str) -> bool {
    page.form().fields.iter().any(|known| known.name == field)
}

#[tokio::test]
async fn a_whole_login_goes_through_a_register_that_only_configuration_knows() {
    let register = Register::start(answer).await;
    let op = setup(&register).start().await;
    let rp = op.rp().await;
    let claims = json!({ "userinfo": {
        "name": { "essential": true }, "birthdate": null, "gender": null, "email": null, "email_verified": null,
        "phone_number": null, "address": null,
        "verified_claims": { "verification": { "trust_framework": null }, "claims": { "name": null } },
    }});
    let push =
        rp.push().set("scope", "openid").set("claims", claims.to_string()).set("claims_locales", "fr en");
    let (mut browser, first) = login::opened_as(&rp, push).await.unwrap();
    let code = login::identify(&mut browser, &first, KNOWN).await.unwrap().page().unwrap();
    assert!(code.text().contains("XXXXXX4417"), "{}", code.text());

    let again = typed(&mut browser, &code, "482914").await;
    assert!(asks_for(&again, "answer.otp") && again.text().contains("2 tries left"), "{}", again.text());
    let consent = typed(&mut browser, &again, "482913").await;
    let response = login::allow(&mut browser, &consent).await.unwrap().away().unwrap();
    let mut told = login::finish(&rp, response).await.unwrap().userinfo;
    told.remove("sub").expect("there is a subject");
    assert_eq!(
        Value::Object(told),
        json!({
            "name": "Amina Ben-Ali (fr)", "name#fr": "Amina Ben-Ali (fr)",
            "birthdate": "1991-04-17", "gender": "female", "email": "amina@mail.example", "email_verified": true,
            "phone_number": "+212655501417", "address": { "locality": "Rabat", "country": "Morocco" },
            "verified_claims": {
                "verification": { "trust_framework": "xx_civil" },
                "claims": { "name": "Amina Ben-Ali (fr)", "name#fr": "Amina Ben-Ali (fr)" },
            },
        })
    );

    let asked = register.asked();
    let lines: Vec<String> = asked.iter().map(Asked::line).collect();
    assert_eq!(
        lines,
        ["POST /v2/people/1001/codes", "POST /v2/check", "POST /v2/check", "GET /v2/records/p-77"],
        "each thing is asked once"
    );
    assert_eq!(asked[0].body["for"], "bank-rp");
    assert_eq!(
        asked[2].body,
        json!({ "who": { "number": KNOWN }, "code": "482913" }),
        "no PIN was typed and none is sent"
    );
}

#[tokio::test]
async fn all_factors_of_a_login_go_to_the_register_in_one_request() {
    let register = Register::start(answer).await;
    let op = setup(&register).start().await;
    let rp = op.rp().await;
    let (mut browser, code) = question(&rp, ACR_TWO, KNOWN).await;
    let pin = typed(&mut browser, &code, "482913").await;
    assert!(asks_for(&pin, "answer.pin"));
    let again = typed(&mut browser, &pin, "0816").await;
    assert!(asks_for(&again, "answer.otp"), "the register does not say which was wrong: {}", again.text());
    let pin = typed(&mut browser, &again, "482913").await;
    let consent = typed(&mut browser, &pin, "0815").await;
    assert!(consent.form().has_button("allow"), "{}", consent.text());
    let checks = register.asked().into_iter().filter(|asked| asked.path == "/v2/check");
    let bodies: Vec<Value> = checks.map(|asked| asked.body).collect();
    let body = |pin: &str| json!({ "who": { "number": KNOWN }, "code": "482913", "pin": pin });
    assert_eq!(bodies, [body("0816"), body("0815")]);
}

#[tokio::test]
async fn somebody_the_register_does_not_know_sees_what_somebody_known_sees() {
    let register = Register::start(answer).await;
    let op = setup(&register).start().await;
    let rp = op.rp().await;
    let seen = |page: &Page| {
        let digit = |letter: char| if letter.is_ascii_digit() { '9' } else { letter };
        page.text().chars().map(digit).collect::<String>()
    };
    let (mut known_browser, known) = question(&rp, ACR_OTP, KNOWN).await;
    let (mut unknown_browser, unknown) = question(&rp, ACR_OTP, NOBODY).await;
    assert_eq!(seen(&known), seen(&unknown));
    let known = typed(&mut known_browser, &known, "999999").await;
    let unknown = typed(&mut unknown_browser, &unknown, "999999").await;
    assert_eq!(known.heading(), unknown.heading());
    let unknown = typed(&mut unknown_browser, &unknown, "482913").await;
    assert!(asks_for(&unknown, "answer.otp"), "{}", unknown.text());
}

#[tokio::test]
async fn somebody_the_register_has_locked_does_not_get_in() {
    let register = Register::start(answer).await;
    let op = setup(&register).start().await;
    let rp = op.rp().await;
    let (mut browser, code) = question(&rp, ACR_OTP, LOCKED).await;
    let locked = typed(&mut browser, &code, "482913").await;
    assert!(asks_for(&locked, "individual"), "{}", locked.text());
    assert!(locked.text().contains("locked") && locked.text().contains("10 minutes"), "{}", locked.text());
}

#[tokio::test]
async fn a_register_that_is_down_lets_nobody_in_and_the_person_can_try_again() {
    let is_down = Arc::new(AtomicBool::new(false));
    let down = Arc::clone(&is_down);
    let register = Register::start(move |asked| {
        if down.load(Ordering::SeqCst) {
            (503, json!({ "verdict": "MATCH", "person": { "ref": "p-77" } }))
        } else {
            answer(asked)
        }
    })
    .await;
    let op = setup(&register).start().await;
    let rp = op.rp().await;
    let (mut browser, code) = question(&rp, ACR_OTP, KNOWN).await;
    is_down.store(true, Ordering::SeqCst);
    let failed = typed(&mut browser, &code, "482913").await;
    assert!(!failed.form().has_button("allow"), "{}", failed.text());
    assert!(!failed.reply.text().contains("rest-identity"), "plugins and their words stay inside");

    is_down.store(false, Ordering::SeqCst);
    let (mut browser, code) = question(&rp, ACR_OTP, KNOWN).await;
    let consent = typed(&mut browser, &code, "482913").await;
    is_down.store(true, Ordering::SeqCst);
    let landing = login::allow(&mut browser, &consent).await.unwrap();
    assert!(!format!("{landing:?}").contains("code="), "no code without claims: {landing:?}");
}

/// A value as TOML has it; strings, numbers and booleans are written as in JSON.
fn inline(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let member = |(name, value): (&String, &Value)| format!("{name:?} = {}", inline(value));
            format!("{{ {} }}", members.iter().map(member).collect::<Vec<_>>().join(", "))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(inline).collect::<Vec<_>>().join(", ")),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.to_string(),
    }
}

/// A site of the real binary whose ID system is the register at a URL.
pub(crate) fn site(url: &str, config: &[(&'static str, Value)]) -> Site {
    let site = Site::new("memory").unwrap();
    site.write_secret("mask.secret", "what made-up targets are made of").unwrap();
    site.choose_id_system("rest-identity").unwrap();
    let settings: Vec<_> = config.iter().map(|(key, value)| format!("{key} = {}", inline(value))).collect();
    site.configure(&format!(
        "[plugins.rest-identity.upstreams.register]\nurl = {url:?}\nmethods = [\"GET\", \"POST\"]\n\
         path_prefixes = [\"/v2/\"]\n\n\
         [plugins.rest-identity.keys.mask]\nuse = \"hmac\"\nfile = \"mask.secret\"\n\n\
         [plugins.rest-identity.config]\n{}",
        settings.join("\n")
    ))
    .unwrap();
    site
}

#[tokio::test]
async fn the_real_binary_reaches_a_register_by_its_configuration_file() {
    let register = Register::start(answer).await;
    let site = site(&register.url, &config());
    let mut server = site.start().await.unwrap();
    let rp = site.rp(&server, "bank").await.unwrap();
    let (mut browser, code) = question(&rp, ACR_OTP, KNOWN).await;
    let consent = typed(&mut browser, &code, "482913").await;
    let response = login::allow(&mut browser, &consent).await.unwrap().away().unwrap();
    let told = login::finish(&rp, response).await.unwrap().userinfo;
    assert_eq!(told["name"], "Amina Ben-Ali");
    server.stop().await.unwrap();
    let log = server.log();
    for personal in [KNOWN, "482913", "Amina", "AMINA", "p-77", "655501417"] {
        assert!(!stands_in(&log, personal), "{personal} is in the log: {log}");
    }
}

/// Whether a word is there by itself, and not as a part of a time or of a digest, where any four digits are one day.
fn stands_in(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + word.len()..]);
        !before.ends_with(char::is_alphanumeric) && !after.starts_with(char::is_alphanumeric)
    })
}

#[test]
fn what_is_wrong_with_the_configuration_is_said_with_its_key_before_anybody_signs_in() {
    let mut config = config();
    let (_, authenticate) = config.iter_mut().find(|(key, _)| *key == "authenticate").unwrap();
    authenticate["path"] = json!("v2/check");
    let site = site("http://127.0.0.1:1", &config);
    let file = site.config().display().to_string();
    let (code, output, errors) = site.run(&["check", &file]).unwrap();
    let said = format!("{output}{errors}");
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("authenticate.path") && said.contains("begin with `/`"), "{said}");
}
