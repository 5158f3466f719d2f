//! A conflict: what others changed since, and what both changed.

use crate::compare::Patch;
use crate::compare::changes::Changes;
use crate::document::Node;
use crate::fields::differences::differences;
use maud::{Markup, html};

/// Two people's changes to one document.
pub(crate) struct Met<'a> {
    /// What both began with.
    pub(crate) base: &'a Node,
    /// How that became the newest version.
    pub(crate) theirs: &'a Patch,
    /// The newest version.
    pub(crate) head: &'a Node,
    /// The reader's changes on top of that.
    pub(crate) mine: &'a Patch,
    /// Whether the output is shown as JSON.
    pub(crate) as_json: bool,
}

impl Met<'_> {
    /// What others changed.
    pub(crate) fn theirs(&self) -> Markup {
        let changes = Changes::of(self.base, self.theirs);
        html! { @if !changes.is_empty() { (differences(&changes, "When you opened it", "Now")) } }
    }

    /// What both changed: the reader chooses, at each field.
    pub(crate) fn questions(&self) -> Markup {
        let changes = Changes::asked(self.head, self.mine);
        if changes.is_empty() {
            return html! {};
        }
        html! {
            p { "Both of you changed: " @for (index, change) in changes.listed.iter().enumerate() {
                @if index > 0 { ", " } strong { bdi { (change.place) } } }
                @if changes.more > 0 { ", and " (changes.more) " more" } "." }
            (differences(&changes, "Theirs, saved", "Yours, not saved"))
            @if self.as_json { p { "Yours is in the text below. To keep theirs, write it there." } }
            @else { p { "Yours is chosen below, at each of them. Choose theirs where that is right: what is chosen is what is saved." } }
        }
    }
}
