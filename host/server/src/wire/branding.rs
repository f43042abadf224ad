//! The operator's emblem, read from its file.

use std::path::Path;

use esignet_web::{Branding, Logo, LogoFormat};

use crate::config;
use crate::config::finding::Finding;

/// The largest emblem: it is part of every first page (`login.md`, U2).
const MAX_BYTES: usize = 20 * 1024;

/// What the pages show of the operator.
pub(super) fn load(branding: &config::Branding) -> Result<Branding, Finding> {
    let logo = branding.logo_file.as_ref().map(|file| logo(&file.value)).transpose()?;
    Ok(Branding { operator: branding.name.clone(), logo })
}

fn logo(file: &Path) -> Result<Logo, Finding> {
    let refused = |problem: String, fix: &str| Finding::error("file", file.display(), problem, fix);
    let content = std::fs::read(file).map_err(|error| {
        refused(
            format!("the logo cannot be read: {error}"),
            "correct [branding] logo_file, or make the file readable",
        )
    })?;
    if content.len() > MAX_BYTES {
        let problem = format!(
            "the logo has {} bytes; at most {MAX_BYTES} are sent with every first page",
            content.len()
        );
        return Err(refused(problem, "make it smaller, for example as an optimised SVG"));
    }
    let format = match file.extension().and_then(|end| end.to_str()) {
        Some("png") if content.starts_with(b"\x89PNG") => LogoFormat::Png,
        Some("webp") if content.starts_with(b"RIFF") => LogoFormat::Webp,
        Some("svg") if std::str::from_utf8(&content).is_ok_and(|text| text.contains("<svg")) => {
            LogoFormat::Svg
        }
        _ => {
            return Err(refused(
                "the logo is not what the end of its name says".to_owned(),
                "use a .png, .svg or .webp file",
            ));
        }
    };
    Ok(Logo { content, format })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logo_is_what_its_name_says_and_small_or_it_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let written = |name: &str, content: &[u8]| {
            let file = directory.path().join(name);
            std::fs::write(&file, content).unwrap();
            logo(&file)
        };
        assert!(written("a.svg", b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>").is_ok());
        assert!(written("a.png", b"<svg/>").is_err());
        assert!(written("a.gif", b"GIF89a").is_err());
        let large = [b"<svg>".as_slice(), &vec![b' '; MAX_BYTES]].concat();
        assert!(written("large.svg", &large).is_err());
        assert!(logo(&directory.path().join("absent.png")).is_err());
    }
}
