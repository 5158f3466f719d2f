//! How a download is named, and as what it is served (RFC 6266, RFC 8187).

use crate::review::is_invisible;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Longest name of a download, in bytes as UTF-8: what file systems take.
const NAME_LIMIT: usize = 200;

/// What is encoded in an extended value: all but `attr-char` (RFC 8187, 3.2.1).
const EXTENDED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// `Content-Disposition` that makes a browser save the answer under this name, never show it. The name is the last part of a path,
/// without what controls a terminal, a header or the direction of text; a client that reads no `filename*` gets an ASCII form.
pub fn attachment(filename: &str) -> String {
    let name = safe_name(filename);
    let plain = |character: char| {
        let is_plain = character.is_ascii_graphic() || character == ' ';
        // Quotes and backslashes end a quoted string in some clients, and a percent sign is decoded by others.
        if is_plain && !"\"\\%".contains(character) { character } else { '_' }
    };
    let ascii: String = name.chars().map(plain).collect();
    format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{}", utf8_percent_encode(&name, EXTENDED))
}

fn safe_name(filename: &str) -> String {
    let last = filename.rsplit(['/', '\\']).next().unwrap_or_default();
    // Those that turn the direction of text make `fdp.exe` look like `exe.pdf`.
    let is_kept = |character: &char| !character.is_control() && !is_invisible(*character);
    let is_refused = |character: char| "<>:\"|?*".contains(character);
    let kept = last.chars().filter(is_kept).map(|it| if is_refused(it) { '_' } else { it });
    let kept: String = kept.collect();
    let kept = kept.trim_matches([' ', '.']);
    let cut = shorten(kept);
    if cut.is_empty() { "document".into() } else { cut }
}

/// The first part and the ending of a name that is too long.
fn shorten(name: &str) -> String {
    if name.len() <= NAME_LIMIT {
        return name.to_owned();
    }
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let ending = if ending.len() <= 10 { ending } else { "" };
    let mut end = NAME_LIMIT - ending.len() - 1;
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    let start = name.get(..end).unwrap_or_default();
    if ending.is_empty() { start.to_owned() } else { format!("{start}.{ending}") }
}

/// The type that a download is served as: its own if a browser runs nothing in it, else bytes.
pub fn download_type(mime_type: &str) -> &'static str {
    const SAFE: [&str; 11] = [
        "application/json",
        "application/pdf",
        "application/zip",
        "image/gif",
        "image/heic",
        "image/jpeg",
        "image/png",
        "image/tiff",
        "image/webp",
        "text/csv",
        "text/plain",
    ];
    let bare = mime_type.split(';').next().unwrap_or_default().trim();
    let safe = SAFE.into_iter().find(|safe| bare.eq_ignore_ascii_case(safe));
    safe.unwrap_or("application/octet-stream")
}
