//! One attempt at an action: the call of the API, and the page that follows.

use super::Action;
use super::next::next;
use super::refusal::faults_of;
use crate::form::{SubmittedForm, ValueError};
use crate::pages::frame::go;
use crate::pages::review::claim;
use crate::paths;
use crate::session::Viewer;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use shared::api::{App, Call, Error, Reply};
use shared::hex::hex;
use shared::review::{Refusal, RequestDigest, Rev, ReviewId, Seq};

/// One attempt at an action on a review.
pub(crate) struct Attempt<'a> {
    pub(crate) app: &'a App,
    pub(crate) call: &'a Call,
    pub(crate) viewer: &'a Viewer<'a>,
    pub(crate) id: &'a ReviewId,
    pub(crate) sent: &'a SubmittedForm,
}

impl Attempt<'_> {
    /// Does it, and sends the reader on; or shows the review again, with all that was typed and what was wrong.
    pub(crate) async fn run(&self, action: Action) -> Result<Reply, Error> {
        match action {
            Action::Merge => self.again(None).await,
            Action::ShowForm | Action::ShowJson => self.other_view(action == Action::ShowJson).await,
            Action::Compare => self.comparison().await,
            Action::Next | Action::SignOut => self.away(action == Action::SignOut).await,
            Action::Save | Action::Approve | Action::ApproveNext => self.with_output(action).await,
            Action::Restore => self.restore().await,
            Action::Reject => match self.asks_before_rejecting().await? {
                Some(asked) => Ok(asked),
                None => self.plain(action).await,
            },
            Action::Assign if !self.names_anybody() => {
                let overlay = self.app.store.load(self.id).await?.ok_or(Error::ReviewNotFound)?;
                let fault = "is needed, or ids of people";
                self.shown_wrong(&overlay, ValueError::from([("assign_groups".to_owned(), fault)])).await
            }
            Action::Claim
            | Action::Release
            | Action::RejectOnly
            | Action::Escalate
            | Action::Reopen
            | Action::Assign
            | Action::Unassign
            | Action::Comment => self.plain(action).await,
        }
    }

    /// An action that sends no output.
    async fn plain(&self, action: Action) -> Result<Reply, Error> {
        let body = |stamp: &Value| self.body(action, stamp).to_string();
        self.finish(action, self.api(action, body).await).await
    }

    /// A call of the API, with a body that holds the stamp. A stamp that only claims have passed is no conflict: the viewer sees what
    /// there is. Whoever claims does see the claim, so a claim is not repeated.
    async fn api(&self, action: Action, body: impl Fn(&Value) -> String) -> Result<Reply, Error> {
        let result = self.call(action, body(&self.stamp())).await;
        if action == Action::Claim || !matches!(&result, Err(error) if error.is_conflict()) {
            return result;
        }
        match self.rev_after_claims().await? {
            Some(rev) => self.call(action, body(&rev.0.into())).await,
            None => result,
        }
    }

    /// The newest `rev`, if only claims have changed since the viewer's, and nobody else holds one.
    async fn rev_after_claims(&self) -> Result<Option<Rev>, Error> {
        let (Some(seen), Some(review)) = (self.rev(), self.app.store.peek(self.id).await?) else {
            return Ok(None);
        };
        let me = &self.viewer.caller.actor;
        let is_held = review.claim_at(self.call.now()).is_some_and(|claim| !claim.holder.is(me));
        Ok((claim::only_claims_since(&review, seen) && !is_held).then_some(review.rev))
    }

    async fn call(&self, action: Action, body: String) -> Result<Reply, Error> {
        let review = (self.id.run.as_str(), self.id.block.as_str());
        let call = self.call.inner(Some(review), body);
        let function = action.function().ok_or(Error::RouteNotFound)?;
        function.call(self.app, self.viewer.caller, &call).await
    }

    /// The `rev` that the reader had seen.
    pub(super) fn rev(&self) -> Option<Rev> {
        self.sent.get("version_stamp").and_then(|text| text.parse().ok()).map(Rev)
    }

    /// The version that the form was made of.
    pub(super) fn seq(&self) -> Option<Seq> {
        self.sent.get("base_seq").and_then(|text| text.parse().ok()).map(Seq)
    }

    fn stamp(&self) -> Value {
        self.rev().map_or(Value::Null, |rev| rev.0.into())
    }

    /// The body of a call that sends no output.
    fn body(&self, action: Action, stamp: &Value) -> Value {
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
            Action::Assign => {
                let actors = listed(text("assign_actors"));
                // Who gives it away does not go on with it.
                let hand_over = !actors.iter().any(|id| id == self.viewer.caller.actor.id.as_str());
                json!({
                    "version_stamp": stamp, "reason": text("assign_reason"), "hand_over": hand_over,
                    "groups": listed(text("assign_groups")), "actors": actors,
                })
            }
            Action::Unassign => json!({ "version_stamp": stamp, "reason": text("assign_reason") }),
            Action::Comment => self.comment(),
            _ => json!({ "version_stamp": stamp }),
        }
    }

    /// A comment is one command for each page and text: pressed twice it is there once, and changed after going back it is another.
    fn comment(&self) -> Value {
        let text = self.sent.text("comment_text").unwrap_or_default();
        let mentions: Vec<String> = self.sent.text("comment_mention").into_iter().collect();
        let parts = [text.as_bytes(), mentions.first().map_or(&[][..], |id| id.as_bytes())];
        let digest = hex(&RequestDigest::of("comment", &parts).0);
        let page = |id: &str| id.chars().filter(char::is_ascii_alphanumeric).take(40).collect::<String>();
        let command = self.sent.get("comment_id").map(|id| format!("{}-{digest}", page(id)));
        json!({ "text": text, "mentions": mentions, "command_id": command })
    }

    /// Whether anybody is named to assign the review to.
    fn names_anybody(&self) -> bool {
        ["assign_groups", "assign_actors"].into_iter().any(|field| !listed(self.sent.text(field)).is_empty())
    }

    /// Saves a correction, or approves, with one if something was typed.
    async fn with_output(&self, action: Action) -> Result<Reply, Error> {
        let overlay = self.app.store.load(self.id).await?.ok_or(Error::ReviewNotFound)?;
        let typed = match self.typed(&overlay) {
            Ok(typed) => typed,
            Err(wrong) => return self.shown_wrong(&overlay, wrong).await,
        };
        let changed = typed.is_changed();
        if action == Action::Save && !changed && typed.reasons.is_none() {
            return self.nothing_to_save(&overlay).await;
        }
        let mut body: Map<String, Value> = Map::new();
        // Why values were left empty is said in the note.
        let notes: Vec<String> = self.sent.text("note").into_iter().chain(typed.reasons).collect();
        let note = if notes.is_empty() { Value::Null } else { notes.join("\n").into() };
        let output = if action == Action::Save {
            body.insert("note".into(), note);
            "snapshot"
        } else {
            body.insert("verdict".into(), "approved".into());
            body.insert("reason".into(), note);
            "edited_output"
        };
        let output =
            (changed || action == Action::Save).then(|| (output, typed.mine.apply(&typed.base).compact()));
        let body = |stamp: &Value| with_raw(&body, stamp, output.as_ref());
        self.finish(action, self.api(action, body).await).await
    }

    /// Saves an earlier version's output as the newest version. What was typed comes first.
    async fn restore(&self) -> Result<Reply, Error> {
        let overlay = self.app.store.load(self.id).await?.ok_or(Error::ReviewNotFound)?;
        if self.has_typed_output(&overlay) {
            return self.restore_asks(&overlay).await;
        }
        let seq = self.sent.get("restore").and_then(|text| text.parse().ok()).map(Seq);
        let version = overlay.versions.iter().find(|version| Some(version.seq) == seq);
        let version = version.ok_or(Error::VersionNotFound)?;
        let note = format!("Restored from version {}", version.seq.0);
        let body = Map::from_iter([("note".to_owned(), Value::from(note))]);
        let snapshot = ("snapshot", version.snapshot.as_str().to_owned());
        let body = |stamp: &Value| with_raw(&body, stamp, Some(&snapshot));
        self.finish(Action::Restore, self.api(Action::Restore, body).await).await
    }

    async fn finish(&self, action: Action, result: Result<Reply, Error>) -> Result<Reply, Error> {
        let error = match result {
            Ok(reply) => return self.done(action, &reply).await,
            Err(error) => error,
        };
        match &error {
            Error::Refused { refusal: Refusal::AlreadyResumed, .. } => {
                let fault = "The decision was delivered to the run, or may have been: check the box to reopen anyway.";
                self.again(Some((error, ValueError::from([("force".to_owned(), fault)])))).await
            }
            Error::Refused { .. }
            | Error::OutputInvalid { .. }
            | Error::Invalid(_)
            | Error::SnapshotTooLarge { .. }
            | Error::BodyTooLarge { .. } => {
                let wrong = faults_of(action, &error, self.sent);
                self.again(Some((error, wrong))).await
            }
            _ => Err(error),
        }
    }

    async fn done(&self, action: Action, reply: &Reply) -> Result<Reply, Error> {
        if self.sent.get("part").is_some() {
            let review = self.app.store.peek(self.id).await?.ok_or(Error::ReviewNotFound)?;
            return Ok(claim::state_reply(self.call, self.viewer, &review, review.rev).counted_as(reply));
        }
        // What it did not send is not lost; without any such, a plain page that can be loaded again.
        if let Some(kept) = self.unsent(action).await? {
            return Ok(kept.counted_as(reply));
        }
        if action == Action::ApproveNext {
            return next(self.app, self.call, self.viewer, self.sent)
                .await
                .map(|page| page.counted_as(reply));
        }
        let flow = self.sent.get("workflow_id").map(|workflow| ("workflow_id", workflow));
        let to = paths::with_query(&paths::review(self.id), [Some(("done", action.done())), flow]);
        Ok(go(self.call, &to).counted_as(reply))
    }
}

/// The names in a text, between commas, spaces or lines.
fn listed(text: Option<String>) -> Vec<String> {
    let text = text.unwrap_or_default();
    let names = text.split(|at: char| at == ',' || at.is_whitespace()).filter(|name| !name.is_empty());
    names.map(str::to_owned).collect()
}

/// An object with a stamp, and with one more field whose value is JSON already.
fn with_raw(body: &Map<String, Value>, stamp: &Value, raw: Option<&(&str, String)>) -> String {
    let mut fields: Vec<(&str, Box<RawValue>)> = Vec::new();
    for (name, value) in
        body.iter().map(|(name, value)| (name.as_str(), value)).chain([("version_stamp", stamp)])
    {
        fields.extend(serde_json::value::to_raw_value(value).ok().map(|value| (name, value)));
    }
    if let Some((name, text)) = raw {
        fields.extend(RawValue::from_string(text.clone()).ok().map(|value| (*name, value)));
    }
    let object: Vec<String> =
        fields.iter().map(|(name, value)| format!("{}:{}", Value::from(*name), value.get())).collect();
    format!("{{{}}}", object.join(","))
}
