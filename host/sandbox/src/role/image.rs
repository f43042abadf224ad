//! A picture in a form: small, of one format, and with words for those who do not see it.
//!
//! PNG alone: every browser shows it, its size in pixels stands at one place, and so a few bytes cannot become a picture that
//! takes a phone's memory.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use esignet_protocol::ports::plugins::{Attribute, Field, Message};

use crate::accept::at_most;
use crate::bindings::esignet::types::forms as wit;
use crate::failure::Breach;

/// The kind of such a field.
pub(super) const KIND: &str = "image";
const MEDIA_TYPE: &str = "image/png";
const DATA_CHARACTERS: usize = 4_096;
const WIDTH: u32 = 640;
const HEIGHT: u32 = 320;
/// PNG §5.2: how each begins.
const SIGNATURE: [u8; 8] = [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a];

/// The field as the core gets it, with its media type and its data and nothing else.
pub(super) fn accepted(field: wit::Field, label: Message) -> Result<Field, Breach> {
    if label.text.trim().is_empty() {
        return Err(Breach("the image has no words for those who do not see it".to_owned()));
    }
    let one = |name: &str| {
        let mut named = field.constraints.iter().filter(|constraint| constraint.name == name);
        let value = named.next().map(|constraint| constraint.value.clone());
        value.filter(|_| named.next().is_none())
    };
    if one("media-type").as_deref() != Some(MEDIA_TYPE) {
        return Err(Breach(format!("the media type of the image is not {MEDIA_TYPE}")));
    }
    let data = one("data").ok_or_else(|| Breach("the image has no data".to_owned()))?;
    at_most("the data of the image", data.len(), DATA_CHARACTERS)?;
    let png = BASE64_STANDARD
        .decode(&data)
        .map_err(|_| Breach("the data of the image is not base64".to_owned()))?;
    let (width, height) = size(&png).ok_or_else(|| Breach("the image is no PNG".to_owned()))?;
    if !(1..=WIDTH).contains(&width) || !(1..=HEIGHT).contains(&height) {
        return Err(Breach(format!(
            "the image has {width} by {height} pixels, at most {WIDTH} by {HEIGHT} are allowed"
        )));
    }
    let constraint = |name: &str, value: String| Attribute { name: name.to_owned(), value };
    Ok(Field {
        name: field.name,
        kind: field.kind,
        label,
        hint: None,
        required: false,
        constraints: vec![constraint("media-type", MEDIA_TYPE.to_owned()), constraint("data", data)],
    })
}

/// Width and height of a PNG, which its first chunk has (PNG §11.2.1).
fn size(png: &[u8]) -> Option<(u32, u32)> {
    let rest = png.strip_prefix(&SIGNATURE)?;
    let (length, rest) = rest.split_first_chunk()?;
    let rest = rest.strip_prefix(b"IHDR")?;
    let (width, rest) = rest.split_first_chunk()?;
    let (height, _) = rest.split_first_chunk()?;
    (u32::from_be_bytes(*length) == 13).then_some((u32::from_be_bytes(*width), u32::from_be_bytes(*height)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bindings::esignet::types::types as words;

    fn png(width: u32, height: u32) -> Vec<u8> {
        [
            &SIGNATURE[..],
            &13_u32.to_be_bytes(),
            b"IHDR",
            &width.to_be_bytes(),
            &height.to_be_bytes(),
            &[1, 0, 0, 0, 0],
        ]
        .concat()
    }

    fn image(alternative: &str, media_type: &str, data: &str) -> Result<Field, Breach> {
        let message =
            |text: &str| words::Message { key: String::new(), text: text.into(), arguments: Vec::new() };
        let constraint =
            |name: &str, value: &str| words::Attribute { name: name.into(), value: value.into() };
        let field = wit::Field {
            name: "picture".to_owned(),
            kind: KIND.to_owned(),
            label: message(alternative),
            hint: None,
            required: true,
            constraints: vec![
                constraint("media-type", media_type),
                constraint("data", data),
                constraint("x", "y"),
            ],
        };
        let label = Message { key: String::new(), text: alternative.to_owned(), arguments: Vec::new() };
        accepted(field, label)
    }

    #[test]
    fn a_small_png_with_words_is_taken_and_nothing_else_of_it() {
        let data = BASE64_STANDARD.encode(png(200, 60));
        let field = image("Six letters", MEDIA_TYPE, &data).unwrap();
        assert!(!field.required && field.constraints.len() == 2);
        assert_eq!(field.constraints[1].value, data);
    }

    #[test]
    fn what_is_large_wordless_or_no_png_is_a_breach() {
        let data = |width, height| BASE64_STANDARD.encode(png(width, height));
        let good = data(200, 60);
        assert!(image("Six letters", MEDIA_TYPE, &good).is_ok());
        assert!(image(" ", MEDIA_TYPE, &good).is_err(), "nothing stands for it");
        assert!(image("Six letters", "image/svg+xml", &good).is_err());
        assert!(image("Six letters", MEDIA_TYPE, &data(641, 60)).is_err());
        assert!(image("Six letters", MEDIA_TYPE, &data(60_000, 60_000)).is_err());
        assert!(image("Six letters", MEDIA_TYPE, &data(0, 60)).is_err());
        assert!(image("Six letters", MEDIA_TYPE, "\"><script>").is_err());
        assert!(image("Six letters", MEDIA_TYPE, &BASE64_STANDARD.encode(b"GIF89a")).is_err());
        let padded = [png(200, 60), vec![0; 4_000]].concat();
        assert!(image("Six letters", MEDIA_TYPE, &BASE64_STANDARD.encode(padded)).is_err());
    }
}
