//! `GET /v1/workflows/policies`: which workflows have a policy.

use lambda_http::http::StatusCode;
use shared::api::{
    Answer, App, Call, Caller, Endpoint, Error, Field, FieldErrors, FieldSpec, Policies, PolicyEntryView,
    Reply, identifier, schema_of,
};
use shared::review::WorkflowId;
use shared::store::Scope;

/// The endpoint.
pub const ENDPOINT: Endpoint = Endpoint {
    summary: "List the policies",
    description: "The workflows of the organization that have a policy, by id: at most 200 a page.",
    query: QUERY,
    answers: &[Answer::json(200, "One page of them.", schema_of::<Policies<'static>>)],
    ..Endpoint::new("list-policies", "GET", "/v1/workflows/policies", Scope::Read, |app, caller, call| {
        Box::pin(list(app, caller, call))
    })
};

/// The last workflow of the page before: it says as much as a position would.
const AFTER: Field<Option<WorkflowId>> =
    Field::new("cursor", "The `next_cursor` of the page before.", identifier()).optional();
const QUERY: &[FieldSpec] = &[AFTER.spec];

async fn list(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let mut errors = FieldErrors::new();
    let after = call.query_fields(QUERY, &mut errors, |query| query.read(&AFTER));
    let after = errors.finish(after)?;
    let (entries, has_more) = app.store.policies(&caller.organization, after.as_ref()).await?;
    let next_cursor = entries.last().filter(|_| has_more).map(|entry| entry.workflow.as_str());
    let data = entries.iter().map(PolicyEntryView::from).collect();
    Ok(Reply::json(StatusCode::OK, &Policies { data, has_more, next_cursor }))
}
