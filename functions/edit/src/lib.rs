//! `POST …/versions`: append a correction, a complete new output.

use shared::api::{
    self, Answer, App, Body, COMMAND_ID, Call, Caller, Code, Endpoint, Error, Field, FieldErrors, Fields,
    MAX_NOTE, Object, Reply, SNAPSHOT, Shape, VERSION_STAMP, WholeOverlay, one_of, schema_of, text,
};
use shared::review::{
    ActorKind, Attempt, CommandId, Correction, Origin, RequestDigest, Rev, Review, ReviewId,
};
use shared::store::{PackedSnapshot, Scope};

/// The endpoint.
pub const ENDPOINT: Endpoint = Endpoint {
    summary: "Correct a review",
    description: "Appends a version: the whole output as it should be. The review stays open.",
    body: Some(&BODY),
    example: Some(
        r#"{ "version_stamp": 1, "snapshot": { "vendor": "Northwind", "total": 125.00 }, "note": "Comma." }"#,
    ),
    answers: &[Answer::json(200, "The review after the change.", schema_of::<WholeOverlay<'static>>)],
    errors: &[
        Code::ReviewNotFound,
        Code::VersionConflict,
        Code::ReviewNotOpen,
        Code::NotAssigned,
        Code::CommandIdReused,
        Code::TooManyVersions,
        Code::SnapshotTooLarge,
        Code::ResponseTooLarge,
    ],
    takes_idempotency_key: true,
    is_repeatable: true,
    ..Endpoint::new(
        "edit",
        "POST",
        "/v1/workflows/reviews/{run_id}/{block_id}/versions",
        Scope::Review,
        |app, caller, call| Box::pin(edit(app, caller, call)),
    )
};

const ORIGIN: Field<Option<Origin>> = Field::new(
    "origin",
    "Who corrected it; by default the kind of the caller. A person can only send `human_edit`. From an agent it is always \
     `agent_edit`.",
    one_of(&[Origin::HumanEdit.word(), Origin::AgentEdit.word()]),
)
.optional();
const NOTE: Field<Option<String>> =
    Field::new("note", "A note for readers of the version.", text(0..=MAX_NOTE)).optional();

const BODY: Body = Body {
    object: Object {
        name: "EditRequest",
        about: "The body of `edit`.",
        shape: Shape::Fields(&[SNAPSHOT.spec, VERSION_STAMP.spec, ORIGIN.spec, NOTE.spec, COMMAND_ID.spec]),
    },
    limit: Body::WITH_SNAPSHOT,
};

struct Request {
    stamp: Rev,
    correction: Correction,
    command_id: Option<CommandId>,
}

async fn edit(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let (id, Request { stamp, correction, command_id }) = parse(caller, call)?;
    let context = call.command_context(caller, digest(&correction), command_id);
    let packed = PackedSnapshot::pack(&correction.snapshot.text)?;
    let transition = |review: &Review| review.edit(correction.clone(), &context);
    let outcome = app.store.change(&id, stamp, &context, Attempt::Edit, Some(&packed), transition).await?;
    api::mutated(outcome, stamp, call.now())
}

fn digest(correction: &Correction) -> RequestDigest {
    let Correction { snapshot, origin, note } = correction;
    let note = note.as_deref().map_or_else(Vec::new, |note| [b"=", note.as_bytes()].concat());
    RequestDigest::of("edit", &[&snapshot.digest, &[*origin as u8], &note])
}

fn parse(caller: &Caller, call: &Call) -> Result<(ReviewId, Request), Error> {
    let mut errors = FieldErrors::new();
    let id = call.review_id(caller, &mut errors);
    let request = call.body(&BODY, &mut errors, |body| request(caller, call, body))?;
    Ok(errors.finish(id.zip(request))?)
}

fn request(caller: &Caller, call: &Call, body: &mut Fields<'_, '_>) -> Option<Request> {
    let snapshot = body.read(&SNAPSHOT);
    let stamp = body.read(&VERSION_STAMP);
    let origin = body.read(&ORIGIN).and_then(|origin| origin_of(caller.actor.kind, origin, body));
    let note = body.read(&NOTE);
    let command_id = call.command_id(body);
    let correction = Correction { snapshot: snapshot?, origin: origin?, note: note? };
    Some(Request { stamp: stamp?, correction, command_id: command_id? })
}

/// The origin of a caller's edit. A caller cannot claim to be of another kind, with one exception: the published client always sends
/// `human_edit`, so from an agent that is ignored.
fn origin_of(kind: ActorKind, given: Option<Origin>, body: &mut Fields<'_, '_>) -> Option<Origin> {
    match (Origin::edit_by(kind), given) {
        (Origin::HumanEdit, Some(Origin::AgentEdit)) => {
            body.reject("origin", "invalid_value", "must be human_edit: the key belongs to a person");
            None
        }
        (own, _) => Some(own),
    }
}
