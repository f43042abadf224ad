//! `Accept-Language` (RFC 9110 §12.5.4): the languages that a browser's owner reads, best first.

use esignet_protocol::word::locale::is_tag;
use http::header::{self, HeaderMap};

/// The most languages that are read.
const MAX_LANGUAGES: usize = 16;

/// The tags by falling weight; what is no tag, or has weight 0, is left out.
pub(crate) fn accepted(headers: &HeaderMap) -> Vec<String> {
    let lines = headers.get_all(header::ACCEPT_LANGUAGE).iter().filter_map(|line| line.to_str().ok());
    let ranges = lines.flat_map(|line| line.split(',')).filter_map(range).take(MAX_LANGUAGES);
    let mut ranges: Vec<(u16, &str)> = ranges.collect();
    ranges.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    ranges.into_iter().map(|(_, tag)| tag.to_owned()).collect()
}

/// A tag with its weight in thousandths.
fn range(text: &str) -> Option<(u16, &str)> {
    let mut parts = text.split(';').map(str::trim);
    let tag = parts.next().filter(|tag| is_tag(tag))?;
    let weight = match parts.next() {
        None => 1000,
        Some(parameter) => thousandths(parameter.strip_prefix("q=")?)?,
    };
    (weight > 0).then_some((weight, tag))
}

/// Reads `1`, `0.8` or `0.123` (RFC 9110 §12.4.2).
fn thousandths(text: &str) -> Option<u16> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    if part.len() > 3 || !part.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let whole: u16 = whole.parse().ok()?;
    let part: u16 = format!("{part:0<3}").parse().ok()?;
    Some(whole.checked_mul(1000)?.checked_add(part)?).filter(|weight| *weight <= 1000)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn of(line: &'static str) -> Vec<String> {
        accepted(&HeaderMap::from_iter([(header::ACCEPT_LANGUAGE, HeaderValue::from_static(line))]))
    }

    #[test]
    fn languages_come_best_first_and_nonsense_is_left_out() {
        assert_eq!(of("en;q=0.5, fr-CH, ar;q=0.75"), ["fr-CH", "ar", "en"]);
        assert_eq!(of("de, en"), ["de", "en"]);
        assert_eq!(of("*;q=0.5, ../etc, en;q=2, fr;q=0, si;q=x, ar"), ["ar"]);
        assert_eq!(of(""), [""; 0]);
    }
}
