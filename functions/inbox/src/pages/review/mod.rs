//! One review: the output as a form, who works on it, what happened to it, and what can be done.

pub(crate) mod aside;
pub(crate) mod conflict;

use crate::actions::refused;
use crate::compare::changes::Changes;
use crate::compare::{Patch, diff};
use crate::document::Node;
use crate::fields::differences::differences;
use crate::fields::{Fields, whole_as_json};
use crate::form::{SubmittedForm, ValueError};
use crate::pages::frame::{Frame, PageForm, Viewer, claim, form_token, name, notice, part, time};
use crate::pages::labels::{self, slug};
use crate::pages::review::aside::{is_used, text_area};
use crate::paths::{self, HOME};
use lambda_http::http::StatusCode;
use maud::{Markup, html};
use shared::api::{App, Call, Error, FieldErrors, Reply, overlay_tag};
use shared::review::{
    Actor, AuditEntry, AuditEvent, Origin, ResumeStatus, Rev, Review, ReviewId, Seq, Status, Timestamp,
    Verdict, visible,
};
use shared::store::{Overlay, Scope};

/// What the page shows besides the review itself.
#[derive(Default)]
pub(crate) struct PageState<'a> {
    /// At the top.
    pub(crate) banner: Option<Markup>,
    /// What its reader has just done, so that what was typed for that is forgotten.
    pub(crate) done: Option<String>,
    /// What was typed last.
    pub(crate) sent: Option<&'a SubmittedForm>,
    /// One's own changes of the output, that are not saved.
    pub(crate) mine: Patch,
    pub(crate) wrong: ValueError,
    /// The whole output as JSON, not as a form.
    pub(crate) as_json: bool,
    /// The version and the `rev` that are shown, if not the newest.
    pub(crate) as_of: Option<(Seq, Rev)>,
    /// Which versions are compared.
    pub(crate) compared: Option<(Seq, Seq)>,
}

/// What the page's address asks for.
pub(crate) struct PageQuery {
    pub(crate) as_json: bool,
    from: Option<Seq>,
    to: Option<Seq>,
    done: Option<String>,
    /// For the part that changes by itself: what the page shows.
    rev: Option<Rev>,
}

impl PageQuery {
    pub(crate) fn of(call: &Call) -> Self {
        let mut query = Self { as_json: false, from: None, to: None, done: None, rev: None };
        for (name, value) in call.query(&["view", "from", "to", "done", "rev"], &mut FieldErrors::new()) {
            match name.as_str() {
                "view" => query.as_json = value == "json",
                "from" => query.from = value.parse().ok().map(Seq),
                "to" => query.to = value.parse().ok().map(Seq),
                "rev" => query.rev = value.parse().ok().map(Rev),
                _ => query.done = Some(value),
            }
        }
        query
    }
}

/// `GET /inbox/reviews/{run_id}/{block_id}`.
pub(crate) async fn page(app: &App, call: &Call, viewer: &Viewer<'_>, id: &ReviewId) -> Result<Reply, Error> {
    let query = PageQuery::of(call);
    let overlay = app.store.load(id).await?.ok_or(Error::ReviewNotFound)?;
    let compared = query.from.zip(query.to);
    let done = query
        .done
        .as_deref()
        .and_then(|done| Some((done, said(done, &overlay, &viewer.caller.actor, call.now())?)));
    let banner = done.as_ref().map(|(_, text)| notice("good", &html! { (text) }));
    let done = done.map(|(done, _)| done.to_owned());
    let state = PageState { banner, as_json: query.as_json, compared, done, ..PageState::default() };
    Ok(reply(app, viewer, &overlay, &state, StatusCode::OK, call.now()))
}

/// What was done, in words, if it is what this reader did last, a moment ago: an address can say anything.
pub(crate) fn said(done: &str, overlay: &Overlay, me: &Actor, now: Timestamp) -> Option<String> {
    const MOMENT: i64 = 5 * 60_000;
    let mut mine = overlay.review.journal.iter().rev().filter(|entry| entry.actor.is(me));
    let last = mine.next().filter(|last| now < last.at.plus_millis(MOMENT))?;
    let decided = |verdict| matches!(&last.event, AuditEvent::DecisionSubmitted { verdict: said, .. } if *said == verdict);
    Some(match (done, &last.event) {
        ("claimed", AuditEvent::Claimed { .. }) => {
            "You are reviewing this now. While this page is open, that is renewed.".into()
        }
        ("released", AuditEvent::Released { .. }) => {
            "Released: others see that nobody is reviewing this.".into()
        }
        ("saved", AuditEvent::VersionAppended { seq, .. }) => format!("Saved as version {}.", seq.0),
        ("approved", _) if decided(Verdict::Approved) => "Approved.".into(),
        ("rejected", _) if decided(Verdict::Rejected) => "Rejected.".into(),
        ("escalated", _) if decided(Verdict::Escalated) => "Escalated; the review stays open.".into(),
        ("reopened", AuditEvent::Reopened { .. }) => "Open again.".into(),
        _ => return None,
    })
}

