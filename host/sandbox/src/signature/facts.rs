//! What is said of a component: by the trusted comment of a signature, and by its own manifest.
//!
//! The comment is words of the form `key:value`, as minisign's own: `timestamp:1790000000 id:otp version:1.4.2
//! digest:sha256:…`. Words with other keys say nothing here.

use std::fmt::{self, Write as _};

use aws_lc_rs::digest::{SHA256, digest as hash};
use semver::Version;

use super::section;

/// The custom section with the manifest.
const MANIFEST: &str = "esignet:manifest";
/// The largest manifest that is read.
const MAX_MANIFEST_BYTES: usize = 256 << 10;
/// The longest id.
const MAX_ID_BYTES: usize = 128;

/// Why what is said cannot be understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotFacts {
    /// Something is said twice.
    #[error("it says `{0}` twice")]
    Twice(&'static str),
    /// Something is said in another way than it is said.
    #[error("its `{0}` cannot be read")]
    Unreadable(&'static str),
}

/// What a comment says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The plugin.
    pub id: Option<String>,
    /// Its version.
    pub version: Option<Version>,
    /// SHA-256 of what is signed, in lower-case hexadecimal.
    pub digest: Option<String>,
    /// When it was signed, in seconds since 1970.
    pub signed_at: Option<u64>,
}

impl Facts {
    /// Reads a trusted comment.
    pub fn parse(comment: &str) -> Result<Self, NotFacts> {
        let mut facts = Self::default();
        for (key, value) in comment.split_ascii_whitespace().filter_map(|word| word.split_once(':')) {
            match key {
                "id" => {
                    let id = is_id(value).then(|| value.to_owned());
                    put(&mut facts.id, "id", id)?;
                }
                "version" => put(&mut facts.version, "version", Version::parse(value).ok())?,
                "digest" => {
                    let digest = digest(value).map(str::to_owned);
                    put(&mut facts.digest, "digest", digest)?;
                }
                "timestamp" => put(&mut facts.signed_at, "timestamp", value.parse().ok())?,
                _ => {}
            }
        }
        Ok(facts)
    }
}

fn put<T>(place: &mut Option<T>, key: &'static str, value: Option<T>) -> Result<(), NotFacts> {
    let value = value.ok_or(NotFacts::Unreadable(key))?;
    if place.replace(value).is_some() {
        return Err(NotFacts::Twice(key));
    }
    Ok(())
}

/// As a trusted comment.
impl fmt::Display for Facts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = [
            self.signed_at.map(|at| format!("timestamp:{at}")),
            self.id.as_ref().map(|id| format!("id:{id}")),
            self.version.as_ref().map(|version| format!("version:{version}")),
            self.digest.as_ref().map(|digest| format!("digest:sha256:{digest}")),
        ];
        f.write_str(&words.into_iter().flatten().collect::<Vec<_>>().join("\t"))
    }
}

/// Whether a text can be the id of a plugin: letters, digits, `.`, `-` and `_`.
pub fn is_id(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    (1..=MAX_ID_BYTES).contains(&text.len()) && text.bytes().all(is_plain)
}

/// What a component is named by: SHA-256 of all of it but its signatures, in lower-case hexadecimal.
pub fn digest_of(signed: &[u8]) -> String {
    hash(&SHA256, signed).as_ref().iter().fold(String::new(), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The hexadecimal of `sha256:…`.
pub fn digest(text: &str) -> Option<&str> {
    let hexadecimal = text.strip_prefix("sha256:")?;
    let is_lower = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    (hexadecimal.len() == 64 && hexadecimal.bytes().all(is_lower)).then_some(hexadecimal)
}

/// Who a component is by its own manifest, which is part of what is signed. `Ok(None)` for one without a manifest.
pub fn of_manifest(component: &[u8]) -> Result<Option<(String, Version)>, NotFacts> {
    let manifest = match section::custom(component, MANIFEST)[..] {
        [] => return Ok(None),
        [manifest] if manifest.len() <= MAX_MANIFEST_BYTES => manifest,
        [_] => return Err(NotFacts::Unreadable("manifest")),
        _ => return Err(NotFacts::Twice("manifest")),
    };
    let unreadable = NotFacts::Unreadable("manifest");
    let text = std::str::from_utf8(manifest).map_err(|_| unreadable)?;
    let table: toml::Table = toml::from_str(text).map_err(|_| unreadable)?;
    let word = |key| table.get("plugin")?.get(key)?.as_str();
    let id = word("id").filter(|id| is_id(id)).ok_or(unreadable)?;
    let version = word("version").and_then(|version| Version::parse(version).ok()).ok_or(unreadable)?;
    Ok(Some((id.to_owned(), version)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let facts = Facts {
            id: Some("xx.country.register".to_owned()),
            version: Some(Version::new(1, 4, 2)),
            digest: Some("0".repeat(64)),
            signed_at: Some(1_790_000_000),
        };
        assert_eq!(Facts::parse(&facts.to_string()), Ok(facts));
    }

    #[test]
    fn words_of_others_say_nothing() {
        for comment in ["", "timestamp", "file:otp.wasm\thashed", "a comment of somebody"] {
            assert_eq!(Facts::parse(comment), Ok(Facts::default()), "{comment}");
        }
    }

    #[test]
    fn what_is_said_twice_or_wrongly_is_not_guessed_at() {
        let cases = [
            ("id:a id:b", NotFacts::Twice("id")),
            ("id:a id:a", NotFacts::Twice("id")),
            ("id:", NotFacts::Unreadable("id")),
            ("id:a/b", NotFacts::Unreadable("id")),
            ("version:1", NotFacts::Unreadable("version")),
            ("digest:sha256:0", NotFacts::Unreadable("digest")),
            ("digest:md5:0", NotFacts::Unreadable("digest")),
            ("timestamp:-1", NotFacts::Unreadable("timestamp")),
        ];
        for (comment, expected) in cases {
            assert_eq!(Facts::parse(comment), Err(expected), "{comment}");
        }
    }
}
