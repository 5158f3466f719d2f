#![no_main]
//! A text as an item of the table (DynamoDB's JSON): if it reads as a review, writing it again yields the same review, with all
//! unknown attributes.

use aws_sdk_dynamodb::types::AttributeValue;
use holdpoint_fuzz::{NOW, attributes};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use shared::review::Rev;

fuzz_target!(|text: &str| {
    let Ok(Value::Object(object)) = serde_json::from_str(text) else { return };
    let Some(item) = attributes(&object) else { return };
    let Ok((review, written)) = shared::fuzzing::review(item.clone()) else { return };
    for name in item.keys() {
        // A null may be left out.
        assert!(
            written.contains_key(name) || item[name].is_null() || is_default(&item[name]),
            "{name} is lost"
        );
    }
    let (again, _) = shared::fuzzing::review(written).expect("what is written can be read");
    assert!(again == review, "it reads as another review");

    let _ = (review.claim_at(NOW), review.changes_since(Rev(1)).count());
});

/// Values that are not written: zero and empty.
fn is_default(value: &AttributeValue) -> bool {
    match value {
        AttributeValue::N(number) => number.parse() == Ok(0.0),
        AttributeValue::L(items) => items.is_empty(),
        _ => false,
    }
}