/// The page as an answer.
pub(crate) fn reply(
    app: &App,
    viewer: &Viewer<'_>,
    overlay: &Overlay,
    state: &PageState<'_>,
    status: StatusCode,
    now: Timestamp,
) -> Reply {
    let review = &overlay.review;
    let view = View { viewer, overlay, state, now, may_review: viewer.caller.may(Scope::Review) };
    let title = labels::title(review);
    let path = paths::review(&review.id);
    let enter = if review.status == Status::AwaitingReview { "save" } else { "reopen" };
    let form = view.may_review.then_some(PageForm { path: &path, enter });
    let frame = Frame { title: &title, viewer: Some(viewer), content: view.html(), form };
    frame.reply(Some(app), status).at_rev(review.rev)
}

/// `GET …/state`: the part that changes by itself, for one read unit; nothing while it is as before.
pub(crate) async fn state(
    app: &App,
    call: &Call,
    viewer: &Viewer<'_>,
    id: &ReviewId,
) -> Result<Reply, Error> {
    let review = app.store.peek(id).await?.ok_or(Error::ReviewNotFound)?;
    let seen = PageQuery::of(call).rev.unwrap_or(review.rev);
    Ok(state_reply(call, viewer, &review, seen))
}

/// The part that changes by itself, as seen from a page that shows `seen`.
pub(crate) fn state_reply(call: &Call, viewer: &Viewer<'_>, review: &Review, seen: Rev) -> Reply {
    let tag = overlay_tag(review, call.now());
    let html = standing(review, seen, viewer, call.now());
    part(StatusCode::OK, &html)
        .at_rev(review.rev)
        .tagged(&format!("{}.{}\"", tag.trim_end_matches('"'), seen.0), call)
}

/// Who works on it, and what has happened since the page was made.
fn standing(review: &Review, seen: Rev, viewer: &Viewer<'_>, now: Timestamp) -> Markup {
    let me = &viewer.caller.actor;
    let changes: Vec<&AuditEntry> = review.changes_since(seen).collect();
    let whole = changes.first().is_none_or(|first| first.rev_observed <= seen);
    let only_claims = whole && changes.iter().all(|entry| labels::is_claim(entry));
    let mine = review.claim_at(now).is_some_and(|claim| claim.holder.is(me));
    html! {
        div.standing data-rev=(review.rev.0) data-same[only_claims] data-mine[mine] {
            @if review.status == Status::AwaitingReview {
                p { (claim(review.claim_at(now), me, now)) }
                @if viewer.caller.may(Scope::Review) { (claim_actions(review, me, now)) }
            } @else { span.status.(slug(review.status)) { (labels::status(review.status)) } }
            @if !only_claims {
                div.notice.news role="alert" {
                    p { strong { "This review has changed since you opened it." } }
                    (happened(&changes))
                    p {
                        button.primary form="correction" formaction={(paths::review(&review.id)) "/merge"} { "Show, and keep what I typed" }
                        " " a href=(paths::review(&review.id)) { "Show, and drop what I typed" }
                    }
                }
            }
        }
    }
}

/// Claim, release, take over: always beside who has it now. They send what is typed along, which comes back.
fn claim_actions(review: &Review, me: &Actor, now: Timestamp) -> Markup {
    let path = paths::review(&review.id);
    html! {
        div.claim-actions {
            @match review.claim_at(now) {
                None => { button #claim form="correction" formaction={(path) "/claim"} data-key="c" { "Claim" } }
                Some(claim) if claim.holder.is(me) => {
                    button #release form="correction" formaction={(path) "/release"} data-key="l" { "Release" }
                }
                Some(claim) => {
                    details.ask #taking-over { summary #take-over { "Take over…" }
                        p { (name(&claim.holder)) " has been reviewing this since " (time(claim.claimed_at))
                            ". If you take over, they are told when they look, and nothing that they typed is lost." }
                        button.primary #take-over-now form="correction" formaction={(path) "/claim"} { "Take over from " (visible(&claim.holder.display_name)) }
                    }
                }
            }
        }
    }
}

/// What happened, entry by entry.
pub(crate) fn happened(entries: &[&AuditEntry]) -> Markup {
    html! { ul.happened { @for entry in entries { li { (entry_line(entry)) } } } }
}

