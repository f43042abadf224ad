//! An image from outside, made into one of ours: decoded within limits, made small, encoded anew. Nothing of the original
//! but its pixels goes on: no metadata, no second format in one file, no colour profile.

use std::io::Cursor;

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::imageops::FilterType as Scaling;
use image::{DynamicImage, ImageFormat, ImageReader, Limits};

/// The largest picture decoded, in pixels each way.
const MAX_SIDE: u32 = 1024;
/// The most memory a decoder may take, in bytes: a picture of that size with some room.
const MAX_MEMORY: u64 = 32 * 1024 * 1024;
/// The largest picture kept, in pixels each way, and what is tried when that is too many bytes.
const SIDES: [u32; 4] = [128, 96, 64, 48];
/// The most bytes of a kept picture. Less than the 20 KB of `login.md` U14: a record of the store is no longer.
const MAX_KEPT: usize = 15_000;

/// Why an image is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum ImageRefusal {
    /// It is none of the formats, by its content.
    #[error("it is neither PNG, JPEG nor WebP")]
    Format,
    /// It is too large, or would take too much memory.
    #[error("it has more than {MAX_SIDE} pixels one way")]
    TooLarge,
    /// It is broken.
    #[error("it cannot be decoded")]
    Unreadable,
    /// It stays too many bytes however small it is made.
    #[error("it is too detailed to be kept in {MAX_KEPT} bytes")]
    TooDetailed,
}

/// A PNG of at most 128 by 128 pixels.
pub(super) fn encode(bytes: &[u8]) -> Result<Vec<u8>, ImageRefusal> {
    let picture = decode(bytes)?;
    for side in SIDES {
        let small = if picture.width() > side || picture.height() > side {
            picture.resize(side, side, Scaling::Lanczos3)
        } else {
            picture.clone()
        };
        let mut png = Vec::new();
        let encoder = PngEncoder::new_with_quality(&mut png, CompressionType::Best, FilterType::Adaptive);
        DynamicImage::ImageRgba8(small.into_rgba8())
            .write_with_encoder(encoder)
            .map_err(|_| ImageRefusal::Unreadable)?;
        if png.len() <= MAX_KEPT {
            return Ok(png);
        }
    }
    Err(ImageRefusal::TooDetailed)
}

fn decode(bytes: &[u8]) -> Result<DynamicImage, ImageRefusal> {
    let mut reader = ImageReader::new(Cursor::new(bytes));
    reader = reader.with_guessed_format().map_err(|_| ImageRefusal::Format)?;
    match reader.format() {
        Some(ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::WebP) => {}
        _ => return Err(ImageRefusal::Format),
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_MEMORY);
    reader.limits(limits);
    reader.decode().map_err(|error| match error {
        image::ImageError::Limits(_) => ImageRefusal::TooLarge,
        image::ImageError::Decoding(_)
        | image::ImageError::Encoding(_)
        | image::ImageError::Parameter(_)
        | image::ImageError::Unsupported(_)
        | image::ImageError::IoError(_) => ImageRefusal::Unreadable,
    })
}

#[cfg(test)]
mod tests {
    use image::{Rgba, RgbaImage};

    use super::*;

    fn picture(width: u32, height: u32, noise: u32) -> DynamicImage {
        DynamicImage::ImageRgba8(RgbaImage::from_fn(width, height, |x, y| {
            let mixed = x
                .wrapping_mul(2_654_435_761)
                .wrapping_add(y.wrapping_mul(40_503))
                .wrapping_mul(noise)
                .to_be_bytes();
            Rgba([mixed[0], mixed[1], mixed[2], 255])
        }))
    }

    fn as_format(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        let picture = if format == ImageFormat::Jpeg {
            DynamicImage::ImageRgb8(picture.to_rgb8())
        } else {
            picture.clone()
        };
        picture.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn each_raster_format_becomes_a_small_png() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
            let png = encode(&as_format(&picture(300, 150, 0), format)).unwrap();
            assert!(png.len() <= MAX_KEPT);
            let read = image::load_from_memory_with_format(&png, ImageFormat::Png).unwrap();
            assert_eq!((read.width(), read.height()), (128, 64), "{format:?}");
        }
        let small = encode(&as_format(&picture(16, 20, 0), ImageFormat::Png)).unwrap();
        let read = image::load_from_memory(&small).unwrap();
        assert_eq!((read.width(), read.height()), (16, 20), "nothing is made larger");
    }

    #[test]
    fn a_detailed_picture_is_made_smaller_until_it_fits() {
        let png = encode(&as_format(&picture(200, 200, 0x9e37_79b1), ImageFormat::Png)).unwrap();
        assert!(png.len() <= MAX_KEPT, "{}", png.len());
    }

    #[test]
    fn whatever_stood_beside_the_pixels_is_gone() {
        let mut bytes = as_format(&picture(20, 20, 0), ImageFormat::Png);
        bytes.extend_from_slice(b"<script>alert(1)</script>");
        let png = encode(&bytes).unwrap();
        assert!(!png.windows(7).any(|window| window == b"<script"));
    }

    #[test]
    fn what_is_no_picture_or_too_large_is_refused() {
        let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"1\" height=\"1\"/>";
        assert_eq!(encode(svg), Err(ImageRefusal::Format));
        assert_eq!(encode(b""), Err(ImageRefusal::Format));
        assert_eq!(encode(b"GIF89a\x01\x00\x01\x00"), Err(ImageRefusal::Format));
        assert_eq!(encode(&as_format(&picture(1025, 1, 0), ImageFormat::Png)), Err(ImageRefusal::TooLarge));
        let mut cut = as_format(&picture(200, 200, 7), ImageFormat::Png);
        cut.truncate(cut.len() / 2);
        assert_eq!(encode(&cut), Err(ImageRefusal::Unreadable));
        // A header that promises 60,000 by 60,000 pixels.
        let mut bomb = as_format(&picture(2, 2, 0), ImageFormat::WebP);
        bomb.truncate(20);
        assert_eq!(encode(&bomb), Err(ImageRefusal::Unreadable));
    }
}
