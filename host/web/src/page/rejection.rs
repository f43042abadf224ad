//! What a person reads when an answer was not accepted.
//!
//! "wrong" and "unknown" read the same: which of them it was would tell a stranger who has an account here.

use esignet_protocol::ports::plugins::Rejection;

use crate::locale::{Arg, Words};

/// What was asked when the answer was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// Who the person is.
    Individual,
    /// A factor's question.
    Factor,
    /// The captcha.
    Captcha,
}

/// The sentences for a rejection, the cause first; none without a rejection.
pub(crate) fn sentences(words: Words, rejection: Option<&Rejection>, asked: Asked) -> Vec<String> {
    let Some(rejection) = rejection else { return Vec::new() };
    let mut sentences = vec![words.t(cause(&rejection.reason, asked)).into_owned()];
    if let Some(left) = rejection.attempts_left.filter(|left| *left > 0) {
        sentences.push(words.with("attempts-left", &[("count", Arg::Count(left.into()))]).into_owned());
    }
    if let Some(seconds) = rejection.retry_after_seconds.filter(|seconds| *seconds > 0) {
        let (key, count) =
            if seconds < 120 { ("retry-seconds", seconds) } else { ("retry-minutes", seconds.div_ceil(60)) };
        sentences.push(words.with(key, &[("count", Arg::Count(count.into()))]).into_owned());
    }
    sentences
}

/// The catalogue's key for a reason, an open vocabulary.
fn cause(reason: &str, asked: Asked) -> &'static str {
    match (reason, asked) {
        ("wrong" | "unknown", Asked::Individual) => "rejection-identify",
        ("wrong" | "unknown", Asked::Factor) => "rejection-wrong",
        ("wrong" | "unknown", Asked::Captcha) => "captcha-wrong",
        ("expired", Asked::Captcha) => "captcha-expired",
        ("unavailable", Asked::Captcha) => "captcha-unavailable",
        ("expired", _) => "rejection-expired",
        ("locked", _) => "rejection-locked",
        ("unavailable", _) => "rejection-unavailable",
        ("malformed", _) => "rejection-malformed",
        ("too-soon", _) => "rejection-too-soon",
        // The host's own word: the register of that kind judges no such factor.
        ("other-way", Asked::Individual) => "rejection-other-way",
        _ => "rejection-other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rejection(reason: &str) -> Rejection {
        Rejection { reason: reason.to_owned(), attempts_left: None, retry_after_seconds: None }
    }

    #[test]
    fn an_unknown_person_reads_the_same_as_a_wrong_answer() {
        for asked in [Asked::Individual, Asked::Factor, Asked::Captcha] {
            let [wrong, unknown] = ["wrong", "unknown"]
                .map(|reason| sentences(Words::of("en"), Some(&rejection(reason)), asked));
            assert_eq!(wrong, unknown);
        }
    }

    #[test]
    fn a_reason_of_a_plugin_never_reaches_the_page() {
        let shown = sentences(Words::of("en"), Some(&rejection("<b>db-error 42</b>")), Asked::Factor);
        assert_eq!(shown, ["This was not accepted. Try again, or choose another way."]);
    }

    #[test]
    fn tries_left_and_time_to_wait_are_said() {
        let rejection =
            Rejection { reason: "wrong".to_owned(), attempts_left: Some(1), retry_after_seconds: Some(121) };
        let shown = sentences(Words::of("en"), Some(&rejection), Asked::Factor);
        assert_eq!(shown[1..], ["You have 1 try left.", "Try again in 3 minutes."]);
    }
}
