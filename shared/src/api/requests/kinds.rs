//! What fields hold, as declarations say it.

use super::declare::Object;
use crate::review::Word;

/// What a field holds. The parser and the description read the same bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An integer, written as one.
    Integer {
        /// Smallest.
        min: i64,
        /// Largest.
        max: i64,
    },
    /// `true` or `false`.
    Boolean,
    /// A string.
    Text {
        /// Shortest, in characters.
        min: usize,
        /// Longest, in characters.
        max: usize,
        /// What it may hold.
        content: Content,
    },
    /// A number from 0 to 1.
    Fraction,
    /// A number from 0 to 100.
    Percent,
    /// An identifier.
    Identifier {
        /// What it may hold, as a regular expression.
        pattern: &'static str,
        /// Longest, in characters.
        max: usize,
    },
    /// A list of identifiers, each at most once. It may be empty.
    Identifiers {
        /// What each may hold, as a regular expression.
        pattern: &'static str,
        /// Longest, in characters.
        max_length: usize,
        /// Most there can be.
        max: usize,
    },
    /// One of some words.
    Word(&'static [Word]),
    /// A list of some words, each at most once.
    Words {
        /// The words.
        words: &'static [Word],
        /// Fewest there can be.
        min: usize,
    },
    /// A list of strings.
    Texts {
        /// Fewest there can be.
        min: usize,
        /// Most there can be.
        max: usize,
        /// Longest, in characters; each has at least one.
        max_length: usize,
    },
    /// A list of integers, not empty.
    Integers {
        /// Most there can be.
        max_items: usize,
        /// Smallest.
        min: i64,
        /// Largest.
        max: i64,
    },
    /// Any JSON object, kept as the text that came.
    Json(JsonLimits),
    /// Any JSON value but null, of so many bytes, kept as the text that came.
    Value {
        /// Largest text, in bytes.
        max_bytes: usize,
    },
    /// An object with declared fields.
    Object(&'static Object),
    /// A list of objects with declared fields. An object may hold a list of its own kind.
    Objects {
        /// What each is.
        object: &'static Object,
        /// Fewest there can be.
        min: usize,
        /// Most there can be.
        max: usize,
    },
    /// An object whose field names are the client's: identifiers, or `*`. Each holds an object with declared fields; at least one.
    Named {
        /// What each is.
        object: &'static Object,
        /// Most there can be.
        max: usize,
    },
}

/// What a text may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// Anything.
    Any,
    /// At least one visible character.
    NotBlank,
    /// At least one visible character, and no control characters.
    Name,
    /// A URL that may be called. The handler checks it: which URLs may be called depends on the deployment.
    Url,
    /// `whsec_` and the base64 of 24 to 64 bytes (Standard Webhooks).
    SigningSecret,
    /// The name of a file, not its path.
    FileName,
    /// The SHA-256 of a file, in hexadecimal.
    Sha256,
    /// A media type without parameters.
    MediaType,
    /// The name of an S3 bucket.
    BucketName,
    /// A JSON Pointer.
    JsonPointer,
    /// What the handler checks by this regular expression, or more exactly.
    Pattern(&'static str),
}

/// What is required of a JSON object besides being one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JsonLimits {
    /// Largest text, in bytes; no limit of its own where there is none.
    pub max_bytes: Option<usize>,
    /// A field that must be there and be a string, with its description.
    pub text_field: Option<(&'static str, &'static str)>,
}
