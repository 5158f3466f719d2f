//! What people said of a review, and the form to say something.

use super::footer::{is_used, text_area};
use super::view::View;
use crate::pages::elements::{name, time};
use crate::session::Viewer;
use maud::{Markup, html};
use shared::api::App;
use shared::review::{ActorId, AuditEntry, AuditEvent, CommentText, MAX_COMMENTS, visible};
use shared::store::{Member, Scope, StoreError};

/// The fields of the form.
pub(crate) const COMMENT_FIELDS: [&str; 2] = ["comment_text", "comment_mention"];

/// How many members are offered to be mentioned.
const OFFERED: usize = 100;

/// Who can be mentioned: the first members of the organization.
#[derive(Default)]
pub(super) struct People {
    members: Vec<Member>,
    has_more: bool,
}

/// Who can be mentioned, where the viewer can comment. One query.
pub(super) async fn people(app: &App, viewer: &Viewer<'_>) -> Result<People, StoreError> {
    if !viewer.caller.may(Scope::Review) {
        return Ok(People::default());
    }
    let page = app.store.members_after(&viewer.caller.organization, None, OFFERED).await?;
    let mut members = page.members;
    members.retain(|member| member.is_active() && !member.actor.is(&viewer.caller.actor));
    Ok(People { members, has_more: page.next.is_some() })
}

impl View<'_> {
    /// Whether the reader's comment is not there yet, or was just added.
    pub(super) fn is_commenting(&self) -> bool {
        self.state.done.as_deref() == Some("commented")
            || is_used(&COMMENT_FIELDS, self.state.sent, &self.state.wrong)
    }

    /// How many there are, for the strip under the head.
    pub(super) fn comment_count(&self) -> Markup {
        let count = self.review().comments;
        html! { @if count > 0 { span.comments { a href="#comments" { (count) (if count == 1 { " comment" } else { " comments" }) } } } }
    }

    /// The comments, newest first, and the form.
    pub(super) fn comments(&self, path: &str) -> Markup {
        let entries = self.overlay.older_audit.iter().chain(&self.review().journal);
        let listed: Vec<_> = entries.filter_map(said).collect();
        let count = self.review().comments;
        let older = (count as usize).saturating_sub(listed.len());
        html! {
            @if self.may_review || count > 0 { section.card #comments { h2 { "Comments" @if count > 0 { " (" (count) ")" } }
                @if self.may_review {
                    @if count < MAX_COMMENTS { (self.comment_form(path)) }
                    @else { p.muted { "A review has at most " (MAX_COMMENTS) " comments." } }
                }
                @if !listed.is_empty() { ul.decisions { @for (entry, text, mentions) in listed.iter().rev() { li {
                    div { (name(&entry.actor)) " " span.muted { (time(entry.at)) } }
                    blockquote dir="auto" { (visible(text.as_str())) }
                    @if !mentions.is_empty() { div.muted { "To " bdi { (self.names(mentions)) } } }
                } } } }
                @if older > 0 { p.muted { "And " (older) " older, in the audit." } }
            } }
        }
    }

    /// The names of those who are mentioned; the ids of those who are not among who was read.
    fn names(&self, mentions: &[ActorId]) -> String {
        let me = &self.viewer.caller.actor;
        let known = self.people.members.iter().map(|member| &member.actor).chain([me]);
        let known: Vec<_> = known.collect();
        let name_of = |id: &ActorId| {
            let actor = known.iter().find(|actor| actor.id == *id);
            visible(actor.map_or(id.as_str(), |actor| &actor.display_name)).into_owned()
        };
        mentions.iter().map(name_of).collect::<Vec<_>>().join(", ")
    }

    fn comment_form(&self, path: &str) -> Markup {
        let (sent, wrong) = (self.state.sent, &self.state.wrong);
        let chosen = sent.and_then(|sent| sent.get("comment_mention")).unwrap_or_default();
        let is_offered = self.people.members.iter().any(|member| member.actor.id.as_str() == chosen);
        let fault = wrong.get("comment_mention");
        html! {
            input type="hidden" form="correction" name="comment_id" value=(shared::new_id::entry_id().to_string());
            (text_area("comment_text", "Comment", sent, wrong, false))
            @if !self.people.members.is_empty() || !chosen.is_empty() {
                div.above.wrong[fault.is_some()] {
                    label for="comment_mention" { "Mention" }
                    select #comment_mention name="comment_mention" form="correction" autocomplete="off" aria-invalid=[fault.map(|_| "true")] {
                        option value="" { "Nobody" }
                        @if !is_offered && !chosen.is_empty() { option value=(chosen) selected { (visible(chosen)) } }
                        @for member in &self.people.members {
                            option value=(member.actor.id) selected[member.actor.id.as_str() == chosen] { (visible(&member.actor.display_name)) }
                        }
                    }
                    @if self.people.has_more { div.muted { "The first " (OFFERED) " members. Others can be mentioned over the API." } }
                    @if let Some(fault) = fault { span.fault { "This " (fault) } }
                }
            }
            div.buttons { button form="correction" formaction={(path) "/comment"} { "Comment" } }
        }
    }
}

/// What an entry says, if it is a comment.
fn said(entry: &AuditEntry) -> Option<(&AuditEntry, &CommentText, &[ActorId])> {
    match &entry.event {
        AuditEvent::Commented { text, mentions } => Some((entry, text, mentions)),
        _ => None,
    }
}
