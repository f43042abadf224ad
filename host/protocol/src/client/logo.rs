//! The name of a client's logo as this server keeps and serves it (`login.md` U14).

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::word::client_id::ClientId;
use crate::word::handle::HandleHash;

/// Names one image of one client by its content: what is at a name never changes, so browsers may keep it for ever.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LogoId(String);

impl LogoId {
    /// The name of an image: of the same image at two clients there are two, so that each goes with its client.
    pub fn of(client: &ClientId, png: &[u8]) -> Self {
        let named = [b"logo ", client.as_str().as_bytes(), b" ", png].concat();
        Self(HandleHash::of(&named).as_str().to_owned())
    }

    /// Reads a name: 43 characters of base64url.
    pub fn parse(text: &str) -> Option<Self> {
        let known = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        (text.len() == 43 && text.bytes().all(known)).then(|| Self(text.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LogoId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_logo_tells_images_and_clients_apart_and_is_read_back() {
        let id = |text: &str| ClientId::parse(text).expect("a client id");
        let name = LogoId::of(&id("bank"), b"png");
        assert_eq!(LogoId::parse(name.as_str()), Some(name.clone()));
        assert_ne!(name, LogoId::of(&id("bank"), b"other"));
        assert_ne!(name, LogoId::of(&id("clinic"), b"png"));
        for wrong in ["", "..", "a/b", &"a".repeat(42), &"é".repeat(43)] {
            assert_eq!(LogoId::parse(wrong), None, "{wrong}");
        }
    }
}
