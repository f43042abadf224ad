//! A notifier that posts to any HTTP gateway, by configuration alone.
//!
//! [`settings`] reads the operator's file, [`template`] fills texts in, [`message`] makes the request; this file sends it.

mod message;
mod settings;
mod template;

use esignet_sdk::prelude::*;

use settings::Settings;

/// The server that is posted to, by the name that the operator gives it.
const GATEWAY: &str = "gateway";

/// The plugin.
pub struct NotifyHttp;

impl Notifier for NotifyHttp {
    fn describe() -> Result<NotifierDescriptor, Failure> {
        let settings = Settings::from_config()?;
        let events: Vec<&str> = settings.words.keys().map(String::as_str).collect();
        Ok(NotifierDescriptor::of_events(&events))
    }

    fn notify(notice: &Notice) -> Result<(), Failure> {
        let settings = Settings::from_config()?;
        let message = message::of(&settings, notice)?;
        let mut request =
            http::upstream(GATEWAY).request(&settings.method, &message.path).json(&message.body)?;
        for (name, value) in &message.headers {
            request = request.header(name, value);
        }
        judged(request.send()?.status, &settings)
    }
}

/// What a status means for the notice.
fn judged(status: u16, settings: &Settings) -> Result<(), Failure> {
    match status {
        200..=299 => Ok(()),
        status if settings.told_already.contains(&status) => Ok(()),
        408 | 429 | 500..=599 => Err(Failure::unavailable(format!("the gateway answered {status}"))),
        status => Err(Failure::misconfigured(format!(
            "the gateway answered {status}: see `path`, `body` and the credentials of the upstream"
        ))),
    }
}

esignet_sdk::export!(NotifyHttp as notifier);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_says_whether_the_notice_is_done_comes_again_or_is_given_up() {
        let settings = settings::tests::settings();
        for status in [200, 202, 204, 409] {
            assert_eq!(judged(status, &settings), Ok(()), "{status}");
        }
        for status in [408, 429, 500, 503] {
            assert!(matches!(judged(status, &settings), Err(Failure::Unavailable(_))), "{status}");
        }
        for status in [301, 400, 401, 404] {
            assert!(matches!(judged(status, &settings), Err(Failure::Misconfigured(_))), "{status}");
        }
    }
}
