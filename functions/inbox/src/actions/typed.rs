//! What a form holds: changes of the output, and the fields besides it.

use super::Attempt;
use crate::compare::changes::Changes;
use crate::compare::{Patch, diff};
use crate::document::Node;
use crate::fields::Show;
use crate::fields::differences::differences;
use crate::form::{self, SubmittedForm, ValueError};
use crate::pages::review;
use crate::pages::review::extra_fields::EXTRA_FIELDS;
use maud::{Markup, html};
use shared::api::Caller;
use shared::review::{Status, WorkflowId};
use shared::store::Overlay;

/// The document that the form was made of, and how what was typed changes it.
pub(crate) struct Typed {
    pub(crate) base: Node,
    pub(crate) mine: Patch,
    /// Why values were left empty, for the version's note.
    pub(crate) reasons: Option<String>,
}

impl Typed {
    /// Whether the output was changed.
    pub(super) fn is_changed(&self) -> bool {
        self.mine != Patch::Same
    }
}

impl Attempt<'_> {
    /// What was typed; the fields that cannot be read, if there are any.
    pub(super) fn typed(&self, overlay: &Overlay) -> Result<Typed, ValueError> {
        let base = review::node_of(overlay, self.seq().unwrap_or(overlay.review.head_seq));
        let base = base.or_else(|| review::node_of(overlay, overlay.review.head_seq)).unwrap_or(Node::Null);
        let (mine, reasons) = match self.sent.get("snapshot") {
            None => form::read_with_reasons(&base, self.sent)?,
            Some(text) => match form::json(text) {
                Ok(node @ Node::Object(_)) => (diff(&base, &node), None),
                Ok(_) => return Err(ValueError::from([("snapshot".to_owned(), "must be a JSON object")])),
                Err(fault) => return Err(ValueError::from([("snapshot".to_owned(), fault)])),
            },
        };
        Ok(Typed { base, mine, reasons })
    }

    /// Whether the page has a form: the review is open, and not assigned to others who alone may work on it.
    pub(super) fn is_editable(&self, overlay: &Overlay) -> bool {
        let Caller { actor, standing, .. } = self.viewer.caller;
        is_open(overlay) && overlay.review.lets_work(actor, standing)
    }

    /// The workflow that the reader goes through.
    pub(super) fn flow(&self) -> Option<String> {
        self.sent.text("workflow_id").filter(|text| WorkflowId::parse(text).is_ok())
    }

    /// Which rows were shown.
    pub(super) fn show(&self) -> Show {
        self.sent.get("show").map(Show::parse).unwrap_or_default()
    }

    /// Whether the output was shown as JSON.
    pub(super) fn is_json(&self) -> bool {
        self.sent.get("snapshot").is_some() || self.sent.get("view") == Some("json")
    }

    /// Whether the form is of the newest version, so that it can be shown again as it was sent.
    pub(super) fn is_current(&self, overlay: &Overlay) -> bool {
        self.seq().is_none_or(|seq| seq == overlay.review.head_seq)
    }

    /// What was typed into the extra fields, except those in `without`.
    pub(super) fn extra_fields(&self, without: &[&str]) -> SubmittedForm {
        let names = EXTRA_FIELDS.iter().map(|(name, _)| *name).filter(|name| !without.contains(name));
        let kept = names.filter_map(|name| self.sent.text(name).map(|text| (name.to_owned(), text)));
        SubmittedForm::new(kept.collect())
    }

    /// Whether the output was changed, or cannot be read.
    pub(super) fn has_typed_output(&self, overlay: &Overlay) -> bool {
        self.sent.has_fields() && self.typed(overlay).map_or(true, |typed| typed.is_changed())
    }

    pub(super) fn has_typed(&self, overlay: &Overlay) -> bool {
        !self.extra_fields(&[]).is_empty() || self.has_typed_output(overlay)
    }

    /// What was typed into the output: what it changes, or, where it cannot be read, as it was typed.
    pub(super) fn typed_output(&self, overlay: &Overlay) -> Markup {
        match self.typed(overlay) {
            Ok(typed) if !typed.is_changed() => html! {},
            Ok(typed) => unsaved(&typed),
            Err(_) => {
                let output =
                    self.sent.fields().filter(|(name, _)| *name == "snapshot" || name.get(1..2) == Some("/"));
                let mut lines: Vec<String> = output.map(|(name, text)| format!("{name}: {text}")).collect();
                lines.sort();
                html! {
                    label for="typed-output" { "What you had typed" }
                    textarea.code #typed-output readonly rows="8" { "\n" (lines.join("\n")) }
                }
            }
        }
    }
}

/// What was typed, to be read or copied.
pub(super) fn unsaved(typed: &Typed) -> Markup {
    let mine = Changes::of(&typed.base, &typed.mine);
    html! { h3 { "What you had typed" } (differences(&mine, "When you opened it", "Yours")) }
}

pub(super) fn is_open(overlay: &Overlay) -> bool {
    overlay.review.status == Status::AwaitingReview
}
