//! Characters that are invisible, or look like others, by Unicode's tables.
//!
//! Characters that some scripts and emoji need count as visible where they have an effect: a joiner between two parts of an emoji,
//! or after a letter that joins; a variation selector after an emoji; the tags of the three flags that have them; a direction mark
//! next to a letter that is written from right to left. Elsewhere they have no visible effect, and could hide a message. Variation
//! selectors of Han characters and of Mongolian letters always count as invisible: there are 240, so a name of ten characters could
//! hide ten more.

use icu_properties::props::{
    BidiClass, BinaryProperty, CanonicalCombiningClass, DefaultIgnorableCodePoint, EmojiModifier,
    EnumeratedProperty, ExtendedPictographic, GeneralCategory, JoiningType, PrependedConcatenationMark,
};

/// Most combining marks on one character; more would cover the text around it.
const MARKS: usize = 8;

/// The flags with tags: England, Scotland, Wales (UTS #51, the recommended set).
const FLAGS: [&str; 3] = [
    "\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
    "\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}",
    "\u{e0067}\u{e0062}\u{e0077}\u{e006c}\u{e0073}\u{e007f}",
];

/// Whether a character by itself is invisible, does not survive a form field, or misleads: control characters other than line feed
/// and tab, format characters, default-ignorable, private-use and unassigned ones, line and paragraph separators. In a text, use
/// [`characters`], which knows the context.
pub fn is_invisible(character: char) -> bool {
    if character.is_ascii() {
        return character.is_ascii_control() && character != '\n' && character != '\t';
    }
    // These four are blank although their categories are those of letters and symbols.
    let is_drawn_as_nothing = matches!(character, '\u{2800}' | '\u{16fe4}' | '\u{1d159}' | '\u{fffc}');
    is_drawn_as_nothing
        || DefaultIgnorableCodePoint::for_char(character)
        || match GeneralCategory::for_char(character) {
            GeneralCategory::Control
            | GeneralCategory::LineSeparator
            | GeneralCategory::ParagraphSeparator
            | GeneralCategory::PrivateUse
            | GeneralCategory::Unassigned => true,
            // Some Arabic signs span the digits after them, and are visible.
            GeneralCategory::Format => !PrependedConcatenationMark::for_char(character),
            _ => false,
        }
}

/// The characters of a text, each with whether it is visible there.
pub fn characters(text: &str) -> impl Iterator<Item = (char, bool)> {
    let (mut rest, mut before, mut flag) = (text, Before::default(), 0);
    std::iter::from_fn(move || {
        let character = rest.chars().next()?;
        rest = &rest[character.len_utf8()..];
        if flag == 0 && before.last == Some('\u{1f3f4}') {
            let whole = flag_after(character, rest);
            flag = whole.unwrap_or_default();
        }
        let seen = if flag > 0 {
            flag -= 1;
            true
        } else if is_invisible(character) {
            before.makes_seen(character, rest.chars().next())
        } else {
            !before.is_buried(character)
        };
        before.step(character, seen);
        Some((character, seen))
    })
}

/// How many characters of a flag's tags begin with `first`.
fn flag_after(first: char, rest: &str) -> Option<usize> {
    FLAGS.iter().find_map(|flag| {
        let tail = flag.strip_prefix(first)?;
        rest.starts_with(tail).then(|| flag.chars().count())
    })
}

/// Whether a text contains invisible characters.
pub fn has_invisible(text: &str) -> bool {
    text.bytes().any(|byte| !(0x20..0x7f).contains(&byte)) && characters(text).any(|(_, seen)| !seen)
}

/// A text with its invisible characters replaced by their numbers, as JSON writes them: `\u202e`; above four digits `\u{e0041}`.
pub fn visible(text: &str) -> std::borrow::Cow<'_, str> {
    use std::fmt::Write as _;
    if !has_invisible(text) {
        return text.into();
    }
    let mut shown = String::with_capacity(text.len());
    for (character, seen) in characters(text) {
        let number = u32::from(character);
        let _ = match (seen, number) {
            (true, _) => shown.write_char(character),
            (false, 0..=0xffff) => write!(shown, "\\u{number:04x}"),
            (false, _) => write!(shown, "\\u{{{number:x}}}"),
        };
    }
    shown.into()
}

/// Whether a text is blank: spaces and invisible characters only.
pub fn is_blank(text: &str) -> bool {
    text.chars().all(|character| character.is_whitespace() || is_invisible(character))
}

/// The context of the next character of a text.
#[derive(Default)]
struct Before {
    last: Option<char>,
    /// The last emoji, with its selector and its skin tone.
    is_emoji: bool,
    /// Whether the last letter reaches over to the next one.
    joins: bool,
    marks: usize,
}

impl Before {
    /// Whether a character that is invisible by itself has an effect here.
    fn makes_seen(&self, character: char, next: Option<char>) -> bool {
        let Some(last) = self.last else { return false };
        match character {
            '\u{fe0e}' | '\u{fe0f}' if matches!(last, '0'..='9' | '#' | '*') => next == Some('\u{20e3}'),
            '\u{fe0e}' | '\u{fe0f}' => ExtendedPictographic::for_char(last),
            '\u{200c}' | '\u{200d}' if is_invisible(last) && last != '\u{fe0f}' => false,
            '\u{200d}' if self.is_emoji && next.is_some_and(ExtendedPictographic::for_char) => true,
            // RFC 5892, A.1 and A.2: after a virama, or between letters that join.
            '\u{200c}' | '\u{200d}' => {
                CanonicalCombiningClass::for_char(last) == CanonicalCombiningClass::Virama
                    || (self.joins && next.is_some_and(joins_to_what_is_before))
            }
            '\u{200e}' | '\u{200f}' | '\u{61c}' => {
                is_right_to_left(last) || next.is_some_and(is_right_to_left)
            }
            _ => false,
        }
    }

