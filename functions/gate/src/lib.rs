//! `POST /v1/workflows/gate`: whether an output needs a person. If it does, its review is opened, at rev 0.

pub mod predicate;

use open::evidence::{DOCUMENTS, EVIDENCE, JSON_SCHEMA, LIKELIHOODS, SOURCES};
use open::opening::{
    self, AUTHOR, BLOCK_ID, BLOCK_TYPE, IF_EXISTS, PRIORITY, RESUME, RUN_ID, Unopened, WORKFLOW_ID,
    WORKFLOW_VERSION_ID,
};
use predicate::PREDICATE;
use shared::api::{
    self, Answer, App, Body, Call, Caller, Endpoint, Error, Field, FieldErrors, Gated, Literal, Object,
    Reply, SNAPSHOT, Shape, boolean, schema_of,
};
use shared::review::gate::{Evaluation, Predicate, Subject, evaluate};
use shared::review::{HashedJson, IfExists, JsonText, Rule};
use shared::store::{Outcome, PackedOpening, Scope};

/// The endpoint.
pub const ENDPOINT: Endpoint = Endpoint {
    summary: "Hold an output if it needs review",
    description: "Evaluates the predicate on the output and on what comes with it. If it fires, the review is opened as `open` opens \
        it, with the first predicate that fired as `triggered_by`; if not, nothing is stored, and the run goes on. The same request \
        is answered with the same review, and with the evaluation that is stored with it. A likelihood that a predicate needs and \
        nobody sent counts as below its threshold. Without a `predicate` that of the workflow's policy is evaluated; whichever it is, \
        the policy says what a review that is opened demands.",
    body: Some(&BODY),
    example: Some(
        r#"{
            "run_id": "run_def456",
            "block_id": "block_extract",
            "workflow_id": "wf_invoices",
            "workflow_version_id": "wfv_7",
            "block_type": "extract",
            "snapshot": { "vendor": "Northwind", "total": 12.50 },
            "likelihoods": { "vendor": 0.99, "total": 0.71 },
            "predicate": {
                "kind": "any_of",
                "predicates": [
                    { "kind": "field_confidence_lt", "path": "total", "threshold": 0.90 },
                    {
                        "kind": "json_condition",
                        "condition": {
                            "logical_operator": "and",
                            "sub_conditions": [{ "path": "data.total", "operator": "is_greater_than", "value": 10000 }]
                        }
                    },
                    { "kind": "sample", "percent": 2 }
                ]
            }
        }"#,
    ),
    schema_examples: &[
        ("PredicateAlways", r#"{ "kind": "always" }"#),
        ("PredicateValidationFailed", r#"{ "kind": "validation_failed" }"#),
        ("PredicateConfidenceLt", r#"{ "kind": "confidence_lt", "threshold": 0.8 }"#),
        (
            "PredicateFieldConfidenceLt",
            r#"{ "kind": "field_confidence_lt", "path": "$.invoice.total", "threshold": 0.9 }"#,
        ),
        ("PredicateAnyRequiredFieldNull", r#"{ "kind": "any_required_field_null" }"#),
        ("PredicateCategoryIn", r#"{ "kind": "category_in", "categories": ["credit_note", "other"] }"#),
        ("PredicateTopMarginLt", r#"{ "kind": "top_margin_lt", "margin": 0.2 }"#),
        ("PredicateSplitCountNeq", r#"{ "kind": "split_count_neq", "expected": 3 }"#),
        ("PredicateAnySplitPagesLt", r#"{ "kind": "any_split_pages_lt", "min_pages": 2 }"#),
        ("PredicateBoundaryConfidenceLt", r#"{ "kind": "boundary_confidence_lt", "threshold": 0.8 }"#),
        ("PredicateBranchIn", r#"{ "kind": "branch_in", "branches": ["pay_without_approval"] }"#),
        (
            "PredicateJsonCondition",
            r#"{
                "kind": "json_condition",
                "condition": {
                    "logical_operator": "or",
                    "sub_conditions": [
                        { "path": "likelihoods.invoice_total", "operator": "is_less_than", "value": 0.85 },
                        { "path": "data.lines.*.currency", "operator": "is_not_equal_to", "value": "EUR" },
                        { "path": "data.due_date", "operator": "is_before", "value": "2026-06-01" },
                        { "path": "data.iban", "operator": "does_not_exist" }
                    ]
                }
            }"#,
        ),
        ("PredicateSample", r#"{ "kind": "sample", "percent": 2.5 }"#),
        (
            "PredicateAnyOf",
            r#"{ "kind": "any_of", "predicates": [{ "kind": "confidence_lt", "threshold": 0.8 }, { "kind": "sample", "percent": 2 }] }"#,
        ),
        (
            "PredicateAllOf",
            r#"{ "kind": "all_of", "predicates": [{ "kind": "validation_failed" }, { "kind": "sample", "percent": 50 }] }"#,
        ),
    ],
    answers: &[
        Answer::json(201, "It is held: the review, at `rev` 0.", schema_of::<Gated<'static>>),
        Answer::json(
            200,
            "It is not held, or it was a dry run: `overlay` is null. Or it is held by the existing review.",
            schema_of::<Gated<'static>>,
        ),
    ],
    errors: opening::ERRORS,
    ..Endpoint::new("gate", "POST", "/v1/workflows/gate", Scope::Runtime, |app, caller, call| {
        Box::pin(gate(app, caller, call))
    })
};

const DRY_RUN: Field<bool> = Field::new(
    "dry_run",
    "Evaluates, and opens no review: `held` says whether one would have been opened.",
    boolean(),
)
.default(Literal::Boolean(false));

const BODY: Body = Body {
    object: Object {
        name: "GateRequest",
        about: "The body of `gate`.",
        shape: Shape::Fields(&[
            RUN_ID.spec,
            BLOCK_ID.spec,
            WORKFLOW_ID.spec,
            WORKFLOW_VERSION_ID.spec,
            BLOCK_TYPE.spec,
            PREDICATE.spec,
            DRY_RUN.spec,
            SNAPSHOT.spec,
            AUTHOR.spec,
            PRIORITY.spec,
            RESUME.spec,
            IF_EXISTS.spec,
            DOCUMENTS.spec,
            JSON_SCHEMA.spec,
            LIKELIHOODS.spec,
            SOURCES.spec,
            EVIDENCE.spec,
        ]),
    },
    limit: Body::WITH_SNAPSHOT,
};

/// What is asked.
struct Asked {
    unopened: Unopened,
    predicate: Option<Predicate>,
    is_dry_run: bool,
}

async fn gate(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let Asked { mut unopened, predicate, is_dry_run } = parse(app, caller, call)?;
    let (predicate, rule) = if let Some(predicate) = predicate {
        (predicate, None)
    } else {
        let rule = opening::rule(&app.store, &unopened.id, &unopened.workflow_id).await?;
        (of_rule(rule.as_ref(), &unopened)?, Some(rule))
    };
    let found = evaluate(&predicate, subject(&unopened));
    let is_held = found.triggered_by.is_some();
    let evaluation = text_of(&[found.evaluation])?;
    let triggered_by = found.triggered_by.filter(|_| !is_dry_run);
    let Some(triggered_by) = triggered_by else {
        return Ok(api::not_opened(is_held, &evaluation, &unopened.id, is_dry_run));
    };
    unopened.evidence.evaluation = Some(evaluation.clone());
    let if_exists = unopened.if_exists;
    let is_by_policy = rule.is_some();
    // What passes by a predicate of the body needs no policy.
    let rule = match rule {
        Some(rule) => rule,
        None => opening::rule(&app.store, &unopened.id, &unopened.workflow_id).await?,
    };
    let opening = unopened.because(hashed(triggered_by)?, rule.as_ref(), call.now());
    let context = call.command_context(caller, opening.digest(), None);
    let packed = PackedOpening::pack(&opening)?;
    open::keep_uploads(app, &caller.organization, &opening.evidence.documents).await?;
    let mut outcome = app.store.open(opening.clone(), &packed, if_exists, &context).await?;
    // The same request again, after the policy's predicate has changed.
    let is_of_earlier_policy =
        is_by_policy && matches!(&outcome, Outcome::Exists(_, differs) if differs[..] == ["triggered_by"]);
    if is_of_earlier_policy {
        outcome = app.store.open(opening, &packed, IfExists::Adopt, &context).await?;
    }
    let stored = match &outcome {
        // The same request again: what was found then.
        Outcome::Done { overlay, replayed: true }
            if is_of_earlier_policy || overlay.review.opened_as == context.request =>
        {
            app.store.evidence_of(&overlay.review).await?.evaluation
        }
        _ => None,
    };
    api::held(outcome, &stored.unwrap_or(evaluation), caller, call.now())
}

/// The predicate that the policy's rule has for the block.
fn of_rule(rule: Option<&Rule>, unopened: &Unopened) -> Result<Predicate, Error> {
    let (workflow, block) = (&unopened.workflow_id, &unopened.id.block);
    let refuse = |code: &'static str, message: String| {
        let mut errors = FieldErrors::new();
        errors.add(["body", PREDICATE.spec.name], code, message);
        Error::from(errors)
    };
    let Some(text) = rule.and_then(|rule| rule.predicate.as_ref()) else {
        let message = format!(
            "is required: workflow {workflow} has no policy with a predicate for block {block}; send {{\"kind\": \"always\"}} to hold \
             every run, or call `open`"
        );
        return Err(refuse("missing", message));
    };
    predicate::of_policy(unopened.block_type, text).map_err(|faults| {
        let first = faults.listed().first().map(|fault| fault.message.clone()).unwrap_or_default();
        refuse(
            "not_allowed",
            format!("of the policy of workflow {workflow} does not fit block {block}: {first}; send one, or change the policy"),
        )
    })
}

fn subject(unopened: &Unopened) -> Subject<'_> {
    Subject {
        run: &unopened.id.run,
        block: &unopened.id.block,
        block_type: unopened.block_type,
        snapshot: &unopened.snapshot.text,
        json_schema: unopened.evidence.json_schema.as_ref(),
        likelihoods: unopened.evidence.likelihoods.as_ref(),
        evidence: unopened.evidence.evidence.as_ref(),
    }
}

fn parse(app: &App, caller: &Caller, call: &Call) -> Result<Asked, Error> {
    let mut errors = FieldErrors::new();
    let asked = call.body(&BODY, &mut errors, |body| {
        let (unopened, block) = opening::read(app, caller, body);
        let predicate = predicate::read(block, body);
        let is_dry_run = body.read(&DRY_RUN);
        Some(Asked { unopened: unopened?, predicate: predicate?, is_dry_run: is_dry_run? })
    })?;
    Ok(errors.finish(asked)?)
}

/// Our own types are serialized, so this does not fail.
fn text_of(evaluation: &[Evaluation]) -> Result<JsonText, Error> {
    Evaluation::text_of(evaluation).ok_or(Error::Panicked)
}

/// The values in it were checked when they were read.
fn hashed(predicate: String) -> Result<HashedJson, Error> {
    let text = JsonText::parse(predicate).map_err(|_| Error::Panicked)?;
    HashedJson::try_from(text).map_err(|_| Error::Panicked)
}
