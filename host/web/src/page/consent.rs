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
    key_binding: Option<String>,
    remembered: Option<String>,
    essential: Vec<Claim>,
    voluntary: Vec<Claim>,
    time_left: String,
}

/// The HTML of the page; the answer is remembered for so many seconds.
pub(crate) fn render(
    setting: Setting<'_>,
    (offer, key_binding): (&[OfferedClaim], bool),
    remembered_for: u64,
) -> askama::Result<String> {
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
        key_binding: key_binding.then(|| words.t("consent-key-binding").into_owned()),
        // Keys are bound after a question each time, whatever was answered before.
        remembered: (!offer.is_empty() && !key_binding).then(|| remembered(words, remembered_for)),
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

/// How long the answer is remembered, in words and in the largest unit that says it exactly.
fn remembered(words: Words, seconds: u64) -> String {
    const MINUTE: u64 = 60;
    const HOUR: u64 = 60 * MINUTE;
    const DAY: u64 = 24 * HOUR;
    const MONTH: u64 = 30 * DAY;
    const YEAR: u64 = 365 * DAY;
    let (key, count) = match seconds {
        ..MINUTE => return words.t("consent-once").into_owned(),
        years if years.is_multiple_of(YEAR) => ("consent-remembered-months", years / YEAR * 12),
        months if months.is_multiple_of(MONTH) => ("consent-remembered-months", months / MONTH),
        days if days.is_multiple_of(DAY) => ("consent-remembered-days", days / DAY),
        hours if hours.is_multiple_of(HOUR) => ("consent-remembered-hours", hours / HOUR),
        minutes => ("consent-remembered-minutes", minutes / MINUTE),
    };
    words.with(key, &[("count", Arg::Count(count))]).into_owned()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_a_consent_is_remembered_is_said_in_the_largest_unit_that_is_exact() {
        let said = |seconds| remembered(Words::of("en"), seconds);
        assert_eq!(said(0), "It is shared once, for this sign-in.");
        for (seconds, unit) in [
            (60, "1 minute"),
            (5_400, "90 minutes"),
            (3_600, "1 hour"),
            (86_400, "1 day"),
            (10 * 86_400, "10 days"),
            (90 * 86_400, "3 months"),
            (365 * 86_400, "12 months"),
            (730 * 86_400, "24 months"),
        ] {
            let sentence =
                format!("Your choice is remembered at this service for {unit}. You can withdraw it.");
            assert_eq!(said(seconds), sentence);
        }
    }

    #[test]
    fn the_time_a_consent_is_remembered_is_said_in_the_plural_forms_of_the_language() {
        let said = |locale, months: u64| remembered(Words::of(locale), months * 30 * 86_400);
        assert!(said("fr", 3).contains("pendant 3 mois."));
        for (months, form) in
            [(1, "شهر واحد."), (2, "شهرين."), (3, "3 أشهر."), (11, "11 شهرًا."), (100, "100 شهر.")]
        {
            assert!(said("ar", months).contains(form), "{}", said("ar", months));
        }
    }
}
