//! Conversion between our types and the SDK's items and values.

use crate::store::error::StoreError;
use crate::store::table::keys;
use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::HashMap;

pub(in crate::store) type Attributes = HashMap<String, AttributeValue>;

/// Encodes an item or a value of an expression.
pub(in crate::store) fn encode<T: Serialize, U: From<serde_dynamo::AttributeValue>>(
    value: &T,
) -> Result<U, StoreError> {
    serde_dynamo::to_attribute_value(value).map_err(|error| StoreError::Corrupt(error.to_string()))
}

/// Encodes a whole item.
pub(in crate::store) fn encode_item<T: Serialize>(item: &T) -> Result<Attributes, StoreError> {
    serde_dynamo::to_item(item).map_err(|error| StoreError::Corrupt(error.to_string()))
}

/// Decodes a whole item.
pub(in crate::store) fn decode_item<T: DeserializeOwned>(attributes: Attributes) -> Result<T, StoreError> {
    // Not the error's own text: it can quote what it could not read.
    serde_dynamo::from_item(attributes)
        .map_err(|_| StoreError::Corrupt(format!("it does not decode as {}", std::any::type_name::<T>())))
}

/// The error of an attribute that does not hold what it should.
pub(in crate::store) fn corrupt(what: &'static str) -> impl Fn() -> StoreError {
    move || StoreError::Corrupt(format!("{what} is not valid"))
}

pub(in crate::store) fn number(number: impl std::fmt::Display) -> AttributeValue {
    AttributeValue::N(format!("{number}"))
}

pub(in crate::store) fn text<'a>(
    attributes: &'a Attributes,
    name: &'static str,
) -> Result<&'a str, StoreError> {
    let value = attributes.get(name).and_then(|value| value.as_s().ok());
    value.map(String::as_str).ok_or_else(|| StoreError::Corrupt(format!("{name} is missing")))
}

pub(in crate::store) fn sort_key(attributes: &Attributes) -> &str {
    attributes.get(keys::SK).and_then(|sk| sk.as_s().ok()).map_or("", String::as_str)
}
