//! Tests of the domain: what each transition does, and what holds after any sequence of them.

pub(crate) mod properties;
mod terms;
mod transitions;
