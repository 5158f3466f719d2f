//! Scans: the pages of a TIFF, whatever their compression, as small as they are shown.

use super::encode::encode;
use super::{is_turned, pixels};
use crate::job::{Job, Page, Rendered, Unavailable};
use crate::limits::{PAGES, SOURCE_PIXELS};
use image::metadata::Orientation;
use image::{DynamicImage, GenericImageView, Rgb, RgbImage, imageops};
use std::io::Cursor;
use tiff::decoder::{Decoder, DecodingResult, Limits};
use tiff::tags::Tag;
use tiff::{ColorType, TiffError};

/// What a decoder may allocate at once, in bytes.
const BUFFER_BYTES: usize = 480 << 20;

/// Renders a page.
pub(super) fn render(file: &[u8], job: &Job) -> Result<Rendered, Unavailable> {
    let mut limits = Limits::default();
    limits.decoding_buffer_size = BUFFER_BYTES;
    let mut decoder =
        Decoder::new(Cursor::new(file)).map_err(|error| unavailable(&error))?.with_limits(limits);
    let pages = seek(&mut decoder, job.page)?;
    let (width, height) = decoder.dimensions().map_err(|error| unavailable(&error))?;
    if u64::from(width) * u64::from(height) > SOURCE_PIXELS {
        return Err(Unavailable::TooComplex);
    }
    let orientation = decoder.find_tag_unsigned::<u8>(Tag::Orientation).ok().flatten();
    let orientation = orientation.and_then(Orientation::from_exif).unwrap_or(Orientation::NoTransforms);
    let is_turned = is_turned(orientation);
    let shown = if is_turned { (height, width) } else { (width, height) };
    let picture = match job.picture {
        None => None,
        Some(picture) => {
            let source = Source::read(&mut decoder, width, height)?;
            // Never larger than it is.
            let wanted = picture.width.min(shown.0);
            let (w, h) = pixels(f64::from(shown.0), f64::from(shown.1), wanted)?;
            let (w, h) = if is_turned { (h, w) } else { (w, h) };
            let mut small = DynamicImage::from(source.shrunk(u32::from(w), u32::from(h)));
            small.apply_orientation(orientation);
            Some(encode(&small.into_rgb8(), picture.format)?)
        }
    };
    // Below the limit of pixels, and so exact enough.
    #[allow(clippy::cast_precision_loss)]
    let (width, height) = (shown.0 as f32, shown.1 as f32);
    let page = Page { page: job.page, pages, width, height, ..Page::default() };
    Ok(Rendered { page, picture })
}

/// Goes to a page, and tells how many there are.
fn seek(decoder: &mut Decoder<Cursor<&[u8]>>, page: u32) -> Result<u32, Unavailable> {
    let mut pages = 1;
    // The decoder notices circles.
    while decoder.more_images() && pages < PAGES && decoder.next_image().is_ok() {
        pages += 1;
    }
    if page == 0 || page > pages {
        return Err(Unavailable::NoSuchPage);
    }
    if page < pages || page == 1 {
        decoder.seek_to_image(page as usize - 1).map_err(|error| unavailable(&error))?;
    }
    Ok(pages)
}

fn unavailable(error: &TiffError) -> Unavailable {
    match error {
        TiffError::UnsupportedError(_) => Unavailable::UnsupportedType,
        TiffError::LimitsExceeded => Unavailable::TooComplex,
        _ => Unavailable::Unreadable,
    }
}

/// Decoded samples, as the file has them.
struct Source {
    bytes: Vec<u8>,
    width: u32,
    height: u32,
    /// Bytes of a row.
    stride: usize,
    /// Samples of a pixel.
    samples: usize,
    colours: Colours,
}

/// What the samples of a pixel mean.
#[derive(Clone, Copy)]
enum Colours {
    /// Fewer than 8 bits a pixel: how many.
    Packed(u8),
    Grey,
    Rgb,
    Cmyk,
    YCbCr,
}

