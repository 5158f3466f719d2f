//! The document beside the fields. Nothing to show yet: reviews have no documents.

use maud::Markup;
use shared::store::Overlay;

/// The pane with a review's documents; none without any.
pub(super) const fn document_pane(_overlay: &Overlay) -> Option<Markup> {
    None
}
