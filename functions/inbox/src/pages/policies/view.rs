//! The page of one policy: its text, what it means, what it would have held, and who changed it.

use super::words;
use crate::pages::elements::{form_token, name, notice, time};
use crate::paths::{self, HOME};
use crate::session::Viewer;
use dry_run_policy::DryRun;
use maud::{Markup, html};
use shared::api::{FieldErrors, PolicyWarning};
use shared::review::{BlockId, JsonText, Policy, Rev, ReviewId, RunId, WorkflowId, visible};
use shared::store::{PolicyAuditPage, StoredPolicy};

/// A text to begin with.
const BEGINNING: &str = r#"{
  "*": {
    "predicate": { "kind": "confidence_lt", "threshold": 0.85 },
    "due_in_seconds": 14400,
    "display": ["invoice_number", "seller.name"]
  }
}"#;

/// What the page answers to.
pub(super) enum What {
    /// It was asked for.
    Shown,
    /// The policy was saved.
    Saved,
    /// It was deleted.
    Deleted,
    /// What was typed is wrong.
    Wrong { typed: String, stamp: Rev, faults: FieldErrors },
    /// Somebody else was faster.
    Conflict { typed: String },
    /// What was typed was tried.
    Tried { typed: String, stamp: Rev, policy: Box<Policy>, found: DryRun },
}

pub(super) struct View<'a> {
    pub(super) viewer: &'a Viewer<'a>,
    pub(super) workflow: &'a WorkflowId,
    pub(super) stored: Option<&'a StoredPolicy>,
    pub(super) policy: Option<Policy>,
    pub(super) audit: &'a PolicyAuditPage,
    pub(super) what: What,
    /// What of the shown rules would lead to reviews that nobody can work on.
    pub(super) warnings: Vec<PolicyWarning>,
}

