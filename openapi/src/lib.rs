//! The API's description, in `OpenAPI` 3.1 and as a page, from the types that the API reads and writes.
//!
//! - `requests`: what the calls take. The parsers are written by hand (they report every fault), so these types are theirs
//!   told again, and schemathesis holds the two together: what they allow must be accepted, what they forbid refused.
//! - `operations`: what each call does and can answer. - `webhooks`: what we call. - `document`: all of it as `OpenAPI`. - `page`: that as HTML.
//!
//! What the calls answer is described by the types of `shared` that are serialized, and every answer that the integration
//! tests get is validated against it.

mod document;
pub mod operations;
mod page;
pub mod requests;
pub mod webhooks;

pub use document::document;
pub use page::page;

use serde_json::{Value, json};
use shared::review::RunId;

/// The schema of an identifier in a path or a query.
pub(crate) fn identifier() -> Value {
    json!({ "type": "string", "pattern": RunId::PATTERN, "minLength": 1, "maxLength": 256 })
}

/// The schema of one in a header, where a comma would be two of them.
pub(crate) fn header_identifier() -> Value {
    json!({ "type": "string", "pattern": RunId::PATTERN.replace(',', ""), "minLength": 1, "maxLength": 256 })
}
