//! `POST …/acknowledge`: a run that asks for its decision says that it has it.

use shared::api::{
    self, App, Call, Caller, Error, FieldErrors, Function, Reply, SMALL_BODY_LIMIT, routes, text,
};
use shared::review::ReviewId;

/// The endpoint.
pub const FUNCTION: Function = Function {
    route: routes::ACKNOWLEDGE,
    handle: |app, caller, call| Box::pin(acknowledge(app, caller, call)),
};

/// Longest id of a decision, in characters.
const DECISION_ID_LIMIT: usize = 200;

/// From then on, opening the review again must be forced. Acknowledging the same decision again changes nothing.
async fn acknowledge(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let (id, decision_id) = parse(caller, call)?;
    let outcome = app.store.acknowledge(&id, &caller.actor, &decision_id, call.now()).await?;
    api::acknowledged(outcome, call.now())
}

fn parse(caller: &Caller, call: &Call) -> Result<(ReviewId, String), Error> {
    let mut faults = FieldErrors::new();
    let id = call.review_id(caller, &mut faults);
    let mut decision_id = None;
    if let Some(mut body) = call.body(SMALL_BODY_LIMIT, &mut faults)? {
        decision_id = body.required("decision_id", &mut faults, text(1..=DECISION_ID_LIMIT));
        body.finish(&mut faults);
    }
    faults.finish(id.zip(decision_id))
}
