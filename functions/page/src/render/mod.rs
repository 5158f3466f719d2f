//! Renders one page, in the process that calls it. What it may cost is bounded by the process: see `child`.

mod encode;
mod fields;
mod glyphs;
mod overlay;
mod pdf;
mod picture;
mod tiff;

use crate::job::{Job, Rendered, Unavailable};
use crate::kind::Kind;
use crate::limits::{DOCUMENT_BYTES, PIXELS, SIDE};
use image::metadata::Orientation;

/// Renders one page.
///
/// # Errors
/// Why it cannot be.
pub fn render(document: Vec<u8>, job: &Job) -> Result<Rendered, Unavailable> {
    if document.len() > DOCUMENT_BYTES {
        return Err(Unavailable::TooLarge);
    }
    match Kind::of(&document, &job.mime_type).ok_or(Unavailable::UnsupportedType)? {
        Kind::Pdf => pdf::render(document, job),
        Kind::Tiff => tiff::render(&document, job),
        kind @ (Kind::Png | Kind::Jpeg | Kind::Webp) => picture::render(&document, kind, job),
        Kind::Text => only_page(job).map(|()| Rendered::text()),
    }
}

/// Fails unless the first page is asked for.
fn only_page(job: &Job) -> Result<(), Unavailable> {
    if job.page == 1 { Ok(()) } else { Err(Unavailable::NoSuchPage) }
}

/// Whether a picture that is turned so is as wide as its pixels are high.
const fn is_turned(orientation: Orientation) -> bool {
    matches!(
        orientation,
        Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH
    )
}

/// The size in pixels of a page's picture: as wide as asked for, unless that would be too many pixels; at least one each way.
fn pixels(width: f64, height: f64, wanted: u32) -> Result<(u16, u16), Unavailable> {
    if !(width.is_finite() && height.is_finite() && width > 0.0 && height > 0.0) {
        return Err(Unavailable::Unreadable);
    }
    let wanted = f64::from(wanted).clamp(1.0, SIDE);
    let scale = (wanted / width).min((PIXELS / (width * height)).sqrt()).min(SIDE / height);
    // Both are at most the side's limit, which 16 bits hold.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let whole = |part: f64| (part * scale).round().clamp(1.0, SIDE) as u16;
    Ok((whole(width), whole(height)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_has_bounded_pixels_whatever_the_page_claims() {
        assert_eq!(pixels(595.0, 842.0, 1200), Ok((1200, 1698)));
        assert_eq!(pixels(595.0, 842.0, 2400), Ok((2400, 3396)));
        for (width, height) in
            [(1.0, 1e9), (1e9, 1.0), (1e30, 1e30), (1e-30, 1e-30), (14_400.0, 14_400.0), (1e-9, 1e9)]
        {
            let (w, h) = pixels(width, height, 2400).unwrap();
            assert!(
                w >= 1 && h >= 1 && u64::from(w) * u64::from(h) <= 9_020_000,
                "{width} {height}: {w} {h}"
            );
        }
        for (width, height) in [(0.0, 1.0), (1.0, -1.0), (f64::NAN, 1.0), (f64::INFINITY, 1.0)] {
            assert_eq!(pixels(width, height, 800), Err(Unavailable::Unreadable));
        }
    }
}
