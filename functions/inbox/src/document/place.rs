//! Places in a document, as the names of a form's fields hold them.

use shared::review::is_invisible;
use std::borrow::Cow;
use std::fmt::Write as _;

/// Adds a key to a place: RFC 6901, but that what a form's field would not keep in its name (browsers rewrite the line ends in
/// it) is `~u`, its number and a full stop.
pub(crate) fn push_key(place: &mut String, key: &str) {
    place.push('/');
    for character in key.chars() {
        match character {
            '~' => place.push_str("~0"),
            '/' => place.push_str("~1"),
            lost if lost == '\n' || is_invisible(lost) => {
                let _ = write!(place, "~u{:x}.", u32::from(lost));
            }
            kept => place.push(kept),
        }
    }
}

/// Adds a key to a JSON Pointer (RFC 6901).
pub(crate) fn push_pointer(pointer: &mut String, key: &str) {
    pointer.push('/');
    for character in key.chars() {
        match character {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            kept => pointer.push(kept),
        }
    }
}

/// The place that a JSON Pointer leads to, as the names of a form's fields hold it.
pub(crate) fn place_of(pointer: &str) -> String {
    let mut place = String::with_capacity(pointer.len());
    for character in pointer.chars() {
        if character == '\n' || is_invisible(character) {
            let _ = write!(place, "~u{:x}.", u32::from(character));
        } else {
            place.push(character);
        }
    }
    place
}

/// The JSON Pointer of a place.
pub(crate) fn pointer_of(place: &str) -> Cow<'_, str> {
    if !place.contains("~u") {
        return Cow::Borrowed(place);
    }
    let mut pointer = String::with_capacity(place.len());
    place.split('/').skip(1).for_each(|segment| push_pointer(&mut pointer, &key_of(segment)));
    Cow::Owned(pointer)
}

/// A key out of a place, as [`push_key`] put it there.
pub(crate) fn key_of(segment: &str) -> String {
    let mut parts = segment.split('~');
    let mut key = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let unseen = part.strip_prefix('u').and_then(|part| part.split_once('.'));
        let unseen = unseen.and_then(|(number, rest)| {
            Some((u32::from_str_radix(number, 16).ok().and_then(char::from_u32)?, rest))
        });
        if let Some((character, rest)) = unseen {
            key.push(character);
            key.push_str(rest);
        } else if let Some(rest) = part.strip_prefix('1') {
            key.push('/');
            key.push_str(rest);
        } else {
            key.push('~');
            key.push_str(part.strip_prefix('0').unwrap_or(part));
        }
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_browser_changes_the_name_of_a_place() {
        for (key, segment) in [
            ("two\nlines\r\u{0}~ua.\t", "two~ua.lines~ud.~u0.~0ua.\t"),
            ("", ""),
            ("x~/y", "x~0~1y"),
            ("~u1", "~0u1"),
        ] {
            let mut place = String::new();
            push_key(&mut place, key);
            assert_eq!((place.as_str(), key_of(segment).as_str()), (format!("/{segment}").as_str(), key));
            let mut pointer = String::new();
            push_pointer(&mut pointer, key);
            assert_eq!(pointer_of(&place), pointer);
            assert_eq!(place_of(&pointer), place);
        }
    }
}
