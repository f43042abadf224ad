//! The sections at the end of a component that are named `esignet:signature`, and what stands before them.
//!
//! Only the outermost list of sections is read, and of each only its length and, where it has one, its name: nothing is
//! copied, and nothing is remembered but the signatures, whose number and length are bounded.

use std::ops::Range;

/// The name of a section with a signature.
pub const NAME: &str = "esignet:signature";
/// The most signatures that a component may have.
pub const MAX_SIGNATURES: usize = 16;
/// The longest signature, in bytes: minisign writes some 300.
pub const MAX_SIGNATURE_BYTES: usize = 2048;

/// `\0asm` and the version.
const HEADER_BYTES: usize = 8;
/// The id of a custom section (WebAssembly §5.5.3).
const CUSTOM: u8 = 0;

/// Why the sections of a file cannot be told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// The file ends within a section.
    #[error("the component is cut off, damaged or no component: it ends within a section")]
    CutOff,
    /// Something stands behind a signature.
    #[error("something that is no signature follows a signature")]
    Follows,
    /// There are more than [`MAX_SIGNATURES`].
    #[error("there are more than {MAX_SIGNATURES} signatures")]
    TooMany,
    /// One is longer than [`MAX_SIGNATURE_BYTES`].
    #[error("a signature is longer than {MAX_SIGNATURE_BYTES} bytes")]
    TooLong,
    /// One is not UTF-8.
    #[error("a signature is not text")]
    NotText,
}

/// A component taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split<'a> {
    /// What signatures are over.
    pub signed: &'a [u8],
    /// The content of each section with a signature, in their order.
    pub signatures: Vec<&'a str>,
}

/// Takes a component apart. Bytes that are too short for one are all of them signed by nobody.
pub fn split(component: &[u8]) -> Result<Split<'_>, Malformed> {
    let mut signed = component;
    let mut signatures = Vec::new();
    for section in sections(component) {
        let section = section?;
        let Some(content) = section.named(NAME) else {
            if signatures.is_empty() {
                continue;
            }
            return Err(Malformed::Follows);
        };
        if signatures.is_empty() {
            signed = component.get(..section.begins).unwrap_or_default();
        }
        if signatures.len() == MAX_SIGNATURES {
            return Err(Malformed::TooMany);
        }
        if content.len() > MAX_SIGNATURE_BYTES {
            return Err(Malformed::TooLong);
        }
        signatures.push(std::str::from_utf8(content).map_err(|_| Malformed::NotText)?);
    }
    Ok(Split { signed, signatures })
}

/// Puts signatures behind a component that has none.
pub fn append(signed: &[u8], signatures: &[String]) -> Vec<u8> {
    let mut component = signed.to_vec();
    for signature in signatures {
        let mut content = Vec::with_capacity(NAME.len() + signature.len() + 1);
        write_number(&mut content, NAME.len());
        content.extend_from_slice(NAME.as_bytes());
        content.extend_from_slice(signature.as_bytes());
        component.push(CUSTOM);
        write_number(&mut component, content.len());
        component.extend_from_slice(&content);
    }
    component
}

/// The contents of the custom sections of this name.
pub(super) fn custom<'a>(component: &'a [u8], name: &str) -> Vec<&'a [u8]> {
    sections(component).filter_map(|section| section.ok()?.named(name)).take(2).collect()
}

/// A section of the outermost list.
struct Section<'a> {
    /// The offset of its id.
    begins: usize,
    /// Its id.
    id: u8,
    /// What its length is of.
    content: &'a [u8],
}

impl<'a> Section<'a> {
    /// The content behind the name, when this is a custom section of this name.
    fn named(&self, name: &str) -> Option<&'a [u8]> {
        if self.id != CUSTOM {
            return None;
        }
        let mut rest = Rest { bytes: self.content };
        let length = rest.number()?;
        (rest.take(length)? == name.as_bytes()).then_some(rest.bytes)
    }
}

/// Every section; ends with the first that is cut off.
fn sections(component: &[u8]) -> impl Iterator<Item = Result<Section<'_>, Malformed>> {
    let mut rest = Rest { bytes: component.get(HEADER_BYTES..).unwrap_or_default() };
    std::iter::from_fn(move || {
        let begins = component.len() - rest.bytes.len();
        let (id, behind) = rest.bytes.split_first()?;
        rest.bytes = behind;
        let Some(content) = rest.number().and_then(|length| rest.take(length)) else {
            rest.bytes = &[];
            return Some(Err(Malformed::CutOff));
        };
        Some(Ok(Section { begins, id: *id, content }))
    })
}

