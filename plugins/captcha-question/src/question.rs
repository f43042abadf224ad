//! A question: made of random octets, answered by a number, and put into a form in the language of the page.

use esignet_sdk::prelude::*;

use crate::number::Language;

/// A question with small numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Question {
    /// The sum of two numbers.
    Sum(u32, u32),
    /// What is left of the first without the second, which is not larger.
    Difference(u32, u32),
    /// The largest of three, which are different.
    Largest([u32; 3]),
}

impl Question {
    /// How many random octets a question is made of.
    pub(crate) const RANDOM_BYTES: u32 = 4;

    /// The question that these octets make.
    pub(crate) fn of(random: &[u8]) -> Self {
        let octet = |at: usize| u32::from(random.get(at).copied().unwrap_or_default());
        let (first, second) = (octet(1) % 9 + 2, octet(2) % 9 + 2);
        match octet(0) % 3 {
            0 => Self::Sum(first, second),
            1 => Self::Difference(first + second, second),
            _ => {
                // Two gaps that are not nothing make three numbers; which one stands where is the fourth octet's.
                let [low, gap] = [octet(1) % 6 + 2, octet(2) % 6 + 1];
                let mut numbers = [low, low + gap, low + gap + octet(3) % 5 + 1];
                let turns = usize::try_from(octet(3) / 5 % 3).unwrap_or_default();
                numbers.rotate_left(turns);
                Self::Largest(numbers)
            }
        }
    }

    /// The right answer.
    pub(crate) fn answer(&self) -> u32 {
        match self {
            Self::Sum(first, second) => first + second,
            Self::Difference(first, second) => first.saturating_sub(*second),
            Self::Largest(numbers) => numbers.iter().copied().max().unwrap_or_default(),
        }
    }

    /// The form that asks it.
    pub(crate) fn form(&self, field: &str, locale: &str) -> Form {
        let title = Message::new("captcha-question-title", "Show that you are a person");
        let hint = Message::new("captcha-question-hint", "Write the number in digits.");
        let field = Field::new(field, "text", self.message(locale)).hint(hint);
        let field = field.constraint("max-length", "24").constraint("autocomplete", "off");
        Form::new(title, Message::new("continue", "Continue")).field(field)
    }

    fn message(&self, locale: &str) -> Message {
        let write = |number: u32| Language::of(locale).written(number);
        let english = |number: u32| Language::English.written(number);
        match *self {
            Self::Sum(first, second) => Message::new(
                "captcha-question-sum",
                format!("How much is {} plus {}?", english(first), english(second)),
            )
            .argument("first", write(first))
            .argument("second", write(second)),
            Self::Difference(first, second) => Message::new(
                "captcha-question-difference",
                format!("How much is {} minus {}?", english(first), english(second)),
            )
            .argument("first", write(first))
            .argument("second", write(second)),
            Self::Largest([first, second, third]) => {
                let [one, two, three] = [first, second, third].map(english);
                let text = format!("Which of these numbers is the largest: {one}, {two} or {three}?");
                Message::new("captcha-question-largest", text)
                    .argument("first", write(first))
                    .argument("second", write(second))
                    .argument("third", write(third))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> impl Iterator<Item = Question> {
        (0..=255_u8)
            .flat_map(|a| [0_u8, 5, 77, 255].map(move |b| Question::of(&[a, a.wrapping_mul(7), b, a ^ b])))
    }

    #[test]
    fn every_number_of_a_question_and_of_its_answer_can_be_written_out() {
        for question in all() {
            let numbers = match question {
                Question::Sum(first, second) | Question::Difference(first, second) => vec![first, second],
                Question::Largest(numbers) => numbers.to_vec(),
            };
            for number in numbers.into_iter().chain([question.answer()]) {
                assert!(number <= 20, "{question:?}");
            }
        }
    }

    #[test]
    fn the_largest_of_three_is_one_only_and_stands_in_any_place() {
        let mut places = std::collections::BTreeSet::new();
        for question in all() {
            if let Question::Largest(numbers) = question {
                assert_eq!(numbers.iter().filter(|number| **number == question.answer()).count(), 1);
                places.extend(numbers.iter().position(|number| *number == question.answer()));
            }
        }
        assert_eq!(places.len(), 3);
    }

    #[test]
    fn a_question_has_its_numbers_in_the_language_of_the_page_and_never_in_digits() {
        let message = Question::Sum(7, 5).message("fr");
        let given: Vec<&str> = message.arguments.iter().map(|argument| argument.value.as_str()).collect();
        assert_eq!(given, ["sept", "cinq"]);
        for question in all() {
            assert!(
                !question.message("en").text.chars().any(|letter| letter.is_ascii_digit()),
                "{question:?}"
            );
        }
    }
}
