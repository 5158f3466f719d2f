//! `POST …/versions`: append a correction, a complete new output.

use shared::api::{
    self, App, BODY_LIMIT, Call, Caller, Error, FieldErrors, Fields, Function, MAX_NOTE, Reply,
    hashed_object, one_of, routes, text,
};
use shared::review::{ActorKind, Attempt, CommandId, Correction, Origin, RequestDigest, Rev, ReviewId};
use shared::store::PackedSnapshot;

/// The endpoint.
pub const FUNCTION: Function =
    Function { route: routes::EDIT, handle: |app, caller, call| Box::pin(edit(app, caller, call)) };

/// What may be said of who corrected.
const ORIGINS: [(&str, Origin); 2] = [("human_edit", Origin::HumanEdit), ("agent_edit", Origin::AgentEdit)];

struct Request {
    stamp: Rev,
    correction: Correction,
    command_id: Option<CommandId>,
}

async fn edit(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let (id, Request { stamp, correction, command_id }) = parse(caller, call)?;
    let context = call.command_context(caller, digest(&correction), command_id);
    let packed = PackedSnapshot::pack(&correction.snapshot.text)?;
    let transition = |review: &shared::review::Review| review.edit(correction.clone(), &context);
    let outcome = app.store.change(&id, stamp, &context, Attempt::Edit, Some(&packed), transition).await?;
    api::mutated(outcome, stamp, call.now())
}

fn digest(correction: &Correction) -> RequestDigest {
    let Correction { snapshot, origin, note } = correction;
    let note = note.as_deref().map_or_else(Vec::new, |note| [b"=", note.as_bytes()].concat());
    RequestDigest::of("edit", &[&snapshot.digest, &[*origin as u8], &note])
}

fn parse(caller: &Caller, call: &Call) -> Result<(ReviewId, Request), Error> {
    let mut faults = FieldErrors::new();
    let id = call.review_id(caller, &mut faults);
    let body = call.body(BODY_LIMIT, &mut faults)?;
    let request = body.and_then(|body| request(caller, call, body, &mut faults));
    faults.finish(id.zip(request))
}

fn request(caller: &Caller, call: &Call, mut body: Fields<'_>, faults: &mut FieldErrors) -> Option<Request> {
    let snapshot = body.required("snapshot", faults, hashed_object);
    let stamp = body.version_stamp(faults);
    let origin = body.optional("origin", faults, one_of(&ORIGINS));
    let note = body.optional("note", faults, text(0..=MAX_NOTE));
    let command_id = call.command_id(&mut body, faults);
    body.finish(faults);
    let origin = origin.and_then(|said| origin_of(caller.actor.kind, said, faults));
    let correction = Correction { snapshot: snapshot?, origin: origin?, note: note? };
    Some(Request { stamp: stamp?, correction, command_id: command_id? })
}

/// Whose edit it is, by who calls. What a caller says of itself must be true, with one exception: the published client always
/// sends `human_edit`, so from an agent that says nothing.
fn origin_of(kind: ActorKind, said: Option<Origin>, faults: &mut FieldErrors) -> Option<Origin> {
    match (Origin::edit_by(kind), said) {
        (Origin::HumanEdit, Some(Origin::AgentEdit)) => {
            let message = "must be human_edit: the key belongs to a person".into();
            faults.add(["body", "origin"], "invalid_value", message);
            None
        }
        (own, _) => Some(own),
    }
}
