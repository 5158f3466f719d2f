//! Nothing typed is lost: whatever does not save it shows it again, as it was sent, and says that it is not saved.

use crate::actions::{Action, Attempt, unsaved};
use crate::document::key_label::key_label;
use crate::document::{Node, key_of};
use crate::form::{SubmittedForm, ValueError};
use crate::pages::frame::{form_token, notice};
use crate::pages::review::{self, PageState};
use crate::paths::{self, HOME};
use crate::session;
use lambda_http::http::StatusCode;
use maud::{Markup, html};
use shared::api::{Error, Reply};
use shared::review::{Seq, Status};
use shared::store::Overlay;

/// What is typed besides the output, and what each is called.
const BESIDES: [(&str, &str); 6] = [
    ("note", "Note"),
    ("reject_reason", "Why is it rejected?"),
    ("escalate_to", "To whom?"),
    ("escalate_reason", "Why is it escalated?"),
    ("reopen_reason", "Why is it reopened?"),
    ("force", "Reopen all the same"),
];

impl Attempt<'_> {
    /// Whether the form is of the newest version, so that it can be shown again as it was sent.
    pub(crate) fn is_current(&self, overlay: &Overlay) -> bool {
        self.seq().is_none_or(|seq| seq == overlay.review.head_seq)
    }

    /// What was typed besides the output, but for the fields in `without`.
    pub(crate) fn besides(&self, without: &[&str]) -> SubmittedForm {
        let names = BESIDES.iter().map(|(name, _)| *name).filter(|name| !without.contains(name));
        let kept = names.filter_map(|name| self.sent.text(name).map(|text| (name.to_owned(), text)));
        SubmittedForm::new(kept.collect())
    }

    /// Whether the output was changed, or cannot be read.
    fn has_typed_output(&self, overlay: &Overlay) -> bool {
        self.sent.has_fields() && self.typed(overlay).map_or(true, |typed| typed.is_changed())
    }

    fn has_typed(&self, overlay: &Overlay) -> bool {
        !self.besides(&[]).is_empty() || self.has_typed_output(overlay)
    }

    /// The page as it was sent: a page of its own version and stamp, on which what was typed is marked.
    fn as_sent(&self, overlay: &Overlay, banner: Markup, status: StatusCode) -> Reply {
        self.page(overlay, PageState { banner: Some(banner), ..self.sent_state(overlay) }, status)
    }

    fn sent_state(&self, overlay: &Overlay) -> PageState<'_> {
        // What has been decided shows what it is by now; what was typed stands above it.
        let as_of = self.seq().zip(self.rev()).filter(|_| is_open(overlay));
        PageState { sent: Some(self.sent), as_json: self.is_json(), as_of, ..PageState::default() }
    }

    fn page(&self, overlay: &Overlay, state: PageState<'_>, status: StatusCode) -> Reply {
        let lost = if is_open(overlay) { None } else { self.no_longer_editable(overlay) };
        let banner = match (state.banner, lost) {
            (Some(banner), Some(lost)) => Some(html! { (banner) (lost) }),
            (banner, lost) => banner.or(lost),
        };
        let state = PageState { banner, ..state };
        review::reply(self.app, self.viewer, overlay, &state, status, self.call.now())
    }

    /// What was typed into fields that the page does not have any more, because the review is decided.
    fn no_longer_editable(&self, overlay: &Overlay) -> Option<Markup> {
        // The form of a decided review has this one field, which comes back in it.
        let besides = self.besides(&["reopen_reason", "force"]);
        if besides.is_empty() && !self.has_typed_output(overlay) {
            return None;
        }
        let content = html! {
            p { "This was not saved, and the review is decided. To save it, reopen the review:" }
            (self.typed_output(overlay))
            (listed(&besides))
        };
        Some(notice("bad", &content))
    }

    /// What was typed into the output: what it changes, or, where it cannot be read, as it was typed.
    fn typed_output(&self, overlay: &Overlay) -> Markup {
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

    /// After `action` was done: what it did not send, if there is any.
    pub(crate) async fn unsent(&self, action: Action) -> Result<Option<Reply>, Error> {
        let takes_output = matches!(action, Action::Save | Action::Approve);
        let besides = self.besides(action.sends());
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
        let said = review::said(action.done(), &overlay, &self.viewer.caller.actor, self.call.now());
        let said = said.unwrap_or_else(|| "Done.".into());
        let banner = if is_open(&overlay) {
            notice(
                "good",
                &html! { p { (said) } p { "What you had typed besides is below. It is not saved yet." } },
            )
        } else {
            notice(
                "news",
                &html! {
                    p { (said) }
                    p { "What you had typed besides was not part of that, and was not saved:" }
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
            ..PageState::default()
        };
        Ok(Some(review::reply(self.app, self.viewer, &overlay, &state, StatusCode::OK, self.call.now())))
    }

    /// A correction that says what the newest version says: nothing is written.
    pub(crate) fn nothing_to_save(&self, overlay: &Overlay) -> Reply {
        let text = "Nothing is different from the version that you opened, so nothing was saved.";
        self.as_sent(overlay, notice("good", &html! { (text) }), StatusCode::OK)
    }

    /// Fields that cannot be read: the page says which.
    pub(crate) fn shown_wrong(&self, overlay: &Overlay, wrong: ValueError) -> Reply {
        // As it was when it was typed into: what others did since is not to be overwritten by fields that only look typed.
        let state = PageState { wrong, ..self.sent_state(overlay) };
        self.page(overlay, state, StatusCode::UNPROCESSABLE_ENTITY)
    }

    /// The same, as a form or as JSON.
    pub(crate) async fn other_view(&self, as_json: bool) -> Result<Reply, Error> {
        let overlay = self.app.store.load(self.id).await?.ok_or(Error::ReviewNotFound)?;
        let typed = match self.typed(&overlay) {
            Ok(typed) => typed,
            Err(wrong) => return Ok(self.shown_wrong(&overlay, wrong)),
        };
        let stays = !as_json && !typed.mine.fits_a_form();
        let said = "Rows were put into another order: that can be shown as JSON only, until it is saved.";
        let besides = self.besides(&[]);
        let state = PageState {
            banner: stays.then(|| notice("news", &html! { (said) })),
            sent: Some(&besides),
            mine: typed.mine,
            as_json: as_json || stays,
            ..self.sent_state(&overlay)
        };
        Ok(self.page(&overlay, state, StatusCode::OK))
    }

    /// Two versions beside what was typed.
    pub(crate) async fn comparison(&self) -> Result<Reply, Error> {
        let overlay = self.app.store.load(self.id).await?.ok_or(Error::ReviewNotFound)?;
        let seq = |name: &str| self.sent.get(name).and_then(|text| text.parse().ok()).map(Seq);
        let state = PageState { compared: seq("from").zip(seq("to")), ..self.sent_state(&overlay) };
        Ok(self.page(&overlay, state, StatusCode::OK))
    }

    /// To the next review, or out; but not before the reader has said what becomes of what was typed.
    pub(crate) async fn away(&self, sign_out: bool) -> Result<Reply, Error> {
        let overlay = self.app.store.load(self.id).await?.ok_or(Error::ReviewNotFound)?;
        if !self.has_typed(&overlay) {
            return if sign_out {
                session::leave(self.app, self.call, self.viewer.token).await
            } else {
                crate::next(self.app, self.call, self.viewer, &SubmittedForm::default()).await
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
        Ok(self.as_sent(&overlay, notice("news", &banner), StatusCode::OK))
    }

    /// Corrections are no part of a rejection, after which nothing can be saved: the reader is asked first.
    pub(crate) async fn asks_before_rejecting(&self) -> Result<Option<Reply>, Error> {
        if !self.sent.has_fields() && self.sent.text("note").is_none() {
            return Ok(None);
        }
        let overlay = self.app.store.load(self.id).await?.ok_or(Error::ReviewNotFound)?;
        let (output, note) = (self.has_typed_output(&overlay), self.sent.text("note").is_some());
        // Somebody else's change is met first, with all that was typed.
        if self.rev() != Some(overlay.review.rev) || !is_open(&overlay) || !(output || note) {
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
        Ok(Some(self.as_sent(&overlay, notice("bad", &banner), StatusCode::UNPROCESSABLE_ENTITY)))
    }

    /// A page of ours, made for a session that is over: nothing is done, and nothing typed is lost.
    pub(crate) async fn of_another_session(&self) -> Result<Reply, Error> {
        let overlay = self.app.store.load(self.id).await?.ok_or(Error::ReviewNotFound)?;
        let banner = html! {
            p { strong { "Nothing was done yet." } " You have signed in again since this page was opened. What you typed is below: send it again." }
        };
        Ok(self.as_sent(&overlay, notice("bad", &banner), StatusCode::FORBIDDEN))
    }
}

fn is_open(overlay: &Overlay) -> bool {
    overlay.review.status == Status::AwaitingReview
}

/// What was typed besides the output, to be read or copied.
pub(crate) fn listed(besides: &SubmittedForm) -> Markup {
    html! {
        @if !besides.is_empty() { dl.typed-besides {
            @for (name, title) in BESIDES.iter().filter(|(name, _)| *name != "force") {
                @if let Some(text) = besides.get(name) { dt { (title) } dd { blockquote dir="auto" { (text) } } }
            }
        } }
    }
}

/// What a field is called, by its name: `f/line_items/0/amount` is "Line items › 1 › Amount".
pub(crate) fn title(field: &str, base: Option<&Node>) -> String {
    if let Some((_, title)) = BESIDES.iter().find(|(name, _)| *name == field) {
        return (*title).to_owned();
    }
    let mut node = base;
    let mut steps = Vec::new();
    for segment in field.split('/').skip(1) {
        let (step, below) = if let Some(Node::List(items)) = node {
            match segment.parse::<usize>() {
                Ok(index) => ((index + 1).to_string(), items.get(index)),
                // `2.0`: a row that is not there yet.
                Err(_) => ("new row".to_owned(), None),
            }
        } else {
            let key = key_of(segment);
            let below = match node {
                Some(Node::Object(entries)) => entries.iter().find(|(name, _)| *name == key),
                _ => None,
            };
            (key_label(&key), below.map(|(_, value)| value))
        };
        steps.push(step);
        node = below;
    }
    if steps.is_empty() { "The whole output".into() } else { steps.join(" › ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_called_by_its_place() {
        let base = Node::parse(r#"{"line_items": [{"a/b": 1}], "0": {"x": 1}}"#).unwrap();
        let called = |field: &str| title(field, Some(&base));
        assert_eq!(called("f/line_items/0/a~1b"), "Line items › 1 › A/b");
        assert_eq!(called("f/0/x"), "0 › X");
        assert_eq!(
            (called("snapshot"), called("escalate_to")),
            ("The whole output".into(), "To whom?".into())
        );
    }
}
