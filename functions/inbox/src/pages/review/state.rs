//! What a review's page is asked to show (`PageQuery`), and what it shows along with the review (`PageState`).

use super::document_pane::DocumentQuery;
use crate::compare::Patch;
use crate::fields::Show;
use crate::form::{SubmittedForm, ValueError};
use maud::Markup;
use shared::api::{Call, FieldErrors};
use shared::review::{Rev, Seq, WorkflowId};

/// What the page shows along with the review.
#[derive(Default)]
pub(crate) struct PageState<'a> {
    /// At the top.
    pub(crate) banner: Option<Markup>,
    /// What the viewer has just done: the browser then drops its draft.
    pub(crate) done: Option<String>,
    /// What was typed last.
    pub(crate) sent: Option<&'a SubmittedForm>,
    /// The viewer's unsaved changes of the output.
    pub(crate) mine: Patch,
    pub(crate) wrong: ValueError,
    /// The whole output as JSON, not as a form.
    pub(crate) as_json: bool,
    /// The version and the `rev` that are shown, if not the newest.
    pub(crate) as_of: Option<(Seq, Rev)>,
    /// Which versions are compared.
    pub(crate) compared: Option<(Seq, Seq)>,
    /// The workflow that the reader goes through, one review after the other, if not all.
    pub(crate) workflow: Option<String>,
    /// Of a large table, the rows that can be typed into.
    pub(crate) rows: Option<String>,
    /// Which rows are shown.
    pub(crate) show: Show,
    /// Which document is shown beside the fields.
    pub(crate) document: DocumentQuery,
}

/// What the page's address asks for.
pub(crate) struct PageQuery {
    pub(crate) as_json: bool,
    pub(super) from: Option<Seq>,
    pub(super) to: Option<Seq>,
    pub(super) done: Option<String>,
    /// For the part that changes by itself: what the page shows.
    pub(super) rev: Option<Rev>,
    pub(super) workflow: Option<String>,
    pub(super) rows: Option<String>,
    pub(super) show: Show,
}

impl PageQuery {
    pub(crate) fn of(call: &Call) -> Self {
        let mut query = Self {
            as_json: false,
            from: None,
            to: None,
            done: None,
            rev: None,
            workflow: None,
            rows: None,
            show: Show::All,
        };
        let known = ["view", "from", "to", "done", "rev", "workflow_id", "rows", "show"];
        for (name, value) in call.query(&known, &mut FieldErrors::new()) {
            match name.as_str() {
                "view" => query.as_json = value == "json",
                "from" => query.from = value.parse().ok().map(Seq),
                "to" => query.to = value.parse().ok().map(Seq),
                "workflow_id" => query.workflow = WorkflowId::parse(&value).is_ok().then_some(value),
                "rows" => query.rows = Some(value),
                "show" => query.show = Show::parse(&value),
                "rev" => query.rev = value.parse().ok().map(Rev),
                _ => query.done = Some(value),
            }
        }
        query
    }
}