impl Source {
    fn read(decoder: &mut Decoder<Cursor<&[u8]>>, width: u32, height: u32) -> Result<Self, Unavailable> {
        let colour = decoder.colortype().map_err(|error| unavailable(&error))?;
        let (colours, samples) = match colour {
            ColorType::Gray(depth @ (1 | 2 | 4)) => (Colours::Packed(depth), 1),
            ColorType::Gray(8 | 16) => (Colours::Grey, 1),
            ColorType::GrayA(8 | 16) | ColorType::Multiband { bit_depth: 8 | 16, num_samples: 2 } => {
                (Colours::Grey, 2)
            }
            ColorType::RGB(8 | 16) => (Colours::Rgb, 3),
            ColorType::RGBA(8 | 16) => (Colours::Rgb, 4),
            ColorType::CMYK(8 | 16) => (Colours::Cmyk, 4),
            ColorType::YCbCr(8) => (Colours::YCbCr, 3),
            _ => return Err(Unavailable::UnsupportedType),
        };
        let layout = decoder.image_buffer_layout().map_err(|error| unavailable(&error))?;
        if layout.planes != 1 {
            return Err(Unavailable::UnsupportedType);
        }
        let bytes = match decoder.read_image().map_err(|error| unavailable(&error))? {
            DecodingResult::U8(bytes) => bytes,
            // The upper byte: a screen shows no more.
            DecodingResult::U16(values) => values.into_iter().map(|value| value.to_be_bytes()[0]).collect(),
            _ => return Err(Unavailable::UnsupportedType),
        };
        let row = width as usize;
        let stride = match colours {
            Colours::Packed(depth) => (row * usize::from(depth)).div_ceil(8),
            _ => row * samples,
        };
        if stride.checked_mul(height as usize).is_none_or(|needed| needed > bytes.len()) {
            return Err(Unavailable::Unreadable);
        }
        Ok(Self { bytes, width, height, stride, samples, colours })
    }

    fn shrunk(&self, width: u32, height: u32) -> RgbImage {
        if (width, height) == (self.width, self.height) {
            RgbImage::from_fn(width, height, |x, y| self.get_pixel(x, y))
        } else {
            imageops::thumbnail(self, width, height)
        }
    }
}

impl GenericImageView for Source {
    type Pixel = Rgb<u8>;

    fn dimensions(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    fn get_pixel(&self, x: u32, y: u32) -> Rgb<u8> {
        let (x, row) = (x as usize, &self.bytes[y as usize * self.stride..]);
        let sample = |index: usize| row[x * self.samples + index];
        Rgb(match self.colours {
            Colours::Packed(depth) => {
                let bit = x * usize::from(depth);
                let (most, shift) = ((1u8 << depth) - 1, 8 - usize::from(depth) - bit % 8);
                [(row[bit / 8] >> shift & most) * (255 / most); 3]
            }
            Colours::Grey => [sample(0); 3],
            Colours::Rgb => [sample(0), sample(1), sample(2)],
            Colours::Cmyk => [0, 1, 2].map(|ink| {
                let light = |ink: u8| u16::from(255 - ink);
                u8::try_from(light(sample(ink)) * light(sample(3)) / 255).unwrap_or(u8::MAX)
            }),
            Colours::YCbCr => rgb([sample(0), sample(1), sample(2)]),
        })
    }
}

/// Luma and chroma as red, green and blue (ITU-R BT.601, full range, as in JPEG).
fn rgb([luma, blue, red]: [u8; 3]) -> [u8; 3] {
    let (luma, blue, red) = (f32::from(luma), f32::from(blue) - 128.0, f32::from(red) - 128.0);
    // Rounded and clamped to a byte.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let byte = |value: f32| value.round().clamp(0.0, 255.0) as u8;
    [
        byte(1.402f32.mul_add(red, luma)),
        byte((-0.714_136f32).mul_add(red, (-0.344_136f32).mul_add(blue, luma))),
        byte(1.772f32.mul_add(blue, luma)),
    ]
}
