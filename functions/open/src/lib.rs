//! `POST /v1/workflows/reviews`: a workflow opens a review, at rev 0.

mod evidence;
mod sources;

use shared::api::{
    self, Answer, App, Body, CALLED_URL, Call, Caller, Code, Content, Endpoint, Error, Field, FieldErrors,
    Fields, JsonLimits, Literal, Nested, Object, OfOthers, Reply, SNAPSHOT, Shape, SigningSecret, Variant,
    WholeOverlay, callable, identifier, integer, limited_json_object, object, one_of, schema_of,
    signing_secret, text, text_of,
};
use shared::egress::Egress;
use shared::review::{
    Actor, ActorId, ActorKind, BlockId, BlockType, HashedJson, IfExists, Opening, Priority, ResumeKind,
    ResumeTarget, ReviewId, RunId, WorkflowId, WorkflowVersionId,
};
use shared::store::{PackedOpening, Scope};

/// The endpoint.
pub const ENDPOINT: Endpoint = Endpoint {
    summary: "Open a review",
    description: "A workflow holds a block's output until somebody has reviewed it. If the run and block already have a review with \
        other content, `details.differs` names the fields that differ, and `if_exists` says what the call does: `reject` answers 409; \
        `adopt` answers with the review as it is; `supersede` appends the output as a version of the model, unless the review is \
        decided, and changes nothing else. Documents, schema, likelihoods, sources and evidence never change: `supersede` with \
        others is a 409, too, and where they are left out, those of the first output stay.",
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
    errors: &[
        Code::ReviewExists,
        Code::ReviewNotOpen,
        Code::TooManyVersions,
        Code::SnapshotTooLarge,
        Code::ResponseTooLarge,
        Code::ResumeTooSoon,
    ],
    ..Endpoint::new("open", "POST", "/v1/workflows/reviews", Scope::Runtime, |app, caller, call| {
        Box::pin(open(app, caller, call))
    })
};

const RUN_ID: Field<RunId> = Field::new("run_id", "The workflow run that is held.", identifier());
const BLOCK_ID: Field<BlockId> =
    Field::new("block_id", "The block whose output is to be reviewed.", identifier());
const WORKFLOW_ID: Field<WorkflowId> = Field::new("workflow_id", "The workflow.", identifier());
const WORKFLOW_VERSION_ID: Field<WorkflowVersionId> =
    Field::new("workflow_version_id", "The workflow's version.", identifier());
const BLOCK_TYPE: Field<BlockType> = Field::new("block_type", "The kind of block.", one_of(BlockType::WORDS));
/// It is limited because it is part of every row of the queue.
const TRIGGERED_BY: Field<HashedJson> = Field::new(
    "triggered_by",
    "Why the review is needed: any object with a `kind`, at most 4,096 bytes of JSON.",
    limited_json_object(JsonLimits {
        max_bytes: Some(4 * 1024),
        text_field: Some(("kind", "The kind of reason.")),
    }),
);
const PRIORITY: Field<Priority> = Field::new(
    "priority",
    "How urgent it is; higher comes first.",
    integer(i32::MIN as i64..=i32::MAX as i64),
)
.default(Literal::Integer(0));
const IF_EXISTS: Field<IfExists> = Field::new(
    "if_exists",
    "What the call does if the run and block already have a review with other content.",
    one_of(IfExists::WORDS),
)
.default(Literal::Word(IfExists::Reject.as_str()));

const AUTHOR: Field<Option<Nested>> = Field::new(
    "author",
    "Who made the output: by default an unnamed model. An agent can only name itself.",
    object(&Object {
        name: "Author",
        about: "The author of an output.",
        shape: Shape::Fields(&[AUTHOR_KIND.spec, AUTHOR_ID.spec, AUTHOR_NAME.spec]),
    }),
)
.optional();
const AUTHOR_KIND: Field<ActorKind> =
    Field::new("kind", "What it is.", one_of(&[ActorKind::Model.word(), ActorKind::Agent.word()]));
const AUTHOR_ID: Field<ActorId> =
    Field::new("id", "Stable within the organization. An agent can only name itself.", identifier());
const AUTHOR_NAME: Field<String> = Field::new(
    "display_name",
    "For people to read; not blank, without control characters.",
    text_of(1..=Actor::MAX_DISPLAY_NAME, Content::Name),
);

