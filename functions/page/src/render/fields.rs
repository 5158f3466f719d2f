//! Fields of a form whose values the file does not draw: neither does the renderer.

use hayro::hayro_syntax::object::{Array, Dict, Name, Object};
use hayro::hayro_syntax::page::Page;

/// How many parents of a field are looked at.
const DEPTH: usize = 16;
/// How many annotations of a page are looked at.
const ANNOTATIONS: usize = 10_000;

/// Whether a field on this page has a value and no appearance.
pub(super) fn has_values_not_drawn(page: &Page<'_>) -> bool {
    let annotations = page.raw().get::<Array<'_>>("Annots");
    annotations.is_some_and(|annotations| {
        annotations.iter::<Dict<'_>>().take(ANNOTATIONS).any(|annotation| is_not_drawn(&annotation))
    })
}

fn is_not_drawn(annotation: &Dict<'_>) -> bool {
    let name = |dict: &Dict<'_>, key: &str| dict.get::<Name<'_>>(key).map(|name| name.as_str().to_owned());
    if name(annotation, "Subtype").as_deref() != Some("Widget") || annotation.contains_key("AP") {
        return false;
    }
    let hidden = annotation.get::<u32>("F").unwrap_or(0) & 2 != 0;
    let kind = inherited(annotation, |field| name(field, "FT"));
    let is_text = matches!(kind.as_deref(), Some("Tx" | "Ch"));
    !hidden
        && is_text
        && inherited(annotation, |field| field.get::<Object<'_>>("V")).is_some_and(|value| is_filled(&value))
}

fn is_filled(value: &Object<'_>) -> bool {
    match value {
        Object::String(text) => text.as_bytes().iter().any(|byte| !matches!(byte, 0 | b' ' | 0xfe | 0xff)),
        Object::Array(texts) => texts.raw_iter().next().is_some(),
        Object::Stream(_) => true,
        _ => false,
    }
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
