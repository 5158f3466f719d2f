//! Characters that a reader does not see, or sees as something else.

/// Whether a character does not survive a form field, or would be read as something that it is not: control characters
/// but line feed and tab, those that override the direction of text, and those that show nothing (but the joiners and marks
/// that some scripts need).
pub const fn is_unseen(character: char) -> bool {
    matches!(
        character,
        '\0'..='\u{8}' | '\u{b}'..='\u{1f}' | '\u{7f}'..='\u{9f}'
            | '\u{200b}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
    )
}

/// Whether a text shows nothing at all: spaces, and what shows nothing, the joiners and marks of some scripts included.
pub fn is_blank(text: &str) -> bool {
    let shows_nothing = |character: char| {
        character.is_whitespace()
            || is_unseen(character)
            || matches!(
                character,
                '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200c}'..='\u{200f}' | '\u{3164}'
            )
    };
    text.chars().all(shows_nothing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_shows_nothing_is_blank() {
        for blank in
            ["", " \t\n", "\u{200b}", "\u{202e}\u{200b}", "\0\u{1b}", "\u{feff}\u{3000}", "\u{200d}\u{ad}"]
        {
            assert!(is_blank(blank), "{blank:?}");
        }
        for text in ["a", "\u{202e}a", "\u{e9}", " . ", "\u{915}\u{94d}\u{200d}"] {
            assert!(!is_blank(text), "{text:?}");
        }
    }
}
