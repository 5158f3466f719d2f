//! What is asked of a renderer, and what it answers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What to make of one page.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Job {
    /// Which page, from 1.
    pub page: u32,
    /// The type that was declared for the document.
    pub mime_type: String,
    /// The picture to make.
    pub picture: Option<Picture>,
}

/// The picture to make of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// Its width in pixels; less if that would be too many pixels.
    pub width: u32,
    /// How it is encoded.
    pub format: Format,
}

/// How a picture is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Lossless.
    Webp,
    /// For those who do not read `WebP`.
    Png,
}

impl Unavailable {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PasswordProtected => "password_protected",
            Self::Unreadable => "unreadable",
            Self::TooComplex => "too_complex",
            Self::UnsupportedType => "unsupported_type",
            Self::NoSuchPage => "no_such_page",
            Self::TooLarge => "too_large",
        }
    }
}

impl Format {
    /// The type that it is sent with.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Webp => "image/webp",
            Self::Png => "image/png",
        }
    }

    /// The ending of the names of its files.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Webp => "webp",
            Self::Png => "png",
        }
    }
}

impl Picture {
    /// The type of these bytes, which were made for it: what is large as it was asked for is a `JPEG`.
    pub fn content_type(self, bytes: &[u8]) -> &'static str {
        if is_jpeg(bytes) { "image/jpeg" } else { self.format.content_type() }
    }
}

/// Whether a file begins as a `JPEG`.
pub fn is_jpeg(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\xff\xd8\xff")
}

/// One page.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Page {
    /// Which page, from 1.
    pub page: u32,
    /// How many pages the document has; at most [`crate::limits::PAGES`] can be asked for.
    pub pages: u32,
    /// Its width as it is shown: of a PDF in points, of a picture in pixels.
    pub width: f32,
    /// Its height as it is shown.
    pub height: f32,
    /// Whether it has text that can be searched.
    pub has_text: bool,
    /// What a reader of its picture must know.
    pub warnings: Vec<Warning>,
    /// Its words, in the order in which the file has them.
    pub words: Vec<Word>,
}

/// A word and where it stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Word {
    /// As it is written.
    pub text: String,
    /// Left, top, width and height as parts of the page's width and height, from its top left corner.
    #[serde(rename = "box")]
    pub place: [f64; 4],
}

/// What a reader of a page's picture must know: the picture may lack something that the document has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Warning {
    /// Fields of a form hold values, and the file does not say how they look.
    FormValuesNotDrawn,
    /// A font is not in the file and there is none to take for it, or it cannot be read.
    FontsMissing,
    /// A picture in the page cannot be decoded.
    ImagesNotDrawn,
    /// An annotation cannot be drawn.
    AnnotationsNotDrawn,
    /// The page has more words than are answered.
    WordsLeftOut,
}

/// Why there is no picture of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
#[error("{}", self.as_str())]
pub enum Unavailable {
    /// The document needs a password.
    PasswordProtected,
    /// It is broken.
    Unreadable,
    /// It takes more memory or time than a page may.
    TooComplex,
    /// It is of no type that can be shown, or not of the declared one.
    UnsupportedType,
    /// It has fewer pages.
    NoSuchPage,
    /// It has more bytes than a document may.
    TooLarge,
}

/// What a renderer answers.
#[derive(Clone, Debug, PartialEq)]
pub struct Rendered {
    /// The page.
    pub page: Page,
    /// Its picture, encoded, if one was asked for; `None` of a file that goes to the browser as it is.
    pub picture: Option<Vec<u8>>,
}

impl Rendered {
    /// A text: one page, without places.
    pub fn text() -> Self {
        let page = Page { page: 1, pages: 1, has_text: true, ..Page::default() };
        Self { page, picture: None }
    }
}
