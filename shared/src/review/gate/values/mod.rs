//! What values are made of, and how they are found and compared.

pub(crate) mod dates;
pub(crate) mod decimal;
pub(crate) mod json;
pub(crate) mod path;
