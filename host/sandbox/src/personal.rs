//! What of a call is the person's, to be taken out of whatever a guest writes for a log.
//!
//! A guest can still say it in another writing, and then the operator has a plugin to remove; this keeps out what is
//! written without thinking: an identifier or a code in the text of an error.

use std::borrow::Cow;

use esignet_protocol::ports::plugins::{Answer, Attribute, Individual, Input, PluginError, Proof};
use zeroize::Zeroizing;

use crate::accept;

/// Shorter values are in too many words that mean something else.
const SHORTEST: usize = 4;
/// What stands in their place.
const REDACTED: &str = "[redacted]";

/// The identifier, the answers and the proofs of one call.
#[derive(Default)]
pub(crate) struct Personal(Vec<Zeroizing<String>>);

impl Personal {
    pub(crate) fn of<'a>(values: impl IntoIterator<Item = &'a str>) -> Self {
        let values = values.into_iter().filter(|value| value.chars().count() >= SHORTEST);
        let mut values: Vec<_> = values.map(|value| Zeroizing::new(value.to_owned())).collect();
        // The longest first: one may be a part of another.
        values.sort_by_key(|value| std::cmp::Reverse(value.len()));
        Self(values)
    }

    pub(crate) fn of_individual(individual: Option<&Individual>) -> Self {
        Self::of(individual.into_iter().flat_map(parts))
    }

    pub(crate) fn of_input(individual: Option<&Individual>, input: &Input) -> Self {
        let answers = if let Input::Answers(answers) = input { answers.as_slice() } else { &[] };
        let answers = answers.iter().filter_map(|answer| std::str::from_utf8(&answer.value).ok());
        Self::of(individual.into_iter().flat_map(parts).chain(answers))
    }

    pub(crate) fn of_answers(answers: &[Answer]) -> Self {
        Self::of(answers.iter().filter_map(|answer| std::str::from_utf8(&answer.value).ok()))
    }

    pub(crate) fn of_proofs(individual: &Individual, proofs: &[Proof]) -> Self {
        let values = proofs.iter().filter_map(|proof| std::str::from_utf8(&proof.value).ok());
        let facts = proofs.iter().flat_map(|proof| of_attributes(&proof.attributes));
        Self::of(parts(individual).chain(values).chain(facts))
    }

    /// The text without what is the person's.
    pub(crate) fn taken_out_of<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.0.iter().fold(Cow::Borrowed(text), |text, value| {
            if find(&text, value).is_some() { Cow::Owned(replaced(&text, value)) } else { text }
        })
    }

    /// A text for the log: cleaned, without what is the person's, and only then cut to `max` characters.
    pub(crate) fn cut(&self, text: &str, max: usize) -> String {
        accept::cut(&self.taken_out_of(&accept::cut(text, usize::MAX)), max)
    }

    /// The error with texts of that kind.
    pub(crate) fn cut_error(&self, error: PluginError, max: usize) -> PluginError {
        match error {
            PluginError::Rejected(mut rejection) => {
                if let Cow::Owned(_) = self.taken_out_of(&rejection.reason) {
                    "other".clone_into(&mut rejection.reason);
                }
                PluginError::Rejected(rejection)
            }
            PluginError::Unavailable(text) => PluginError::Unavailable(self.cut(&text, max)),
            PluginError::TimedOut(text) => PluginError::TimedOut(self.cut(&text, max)),
            PluginError::Trapped(text) => PluginError::Trapped(self.cut(&text, max)),
            PluginError::Broken(text) => PluginError::Broken(self.cut(&text, max)),
        }
    }
}

fn parts(individual: &Individual) -> impl Iterator<Item = &str> {
    std::iter::once(individual.value.as_str()).chain(of_attributes(&individual.attributes))
}

fn of_attributes(attributes: &[Attribute]) -> impl Iterator<Item = &str> {
    attributes.iter().map(|attribute| attribute.value.as_str())
}

/// Where `value` begins in `text`, in capital or small letters of ASCII.
fn find(text: &str, value: &str) -> Option<usize> {
    text.as_bytes().windows(value.len()).position(|window| window.eq_ignore_ascii_case(value.as_bytes()))
}

fn replaced(text: &str, value: &str) -> String {
    let mut rest = text;
    let mut out = String::with_capacity(text.len());
    while let Some((before, after)) =
        find(rest, value).and_then(|at| Some((rest.get(..at)?, rest.get(at + value.len()..)?)))
    {
        out.push_str(before);
        out.push_str(REDACTED);
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_occurrence_goes_in_any_case_and_short_values_stay() {
        let personal = Personal::of(["ab@c.example", "47", "4711", "47110"]);
        assert_eq!(personal.taken_out_of("AB@C.example, ab@c.EXAMPLE"), "[redacted], [redacted]");
        assert_eq!(personal.taken_out_of("47 of 4711 or 47110"), "47 of [redacted] or [redacted]");
        assert_eq!(personal.taken_out_of("nothing"), "nothing");
    }

    #[test]
    fn a_value_is_not_saved_by_control_characters_or_the_cut() {
        let personal = Personal::of(["2053718694"]);
        assert_eq!(personal.cut("2053\u{7}718694", 64), "[redacted]");
        assert_eq!(
            personal.cut(&format!("{}2053718694", "x".repeat(60)), 64),
            format!("{}[red", "x".repeat(60))
        );
    }

    #[test]
    fn what_the_person_typed_and_what_factors_collected_is_theirs() {
        let attribute = |value: &str| Attribute { name: "n".to_owned(), value: value.to_owned() };
        let individual =
            Individual { kind: "uin".into(), value: "id-1234".into(), attributes: vec![attribute("more-1")] };
        let proof = Proof {
            factor: "OTP".into(),
            format: "f".into(),
            value: b"111111".to_vec(),
            attributes: vec![attribute("more-2")],
        };
        let personal = Personal::of_proofs(&individual, &[proof]);
        assert_eq!(
            personal.taken_out_of("id-1234 more-1 111111 more-2 uin"),
            "[redacted] [redacted] [redacted] [redacted] uin"
        );
    }
}
