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
