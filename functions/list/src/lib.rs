//! `GET /v1/workflows/reviews`: the queue, page by page.

use shared::api::{
    self, Answer, App, CURSOR, Call, Caller, Code, Endpoint, Error, Field, FieldErrors, FieldSpec, Literal,
    PAGE_LIMIT, QueuePage, Reply, boolean, identifier, one_of, schema_of,
};
use shared::review::{FromWord, Status, Word, WorkflowId};
use shared::store::{Cursor, QueueFilter, Scope};

/// The endpoint.
pub const ENDPOINT: Endpoint = Endpoint {
    summary: "List the queue",
    description: "Open reviews are ordered by priority, highest first; within a priority, those with a due time come first, the earliest \
        before all, then the others by how long they have waited. Decided ones are ordered by the time of the decision, newest first. Pages neither skip nor repeat a review that keeps its place. A review that an \
        escalation moves ahead of the cursor is on the first page, whose `ETag` changes.",
    query: QUERY,
    answers: &[Answer::json(200, "One page of the queue.", schema_of::<QueuePage<'static>>)],
    errors: &[Code::ResponseTooLarge],
    has_etag: true,
    ..Endpoint::new("list", "GET", "/v1/workflows/reviews", Scope::Read, |app, caller, call| {
        Box::pin(list(app, caller, call))
    })
};

const WORKFLOW_ID: Field<Option<WorkflowId>> =
    Field::new("workflow_id", "Only reviews of this workflow.", identifier()).optional();
/// The default is that of the reference's specification and its clients.
const STATUS: Field<Statuses> = Field::new(
    "status",
    "Only reviews with this status.",
    one_of(&[
        Status::AwaitingReview.word(),
        Status::Approved.word(),
        Status::Rejected.word(),
        Word { text: ALL, meaning: "Every review." },
    ]),
)
.default(Literal::Word(Status::AwaitingReview.as_str()));
const MINE: Field<bool> = Field::new(
    "mine",
    "Only reviews that you have claimed; with a `status` of decided ones, those that you have decided. A page of the latter can be \
     short or empty and still have a next one.",
    boolean(),
)
.default(Literal::Boolean(false));

const OVERDUE: Field<bool> = Field::new(
    "overdue",
    "Only open reviews whose due time has passed. One call looks through at most 1,000 reviews, 10 pages of 100 of the queue, so a page \
     can be short or empty and still have a next one.",
    boolean(),
)
.default(Literal::Boolean(false));

const ASSIGNED: Field<Option<Assigned>> = Field::new(
    "assigned",
    "Only reviews that are assigned to you, or to a group of yours. A call looks through at most 1,000 reviews; a page can be short or \
     empty and still have a next one.",
    one_of(&[Word { text: ME, meaning: "You, or a group of yours." }]),
)
.optional();

const QUERY: &[FieldSpec] =
    &[WORKFLOW_ID.spec, STATUS.spec, MINE.spec, ASSIGNED.spec, OVERDUE.spec, PAGE_LIMIT.spec, CURSOR.spec];

/// The word for all statuses.
const ALL: &str = "all";

/// The word for the caller.
const ME: &str = "me";

/// To whom it is assigned: to the caller.
struct Assigned;

impl FromWord for Assigned {
    fn from_word(text: &str) -> Option<Self> {
        (text == ME).then_some(Self)
    }
}

/// Which statuses are listed: one, or all.
struct Statuses(Option<Status>);

impl FromWord for Statuses {
    fn from_word(text: &str) -> Option<Self> {
        if text == ALL { Some(Self(None)) } else { Status::parse(text).map(|status| Self(Some(status))) }
    }
}

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
    let mut errors = FieldErrors::new();
    let query = call.query_fields(QUERY, &mut errors, |query| {
        let (workflow, status) = (query.read(&WORKFLOW_ID), query.read(&STATUS));
        let assigned = query.read(&ASSIGNED);
        let (mine, limit, cursor) = (query.read(&MINE), query.read(&PAGE_LIMIT), query.read(&CURSOR));
        let overdue = query.read(&OVERDUE);
        let filter = QueueFilter {
            organization: caller.organization.clone(),
            workflow: workflow?,
            status: status?.0,
            claimed_by: mine?.then(|| caller.actor.clone()),
            overdue: overdue?,
            assigned: assigned?.map(|Assigned| (caller.actor.clone(), caller.standing.clone())),
        };
        // A cursor is bound to the filter of its page.
        let cursor = cursor?.map(|text| Cursor::decode(&text, &filter)).transpose();
        let cursor =
            cursor.map_err(|error| query.reject(CURSOR.spec.name, "invalid_value", error.to_string()));
        Some(Query { filter, limit: limit?, cursor: cursor.ok()? })
    });
    Ok(errors.finish(query)?)
}
