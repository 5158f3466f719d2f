//! What a reader does to a review. Each is a call of the API's own function, on the reader's behalf: the same rules, the
//! same answers. What is refused comes back with all that was typed.

use crate::compare::changes::Changes;
use crate::compare::{Patch, diff, merge};
use crate::conflict;
use crate::document::Node;
use crate::form::{self, Sent, ValueError};
use crate::page::{Reader, notice};
use crate::refused::{reader_text, wrong};
use crate::review::{self, Showing, address, happened};
use crate::typed;
use lambda_http::http::StatusCode;
use maud::{Markup, html};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use shared::api::{App, Call, Error, Handler, Reply};
use shared::review::{AuditEntry, Refusal, Rev, ReviewId, Seq, Status};
use shared::store::Overlay;

/// What can be done to a review.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Claim,
    Release,
    Save,
    Approve,
    Reject,
    Escalate,
    Reopen,
    /// As [`Action::Reject`], by somebody who knows that corrections that were typed are not part of it.
    RejectOnly,
    /// Nothing is written: what was typed is put onto the newest version, and shown.
    Merge,
    /// Nothing is written: what was typed is shown as a form.
    ShowForm,
    /// Nothing is written: what was typed is shown as JSON.
    ShowJson,
    /// Nothing is written: two versions are compared, beside what was typed.
    Compare,
    /// Goes to another review, if nothing was typed into this one.
    Next,
    /// Signs out, if nothing was typed.
    SignOut,
}

impl Action {
    /// The action that a path names.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "claim" => Self::Claim,
            "release" => Self::Release,
            "save" => Self::Save,
            "approve" => Self::Approve,
            "reject" => Self::Reject,
            "escalate" => Self::Escalate,
            "reopen" => Self::Reopen,
            "reject-only" => Self::RejectOnly,
            "merge" => Self::Merge,
            "form" => Self::ShowForm,
            "json" => Self::ShowJson,
            "compare" => Self::Compare,
            "next" => Self::Next,
            "sign-out" => Self::SignOut,
            _ => return None,
        })
    }

    /// The API's function that does it; none for what writes nothing.
    const fn function(self) -> Option<&'static Handler> {
        Some(match self {
            Self::Claim => &const { claim::ENDPOINT.handler },
            Self::Release => &const { release::ENDPOINT.handler },
            Self::Save => &const { edit::ENDPOINT.handler },
            Self::Approve | Self::Reject | Self::RejectOnly | Self::Escalate => {
                &const { decide::ENDPOINT.handler }
            }
            Self::Reopen => &const { reopen::ENDPOINT.handler },
            _ => return None,
        })
    }

    /// What the page's address says of it; the page looks whether it is so.
    pub(crate) const fn done(self) -> &'static str {
        match self {
            Self::Claim => "claimed",
            Self::Release => "released",
            Self::Save => "saved",
            Self::Approve => "approved",
            Self::Reject | Self::RejectOnly => "rejected",
            Self::Escalate => "escalated",
            Self::Reopen => "reopened",
            _ => "",
        }
    }

    /// The fields besides the output that it sends.
    pub(crate) const fn sends(self) -> &'static [&'static str] {
        match self {
            Self::Save | Self::Approve => &["note"],
            Self::Reject | Self::RejectOnly => &["reject_reason"],
            Self::Escalate => &["escalate_to", "escalate_reason"],
            Self::Reopen => &["reopen_reason", "force"],
            _ => &[],
        }
    }
}

/// Somebody's try to do something to a review.
pub(crate) struct Attempt<'a> {
    pub(crate) app: &'a App,
    pub(crate) call: &'a Call,
    pub(crate) reader: &'a Reader<'a>,
    pub(crate) id: &'a ReviewId,
    pub(crate) sent: &'a Sent,
}

/// What the form says besides what is to be done: the document it was made of, and what was typed.
pub(crate) struct Typed {
    pub(crate) base: Node,
    pub(crate) mine: Patch,
}

impl Typed {
    /// Whether it says something else than the version that the form was made of.
    pub(crate) fn is_changed(&self) -> bool {
        self.mine != Patch::Same
    }
}

