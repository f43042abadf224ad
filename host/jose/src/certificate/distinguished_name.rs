//! Distinguished names: the registered text, the encoded subject, and when they are the same (RFC 4514, RFC 5280 §7.1).
//!
//! Two names are the same when they have the same relative names in the same order, each with the same set of
//! attributes. Attributes are compared by object identifier and value:
//!
//! * Values of the attributes that [`attribute`] knows are compared as `caseIgnoreMatch` has it (RFC 4517 §4.2.11,
//!   RFC 5280 §7.1): letter case does not count, nor does white space at the ends, nor how much of it is in between, nor
//!   the string type. Of the string preparation, the Unicode normalization is left out, so that two spellings of an
//!   accented letter differ: a name that looks right and is refused can be registered again as the certificate has it,
//!   and no name is taken for another.
//! * Values of other attributes, whose matching rule nobody here knows, are compared exactly.

mod attribute;
mod text;

#[cfg(test)]
mod tests;

use x509_parser::asn1_rs::{Any, Class, FromDer as _, Tag};
use x509_parser::x509::X509Name;

/// The longest text that is read, in bytes.
const MAX_TEXT: usize = 4096;
/// The most attributes of a text. A subject has a dozen; a thousand would take a hundred times their text in memory.
const MAX_ATTRIBUTES: usize = 64;

/// A distinguished name, ready for comparison; the relative name that was written first stands first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DistinguishedName(Vec<RelativeName>);

/// A relative name: a set of attributes, each of them once, in an order that does not depend on how it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
struct RelativeName(Vec<Attribute>);

/// One attribute of a relative name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Attribute {
    /// The object identifier in dots.
    kind: String,
    value: Value,
}

/// The value of an attribute, prepared for comparison.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Value {
    /// A string of whatever string type.
    Text(String),
    /// Something else: the tag with its class, and the octets.
    Other { class: u8, tag: u32, octets: Vec<u8> },
}

/// Why a text is not a distinguished name. No text of it repeats input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DistinguishedNameError {
    /// No relative name at all: it would be the name of every certificate without a subject.
    #[error("the distinguished name is empty")]
    Empty,
    /// Longer than 4096 bytes, or more than 64 attributes.
    #[error("the distinguished name has more than {MAX_TEXT} bytes or {MAX_ATTRIBUTES} attributes")]
    TooLong,
    /// An attribute type is neither a name that is known here nor an object identifier (RFC 4514 §2.3).
    #[error(
        "an attribute type is neither a known name such as CN, O, OU, C nor an object identifier in dots"
    )]
    UnknownAttribute,
    /// A value has a character that must be escaped, or an escape that is none (RFC 4514 §2.4, §3).
    #[error("a value has a character that must be escaped with a backslash, or a backslash before nothing")]
    Escape,
    /// A value after `#` is not one BER value in hexadecimal (RFC 4514 §2.4).
    #[error("a value after # is not one BER value in hexadecimal digits")]
    NotHexadecimal,
    /// The escapes make up no UTF-8 (RFC 4514 §3).
    #[error("a value is not UTF-8 after its escapes")]
    NotUtf8,
}

impl DistinguishedName {
    /// Reads the string form (RFC 4514 §3), in which the last relative name of the encoding stands first.
    ///
    /// White space around `,`, `+` and `=` is taken too, as older tools write it.
    pub fn parse(text: &str) -> Result<Self, DistinguishedNameError> {
        if text.len() > MAX_TEXT {
            return Err(DistinguishedNameError::TooLong);
        }
        text::relative_names(text).map(Self)
    }

    /// The subject of a certificate. RFC 4514 §2.1: the string form starts with the last element of the sequence.
    pub(super) fn of(name: &X509Name<'_>) -> Self {
        let mut relative_names: Vec<RelativeName> = name
            .iter()
            .map(|relative| {
                relative
                    .iter()
                    .map(|attribute| {
                        let kind = attribute.attr_type().to_id_string();
                        let value = Value::of(attribute.attr_value(), &kind);
                        Attribute { kind, value }
                    })
                    .collect()
            })
            .collect();
        relative_names.reverse();
        Self(relative_names)
    }
}

impl FromIterator<Attribute> for RelativeName {
    fn from_iter<I: IntoIterator<Item = Attribute>>(attributes: I) -> Self {
        let mut attributes: Vec<Attribute> = attributes.into_iter().collect();
        attributes.sort_unstable();
        attributes.dedup();
        Self(attributes)
    }
}

impl Value {
    /// A string, prepared as the matching rule of its attribute asks.
    fn text(text: &str, kind: &str) -> Self {
        if !attribute::is_known(kind) {
            return Self::Text(text.to_owned());
        }
        let mut prepared = String::with_capacity(text.len());
        for word in text.split_whitespace() {
            if !prepared.is_empty() {
                prepared.push(' ');
            }
            prepared.extend(word.chars().flat_map(char::to_lowercase));
        }
        Self::Text(prepared)
    }

    /// An encoded value.
    fn of(value: &Any<'_>, kind: &str) -> Self {
        string(value).map_or_else(
            || Self::Other {
                class: value.class() as u8,
                tag: value.tag().0,
                octets: value.as_bytes().to_vec(),
            },
            |text| Self::text(&text, kind),
        )
    }

    /// One value in BER, all of the octets.
    fn from_ber(octets: &[u8], kind: &str) -> Option<Self> {
        let (rest, value) = Any::from_der(octets).ok()?;
        rest.is_empty().then(|| Self::of(&value, kind))
    }
}

/// The characters of a string type; `None` for what is none. `T61String` is read where it is ASCII, which is where its
/// readers agree.
fn string(value: &Any<'_>) -> Option<String> {
    if value.class() != Class::Universal {
        return None;
    }
    let octets = value.as_bytes();
    let utf8 = || String::from_utf8(octets.to_vec()).ok();
    match value.tag() {
        Tag::Utf8String => utf8(),
        Tag::PrintableString | Tag::Ia5String | Tag::NumericString | Tag::T61String => {
            octets.is_ascii().then(utf8)?
        }
        Tag::BmpString => {
            let (pairs, []) = octets.as_chunks::<2>() else { return None };
            let units: Vec<u16> = pairs.iter().map(|pair| u16::from_be_bytes(*pair)).collect();
            String::from_utf16(&units).ok()
        }
        _ => None,
    }
}
