//! The page that posts an authorization response (OAuth 2.0 Form Post Response Mode §2); its button works without script.

use askama::Template;
use esignet_protocol::endpoint::answer::AuthorizationResponse;

use super::frame::{Frame, Look};
use crate::locale::{Arg, Words};

#[derive(Template)]
#[template(path = "return.html")]
struct Return<'a> {
    frame: Frame<'a>,
    text: String,
    action: &'a str,
    parameters: &'a [(&'static str, String)],
}

/// The HTML of the page.
pub(crate) fn render(look: &Look, words: Words, response: &AuthorizationResponse) -> askama::Result<String> {
    let host = response.redirect_uri.host();
    let page = Return {
        frame: Frame::new(look, words, &words.t("return-title")),
        text: words.with("return-text", &[("host", Arg::Text(&host))]).into_owned(),
        action: response.redirect_uri.as_str(),
        parameters: &response.parameters,
    };
    page.render()
}
