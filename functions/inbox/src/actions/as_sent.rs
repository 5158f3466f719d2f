//! The page again, as it was sent: nothing typed is lost, and the page says that it is not saved.

use super::typed::is_open;
use super::{Action, Attempt};
use crate::form::ValueError;
use crate::pages::elements::notice;
use crate::pages::review;
use crate::pages::review::extra_fields::listed;
use crate::pages::review::history::said;
use crate::pages::review::state::PageState;
use lambda_http::http::StatusCode;
use maud::{Markup, html};
use shared::api::{Error, Reply};
use shared::review::Seq;
use shared::store::Overlay;

impl Attempt<'_> {
    /// The page as it was sent: a page of its own version and stamp, on which what was typed is marked.
    pub(super) async fn as_sent(
        &self,
        overlay: &Overlay,
        banner: Markup,
        status: StatusCode,
    ) -> Result<Reply, Error> {
        self.page(overlay, PageState { banner: Some(banner), ..self.sent_state(overlay) }, status).await
    }

    pub(super) fn sent_state(&self, overlay: &Overlay) -> PageState<'_> {
        // A decided review is shown as it is now, with what was typed above it.
        let as_of = self.seq().zip(self.rev()).filter(|_| is_open(overlay));
        PageState {
            sent: Some(self.sent),
            as_json: self.is_json(),
            as_of,
            workflow: self.flow(),
            rows: self.sent.text("rows"),
            show: self.show(),
            ..PageState::default()
        }
    }

    pub(super) async fn page(
        &self,
        overlay: &Overlay,
        state: PageState<'_>,
        status: StatusCode,
    ) -> Result<Reply, Error> {
        let lost = if self.is_editable(overlay) { None } else { self.no_longer_editable(overlay) };
        let banner = match (state.banner, lost) {
            (Some(banner), Some(lost)) => Some(html! { (banner) (lost) }),
            (banner, lost) => banner.or(lost),
        };
        let state = PageState { banner, ..state };
        review::reply(self.app, self.viewer, overlay, &state, status, self.call.now()).await
    }

    /// What was typed into fields that the page does not have any more, because the review is decided, or assigned to others.
    pub(super) fn no_longer_editable(&self, overlay: &Overlay) -> Option<Markup> {
        // The page of a decided review has these fields, which come back in it.
        let besides = self.extra_fields(&["reopen_reason", "force", "comment_text", "comment_mention"]);
        if besides.is_empty() && !self.has_typed_output(overlay) {
            return None;
        }
        let content = html! {
            @if is_open(overlay) { p { "This was not saved: the review is assigned to others now." } }
            @else { p { "This was not saved, and the review is decided. To save it, reopen the review:" } }
            (self.typed_output(overlay))
            (listed(&besides))
        };
        Some(notice("bad", &content))
    }

    /// After `action` was done: what it did not send, if there is any.
    pub(super) async fn unsent(&self, action: Action) -> Result<Option<Reply>, Error> {
        let takes_output = matches!(action, Action::Save | Action::Approve | Action::ApproveNext);
        let besides = self.extra_fields(action.sends());
        if besides.is_empty() && (takes_output || !self.sent.has_fields()) {
            return Ok(None);
        }
        let overlay = self.app.store.load(self.id).await?.ok_or(Error::ReviewNotFound)?;
        let output = !takes_output && self.has_typed_output(&overlay);
        if besides.is_empty() && !output {
            return Ok(None);
        }
        if output && is_open(&overlay) && !self.is_current(&overlay) {
            return self.again(None).await.map(Some);
        }
        let said = said(action.done(), &overlay, &self.viewer.caller.actor, self.call.now());
        let said = said.unwrap_or_else(|| "Done.".into());
        let banner = if is_open(&overlay) {
            notice("good", &html! { p { (said) } p { "What else you typed is below. It is not saved yet." } })
        } else {
            notice(
                "news",
                &html! {
                    p { (said) }
                    p { "What else you typed was not part of that, and was not saved:" }
                    @if output { (self.typed_output(&overlay)) }
                    (listed(&besides))
                },
            )
        };
        let sent = if output { self.sent.without(action.sends()) } else { besides };
        let state = PageState {
            banner: Some(banner),
            sent: Some(&sent),
            as_json: is_open(&overlay) && self.is_json(),
            workflow: self.flow(),
            ..PageState::default()
        };
        review::reply(self.app, self.viewer, &overlay, &state, StatusCode::OK, self.call.now())
            .await
            .map(Some)
    }

    /// A correction that says what the newest version says: nothing is written.
    pub(super) async fn nothing_to_save(&self, overlay: &Overlay) -> Result<Reply, Error> {
        let text = "Nothing is different from the version that you opened, so nothing was saved.";
        self.as_sent(overlay, notice("good", &html! { (text) }), StatusCode::OK).await
    }

    /// Fields that cannot be read: the page says which.
    pub(super) async fn shown_wrong(&self, overlay: &Overlay, wrong: ValueError) -> Result<Reply, Error> {
        // The version that was typed into: fields of a newer one would look typed and overwrite what others did.
        let state = PageState { wrong, ..self.sent_state(overlay) };
        self.page(overlay, state, StatusCode::UNPROCESSABLE_ENTITY).await
    }

    /// The same, as a form or as JSON.
    pub(super) async fn other_view(&self, as_json: bool) -> Result<Reply, Error> {
        let overlay = self.app.store.load(self.id).await?.ok_or(Error::ReviewNotFound)?;
        let typed = match self.typed(&overlay) {
            Ok(typed) => typed,
            Err(wrong) => return self.shown_wrong(&overlay, wrong).await,
        };
        let stays = !as_json && !typed.mine.fits_a_form();
        let said = "Rows were put into another order: that can be shown as JSON only, until it is saved.";
        let besides = self.extra_fields(&[]);
        let state = PageState {
            banner: stays.then(|| notice("news", &html! { (said) })),
            sent: Some(&besides),
            mine: typed.mine,
            as_json: as_json || stays,
            ..self.sent_state(&overlay)
        };
        self.page(&overlay, state, StatusCode::OK).await
    }

    /// Two versions beside what was typed.
    pub(super) async fn comparison(&self) -> Result<Reply, Error> {
        let overlay = self.app.store.load(self.id).await?.ok_or(Error::ReviewNotFound)?;
        let seq = |name: &str| self.sent.get(name).and_then(|text| text.parse().ok()).map(Seq);
        let state = PageState { compared: seq("from").zip(seq("to")), ..self.sent_state(&overlay) };
        self.page(&overlay, state, StatusCode::OK).await
    }
}
