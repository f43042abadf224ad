//! The page that asks what to release: essential claims fixed, voluntary ones off until ticked, no as easy as yes.

use askama::Template;
use esignet_protocol::identity_assurance::offer;
use esignet_protocol::transaction::stage::OfferedClaim;

use super::Setting;
use super::frame::{Asker, Frame, time_left};
use super::text::plain;
use crate::locale::{Arg, Words};

struct Claim {
    name: String,
    label: String,
    /// How it would be released, when that is more than its value: checked, and with what.
    checked: Option<String>,
    /// What the relying party says it is for.
    purposes: Vec<String>,
}

#[derive(Template)]
#[template(path = "consent.html")]
struct Consent<'a> {
    frame: Frame<'a>,
    asker: Asker,
    form_token: String,
    lead: String,
    essential: Vec<Claim>,
    voluntary: Vec<Claim>,
    time_left: String,
}

/// The HTML of the page.
pub(crate) fn render(setting: Setting<'_>, offer: &[OfferedClaim]) -> askama::Result<String> {
    let words = setting.words;
    let key = if offer.is_empty() { "consent-nothing" } else { "consent-text" };
    let lead = words.with(key, &[("client", Arg::Text(&setting.asker.name))]).into_owned();
    let (essential, voluntary): (Vec<_>, Vec<_>) = offer.iter().partition(|claim| claim.essential);
    let claims = |claims: Vec<&OfferedClaim>| claims.iter().map(|claim| Claim::new(words, claim)).collect();
    let page = Consent {
        frame: setting.frame(&words.t("consent-title"), false),
        asker: setting.asker,
        form_token: setting.form_token,
        lead,
        essential: claims(essential),
        voluntary: claims(voluntary),
        time_left: time_left(words, setting.seconds_left),
    };
    page.render()
}

impl Claim {
    fn new(words: Words, offered: &OfferedClaim) -> Self {
        let claim = offer::claim_of(&offered.name).unwrap_or(&offered.name);
        let checked = offered.verified.as_ref().map(|verified| {
            let key = if verified.evidence { "consent-checked-evidence" } else { "consent-checked" };
            words.t(key).into_owned()
        });
        let purposes = offered.verified.iter().flat_map(|verified| &verified.purposes);
        let purpose =
            |text: &String| words.with("consent-purpose", &[("purpose", Arg::Text(text))]).into_owned();
        Self {
            name: offered.name.clone(),
            label: label(words, claim),
            checked,
            purposes: purposes.map(purpose).collect(),
        }
    }
}

/// What a claim is called: our word for it, or its name with spaces. A language tag behind `#` is left out
/// (OIDC Core §5.2): the person gives the name, in whatever script.
fn label(words: Words, name: &str) -> String {
    let base = name.split('#').next().unwrap_or(name);
    let ours = words.find(&format!("claim-{base}"));
    ours.map_or_else(|| sentence_case(&plain(&base.replace('_', " "), 80)), std::borrow::Cow::into_owned)
}

fn sentence_case(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next();
    first.into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}
