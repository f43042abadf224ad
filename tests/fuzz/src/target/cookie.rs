//! The login cookie.

use esignet_protocol::transaction::cookie::LoginCookie;

use crate::party::text;

/// What is read is written the same, and holds nothing but two random values.
pub(crate) fn run(input: &[u8]) {
    let Some(value) = text(input) else { return };
    let Some(cookie) = LoginCookie::parse(value) else { return };
    let (_, secret) = value.split_once('.').expect("two parts");
    assert_eq!(cookie.renewed(secret), value);
    assert_eq!(value.len(), 87);
    assert!(value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)));
}
