//! Fields of a form whose values the file does not draw. The renderer does not draw them either, so this makes a page that does: the
//! same size, the values as plain text where the fields are, to be drawn over the first.

use super::overlay::{Overlay, Text};
use hayro::hayro_syntax::object::{Array, Dict, Name, Object, Rect};
use hayro::hayro_syntax::page::Page;

/// How many parents of a field are looked at.
const DEPTH: usize = 16;
/// How many annotations of a page are looked at.
const ANNOTATIONS: usize = 10_000;
/// How many characters of a value are drawn.
const CHARACTERS: usize = 4_000;

/// Flags of a field (ISO 32000-1, tables 226 and 228).
const MULTILINE: u32 = 1 << 12;
const PASSWORD: u32 = 1 << 13;

/// The values that are not drawn: as a page to be drawn, if there are any, and whether some are left out of it.
pub(super) fn undrawn(page: &Page<'_>) -> (Option<Vec<u8>>, bool) {
    let Some(annotations) = page.raw().get::<Array<'_>>("Annots") else { return (None, false) };
    let mut overlay = Overlay::new(page.intersected_crop_box());
    let asks_for_new_looks = asks_for_new_looks(page);
    let mut some_left_out = false;
    let annotations = annotations.iter::<Dict<'_>>().take(ANNOTATIONS);
    for (annotation, value) in annotations.filter_map(|it| value(&it).map(|value| (it, value))) {
        if annotation.contains_key("AP") {
            // Others may draw the value in its place, and it may be another.
            some_left_out |= asks_for_new_looks;
            continue;
        }
        let text = match &value {
            Object::String(text) => text_of(text.as_bytes()),
            _ => None,
        };
        let place = annotation.get::<Rect>("Rect");
        let flags = inherited(&annotation, |field| field.get::<u32>("Ff")).unwrap_or(0);
        match (text, place) {
            (Some(text), Some(place)) if flags & PASSWORD == 0 => overlay.push(&Text {
                letters: text,
                place,
                size: inherited(&annotation, font_size),
                has_lines: flags & MULTILINE != 0,
            }),
            _ => some_left_out = true,
        }
    }
    (overlay.finish(), some_left_out)
}

/// Whether the file asks viewers to draw its fields anew, by their values.
fn asks_for_new_looks(page: &Page<'_>) -> bool {
    let catalog = page.xref().get::<Dict<'_>>(page.xref().root_id());
    let form = catalog.and_then(|catalog| catalog.get::<Dict<'_>>("AcroForm"));
    form.and_then(|form| form.get::<bool>("NeedAppearances")).unwrap_or(false)
}

/// The value of a field that is seen.
fn value<'a>(annotation: &Dict<'a>) -> Option<Object<'a>> {
    let name = |dict: &Dict<'a>, key: &str| dict.get::<Name<'_>>(key).map(|name| name.as_str().to_owned());
    if name(annotation, "Subtype").as_deref() != Some("Widget") {
        return None;
    }
    let is_hidden = annotation.get::<u32>("F").unwrap_or(0) & 0b10_0010 != 0;
    let kind = inherited(annotation, |field| name(field, "FT"));
    let has_text = matches!(kind.as_deref(), Some("Tx" | "Ch"));
    let value = inherited(annotation, |field| field.get::<Object<'a>>("V"))?;
    (!is_hidden && has_text && is_filled(&value)).then_some(value)
}

fn is_filled(value: &Object<'_>) -> bool {
    match value {
        Object::String(text) => text.as_bytes().iter().any(|byte| !matches!(byte, 0 | b' ' | 0xfe | 0xff)),
        Object::Array(texts) => texts.raw_iter().next().is_some(),
        Object::Stream(_) => true,
        _ => false,
    }
}

/// A text string, if a standard font has all of its letters.
fn text_of(bytes: &[u8]) -> Option<String> {
    let text: String = match bytes {
        [0xfe, 0xff, rest @ ..] => {
            let units = rest.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
            char::decode_utf16(units).map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
        }
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => bytes.iter().map(|byte| char::from(*byte)).collect(),
    };
    let is_plain = |letter: char| {
        matches!(letter, ' '..='~' | '\u{a1}'..='\u{ff}' | '\n' | '\r' | '\t') || letter == '\u{20ac}'
    };
    (text.chars().count() <= CHARACTERS && text.chars().all(is_plain)).then_some(text)
}

/// The size in a default appearance, such as `/Helv 12 Tf 0 g`; none if it is to be chosen.
fn font_size(field: &Dict<'_>) -> Option<f64> {
    let appearance = field.get::<hayro::hayro_syntax::object::String<'_>>("DA")?;
    let text = String::from_utf8_lossy(appearance.as_bytes()).into_owned();
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
    let at = words.iter().position(|word| *word == "Tf")?;
    let size: f64 = words.get(at.checked_sub(1)?)?.parse().ok()?;
    (1.0..=200.0).contains(&size).then_some(size)
}

/// What a field has, or else one of its parents.
fn inherited<'a, T>(field: &Dict<'a>, read: impl Fn(&Dict<'a>) -> Option<T>) -> Option<T> {
    let mut field = field.clone();
    for _ in 0..DEPTH {
        if let Some(found) = read(&field) {
            return Some(found);
        }
        field = field.get::<Dict<'a>>("Parent")?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use hayro::hayro_syntax::Pdf;

    #[test]
    fn a_value_that_others_may_draw_otherwise_is_warned_of() {
        for (asks, looks, expected) in
            [("true", "/AP <</N 5 0 R>>", true), ("false", "/AP <</N 5 0 R>>", false), ("true", "", false)]
        {
            let file = format!(
                "%PDF-1.7\n1 0 obj\n<</Type /Catalog /Pages 2 0 R /AcroForm <</Fields [4 0 R] /NeedAppearances {asks}>>>>\nendobj\n\
                 2 0 obj\n<</Type /Pages /Kids [3 0 R] /Count 1>>\nendobj\n\
                 3 0 obj\n<</Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Annots [4 0 R]>>\nendobj\n\
                 4 0 obj\n<</Type /Annot /Subtype /Widget /FT /Tx /T (a) /V (900.00) /Rect [30 90 230 120] {looks}>>\nendobj\n\
                 5 0 obj\n<</Type /XObject /Subtype /Form /BBox [0 0 9 9] /Length 0>>\nstream\n\nendstream\nendobj\n\
                 trailer <</Root 1 0 R /Size 6>>\n%%EOF\n"
            );
            let pdf = Pdf::new(file.into_bytes()).unwrap();
            let (drawn, is_warned) = undrawn(&pdf.pages()[0]);
            assert_eq!((drawn.is_some(), is_warned), (looks.is_empty(), expected), "{asks} {looks}");
        }
    }
}
