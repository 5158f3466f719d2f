//! What `open` and `gate` are told alike: all but why a review is needed.

use crate::evidence;
use shared::api::{
    App, CALLED_URL, Caller, Code, Content, Field, Fields, Literal, Nested, Object, OfOthers, SNAPSHOT,
    Shape, SigningSecret, Variant, callable, identifier, integer, object, one_of, signing_secret, text,
    text_of,
};
use shared::egress::Egress;
use shared::review::{
    Actor, ActorId, ActorKind, BlockId, BlockType, Evidence, HashedJson, IfExists, Opening, Priority,
    ResumeKind, ResumeTarget, ReviewId, Rule, RunId, Timestamp, WorkflowId, WorkflowVersionId,
};
use shared::store::{Store, StoreError};

/// The errors of their own that both can answer.
pub const ERRORS: &[Code] = &[
    Code::ReviewExists,
    Code::ReviewNotOpen,
    Code::TooManyVersions,
    Code::SnapshotTooLarge,
    Code::ResponseTooLarge,
    Code::ResumeTooSoon,
];

/// `run_id` of the body.
pub const RUN_ID: Field<RunId> = Field::new("run_id", "The workflow run that is held.", identifier());
/// `block_id` of the body.
pub const BLOCK_ID: Field<BlockId> =
    Field::new("block_id", "The block whose output is to be reviewed.", identifier());
/// `workflow_id` of the body.
pub const WORKFLOW_ID: Field<WorkflowId> = Field::new("workflow_id", "The workflow.", identifier());
/// `workflow_version_id` of the body.
pub const WORKFLOW_VERSION_ID: Field<WorkflowVersionId> =
    Field::new("workflow_version_id", "The workflow's version.", identifier());
/// `block_type` of the body.
pub const BLOCK_TYPE: Field<BlockType> =
    Field::new("block_type", "The kind of block.", one_of(BlockType::WORDS));
/// `priority` of the body.
pub const PRIORITY: Field<Option<Priority>> = Field::new(
    "priority",
    "How urgent it is; higher comes first. By default what the workflow's policy says of the block, else 0.",
    integer(i32::MIN as i64..=i32::MAX as i64),
)
.optional();
/// `if_exists` of the body.
pub const IF_EXISTS: Field<IfExists> = Field::new(
    "if_exists",
    "What the call does if the run and block already have a review with other content.",
    one_of(IfExists::WORDS),
)
.default(Literal::Word(IfExists::Reject.as_str()));

/// `author` of the body.
pub const AUTHOR: Field<Option<Nested>> = Field::new(
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

/// `resume` of the body.
pub const RESUME: Field<Option<Nested>> = Field::new(
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

/// A review before it is known why it is needed.
pub struct Unopened {
    /// The organization and the block run.
    pub id: ReviewId,
    /// The workflow.
    pub workflow_id: WorkflowId,
    workflow_version_id: WorkflowVersionId,
    /// What kind of block produced the output.
    pub block_type: BlockType,
    /// The output.
    pub snapshot: HashedJson,
    author: Actor,
    priority: Option<Priority>,
    resume: Option<ResumeTarget>,
    /// What came with the output.
    pub evidence: Evidence,
    /// What the call does if there is a review with other content.
    pub if_exists: IfExists,
}

impl Unopened {
    /// The review, now that it is known why it is needed, under the rule of its workflow's policy, if that has one for the block.
    pub fn because(self, triggered_by: HashedJson, rule: Option<&Rule>, now: Timestamp) -> Opening {
        Opening {
            id: self.id,
            workflow_id: self.workflow_id,
            workflow_version_id: self.workflow_version_id,
            block_type: self.block_type,
            triggered_by,
            snapshot: self.snapshot,
            author: self.author,
            priority: self.priority.unwrap_or_default(),
            resume: self.resume,
            evidence: self.evidence,
            terms: rule.map(|rule| rule.terms(now)).unwrap_or_default(),
            priority_of_policy: rule.and_then(|rule| rule.priority).filter(|_| self.priority.is_none()),
            display: rule.map(|rule| rule.display.clone()).unwrap_or_default(),
        }
    }
}

/// What the policy of a workflow says of a block. One consistent read.
pub async fn rule(store: &Store, id: &ReviewId, workflow: &WorkflowId) -> Result<Option<Rule>, StoreError> {
    let policy = store.policy(&id.organization, workflow).await?;
    Ok(policy.and_then(|policy| policy.rule(&id.block).map(|(_, rule)| rule.clone())))
}

/// Reads the fields of this module and of [`evidence`]; the type of the block is known also where something else is wrong.
pub fn read(app: &App, caller: &Caller, body: &mut Fields<'_, '_>) -> (Option<Unopened>, Option<BlockType>) {
    let (run, block) = (body.read(&RUN_ID), body.read(&BLOCK_ID));
    let (workflow_id, workflow_version_id) = (body.read(&WORKFLOW_ID), body.read(&WORKFLOW_VERSION_ID));
    let block_type = body.read(&BLOCK_TYPE);
    let (snapshot, priority) = (body.read(&SNAPSHOT), body.read(&PRIORITY));
    let author = body.object(&AUTHOR, |author| read_author(caller, author));
    let resume = body.object(&RESUME, |resume| read_resume(app.egress, resume));
    let if_exists = body.read(&IF_EXISTS);
    let evidence = evidence::read(app.bucket.as_ref(), body);
    let unopened = || {
        let model =
            Actor { kind: ActorKind::Model, id: ActorId::parse("model").ok()?, display_name: "Model".into() };
        Some(Unopened {
            id: ReviewId { organization: caller.organization.clone(), run: run?, block: block? },
            workflow_id: workflow_id?,
            workflow_version_id: workflow_version_id?,
            block_type: block_type?,
            snapshot: snapshot?,
            author: author?.unwrap_or(model),
            priority: priority?,
            resume: resume?,
            evidence: evidence?,
            if_exists: if_exists?,
        })
    };
    (unopened(), block_type)
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
