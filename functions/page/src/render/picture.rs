//! Pictures that browsers show themselves: their header is read, and nothing else, unless the file is too large to be answered.

use super::encode::encode;
use super::{is_turned, only_page, pixels};
use crate::job::{Job, Page, Rendered, Unavailable};
use crate::kind::Kind;
use crate::limits::{INLINE_BYTES, SOURCE_PIXELS};
use image::codecs::{jpeg::JpegDecoder, png::PngDecoder, webp::WebPDecoder};
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, Limits, RgbImage};
use std::io::Cursor;

/// What a decoder may allocate, in bytes.
const BUFFER_BYTES: u64 = 600 << 20;

/// Checks the header and the dimensions of a picture, and makes it smaller if its file is too large.
pub(super) fn render(file: &[u8], kind: Kind, job: &Job) -> Result<Rendered, Unavailable> {
    only_page(job)?;
    let header = match kind {
        Kind::Png => PngDecoder::new(Cursor::new(file)).map(header),
        Kind::Webp => WebPDecoder::new(Cursor::new(file)).map(header),
        _ => JpegDecoder::new(Cursor::new(file)).map(header),
    };
    let (width, height) = header.map_err(|_| Unavailable::Unreadable)?;
    if width == 0 || height == 0 {
        return Err(Unavailable::Unreadable);
    }
    if u64::from(width) * u64::from(height) > SOURCE_PIXELS {
        return Err(Unavailable::TooComplex);
    }
    // Below the limit of pixels, and so exact enough.
    #[allow(clippy::cast_precision_loss)]
    let page = Page { page: 1, pages: 1, width: width as f32, height: height as f32, ..Page::default() };
    let picture = match job.picture.filter(|_| file.len() > INLINE_BYTES) {
        None => None,
        Some(picture) => {
            let decoded = match kind {
                Kind::Png => PngDecoder::new(Cursor::new(file)).and_then(decoded),
                Kind::Webp => WebPDecoder::new(Cursor::new(file)).and_then(decoded),
                _ => JpegDecoder::new(Cursor::new(file)).and_then(decoded),
            };
            let (source, orientation) = decoded.map_err(|error| match error {
                image::ImageError::Limits(_) => Unavailable::TooComplex,
                _ => Unavailable::Unreadable,
            })?;
            // Never larger than it is.
            let (w, h) = pixels(f64::from(width), f64::from(height), picture.width.min(width))?;
            let (w, h) = if is_turned(orientation) { (h, w) } else { (w, h) };
            let mut small = source.thumbnail_exact(u32::from(w), u32::from(h));
            drop(source);
            small.apply_orientation(orientation);
            Some(encode(&on_white(&small), picture.format)?)
        }
    };
    Ok(Rendered { page, picture })
}

fn decoded(mut decoder: impl ImageDecoder) -> image::ImageResult<(DynamicImage, Orientation)> {
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(BUFFER_BYTES);
    limits.reserve(decoder.total_bytes())?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    Ok((DynamicImage::from_decoder(decoder)?, orientation))
}

/// What can be seen through is white.
fn on_white(picture: &DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.to_rgb8();
    }
    let picture = picture.to_rgba8();
    RgbImage::from_fn(picture.width(), picture.height(), |x, y| {
        let [red, green, blue, alpha] = picture.get_pixel(x, y).0.map(u16::from);
        // At most 255.
        #[allow(clippy::cast_possible_truncation)]
        let over = |part: u16| ((part * alpha + 255 * (255 - alpha)) / 255) as u8;
        image::Rgb([over(red), over(green), over(blue)])
    })
}

/// The dimensions as browsers show it: turned as its metadata say.
fn header(mut decoder: impl ImageDecoder) -> (u32, u32) {
    let (width, height) = decoder.dimensions();
    if decoder.orientation().is_ok_and(is_turned) { (height, width) } else { (width, height) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::{Format, Picture};
    use image::codecs::png::{CompressionType, FilterType, PngEncoder};
    use image::{ExtendedColorType, ImageEncoder};

    #[test]
    fn a_file_that_is_too_large_to_be_answered_is_shown_smaller() {
        let mut file = Vec::new();
        let encoder =
            PngEncoder::new_with_quality(&mut file, CompressionType::Uncompressed, FilterType::NoFilter);
        // Seen through everywhere: white.
        encoder.write_image(&vec![0; 1300 * 1000 * 4], 1300, 1000, ExtendedColorType::Rgba8).unwrap();
        assert!(file.len() > INLINE_BYTES);
        let picture = Some(Picture { width: 800, format: Format::Png });
        let job = Job { page: 1, mime_type: "image/png".into(), picture };
        let rendered = render(&file, Kind::Png, &job).unwrap();
        assert_eq!((rendered.page.width, rendered.page.height), (1300.0, 1000.0));
        let small = image::load_from_memory(&rendered.picture.unwrap()).unwrap().to_rgb8();
        assert_eq!((small.dimensions(), small.get_pixel(5, 5).0), ((800, 615), [255; 3]));
        let words = render(&file, Kind::Png, &Job { picture: None, ..job }).unwrap();
        assert_eq!(words.picture, None);
    }
}
