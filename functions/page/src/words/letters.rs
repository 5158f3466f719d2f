//! The letters of a word, as a reader would type them.

/// Whether a character parts words.
pub(super) fn is_space(letter: char) -> bool {
    letter.is_whitespace() || letter.is_control() || letter == '\u{200b}'
}

/// The text of a word whose glyphs stand in this order on the line.
pub(super) fn text(letters: &[String]) -> String {
    let all = || letters.iter().flat_map(|letters| letters.chars());
    // Words that are written from right to left are drawn from left to right: their glyphs come in reverse.
    let leftwards = all().any(is_written_leftwards) && !all().any(|letter| letter.is_ascii_alphanumeric());
    let mut text = String::new();
    let mut push = |letters: &String| {
        for letter in letters.chars().filter(|letter| !is_space(*letter)) {
            match ligature(letter) {
                Some(letters) => text.push_str(letters),
                None => text.push(letter),
            }
        }
    };
    if leftwards {
        letters.iter().rev().for_each(&mut push);
    } else {
        letters.iter().for_each(&mut push);
    }
    text
}

/// Hebrew and Arabic, and their presentation forms.
fn is_written_leftwards(letter: char) -> bool {
    matches!(letter, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}')
}

/// What a ligature is written for, and the hyphen that is shown at the end of a line only.
fn ligature(letter: char) -> Option<&'static str> {
    Some(match letter {
        '\u{fb00}' => "ff",
        '\u{fb01}' => "fi",
        '\u{fb02}' => "fl",
        '\u{fb03}' => "ffi",
        '\u{fb04}' => "ffl",
        '\u{fb05}' | '\u{fb06}' => "st",
        '\u{ad}' => "-",
        _ => return None,
    })
}
