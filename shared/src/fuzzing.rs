//! Private functions for `fuzz/`, behind the feature `fuzzing`.

use crate::api::Caller;
use crate::review::{Actor, ActorId, ActorKind, OrganizationId, Review};
use crate::store::{self, Overlay, StoreError};
use aws_sdk_dynamodb::types::AttributeValue;
use lambda_http::Request;
use lambda_http::request::LambdaRequest;
use std::collections::HashMap;

/// A caller with all scopes.
pub fn caller(organization: OrganizationId, id: ActorId) -> Caller {
    let actor = Actor { kind: ActorKind::Human, id, display_name: "Fuzz".into() };
    Caller::allowed_everything(organization, actor)
}

/// The review of an item, and the item as it would be written without a change.
#[allow(clippy::implicit_hasher)] // it is the SDK's own type of an item
pub fn review(
    attributes: HashMap<String, AttributeValue>,
) -> Result<(Review, HashMap<String, AttributeValue>), StoreError> {
    store::meta(attributes)
}

/// The overlay of the items of a review's partition, in key order; `None` if one is missing.
#[allow(clippy::implicit_hasher)] // it is the SDK's own type of an item
pub fn overlay(items: Vec<HashMap<String, AttributeValue>>) -> Result<Option<Overlay>, StoreError> {
    store::overlay(items)
}

/// API Gateway's event as the request that a function gets; `None` if it is not an event.
pub fn request(text: &str) -> Option<Request> {
    let mut event: LambdaRequest = serde_json::from_str(text).ok()?;
    crate::runtime::lambda::mend(&mut event);
    Some(event.into())
}
