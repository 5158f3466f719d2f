#![no_main]
//! A predicate and an output with all that comes with it, asked of the gate in a dry run: the answer is an evaluation that is
//! bounded, consistent in itself and the same twice, or the faults of the request.
//!
//! The parts of the input are separated by bytes 0: predicate, output, likelihoods, evidence, schema. The first byte of all chooses the block's type.

use holdpoint_fuzz::{Empty, NOW};
use lambda_http::{Body, Request};
use libfuzzer_sys::fuzz_target;
use shared::api::{Call, Error, FieldErrors};
use shared::review::gate::{Evaluation, EvaluationOutcome};
use shared::review::{ActorId, OrganizationId};
use std::sync::LazyLock;

static EMPTY: LazyLock<Empty> = LazyLock::new(Empty::default);
const BLOCKS: [&str; 4] = ["extract", "classifier", "split", "conditional"];

fn check(evaluation: &Evaluation, depth: usize) {
    assert!(depth <= 10, "deeper than a predicate");
    assert!(!evaluation.reason.is_empty() && evaluation.reason.chars().count() <= 501);
    assert!(evaluation.actual.as_str().len() <= 6 * 201 + 2);
    assert_eq!(evaluation.outcome.map(EvaluationOutcome::fires), Some(evaluation.fired), "a word for each");
    let fired = evaluation.evaluations.iter().filter(|inner| inner.fired).count();
    match evaluation.operator.as_deref() {
        Some("or") => assert_eq!(evaluation.fired, fired > 0),
        Some("and") => assert_eq!(evaluation.fired, fired == evaluation.evaluations.len()),
        // Not made of others, or too much work.
        _ => assert!(evaluation.evaluations.is_empty()),
    }
    evaluation.evaluations.iter().for_each(|inner| check(inner, depth + 1));
}

fuzz_target!(|data: &[u8]| {
    let Some((which, rest)) = data.split_first() else { return };
    let Ok(rest) = std::str::from_utf8(rest) else { return };
    let mut parts = rest.split('\0');
    let mut part =
        |or: &'static str| parts.next().filter(|part| !part.trim().is_empty()).unwrap_or(or).to_owned();
    let (predicate, snapshot) = (part(r#"{"kind":"always"}"#), part("{}"));
    let (likelihoods, evidence, schema) = (part("null"), part("null"), part("null"));
    let block = BLOCKS[usize::from(*which) % BLOCKS.len()];
    let body = format!(
        r#"{{"run_id":"run","block_id":"block","workflow_id":"w","workflow_version_id":"v","block_type":"{block}","dry_run":true,
        "predicate":{predicate},"snapshot":{snapshot},"likelihoods":{likelihoods},"evidence":{evidence},"json_schema":{schema}}}"#
    );
    let caller =
        shared::fuzzing::caller(OrganizationId::parse("org").unwrap(), ActorId::parse("who").unwrap());
    let ask = || {
        let call = Call::new(Request::new(Body::Text(body.clone())), NOW);
        EMPTY.wait(gate::ENDPOINT.handler.call(&EMPTY.app, &caller, &call))
    };
    match ask() {
        Ok(reply) => {
            let answer: serde_json::Value = serde_json::from_str(reply.body()).expect("an answer is JSON");
            assert!(answer["overlay"].is_null(), "a dry run opens nothing");
            let evaluation: Vec<Evaluation> = serde_json::from_value(answer["evaluation"].clone())
                .or_else(|_| serde_json::from_str(&answer["evaluation"].to_string()))
                .expect("an evaluation is read back");
            assert_eq!(evaluation.len(), 1);
            assert_eq!(answer["held"], evaluation[0].fired);
            check(&evaluation[0], 0);
            assert_eq!(ask().expect("the same again").body(), reply.body());
        }
        Err(Error::Invalid(faults)) => {
            assert!(!faults.listed().is_empty() && faults.listed().len() <= FieldErrors::LIMIT);
        }
        Err(error) => panic!("{}", error.code()),
    }
});
