//! What differs between two documents, and one's changes put onto another.
//!
//! - `ids`: which values are equal. `align`: which row of a list is which. `patch`: how one document becomes another.
//! - `merge`: two people's changes to one document. `changes`: a patch as a list, for people to read.
//! - `moved`: where the rows of an earlier document are in a later one.

pub(crate) mod align;
pub(crate) mod changes;
pub(crate) mod ids;
mod merge;
mod moved;
mod patch;
#[cfg(test)]
mod tests;

use crate::document::Node;
use ids::Ids;
pub(crate) use merge::merge;
pub(crate) use moved::Moved;
pub(crate) use patch::{Entry, Patch, Row, Rows};

/// How `old` becomes `new`.
pub(crate) fn diff(old: &Node, new: &Node) -> Patch {
    patch::diff(&mut Ids::of([old, new]), old, new)
}
