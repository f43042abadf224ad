//! The pages: typed data, one template each. A page knows nothing of HTTP, and its words come from the catalogues.

pub(crate) mod consent;
pub(crate) mod frame;
pub(crate) mod guide;
pub(crate) mod identify;
pub(crate) mod problem;
pub(crate) mod question;
pub(crate) mod rejection;
pub(crate) mod return_to;
pub(crate) mod text;
pub(crate) mod wait;

use esignet_protocol::endpoint::answer::{LoginPage, View};

use crate::locale::Words;
use frame::{Asker, Frame, Look};

/// What the pages of one login have in common.
pub(crate) struct Setting<'a> {
    /// The site.
    pub(crate) look: &'a Look,
    /// The language.
    pub(crate) words: Words,
    /// Who asks.
    pub(crate) asker: Asker,
    /// The hidden field `form`.
    pub(crate) form_token: String,
    /// Seconds until the login ends.
    pub(crate) seconds_left: u64,
}

/// The HTML of a login page.
pub(crate) fn login(look: &Look, page: LoginPage) -> askama::Result<String> {
    let setting = Setting {
        look,
        words: Words::of(&page.locale),
        asker: Asker::new(look, &page),
        form_token: page.form_token,
        seconds_left: page.seconds_left,
    };
    match page.view {
        View::Identify { methods, kinds, login_hint, chosen, rejection, captcha } => {
            let asked = identify::Asked { methods, kinds, login_hint, chosen, rejection, captcha };
            identify::render(setting, &asked)
        }
        View::Question { step, steps, form, rejection, resend_in } => {
            question::render(setting, &question::Asked { step, steps, form, rejection, resend_in })
        }
        View::Pause { message, .. } => wait::pause(setting, &message),
        View::Busy => wait::busy(setting),
        View::Consent { claims, key_binding, remembered_for } => {
            consent::render(setting, (&claims, key_binding), remembered_for)
        }
    }
}

impl<'a> Setting<'a> {
    /// The frame of a page that ends with the login.
    fn frame(&self, heading: &str, has_problem: bool) -> Frame<'a> {
        let frame = Frame::new(self.look, self.words, heading);
        let frame = if has_problem { frame.with_error_title(heading) } else { frame };
        // One second more than is left, so that the page finds the login over.
        frame.again_after(self.seconds_left.saturating_add(1))
    }
}

#[cfg(test)]
mod tests;
