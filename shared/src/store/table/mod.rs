//! The table as DynamoDB is: the client, plain calls, keys, expressions, and what calls cost. It knows no rule of a review.

pub(in crate::store) mod calls;
pub(in crate::store) mod client;
pub(in crate::store) mod codec;
pub(in crate::store) mod expressions;
pub(in crate::store) mod keys;
pub(in crate::store) mod meter;
pub(in crate::store) mod transaction;
