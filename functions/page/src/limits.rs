//! The bounds of everything that is read, rendered and answered.

use std::time::Duration;

/// Largest document, in bytes.
pub const DOCUMENT_BYTES: usize = 100_000_000;
/// Pages that can be asked for by number.
pub const PAGES: u32 = 5_000;
/// Largest picture of a page, in pixels.
pub const PIXELS: f64 = 9_000_000.0;
/// Largest side of a picture, in pixels: `WebP`'s limit, and below the 16 bits of the renderer.
pub const SIDE: f64 = 16_383.0;
/// Largest picture that a file may hold, in pixels: an A4 sheet scanned at 1,200 dpi has 139 million.
pub const SOURCE_PIXELS: u64 = 150_000_000;
/// Words of a page that are answered.
pub const WORDS: usize = 20_000;
/// Bytes of all words of a page.
pub const ALL_WORDS_BYTES: usize = 1_000_000;
/// Glyphs of a page that are looked at.
pub const GLYPHS: usize = 400_000;
/// Longest word, in bytes. What is longer is not a word that anybody searches for.
pub const WORD_BYTES: usize = 400;
/// Largest text that is shown, in bytes.
pub const TEXT_BYTES: usize = 2_000_000;
/// Largest picture that a child may return, in bytes: a picture of all pixels that does not compress.
pub const PICTURE_BYTES: usize = 40_000_000;
/// Longest description of a page, with its words, that a child may return, in bytes.
pub const PAGE_BYTES: usize = 4_000_000;
/// How long a child may take.
pub const CHILD_TIME: Duration = Duration::from_secs(5);
/// The processor time that a child may take, in seconds.
pub const CHILD_CPU_SECONDS: u64 = 5;
/// The address space of a child, in bytes.
pub const CHILD_BYTES: u64 = 1 << 30;
/// Children at the same time, in one process.
pub const CHILDREN: usize = 2;
/// How long a request waits for its turn.
pub const TURN_TIME: Duration = Duration::from_secs(8);
/// Largest body that is answered as it is; what is larger is a JPEG. In bytes. Lambda's limit is 6 MB, and bodies are sent in base64.
pub const INLINE_BYTES: usize = 4_300_000;
/// Requests that wait for a child at the same time, in one process.
pub const WAITING: usize = 30;
