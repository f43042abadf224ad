//! The value of a header `Authorization`, made so that it leaves this process on the wire alone.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::HeaderValue;
use zeroize::Zeroizing;

/// Credentials shorter than this may stand in an answer by chance.
const TELLING: usize = 8;

/// What the header says. It cannot be printed or compared; two are the same when they are the same allocation.
pub(crate) struct Authorization {
    value: HeaderValue,
    /// What must not come back.
    credentials: Zeroizing<String>,
}

/// The credentials cannot stand in a header.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NotVisible;

impl Authorization {
    /// A token that whoever has it may use (RFC 6750 §2.1): visible ASCII without spaces.
    pub(crate) fn bearer(token: &str) -> Result<Self, NotVisible> {
        Self::of("Bearer", Zeroizing::new(token.to_owned()))
    }

    /// A user name and a password in UTF-8 (RFC 7617 §2). A colon would end the user name early.
    pub(crate) fn basic(user: &str, password: &str) -> Result<Self, NotVisible> {
        if user.contains(':') || [user, password].iter().any(|text| text.chars().any(char::is_control)) {
            return Err(NotVisible);
        }
        let pair = Zeroizing::new(format!("{user}:{password}"));
        Self::of("Basic", Zeroizing::new(STANDARD.encode(pair.as_bytes())))
    }

    fn of(scheme: &str, credentials: Zeroizing<String>) -> Result<Self, NotVisible> {
        if credentials.is_empty() || !credentials.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(NotVisible);
        }
        let whole = Zeroizing::new(format!("{scheme} {}", *credentials));
        let mut value = HeaderValue::from_str(&whole).map_err(|_| NotVisible)?;
        value.set_sensitive(true);
        Ok(Self { value, credentials })
    }

    /// For the request, and for nothing else.
    pub(super) fn header(&self) -> HeaderValue {
        self.value.clone()
    }

    /// Whether somebody sent the credentials back.
    pub(super) fn is_in(&self, bytes: &[u8]) -> bool {
        let credentials = self.credentials.as_bytes();
        credentials.len() >= TELLING && bytes.windows(credentials.len()).any(|window| window == credentials)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_in_utf_8_is_sent_as_rfc_7617_says() {
        // RFC 7617 §2.1.
        let authorization = Authorization::basic("test", "123£").unwrap();
        assert_eq!(authorization.header(), "Basic dGVzdDoxMjPCow==");
        let rfc_2617 = Authorization::basic("Aladdin", "open sesame").unwrap();
        assert_eq!(rfc_2617.header(), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    }

    #[test]
    fn what_would_end_or_part_the_header_is_refused() {
        for token in ["", "a b", "a\r\nx-forged: 1", "é", "a\0"] {
            assert!(Authorization::bearer(token).is_err(), "{token:?}");
        }
        assert!(Authorization::basic("us:er", "p").is_err());
        assert!(Authorization::basic("user", "p\n").is_err());
    }

    #[test]
    fn the_header_does_not_print_what_it_says() {
        let authorization = Authorization::bearer("canary-token").unwrap();
        assert!(!format!("{:?}", authorization.header()).contains("canary"));
        assert!(authorization.is_in(b"{\"you-sent\": \"Bearer canary-token\"}"));
        assert!(!authorization.is_in(b"{}"));
    }
}
