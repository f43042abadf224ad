//! Plugins that loop, trap, lie and flood: each costs one login attempt a clean page, and nobody else anything.

use std::time::{Duration, Instant};

use esignet_tests::login::{self, AMINA};
use esignet_tests::op::{ACR_BAD, Setup};
use esignet_tests::{Landing, Page};

/// The longest a page may take, whatever a plugin does: its wall budget and some room for a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(15);

/// What the misbehaving ID system can do, read from its source.
fn identity_behaviours() -> Vec<String> {
    let source = include_str!("../../components/misbehaving-identity/src/lib.rs");
    let (_, table) = source.split_once("BEHAVIOURS: [&str;").expect("the table is there");
    let (table, _) = table.split_once("];").expect("the table ends");
    let names: Vec<_> = table.split('"').skip(1).step_by(2).map(str::to_owned).collect();
    assert!(names.len() > 10, "{names:?}");
    names
}

/// Asserts that a page is ours alone.
pub(crate) fn assert_clean(page: &Page, what: &str) {
    assert!(matches!(page.status(), 200 | 500 | 503), "{what}: {}", page.status());
    assert_eq!(page.all("h1").len(), 1, "{what}");
    assert!(page.reply.body.len() < 40_000, "{what}: {} bytes", page.reply.body.len());
    let scripts = page.attributes("script", "src");
    assert_eq!(scripts.len(), page.all("script").len(), "{what}: a script of somebody else");
    assert!(scripts.iter().all(|src| src.starts_with("/assets/")), "{what}: {scripts:?}");
    assert!(
        page.all("iframe, object, embed, svg script, [onerror], [onload], [onclick], [style]").is_empty(),
        "{what}"
    );
    let html = page.reply.text();
    for inside in ["panicked", "wasm", "misbehaving", "told to panic", ".rs:"] {
        assert!(!html.contains(inside), "{what} shows `{inside}`");
    }
}

#[tokio::test]
async fn after_a_factor_failed_the_same_login_can_go_another_way() {
    for behaviour in ["trap", "loop", "allocate", "panic"] {
        let op = Setup::default().misbehaving(behaviour).start().await;
        let rp = op.rp().await;
        let (mut browser, first) = login::opened_as(&rp, rp.push().set("acr_values", ACR_BAD)).await.unwrap();
        let page = login::identify(&mut browser, &first, AMINA.id).await.unwrap().page().unwrap();
        let other_way = page.form().fill("individual", AMINA.id).forge("method", "1");
        let question = browser.press(&page, &other_way, "continue").await.unwrap().page().unwrap();
        let consent = login::answer(&mut browser, &question, login::OTP).await.unwrap().page().unwrap();
        let response = login::allow(&mut browser, &consent).await.unwrap().away().unwrap();
        login::finish(&rp, response).await.unwrap_or_else(|error| panic!("{behaviour}: {error:#}"));
    }
}

#[tokio::test]
async fn a_factor_cannot_make_a_login_stronger_than_it_was() {
    let op = Setup::default().misbehaving("lie-amr").start().await;
    let rp = op.rp().await;
    let (mut browser, first) = login::opened_as(&rp, rp.push().set("acr_values", ACR_BAD)).await.unwrap();
    let page = login::identify(&mut browser, &first, AMINA.id).await.unwrap().page().unwrap();
    assert!(
        !page.form().has_button("allow"),
        "evidence with an amr that was never announced counts for nothing"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_an_id_system_does_nobody_is_somebody_else_and_nothing_unasked_comes_out() {
    for behaviour in identity_behaviours() {
        // A component that traps when it describes itself is refused when it is loaded; the sandbox has tests for that.
        if behaviour == "trap-in-describe" {
            continue;
        }
        let op = Setup::default().misbehaving_identity(&behaviour).start().await;
        let rp = op.rp().await;
        let since = Instant::now();
        let (mut browser, mut page) = login::opened(&rp).await.unwrap();
        let mut response = None;
        for step in 0..3 {
            let form = page.form();
            let landing = match step {
                0 => login::identify(&mut browser, &page, AMINA.id).await.unwrap(),
                1 if form.fields.iter().any(|field| field.name == "answer.otp") => {
                    login::answer(&mut browser, &page, login::OTP).await.unwrap()
                }
                2 if form.has_button("allow") => login::allow(&mut browser, &page).await.unwrap(),
                _ => break,
            };
            match landing {
                Landing::Page(next) => page = *next,
                Landing::Away(away) => {
                    response = Some(away);
                    break;
                }
            }
        }
        assert!(since.elapsed() < PATIENCE, "{behaviour} took {:?}", since.elapsed());
        assert_clean(&page, &behaviour);
        let Some(response) = response.filter(|response| !response.parameter("code").is_empty()) else {
            continue;
        };

        let logged_in =
            login::finish(&rp, response).await.unwrap_or_else(|error| panic!("{behaviour}: {error:#}"));
        let id_token = rp.verified(&logged_in.id_token).await.unwrap();
        assert_eq!(id_token["iss"], rp.issuer, "{behaviour}");
        assert_eq!(id_token["aud"], rp.client_id, "{behaviour}");
        assert_eq!(id_token["nonce"], rp.nonce, "{behaviour}");
        assert_eq!(id_token["sub"], logged_in.userinfo["sub"], "{behaviour}");
        for (name, value) in logged_in.userinfo.iter().chain(&id_token) {
            // A claim that was agreed to may come in any language the ID system has it in (OIDC Core §5.2).
            assert!(value != "forged" || name.starts_with("name#"), "{behaviour}: {name}");
        }
        for name in logged_in.userinfo.keys() {
            let base = name.split('#').next().unwrap_or_default();
            assert!(["sub", "name", "email"].contains(&base), "{behaviour}: {name} was not asked for");
        }
        assert!(logged_in.token_response.to_string().len() < 10_000, "{behaviour}");
    }
}
