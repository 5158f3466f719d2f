//! The label of one key of a document.

use shared::review::visible;

/// A name as JSON has it, as a label: `unit_price` is "Unit price".
pub(crate) fn label(name: &str) -> String {
    let spaced = visible(name).replace(['_', '-'], " ").replace('\n', "\\u000a").replace('\t', "\\u0009");
    let mut characters = spaced.trim().chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => "(no name)".into(),
    }
}

/// A key in words, cut if it is long.
pub(crate) fn key_label(key: &str) -> String {
    short(&label(&head(key)), KEY)
}

/// As much of a key as can matter: a label is cut.
pub(crate) fn head(key: &str) -> String {
    key.chars().take(KEY + 1).collect()
}

/// How many characters of a key are shown.
pub(crate) const KEY: usize = 80;

/// A text of at most so many characters, cut where it is longer.
pub(crate) fn short(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_hides_nothing() {
        assert_eq!(
            [label("unit_price"), label("a\u{202e}b\n"), label("")],
            ["Unit price", "A\\u202eb\\u000a", "(no name)"]
        );
    }
}
