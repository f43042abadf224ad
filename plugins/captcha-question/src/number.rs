//! Numbers from 0 to 20: written out in words, and read from words or digits.

/// A language in which numbers are written out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    French,
    Arabic,
}

const ENGLISH: [&str; 21] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
];
const FRENCH: [&str; 21] = [
    "zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze",
    "treize", "quatorze", "quinze", "seize", "dix-sept", "dix-huit", "dix-neuf", "vingt",
];
const ARABIC: [&str; 21] = [
    "صفر",
    "واحد",
    "اثنان",
    "ثلاثة",
    "أربعة",
    "خمسة",
    "ستة",
    "سبعة",
    "ثمانية",
    "تسعة",
    "عشرة",
    "أحد عشر",
    "اثنا عشر",
    "ثلاثة عشر",
    "أربعة عشر",
    "خمسة عشر",
    "ستة عشر",
    "سبعة عشر",
    "ثمانية عشر",
    "تسعة عشر",
    "عشرون",
];
/// Where the ten digits of a script begin: Latin, Arabic, Persian, Hindi, Bengali.
const ZEROS: [char; 5] = ['0', '٠', '۰', '०', '০'];

impl Language {
    /// That of a BCP 47 tag; English where there is none.
    pub(crate) fn of(locale: &str) -> Self {
        match locale.split(['-', '_']).next().unwrap_or_default() {
            "fr" => Self::French,
            "ar" => Self::Arabic,
            _ => Self::English,
        }
    }

    const fn words(self) -> &'static [&'static str; 21] {
        match self {
            Self::English => &ENGLISH,
            Self::French => &FRENCH,
            Self::Arabic => &ARABIC,
        }
    }

    /// A number in words; in digits beyond those that have some here.
    pub(crate) fn written(self, number: u32) -> String {
        let word = usize::try_from(number).ok().and_then(|at| self.words().get(at));
        word.map_or_else(|| number.to_string(), |word| (*word).to_owned())
    }
}

/// What somebody typed, as a number.
pub(crate) fn read(typed: &[u8]) -> Option<u32> {
    let typed = std::str::from_utf8(typed).ok()?.trim().to_lowercase();
    let digits: Option<String> = typed.chars().map(digit).collect();
    if let Some(digits) = digits {
        return digits.parse().ok();
    }
    let languages = [Language::English, Language::French, Language::Arabic];
    let at =
        languages.into_iter().find_map(|language| language.words().iter().position(|word| *word == typed));
    at.and_then(|at| u32::try_from(at).ok())
}

fn digit(letter: char) -> Option<char> {
    let of = |zero: &char| u32::from(letter).checked_sub(u32::from(*zero)).filter(|value| *value < 10);
    ZEROS.iter().find_map(of).and_then(|value| char::from_digit(value, 10))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_out_in_any_language_reads_back() {
        for language in [Language::English, Language::French, Language::Arabic] {
            for number in 0..=20 {
                let written = language.written(number);
                assert_eq!(read(written.as_bytes()), Some(number), "{written}");
            }
        }
    }

    #[test]
    fn digits_of_other_scripts_are_digits_and_other_letters_are_not() {
        for typed in ["12", " 12 ", "١٢", "۱۲", "१२", "১২", "Twelve"] {
            assert_eq!(read(typed.as_bytes()), Some(12), "{typed}");
        }
        for typed in ["", "1 2", "-12", "twelf", "99999999999"] {
            assert_eq!(read(typed.as_bytes()), None, "{typed}");
        }
        assert_eq!(read(&[0xff]), None);
    }

    #[test]
    fn a_language_without_words_here_is_asked_in_english() {
        assert_eq!(Language::of("fr-CA"), Language::French);
        assert_eq!(Language::of("sw"), Language::English);
    }
}
