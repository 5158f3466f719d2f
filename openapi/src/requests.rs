//! What the calls take, in their bodies.

use schemars::JsonSchema;
use serde_json::{Map, Value};
use shared::api::{MAX_NOTE, MAX_REASON, MAX_SHORT_TEXT};
use shared::egress::Egress;
use shared::review::{
    Actor, ActorId, BlockId, BlockType, CommandId, RunId, TtlSeconds, WorkflowId, WorkflowVersionId,
};

/// Largest `version_stamp`.
const MAX_STAMP: i64 = i64::MAX;

/// What `open` takes.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct OpenRequest {
    /// The workflow run that is held.
    pub run_id: RunId,
    /// The block whose output is to be reviewed.
    pub block_id: BlockId,
    /// The workflow.
    pub workflow_id: WorkflowId,
    /// The workflow's version.
    pub workflow_version_id: WorkflowVersionId,
    /// What kind of block it is.
    pub block_type: BlockType,
    /// The predicate that fired: any object with a `kind`, at most 4,096 bytes of JSON.
    pub triggered_by: TriggeredBy,
    /// The output, whole.
    pub snapshot: Map<String, Value>,
    /// Who made the output: a model, nameless unless said, or the calling agent itself.
    pub author: Option<Author>,
    /// How urgent it is; higher comes first.
    #[schemars(extend("default" = 0))]
    pub priority: Option<i32>,
    /// Who is to be told of the decision.
    pub resume: Option<ResumeTarget>,
    /// What becomes of this call where the run and block have a review with other content.
    #[schemars(extend("default" = "reject"))]
    pub if_exists: Option<IfExists>,
}

/// What becomes of an opening whose run and block have a review with other content.
#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case", inline)]
pub enum IfExists {
    /// It is refused.
    Reject,
    /// It is answered with the review as it is.
    Adopt,
    /// Its output becomes the newest version, unless the review is decided.
    Supersede,
}

/// A predicate.
#[derive(JsonSchema)]
#[schemars(inline)]
pub struct TriggeredBy {
    /// What kind of predicate.
    pub kind: String,
}

/// An actor.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Author {
    /// What it is.
    pub kind: AuthorKind,
    /// Stable within the organization. An agent can name only itself.
    pub id: ActorId,
    /// For people to read; not blank, without control characters.
    #[schemars(length(min = 1, max = Actor::MAX_DISPLAY_NAME), regex(pattern = NAME))]
    pub display_name: String,
}

/// Who can make an output.
#[derive(JsonSchema)]
#[schemars(inline, rename_all = "snake_case")]
pub enum AuthorKind {
    /// A model.
    Model,
    /// The agent whose key it is.
    Agent,
}

/// Something that is not blank, without control characters.
const NAME: &str = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$";
/// Something that is not blank: one character at least that shows.
const NOT_BLANK: &str = concat!(
    r"[^\s\u0000-\u001f\u007f-\u00a0\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2000-\u200f",
    r"\u2028-\u202f\u205f-\u206f\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff]"
);

/// Who waits for the decision.
#[derive(JsonSchema)]
#[schemars(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum ResumeTarget {
    /// A task of AWS Step Functions that waits for its token.
    StepFunctions {
        /// The token.
        #[schemars(length(min = 1, max = 2048))]
        task_token: String,
    },
    /// A URL that is called.
    Webhook {
        /// Public, and https.
        #[schemars(url, length(max = Egress::URL_LIMIT))]
        url: String,
        /// What the call is signed with (Standard Webhooks): `whsec_` and the base64 of 24 to 64 bytes.
        #[schemars(regex(pattern = SECRET))]
        signing_secret: Option<String>,
    },
    /// Nobody is called: the run reads `GET …/decision`, and acknowledges the decision.
    Poll {},
}

/// What `acknowledge` takes.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct AcknowledgeRequest {
    /// The decision that the run has: `decision.decision_id` of `GET …/decision`.
    #[schemars(length(min = 1, max = 200))]
    pub decision_id: String,
}

/// `whsec_` and the base64 of 24 to 64 bytes, padded, its unused bits zero.
const SECRET: &str = concat!(
    r"^whsec_(([A-Za-z0-9+/]{4}){8,21}",
    r"|([A-Za-z0-9+/]{4}){8,20}([A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=|[A-Za-z0-9+/][AQgw]==)",
    r"|([A-Za-z0-9+/]{4}){21}[A-Za-z0-9+/][AQgw]==)$"
);

/// What `claim` takes.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ClaimRequest {
    /// The `rev` that you last saw.
    #[schemars(range(min = 0, max = MAX_STAMP))]
    pub version_stamp: i64,
    /// For how long.
    #[schemars(range(min = TtlSeconds::MIN, max = TtlSeconds::MAX), extend("default" = 900))]
    pub ttl_seconds: Option<u32>,
}

/// What `claim-next` takes.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ClaimNextRequest {
    /// Only reviews of this workflow.
    pub workflow_id: Option<WorkflowId>,
    /// For how long.
    #[schemars(range(min = TtlSeconds::MIN, max = TtlSeconds::MAX), extend("default" = 900))]
    pub ttl_seconds: Option<u32>,
}

