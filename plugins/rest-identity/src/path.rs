//! The path of a request: segments that placeholders can fill and cannot leave (RFC 3986 §3.3).
//!
//! A value is percent-encoded within its segment. What a server behind us might read as more than one segment, or as the
//! way up, is refused and not encoded: servers differ in what they decode, and when.

use crate::placeholder::{Facts, Operation, Placeholder};
use crate::template::{Part, Template, Unfit};

/// The longest path that the host sends.
const MAX_BYTES: usize = 2048;

/// A path with placeholders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PathTemplate(Vec<Template>);

impl PathTemplate {
    /// Reads the path of an operation's endpoint, or says what is wrong with it.
    pub(crate) fn parse(text: &str, operation: Operation) -> Result<Self, String> {
        let Some(relative) = text.strip_prefix('/') else {
            return Err("it does not begin with `/`; write it as /people/{individual.value}".to_owned());
        };
        let segments: Vec<&str> = relative.split('/').collect();
        let last = segments.len().saturating_sub(1);
        let read = |(at, segment): (usize, &&str)| {
            if segment.is_empty() && at < last {
                return Err("it has two slashes in a row; take one out".to_owned());
            }
            if matches!(*segment, "." | "..") {
                return Err(format!("it has the segment `{segment}`; write the path without it"));
            }
            let template = Template::parse(segment, operation)?;
            match template.0.iter().find(|part| matches!(part, Part::Literal(text) if !is_plain(text))) {
                Some(Part::Literal(text)) => Err(format!(
                    "`{text}` cannot stand in a path; percent-encode it, and put what follows a ? into `query`"
                )),
                Some(Part::Placeholder(_)) | None => Ok(template),
            }
        };
        segments.iter().enumerate().map(read).collect::<Result<_, _>>().map(Self)
    }

    /// The path, percent-encoded.
    pub(crate) fn fill(&self, facts: &Facts<'_>) -> Result<String, Unfit> {
        let mut path = String::new();
        for template in &self.0 {
            let segment = template.fill(facts, encoded)?;
            let from_outside = template.placeholders().next().is_some();
            if from_outside && matches!(segment.as_str(), "" | "." | "..") {
                return Err(Unfit::Unplaceable { typed: template.is_typed() });
            }
            path.push('/');
            path.push_str(&segment);
        }
        if path.len() > MAX_BYTES {
            return Err(Unfit::Unplaceable { typed: self.0.iter().any(Template::is_typed) });
        }
        Ok(path)
    }

    /// What it names.
    pub(crate) fn placeholders(&self) -> impl Iterator<Item = &Placeholder> {
        self.0.iter().flat_map(Template::placeholders)
    }
}

/// The value as part of a segment; none if it has what could end one.
fn encoded(value: &str) -> Option<String> {
    if value.chars().any(|letter| letter.is_control() || matches!(letter, '/' | '\\' | '%')) {
        return None;
    }
    let mut encoded = String::with_capacity(value.len());
    for octet in value.bytes() {
        if octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(octet));
        } else {
            encoded.push('%');
            for digit in [octet >> 4, octet & 15] {
                encoded.push(char::from_digit(digit.into(), 16).unwrap_or('0').to_ascii_uppercase());
            }
        }
    }
    Some(encoded)
}

/// Whether a literal is as the host sends it: `pchar` without `;`, and nothing hidden in percent-encoding.
fn is_plain(text: &str) -> bool {
    let mut octets = text.bytes();
    while let Some(octet) = octets.next() {
        let is_plain = match octet {
            b'%' => {
                let digits =
                    [octets.next(), octets.next()].map(|d| d.and_then(|d| char::from(d).to_digit(16)));
                matches!(digits, [Some(high), Some(low)]
                    if !matches!(high * 16 + low, 0..=0x1f | 0x25 | 0x2e | 0x2f | 0x5c | 0x7f))
            }
            _ => octet.is_ascii_alphanumeric() || b"-._~!$&'()*+,=:@".contains(&octet),
        };
        if !is_plain {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests;
