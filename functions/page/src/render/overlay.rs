//! A page with texts at places, as a PDF of its own.

use hayro::hayro_syntax::object::Rect;
use std::fmt::Write;

/// Longest content of such a page, in bytes.
const BYTES: usize = 2_000_000;
/// How wide a letter of Helvetica is on average, in heights of the font.
const LETTER: f64 = 0.5;

/// A text and where it goes.
pub(super) struct Text {
    pub(super) letters: String,
    pub(super) place: Rect,
    /// The size of its letters; by the place, if there is none.
    pub(super) size: Option<f64>,
    /// Whether it may have several lines.
    pub(super) has_lines: bool,
}

/// A page in the making.
pub(super) struct Overlay {
    bounds: Rect,
    content: String,
}

impl Overlay {
    /// An empty page.
    pub(super) const fn new(bounds: Rect) -> Self {
        Self { bounds, content: String::new() }
    }

    /// Writes a text, cut at the edges of its place.
    pub(super) fn push(&mut self, text: &Text) {
        let Rect { x0, y0, x1, y1 } = text.place;
        let (width, height) = (x1 - x0, y1 - y0);
        let is_sound = [x0, y0, x1, y1].iter().all(|part| part.abs() < 1e6) && width > 0.0 && height > 0.0;
        if !is_sound || self.content.len() > BYTES {
            return;
        }
        let size = text.size.unwrap_or_else(|| (height * 0.65).clamp(4.0, 12.0));
        // Small, positive and whole.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let letters = ((width - 4.0) / (size * LETTER)).max(1.0) as usize;
        let (lines, top) = if text.has_lines {
            (wrapped(&text.letters, letters), y1 - 2.0 - size * 0.8)
        } else {
            (vec![text.letters.replace(['\r', '\n'], " ")], y0 + (height - size) / 2.0 + size * 0.22)
        };
        let left = x0 + 2.0;
        // Writing into a text does not fail.
        let _ = write!(
            self.content,
            "q {x0} {y0} {width} {height} re W n BT /F {size} Tf {} TL {left} {top} Td ",
            size * 1.15
        );
        for line in lines {
            self.content.push('<');
            for letter in line.chars() {
                let _ = write!(self.content, "{:02x}", byte(letter));
            }
            self.content.push_str("> Tj T* ");
        }
        self.content.push_str("ET Q\n");
    }

    /// The page, if anything is on it.
    pub(super) fn finish(self) -> Option<Vec<u8>> {
        let Self { bounds: Rect { x0, y0, x1, y1 }, content } = self;
        let file = format!(
            "%PDF-1.7\n1 0 obj\n<</Type /Catalog /Pages 2 0 R>>\nendobj\n\
             2 0 obj\n<</Type /Pages /Kids [3 0 R] /Count 1>>\nendobj\n\
             3 0 obj\n<</Type /Page /Parent 2 0 R /MediaBox [{x0} {y0} {x1} {y1}] /Contents 4 0 R /Resources <</Font <</F <</Type \
             /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding>>>>>>>>\nendobj\n\
             4 0 obj\n<</Length {}>>\nstream\n{content}\nendstream\nendobj\ntrailer <</Root 1 0 R /Size 5>>\n%%EOF\n",
            content.len()
        );
        (!content.is_empty()).then(|| file.into_bytes())
    }
}

/// A letter in `WinAnsiEncoding`: those that are let through are in Latin-1, too, but for one.
fn byte(letter: char) -> u8 {
    match letter {
        '\u{20ac}' => 0x80,
        '\t' => b' ',
        _ => u8::try_from(u32::from(letter)).unwrap_or(b'?'),
    }
}

/// Lines of at most so many letters, parted at spaces where there are any.
fn wrapped(text: &str, letters: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.replace("\r\n", "\n").split(['\r', '\n']) {
        let mut line = String::new();
        for word in paragraph.split(' ') {
            if !line.is_empty() && line.chars().count() + word.chars().count() >= letters {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_parted_at_spaces_and_where_they_end() {
        assert_eq!(wrapped("a bc def\r\n\rg", 5), ["a bc", "def", "", "g"]);
    }
}
