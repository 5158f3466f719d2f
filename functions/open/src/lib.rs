//! `POST /v1/workflows/reviews`: the gate fires; a review comes to be at rev 0.

use shared::api::{
    self, App, BODY_LIMIT, Call, Caller, Error, FieldErrors, Fields, Function, RawJson, Reply, ValueError,
};
use shared::api::{
    callable_url, display_name, hashed_object, identifier, integer, one_of, routes, signing_secret, text,
};
use shared::egress::Egress;
use shared::review::{
    Actor, ActorId, ActorKind, BlockId, BlockType, HashedJson, IfExists, Opening, Priority, ResumeTarget,
    ReviewId, RunId, WorkflowId, WorkflowVersionId,
};
use shared::store::PackedSnapshot;

/// The endpoint.
pub const FUNCTION: Function =
    Function { route: routes::OPEN, handle: |app, caller, call| Box::pin(open(app, caller, call)) };

/// Largest `triggered_by`, in bytes of JSON text: it is part of every row of the queue.
const TRIGGERED_BY_LIMIT: usize = 4 * 1024;

async fn open(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let (opening, if_exists) = parse(app.egress, caller, call)?;
    let context = call.command_context(caller, opening.digest(), None);
    let packed = PackedSnapshot::pack(&opening.snapshot.text)?;
    let outcome = app.store.open(opening, &packed, if_exists, &context).await?;
    api::opened(outcome, caller, call.now())
}

fn parse(egress: Egress, caller: &Caller, call: &Call) -> Result<(Opening, IfExists), Error> {
    let mut faults = FieldErrors::new();
    let body = call.body(BODY_LIMIT, &mut faults)?;
    let opening = body.and_then(|body| opening(egress, caller, body, &mut faults));
    faults.finish(opening)
}

const IF_EXISTS: [(&str, IfExists); 3] =
    [("reject", IfExists::Reject), ("adopt", IfExists::Adopt), ("supersede", IfExists::Supersede)];

fn opening(
    egress: Egress,
    caller: &Caller,
    mut body: Fields<'_>,
    faults: &mut FieldErrors,
) -> Option<(Opening, IfExists)> {
    let run = body.required("run_id", faults, identifier(RunId::parse));
    let block = body.required("block_id", faults, identifier(BlockId::parse));
    let workflow_id = body.required("workflow_id", faults, identifier(WorkflowId::parse));
    let workflow_version_id =
        body.required("workflow_version_id", faults, identifier(WorkflowVersionId::parse));
    let block_type = body.required("block_type", faults, one_of(&BLOCK_TYPES));
    let triggered_by = body.required("triggered_by", faults, triggered_by);
    let snapshot = body.required("snapshot", faults, hashed_object);
    let priority = body.optional("priority", faults, integer(i32::MIN.into()..=i32::MAX.into()));
    let author = author(caller, &mut body, faults);
    let resume = resume(egress, &mut body, faults);
    let if_exists = body.optional("if_exists", faults, one_of(&IF_EXISTS));
    body.finish(faults);
    let priority = priority?.and_then(|priority| i32::try_from(priority).ok()).unwrap_or_default();
    let opening = Opening {
        id: ReviewId { organization: caller.organization.clone(), run: run?, block: block? },
        workflow_id: workflow_id?,
        workflow_version_id: workflow_version_id?,
        block_type: block_type?,
        triggered_by: triggered_by?,
        snapshot: snapshot?,
        author: author?,
        priority: Priority(priority),
        resume: resume?,
    };
    Some((opening, if_exists?.unwrap_or_default()))
}

/// The ways to wait.
#[derive(Clone, Copy)]
enum ResumeKind {
    StepFunctions,
    Webhook,
    Poll,
}

const RESUME_KINDS: [(&str, ResumeKind); 3] = [
    ("step_functions", ResumeKind::StepFunctions),
    ("webhook", ResumeKind::Webhook),
    ("poll", ResumeKind::Poll),
];

/// Longest task token, in characters (Step Functions' own limit).
const TASK_TOKEN_LIMIT: usize = 2048;

/// Who waits; nobody unless told.
#[allow(clippy::option_option)] // as `Fields::optional`: wrong, absent, there
fn resume(egress: Egress, body: &mut Fields<'_>, faults: &mut FieldErrors) -> Option<Option<ResumeTarget>> {
    let Some(mut fields) = body.optional_object("resume", faults)? else { return Some(None) };
    let target = match fields.required("kind", faults, one_of(&RESUME_KINDS)) {
        None => None,
        Some(ResumeKind::Poll) => Some(ResumeTarget::Poll),
        Some(ResumeKind::StepFunctions) => fields
            .required("task_token", faults, text(1..=TASK_TOKEN_LIMIT))
            .map(|task_token| ResumeTarget::StepFunctions { task_token }),
        Some(ResumeKind::Webhook) => {
            let url = fields.required("url", faults, callable_url(egress));
            let signing_secret = fields.optional("signing_secret", faults, signing_secret);
            url.zip(signing_secret).map(|(url, signing_secret)| ResumeTarget::Webhook {
                origin: url.origin().ascii_serialization(),
                url: url.into(),
                signing_secret,
            })
        }
    };
    // Without a kind nobody knows which fields belong there.
    if target.is_some() {
        fields.finish(faults);
    }
    target.map(Some)
}

const BLOCK_TYPES: [(&str, BlockType); 4] = [
    ("extract", BlockType::Extract),
    ("classifier", BlockType::Classifier),
    ("split", BlockType::Split),
    ("conditional", BlockType::Conditional),
];

const AUTHOR_KINDS: [(&str, ActorKind); 2] = [("model", ActorKind::Model), ("agent", ActorKind::Agent)];

/// Who made version 0: a model, nameless unless told, or the calling agent. Nobody can name somebody else as its author.
fn author(caller: &Caller, body: &mut Fields<'_>, faults: &mut FieldErrors) -> Option<Actor> {
    let Some(mut fields) = body.optional_object("author", faults)? else {
        let id = ActorId::parse("model").ok()?;
        return Some(Actor { kind: ActorKind::Model, id, display_name: "Model".into() });
    };
    let kind = fields.required("kind", faults, one_of(&AUTHOR_KINDS));
    let id = fields.required("id", faults, identifier(ActorId::parse));
    let display_name = fields.required("display_name", faults, display_name);
    fields.finish(faults);
    let author = Actor { kind: kind?, id: id?, display_name: display_name? };
    if author.kind == ActorKind::Agent && !author.is(&caller.actor) {
        let message = "an agent can only name itself: the kind and the id of the key's actor".into();
        faults.add(["body", "author", "id"], "invalid_value", message);
        return None;
    }
    // Its name is the key's, too: nobody signs with another's.
    Some(if author.kind == ActorKind::Agent { caller.actor.clone() } else { author })
}

/// The predicate that fired: an object with a `kind`, kept as given.
fn triggered_by(value: &RawJson) -> Result<HashedJson, ValueError> {
    let object = hashed_object(value)?;
    if object.text.as_str().len() > TRIGGERED_BY_LIMIT {
        return Err(ValueError::new(
            "out_of_range",
            format!("must be at most {TRIGGERED_BY_LIMIT} bytes of JSON"),
        ));
    }
    if object.text.has_text("kind") {
        Ok(object)
    } else {
        Err(ValueError::new("invalid_value", "must have a `kind` that is a string"))
    }
}
