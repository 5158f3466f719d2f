//! Pictures that browsers show themselves: their header is read, and nothing else.

use super::only_page;
use crate::job::{Job, Page, Rendered, Unavailable};
use crate::kind::Kind;
use crate::limits::SOURCE_PIXELS;
use image::ImageDecoder;
use image::codecs::{jpeg::JpegDecoder, png::PngDecoder, webp::WebPDecoder};
use image::metadata::Orientation;
use std::io::Cursor;

/// Checks the header and the dimensions of a picture.
pub(super) fn check(file: &[u8], kind: Kind, job: &Job) -> Result<Rendered, Unavailable> {
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
    Ok(Rendered { page, picture: None })
}

/// The dimensions as browsers show it: turned as its metadata say.
fn header(mut decoder: impl ImageDecoder) -> (u32, u32) {
    let (width, height) = decoder.dimensions();
    let is_turned = matches!(
        decoder.orientation(),
        Ok(Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH)
    );
    if is_turned { (height, width) } else { (width, height) }
}
