//! The API's description, in `OpenAPI` 3.1 and as a page.
//!
//! - What calls take comes from the declarations that the parser reads (`fields`); what they do, and which errors they can have, from
//!   the endpoints (`document`, `errors`); what they answer, from the types of `shared` that are serialized. Every answer that the
//!   integration tests get is validated against it.
//! - `webhooks`: the calls that we make. `example`: examples of answers. `page`: the document as HTML. `tidy`: the last touch to generated schemas.

mod document;
mod errors;
mod example;
mod fields;
mod page;
mod tidy;
pub mod webhooks;

pub use document::document;
pub use page::page;
