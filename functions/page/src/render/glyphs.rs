//! The glyphs of a PDF's page with what they mean: a device that draws nothing.

use crate::limits::GLYPHS;
use crate::words::{Glyph, Words};
use hayro::hayro_interpret::font::{Glyph as Drawn, GlyphRun};
use hayro::hayro_interpret::hayro_cmap::{BfString, WritingMode};
use hayro::hayro_interpret::{
    BlendMode, ClipPath, Device, DrawMode, DrawProps, Image, ImageDrawProps, SoftMask,
};
use hayro::kurbo::{Affine, BezPath, Point, Vec2};

/// Where the baseline of upright letters is in a column of them, in thousandths of the font's height above its lower end.
const COLUMN_BASELINE: f64 = 120.0;

/// Collects glyphs.
#[derive(Default)]
pub(super) struct Collector {
    words: Words,
    glyphs: usize,
}

impl Collector {
    /// The words, and whether some glyphs were not looked at.
    pub(super) fn into_words(self) -> (Words, bool) {
        (self.words, self.glyphs > GLYPHS)
    }
}

impl<'a> Device<'a> for Collector {
    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, _: &DrawMode) {
        // What is filled and outlined comes twice, as does what is printed twice to look bold: `words` takes it once.
        let is_column = run.writing_mode() == WritingMode::Vertical;
        for glyph in run.glyphs() {
            self.glyphs += 1;
            if self.glyphs > GLYPHS {
                return;
            }
            self.words.push(place(glyph, props.transform * glyph.transform(), is_column));
        }
    }

    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'a>, _: &DrawMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}
    fn draw_image(&mut self, _: Image<'a, '_>, _: ImageDrawProps<'a>) {}
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}

/// A glyph on the page. A font is a thousand units high.
fn place(glyph: &Drawn<'_>, to_page: Affine, is_column: bool) -> Glyph {
    let width = match glyph {
        Drawn::Outline(outline) => outline.advance_width(),
        Drawn::Type3(drawing) => drawing.advance_width(),
    };
    let width = f64::from(width.unwrap_or(500.0));
    let from_origin = |x: f64, y: f64| {
        let (a, b) = (to_page * Point::new(x, y), to_page * Point::ZERO);
        let Vec2 { x, y } = a - b;
        [x, y]
    };
    let Point { x, y } = to_page * Point::new(0.0, if is_column { -COLUMN_BASELINE } else { 0.0 });
    let text = match glyph.as_unicode() {
        Some(BfString::Char(letter)) => letter.to_string(),
        Some(BfString::String(letters)) => letters,
        // It stands for something: a word without it would be another word.
        None => char::REPLACEMENT_CHARACTER.to_string(),
    };
    Glyph { text, origin: [x, y], advance: from_origin(width, 0.0), up: from_origin(0.0, 1000.0) }
}
