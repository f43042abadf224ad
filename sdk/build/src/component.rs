//! Components as bytes: made of a core module, given a manifest, written.

use std::fs;
use std::path::Path;

use wit_component::ComponentEncoder;

use crate::error::BuildError;

/// The custom section that holds `plugin.toml`, so that one digest covers code and manifest.
pub const MANIFEST_SECTION: &str = "esignet:manifest";

/// A component of the core module that cargo built.
pub fn componentise(module: &Path) -> Result<Vec<u8>, BuildError> {
    let bytes = fs::read(module).map_err(BuildError::file(module))?;
    ComponentEncoder::default().module(&bytes).and_then(|encoder| encoder.validate(true).encode()).map_err(
        |error| BuildError::failed(module.display().to_string(), &format!("no component: {error:#}")),
    )
}

/// The component with a manifest at its end, verbatim. It must not have one yet: a component has one.
pub fn with_manifest(mut component: Vec<u8>, manifest: &str) -> Vec<u8> {
    // A custom section (WebAssembly core §5.5.3): 0, the size of the rest, the name with its length, the content.
    let mut section = Vec::new();
    leb128(&mut section, MANIFEST_SECTION.len());
    section.extend_from_slice(MANIFEST_SECTION.as_bytes());
    section.extend_from_slice(manifest.as_bytes());
    component.push(0);
    leb128(&mut component, section.len());
    component.append(&mut section);
    component
}

/// An unsigned number in seven bits an octet, the lowest first (WebAssembly core §5.2.2).
fn leb128(out: &mut Vec<u8>, mut number: usize) {
    loop {
        let low = u8::try_from(number & 0x7f).unwrap_or(0);
        number >>= 7;
        if number == 0 {
            out.push(low);
            return;
        }
        out.push(low | 0x80);
    }
}

/// Writes the file unless it holds just that; true if it wrote. A reader sees the old file or the new one whole.
pub fn write_if_changed(file: &Path, content: &[u8]) -> Result<bool, BuildError> {
    if fs::read(file).is_ok_and(|present| present == content) {
        return Ok(false);
    }
    if let Some(dir) = file.parent() {
        fs::create_dir_all(dir).map_err(BuildError::file(dir))?;
    }
    let unfinished = file.with_extension("unfinished");
    fs::write(&unfinished, content)
        .and_then(|()| fs::rename(&unfinished, file))
        .map_err(BuildError::file(file))?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_is_one_more_section_at_the_end_and_stands_as_it_was_written() {
        let manifest = "[plugin]\nid = \"é\"\n".repeat(20);
        let component = with_manifest(b"\0asm\x0d\0\x01\0".to_vec(), &manifest);
        let section = &component[8..];
        assert_eq!(section[0], 0);
        let size = usize::from(section[1] & 0x7f) | usize::from(section[2]) << 7;
        assert_eq!(size, section.len() - 3, "two octets tell the size");
        assert_eq!(usize::from(section[3]), MANIFEST_SECTION.len());
        assert!(section[4..].starts_with(MANIFEST_SECTION.as_bytes()));
        assert!(section.ends_with(manifest.as_bytes()));
    }

    #[test]
    fn a_file_that_holds_the_same_is_left_alone() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("made/x.wasm");
        assert!(write_if_changed(&file, b"1").unwrap());
        assert!(!write_if_changed(&file, b"1").unwrap());
        assert!(write_if_changed(&file, b"2").unwrap());
    }
}
