//! What a document is: its first bytes decide, and the type that was declared must fit.

use serde::{Deserialize, Serialize};

/// What a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Rendered.
    Pdf,
    /// Rendered.
    Tiff,
    /// Sent as it is.
    Png,
    /// Sent as it is.
    Jpeg,
    /// Sent as it is.
    Webp,
    /// Sent as plain text, whatever it is written in.
    Text,
}

impl Kind {
    /// What a document is; `None` if it is nothing that can be shown, or not what it was declared to be.
    pub fn of(bytes: &[u8], mime_type: &str) -> Option<Self> {
        let kind = Self::of_bytes(bytes)?;
        let essence = mime_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let fits = match kind {
            Self::Text => TEXT_TYPES.contains(&essence.as_str()),
            _ => essence == "application/octet-stream" || kind.mime_types().contains(&essence.as_str()),
        };
        fits.then_some(kind)
    }

    fn of_bytes(bytes: &[u8]) -> Option<Self> {
        let head = &bytes[..bytes.len().min(1024)];
        Some(match head {
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Self::Png,
            [0xff, 0xd8, 0xff, ..] => Self::Jpeg,
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Self::Webp,
            [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..] => Self::Tiff,
            // The header of a PDF may come after other bytes (ISO 32000-1, annex H.3.4.1).
            _ if head.windows(5).any(|five| five == b"%PDF-") => Self::Pdf,
            _ if is_text(bytes) => Self::Text,
            _ => return None,
        })
    }

    /// Whether the file goes to the browser as it is.
    pub const fn is_picture(self) -> bool {
        matches!(self, Self::Png | Self::Jpeg | Self::Webp)
    }

    /// The type that it is sent with.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Tiff => "image/tiff",
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Webp => "image/webp",
            Self::Text => "text/plain; charset=utf-8",
        }
    }

    const fn mime_types(self) -> &'static [&'static str] {
        match self {
            Self::Pdf => &["application/pdf", "application/x-pdf"],
            Self::Tiff => &["image/tiff", "image/tif", "image/x-tiff"],
            Self::Png => &["image/png"],
            Self::Jpeg => &["image/jpeg", "image/jpg", "image/pjpeg"],
            Self::Webp => &["image/webp"],
            Self::Text => TEXT_TYPES,
        }
    }
}

/// What is shown as text. Never HTML or SVG, which would be taken for what they are not if they came with another type.
const TEXT_TYPES: &[&str] = &[
    "text/plain",
    "text/csv",
    "text/tab-separated-values",
    "text/markdown",
    "text/xml",
    "application/xml",
    "application/json",
    "application/x-ndjson",
];

/// Whether these bytes are a text: UTF-8 without control characters, but for those that lay out text.
fn is_text(bytes: &[u8]) -> bool {
    let is_control = |byte: &u8| matches!(byte, 0..=8 | 11 | 14..=26 | 28..=31 | 127);
    !bytes.is_empty() && !bytes.iter().any(is_control) && std::str::from_utf8(bytes).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_decide_and_the_declared_type_must_fit() {
        let png = b"\x89PNG\r\n\x1a\n....";
        assert_eq!(Kind::of(png, "image/png"), Some(Kind::Png));
        assert_eq!(Kind::of(png, "IMAGE/PNG; x=y"), Some(Kind::Png));
        assert_eq!(Kind::of(png, "application/octet-stream"), Some(Kind::Png));
        assert_eq!(Kind::of(png, "image/jpeg"), None);
        assert_eq!(Kind::of(b"\n\n%PDF-1.4", "application/pdf"), Some(Kind::Pdf));
        assert_eq!(Kind::of(b"%PDF-1.4", "image/png"), None);
        assert_eq!(Kind::of(b"II*\0", "image/tiff"), Some(Kind::Tiff));
        assert_eq!(Kind::of(b"RIFF....WEBPVP8L", "image/webp"), Some(Kind::Webp));
        assert_eq!(Kind::of(b"a,b\r\n1,2", "text/csv"), Some(Kind::Text));
    }

    #[test]
    fn nothing_that_a_browser_would_run_is_shown() {
        for (bytes, mime) in [
            (&b"<script>alert(1)</script>"[..], "text/html"),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml"),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/png"),
            (b"<script>", "application/octet-stream"),
            (b"\0\0\0\x18ftypheic", "image/heic"),
            (b"a\0b", "text/plain"),
            (b"\xff\xfe<\0", "text/plain"),
            (b"", "text/plain"),
        ] {
            assert_eq!(Kind::of(bytes, mime), None, "{mime}");
        }
    }
}
