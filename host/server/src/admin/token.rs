//! The token of the admin API: from a file that nobody else reads, kept as a hash, compared in constant time.

use std::path::Path;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};

use crate::config::finding::Finding;
use crate::secret_file;

/// The fewest characters: 32 random bytes in base64 have 43.
const MIN_LENGTH: usize = 43;

/// What requests are compared with.
pub(crate) struct Token(Vec<u8>);

impl Token {
    /// Reads the file; white space around the token is no part of it.
    pub(crate) fn read(file: &Path) -> Result<Self, Finding> {
        let content = secret_file::read(file)?;
        let token = content.trim_ascii();
        let is_token = token.len() >= MIN_LENGTH && token.iter().all(u8::is_ascii_graphic);
        is_token.then(|| Self::of(token)).ok_or_else(|| {
            Finding::error(
                "admin",
                file.display(),
                "the token of the admin API is too short or has characters that cannot be sent",
                format!(
                    "make one of 32 random bytes: (umask 077; openssl rand -base64 32 > {})",
                    file.display()
                ),
            )
        })
    }

    /// The token with these bytes.
    pub(super) fn of(token: &[u8]) -> Self {
        Self(digest(&SHA256, token).as_ref().to_vec())
    }

    /// Whether it is this one. Hashes have one length, so that not even the length can be measured.
    pub(super) fn is(&self, given: &str) -> bool {
        verify_slices_are_equal(&self.0, digest(&SHA256, given.as_bytes()).as_ref()).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_of_a_file_that_nobody_else_reads_and_long_enough_to_be_random() {
        let directory = tempfile::tempdir().unwrap();
        let write = |name: &str, content: &str| {
            let file = directory.path().join(name);
            secret_file::create(&file, content.as_bytes()).unwrap();
            file
        };
        let good = "Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmE";
        let token = Token::read(&write("good", &format!("{good}\n"))).unwrap();
        assert!(token.is(good));
        assert!(!token.is(&good[1..]) && !token.is("") && !token.is(&format!("{good}\n")));
        for (name, content) in [("short", "secret"), ("empty", ""), ("two lines", &format!("{good}\n{good}"))]
        {
            let finding = Token::read(&write(name, content)).map(drop).unwrap_err();
            assert!(finding.fix.contains("openssl rand"), "{finding}");
            assert!(content.is_empty() || !finding.to_string().contains(content), "{finding}");
        }
        assert_eq!(Token::read(&directory.path().join("absent")).map(drop).unwrap_err().code, "file");
    }
}
