//! `POST …/acknowledge`: a run that polls for its decision confirms that it has it.

use shared::api::{
    self, AcknowledgedView, Answer, App, Body, Call, Caller, Code, Endpoint, Error, Field, FieldErrors,
    Object, Reply, Shape, schema_of, text,
};
use shared::review::ReviewId;
use shared::store::Scope;

/// The endpoint.
pub const ENDPOINT: Endpoint = Endpoint {
    summary: "Acknowledge a decision",
    description: "The polling run confirms that it has its decision. From then on, reopening the review must be forced. The answer \
        `decision_superseded` means that the decision is no longer the current one: read it again. The call can be repeated. `rev` \
        does not change.",
    body: Some(&BODY),
    example: Some(r#"{ "decision_id": "01a2b3c4d5e6f708192a3b4c5d6e7f80" }"#),
    answers: &[Answer::json(
        200,
        "It is acknowledged, now or before.",
        schema_of::<AcknowledgedView<'static>>,
    )],
    errors: &[Code::ReviewNotFound, Code::DecisionSuperseded, Code::NothingToAcknowledge, Code::BodyTooLarge],
    ..Endpoint::new(
        "acknowledge",
        "POST",
        "/v1/workflows/reviews/{run_id}/{block_id}/acknowledge",
        Scope::Runtime,
        |app, caller, call| Box::pin(acknowledge(app, caller, call)),
    )
};

const DECISION_ID: Field<String> = Field::new(
    "decision_id",
    "The decision that the run has: `decision.decision_id` of `GET …/decision`.",
    text(1..=200),
);

const BODY: Body = Body {
    object: Object {
        name: "AcknowledgeRequest",
        about: "The body of `acknowledge`.",
        shape: Shape::Fields(&[DECISION_ID.spec]),
    },
    limit: Body::SMALL,
};

/// From then on, reopening the review must be forced. Acknowledging the same decision again changes nothing.
async fn acknowledge(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let (id, decision_id) = parse(caller, call)?;
    let outcome = app.store.acknowledge(&id, &caller.actor, &decision_id, call.now()).await?;
    api::acknowledged(outcome, call.now())
}

fn parse(caller: &Caller, call: &Call) -> Result<(ReviewId, String), Error> {
    let mut errors = FieldErrors::new();
    let id = call.review_id(caller, &mut errors);
    let decision_id = call.body(&BODY, &mut errors, |body| body.read(&DECISION_ID))?;
    Ok(errors.finish(id.zip(decision_id))?)
}
