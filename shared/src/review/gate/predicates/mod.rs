//! What predicates ask an output for: its likelihoods, its choices, its parts, what its schema requires. What is skipped because it
//! cannot be read is kept as not known, and fires.

pub(crate) mod boundaries;
pub(crate) mod choices;
pub(crate) mod confidence;
pub(crate) mod likelihoods;
pub(crate) mod lowest;
pub(crate) mod margin;
pub(crate) mod read;
pub(crate) mod required;
pub(crate) mod sample;
pub(crate) mod schema;
pub(crate) mod splits;
