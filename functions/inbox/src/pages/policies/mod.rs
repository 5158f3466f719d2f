//! Policies of workflows, for administrators: which there are, and what each says, to be read, tried and changed.
//!
//! `words`: a rule in plain words. `view`: the page of one policy.

mod view;
mod words;

use crate::pages::elements::{name, time};
use crate::pages::frame::{Frame, Layout};
use crate::paths::{self, HOME};
use crate::session::{self, SignedIn, Viewer};
use dry_run_policy::{MOST, dry_run};
use lambda_http::http::StatusCode;
use maud::html;
use put_policy::{rules, warnings};
use shared::api::{App, Call, Error, FieldErrors, Reply};
use shared::review::{Policy, Rev, Timestamp, WorkflowId};
use shared::store::{PolicyAuditCursor, PolicyStamp, PutPolicy, Scope, StoredPolicy};
use view::{View, What};

/// What can be done with a policy, by the last segment of an address.
const DONE: [&str; 3] = ["save", "try", "delete"];

/// Refuses who may not administer.
fn must_be_admin(viewer: &Viewer<'_>) -> Result<(), Error> {
    if viewer.caller.may(Scope::Admin) { Ok(()) } else { Err(Error::Forbidden { scope: Scope::Admin }) }
}

fn workflow(text: &str) -> Result<WorkflowId, Error> {
    WorkflowId::parse(text).ok().filter(Policy::can_be_of).ok_or(Error::RouteNotFound)
}

/// `GET /inbox/policies…`.
pub(crate) async fn get(
    app: &App,
    call: &Call,
    viewer: &Viewer<'_>,
    segments: &[&str],
) -> Result<Reply, Error> {
    must_be_admin(viewer)?;
    let query = call.query(&["workflow", "done", "cursor", "after"], &mut FieldErrors::new());
    let of = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.trim());
    match segments {
        [] => match of("workflow").filter(|text| !text.is_empty()) {
            Some(text) => match WorkflowId::parse(text) {
                Ok(workflow) => Ok(Reply::see_other(&paths::policy(&workflow))),
                Err(fault) => list(app, viewer, None, Some(format!("The workflow {fault}."))).await,
            },
            None => list(app, viewer, of("after").and_then(|text| WorkflowId::parse(text).ok()), None).await,
        },
        [text] => {
            let workflow = workflow(text)?;
            let organization = &viewer.caller.organization;
            let cursor =
                of("cursor").and_then(|text| PolicyAuditCursor::decode(text, organization, &workflow));
            let what = match of("done") {
                Some("saved") => What::Saved,
                Some("deleted") => What::Deleted,
                _ => What::Shown,
            };
            page(app, viewer, &workflow, what, cursor).await
        }
        // After a POST the address bar holds its address: whoever loads that again wants the page.
        [text, word] if DONE.contains(word) => Ok(Reply::see_other(&paths::policy(&workflow(text)?))),
        _ => Err(Error::RouteNotFound),
    }
}

/// `POST /inbox/policies/{workflow}/{save|try|delete}`.
pub(crate) async fn post(
    app: &App,
    call: &Call,
    signed_in: &SignedIn,
    segments: &[&str],
) -> Result<Reply, Error> {
    let viewer = &signed_in.viewer();
    must_be_admin(viewer)?;
    let [text, word] = segments else { return Err(Error::RouteNotFound) };
    let workflow = workflow(text)?;
    let posted = session::posted(app, call, &signed_in.token)?;
    if !posted.is_of_session {
        return Err(Error::OtherOrigin);
    }
    let typed = posted.form.get("blocks").unwrap_or_default().replace("\r\n", "\n");
    let stamp = posted.form.get("version_stamp").and_then(|text| text.parse().ok()).map_or(Rev(0), Rev);
    let organization = &viewer.caller.organization;
    let change = PolicyStamp { stamp, by: viewer.caller.actor.clone(), at: call.now() };
    let policy = match *word {
        "delete" => None,
        "save" | "try" => match rules::from_text(&typed) {
            Ok(policy) => Some(policy),
            Err(faults) => {
                return page(app, viewer, &workflow, What::Wrong { typed, stamp, faults }, None).await;
            }
        },
        _ => return Err(Error::RouteNotFound),
    };
    if let ("try", Some(policy)) = (*word, &policy) {
        let found = dry_run(&app.store, organization, &workflow, policy, MOST.into()).await?;
        let what = What::Tried { typed, stamp, policy: Box::new(policy.clone()), found };
        return page(app, viewer, &workflow, what, None).await;
    }
    match app.store.put_policy(organization, &workflow, policy.as_ref(), &change).await? {
        PutPolicy::Stale(_) => page(app, viewer, &workflow, What::Conflict { typed }, None).await,
        PutPolicy::Done(_) | PutPolicy::Missing => {
            let done = if policy.is_some() { "saved" } else { "deleted" };
            Ok(Reply::see_other(&paths::with_query(&paths::policy(&workflow), [Some(("done", done))])))
        }
    }
}

