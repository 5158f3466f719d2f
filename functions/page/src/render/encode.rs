//! A picture's pixels as a file that can be answered itself: a page of ours shows no picture of another origin.

use crate::job::{Format, Unavailable};
use crate::limits::INLINE_BYTES;
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::codecs::webp::WebPEncoder;
use image::{ExtendedColorType, ImageEncoder, RgbImage};

/// How good the `JPEG` is that is taken where lossless is too large: the first that is small enough.
const QUALITIES: [u8; 4] = [85, 60, 35, 15];

/// Encodes pixels: lossless if that is small enough. What has no colour is stored without.
pub(super) fn encode(pixels: &RgbImage, format: Format) -> Result<Vec<u8>, Unavailable> {
    let (width, height) = pixels.dimensions();
    let is_grey = pixels.pixels().all(|pixel| pixel.0[0] == pixel.0[1] && pixel.0[1] == pixel.0[2]);
    let grey: Vec<u8>;
    let (bytes, colour) = if is_grey {
        grey = pixels.pixels().map(|pixel| pixel.0[0]).collect();
        (grey.as_slice(), ExtendedColorType::L8)
    } else {
        (pixels.as_raw().as_slice(), ExtendedColorType::Rgb8)
    };
    let mut file = Vec::new();
    let written = match format {
        Format::Webp => WebPEncoder::new_lossless(&mut file).write_image(bytes, width, height, colour),
        Format::Png => PngEncoder::new_with_quality(&mut file, CompressionType::Fast, FilterType::Adaptive)
            .write_image(bytes, width, height, colour),
    };
    written.map_err(|_| Unavailable::Unreadable)?;
    for quality in QUALITIES {
        if file.len() <= INLINE_BYTES {
            break;
        }
        file.clear();
        let encoder = JpegEncoder::new_with_quality(&mut file, quality);
        encoder.write_image(bytes, width, height, colour).map_err(|_| Unavailable::Unreadable)?;
    }
    if file.len() > INLINE_BYTES { Err(Unavailable::TooComplex) } else { Ok(file) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_large_to_be_answered_loses_detail_and_is_answered() {
        // Without any order, so that lossless is three bytes a pixel.
        let mut state = 1_u32;
        let noise = RgbImage::from_fn(1500, 1500, |_, _| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let [red, green, blue, _] = state.to_be_bytes();
            image::Rgb([red, green, blue])
        });
        let file = encode(&noise, Format::Webp).unwrap();
        assert!(file.len() <= INLINE_BYTES && file.starts_with(b"\xff\xd8\xff"), "{}", file.len());
        let plain = RgbImage::from_pixel(1500, 1500, image::Rgb([255, 255, 255]));
        assert!(encode(&plain, Format::Webp).unwrap().starts_with(b"RIFF"));
    }
}
