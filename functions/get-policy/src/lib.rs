//! `GET /v1/workflows/{workflow_id}/policy`: what a workflow's policy says.

use lambda_http::http::StatusCode;
use shared::api::{
    Answer, App, Call, Caller, Code, Endpoint, Error, FieldErrors, PolicyView, Reply, schema_of,
};
use shared::store::Scope;

/// The endpoint.
pub const ENDPOINT: Endpoint = Endpoint {
    summary: "Get a policy",
    description: "What the workflow's policy says of each block: when its output is held, who reviews it, by when, and how many must \
        approve. It holds for reviews that are opened from now on.",
    answers: &[Answer::json(200, "The policy.", schema_of::<PolicyView<'static>>)],
    errors: &[Code::PolicyNotFound],
    ..Endpoint::new(
        "get-policy",
        "GET",
        "/v1/workflows/{workflow_id}/policy",
        Scope::Read,
        |app, caller, call| Box::pin(get(app, caller, call)),
    )
};

async fn get(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let mut errors = FieldErrors::new();
    let workflow = call.workflow_id(&mut errors);
    let query = call.query_fields(&[], &mut errors, |_| Some(()));
    let (workflow, ()) = errors.finish(workflow.zip(query))?;
    let stored = app.store.stored_policy(&caller.organization, &workflow).await?;
    let stored = stored.ok_or(Error::PolicyNotFound)?;
    let view = PolicyView::of(&workflow, &stored).ok_or(Error::PolicyNotFound)?;
    Ok(Reply::json(StatusCode::OK, &view))
}
