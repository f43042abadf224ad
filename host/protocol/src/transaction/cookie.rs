//! What the login cookie says: which login, and that it is this browser's. Random values only, never a parameter of
//! the request (`reliability-and-security.md` T26).

use crate::ports::entropy::Entropy;
use crate::word::handle::{BrowserSecret, HandleHash, random_text};

/// A login cookie: the handle of a login, which stays, and the browser's secret, which every step renews.
pub struct LoginCookie {
    handle: String,
    /// The browser's secret.
    pub secret: BrowserSecret,
}

impl LoginCookie {
    /// The cookie of a new login.
    pub fn fresh(entropy: &dyn Entropy, secret: &str) -> Option<Self> {
        Some(Self { handle: random_text(entropy), secret: BrowserSecret::presented(secret)? })
    }

    /// Reads `handle.secret`, both 43 base64url characters.
    pub fn parse(value: &str) -> Option<Self> {
        let (handle, secret) = value.split_once('.')?;
        let shaped = |part: &str| {
            part.len() == 43
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
        };
        (shaped(handle) && shaped(secret)).then_some(())?;
        Some(Self { handle: handle.to_owned(), secret: BrowserSecret::presented(secret)? })
    }

    /// Under what the login is kept.
    pub fn id(&self) -> HandleHash {
        HandleHash::of(self.handle.as_bytes())
    }

    /// The value for the same login with another secret.
    pub fn renewed(&self, secret: &str) -> String {
        format!("{}.{secret}", self.handle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::SeededEntropy;

    #[test]
    fn a_cookie_reads_back_and_anything_else_is_no_cookie() {
        let entropy = SeededEntropy::default();
        let secret = random_text(&entropy);
        let cookie = LoginCookie::fresh(&entropy, &secret).expect("a secret");
        let back = LoginCookie::parse(&cookie.renewed(&secret)).expect("well formed");
        assert_eq!(back.id(), cookie.id());
        for bad in ["", ".", "a.b", &secret, &format!("{secret}."), &format!("{secret}.{secret}x")] {
            assert!(LoginCookie::parse(bad).is_none(), "{bad}");
        }
    }
}
