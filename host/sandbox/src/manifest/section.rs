//! The custom section of a component: found without running anything of it, and put in.

use super::SECTION;

/// Magic, version and layer of a component.
const PREAMBLE: [u8; 8] = *b"\0asm\x0d\0\x01\0";
/// The identifier of a custom section.
const CUSTOM: u8 = 0;

/// One section of the outermost component, by the range of its content.
struct Section<'a> {
    id: u8,
    whole: &'a [u8],
    content: &'a [u8],
}

impl<'a> Section<'a> {
    /// The content behind the name of a custom section, when it has this name.
    fn named(&self, name: &str) -> Option<&'a [u8]> {
        if self.id != CUSTOM {
            return None;
        }
        let (length, rest) = leb128(self.content)?;
        let (found, rest) = rest.split_at_checked(length)?;
        (found == name.as_bytes()).then_some(rest)
    }
}

/// The content of the one section; an error when there are two, or when the file is cut off.
pub(crate) fn find(component: &[u8]) -> Result<Option<&[u8]>, &'static str> {
    let mut found = None;
    for section in sections(component) {
        if let Some(content) = section?.named(SECTION) {
            if found.is_some() {
                return Err("the component has two manifests");
            }
            found = Some(content);
        }
    }
    Ok(found)
}

/// The component with this manifest and no other, `None` when its sections cannot be told apart.
pub fn embed(component: &[u8], manifest: &str) -> Option<Vec<u8>> {
    let mut made = PREAMBLE.to_vec();
    for section in sections(component) {
        let section = section.ok()?;
        if section.named(SECTION).is_none() {
            made.extend_from_slice(section.whole);
        }
    }
    let name_length = unsigned(SECTION.len());
    made.push(CUSTOM);
    made.extend(unsigned(name_length.len() + SECTION.len() + manifest.len()));
    made.extend(name_length);
    made.extend(SECTION.bytes());
    made.extend(manifest.bytes());
    Some(made)
}

fn sections(component: &[u8]) -> impl Iterator<Item = Result<Section<'_>, &'static str>> {
    const CUT_OFF: &str = "the file is cut off inside of a section";
    let mut rest = component.strip_prefix(&PREAMBLE);
    std::iter::from_fn(move || {
        let whole = rest.filter(|rest| !rest.is_empty())?;
        let section = whole.split_first().and_then(|(id, behind)| {
            let (length, behind) = leb128(behind)?;
            let (content, next) = behind.split_at_checked(length)?;
            let (whole, _) = whole.split_at_checked(whole.len() - next.len())?;
            rest = Some(next);
            Some(Section { id: *id, whole, content })
        });
        if section.is_none() {
            rest = None;
        }
        Some(section.ok_or(CUT_OFF))
    })
}

/// A length of at most 32 bits and what is behind it.
fn leb128(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut value: u64 = 0;
    for (index, byte) in bytes.iter().enumerate().take(5) {
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            let value = u32::try_from(value).ok()?;
            return Some((value as usize, bytes.get(index + 1..)?));
        }
    }
    None
}

fn unsigned(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = u8::try_from(value & 0x7f).unwrap_or(0);
        value >>= 7;
        if value == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: &[u8] = &PREAMBLE;

    #[test]
    fn what_is_embedded_is_found_and_replaces_what_was_there() {
        assert_eq!(find(EMPTY), Ok(None));
        let long = "# ".repeat(1000);
        let first = embed(EMPTY, &long).unwrap();
        assert_eq!(find(&first), Ok(Some(long.as_bytes())));
        let second = embed(&first, "[plugin]").unwrap();
        assert_eq!(find(&second), Ok(Some(&b"[plugin]"[..])));
        assert!(second.len() < first.len());
    }

    #[test]
    fn two_manifests_and_cut_off_sections_are_refused() {
        let one = embed(EMPTY, "[plugin]").unwrap();
        let twice = [one.as_slice(), &one[8..]].concat();
        assert_eq!(find(&twice), Err("the component has two manifests"));
        for end in 9..one.len() {
            assert!(find(&one[..end]).is_err(), "{end}");
            assert!(embed(&one[..end], "").is_none(), "{end}");
        }
    }

    #[test]
    fn a_length_of_more_than_32_bits_is_no_length() {
        assert_eq!(leb128(&[0xff, 0xff, 0xff, 0xff, 0x0f]).map(|(value, _)| value), Some(u32::MAX as usize));
        assert!(leb128(&[0xff, 0xff, 0xff, 0xff, 0x1f]).is_none());
        assert!(leb128(&[0x80, 0x80, 0x80, 0x80, 0x80, 0x01]).is_none());
        assert!(leb128(&[0x80]).is_none());
    }
}