const RESUME: Field<Option<Nested>> = Field::new(
    "resume",
    "How the waiting run gets the decision; by default it gets none.",
    object(&Object {
        name: "ResumeTarget",
        about: "How a waiting run gets its decision.",
        shape: Shape::Variants {
            tag: RESUME_KIND.spec,
            variants: &[
                Variant { word: ResumeKind::StepFunctions.word(), fields: &[TASK_TOKEN.spec] },
                Variant { word: ResumeKind::Webhook.word(), fields: &[CALLED_URL.spec, SIGNING_SECRET.spec] },
                Variant { word: ResumeKind::Poll.word(), fields: &[] },
            ],
            of_others: OfOthers::Unknown,
        },
    }),
)
.optional();
const RESUME_KIND: Field<ResumeKind> = Field::new("kind", "The way.", one_of(ResumeKind::WORDS));
/// Its limit is that of Step Functions.
const TASK_TOKEN: Field<String> = Field::new("task_token", "The task's token.", text(1..=2048));
const SIGNING_SECRET: Field<Option<SigningSecret>> = Field::new(
    "signing_secret",
    "The secret that signs the call (Standard Webhooks): `whsec_` and the base64 of 24 to 64 bytes.",
    signing_secret(),
)
.optional();

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
    let (opening, if_exists) = parse(app, caller, call)?;
    let context = call.command_context(caller, opening.digest(), None);
    let packed = PackedOpening::pack(&opening)?;
    sources::keep_uploads(app, &caller.organization, &opening.evidence.documents).await?;
    let outcome = app.store.open(opening, &packed, if_exists, &context).await?;
    api::opened(outcome, caller, call.now())
}

fn parse(app: &App, caller: &Caller, call: &Call) -> Result<(Opening, IfExists), Error> {
    let mut errors = FieldErrors::new();
    let opening = call.body(&BODY, &mut errors, |body| opening(app, caller, body))?;
    Ok(errors.finish(opening)?)
}

fn opening(app: &App, caller: &Caller, body: &mut Fields<'_, '_>) -> Option<(Opening, IfExists)> {
    let (run, block) = (body.read(&RUN_ID), body.read(&BLOCK_ID));
    let (workflow_id, workflow_version_id) = (body.read(&WORKFLOW_ID), body.read(&WORKFLOW_VERSION_ID));
    let (block_type, triggered_by) = (body.read(&BLOCK_TYPE), body.read(&TRIGGERED_BY));
    let (snapshot, priority) = (body.read(&SNAPSHOT), body.read(&PRIORITY));
    let author = body.object(&AUTHOR, |author| read_author(caller, author));
    let resume = body.object(&RESUME, |resume| read_resume(app.egress, resume));
    let if_exists = body.read(&IF_EXISTS);
    let evidence = evidence::read(app.bucket.as_ref(), body);
    let model =
        Actor { kind: ActorKind::Model, id: ActorId::parse("model").ok()?, display_name: "Model".into() };
    let opening = Opening {
        id: ReviewId { organization: caller.organization.clone(), run: run?, block: block? },
        workflow_id: workflow_id?,
        workflow_version_id: workflow_version_id?,
        block_type: block_type?,
        triggered_by: triggered_by?,
        snapshot: snapshot?,
        author: author?.unwrap_or(model),
        priority: priority?,
        resume: resume?,
        evidence: evidence?,
    };
    Some((opening, if_exists?))
}

/// How the run gets its decision.
fn read_resume(egress: Egress, resume: &mut Fields<'_, '_>) -> Option<ResumeTarget> {
    match resume.choose(&RESUME_KIND)? {
        ResumeKind::Poll => Some(ResumeTarget::Poll),
        ResumeKind::StepFunctions => {
            let task_token = resume.read(&TASK_TOKEN)?;
            Some(ResumeTarget::StepFunctions { task_token })
        }
        ResumeKind::Webhook => {
            let url = resume.read_then(&CALLED_URL, callable(egress));
            let signing_secret = resume.read(&SIGNING_SECRET);
            let (url, signing_secret) = url.zip(signing_secret)?;
            Some(ResumeTarget::Webhook {
                origin: url.origin().ascii_serialization(),
                url: url.into(),
                signing_secret: signing_secret.map(|SigningSecret(secret)| secret),
            })
        }
    }
}

/// The author of version 0: a model, or the calling agent. Nobody can name somebody else.
fn read_author(caller: &Caller, author: &mut Fields<'_, '_>) -> Option<Actor> {
    let (kind, id) = (author.read(&AUTHOR_KIND), author.read(&AUTHOR_ID));
    let display_name = author.read(&AUTHOR_NAME);
    let actor = Actor { kind: kind?, id: id?, display_name: display_name? };
    if actor.kind != ActorKind::Agent {
        return Some(actor);
    }
    if !actor.is(&caller.actor) {
        let message = "an agent can only name itself: the kind and the id of the key's actor";
        author.reject("id", "invalid_value", message);
        return None;
    }
    // The display name is the key's, too.
    Some(caller.actor.clone())
}
