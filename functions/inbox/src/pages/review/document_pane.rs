//! The documents beside the fields: their names, and where to get them.

use crate::paths;
use maud::{Markup, html};
use shared::review::Evidence;
use shared::store::Overlay;

/// The pane with a review's documents.
pub(super) fn document_pane(overlay: &Overlay, _evidence: &Evidence) -> Markup {
    let path = paths::review(&overlay.review.id);
    html! {
        ul.documents { @for document in &overlay.review.documents {
            li { a href={(path) "/documents/" (document.id)} { bdi { (document.filename) } } }
        } }
    }
}
