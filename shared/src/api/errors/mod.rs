//! What can go wrong: the codes, the errors with what they know, and their texts.

mod code;
mod error;
mod fields;
mod message;

pub use code::Code;
pub use error::Error;
pub use fields::{FieldError, FieldErrors, ValueError};
pub(in crate::api) use message::seconds_until;
