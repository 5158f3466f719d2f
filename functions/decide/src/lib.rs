//! `POST …/decision`: approve (as it is, or with a last correction), reject, escalate.

use shared::api::{
    self, App, BODY_LIMIT, Call, Caller, Error, Faults, Fields, Function, RawJson, Reply, Wrong,
    hashed_object, integer, one_of, present, reason, routes, short_text,
};
use shared::review::{
    Attempt, CommandId, HashedJson, Judgement, RequestDigest, Rev, Review, ReviewId, Seq, Verdict,
};
use shared::store::PackedSnapshot;

/// The endpoint.
pub const FUNCTION: Function =
    Function { route: routes::DECIDE, handle: |app, caller, call| Box::pin(decide(app, caller, call)) };

const VERDICTS: [(&str, Verdict); 3] =
    [("approved", Verdict::Approved), ("rejected", Verdict::Rejected), ("escalated", Verdict::Escalated)];

struct Request {
    stamp: Rev,
    judgement: Judgement,
    command_id: Option<CommandId>,
}

async fn decide(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let (id, Request { stamp, judgement, command_id }) = parse(caller, call)?;
    let act = call.act(caller, digest(&judgement), command_id);
    let packed = edited_output(&judgement).map(|output| PackedSnapshot::pack(&output.text)).transpose()?;
    let transition = |review: &Review| review.decide(judgement.clone(), &act);
    let outcome = app.store.change(&id, stamp, &act, Attempt::Decide, packed.as_ref(), transition).await?;
    api::decided(outcome, stamp, call.now())
}

const fn edited_output(judgement: &Judgement) -> Option<&HashedJson> {
    match judgement {
        Judgement::Approve { edited_output, .. } => edited_output.as_ref(),
        Judgement::Reject { .. } | Judgement::Escalate { .. } => None,
    }
}

fn digest(judgement: &Judgement) -> RequestDigest {
    let seq = |seq: &Option<Seq>| seq.map_or_else(Vec::new, |seq| seq.0.to_be_bytes().to_vec());
    match judgement {
        Judgement::Approve { edited_output, on_seq, effective_seq, reason } => {
            let output = edited_output.as_ref().map_or_else(Vec::new, |output| output.digest.to_vec());
            let reason = reason.as_deref().unwrap_or_default().as_bytes();
            RequestDigest::of("approve", &[&output, &seq(on_seq), &seq(effective_seq), reason])
        }
        Judgement::Reject { on_seq, reason } => {
            RequestDigest::of("reject", &[&seq(on_seq), reason.as_bytes()])
        }
        Judgement::Escalate { on_seq, reason, escalate_to } => {
            RequestDigest::of("escalate", &[&seq(on_seq), reason.as_bytes(), escalate_to.as_bytes()])
        }
    }
}

fn parse(caller: &Caller, call: &Call) -> Result<(ReviewId, Request), Error> {
    let mut faults = Faults::new();
    let id = call.review_id(caller, &mut faults);
    let body = call.body(BODY_LIMIT, &mut faults)?;
    let request = body.and_then(|body| request(call, body, &mut faults));
    faults.finish(id.zip(request))
}

fn request(call: &Call, mut body: Fields<'_>, faults: &mut Faults) -> Option<Request> {
    let stamp = body.version_stamp(faults);
    let verdict = body.required("verdict", faults, one_of(&VERDICTS));
    let judgement = match verdict {
        Some(verdict) => judgement(verdict, &mut body, faults),
        None => check_the_rest(&mut body, faults),
    };
    let command_id = call.command_id(&mut body, faults);
    body.finish(faults);
    Some(Request { stamp: stamp?, judgement: judgement?, command_id: command_id? })
}

/// Without a verdict nobody knows what is needed, but what is there can be wrong all the same.
fn check_the_rest(body: &mut Fields<'_>, faults: &mut Faults) -> Option<Judgement> {
    body.optional("on_seq", faults, seq);
    body.optional("effective_seq", faults, seq);
    body.optional("edited_output", faults, hashed_object);
    body.optional("reason", faults, reason);
    body.optional("escalate_to", faults, short_text);
    None
}

/// What a verdict needs, it must have; what belongs to another, it may not have.
fn judgement(verdict: Verdict, body: &mut Fields<'_>, faults: &mut Faults) -> Option<Judgement> {
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
            Some(Judgement::Approve {
                edited_output: edited_output?,
                on_seq: on_seq?,
                effective_seq: effective_seq?,
                reason: reason?,
            })
        }
        Verdict::Rejected => {
            let reason = body.required("reason", faults, reason);
            Some(Judgement::Reject { on_seq: on_seq?, reason: reason? })
        }
        Verdict::Escalated => {
            let reason = body.required("reason", faults, reason);
            let escalate_to = body.required("escalate_to", faults, short_text);
            Some(Judgement::Escalate { on_seq: on_seq?, reason: reason?, escalate_to: escalate_to? })
        }
    }
}

fn seq(value: &RawJson) -> Result<Seq, Wrong> {
    let number = integer(0..=u32::MAX.into())(value)?;
    u32::try_from(number).map(Seq).map_err(|_| Wrong::new("out_of_range", "is no version"))
}
