//! What stands around every page: language, title, whose sign-in this is, and what the page loads.

use std::borrow::Cow;
use std::collections::BTreeMap;

use esignet_protocol::endpoint::answer::LoginPage;
use esignet_protocol::word::locale::best_match;

use super::text::plain;
use crate::assets::{Asset, Assets};
use crate::locale::{Arg, Words};
use crate::settings::Branding;

/// The most characters of a name that are shown.
const MAX_NAME: usize = 80;

/// What all pages of a site share.
pub(crate) struct Look {
    /// Where the forms go and the login is shown.
    pub(crate) login: String,
    /// The path of the issuer.
    pub(crate) base: String,
    /// The style sheet.
    pub(crate) style: String,
    /// The style sheet of the error catalogue.
    pub(crate) guide: String,
    /// The script.
    pub(crate) script: String,
    /// What a browser shows in a tab.
    pub(crate) icon: String,
    /// The operator's logo.
    pub(crate) logo: Option<String>,
    /// What logos of clients are below.
    pub(crate) client_logos: String,
    operator: BTreeMap<String, String>,
}

impl Look {
    /// The look of a site whose pages lie below `base`, the path of the issuer.
    pub(crate) fn new(base: &str, assets: &Assets, branding: &Branding) -> Self {
        let url = |asset: &Asset| format!("{base}/assets/{}", asset.file);
        Self {
            login: format!("{base}{}", esignet_protocol::endpoint::path::LOGIN),
            base: base.to_owned(),
            style: url(&assets.style),
            guide: url(&assets.guide),
            script: url(&assets.script),
            icon: url(assets.logo.as_ref().unwrap_or(&assets.icon)),
            logo: assets.logo.as_ref().map(url),
            client_logos: format!("{base}{}", esignet_protocol::endpoint::path::CLIENT_LOGOS),
            operator: branding.operator.clone(),
        }
    }

    fn operator(&self, words: Words) -> Cow<'static, str> {
        let tags: Vec<String> = self.operator.keys().cloned().collect();
        let best = best_match([words.lang(), "en"], &tags).and_then(|tag| self.operator.get(tag));
        match best.or_else(|| self.operator.values().next()) {
            Some(name) => Cow::Owned(plain(name, MAX_NAME)),
            None => words.t("operator-fallback"),
        }
    }
}

/// Who asks the person to sign in.
pub(crate) struct Asker {
    /// Its name, as registered.
    pub(crate) name: String,
    /// Where its logo is, if there is one.
    pub(crate) logo: Option<String>,
    /// The host that gets the answer.
    pub(crate) host: String,
}

impl Asker {
    /// The relying party of a page.
    pub(crate) fn new(look: &Look, page: &LoginPage) -> Self {
        Self {
            name: plain(&page.client_name, MAX_NAME),
            logo: page.client_logo.as_ref().map(|id| format!("{}{id}.png", look.client_logos)),
            host: plain(&page.client_host, 253),
        }
    }
}

/// The frame of one page.
pub(crate) struct Frame<'a> {
    /// What all pages share.
    pub(crate) look: &'a Look,
    /// The language.
    pub(crate) words: Words,
    /// Whose sign-in this is.
    pub(crate) operator: Cow<'static, str>,
    /// The title.
    pub(crate) title: String,
    /// After how many seconds the login is to be shown again.
    pub(crate) again: Option<u64>,
}

impl<'a> Frame<'a> {
    /// The frame of a page with this heading.
    pub(crate) fn new(look: &'a Look, words: Words, heading: &str) -> Self {
        let operator = look.operator(words);
        let args = [("title", Arg::Word(heading)), ("operator", Arg::Word(&operator))];
        let title = words.with("page-title", &args).into_owned();
        Self { look, words, operator, title, again: None }
    }

    /// With a title that says that something is wrong before it says anything else.
    pub(crate) fn with_error_title(mut self, heading: &str) -> Self {
        self.title = self.words.with("error-title", &[("title", Arg::Word(heading))]).into_owned();
        self
    }

    /// Coming again after some seconds.
    pub(crate) fn again_after(mut self, seconds: u64) -> Self {
        self.again = Some(seconds);
        self
    }
}

/// How long the login still lasts, in words.
pub(crate) fn time_left(words: Words, seconds: u64) -> String {
    let (key, count) =
        if seconds >= 60 { ("time-left-minutes", seconds / 60) } else { ("time-left-seconds", seconds) };
    words.with(key, &[("count", Arg::Count(count))]).into_owned()
}
