//! `POST …/decision`: approve (as it is, or with a last correction), reject, escalate.

mod output;

use output::OutputRule;
use shared::api::{
    self, Answer, App, Body, COMMAND_ID, Call, Caller, Code, Content, Decided, Endpoint, Error, Field,
    FieldErrors, Fields, MAX_SHORT_TEXT, Object, OfOthers, REASON, Reply, Shape, VERSION_STAMP, Variant,
    json_object, one_of, schema_of, seq, text_of,
};
use shared::review::{
    Attempt, CommandId, DecisionRequest, HashedJson, RequestDigest, Rev, Review, ReviewId, Seq, Verdict,
};
use shared::store::{PackedSnapshot, Scope};

/// The endpoint.
pub const ENDPOINT: Endpoint = Endpoint {
    summary: "Decide a review",
    description: "Approves it (as it is, or with a last correction), rejects it or escalates it. A claim is not needed.\n\nWhere \
        several must approve (`approvals`), each approves the newest version, and the review stays open until enough have: then \
        `effective_seq` of the decision is null, and so is that of the review. A new version begins without approvals. An escalation to \
        a group or an actor of the organization assigns the review to them.",
    body: Some(&BODY),
    example: Some(r#"{ "verdict": "approved", "version_stamp": 2 }"#),
    answers: &[Answer::json(200, "The review after the decision.", schema_of::<Decided<'static>>)],
    errors: &[
        Code::ReviewNotFound,
        Code::VersionConflict,
        Code::ReviewNotOpen,
        Code::CommandIdReused,
        Code::TooManyVersions,
        Code::TooManyEscalations,
        Code::NotAssigned,
        Code::OwnVersion,
        Code::AlreadyApproved,
        Code::OutputInvalid,
        Code::SnapshotTooLarge,
        Code::ResponseTooLarge,
    ],
    takes_idempotency_key: true,
    is_repeatable: true,
    ..Endpoint::new(
        "decide",
        "POST",
        "/v1/workflows/reviews/{run_id}/{block_id}/decision",
        Scope::Review,
        |app, caller, call| Box::pin(decide(app, caller, call)),
    )
};

const VERDICT: Field<Verdict> = Field::new("verdict", "The decision.", one_of(Verdict::WORDS));
const EDITED_OUTPUT: Field<Option<HashedJson>> = Field::new(
    "edited_output",
    "A last correction, which is appended and approved in one write.",
    json_object(),
)
.optional();
const ON_SEQ: Field<Option<Seq>> = seq("on_seq", "The version that you looked at; by default the newest.");
const EFFECTIVE_SEQ: Field<Option<Seq>> =
    seq("effective_seq", "The version that the workflow continues with; by default `on_seq`.");
const APPROVAL_REASON: Field<Option<String>> = REASON.optional();
const ESCALATE_TO: Field<String> = Field::new(
    "escalate_to",
    "Who should look at it: the id or the display name of an actor, or a group, to whom it is assigned then; or any other text, unless \
     the review is assigned and its policy enforces that.",
    text_of(1..=MAX_SHORT_TEXT, Content::NotBlank),
);

const BODY: Body = Body {
    object: Object {
        name: "DecideRequest",
        about: "A decision. Each verdict has fields of its own.",
        shape: Shape::Variants {
            tag: VERDICT.spec,
            variants: &[
                Variant {
                    word: Verdict::Approved.word(),
                    fields: &[
                        VERSION_STAMP.spec,
                        EDITED_OUTPUT.spec,
                        ON_SEQ.spec,
                        EFFECTIVE_SEQ.spec,
                        APPROVAL_REASON.spec,
                        COMMAND_ID.spec,
                    ],
                },
                Variant {
                    word: Verdict::Rejected.word(),
                    fields: &[VERSION_STAMP.spec, REASON.spec, ON_SEQ.spec, COMMAND_ID.spec],
                },
                Variant {
                    word: Verdict::Escalated.word(),
                    fields: &[
                        VERSION_STAMP.spec,
                        REASON.spec,
                        ESCALATE_TO.spec,
                        ON_SEQ.spec,
                        COMMAND_ID.spec,
                    ],
                },
            ],
            of_others: OfOthers::NotAllowed,
        },
    },
    limit: Body::WITH_SNAPSHOT,
};

struct Request {
    stamp: Rev,
    decision: DecisionRequest,
    command_id: Option<CommandId>,
}

async fn decide(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let (id, Request { stamp, decision, command_id }) = parse(caller, call)?;
    let context = call.command_context(caller, digest(&decision), command_id);
    let packed = edited_output(&decision).map(|output| PackedSnapshot::pack(&output.text)).transpose()?;
    let addressee = match &decision {
        DecisionRequest::Escalate { escalate_to, .. } => {
            Some(app.store.addressee(&caller.organization, escalate_to, call.now()).await?)
        }
        DecisionRequest::Approve { .. } | DecisionRequest::Reject { .. } => None,
    };
    let transition = |review: &Review| review.decide_to(decision.clone(), addressee.as_ref(), &context);
    let rule = OutputRule::default();
    let outcome = app
        .store
        .change_checked(&id, stamp, &context, Attempt::Decide, packed.as_ref(), transition, &rule)
        .await?;
    api::decided(outcome, rule.into_findings(), stamp, call.now())
}

const fn edited_output(request: &DecisionRequest) -> Option<&HashedJson> {
    match request {
        DecisionRequest::Approve { edited_output, .. } => edited_output.as_ref(),
        DecisionRequest::Reject { .. } | DecisionRequest::Escalate { .. } => None,
    }
}

fn digest(request: &DecisionRequest) -> RequestDigest {
    let seq = |seq: &Option<Seq>| seq.map_or_else(Vec::new, |seq| seq.0.to_be_bytes().to_vec());
    match request {
        DecisionRequest::Approve { edited_output, on_seq, effective_seq, reason } => {
            let output = edited_output.as_ref().map_or_else(Vec::new, |output| output.digest.to_vec());
            let reason = reason.as_deref().unwrap_or_default().as_bytes();
            RequestDigest::of("approve", &[&output, &seq(on_seq), &seq(effective_seq), reason])
        }
        DecisionRequest::Reject { on_seq, reason } => {
            RequestDigest::of("reject", &[&seq(on_seq), reason.as_bytes()])
        }
        DecisionRequest::Escalate { on_seq, reason, escalate_to } => {
            RequestDigest::of("escalate", &[&seq(on_seq), reason.as_bytes(), escalate_to.as_bytes()])
        }
    }
}

fn parse(caller: &Caller, call: &Call) -> Result<(ReviewId, Request), Error> {
    let mut errors = FieldErrors::new();
    let id = call.review_id(caller, &mut errors);
    let request = call.body(&BODY, &mut errors, |body| request(call, body))?;
    Ok(errors.finish(id.zip(request))?)
}

fn request(call: &Call, body: &mut Fields<'_, '_>) -> Option<Request> {
    let verdict = body.choose(&VERDICT);
    let stamp = body.read(&VERSION_STAMP);
    let command_id = call.command_id(body);
    let decision = match verdict {
        Some(Verdict::Approved) => {
            let (edited_output, on_seq) = (body.read(&EDITED_OUTPUT), body.read(&ON_SEQ));
            let (effective_seq, reason) = (body.read(&EFFECTIVE_SEQ), body.read(&APPROVAL_REASON));
            DecisionRequest::Approve {
                edited_output: edited_output?,
                on_seq: on_seq?,
                effective_seq: effective_seq?,
                reason: reason?,
            }
        }
        Some(Verdict::Rejected) => {
            let (reason, on_seq) = (body.read(&REASON), body.read(&ON_SEQ));
            DecisionRequest::Reject { on_seq: on_seq?, reason: reason? }
        }
        Some(Verdict::Escalated) => {
            let (reason, on_seq) = (body.read(&REASON), body.read(&ON_SEQ));
            let escalate_to = body.read(&ESCALATE_TO);
            DecisionRequest::Escalate { on_seq: on_seq?, reason: reason?, escalate_to: escalate_to? }
        }
        None => {
            body.check_the_rest();
            return None;
        }
    };
    Some(Request { stamp: stamp?, decision, command_id: command_id? })
}
