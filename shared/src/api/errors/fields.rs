//! What is wrong with the fields of a request: all of it is reported at once, each error with its place.

use schemars::JsonSchema;
use serde::Serialize;

/// One thing wrong with a request (contract: `details.errors`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FieldError {
    /// Where: `path`, `query`, `header` or `body`, then the names below it.
    pub loc: Vec<String>,
    /// What kind of error.
    pub code: &'static str,
    /// What is wrong, for people to read.
    pub message: String,
}

/// What is wrong with one value, before its place is known.
#[derive(Debug)]
pub struct ValueError {
    /// What kind of error.
    pub code: &'static str,
    /// What is wrong, for people to read.
    pub message: String,
}

impl ValueError {
    /// An error of a value.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

/// All errors of one request. Beyond [`FieldErrors::LIMIT`] they are only counted.
#[derive(Debug, Default)]
pub struct FieldErrors {
    pub(in crate::api) listed: Vec<FieldError>,
    pub(in crate::api) omitted: usize,
}

impl FieldErrors {
    /// How many are listed at most: a body can have more errors than an answer has room for.
    pub const LIMIT: usize = 100;

    /// No errors yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one.
    pub fn add<'a>(&mut self, loc: impl IntoIterator<Item = &'a str>, code: &'static str, message: String) {
        if self.listed.len() == Self::LIMIT {
            self.omitted += 1;
            return;
        }
        // A name can be as long as a document; its first characters are enough.
        let loc = loc.into_iter().map(|name| name.chars().take(128).collect()).collect();
        self.listed.push(FieldError { loc, code, message });
    }

    /// The listed errors.
    pub fn listed(&self) -> &[FieldError] {
        &self.listed
    }

    /// What was parsed, if nothing was wrong. `None` means that at least one error was added.
    pub fn finish<T>(self, parsed: Option<T>) -> Result<T, Self> {
        match parsed {
            Some(parsed) if self.listed.is_empty() => Ok(parsed),
            _ => Err(self),
        }
    }
}
