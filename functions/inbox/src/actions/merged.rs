//! The page again, with what was typed on top of the newest version.

use super::Attempt;
use super::refusal::refusal_text;
use super::typed::{Typed, unsaved};
use crate::compare::{Patch, diff, merge};
use crate::document::Node;
use crate::form::ValueError;
use crate::pages::elements::notice;
use crate::pages::review::extra_fields::listed;
use crate::pages::review::history::happened;
use crate::pages::review::state::PageState;
use crate::pages::review::{self, conflict};
use crate::session::Viewer;
use lambda_http::http::StatusCode;
use maud::{Markup, html};
use shared::api::{Error, Reply};
use shared::review::{AuditEntry, Status};
use shared::store::Overlay;

impl Attempt<'_> {
    /// The review as it is by now, with what was typed on top of it, and why nothing was done.
    pub(crate) async fn again(&self, refused: Option<(Error, ValueError)>) -> Result<Reply, Error> {
        let overlay = self.app.store.load(self.id).await?.ok_or(Error::ReviewNotFound)?;
        let (error, mut wrong) = refused.unzip();
        let typed = match self.typed(&overlay) {
            Ok(typed) => typed,
            Err(unread) => return self.shown_wrong(&overlay, unread).await,
        };
        let head = review::node_of(&overlay, overlay.review.head_seq).unwrap_or(Node::Null);
        let theirs = diff(&typed.base, &head);
        let mine = merge(&typed.base, typed.mine.clone(), &theirs, &head);
        // A form of the newest version comes back as it was sent. Into one of another version not everything may fit, and a form
        // keeps the order of rows.
        let as_sent = self.is_current(&overlay);
        let as_json = self.is_json() || (!mine.fits_a_form() && !as_sent);
        let met = conflict::Met { base: &typed.base, theirs: &theirs, head: &head, mine: &mine, as_json };
        let mut banner = Some(self.banner(&overlay, error.as_ref(), &typed, &met));
        let is_open = overlay.review.status == Status::AwaitingReview;
        if matches!(error, Some(Error::Invalid(_))) && is_open && self.rev() == Some(overlay.review.rev) {
            // The list of what is wrong says it.
            banner = banner.filter(|_| wrong.as_ref().is_none_or(ValueError::is_empty));
        }
        let typed_besides = self.extra_fields(&[]);
        let state = PageState {
            banner,
            sent: Some(if as_sent { self.sent } else { &typed_besides }),
            mine: if as_sent { Patch::Same } else { mine },
            wrong: wrong.take().unwrap_or_default(),
            as_json,
            workflow: self.flow(),
            ..PageState::default()
        };
        let status = error.as_ref().map_or(StatusCode::OK, Error::status);
        let reply = review::reply(self.app, self.viewer, &overlay, &state, status, self.call.now()).await?;
        Ok(match &error {
            Some(error) if error.is_conflict() => reply.counted_as_conflict(),
            _ => reply,
        })
    }

    pub(super) fn banner(
        &self,
        overlay: &Overlay,
        error: Option<&Error>,
        typed: &Typed,
        met: &conflict::Met<'_>,
    ) -> Markup {
        let review = &overlay.review;
        let stamp = self.rev().unwrap_or(review.rev);
        if review.rev == stamp {
            let text = error
                .map_or_else(|| "This is what you had typed. It is not saved yet.".to_owned(), refusal_text);
            let Viewer { caller, .. } = self.viewer;
            // Where the page has no form any more, what was typed is shown beside it.
            let is_open =
                review.status == Status::AwaitingReview && review.lets_work(&caller.actor, &caller.standing);
            let content = html! {
                p { (text) }
                @if !is_open { @if typed.is_changed() { (unsaved(typed)) } (listed(&self.extra_fields(&["reopen_reason"]))) }
            };
            return notice(if error.is_some() { "bad" } else { "good" }, &content);
        }
        let changes: Vec<&AuditEntry> = overlay
            .older_audit
            .iter()
            .chain(review.changes_since(stamp))
            .filter(|entry| entry.rev_result().map_or(entry.rev_observed >= stamp, |result| result > stamp))
            .collect();
        let kept = typed.is_changed();
        notice(
            "bad",
            &html! {
                h2 #conflict { "Somebody was faster" }
                @if let Some(error) = error.filter(|error| !error.is_conflict()) { p { (refusal_text(error)) } }
            p { "Nothing was lost, and nothing of yours was saved yet. Since you opened this review:" }
                (happened(&changes))
                (met.theirs())
                @if review.status != Status::AwaitingReview {
                    p { "The review is decided now, so nothing more can be saved. To change that, reopen it." }
                    @if kept { (unsaved(typed)) }
                    (listed(&self.extra_fields(&[])))
                } @else {
                        @if kept { p { "Your own changes are put on top of version " (review.head_seq.0) " below, and marked. Look at them, and save." } }
                    @else { p { "Look at what is below, and decide again." } }
                    (met.questions())
                }
            },
        )
    }
}
