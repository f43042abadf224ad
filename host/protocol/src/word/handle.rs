//! Values that are worth something to whoever holds them: codes, request URIs, access tokens, browser secrets.
//!
//! A handle has 256 bits of randomness, is shown once to the one it is for, and is kept only as a hash
//! (`protocol.md` 54). None of these types prints its value.

use std::fmt;

use esignet_jose::digest;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::ports::entropy::Entropy;

/// What a `request_uri` of ours begins with (RFC 9126 §2.2).
pub const REQUEST_URI_PREFIX: &str = "urn:ietf:params:oauth:request_uri:";

/// The longest handle that is looked up at all.
const MAX_LENGTH: usize = 4096;

/// The SHA-256 hash under which a handle is stored, base64url. Safe to store, useless to present.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HandleHash(String);

impl HandleHash {
    /// The hash of any bytes, in the same form.
    pub fn of(bytes: &[u8]) -> Self {
        Self(digest::sha256_base64url(bytes))
    }

    /// 43 base64url characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// 32 fresh random bytes as 43 base64url characters.
pub fn random_text(entropy: &dyn Entropy) -> String {
    let mut bytes = [0_u8; 32];
    entropy.fill(&mut bytes);
    let text = digest::encode_base64url(bytes);
    bytes.zeroize();
    text
}

macro_rules! handle {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Zeroize, ZeroizeOnDrop)]
        pub struct $name(String);

        impl $name {
            /// A fresh one.
            pub fn random(entropy: &dyn Entropy) -> Self {
                Self(random_text(entropy))
            }

            /// One as somebody presented it. Longer than any of ours can be is `None`.
            pub fn presented(text: &str) -> Option<Self> {
                (!text.is_empty() && text.len() <= MAX_LENGTH).then(|| Self(text.to_owned()))
            }

            /// Under what it is stored.
            pub fn hash(&self) -> HandleHash {
                HandleHash::of(self.0.as_bytes())
            }

            /// The value, for the one it is for.
            pub fn expose(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    };
}

handle!(
    /// An authorization code (RFC 6749 §1.3.1).
    Code
);
handle!(
    /// The random part of a `request_uri` (RFC 9126 §2.2).
    RequestUri
);
handle!(
    /// What the cookie of a browser carries to show that a login is its own.
    BrowserSecret
);
handle!(
    /// An access token as presented or issued (RFC 6750, RFC 9068).
    AccessToken
);

impl RequestUri {
    /// Reads `urn:ietf:params:oauth:request_uri:…`; `None` for any other URI.
    pub fn from_urn(urn: &str) -> Option<Self> {
        urn.strip_prefix(REQUEST_URI_PREFIX).and_then(Self::presented)
    }

    /// The value of `request_uri`.
    pub fn to_urn(&self) -> String {
        format!("{REQUEST_URI_PREFIX}{}", self.0)
    }
}

impl AccessToken {
    /// A token that was just signed.
    pub fn issued(compact: String) -> Self {
        Self(compact)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::SeededEntropy;

    #[test]
    fn a_handle_does_not_print_its_value() {
        let code = Code::random(&SeededEntropy::default());
        assert_eq!(format!("{code:?}"), "Code(…)");
        assert_eq!(code.expose().len(), 43);
    }

    #[test]
    fn a_request_uri_goes_through_its_urn() {
        let uri = RequestUri::random(&SeededEntropy::default());
        let back = RequestUri::from_urn(&uri.to_urn()).expect("our own urn");
        assert_eq!(back.hash(), uri.hash());
        assert!(RequestUri::from_urn("https://rp.example/request.jwt").is_none());
        assert!(RequestUri::from_urn(REQUEST_URI_PREFIX).is_none());
    }
}
