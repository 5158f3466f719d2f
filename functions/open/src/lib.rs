//! `POST /v1/workflows/reviews`: a workflow opens a review, at rev 0.

pub mod evidence;
pub mod opening;
mod sources;

pub use sources::keep_uploads;

use opening::{
    AUTHOR, BLOCK_ID, BLOCK_TYPE, IF_EXISTS, PRIORITY, RESUME, RUN_ID, Unopened, WORKFLOW_ID,
    WORKFLOW_VERSION_ID,
};
use shared::api::{
    self, Answer, App, Body, Call, Caller, Endpoint, Error, Field, FieldErrors, JsonLimits, Object, Reply,
    SNAPSHOT, Shape, WholeOverlay, limited_json_object, schema_of,
};
use shared::review::HashedJson;
use shared::store::{PackedOpening, Scope};

/// The endpoint.
pub const ENDPOINT: Endpoint = Endpoint {
    summary: "Open a review",
    description: "A workflow holds a block's output until somebody has reviewed it. If the run and block already have a review with \
        other content, `details.differs` names the fields that differ, and `if_exists` says what the call does: `reject` answers 409; \
        `adopt` answers with the review as it is; `supersede` appends the output as a version of the model, unless the review is \
        decided, and changes nothing else. Documents, schema, likelihoods, sources and evidence never change: `supersede` with \
        others is a 409, too, and where they are left out, those of the first output stay. What the workflow's policy demands of the \
        block is copied into the review when it opens: who reviews it, by when, how many must approve. A later policy changes nothing \
        of it.",
    body: Some(&BODY),
    example: Some(
        r#"{
            "run_id": "run_abc123",
            "block_id": "block_extract",
            "workflow_id": "wf_invoices",
            "workflow_version_id": "wfv_7",
            "block_type": "extract",
            "triggered_by": { "kind": "low_confidence", "threshold": 0.8 },
            "snapshot": { "vendor": "Northwind", "total": 12.50 },
            "priority": 5
        }"#,
    ),
    answers: &[
        Answer::json(201, "The review, at `rev` 0.", schema_of::<WholeOverlay<'static>>),
        Answer::json(
            200,
            "The existing review: it has this content, or `if_exists` allows other content.",
            schema_of::<WholeOverlay<'static>>,
        ),
    ],
    errors: opening::ERRORS,
    ..Endpoint::new("open", "POST", "/v1/workflows/reviews", Scope::Runtime, |app, caller, call| {
        Box::pin(open(app, caller, call))
    })
};

/// It is limited because it is part of every row of the queue.
const TRIGGERED_BY: Field<HashedJson> = Field::new(
    "triggered_by",
    "Why the review is needed: any object with a `kind`, at most 4,096 bytes of JSON.",
    limited_json_object(JsonLimits {
        max_bytes: Some(4 * 1024),
        text_field: Some(("kind", "The kind of reason.")),
    }),
);
const BODY: Body = Body {
    object: Object {
        name: "OpenRequest",
        about: "The body of `open`.",
        shape: Shape::Fields(&[
            RUN_ID.spec,
            BLOCK_ID.spec,
            WORKFLOW_ID.spec,
            WORKFLOW_VERSION_ID.spec,
            BLOCK_TYPE.spec,
            TRIGGERED_BY.spec,
            SNAPSHOT.spec,
            AUTHOR.spec,
            PRIORITY.spec,
            RESUME.spec,
            IF_EXISTS.spec,
            evidence::DOCUMENTS.spec,
            evidence::JSON_SCHEMA.spec,
            evidence::LIKELIHOODS.spec,
            evidence::SOURCES.spec,
            evidence::EVIDENCE.spec,
        ]),
    },
    limit: Body::WITH_SNAPSHOT,
};

async fn open(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let (unopened, triggered_by) = parse(app, caller, call)?;
    let if_exists = unopened.if_exists;
    let rule = opening::rule(&app.store, &unopened.id, &unopened.workflow_id).await?;
    let opening = unopened.because(triggered_by, rule.as_ref(), call.now());
    let context = call.command_context(caller, opening.digest(), None);
    let packed = PackedOpening::pack(&opening)?;
    keep_uploads(app, &caller.organization, &opening.evidence.documents).await?;
    let outcome = app.store.open(opening, &packed, if_exists, &context).await?;
    api::opened(outcome, caller, call.now())
}

fn parse(app: &App, caller: &Caller, call: &Call) -> Result<(Unopened, HashedJson), Error> {
    let mut errors = FieldErrors::new();
    let parsed = call.body(&BODY, &mut errors, |body| {
        let triggered_by = body.read(&TRIGGERED_BY);
        let (unopened, _) = opening::read(app, caller, body);
        unopened.zip(triggered_by)
    })?;
    Ok(errors.finish(parsed)?)
}
