//! A picture's pixels as a file.

use crate::job::{Format, Unavailable};
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::codecs::webp::WebPEncoder;
use image::{ExtendedColorType, ImageEncoder, RgbImage};

/// Encodes pixels. What has no colour is stored without.
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
    Ok(file)
}
