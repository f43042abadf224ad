//! The constraints of a field: named values with an open vocabulary, read leniently, for a plugin's mistake must not
//! break a page.

use esignet_protocol::ports::plugins::Attribute;

/// The longest that a field may allow, in characters.
const LARGEST: usize = 2048;

/// The constraints of one field.
#[derive(Clone, Copy)]
pub(crate) struct Constraints<'a>(pub(crate) &'a [Attribute]);

impl<'a> Constraints<'a> {
    /// The first value of a name.
    pub(crate) fn one(self, name: &'a str) -> Option<&'a str> {
        self.all(name).next()
    }

    /// Every value of a name, in order.
    pub(crate) fn all(self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |attribute| attribute.name == name)
            .map(|attribute| attribute.value.as_str())
    }

    /// A number of characters, if it is one.
    pub(crate) fn number(self, name: &'a str) -> Option<usize> {
        self.one(name)?.parse().ok().filter(|number| (1..=LARGEST).contains(number))
    }

    /// Whether only digits are typed.
    pub(crate) fn digits(self) -> bool {
        self.one("characters") == Some("digits")
    }

    /// The autofill tokens, if they look like some (HTML, "Autofill").
    pub(crate) fn autocomplete(self) -> Option<&'a str> {
        let is_token =
            |text: &&str| text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-' || byte == b' ');
        self.one("autocomplete").filter(|text| !text.is_empty() && text.len() <= 40).filter(is_token)
    }
}
