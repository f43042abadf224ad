//! Whether a form comes from our own page (`protocol.md` 31, Fetch Metadata §2.2, RFC 6454 §7).
//!
//! This is the first of three guards: the token in the form and the `SameSite` cookie are the others, and both are checked
//! where the login is loaded. So a client that sends neither header, which no current browser does, is let through here.

use http::header::{self, HeaderMap};

/// The form came from another site, or its headers cannot be right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CrossSite;

/// Checks `Sec-Fetch-Site` and `Origin` of a POST against our origin.
///
/// `Origin: null` is what our own pages send, for they say `Referrer-Policy: no-referrer` (Fetch §3.2). A sandboxed frame
/// of another site sends it as well; there `Sec-Fetch-Site` tells the difference.
pub(crate) fn decide(headers: &HeaderMap, own_origin: &str) -> Result<(), CrossSite> {
    match one(headers, "sec-fetch-site")? {
        None | Some("same-origin" | "none") => {}
        Some(_) => return Err(CrossSite),
    }
    match one(headers, header::ORIGIN.as_str())? {
        None | Some("null") => Ok(()),
        Some(origin) if origin == own_origin => Ok(()),
        Some(_) => Err(CrossSite),
    }
}

fn one<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, CrossSite> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| CrossSite),
        (Some(_), Some(_)) => Err(CrossSite),
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    fn headers(list: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        let mut map = HeaderMap::new();
        for (name, value) in list.iter().map(pair) {
            map.append(name, value);
        }
        map
    }

    #[test]
    fn forms_of_other_sites_are_refused_and_our_own_are_not() {
        let own = "https://id.example";
        let table: &[(&[(&'static str, &'static str)], bool)] = &[
            (&[("origin", own), ("sec-fetch-site", "same-origin")], true),
            (&[("origin", "null"), ("sec-fetch-site", "same-origin")], true),
            (&[("origin", own)], true),
            (&[("origin", "null")], true),
            (&[], true),
            (&[("sec-fetch-site", "none")], true),
            (&[("origin", "null"), ("sec-fetch-site", "cross-site")], false),
            (&[("origin", own), ("sec-fetch-site", "cross-site")], false),
            (&[("sec-fetch-site", "same-site")], false),
            (&[("sec-fetch-site", "anything else")], false),
            (&[("origin", "https://evil.example")], false),
            (&[("origin", "https://evil.example"), ("sec-fetch-site", "same-origin")], false),
            (&[("origin", "http://id.example")], false),
            (&[("origin", "https://id.example:444")], false),
            (&[("origin", "https://id.example.evil.example")], false),
            (&[("origin", own), ("origin", "https://evil.example")], false),
            (&[("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")], false),
        ];
        for (list, passes) in table {
            assert_eq!(decide(&headers(list), own).is_ok(), *passes, "{list:?}");
        }
    }
}
