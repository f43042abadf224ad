//! The file of what is revoked: a line for each digest (`sha256:…`) and key (`RW…`), `#` begins a comment.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use esignet_sandbox::signature::minisign::PublicKey;
use esignet_sandbox::signature::{Revoked, Trust, facts};

use crate::config::Signatures;
use crate::config::finding::Finding;

/// The largest file that is read: some ten thousand lines.
const MAX_BYTES: u64 = 1 << 20;

/// Who may sign plugins, with what the file says. One that cannot be understood whole is an error: what it revokes would
/// be taken.
pub(crate) fn trust(signatures: &Signatures) -> Result<Trust, Vec<Finding>> {
    let mut trust = signatures.trust.clone();
    if let Some(file) = &signatures.revoked_file {
        let text = text(&file.value).map_err(|problem| {
            let fix = "make it readable for the server, or take `file` out of [plugins.revoked]";
            vec![Finding::error("file", file.value.display(), problem, fix)]
        })?;
        add(&mut trust.revoked, &file.value, &text)?;
    }
    Ok(trust)
}

fn text(file: &Path) -> Result<String, String> {
    let unreadable = |error: std::io::Error| format!("the file of what is revoked cannot be read: {error}");
    let mut text = String::new();
    File::open(file)
        .map_err(unreadable)?
        .take(MAX_BYTES + 1)
        .read_to_string(&mut text)
        .map_err(unreadable)?;
    if text.len() as u64 > MAX_BYTES {
        return Err("the file of what is revoked is larger than 1 MiB".to_owned());
    }
    Ok(text)
}

fn add(revoked: &mut Revoked, file: &Path, text: &str) -> Result<(), Vec<Finding>> {
    let mut findings = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let word = line.split('#').next().unwrap_or_default().trim();
        if let Some(digest) = facts::digest(word) {
            revoked.digests.insert(digest.to_owned());
        } else if let Ok(key) = PublicKey::parse(word) {
            revoked.keys.push(key);
        } else if !word.is_empty() {
            let place = format!("{}:{}", file.display(), number + 1);
            let fix =
                "write sha256: and 64 hexadecimal digits in lower case, or a public key that begins with RW";
            findings.push(Finding::error("bad-value", place, "this is neither a digest nor a key", fix));
        }
    }
    if findings.is_empty() { Ok(()) } else { Err(findings) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "RWTEZWrWVvKGW2tdaeVUrXDrneDwfGy4Q5CHSuAvS6+/0bDNt84jqfJ8";

    #[test]
    fn every_line_is_a_digest_or_a_key_or_nothing_and_the_file_is_taken_whole_or_not_at_all() {
        let digest = "0f".repeat(32);
        let mut revoked = Revoked::default();
        let good = format!("# what went wrong\n\nsha256:{digest}  # register 1.3.0\n{KEY}\n");
        add(&mut revoked, Path::new("revoked.txt"), &good).unwrap();
        assert!(revoked.digests.contains(&digest));
        assert_eq!(revoked.keys.len(), 1);
        let bad = format!("sha256:{digest}\nsha256:0f\n{KEY}\nmd5:1\n");
        let findings = add(&mut revoked, Path::new("revoked.txt"), &bad).unwrap_err();
        let places: Vec<&str> = findings.iter().map(|finding| finding.place.as_str()).collect();
        assert_eq!(places, ["revoked.txt:2", "revoked.txt:4"]);
    }

    #[test]
    fn a_file_that_is_not_there_is_an_error() {
        let file = crate::config::read(
            Path::new("nowhere/esignet.toml"),
            "[server]\nissuer = \"http://127.0.0.1:1\"\n[store]\nurl = \"memory\"\n[plugins.revoked]\nfile = \"revoked.txt\"\n",
            [],
        );
        let (config, _) = file.unwrap();
        let findings = trust(&config.plugins.signatures).unwrap_err();
        assert_eq!(findings[0].place, "nowhere/revoked.txt");
    }
}
