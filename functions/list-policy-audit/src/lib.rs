//! `GET /v1/workflows/{workflow_id}/policy/audit`: what was changed in a workflow's policy, newest first.

use lambda_http::http::StatusCode;
use shared::api::{
    Answer, App, CURSOR, Call, Caller, Endpoint, Error, FieldErrors, FieldSpec, PolicyAudit,
    PolicyChangeView, Reply, schema_of,
};
use shared::store::{PolicyAuditCursor, Scope};

/// The endpoint.
pub const ENDPOINT: Endpoint = Endpoint {
    summary: "List the changes of a policy",
    description: "Who changed it when, and what it said then, newest first: 10 a page. A deleted policy keeps them.",
    query: QUERY,
    answers: &[Answer::json(200, "One page of the changes.", schema_of::<PolicyAudit<'static>>)],
    ..Endpoint::new(
        "list-policy-audit",
        "GET",
        "/v1/workflows/{workflow_id}/policy/audit",
        Scope::Read,
        |app, caller, call| Box::pin(list(app, caller, call)),
    )
};

const QUERY: &[FieldSpec] = &[CURSOR.spec];

async fn list(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let organization = &caller.organization;
    let mut errors = FieldErrors::new();
    let workflow = call.workflow_id(&mut errors);
    let cursor = call.query_fields(QUERY, &mut errors, |query| {
        let text = query.read(&CURSOR)?;
        // A cursor is bound to its policy.
        let Some((text, workflow)) = text.zip(workflow.as_ref()) else { return Some(None) };
        let cursor = PolicyAuditCursor::decode(&text, organization, workflow);
        if cursor.is_none() {
            let message =
                "is not a cursor of this policy's audit; leave it out to start with the newest changes";
            query.reject(CURSOR.spec.name, "invalid_value", message);
        }
        cursor.map(Some)
    });
    let (workflow, cursor) = errors.finish(workflow.zip(cursor))?;
    let page = app.store.policy_audit(organization, &workflow, cursor).await?;
    let next_cursor = page.next.map(|next| next.encode(organization, &workflow));
    let data = page.changes.iter().map(PolicyChangeView::from).collect();
    Ok(Reply::json(StatusCode::OK, &PolicyAudit { data, has_more: next_cursor.is_some(), next_cursor }))
}
