#![no_main]
//! A body for the three most used calls, on an empty table: the answer is one of the contract's, and a snapshot that is accepted
//! reads back as the same JSON.
//!
//! The first byte selects the call, the rest is the body.

use holdpoint_fuzz::{Empty, NOW};
use lambda_http::{Body, Request, RequestExt};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use shared::api::{Body as JsonBody, Call, Error, FieldErrors, Handler, Object, RawJson, SNAPSHOT, Shape};
use shared::review::{ActorId, HashedJson, JsonText, OrganizationId};
use std::collections::HashMap;
use std::sync::LazyLock;

static EMPTY: LazyLock<Empty> = LazyLock::new(Empty::default);
const CALLS: [Handler; 3] = [edit::ENDPOINT.handler, decide::ENDPOINT.handler, claim::ENDPOINT.handler];
/// A body that is a snapshot and nothing else.
static ONE_SNAPSHOT: JsonBody = JsonBody {
    object: Object { name: "Snapshot", about: "A snapshot.", shape: Shape::Fields(&[SNAPSHOT.spec]) },
    limit: JsonBody::WITH_SNAPSHOT,
};

fuzz_target!(|data: &[u8]| {
    let Some((which, body)) = data.split_first() else { return };
    let handler = &CALLS[usize::from(*which) % CALLS.len()];
    let names = HashMap::from([("run_id".to_owned(), "run".to_owned()), ("block_id".into(), "block".into())]);
    let request = Request::new(Body::Binary(body.to_vec())).with_path_parameters(names);
    let call = Call::new(request, NOW);
    let caller =
        shared::fuzzing::caller(OrganizationId::parse("org").unwrap(), ActorId::parse("who").unwrap());

    let parsed: Option<HashMap<String, &RawJson>> = serde_json::from_slice(body).ok();
    match EMPTY.wait(handler.call(&EMPTY.app, &caller, &call)) {
        Ok(_) => panic!("there is no review"),
        // It was accepted, so it was an object with a stamp.
        Err(Error::ReviewNotFound) => {
            let stamp = parsed.as_ref().and_then(|body| body.get("version_stamp"));
            assert!(stamp.is_some_and(|stamp| stamp.get().parse::<i64>().is_ok()), "taken without a stamp");
        }
        Err(Error::Invalid(faults)) => {
            assert!(!faults.listed().is_empty(), "refused for nothing");
            assert!(faults.listed().len() <= FieldErrors::LIMIT);
            for fault in faults.listed() {
                assert!(!fault.loc.is_empty() && !fault.code.is_empty() && !fault.message.is_empty());
            }
        }
        Err(error) => panic!("{}", error.code()),
    }

    let mut faults = FieldErrors::new();
    let snapshot = call.body(&ONE_SNAPSHOT, &mut faults, |body| body.read(&SNAPSHOT));
    let Ok(Some(taken)) = snapshot else { return };
    let stored = JsonText::parse(taken.text.as_str().to_owned()).expect("what was taken can be read");
    assert_eq!(stored, taken.text);
    let again = HashedJson::try_from(stored).expect("what was taken has a hash");
    assert_eq!((again.hash, again.digest), (taken.hash, taken.digest));
    // Another client may spell it differently: the canonical hash is the same.
    let value: Value = serde_json::from_str(taken.text.as_str()).expect("any JSON library reads it");
    let other = HashedJson::try_from(JsonText::parse(value.to_string()).unwrap()).expect("has a hash");
    assert_eq!(other.hash, taken.hash);
});
