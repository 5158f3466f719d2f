//! `DELETE /v1/workflows/{workflow_id}/policy`: the workflow has no policy any more.

use lambda_http::http::StatusCode;
use shared::api::{
    Answer, App, Call, Caller, Code, Endpoint, Error, FieldErrors, FieldSpec, Reply, VERSION_STAMP,
};
use shared::store::{PolicyStamp, PutPolicy, Scope};

/// The endpoint.
pub const ENDPOINT: Endpoint = Endpoint {
    summary: "Delete a policy",
    description: "Reviews that are opened from then on demand nothing; those that are open keep what they were opened with. The audit \
        stays, with an entry more, and the `rev` goes on where a policy is put again, on `version_stamp` 0.",
    query: QUERY,
    answers: &[Answer::empty(204, "It is deleted.")],
    errors: &[Code::VersionConflict, Code::PolicyNotFound],
    is_repeatable: true,
    ..Endpoint::new(
        "delete-policy",
        "DELETE",
        "/v1/workflows/{workflow_id}/policy",
        Scope::Admin,
        |app, caller, call| Box::pin(delete(app, caller, call)),
    )
};

const QUERY: &[FieldSpec] = &[VERSION_STAMP.spec];

async fn delete(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let mut errors = FieldErrors::new();
    let workflow = call.workflow_id(&mut errors);
    let stamp = call.query_fields(QUERY, &mut errors, |query| query.read(&VERSION_STAMP));
    let (workflow, stamp) = errors.finish(workflow.zip(stamp))?;
    let change = PolicyStamp { stamp, by: caller.actor.clone(), at: call.now() };
    match app.store.put_policy(&caller.organization, &workflow, None, &change).await? {
        PutPolicy::Done(_) => Ok(Reply::empty(StatusCode::NO_CONTENT)),
        PutPolicy::Stale(Some(policy)) => {
            Err(Error::PolicyConflict { stamp, policy: Some(Box::new(policy)) })
        }
        PutPolicy::Stale(None) | PutPolicy::Missing => Err(Error::PolicyNotFound),
    }
}
