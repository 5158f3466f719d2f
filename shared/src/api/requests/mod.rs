//! Requests, and the declarations by which their queries and bodies are read.

mod call;
mod common;
mod declare;
mod fields;
mod form;
mod given;
mod json;
mod kinds;
mod reading;
#[cfg(test)]
mod tests;
mod values;
mod webhooks;

pub use call::{Call, DeclaredSize, SourceAddress};
pub use common::{
    COMMAND_ID, CURSOR, FILENAME, MAX_NOTE, MAX_REASON, MAX_SHORT_TEXT, MIME_TYPE, PAGE_LIMIT, REASON,
    SNAPSHOT, TTL_SECONDS, VERSION_STAMP, seq,
};
pub use declare::{
    Body, Field, FieldSpec, Holds, Listed, Literal, Named, Nested, Object, OfOthers, Presence, Shape,
    Variant, any_of, boolean, exact_fraction, fraction, identifier, identifiers, integer, integers,
    json_object, json_value, limited_json_object, named_objects, object, objects, one_of, percent,
    some_objects, some_of, text, text_of, texts, texts_or_none,
};
pub use fields::{Fields, List};
pub use form::FormLimit;
pub use given::Given;
pub use json::RawObject;
pub use kinds::{Content, JsonLimits, Kind};
/// A JSON value as its text.
pub use serde_json::value::RawValue as RawJson;
pub use values::{ExactNumber, FieldValue, SigningSecret, signing_secret};
pub use webhooks::{CALLED_URL, EVENT_TYPES, callable, webhook_id};