    fn is_buried(&self, character: char) -> bool {
        self.marks >= MARKS && is_mark(character)
    }

    fn step(&mut self, character: char, seen: bool) {
        // Two direction marks in a row are one too many.
        let is_direction = matches!(character, '\u{200e}' | '\u{200f}' | '\u{61c}');
        let stays = seen && matches!(character, '\u{fe0f}') || EmojiModifier::for_char(character);
        self.is_emoji = ExtendedPictographic::for_char(character) || (self.is_emoji && stays);
        self.joins = match JoiningType::for_char(character) {
            JoiningType::LeftJoining | JoiningType::DualJoining => true,
            JoiningType::Transparent if !is_invisible(character) => self.joins,
            _ => false,
        };
        self.marks = if is_mark(character) { self.marks + 1 } else { 0 };
        self.last = if is_direction { None } else { Some(character) };
    }
}

fn joins_to_what_is_before(next: char) -> bool {
    matches!(JoiningType::for_char(next), JoiningType::RightJoining | JoiningType::DualJoining)
}

fn is_right_to_left(character: char) -> bool {
    !is_invisible(character)
        && matches!(BidiClass::for_char(character), BidiClass::RightToLeft | BidiClass::ArabicLetter)
}

fn is_mark(character: char) -> bool {
    matches!(
        GeneralCategory::for_char(character),
        GeneralCategory::NonspacingMark | GeneralCategory::EnclosingMark
    )
}

/// A text of at most so many characters, cut where it is longer.
pub fn short(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
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

    #[test]
    fn invisible_characters_are_found_wherever_they_stand() {
        let ranges = [
            0..=8,
            0xb..=0x1f,
            0x7f..=0x9f,
            0xad..=0xad,
            0x34f..=0x34f,
            0x61c..=0x61c,
            0x115f..=0x1160,
            0x17b4..=0x17b5,
            0x180b..=0x180f,
            0x200b..=0x200f,
            0x2028..=0x202e,
            0x2060..=0x206f,
            0x2800..=0x2800,
            0x3164..=0x3164,
            0xe000..=0xe000,
            0xfdd0..=0xfdd0,
            0xfe00..=0xfe0f,
            0xfeff..=0xfeff,
            0xffa0..=0xffa0,
            0xfff0..=0xfffc,
            0x16fe4..=0x16fe4,
            0x1_bca0..=0x1_bca3,
            0x1_d159..=0x1_d159,
            0x1_d173..=0x1_d17a,
            0xe_0000..=0xe_01ef,
            0xf_0000..=0xf_0000,
        ];
        for number in ranges.into_iter().flatten() {
            let character = char::from_u32(number).unwrap();
            assert!(is_invisible(character), "{number:x}");
            for text in [format!("DE89{character} 3704"), format!("{character}a"), format!("a{character}")] {
                assert!(has_invisible(&text), "{number:x} in {text:?}");
                assert!(!visible(&text).contains(character), "{number:x}");
            }
        }
    }

    #[test]
    fn scripts_and_emoji_stay_as_they_are() {
        for text in [
            "plain, with\ttab and\nlines",
            "Müller",
            "e\u{301}",
            "مرحبا بالعالم",
            "می\u{200c}خواهم",
            "क्\u{200d}ष",
            "ශ්\u{200d}රී",
            "👨\u{200d}👩\u{200d}👧",
            "👩🏽\u{200d}🚀",
            "🏳\u{fe0f}\u{200d}🌈",
            "❤\u{fe0f}",
            "3\u{fe0f}\u{20e3}",
            "🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}",
            "🇩🇪",
            "שלום\u{200f}!",
            "日本語",
            "\u{600}12",
            "a\u{a0}b",
        ] {
            assert!(!has_invisible(text), "{text:?}: {}", visible(text));
            assert_eq!(visible(text), text);
        }
    }

    #[test]
    fn what_scripts_and_emoji_need_is_seen_elsewhere() {
        for text in [
            "DE89\u{200d}3704",
            "a\u{200c}b",
            "3\u{fe0f}7",
            "a\u{fe0f}",
            "👩\u{200d}",
            "👩\u{200d}\u{200d}👩",
            "❤\u{fe0f}\u{fe0f}",
            "🏴\u{e0067}\u{e0062}\u{e007f}",
            "x\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}",
            "DE\u{200e}89",
            "א\u{200f}\u{200f}\u{200e}b",
            "葛\u{e0100}",
            "\u{200d}क",
        ] {
            assert!(has_invisible(text), "{text:?}");
        }
        let buried = format!("a{}", "\u{301}".repeat(9));
        assert_eq!(visible(&buried), format!("a{}\\u0301", "\u{301}".repeat(8)));
        assert_eq!(visible("a\u{e0041}\u{202e}"), "a\\u{e0041}\\u202e");
    }
}