/// What is still to be read.
struct Rest<'a> {
    bytes: &'a [u8],
}

impl<'a> Rest<'a> {
    /// A `u32` as LEB128 (WebAssembly §5.2.2): at most five bytes, of the last of which four bits count.
    fn number(&mut self) -> Option<usize> {
        let mut number = 0_u32;
        for shift in (0..35).step_by(7) {
            let (byte, behind) = self.bytes.split_first()?;
            self.bytes = behind;
            let bits = u32::from(byte & 0x7f);
            if shift == 28 && bits > 0x0f {
                return None;
            }
            number |= bits << shift;
            if byte & 0x80 == 0 {
                return usize::try_from(number).ok();
            }
        }
        None
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, behind) = self.bytes.split_at_checked(length)?;
        self.bytes = behind;
        Some(taken)
    }
}

/// Lengths here are of names and signatures: far below 2³².
fn write_number(bytes: &mut Vec<u8>, mut number: usize) {
    const BITS: Range<usize> = 0..0x80;
    while !BITS.contains(&number) {
        bytes.push(u8::try_from(number & 0x7f).unwrap_or_default() | 0x80);
        number >>= 7;
    }
    bytes.push(u8::try_from(number).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A component of one section with some code and one custom section.
    const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0\x01\x03abc\0\x05\x04name";

    #[test]
    fn what_is_appended_is_found_and_what_is_before_it_is_as_it_was() {
        let long = "s".repeat(MAX_SIGNATURE_BYTES);
        for signatures in [&[][..], &["one"], &["one", "two", ""], &[&long]] {
            let texts: Vec<String> = signatures.iter().map(ToString::to_string).collect();
            let component = append(COMPONENT, &texts);
            assert_eq!(split(&component), Ok(Split { signed: COMPONENT, signatures: signatures.to_vec() }));
        }
    }

    #[test]
    fn what_cannot_be_taken_apart_is_refused_by_what_is_wrong_with_it() {
        let signed = append(COMPONENT, &["one".to_owned()]);
        let with = |end: &[u8]| [&signed[..], end].concat();
        let many = append(COMPONENT, &vec!["s".to_owned(); MAX_SIGNATURES + 1]);
        let long = append(COMPONENT, &["s".repeat(MAX_SIGNATURE_BYTES + 1)]);
        let binary = [COMPONENT, b"\0\x13\x11esignet:signature\xff"].concat();
        let cases: [(&str, Vec<u8>, Malformed); 9] = [
            ("code behind a signature", with(b"\x01\x01x"), Malformed::Follows),
            ("another name behind a signature", with(b"\0\x05\x04name"), Malformed::Follows),
            ("a broken name behind a signature", with(b"\0\x01\x09"), Malformed::Follows),
            ("an id and nothing more", with(b"\0"), Malformed::CutOff),
            ("a length beyond the end", with(b"\0\x09x"), Malformed::CutOff),
            ("a length beyond 32 bits", with(b"\0\x80\x80\x80\x80\x10"), Malformed::CutOff),
            ("too many", many, Malformed::TooMany),
            ("too long", long, Malformed::TooLong),
            ("no text", binary, Malformed::NotText),
        ];
        for (name, component, expected) in cases {
            assert_eq!(split(&component), Err(expected), "{name}");
        }
        for end in COMPONENT.len() + 1..signed.len() {
            assert_eq!(split(&signed[..end]), Err(Malformed::CutOff), "cut off at {end}");
        }
    }

    #[test]
    fn whatever_is_no_component_is_signed_by_nobody() {
        for bytes in [&b""[..], b"\0asm", b"\0asm\x0d\0\x01\0"] {
            assert_eq!(split(bytes), Ok(Split { signed: bytes, signatures: vec![] }));
        }
    }

    #[test]
    fn a_section_within_a_section_is_no_signature() {
        let nested = append(b"", &["one".to_owned()]);
        let length = u8::try_from(nested.len()).unwrap();
        let component = [COMPONENT, &[4, length], &nested].concat();
        assert_eq!(split(&component), Ok(Split { signed: &component, signatures: vec![] }));
    }
}
