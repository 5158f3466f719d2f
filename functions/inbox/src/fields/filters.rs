//! Which fields are shown: all, those to check, those that were changed. The script does the same without asking the server.

use super::{Fields, Show};
use maud::{Markup, html};

impl Fields<'_> {
    /// The filters: buttons, which take along what is typed, or links.
    pub(crate) fn filters(&self) -> Markup {
        let to_check = self.aids.guide.map_or(0, |guide| guide.checks.count());
        let Some(path) = self.aids.path else { return html! {} };
        html! {
            @for (show, word, title, count) in [
                (Show::All, "all", "All", None),
                (Show::Check, "check", "To check", Some(to_check)),
                (Show::Changed, "changed", "Changed", None),
            ] {
                @let current = (self.aids.show == show).then_some("true");
                @if self.editable {
                    button.filter form="correction" formaction={(path) "/form"} name="show" value=(word) data-show=(word) aria-current=[current] { (title) @if let Some(count) = count { " " span.count { (count) } } }
                } @else {
                    a.filter href={(path) "?show=" (word)} data-show=(word) aria-current=[current] { (title) @if let Some(count) = count { " " span.count { (count) } } }
                }
            }
        }
    }
}
