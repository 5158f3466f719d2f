//! The gate: whether an output needs a person, by a predicate.
//!
//! Pure, and bounded: a predicate has at most 50 parts, work is counted, and what cannot be decided within it fires. So does a
//! likelihood that is needed and that nobody sent.
//!
//! - `predicate` and `conditions`: what can be asked. `values`: what it is made of.
//! - `evaluate`: the evaluation, with `predicates`; `finding` says it in words, `work` counts.
//! - `evaluation`: what comes of it. It alone is part of every function: those that evaluate have the feature `gate`.

#[cfg(feature = "gate")]
mod conditions;
#[cfg(feature = "gate")]
mod evaluate;
mod evaluation;
#[cfg(feature = "gate")]
mod finding;
#[cfg(feature = "gate")]
mod predicate;
#[cfg(feature = "gate")]
mod predicates;
#[cfg(test)]
mod tests;
#[cfg(feature = "gate")]
mod values;
#[cfg(feature = "gate")]
mod work;

#[cfg(feature = "gate")]
pub use conditions::{Condition, LogicalOperator, MAX_PATTERN, MAX_VALUE, Operator, SubCondition};
#[cfg(feature = "gate")]
pub use evaluate::{Outcome, Subject, evaluate};
pub use evaluation::{AnyJson, Evaluation, EvaluationOutcome};
#[cfg(feature = "gate")]
pub use predicate::{Bound, MAX_DEPTH, MAX_LEAF, MAX_PREDICATES, Predicate, PredicateKind};
#[cfg(feature = "gate")]
pub use values::path::{MAX_PATH, MAX_STEPS, PATH_PATTERN, Path};
