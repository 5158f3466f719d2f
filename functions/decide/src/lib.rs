//! `POST …/decision`: approve (as it is, or with a last correction), reject, escalate.

use shared::api::{
    self, App, BODY_LIMIT, Call, Caller, Error, FieldErrors, Fields, Function, RawJson, Reply, ValueError,
    hashed_object, integer, one_of, present, reason, routes, short_text,
};
use shared::review::{
    Attempt, CommandId, DecisionRequest, HashedJson, RequestDigest, Rev, Review, ReviewId, Seq, Verdict,
};
use shared::store::PackedSnapshot;

/// The endpoint.
pub const FUNCTION: Function =
    Function { route: routes::DECIDE, handle: |app, caller, call| Box::pin(decide(app, caller, call)) };

const VERDICTS: [(&str, Verdict); 3] =
    [("approved", Verdict::Approved), ("rejected", Verdict::Rejected), ("escalated", Verdict::Escalated)];

struct Request {
    stamp: Rev,
    decision: DecisionRequest,
    command_id: Option<CommandId>,
}

async fn decide(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let (id, Request { stamp, decision, command_id }) = parse(caller, call)?;
    let context = call.command_context(caller, digest(&decision), command_id);
    let packed = edited_output(&decision).map(|output| PackedSnapshot::pack(&output.text)).transpose()?;
    let transition = |review: &Review| review.decide(decision.clone(), &context);
    let outcome =
        app.store.change(&id, stamp, &context, Attempt::Decide, packed.as_ref(), transition).await?;
    api::decided(outcome, stamp, call.now())
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
    let mut faults = FieldErrors::new();
    let id = call.review_id(caller, &mut faults);
    let body = call.body(BODY_LIMIT, &mut faults)?;
    let request = body.and_then(|body| request(call, body, &mut faults));
    faults.finish(id.zip(request))
}

fn request(call: &Call, mut body: Fields<'_>, faults: &mut FieldErrors) -> Option<Request> {
    let stamp = body.version_stamp(faults);
    let verdict = body.required("verdict", faults, one_of(&VERDICTS));
    let decision = match verdict {
        Some(verdict) => decision_request(verdict, &mut body, faults),
        None => check_the_rest(&mut body, faults),
    };
    let command_id = call.command_id(&mut body, faults);
    body.finish(faults);
    Some(Request { stamp: stamp?, decision: decision?, command_id: command_id? })
}

/// Without a verdict nobody knows what is needed, but what is there can be wrong all the same.
fn check_the_rest(body: &mut Fields<'_>, faults: &mut FieldErrors) -> Option<DecisionRequest> {
    body.optional("on_seq", faults, seq);
    body.optional("effective_seq", faults, seq);
    body.optional("edited_output", faults, hashed_object);
    body.optional("reason", faults, reason);
    body.optional("escalate_to", faults, short_text);
    None
}

/// What a verdict needs, it must have; what belongs to another, it may not have.
fn decision_request(
    verdict: Verdict,
    body: &mut Fields<'_>,
    faults: &mut FieldErrors,
) -> Option<DecisionRequest> {
    let on_seq = body.optional("on_seq", faults, seq);
    let refused: &[&str] = match verdict {
        Verdict::Approved => &["escalate_to"],
        Verdict::Rejected => &["edited_output", "effective_seq", "escalate_to"],
        Verdict::Escalated => &["edited_output", "effective_seq"],
    };
    for name in refused {
        if body.optional(name, faults, present) == Some(Some(())) {
            faults.add(["body", name], "not_allowed", "does not go with this verdict".into());
        }
    }
    match verdict {
        Verdict::Approved => {
            let edited_output = body.optional("edited_output", faults, hashed_object);
            let effective_seq = body.optional("effective_seq", faults, seq);
            let reason = body.optional("reason", faults, reason);
            Some(DecisionRequest::Approve {
                edited_output: edited_output?,
                on_seq: on_seq?,
                effective_seq: effective_seq?,
                reason: reason?,
            })
        }
        Verdict::Rejected => {
            let reason = body.required("reason", faults, reason);
            Some(DecisionRequest::Reject { on_seq: on_seq?, reason: reason? })
        }
        Verdict::Escalated => {
            let reason = body.required("reason", faults, reason);
            let escalate_to = body.required("escalate_to", faults, short_text);
            Some(DecisionRequest::Escalate { on_seq: on_seq?, reason: reason?, escalate_to: escalate_to? })
        }
    }
}

fn seq(value: &RawJson) -> Result<Seq, ValueError> {
    let number = integer(0..=u32::MAX.into())(value)?;
    u32::try_from(number).map(Seq).map_err(|_| ValueError::new("out_of_range", "is no version"))
}
