//! `GET …/audit`: the whole audit trail of one review, newest first, page by page.

use shared::api::{
    self, Answer, App, AuditPageView, CURSOR, Call, Caller, Code, Endpoint, Error, FieldErrors, FieldSpec,
    PAGE_LIMIT, Reply, schema_of,
};
use shared::review::ReviewId;
use shared::store::{AuditCursor, Scope};

/// The endpoint.
pub const ENDPOINT: Endpoint = Endpoint {
    summary: "List the audit trail",
    description: "All entries, newest first. A review itself shows the newest 200. Rejected stale writes are kept for 90 days.",
    query: QUERY,
    answers: &[Answer::json(200, "One page of the audit trail.", schema_of::<AuditPageView<'static>>)],
    errors: &[Code::ReviewNotFound, Code::ResponseTooLarge],
    has_etag: true,
    ..Endpoint::new(
        "list-audit",
        "GET",
        "/v1/workflows/reviews/{run_id}/{block_id}/audit",
        Scope::Read,
        |app, caller, call| Box::pin(list_audit(app, caller, call)),
    )
};

const QUERY: &[FieldSpec] = &[PAGE_LIMIT.spec, CURSOR.spec];

async fn list_audit(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let (id, limit, cursor) = parse(caller, call)?;
    let page = app.store.audit(&id, limit, cursor.as_ref()).await?.ok_or(Error::ReviewNotFound)?;
    Ok(api::audit_page(&page, &id).tagged_by_content(call))
}

fn parse(caller: &Caller, call: &Call) -> Result<(ReviewId, usize, Option<AuditCursor>), Error> {
    let mut errors = FieldErrors::new();
    let id = call.review_id(caller, &mut errors);
    let page = call.query_fields(QUERY, &mut errors, |query| {
        let (limit, cursor) = (query.read(&PAGE_LIMIT), query.read(&CURSOR));
        // A cursor is bound to its review.
        let cursor = cursor?.zip(id.as_ref()).map(|(text, id)| AuditCursor::decode(&text, id)).transpose();
        let cursor =
            cursor.map_err(|error| query.reject(CURSOR.spec.name, "invalid_value", error.to_string()));
        limit.zip(cursor.ok())
    });
    let (id, (limit, cursor)) = errors.finish(id.zip(page))?;
    Ok((id, limit, cursor))
}