impl View<'_> {
    pub(super) fn html(&self) -> Markup {
        html! {
            div.policies {
                p { a href=(paths::ADMINISTRATION) { "Administration" } " · " a href=(paths::policies()) { "Policies" } " · " a href=(HOME) { "To the queue" } }
                div.headline { h1 { "Policy of " bdi { (self.workflow) } } span.sep {} (self.state()) }
                (self.notice())
                div.sides {
                    (self.form())
                    section aria-labelledby="means" {
                        h2 #means { (self.meaning()) }
                        @if !self.warnings.is_empty() { (self.warnings()) }
                        @match self.shown() {
                            Some(policy) => { (rules(policy)) }
                            None => { p.muted { "There is no policy: outputs are held as the calls of the workflow say, and any reviewer may decide." } }
                        }
                        @if let What::Tried { found, .. } = &self.what { (self.tried(found)) }
                    }
                }
                (self.changes())
            }
        }
    }

    /// Said each time: it holds for what is opened now.
    fn warnings(&self) -> Markup {
        html! {
            div.notice.warn role="status" {
                p { b { "Nobody could work on some reviews:" } }
                ul.faults { @for it in &self.warnings { li { code { (visible(it.field.trim_start_matches("body.blocks."))) } " " (visible(&it.message)) } } }
            }
        }
    }

    fn state(&self) -> Markup {
        let Some(stored) = self.stored else { return html! { span.muted { "not created yet" } } };
        html! {
            span.muted {
                @if stored.blocks.is_none() { "deleted, " } @else { "rev " (stored.rev.0) ", " }
                (time(stored.updated_at)) ", " (name(&stored.updated_by))
            }
        }
    }

    /// The policy whose meaning is shown: what was tried, else what is stored.
    fn shown(&self) -> Option<&Policy> {
        match &self.what {
            What::Tried { policy, .. } => Some(policy),
            _ => self.policy.as_ref(),
        }
    }

    fn notice(&self) -> Markup {
        match &self.what {
            What::Shown | What::Tried { .. } => html! {},
            What::Saved => {
                notice("good", &html! { "Saved. It holds for reviews that are opened from now on." })
            }
            What::Deleted => notice("good", &html! { "Deleted. Its changes are kept below." }),
            What::Wrong { faults, .. } => notice(
                "bad",
                &html! {
                    p { b { "Not saved: the text is not a policy." } }
                    ul.faults { @for fault in faults.listed() { li { code { (visible(&fault.loc.join("."))) } " " (visible(&fault.message)) } } }
                },
            ),
            What::Conflict { .. } => notice(
                "bad",
                &html! {
                    p { b { "Not saved: somebody has changed the policy since you opened this page." } }
                    p { "Your text is below, unchanged. This is the policy as it is now; saving again replaces it." }
                    pre.code tabindex="0" aria-label="The policy as it is now" { @match self.stored.and_then(|it| it.blocks.as_ref()) {
                        Some(blocks) => { (indented(blocks)) }
                        None => { "It is deleted." }
                    } }
                },
            ),
        }
    }

    fn form(&self) -> Markup {
        let now = self.stored.map_or(Rev(0), |stored| stored.rev);
        let (typed, stamp) = match &self.what {
            What::Wrong { typed, stamp, .. } | What::Tried { typed, stamp, .. } => (typed.clone(), *stamp),
            // Both have been seen now.
            What::Conflict { typed, .. } => (typed.clone(), now),
            What::Shown | What::Saved | What::Deleted => {
                let text = self.stored.and_then(|stored| stored.blocks.as_ref()).map(indented);
                (text.unwrap_or_else(|| BEGINNING.to_owned()), now)
            }
        };
        let at = |word: &str| format!("{}/{word}", paths::policy(self.workflow));
        let lines = typed.lines().count().clamp(12, 32);
        html! {
            section aria-labelledby="text" {
                h2 #text { label for="blocks" { "Rules by block, as JSON" } }
                form method="post" action=(at("save")) {
                    (form_token(self.viewer))
                    input type="hidden" name="version_stamp" value=(stamp.0);
                    textarea.code #blocks name="blocks" rows=(lines) spellcheck="false" autocomplete="off" aria-describedby="hint" { "\n" (typed) }
                    p.hint #hint { "The rule of “*” is for blocks without one of their own. Reviews that are open keep what they were opened with." }
                    div.buttons {
                        button.primary { "Save" }
                        button formaction=(at("try")) { "Try it on the last 200 reviews" }
                    }
                }
                @if self.policy.is_some() {
                    details.ask {
                        summary.quiet.danger { "Delete the policy…" }
                        div.panel { form method="post" action=(at("delete")) {
                            (form_token(self.viewer))
                            input type="hidden" name="version_stamp" value=(now.0);
                            p { "Reviews that are opened from then on demand nothing. Its changes are kept." }
                            button.danger { "Delete" }
                        } }
                    }
                }
            }
        }
    }

    /// Of which text the meaning is shown.
    const fn meaning(&self) -> &'static str {
        match self.what {
            What::Tried { .. } => "What this text means",
            What::Wrong { .. } | What::Conflict { .. } => "What the saved policy means",
            What::Shown | What::Saved | What::Deleted => "What it means",
        }
    }

    fn tried(&self, found: &DryRun) -> Markup {
        let asked = found.held + found.not_held;
        html! {
            h2 #tried { "Tried on the last " (found.looked_at) " reviews" }
            @if found.looked_at == 0 { p { "The workflow has no reviews yet." } }
            @else {
                p.big { b { "Of " (asked) ", this would have held " (found.held) "." } }
                p.muted { "There are reviews of outputs that were held only. Outputs that passed are not kept, and so are not counted." }
                @if found.without_predicate > 0 { p { (found.without_predicate) " are of blocks without a predicate here." } }
                @if found.not_fitting > 0 { p { (found.not_fitting) " are of blocks whose type the predicate cannot be asked of: the gate would refuse them." } }
                @if !found.is_complete { p { "There was no time for more." } }
                table.plain {
                    thead { tr { th scope="col" { "Rule" } th.number scope="col" { "Reviews" } th.number scope="col" { "Held" } th.number scope="col" { "Not held" } } }
                    tbody { @for block in &found.by_block { tr {
                        td { code { (block.block_id) } } td.number { (block.looked_at) } td.number { (block.held) } td.number { (block.not_held) }
                    } } }
                }
                @for (held, title) in [(false, "Would have passed"), (true, "Would have been held")] {
                    @let examples: Vec<_> = found.examples.iter().filter(|it| it.held == held).collect();
                    @if !examples.is_empty() {
                        h3 { (title) }
                        ul.examples { @for example in examples { li {
                            @if let Some(id) = self.review(&example.workflow_run_id, &example.block_id) { a href=(paths::review(&id)) { bdi { (example.workflow_run_id) } } }
                            " " span.muted { (example.block_id) ": " (visible(&example.reason)) }
                        } } }
                    }
                }
            }
        }
    }

    fn review(&self, run: &str, block: &str) -> Option<ReviewId> {
        let organization = self.viewer.caller.organization.clone();
        Some(ReviewId { organization, run: RunId::parse(run).ok()?, block: BlockId::parse(block).ok()? })
    }

    fn changes(&self) -> Markup {
        let next = self.audit.next.map(|next| next.encode(&self.viewer.caller.organization, self.workflow));
        html! {
            section aria-labelledby="changes" {
                h2 #changes { "Changes" }
                @if self.audit.changes.is_empty() { p.muted { "None yet." } }
                ol.changes { @for change in &self.audit.changes { li {
                    details {
                        summary {
                            "rev " (change.rev.0) ": " (name(&change.by)) " "
                            @if change.blocks.is_some() { "saved it" } @else { "deleted it" }
                            ", " (time(change.at))
                        }
                        @match &change.blocks {
                            Some(blocks) => { pre.code tabindex="0" { (indented(blocks)) } }
                            None => { p.muted { "There was no policy from then on." } }
                        }
                    }
                } } }
                @if let Some(next) = next { p { a href=(paths::with_query(&paths::policy(self.workflow), [Some(("cursor", &next))])) { "Older changes" } } }
            }
        }
    }
}

