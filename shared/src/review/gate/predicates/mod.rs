//! What predicates ask an output for: its likelihoods, its choices, its parts, what its schema requires.

pub(crate) mod likelihoods;
pub(crate) mod required;
pub(crate) mod shapes;
