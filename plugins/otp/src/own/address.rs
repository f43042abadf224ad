//! An address that a code can go to: what the person typed, in the one spelling that it has.

use esignet_sdk::prelude::*;

use super::settings::Own;

/// The way that a code takes. Each has a gateway of its own, by the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Channel {
    Sms,
    Email,
}

impl Channel {
    /// Every channel.
    pub(crate) const ALL: [Self; 2] = [Self::Sms, Self::Email];

    /// Its word: in settings, in the evidence, and as the name of the upstream.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Email => "email",
        }
    }

    /// The channel of a word.
    pub(crate) fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.word() == word)
    }
}

/// An address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) channel: Channel,
    /// A number in international form (E.164, with `+`), or an email address.
    pub(crate) text: String,
}

/// Why an identifier is no address for a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoAddress {
    /// It does not have the form of one.
    Malformed,
    /// No code goes there: it is of another kind, or a number of another country.
    Elsewhere,
}

impl Address {
    /// The address that the person named themselves by.
    pub(crate) fn of(individual: &Individual, settings: &Own) -> Result<Self, NoAddress> {
        let channel = settings.addresses.get(&individual.kind).copied().ok_or(NoAddress::Elsewhere)?;
        let text = match channel {
            Channel::Sms => number(&individual.value, settings)?,
            Channel::Email => mailbox(&individual.value).ok_or(NoAddress::Malformed)?,
        };
        Ok(Self { channel, text })
    }

    /// What may be shown to whoever typed it: no more than other ID systems show.
    pub(crate) fn masked(&self) -> MaskedTarget {
        let masked = match self.channel {
            Channel::Sms => format!("XXXXXX{}", tail(&self.text, 4)),
            Channel::Email => format!("{}XXXXXX@XXXX", self.text.chars().next().unwrap_or('X')),
        };
        MaskedTarget { channel: self.channel.word().to_owned(), masked }
    }

    /// The digits of a number, for gateways that want no `+`.
    pub(crate) fn digits(&self) -> &str {
        self.text.trim_start_matches('+')
    }
}

fn tail(text: &str, count: usize) -> &str {
    text.get(text.len().saturating_sub(count)..).unwrap_or_default()
}

/// A number in international form. A number with one leading zero is one of the operator's country.
fn number(typed: &str, settings: &Own) -> Result<String, NoAddress> {
    let folded: String = typed.chars().filter(|c| !is_separator(*c)).map(fold).collect();
    let international =
        match (folded.strip_prefix('+').or_else(|| folded.strip_prefix("00")), &settings.country) {
            (Some(digits), _) => digits.to_owned(),
            (None, Some(country)) => {
                let national = folded.strip_prefix('0').ok_or(NoAddress::Malformed)?;
                format!("{}{national}", country.trim_start_matches('+'))
            }
            (None, None) => return Err(NoAddress::Malformed),
        };
    // E.164: at most 15 digits, and no country's code begins with a zero.
    let is_number = (7..=15).contains(&international.len())
        && !international.starts_with('0')
        && international.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number {
        return Err(NoAddress::Malformed);
    }
    let number = format!("+{international}");
    // Whoever pays for messages says where they may go: numbers that cost much are what this is abused for.
    if !settings.prefixes.iter().any(|prefix| number.starts_with(prefix.as_str())) {
        return Err(NoAddress::Elsewhere);
    }
    Ok(number)
}

/// An email address of the usual shape, which is one recipient and nothing else wherever it is put. The domain is the same
/// in all letters (RFC 5321 §2.4).
fn mailbox(typed: &str) -> Option<String> {
    let typed = typed.trim();
    let (local, domain) = typed.split_once('@')?;
    let in_local = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&b);
    let in_domain = |b: u8| b.is_ascii_alphanumeric() || b"-.".contains(&b);
    let dots = |part: &str| part.split('.').all(|label| !label.is_empty());
    let is_one = (1..=64).contains(&local.len())
        && (3..=253).contains(&domain.len())
        && local.bytes().all(in_local)
        && domain.bytes().all(in_domain)
        && dots(local)
        && dots(domain)
        && domain.contains('.');
    is_one.then(|| format!("{local}@{}", domain.to_ascii_lowercase()))
}

fn is_separator(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '-' | '.' | '(' | ')' | '/' | '\u{2010}'..='\u{2015}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The zeros of the scripts whose digits people type numbers in; nine digits follow each.
const ZEROS: [char; 12] = [
    '\u{0660}', '\u{06f0}', '\u{0966}', '\u{09e6}', '\u{0a66}', '\u{0ae6}', '\u{0be6}', '\u{0c66}',
    '\u{0e50}', '\u{1040}', '\u{17e0}', '\u{ff10}',
];

fn fold(c: char) -> char {
    let digit = |zero: &char| char::from_digit(u32::from(c).checked_sub(u32::from(*zero))?, 10);
    if c == '\u{ff0b}' { '+' } else { ZEROS.iter().find_map(digit).unwrap_or(c) }
}

#[cfg(test)]
mod tests {
    use super::super::settings::tests::own;
    use super::*;

    fn of(kind: &str, value: &str) -> Result<String, NoAddress> {
        let individual = Individual { kind: kind.into(), value: value.into(), attributes: vec![] };
        Address::of(&individual, &own()).map(|address| address.text)
    }

    #[test]
    fn a_number_has_one_spelling_however_it_is_typed() {
        for typed in [
            "+212655501417",
            "00212655501417",
            "0655501417",
            "+212 655-50.14 17",
            "(0) 655 50/14/17",
            "+٢١٢٦٥٥٥٠١٤١٧",
            "＋２１２６５５５０１４１７",
            "\u{202a}+212655501417\u{202c}",
        ] {
            assert_eq!(of("phone", typed).as_deref(), Ok("+212655501417"), "{typed}");
        }
    }

    #[test]
    fn what_is_no_number_is_malformed_and_one_of_another_country_gets_no_code() {
        for typed in
            ["", "+", "655501417", "+0655501417", "+21265550141712345", "+212", "+212x55501417", "+212;+3377"]
        {
            assert_eq!(of("phone", typed), Err(NoAddress::Malformed), "{typed}");
        }
        for (kind, typed) in [("phone", "+8826655501417"), ("phone", "+21355501417"), ("uin", "2053718694")] {
            assert_eq!(of(kind, typed), Err(NoAddress::Elsewhere), "{typed}");
        }
    }

    #[test]
    fn an_email_address_is_one_recipient() {
        assert_eq!(of("email", " a.b+c@Mail.Example ").as_deref(), Ok("a.b+c@mail.example"));
        for typed in [
            "",
            "a",
            "@b.c",
            "a@b",
            "a@b..c",
            ".a@b.c",
            "a@b.c,d@e.f",
            "a@b.c;d@e.f",
            "a@b.c\r\nbcc: d@e.f",
            "a b@c.d",
            "<a@b.c>",
            "\"a\"@b.c",
            "a@b@c.d",
            "é@b.c",
        ] {
            assert_eq!(of("email", typed), Err(NoAddress::Malformed), "{typed}");
        }
    }

    #[test]
    fn what_is_shown_is_a_part_of_it() {
        let masked = |channel, text: &str| Address { channel, text: text.into() }.masked().masked;
        assert_eq!(masked(Channel::Sms, "+212655501417"), "XXXXXX1417");
        assert_eq!(masked(Channel::Email, "amina@mail.example"), "aXXXXXX@XXXX");
    }
}
