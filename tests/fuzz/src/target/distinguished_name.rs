//! A registered distinguished name (RFC 4514 §3).

use esignet_jose::certificate::DistinguishedName;

use crate::party::text;

/// What is read is itself, and another with anything before it or behind it.
pub(crate) fn run(input: &[u8]) {
    let Some(text) = text(input) else { return };
    let Ok(name) = DistinguishedName::parse(text) else { return };
    assert_eq!(DistinguishedName::parse(&format!(" {text}")), Ok(name.clone()));
    for other in [format!("{text},C=XX"), format!("C=XX,{text}")] {
        let other = DistinguishedName::parse(&other);
        assert!(other.is_err() || other != Ok(name.clone()));
    }
}