pub(crate) fn entry_line(entry: &AuditEntry) -> Markup {
    html! {
        // Nobody does this one: it is found out.
        @if !matches!(entry.event, AuditEvent::ClaimExpired { .. }) { strong { (name(&entry.actor)) } " " }
        bdi { (labels::event(&entry.event)) } " " span.muted { (time(entry.at)) }
    }
}

/// The page of one review, for one reader.
pub(crate) struct View<'a> {
    viewer: &'a Viewer<'a>,
    pub(crate) overlay: &'a Overlay,
    pub(crate) state: &'a PageState<'a>,
    pub(crate) now: Timestamp,
    pub(crate) may_review: bool,
}

impl View<'_> {
    pub(crate) fn review(&self) -> &Review {
        &self.overlay.review
    }

    /// The version that is shown.
    fn seq(&self) -> Seq {
        self.state.as_of.map_or(self.review().head_seq, |(seq, _)| seq)
    }

    /// What was seen of the review when this was shown.
    fn rev(&self) -> Rev {
        self.state.as_of.map_or(self.review().rev, |(_, rev)| rev)
    }

    pub(crate) fn is_open(&self) -> bool {
        self.review().status == Status::AwaitingReview
    }

    fn is_editable(&self) -> bool {
        self.is_open() && self.may_review
    }

    fn html(&self) -> Markup {
        let review = self.review();
        let path = paths::review(&review.id);
        html! {
            div.review data-here=(self.here(&path)) data-review=(path) data-rev=(self.rev().0) data-open[self.is_editable()] data-done=[self.state.done.as_deref()] data-now=(self.now.to_string()) {
                div.review-head {
                    p.crumb { a href=(HOME) data-key="g" { "Reviews" } }
                    h1 { bdi { (labels::title(review)) } }
                    p.muted {
                        (labels::block_type(review.block_type)) " of workflow " bdi { (review.workflow_id.as_str()) }
                        " (" bdi { (review.workflow_version_id.as_str()) } ")"
                    }
                }
                @if let Some(banner) = &self.state.banner { (banner) }
                @if !self.state.wrong.is_empty() { (self.wrong()) }
                (self.not_told())
                div #state { (standing(review, self.rev(), self.viewer, self.now)) }
                (self.other_actions(&path))
                @if self.state.compared.is_some() { (self.comparison()) }
                div.columns {
                    (self.output(&path))
                    aside aria-label="About this review" tabindex="0" {
                        @if self.is_editable() { (self.decide(&path)) }
                        (self.facts())
                        (self.versions(&path))
                        (self.decisions())
                        (self.timeline())
                    }
                }
            }
        }
    }

    /// The address of what is shown.
    fn here(&self, path: &str) -> String {
        match self.state.compared {
            Some((from, to)) => format!("{path}?from={}&to={}", from.0, to.0),
            None if self.state.as_json => format!("{path}?view=json"),
            None => path.to_owned(),
        }
    }

    fn wrong(&self) -> Markup {
        let alone = self.state.banner.is_none();
        notice("bad", &refused::summary(&self.state.wrong, self.head().as_ref(), alone))
    }

    /// A decision that the waiting run has not heard of, and will not by itself.
    fn not_told(&self) -> Markup {
        let resume = self.review().resume.as_ref();
        let Some(resume) = resume.filter(|it| !self.is_open() && it.status == ResumeStatus::Failed) else {
            return html! {};
        };
        notice(
            "bad",
            &html! {
                p { strong { "The waiting run could not be told of this decision." } " Nobody tries any more; whoever operates the workflow can have it told again." }
                @if let Some(error) = &resume.last_error { p { "The last try: " bdi { (visible(error)) } } }
            },
        )
    }

    /// What can be done besides what changes by itself.
    fn other_actions(&self, path: &str) -> Markup {
        html! {
            @if self.may_review { div.claim-actions {
                @if self.is_editable() { a.button.to-decision href="#decide-title" { "To the decision" } }
                button form="correction" formaction={(path) "/next"} data-key="n" { "Review next" }
                @if !self.is_open() { (self.reopen_form(path)) }
            } }
        }
    }

    fn reopen_form(&self, path: &str) -> Markup {
        let review = self.review();
        let (sent, wrong) = (self.state.sent, &self.state.wrong);
        let told = review.resume.as_ref().is_some_and(|resume| resume.status == ResumeStatus::Resumed);
        let told = told || wrong.contains_key("force");
        html! {
            details.ask open[is_used(&["reopen_reason", "force"], sent, wrong)] { summary { "Reopen…" }
                form #correction method="post" action={(path) "/reopen"} data-draft={(self.draft(path)) "/reopen"} {
                    input type="hidden" name="version_stamp" value=(review.rev.0); (form_token(self.viewer))
                    input type="hidden" name="base_seq" value=(review.head_seq.0);
                    (text_area("reopen_reason", "Why (optional)", sent, wrong, false))
                    @if told {
                        label.check { input type="checkbox" name="force" value="1"; " The run has been told of the decision, or may have been. It is not taken back. Reopen all the same." }
                        @if let Some(fault) = wrong.get("force") { span.fault { (fault) } }
                    }
                    button { "Reopen" }
                }
            }
        }
    }

    fn output(&self, path: &str) -> Markup {
        html! {
            section.output aria-labelledby="output-title" {
                div.section-head {
                    h2 #output-title { "Output" span.muted { " · version " (self.seq().0) } }
                    nav.views aria-label="View" {
                        (self.view_choice(path, "Form", false))
                        (self.view_choice(path, "JSON", true))
                    }
                }
                @match self.head() {
                    None => { (notice("bad", &html! { "This version cannot be shown here. Read it through the API." })) }
                    Some(head) if self.is_editable() => { (self.correction(path, &head)) }
                    Some(head) => { (self.fields(&head)) }
                }
            }
        }
    }

    /// What is typed goes along from one view to the other.
    fn view_choice(&self, path: &str, title: &str, as_json: bool) -> Markup {
        let current = (self.state.as_json == as_json).then_some("true");
        let word = if as_json { "json" } else { "form" };
        html! {
            @if self.is_editable() { button form="correction" formaction={(path) "/" (word)} aria-current=[current] { (title) } }
            @else { a href={(path) (if as_json { "?view=json" } else { "" })} aria-current=[current] { (title) } }
        }
    }

    fn head(&self) -> Option<Node> {
        node_of(self.overlay, self.seq())
    }

    fn fields(&self, head: &Node) -> Markup {
        if self.state.as_json {
            return self.as_json(head);
        }
        // What the model said last: its output may have been superseded by another.
        let of_model = self.overlay.versions.iter().rev();
        let of_model =
            of_model.filter(|version| version.seq <= self.seq()).find(|it| it.origin == Origin::ModelOutput);
        let model = of_model.filter(|version| version.seq != self.seq());
        let model = model.and_then(|version| node_of(self.overlay, version.seq));
        let fields = Fields {
            base: head,
            patch: &self.state.mine,
            model: model.as_ref(),
            sent: self.state.sent,
            wrong: &self.state.wrong,
            editable: self.is_editable(),
            raw: &paths::version(&self.review().id, self.seq()),
        };
        html! { div.fields { (fields.html()) } }
    }

    fn as_json(&self, head: &Node) -> Markup {
        let sent = self.state.sent.and_then(|sent| sent.get("snapshot"));
        let mine = &self.state.mine;
        let (is_typed, shown) = (sent.is_some() || *mine != Patch::Same, mine.apply(head));
        let raw = paths::version(&self.review().id, self.seq());
        whole_as_json(&shown, sent, is_typed, &self.state.wrong, self.is_editable(), &raw)
    }

    /// Whose draft, and of what: tabs outlive sessions.
    fn draft(&self, path: &str) -> String {
        let caller = self.viewer.caller;
        format!("{}/{:?}/{}{path}", caller.organization, caller.actor.kind, caller.actor.id)
    }

    /// The one form that takes what is typed.
    fn correction(&self, path: &str, head: &Node) -> Markup {
        html! {
            form #correction method="post" action={(path) "/save"} data-draft=(self.draft(path)) {
                (form_token(self.viewer))
                input type="hidden" name="version_stamp" value=(self.rev().0);
                input type="hidden" name="base_seq" value=(self.seq().0);
                @if self.state.as_json { input type="hidden" name="view" value="json"; }
                (self.fields(head))
            }
        }
    }

    fn comparison(&self) -> Markup {
        let Some((from, to)) = self.state.compared else { return html! {} };
        let (Some(before), Some(after)) = (node_of(self.overlay, from), node_of(self.overlay, to)) else {
            return notice("bad", &html! { "There is no such version to compare." });
        };
        let patch = diff(&before, &after);
        let changes = Changes::of(&before, &patch);
        html! {
            section.comparison aria-labelledby="comparison-title" {
                h2 #comparison-title { "Version " (from.0) " and version " (to.0) }
                @if changes.is_empty() { p { "They do not differ." } }
                @else { (differences(&changes, &format!("Version {}", from.0), &format!("Version {}", to.0))) }
            }
        }
    }
}

/// A version of the output, as a tree.
pub(crate) fn node_of(overlay: &Overlay, seq: Seq) -> Option<Node> {
    let version = overlay.versions.iter().find(|version| version.seq == seq)?;
    Node::parse(version.snapshot.as_str()).ok()
}
