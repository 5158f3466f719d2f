//! `GET /v1/workflows/reviews`: the queue, hottest first, page by page.

use shared::api::{self, App, Call, Caller, Error, FieldErrors, Function, Reply, page_limit, routes};
use shared::review::{Status, WorkflowId};
use shared::store::{Cursor, QueueFilter};

/// The endpoint.
pub const FUNCTION: Function =
    Function { route: routes::LIST, handle: |app, caller, call| Box::pin(list(app, caller, call)) };

/// Rows of a page unless told.
const DEFAULT_LIMIT: usize = 50;
/// Most rows of a page.
const MAX_LIMIT: usize = 200;

struct Query {
    filter: QueueFilter,
    limit: usize,
    cursor: Option<Cursor>,
}

async fn list(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let query = parse(caller, call)?;
    let page = app.store.list(&query.filter, query.limit, query.cursor.as_ref(), call.now()).await?;
    Ok(api::queue_page(&page, &query.filter, call.now()).tagged_by_content(call))
}

fn parse(caller: &Caller, call: &Call) -> Result<Query, Error> {
    let mut faults = FieldErrors::new();
    let mut filter = QueueFilter {
        organization: caller.organization.clone(),
        workflow: None,
        // As the reference's specification and its clients have it; `all` is said, not implied.
        status: Some(Status::AwaitingReview),
        claimed_by: None,
    };
    let (mut limit, mut cursor_text) = (DEFAULT_LIMIT, None);
    for (name, value) in call.query(&["workflow_id", "status", "mine", "limit", "cursor"], &mut faults) {
        let parsed = match name.as_str() {
            "workflow_id" => {
                let parsed =
                    WorkflowId::parse(&value).map_err(|fault| ("invalid_identifier", fault.to_string()));
                parsed.map(|workflow| filter.workflow = Some(workflow))
            }
            "status" => status(&value).map(|status| filter.status = status),
            "mine" => flag(&value).map(|mine| filter.claimed_by = mine.then(|| caller.actor.clone())),
            "limit" => page_limit(&value, MAX_LIMIT)
                .map(|parsed| limit = parsed)
                .map_err(|wrong| (wrong.code, wrong.message)),
            _ => {
                cursor_text = Some(value);
                Ok(())
            }
        };
        if let Err((code, message)) = parsed {
            faults.add(["query", &name], code, message);
        }
    }
    // The cursor is bound to the filter, so it is read when the filter is known.
    let cursor = cursor_text.map(|text| Cursor::decode(&text, &filter)).transpose().map_err(|fault| {
        faults.add(["query", "cursor"], "invalid_value", fault.to_string());
    });
    let cursor = faults.finish(cursor.ok())?;
    Ok(Query { filter, limit, cursor })
}

type Parsed<T> = Result<T, (&'static str, String)>;

fn status(word: &str) -> Parsed<Option<Status>> {
    match word {
        "awaiting_review" => Ok(Some(Status::AwaitingReview)),
        "approved" => Ok(Some(Status::Approved)),
        "rejected" => Ok(Some(Status::Rejected)),
        "all" => Ok(None),
        _ => Err(("invalid_value", "must be one of awaiting_review, approved, rejected, all".into())),
    }
}

fn flag(word: &str) -> Parsed<bool> {
    match word {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(("wrong_type", "must be true or false".into())),
    }
}
