//! What helps a reviewer along, and what of the output a page asks for.

use crate::checks::Guide;

/// What helps a reviewer along.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Aids<'a> {
    /// The schema, the likelihoods, and what is to be checked.
    pub(crate) guide: Option<&'a Guide>,
    /// Which rows are shown; the others are hidden, but sent along.
    pub(crate) show: Show,
    /// Of a large table, the rows that can be typed into: "51-100", or, of one of several, "/items:51-100".
    pub(crate) rows: Option<&'a str>,
    /// The review's address, for the buttons that show the form again.
    pub(crate) path: Option<&'a str>,
}

/// Which rows are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Show {
    #[default]
    All,
    Check,
    Changed,
}

impl Show {
    /// What an address or a button asks for.
    pub(crate) fn parse(word: &str) -> Self {
        match word {
            "check" => Self::Check,
            "changed" => Self::Changed,
            _ => Self::All,
        }
    }
}