/// What calls take that need nothing else.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct StampRequest {
    /// The `rev` that you last saw.
    #[schemars(range(min = 0, max = MAX_STAMP))]
    pub version_stamp: i64,
}

/// What `edit` takes.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct EditRequest {
    /// The corrected output, whole.
    pub snapshot: Map<String, Value>,
    /// The `rev` that you last saw.
    #[schemars(range(min = 0, max = MAX_STAMP))]
    pub version_stamp: i64,
    /// Who corrected; by the caller's kind unless said. A person can say only `human_edit`; from an agent it is always `agent_edit`.
    pub origin: Option<EditOrigin>,
    /// For whoever reads the version.
    #[schemars(length(max = MAX_NOTE))]
    pub note: Option<String>,
    /// Your name for this command; with it the call can be sent again at any time.
    pub command_id: Option<CommandId>,
}

/// How a correction came to be.
#[derive(JsonSchema)]
#[schemars(inline, rename_all = "snake_case")]
pub enum EditOrigin {
    /// A person.
    HumanEdit,
    /// A program.
    AgentEdit,
}

/// A decision. Each verdict has what it needs, and nothing else.
#[derive(JsonSchema)]
#[schemars(tag = "verdict", rename_all = "snake_case", deny_unknown_fields)]
pub enum DecideRequest {
    /// The run resumes with the effective version.
    Approved {
        /// The `rev` that you last saw.
        #[schemars(range(min = 0, max = MAX_STAMP))]
        version_stamp: i64,
        /// A last correction, which is appended and approved in one write.
        edited_output: Option<Map<String, Value>>,
        /// The version that was looked at; the newest unless told.
        #[schemars(range(max = u32::MAX))]
        on_seq: Option<u32>,
        /// The version that downstream consumes; `on_seq` unless told.
        #[schemars(range(max = u32::MAX))]
        effective_seq: Option<u32>,
        /// Why.
        #[schemars(length(min = 1, max = MAX_REASON), regex(pattern = NOT_BLANK))]
        reason: Option<String>,
        /// Your name for this command; with it the call can be sent again at any time.
        command_id: Option<CommandId>,
    },
    /// The run does not resume with this output.
    Rejected {
        /// The `rev` that you last saw.
        #[schemars(range(min = 0, max = MAX_STAMP))]
        version_stamp: i64,
        /// Why.
        #[schemars(length(min = 1, max = MAX_REASON), regex(pattern = NOT_BLANK))]
        reason: String,
        /// The version that was looked at; the newest unless told.
        #[schemars(range(max = u32::MAX))]
        on_seq: Option<u32>,
        /// Your name for this command; with it the call can be sent again at any time.
        command_id: Option<CommandId>,
    },
    /// Somebody else should look; the review stays open.
    Escalated {
        /// The `rev` that you last saw.
        #[schemars(range(min = 0, max = MAX_STAMP))]
        version_stamp: i64,
        /// Why.
        #[schemars(length(min = 1, max = MAX_REASON), regex(pattern = NOT_BLANK))]
        reason: String,
        /// Who.
        #[schemars(length(min = 1, max = MAX_SHORT_TEXT), regex(pattern = NOT_BLANK))]
        escalate_to: String,
        /// The version that was looked at; the newest unless told.
        #[schemars(range(max = u32::MAX))]
        on_seq: Option<u32>,
        /// Your name for this command; with it the call can be sent again at any time.
        command_id: Option<CommandId>,
    },
}

/// What `reopen` takes.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ReopenRequest {
    /// The `rev` that you last saw.
    #[schemars(range(min = 0, max = MAX_STAMP))]
    pub version_stamp: i64,
    /// Why.
    #[schemars(length(min = 1, max = MAX_REASON), regex(pattern = NOT_BLANK))]
    pub reason: Option<String>,
    /// Also when the run has been told of the decision, which is not taken back.
    #[schemars(extend("default" = false))]
    pub force: Option<bool>,
    /// Your name for this command; with it the call can be sent again at any time.
    pub command_id: Option<CommandId>,
}

/// What `create-webhook` takes.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct CreateWebhookRequest {
    /// What is called: public, and https.
    #[schemars(url, length(max = Egress::URL_LIMIT))]
    pub url: String,
    /// Which events; all unless told.
    #[schemars(length(min = 1), extend("uniqueItems" = true))]
    pub events: Option<Vec<EventWord>>,
    /// For people to read.
    #[schemars(length(min = 1, max = MAX_SHORT_TEXT), regex(pattern = NOT_BLANK))]
    pub description: Option<String>,
}

/// A type of event, as its word.
pub struct EventWord;

impl JsonSchema for EventWord {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "EventWord".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let words: Vec<&str> =
            shared::event::EventType::ALL.into_iter().map(shared::event::EventType::as_str).collect();
        schemars::json_schema!({ "type": "string", "enum": words })
    }
}
