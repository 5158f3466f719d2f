//! What a reader does to a review. Each is a call of the API's own function, on the reader's behalf: the same rules, the
//! same answers. What is refused comes back with all that was typed.

use crate::compare::merge;
use crate::compare::{Lists, compare};
use crate::document::{Node, pointer};
use crate::form::{self, Sent, Wrong};
use crate::page::{Reader, notice};
use crate::review::{self, Showing, address, differences, happened, place};
use lambda_http::http::StatusCode;
use maud::{Markup, html};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use shared::http::{App, Call, Error, Fault, Function, Reply};
use shared::review::{AuditEntry, Refusal, Rev, ReviewId, Seq, Status, visible};
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
    /// Nothing is written: what was typed is put onto the newest version, and shown.
    Merge,
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
            "merge" => Self::Merge,
            _ => return None,
        })
    }

    const fn function(self) -> &'static Function {
        match self {
            Self::Claim => &claim::FUNCTION,
            Self::Release => &release::FUNCTION,
            Self::Save => &edit::FUNCTION,
            Self::Approve | Self::Reject | Self::Escalate | Self::Merge => &decide::FUNCTION,
            Self::Reopen => &reopen::FUNCTION,
        }
    }

    const fn done(self) -> &'static str {
        match self {
            Self::Claim => "claimed",
            Self::Release => "released",
            Self::Save => "saved",
            Self::Approve => "approved",
            Self::Reject => "rejected",
            Self::Escalate => "escalated",
            Self::Reopen => "reopened",
            Self::Merge => "",
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
struct Typed {
    base: Node,
    mine: Node,
}

impl Attempt<'_> {
    /// Does it, and sends the reader on; or shows the review again, with all that was typed and what was wrong.
    pub(crate) async fn run(&self, action: Action) -> Result<Reply, Error> {
        match action {
            Action::Merge => self.again(None).await,
            Action::Save | Action::Approve => self.with_output(action).await,
            _ => {
                let body = self.body(action);
                self.finish(action, self.api(action, body.to_string()).await).await
            }
        }
    }

    /// A call of the API.
    async fn api(&self, action: Action, body: String) -> Result<Reply, Error> {
        let review = (self.id.run.as_str(), self.id.block.as_str());
        let call = self.call.inner(Some(review), body);
        action.function().call(self.app, self.reader.caller, &call).await
    }

    /// The `rev` that the reader had seen.
    fn rev(&self) -> Option<Rev> {
        self.sent.get("version_stamp").and_then(|text| text.parse().ok()).map(Rev)
    }

    /// The version that the form was made of.
    fn seq(&self) -> Option<Seq> {
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
            Action::Reject => {
                json!({ "verdict": "rejected", "version_stamp": stamp, "reason": text("reject_reason").unwrap_or_default() })
            }
            Action::Escalate => json!({
                "verdict": "escalated", "version_stamp": stamp, "reason": text("escalate_reason").unwrap_or_default(),
                "escalate_to": text("escalate_to").unwrap_or_default(),
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
        let changed = typed.base != typed.mine;
        if action == Action::Save && !changed {
            return Ok(self.kept("nothing", &overlay, &typed));
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
        let output = changed.then(|| (output, typed.mine.compact()));
        self.finish(action, self.api(action, with_raw(&body, output)).await).await
    }

    /// What was typed; the fields that cannot be read, if there are any.
    fn typed(&self, overlay: &Overlay) -> Result<Typed, Wrong> {
        let base = review::node_of(overlay, self.seq().unwrap_or(overlay.review.head_seq));
        let base = base.or_else(|| review::node_of(overlay, overlay.review.head_seq)).unwrap_or(Node::Null);
        let mine = match self.sent.get("snapshot") {
            None => form::read(&base, self.sent)?,
            Some(text) => match Node::parse(text.trim()) {
                Ok(node @ Node::Object(_)) => node,
                Ok(_) => return Err(Wrong::from([("snapshot".to_owned(), "must be a JSON object")])),
                Err(_) => return Err(Wrong::from([("snapshot".to_owned(), "is no valid JSON")])),
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
                self.again(Some((error, Wrong::from([("force".to_owned(), fault)])))).await
            }
            Error::Refused { .. }
            | Error::Invalid(_)
            | Error::SnapshotTooLarge { .. }
            | Error::BodyTooLarge { .. } => {
                let wrong = wrong(action, &error);
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
        if matches!(action, Action::Claim | Action::Release | Action::Escalate) && self.has_typed() {
            let overlay = self.app.store.load(self.id).await?.ok_or(Error::ReviewNotFound)?;
            if let Ok(typed) = self.typed(&overlay) {
                return Ok(self.kept(action.done(), &overlay, &typed).counted_as(reply));
            }
        }
        Ok(Reply::see_other(&format!("{}?done={}", address(self.id), action.done())).counted_as(reply))
    }

    /// Whether anything came that is typed into the output or beside it.
    fn has_typed(&self) -> bool {
        self.sent.has_fields() || self.sent.text("note").is_some()
    }

    /// What was done, or need not be, has nothing to do with what was typed: that comes back as it is, not saved.
    fn kept(&self, done: &str, overlay: &Overlay, typed: &Typed) -> Reply {
        let head = review::node_of(overlay, overlay.review.head_seq).unwrap_or(Node::Null);
        let merged = merge(&typed.base, &typed.mine, &head);
        let besides = Besides::of(self.sent);
        if merged.node == head && self.sent.text("note").is_none() {
            return Reply::see_other(&format!("{}?done={done}", address(self.id)));
        }
        let showing = Showing {
            banner: review::said(done, &overlay.review),
            sent: Some(&besides.0),
            as_json: merged.structural || self.is_json(),
            mine: (merged.node != head).then_some(merged.node),
            ..Showing::default()
        };
        review::reply(self.app, self.reader, overlay, &showing, StatusCode::OK, self.call.now())
    }

    /// Whether the output was shown as JSON.
    fn is_json(&self) -> bool {
        self.sent.get("snapshot").is_some() || self.sent.get("view") == Some("json")
    }

    fn shown_wrong(&self, overlay: &Overlay, wrong: Wrong) -> Reply {
        let banner = notice(
            "bad",
            &html! { "Nothing was saved: " @if wrong.len() == 1 { "one field" } @else { (wrong.len()) " fields" } " cannot be read. See below." },
        );
        let showing = Showing {
            banner: Some(banner),
            sent: Some(self.sent),
            wrong,
            as_json: self.is_json(),
            // As it was when it was typed into: what others did since is not to be overwritten by fields that only look typed.
            as_of: self.seq().zip(self.rev()),
            ..Showing::default()
        };
        review::reply(
            self.app,
            self.reader,
            overlay,
            &showing,
            StatusCode::UNPROCESSABLE_ENTITY,
            self.call.now(),
        )
    }

    /// The review as it is by now, with what was typed on top of it, and why nothing was done.
    pub(crate) async fn again(&self, refused: Option<(Error, Wrong)>) -> Result<Reply, Error> {
        let overlay = self.app.store.load(self.id).await?.ok_or(Error::ReviewNotFound)?;
        let (error, mut wrong) = refused.unzip();
        let typed = match self.typed(&overlay) {
            Ok(typed) => typed,
            Err(unread) => return Ok(self.shown_wrong(&overlay, unread)),
        };
        let head = review::node_of(&overlay, overlay.review.head_seq).unwrap_or(Node::Null);
        let merged = merge(&typed.base, &typed.mine, &head);
        let banner = self.banner(&overlay, error.as_ref(), &typed, &head, &merged);
        // A field that is not among those of the newest version could not be shown in their form.
        let as_json = merged.structural || self.is_json();
        let typed_besides = Besides::of(self.sent);
        let showing = Showing {
            banner: Some(banner),
            sent: Some(&typed_besides.0),
            mine: (merged.node != head).then_some(merged.node),
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

    fn banner(
        &self,
        overlay: &Overlay,
        error: Option<&Error>,
        typed: &Typed,
        head: &Node,
        merged: &crate::compare::Merged,
    ) -> Markup {
        let review = &overlay.review;
        let stamp = self.rev().unwrap_or(review.rev);
        if review.rev == stamp {
            let text = error
                .map_or_else(|| "This is what you had typed. It is not saved yet.".to_owned(), reader_text);
            return notice(if error.is_some() { "bad" } else { "good" }, &html! { p { (text) } });
        }
        let changes: Vec<&AuditEntry> = overlay
            .older_audit
            .iter()
            .chain(review.changes_since(stamp))
            .filter(|entry| entry.rev_result().map_or(entry.rev_observed >= stamp, |result| result > stamp))
            .collect();
        let theirs = compare(&typed.base, head, Lists::Items);
        let kept = typed.base != typed.mine;
        notice(
            "bad",
            &html! {
                h2 #conflict { "Somebody was faster" }
                @if let Some(error) = error.filter(|error| !error.is_conflict()) { p { (reader_text(error)) } }
            p { "Nothing was lost, and nothing of yours was saved yet. Since you opened this review:" }
                (happened(&changes))
                @if !theirs.is_empty() { (differences(&theirs, "When you opened it", "Now")) }
                @if review.status != Status::AwaitingReview {
                    p { "The review is decided now, so nothing more can be saved. To change that, reopen it." }
                    @if kept { (unsaved(typed)) }
                } @else {
                        @if kept { p { "Your own changes are put on top of version " (review.head_seq.0) " below, and marked. Look at them, and save." } }
                    @else { p { "Look at what is below, and decide again." } }
                    @if !merged.both.is_empty() {
                        p { "Both of you changed: " @for (index, path) in merged.both.iter().enumerate() {
                            @if index > 0 { ", " } strong data-both=(pointer(path)) { bdi { (place(path)) } } } ". Yours is what stands below." }
                    }
                    @if !merged.lost.is_empty() {
                        p { "These changes of yours have no place any more: " }
                        (unsaved(typed))
                    }
                }
            },
        )
    }
}

/// What was typed, to be read or copied.
fn unsaved(typed: &Typed) -> Markup {
    let mine = compare(&typed.base, &typed.mine, Lists::Items);
    html! { h3 { "What you had typed" } (differences(&mine, "When you opened it", "Yours")) }
}

/// What was typed besides the output: that is put onto the newest version, and not shown as it was sent.
struct Besides(Sent);

impl Besides {
    fn of(sent: &Sent) -> Self {
        const NAMES: [&str; 5] = ["note", "reject_reason", "escalate_reason", "escalate_to", "reopen_reason"];
        let kept = NAMES.iter().filter_map(|name| Some(((*name).to_owned(), sent.get(name)?.to_owned())));
        Self(Sent::new(kept.collect()))
    }
}

/// Why the API refused, for a person.
fn reader_text(error: &Error) -> String {
    match error {
        Error::Refused { refusal: Refusal::NotOpen, .. } => "The review is decided already.".into(),
        Error::Invalid(faults) if faults.listed().iter().all(|fault| !is_of_output(fault)) => {
            "Nothing was done: something is missing or too long. See below.".into()
        }
        error => visible(&error.to_string()).into_owned(),
    }
}

/// Whether it is about the output as a whole, which no single field says.
fn is_of_output(fault: &Fault) -> bool {
    fault.loc.get(1).is_some_and(|name| name == "snapshot" || name == "edited_output")
}

/// Which fields the API found wrong.
fn wrong(action: Action, error: &Error) -> Wrong {
    let Error::Invalid(faults) = error else { return Wrong::new() };
    let named = faults.listed().iter().filter_map(|fault| {
        let name = match (fault.loc.get(1).map(String::as_str)?, action) {
            ("reason", Action::Reject) => "reject_reason",
            ("reason", Action::Escalate) => "escalate_reason",
            ("reason", Action::Reopen) => "reopen_reason",
            ("reason" | "note", _) => "note",
            ("escalate_to", _) => "escalate_to",
            _ => return None,
        };
        let said =
            if fault.message.contains("characters") { "is needed, and has a limit" } else { "is needed" };
        Some((name.to_owned(), said))
    });
    named.collect()
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
