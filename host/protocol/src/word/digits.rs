//! Digits as people type them: in the digits of their own script, with spaces in between (`login.md`, OTP).

/// The zero of each decimal digit block that is folded; the nine that follow it are its other digits.
const ZEROS: [char; 14] = [
    '\u{0660}', // Arabic-Indic
    '\u{06f0}', // Extended Arabic-Indic
    '\u{0966}', // Devanagari
    '\u{09e6}', // Bengali
    '\u{0a66}', // Gurmukhi
    '\u{0ae6}', // Gujarati
    '\u{0be6}', // Tamil
    '\u{0c66}', // Telugu
    '\u{0de6}', // Sinhala
    '\u{0e50}', // Thai
    '\u{1040}', // Myanmar
    '\u{1369}', // Ethiopic, which begins with one
    '\u{17e0}', // Khmer
    '\u{ff10}', // Fullwidth
];

/// The text with digits of other scripts as ASCII digits, and without white space, hyphens and direction marks.
pub fn fold(text: &str) -> String {
    text.chars().filter(|c| !is_separator(*c)).map(fold_one).collect()
}

fn is_separator(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn fold_one(c: char) -> char {
    const ETHIOPIC_ONE: char = '\u{1369}';
    let digit = ZEROS.iter().find_map(|zero| {
        let first = u32::from(*zero == ETHIOPIC_ONE);
        let offset = u32::from(c).checked_sub(u32::from(*zero))?.checked_add(first)?;
        char::from_digit(offset, 10)
    });
    digit.unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_of_every_script_become_ascii() {
        for typed in [
            "123 456",
            "١٢٣٤٥٦",
            "۱۲۳-۴۵۶",
            "१२३४५६",
            "১২৩৪৫৬",
            "௧௨௩௪௫௬",
            "១២៣៤៥៦",
            "１２３４５６",
            "፩፪፫፬፭፮",
            "\u{202a}123456\u{202c}",
        ] {
            assert_eq!(fold(typed), "123456", "{typed}");
        }
    }

    #[test]
    fn what_is_no_digit_stays() {
        assert_eq!(fold("aé١"), "aé1");
    }
}
