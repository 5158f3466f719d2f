//! `GET …/audit`: the whole audit trail of one review, newest first, page by page.

use shared::api::{self, App, Call, Caller, Error, FieldErrors, Function, Reply, page_limit, routes};
use shared::review::ReviewId;
use shared::store::AuditCursor;

/// The endpoint.
pub const FUNCTION: Function = Function {
    route: routes::LIST_AUDIT,
    handle: |app, caller, call| Box::pin(list_audit(app, caller, call)),
};

/// Entries of a page unless told.
const DEFAULT_LIMIT: usize = 50;
/// Most entries of a page.
const MAX_LIMIT: usize = 200;

async fn list_audit(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let (id, limit, cursor) = parse(caller, call)?;
    let page = app.store.audit(&id, limit, cursor.as_ref()).await?.ok_or(Error::ReviewNotFound)?;
    Ok(api::audit_page(&page, &id).tagged_by_content(call))
}

fn parse(caller: &Caller, call: &Call) -> Result<(ReviewId, usize, Option<AuditCursor>), Error> {
    let mut faults = FieldErrors::new();
    let id = call.review_id(caller, &mut faults);
    let (mut limit, mut cursor) = (DEFAULT_LIMIT, None);
    for (name, value) in call.query(&["limit", "cursor"], &mut faults) {
        if name == "limit" {
            match page_limit(&value, MAX_LIMIT) {
                Ok(parsed) => limit = parsed,
                Err(wrong) => faults.add(["query", "limit"], wrong.code, wrong.message),
            }
        } else if let Some(id) = &id {
            match AuditCursor::decode(&value, id) {
                Ok(parsed) => cursor = Some(parsed),
                Err(fault) => faults.add(["query", "cursor"], "invalid_value", fault.to_string()),
            }
        }
    }
    let id = faults.finish(id)?;
    Ok((id, limit, cursor))
}
