//! Error pages: what happened, what to do next, and a reference for whoever helps. Never what the request said.

use askama::Template;
use esignet_protocol::endpoint::answer::ProblemKind;
use esignet_protocol::word::time::Timestamp;

use super::frame::{Frame, Look};
use crate::locale::{Arg, Words};

/// An error page: those of the protocol, and those of HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The protocol says so.
    Protocol(ProblemKind),
    /// There is nothing at this path.
    NotFound,
    /// There is, but not for this method.
    MethodNotAllowed,
    /// The body is too large.
    TooLarge,
    /// The body is of the wrong type.
    MediaType,
}

impl Trouble {
    /// Every kind, so that tests and samples are complete.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        let http = [Self::NotFound, Self::MethodNotAllowed, Self::TooLarge, Self::MediaType];
        ProblemKind::ALL.into_iter().map(Self::Protocol).chain(http)
    }

    /// The status of the page.
    pub(crate) const fn status(self) -> u16 {
        match self {
            Self::Protocol(kind) => kind.status(),
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::TooLarge => 413,
            Self::MediaType => 415,
        }
    }

    /// The name in the catalogues and in the log.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Protocol(ProblemKind::UnknownClient) => "unknown-client",
            Self::Protocol(ProblemKind::RequestUri) => "request-uri",
            Self::Protocol(ProblemKind::NotPushed) => "not-pushed",
            Self::Protocol(ProblemKind::MalformedRequest) => "malformed-request",
            Self::Protocol(ProblemKind::CrossSite) => "cross-site",
            Self::Protocol(ProblemKind::NoLogin) => "no-login",
            Self::Protocol(ProblemKind::Unavailable) => "unavailable",
            Self::Protocol(ProblemKind::ServerError) => "server-error",
            Self::NotFound => "not-found",
            Self::MethodNotAllowed => "method-not-allowed",
            Self::TooLarge => "too-large",
            Self::MediaType => "media-type",
        }
    }
}

#[derive(Template)]
#[template(path = "problem.html")]
struct Problem<'a> {
    frame: Frame<'a>,
    heading: String,
    text: String,
    next: String,
    incident: &'a str,
    time: String,
}

/// The HTML of the page. `incident` is what the log has, too.
pub(crate) fn render(
    look: &Look,
    words: Words,
    trouble: Trouble,
    incident: &str,
    now: Timestamp,
) -> askama::Result<String> {
    let word = |part: &str| words.t(&format!("problem-{}-{part}", trouble.name())).into_owned();
    let heading = word("title");
    let page = Problem {
        frame: Frame::new(look, words, &heading).with_error_title(&heading),
        text: word("text"),
        next: word("next"),
        heading,
        incident,
        time: words.with("problem-time", &[("time", Arg::Text(&utc(now)))]).into_owned(),
    };
    page.render()
}

/// A point in time as people write it down: `2026-01-31 13:05:09 UTC`.
fn utc(at: Timestamp) -> String {
    let (days, second_of_day) = (at.0 / 86_400, at.0 % 86_400);
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (second_of_day / 3600, second_of_day / 60 % 60, second_of_day % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC")
}

/// The Gregorian date so many days after 1970-01-01, counted in 400-year cycles that begin on the first of March.
fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (cycle, of_cycle) = (days / 146_097, days % 146_097);
    let year_of_cycle = (of_cycle - of_cycle / 1_460 + of_cycle / 36_524 - of_cycle / 146_096) / 365;
    let day_of_year = of_cycle - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (cycle * 400 + year_of_cycle + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_written_in_utc() {
        assert_eq!(utc(Timestamp(0)), "1970-01-01 00:00:00 UTC");
        assert_eq!(utc(Timestamp(951_826_154)), "2000-02-29 12:09:14 UTC");
        assert_eq!(utc(Timestamp(4_107_542_399)), "2100-02-28 23:59:59 UTC");
        assert_eq!(utc(Timestamp(1_767_225_600)), "2026-01-01 00:00:00 UTC");
    }

    #[test]
    fn every_problem_has_its_three_texts_in_every_language() {
        for tag in crate::locales() {
            for trouble in Trouble::all() {
                for part in ["title", "text", "next"] {
                    let key = format!("problem-{}-{part}", trouble.name());
                    assert!(Words::of(&tag).find(&key).is_some(), "{tag} {key}");
                }
            }
        }
    }
}
