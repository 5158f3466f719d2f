//! Questions before something typed would be lost.

use super::Attempt;
use super::next::next;
use crate::pages::elements::{form_token, notice};
use crate::paths::{self, HOME};
use crate::session::sign_in;
use lambda_http::http::StatusCode;
use maud::html;
use shared::api::{Error, Reply};
use shared::store::Overlay;

impl Attempt<'_> {
    /// To the next review, or signs out; if something was typed, the viewer is asked first.
    pub(super) async fn away(&self, sign_out: bool) -> Result<Reply, Error> {
        let overlay = self.app.store.load(self.id).await?.ok_or(Error::ReviewNotFound)?;
        if !self.has_typed(&overlay) {
            return if sign_out {
                sign_in::leave(self.app, self.call, self.viewer.token).await
            } else {
                next(self.app, self.call, self.viewer, self.sent).await
            };
        }
        let (path, text) = if sign_out {
            ("sign-out", "Sign out without saving it")
        } else {
            ("next", "Review next without saving it")
        };
        let banner = html! {
            p { strong { "What you typed is not saved." } " It is below: save it first, or go on without it." }
            form method="post" action={(HOME) "/" (path)} { (form_token(self.viewer)) button { (text) } }
        };
        self.as_sent(&overlay, notice("news", &banner), StatusCode::OK).await
    }

    /// Corrections are not part of a rejection, and cannot be saved after it: the viewer is asked first.
    pub(super) async fn asks_before_rejecting(&self) -> Result<Option<Reply>, Error> {
        if !self.sent.has_fields() && self.sent.text("note").is_none() {
            return Ok(None);
        }
        let overlay = self.app.store.load(self.id).await?.ok_or(Error::ReviewNotFound)?;
        let (output, note) = (self.has_typed_output(&overlay), self.sent.text("note").is_some());
        // If somebody else has changed the review, or it is assigned to others, that comes first.
        if self.rev() != Some(overlay.review.rev) || !self.is_editable(&overlay) || !(output || note) {
            return Ok(None);
        }
        let what = match (output, note) {
            (true, true) => "Your corrections and your note are",
            (true, false) => "Your corrections are",
            _ => "Your note is",
        };
        let path = paths::review(self.id);
        let banner = html! {
            p { strong { "Nothing was done yet." } " " (what) " not part of a rejection, and could not be saved after it." }
            p {
                @if output { button form="correction" formaction={(path) "/save"} { "Save the correction first" } " " }
                button.danger form="correction" formaction={(path) "/reject-only"} { "Reject without saving" }
            }
        };
        self.as_sent(&overlay, notice("bad", &banner), StatusCode::UNPROCESSABLE_ENTITY).await.map(Some)
    }

    /// An earlier version is not restored over what was typed.
    pub(super) async fn restore_asks(&self, overlay: &Overlay) -> Result<Reply, Error> {
        let banner = html! {
            p { strong { "Nothing was restored yet." } " What you typed is below and not saved: save it first, or undo it." }
        };
        self.as_sent(overlay, notice("bad", &banner), StatusCode::UNPROCESSABLE_ENTITY).await
    }

    /// A page of ours, made for a session that is over: nothing is done, and nothing typed is lost.
    pub(crate) async fn of_another_session(&self) -> Result<Reply, Error> {
        let overlay = self.app.store.load(self.id).await?.ok_or(Error::ReviewNotFound)?;
        let banner = html! {
            p { strong { "Nothing was done yet." } " You have signed in again since this page was opened. What you typed is below: send it again." }
        };
        self.as_sent(&overlay, notice("bad", &banner), StatusCode::FORBIDDEN).await
    }
}
