//! `POST …/assign`: who is to review it.

use shared::api::{
    self, Answer, App, Body, COMMAND_ID, Call, Caller, Code, Endpoint, Error, Field, FieldErrors, Literal,
    Object, REASON, Reply, Shape, VERSION_STAMP, WholeOverlay, boolean, identifiers, schema_of,
};
use shared::review::{
    ActorId, Assignment, Attempt, CommandId, GroupId, MAX_ASSIGNEES, RequestDigest, Rev, Review, ReviewId,
};
use shared::store::Scope;

/// The endpoint.
pub const ENDPOINT: Endpoint = Endpoint {
    summary: "Assign a review",
    description: "Says who is to review it: members of any of the groups, and the actors. Without either it is assigned to nobody. \
        `claim-next` and `GET /v1/workflows/reviews?assigned=me` follow it. Whether others are refused (`enforce`) is what the policy said \
        when the review opened; where they are, only those it is assigned to can assign it, and keys with the scope `admin`. One that is \
        enforced and assigned to nobody waits for a key with that scope. A review can be assigned 50 times. To hand over what one has claimed, send `hand_over`: the claim ends in the same write.",
    body: Some(&BODY),
    example: Some(
        r#"{ "version_stamp": 1, "groups": ["finance"], "reason": "The amount is above my limit." }"#,
    ),
    answers: &[Answer::json(200, "The review after the change.", schema_of::<WholeOverlay<'static>>)],
    errors: &[
        Code::ReviewNotFound,
        Code::VersionConflict,
        Code::ReviewNotOpen,
        Code::NotAssigned,
        Code::TooManyAssignments,
        Code::CommandIdReused,
        Code::BodyTooLarge,
        Code::ResponseTooLarge,
    ],
    takes_idempotency_key: true,
    is_repeatable: true,
    ..Endpoint::new(
        "assign",
        "POST",
        "/v1/workflows/reviews/{run_id}/{block_id}/assign",
        Scope::Review,
        |app, caller, call| Box::pin(assign(app, caller, call)),
    )
};

const GROUPS: Field<Option<Vec<GroupId>>> =
    Field::new("groups", "Groups, as the organization's keys name them.", identifiers(MAX_ASSIGNEES))
        .optional();
const ACTORS: Field<Option<Vec<ActorId>>> =
    Field::new("actors", "Ids of actors.", identifiers(MAX_ASSIGNEES)).optional();
const WHY: Field<Option<String>> = REASON.optional();
const HAND_OVER: Field<bool> =
    Field::new("hand_over", "Whether the caller's own claim ends with it. Another's stays.", boolean())
        .default(Literal::Boolean(false));

const BODY: Body = Body {
    object: Object {
        name: "AssignRequest",
        about: "The body of `assign`.",
        shape: Shape::Fields(&[
            VERSION_STAMP.spec,
            GROUPS.spec,
            ACTORS.spec,
            WHY.spec,
            HAND_OVER.spec,
            COMMAND_ID.spec,
        ]),
    },
    limit: Body::SMALL,
};

struct Request {
    stamp: Rev,
    groups: Vec<GroupId>,
    actors: Vec<ActorId>,
    reason: Option<String>,
    hand_over: bool,
    command_id: Option<CommandId>,
}

async fn assign(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let (id, Request { stamp, groups, actors, reason, hand_over, command_id }) = parse(caller, call)?;
    let context =
        call.command_context(caller, digest(&groups, &actors, reason.as_deref(), hand_over), command_id);
    let transition =
        |review: &Review| review.assign(groups.clone(), actors.clone(), reason.clone(), hand_over, &context);
    let outcome = app.store.change(&id, stamp, &context, Attempt::Assign, None, transition).await?;
    api::mutated(outcome, stamp, call.now())
}

fn digest(groups: &[GroupId], actors: &[ActorId], reason: Option<&str>, hand_over: bool) -> RequestDigest {
    let count = [u8::try_from(groups.len()).unwrap_or(u8::MAX)];
    let mut parts: Vec<&[u8]> = vec![reason.unwrap_or_default().as_bytes(), &count];
    parts.extend(groups.iter().map(|group| group.as_str().as_bytes()));
    parts.extend(actors.iter().map(|actor| actor.as_str().as_bytes()));
    // Without, it is what it was before there was such a thing.
    if hand_over {
        parts.push(b"hand over");
    }
    RequestDigest::of("assign", &parts)
}

fn parse(caller: &Caller, call: &Call) -> Result<(ReviewId, Request), Error> {
    let mut errors = FieldErrors::new();
    let id = call.review_id(caller, &mut errors);
    let body = call.body(&BODY, &mut errors, |body| {
        let (stamp, reason) = (body.read(&VERSION_STAMP), body.read(&WHY));
        let (groups, actors, hand_over) = (body.read(&GROUPS), body.read(&ACTORS), body.read(&HAND_OVER));
        let command_id = call.command_id(body);
        let (groups, actors) = (groups?.unwrap_or_default(), actors?.unwrap_or_default());
        if let Some(message) = Assignment::excess(&groups, &actors) {
            body.reject(GROUPS.spec.name, "out_of_range", message);
            return None;
        }
        let (reason, hand_over, command_id) = (reason?, hand_over?, command_id?);
        Some(Request { stamp: stamp?, groups, actors, reason, hand_over, command_id })
    })?;
    Ok(errors.finish(id.zip(body))?)
}