impl Attempt<'_> {
    /// Does it, and sends the reader on; or shows the review again, with all that was typed and what was wrong.
    pub(crate) async fn run(&self, action: Action) -> Result<Reply, Error> {
        match action {
            Action::Merge => self.again(None).await,
            Action::ShowForm | Action::ShowJson => self.other_view(action == Action::ShowJson).await,
            Action::Compare => self.comparison().await,
            Action::Next | Action::SignOut => self.away(action == Action::SignOut).await,
            Action::Save | Action::Approve => self.with_output(action).await,
            Action::Reject => match self.asks_before_rejecting().await? {
                Some(asked) => Ok(asked),
                None => self.plain(action).await,
            },
            Action::Claim | Action::Release | Action::RejectOnly | Action::Escalate | Action::Reopen => {
                self.plain(action).await
            }
        }
    }

    /// What takes no output.
    async fn plain(&self, action: Action) -> Result<Reply, Error> {
        let body = self.body(action);
        self.finish(action, self.api(action, body.to_string()).await).await
    }

    /// A call of the API.
    async fn api(&self, action: Action, body: String) -> Result<Reply, Error> {
        let review = (self.id.run.as_str(), self.id.block.as_str());
        let call = self.call.inner(Some(review), body);
        let function = action.function().ok_or(Error::RouteNotFound)?;
        function.call(self.app, self.reader.caller, &call).await
    }

    /// The `rev` that the reader had seen.
    pub(crate) fn rev(&self) -> Option<Rev> {
        self.sent.get("version_stamp").and_then(|text| text.parse().ok()).map(Rev)
    }

    /// The version that the form was made of.
    pub(crate) fn seq(&self) -> Option<Seq> {
        self.sent.get("base_seq").and_then(|text| text.parse().ok()).map(Seq)
    }

    fn stamp(&self) -> Value {
        self.rev().map_or(Value::Null, |rev| rev.0.into())
    }

    /// What the API is sent, for what takes no output.
    fn body(&self, action: Action) -> Value {
        let stamp = self.stamp();
        let text = |name: &str| self.sent.text(name);
        match action {
            Action::Reject | Action::RejectOnly => {
                json!({ "verdict": "rejected", "version_stamp": stamp, "reason": text("reject_reason").unwrap_or_default() })
            }
            Action::Escalate => json!({
                "verdict": "escalated", "version_stamp": stamp, "reason": text("escalate_reason").unwrap_or_default(),
                // It is one line, whatever was typed into its field.
                "escalate_to": text("escalate_to").unwrap_or_default().replace('\n', " "),
            }),
            Action::Reopen => {
                let force = self.sent.get("force").is_some();
                json!({ "version_stamp": stamp, "reason": text("reopen_reason"), "force": force })
            }
            _ => json!({ "version_stamp": stamp }),
        }
    }

    /// Saves a correction, or approves, with one if something was typed.
    async fn with_output(&self, action: Action) -> Result<Reply, Error> {
        let overlay = self.app.store.load(self.id).await?.ok_or(Error::ReviewNotFound)?;
        let typed = match self.typed(&overlay) {
            Ok(typed) => typed,
            Err(wrong) => return Ok(self.shown_wrong(&overlay, wrong)),
        };
        let changed = typed.is_changed();
        if action == Action::Save && !changed {
            return Ok(self.nothing_to_save(&overlay));
        }
        let mut body: Map<String, Value> = Map::new();
        body.insert("version_stamp".into(), self.stamp());
        let note = self.sent.text("note").map_or(Value::Null, Value::from);
        let output = if action == Action::Save {
            body.insert("note".into(), note);
            "snapshot"
        } else {
            body.insert("verdict".into(), "approved".into());
            body.insert("reason".into(), note);
            "edited_output"
        };
        let output = changed.then(|| (output, typed.mine.apply(&typed.base).compact()));
        self.finish(action, self.api(action, with_raw(&body, output)).await).await
    }

    /// What was typed; the fields that cannot be read, if there are any.
    pub(crate) fn typed(&self, overlay: &Overlay) -> Result<Typed, ValueError> {
        let base = review::node_of(overlay, self.seq().unwrap_or(overlay.review.head_seq));
        let base = base.or_else(|| review::node_of(overlay, overlay.review.head_seq)).unwrap_or(Node::Null);
        let mine = match self.sent.get("snapshot") {
            None => form::read(&base, self.sent)?,
            Some(text) => match form::json(text) {
                Ok(node @ Node::Object(_)) => diff(&base, &node),
                Ok(_) => return Err(ValueError::from([("snapshot".to_owned(), "must be a JSON object")])),
                Err(fault) => return Err(ValueError::from([("snapshot".to_owned(), fault)])),
            },
        };
        Ok(Typed { base, mine })
    }

    async fn finish(&self, action: Action, result: Result<Reply, Error>) -> Result<Reply, Error> {
        let error = match result {
            Ok(reply) => return self.done(action, &reply).await,
            Err(error) => error,
        };
        match &error {
            Error::Refused { refusal: Refusal::AlreadyResumed, .. } => {
                let fault = "The run has been told, or may have been: check the box to reopen all the same.";
                self.again(Some((error, ValueError::from([("force".to_owned(), fault)])))).await
            }
            Error::Refused { .. }
            | Error::Invalid(_)
            | Error::SnapshotTooLarge { .. }
            | Error::BodyTooLarge { .. } => {
                let wrong = wrong(action, &error, self.sent);
                self.again(Some((error, wrong))).await
            }
            _ => Err(error),
        }
    }

    async fn done(&self, action: Action, reply: &Reply) -> Result<Reply, Error> {
        if self.sent.get("part").is_some() {
            let review = self.app.store.peek(self.id).await?.ok_or(Error::ReviewNotFound)?;
            return Ok(review::state_reply(self.call, self.reader, &review, review.rev).counted_as(reply));
        }
        // What it did not send is not lost; without any such, a plain page that can be loaded again.
        if let Some(kept) = self.unsent(action).await? {
            return Ok(kept.counted_as(reply));
        }
        Ok(Reply::see_other(&format!("{}?done={}", address(self.id), action.done())).counted_as(reply))
    }

    /// Whether the output was shown as JSON.
    pub(crate) fn is_json(&self) -> bool {
        self.sent.get("snapshot").is_some() || self.sent.get("view") == Some("json")
    }

    /// The review as it is by now, with what was typed on top of it, and why nothing was done.
    pub(crate) async fn again(&self, refused: Option<(Error, ValueError)>) -> Result<Reply, Error> {
        let overlay = self.app.store.load(self.id).await?.ok_or(Error::ReviewNotFound)?;
        let (error, mut wrong) = refused.unzip();
        let typed = match self.typed(&overlay) {
            Ok(typed) => typed,
            Err(unread) => return Ok(self.shown_wrong(&overlay, unread)),
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
        let typed_besides = self.besides(&[]);
        let showing = Showing {
            banner,
            sent: Some(if as_sent { self.sent } else { &typed_besides }),
            mine: if as_sent { Patch::Same } else { mine },
            wrong: wrong.take().unwrap_or_default(),
            as_json,
            ..Showing::default()
        };
        let status = error.as_ref().map_or(StatusCode::OK, Error::status);
        let reply = review::reply(self.app, self.reader, &overlay, &showing, status, self.call.now());
        Ok(match &error {
            Some(error) if error.is_conflict() => reply.counted_as_conflict(),
            _ => reply,
        })
    }

    pub(crate) fn banner(
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
                .map_or_else(|| "This is what you had typed. It is not saved yet.".to_owned(), reader_text);
            let is_open = review.status == Status::AwaitingReview;
            let content = html! {
                p { (text) }
                @if !is_open { @if typed.is_changed() { (unsaved(typed)) } (typed::listed(&self.besides(&["reopen_reason"]))) }
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
                @if let Some(error) = error.filter(|error| !error.is_conflict()) { p { (reader_text(error)) } }
            p { "Nothing was lost, and nothing of yours was saved yet. Since you opened this review:" }
                (happened(&changes))
                (met.theirs())
                @if review.status != Status::AwaitingReview {
                    p { "The review is decided now, so nothing more can be saved. To change that, reopen it." }
                    @if kept { (unsaved(typed)) }
                    (typed::listed(&self.besides(&[])))
                } @else {
                        @if kept { p { "Your own changes are put on top of version " (review.head_seq.0) " below, and marked. Look at them, and save." } }
                    @else { p { "Look at what is below, and decide again." } }
                    (met.questions())
                }
            },
        )
    }
}

/// What was typed, to be read or copied.
pub(crate) fn unsaved(typed: &Typed) -> Markup {
    let mine = Changes::of(&typed.base, &typed.mine);
    html! { h3 { "What you had typed" } (crate::differences::differences(&mine, "When you opened it", "Yours")) }
}

/// An object with one more field, whose value is JSON already.
fn with_raw(body: &Map<String, Value>, raw: Option<(&str, String)>) -> String {
    let mut fields: Vec<(&str, Box<RawValue>)> = Vec::new();
    for (name, value) in body {
        fields.extend(serde_json::value::to_raw_value(value).ok().map(|value| (name.as_str(), value)));
    }
    if let Some((name, text)) = raw {
        fields.extend(RawValue::from_string(text).ok().map(|value| (name, value)));
    }
    let object: Vec<String> =
        fields.iter().map(|(name, value)| format!("{}:{}", Value::from(*name), value.get())).collect();
    format!("{{{}}}", object.join(","))
}
