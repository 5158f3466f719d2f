//! `POST …/comments`: says something of a review.

use futures_util::future::try_join_all;
use shared::api::{
    Answer, App, Body, COMMAND_ID, Call, Caller, Code, CommentView, Content, Endpoint, Error, Field,
    FieldErrors, Object, Reply, Shape, commented, identifiers, schema_of, text_of,
};
use shared::review::{ActorId, CommandId, CommentText, MAX_COMMENT, MAX_MENTIONS, RequestDigest, ReviewId};
use shared::store::Scope;

/// The endpoint.
pub const ENDPOINT: Endpoint = Endpoint {
    summary: "Comment on a review",
    description: "Adds a comment to the audit, also of a decided review. `rev` stays, and so does the claim: nobody's work becomes stale by \
        it, and the call takes no `version_stamp`. Comments are neither changed nor deleted. `mentions` are members of the organization; \
        the event `review.commented` names them, and holds nothing of the text. Without an `Idempotency-Key` a repeated call is another \
        comment.",
    body: Some(&BODY),
    example: Some(r#"{ "text": "Is the discount right?" }"#),
    answers: &[Answer::json(201, "The comment.", schema_of::<CommentView<'static>>)],
    errors: &[Code::ReviewNotFound, Code::TooManyComments, Code::CommandIdReused, Code::BodyTooLarge],
    takes_idempotency_key: true,
    ..Endpoint::new(
        "comment",
        "POST",
        "/v1/workflows/reviews/{run_id}/{block_id}/comments",
        Scope::Review,
        |app, caller, call| Box::pin(comment(app, caller, call)),
    )
};

const TEXT: Field<String> = Field::new("text", "What is said.", text_of(1..=MAX_COMMENT, Content::NotBlank));
const MENTIONS: Field<Option<Vec<ActorId>>> =
    Field::new("mentions", "Ids of members whom it mentions.", identifiers(MAX_MENTIONS)).optional();

const BODY: Body = Body {
    object: Object {
        name: "CommentRequest",
        about: "The body of `comment`.",
        shape: Shape::Fields(&[TEXT.spec, MENTIONS.spec, COMMAND_ID.spec]),
    },
    limit: Body::SMALL,
};

struct Request {
    text: CommentText,
    mentions: Vec<ActorId>,
    command_id: Option<CommandId>,
}

async fn comment(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let (id, Request { text, mentions, command_id }) = parse(caller, call)?;
    must_be_members(app, caller, &mentions).await?;
    let context = call.command_context(caller, digest(&text, &mentions), command_id);
    let outcome = app.store.comment(&id, &text, &mentions, &context).await?;
    commented(outcome, &text, &mentions, call.now())
}

/// Refuses mentions of whom the organization does not know, or has disabled. One read for each.
async fn must_be_members(app: &App, caller: &Caller, mentions: &[ActorId]) -> Result<(), Error> {
    let members = mentions.iter().map(|id| app.store.member(&caller.organization, id));
    let members = try_join_all(members).await?;
    let mut errors = FieldErrors::new();
    for (place, member) in members.iter().enumerate() {
        if !member.as_ref().is_some_and(shared::store::Member::is_active) {
            let message = "is no active member of the organization".to_owned();
            errors.add(["body", MENTIONS.spec.name, &place.to_string()], "invalid_value", message);
        }
    }
    if errors.listed().is_empty() { Ok(()) } else { Err(errors.into()) }
}

fn digest(text: &CommentText, mentions: &[ActorId]) -> RequestDigest {
    let mut parts: Vec<&[u8]> = vec![text.as_str().as_bytes()];
    parts.extend(mentions.iter().map(|actor| actor.as_str().as_bytes()));
    RequestDigest::of("comment", &parts)
}

fn parse(caller: &Caller, call: &Call) -> Result<(ReviewId, Request), Error> {
    let mut errors = FieldErrors::new();
    let id = call.review_id(caller, &mut errors);
    let body = call.body(&BODY, &mut errors, |body| {
        let (text, mentions) = (body.read(&TEXT), body.read(&MENTIONS));
        let command_id = call.command_id(body);
        Some(Request {
            // The declaration has the same bounds.
            text: CommentText::parse(text?)?,
            mentions: mentions?.unwrap_or_default(),
            command_id: command_id?,
        })
    })?;
    Ok(errors.finish(id.zip(body))?)
}