fn rules(policy: &Policy) -> Markup {
    html! {
        dl.rules { @for (block, rule) in &policy.blocks {
            dt { @if block == Policy::OTHERS { @if policy.blocks.len() == 1 { "All blocks" } @else { "All other blocks" } } @else { bdi { (block) } } }
            dd { ul { @for part in words::rule(rule) { li { (visible(&part)) } } } }
        } }
    }
}

/// JSON for people: with line breaks, and each number with the digits that it came with.
fn indented(text: &JsonText) -> String {
    let mut out = String::with_capacity(text.as_str().len() * 2);
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    let mut characters = text.as_str().chars().peekable();
    let line = |out: &mut String, depth: usize| {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", depth));
    };
    while let Some(character) = characters.next() {
        if in_string {
            out.push(character);
            in_string = character != '"' || escaped;
            escaped = character == '\\' && !escaped;
            continue;
        }
        match character {
            '{' | '[' => {
                out.push(character);
                if matches!(characters.peek(), Some('}' | ']')) {
                    out.extend(characters.next());
                } else {
                    depth += 1;
                    line(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                line(&mut out, depth);
                out.push(character);
            }
            ',' => {
                out.push(',');
                line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            it if it.is_ascii_whitespace() => {}
            other => {
                in_string = other == '"';
                out.push(other);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_for_people_is_the_same_json() {
        let text = r#"{"*":{"display":["a, {b}: \"c\\"],"predicate":{"kind":"sample","percent":2.50},"x":{},"y":[]}}"#;
        let shown = indented(&JsonText::parse(text.into()).unwrap());
        assert!(shown.starts_with("{\n  \"*\": {\n    \"display\": [\n      \"a, {b}: "), "{shown}");
        assert!(shown.contains("2.50") && shown.contains("\"x\": {},"), "{shown}");
        let parse = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        assert_eq!(parse(&shown), parse(text));
    }
}
