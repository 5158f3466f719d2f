#![no_main]
//! The items of a review's partition (DynamoDB's JSON, a list of items): META, versions in chunks, pages of the audit, as a query
//! finds them. What reads as an overlay is whole, and is answered with as such.

use holdpoint_fuzz::{NOW, attributes};
use lambda_http::http::StatusCode;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|text: &str| {
    let Ok(Value::Array(items)) = serde_json::from_str(text) else { return };
    let Some(items) = items.iter().map(|item| attributes(item.as_object()?)).collect() else { return };
    let Ok(Some(overlay)) = shared::fuzzing::overlay(items) else { return };
    let review = &overlay.review;
    let seqs: Vec<u32> = overlay.versions.iter().map(|version| version.seq.0).collect();
    assert!(seqs.iter().copied().eq(0..=review.head_seq.0), "{seqs:?} of {}", review.head_seq.0);

    let reply = shared::api::overlay(StatusCode::OK, &overlay, NOW);
    let answer: Value = serde_json::from_str(reply.body()).expect("the answer is JSON");
    let length = |name: &str| answer[name].as_array().expect(name).len();
    assert_eq!(length("versions"), seqs.len());
    let at_hand = overlay.older_audit.len() + review.journal.len() + overlay.stale.len();
    assert!(length("audit") <= at_hand.min(shared::store::AUDIT_SHOWN));
    assert!(
        length("audit") == at_hand || answer["audit_truncated"] == true,
        "entries are missing without a mark"
    );
    assert_eq!(length("decisions"), overlay.older_decisions.len() + review.decisions.len());
    let claim = review.claim_at(NOW);
    assert_eq!(answer["claim"].is_null(), claim.is_none());
    assert!(claim.is_none_or(|claim| claim.expires_at > NOW), "an expired claim is shown");
});
