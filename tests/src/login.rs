//! A whole login, step by step, the way a person and their relying party do it.

use anyhow::{Context, Result, ensure};
use serde_json::{Map, Value};

use crate::browser::{Away, Browser, Landing};
use crate::call::Call;
use crate::page::Page;
use crate::relying_party::RelyingParty;

/// Somebody of the mock ID system.
#[derive(Clone, Copy, Debug)]
pub struct Person {
    /// The identifier they type.
    pub id: &'static str,
    /// Their name, as a relying party gets it.
    pub name: &'static str,
}

/// Signs in; the ID system has all claims, and has verified some: by her passport, and by her bank.
pub const AMINA: Person = Person { id: "2053718694", name: "Amina Benali" };
/// Signs in; the ID system has all claims, and has verified none.
pub const MOUSSA: Person = Person { id: "3819204756", name: "Moussa Diop" };
/// Signs in; the ID system has neither email nor address.
pub const LOURDES: Person = Person { id: "6948150372", name: "Lourdes Santos" };
/// Signs in; the ID system has her words in Amharic too.
pub const HIRUT: Person = Person { id: "4170936528", name: "Hirut Tesfaye" };
/// Signs in; the ID system has all claims, and has verified some by an identity card.
pub const ARJUN: Person = Person { id: "5302684917", name: "Arjun Iyer" };
/// The right code is rejected: locked.
pub const KOSSI: Person = Person { id: "7261093845", name: "Kossi Mensah" };
/// The ID system cannot answer for them.
pub const AFI: Person = Person { id: "8435217069", name: "Afi Houngbo" };
/// Nobody.
pub const NOBODY: Person = Person { id: "1000000009", name: "" };
/// The code that is right for all of them.
pub const OTP: &str = "111111";
/// Their PIN.
pub const PIN: &str = "545411";
/// Their password.
pub const PASSWORD: &str = "correct horse";

/// The authorization response as the relying party gets it.
pub type Response = Away;

/// What a relying party has after a login.
#[derive(Clone, Debug)]
pub struct LoggedIn {
    /// The authorization response.
    pub response: Away,
    /// The whole token response.
    pub token_response: Value,
    /// The access token.
    pub access_token: String,
    /// The `id_token`, not verified.
    pub id_token: String,
    /// The claims from userinfo.
    pub userinfo: Map<String, Value>,
}

/// Says who one is on the first page.
pub async fn identify(browser: &mut Browser, page: &Page, id: &str) -> Result<Landing> {
    browser.press(page, &page.form().fill("individual", id), "continue").await
}

/// Types the code on the second page.
pub async fn answer(browser: &mut Browser, page: &Page, otp: &str) -> Result<Landing> {
    browser.press(page, &page.form().fill("answer.otp", otp), "continue").await
}

/// Answers a question with one field, whichever it is.
pub async fn type_in(browser: &mut Browser, page: &Page, value: &str) -> Result<Landing> {
    browser.press(page, &page.form().fill_only(value), "continue").await
}

/// Agrees to everything on the third page.
pub async fn allow(browser: &mut Browser, page: &Page) -> Result<Landing> {
    let form = page.form();
    let form = if form.fields.iter().any(|field| field.kind == "checkbox") { form.tick("*") } else { form };
    browser.press(page, &form, "allow").await
}

/// From the first page to the response for the relying party.
pub async fn through(browser: &mut Browser, first: &Page, id: &str, otp: &str) -> Result<Away> {
    let question = identify(browser, first, id).await?.page().context("after the identifier")?;
    let landing = answer(browser, &question, otp).await?;
    let Landing::Page(consent) = landing else { return landing.away() };
    ensure!(
        consent.form().has_button("allow"),
        "no consent page but “{}”: {}",
        consent.heading(),
        consent.text()
    );
    allow(browser, &consent).await?.away().context("after consent")
}

/// A browser on the first page of the usual request.
pub async fn opened(rp: &RelyingParty) -> Result<(Browser, Page)> {
    opened_as(rp, rp.push()).await
}

/// A browser on the first page of a request.
pub async fn opened_as(rp: &RelyingParty, push: Call) -> Result<(Browser, Page)> {
    let request_uri = rp.pushed_as(push).await?;
    let mut browser = Browser::new(&rp.wire);
    let first = browser.page(&rp.authorization_url(&request_uri)).await?;
    Ok((browser, first))
}

/// A request up to its response.
pub async fn respond(rp: &RelyingParty, push: Call, id: &str) -> Result<Away> {
    let (mut browser, first) = opened_as(rp, push).await?;
    through(&mut browser, &first, id, OTP).await
}

/// The usual request up to the code.
pub async fn to_code(rp: &RelyingParty, id: &str) -> Result<Away> {
    respond(rp, rp.push(), id).await
}

/// The usual request up to the claims.
pub async fn whole(rp: &RelyingParty, id: &str) -> Result<LoggedIn> {
    finish(rp, to_code(rp, id).await?).await
}

/// From the authorization response to the claims.
pub async fn finish(rp: &RelyingParty, response: Away) -> Result<LoggedIn> {
    ensure!(response.parameter("error").is_empty(), "the response is {}", response.parameter("error"));
    let tokens = rp.redeem(&response.parameter("code")).send().await?;
    ensure!(tokens.status == 200, "the token endpoint answered {} {}", tokens.status, tokens.text());
    let access_token = tokens.member("access_token");
    let userinfo = rp.userinfo(&access_token).send().await?;
    ensure!(userinfo.status == 200, "userinfo answered {} {}", userinfo.status, userinfo.text());
    let Value::Object(claims) = userinfo.json() else { anyhow::bail!("userinfo is no JSON object") };
    Ok(LoggedIn {
        response,
        id_token: tokens.member("id_token"),
        token_response: tokens.json(),
        access_token,
        userinfo: claims,
    })
}
