//! Base64url without padding, where one value has one spelling (RFC 4648 §5, RFC 7515 §2).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The text is not base64url without padding.
///
/// Padding, line breaks, the standard alphabet and non-zero trailing bits all end here
/// (RFC 4648 §3.5): a value that can be spelled in two ways can pass a replay check twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the text is not base64url without padding and with zero trailing bits")]
pub struct NotBase64Url;

/// Writes bytes as base64url without padding.
pub fn encode_base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads base64url without padding and refuses every second spelling of the same bytes.
pub fn decode_base64url(text: &str) -> Result<Vec<u8>, NotBase64Url> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| NotBase64Url)
}

/// Appends bytes as base64url to a text that is being built.
pub(crate) fn append_base64url(bytes: &[u8], text: &mut String) {
    URL_SAFE_NO_PAD.encode_string(bytes, text);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{NotBase64Url, decode_base64url, encode_base64url};

    #[test]
    fn the_octets_of_rfc_7515_appendix_c_have_their_published_spelling() {
        assert_eq!(encode_base64url([3, 236, 255, 224, 193]), "A-z_4ME");
        assert_eq!(decode_base64url("A-z_4ME"), Ok(vec![3, 236, 255, 224, 193]));
    }

    #[test]
    fn a_second_spelling_of_the_same_octets_is_refused() {
        for text in ["A-z_4MF", "A-z_4ME=", "A+z/4ME", "A-z_4M E", "A-z_4ME\n", "A", "é"] {
            assert_eq!(decode_base64url(text), Err(NotBase64Url), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_written_is_read_back(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert_eq!(decode_base64url(&encode_base64url(&bytes)), Ok(bytes));
        }

        #[test]
        fn whatever_is_read_is_written_the_same(text in "[A-Za-z0-9_-]{0,64}") {
            if let Ok(bytes) = decode_base64url(&text) {
                prop_assert_eq!(encode_base64url(bytes), text);
            }
        }
    }
}