/// Whether it is as the address says: that the viewer has just saved it, or deleted it. Anybody may have made the address.
fn is_so(what: &What, stored: Option<&StoredPolicy>, viewer: &Viewer<'_>, now: Timestamp) -> bool {
    const JUST_NOW: i64 = 600_000;
    let is_deleted = match what {
        What::Saved => false,
        What::Deleted => true,
        _ => return true,
    };
    stored.is_some_and(|stored| {
        let is_recent = now.millis() - stored.updated_at.millis() < JUST_NOW;
        is_recent && stored.blocks.is_none() == is_deleted && stored.updated_by.is(&viewer.caller.actor)
    })
}

async fn page(
    app: &App,
    viewer: &Viewer<'_>,
    workflow: &WorkflowId,
    what: What,
    cursor: Option<PolicyAuditCursor>,
) -> Result<Reply, Error> {
    let organization = &viewer.caller.organization;
    let (stored, audit) = futures_util::try_join!(
        app.store.stored_policy(organization, workflow),
        app.store.policy_audit(organization, workflow, cursor),
    )?;
    let status = match what {
        What::Conflict { .. } => StatusCode::CONFLICT,
        What::Wrong { .. } => StatusCode::UNPROCESSABLE_ENTITY,
        _ => StatusCode::OK,
    };
    let policy = stored.as_ref().map(shared::store::StoredPolicy::policy).transpose()?.flatten();
    let what = if is_so(&what, stored.as_ref(), viewer, app.now()) { what } else { What::Shown };
    // Whoever was known when it was saved may be gone.
    let shown = match &what {
        What::Tried { policy, .. } => Some(&**policy),
        _ => policy.as_ref(),
    };
    let warnings = match shown {
        Some(policy) => warnings::of(app, organization, policy, app.now()).await?,
        None => Vec::new(),
    };
    let view = View { viewer, workflow, stored: stored.as_ref(), policy, audit: &audit, what, warnings };
    let content = view.html();
    Ok(Frame { title: "Policy", viewer: Some(viewer), layout: Layout::plain(), content, form: None }
        .reply(Some(app), status))
}

async fn list(
    app: &App,
    viewer: &Viewer<'_>,
    after: Option<WorkflowId>,
    fault: Option<String>,
) -> Result<Reply, Error> {
    let (entries, has_more) = app.store.policies(&viewer.caller.organization, after.as_ref()).await?;
    let next = entries.last().filter(|_| has_more).map(|entry| entry.workflow.to_string());
    let content = html! {
        div.policies {
            div.headline { h1 { "Policies" } }
            p.muted { "A policy says when an output of a workflow is held, who reviews it, by when, and how many must approve." }
            @if let Some(fault) = fault { (crate::pages::elements::notice("bad", &html! { (fault) })) }
            @if entries.is_empty() { div.nothing { p { "No workflow has a policy yet." } } }
            @else {
                table.plain {
                    thead { tr { th scope="col" { "Workflow" } th.number scope="col" { "Rules" } th scope="col" { "Last changed" } } }
                    tbody { @for entry in &entries { tr {
                        td { a href=(paths::policy(&entry.workflow)) { bdi { (entry.workflow) } } }
                        td.number { (entry.rules) }
                        td { (time(entry.updated_at)) ", " (name(&entry.updated_by)) }
                    } } }
                }
            }
            @if let Some(next) = next { nav.pages aria-label="Pages" { a rel="next" href=(paths::with_query(&paths::policies(), [Some(("after", &next))])) { "Next page" } } }
            form.pick method="get" action=(paths::policies()) {
                label for="workflow" { "Open the policy of a workflow" }
                div.buttons { input #workflow name="workflow" required placeholder="workflow id" autocomplete="off" spellcheck="false"; button { "Open" } }
            }
            p { a href=(paths::ADMINISTRATION) { "Administration" } " · " a href=(HOME) { "To the queue" } }
        }
    };
    Ok(Frame { title: "Policies", viewer: Some(viewer), layout: Layout::plain(), content, form: None }
        .reply(Some(app), StatusCode::OK))
}
