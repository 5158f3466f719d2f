//! The gate: whether an output needs a person, by a predicate.
//!
//! Pure, and bounded: a predicate has at most 50 parts, work is counted, and what cannot be decided within it fires. So does a
//! likelihood that is needed and that nobody sent.
//!
//! - `predicate`, `condition`: what can be asked. `path`, `decimal`, `dates`, `json`: what it is made of.
//! - `evaluate`: the evaluation, with `likelihoods`, `required`, `shapes`; `finding` says it in words, `work` counts.
//! - `evaluation`: what comes of it. It alone is part of every function: those that evaluate have the feature `gate`.

#[cfg(feature = "gate")]
mod condition;
#[cfg(feature = "gate")]
mod dates;
#[cfg(feature = "gate")]
mod decimal;
#[cfg(feature = "gate")]
mod evaluate;
mod evaluation;
#[cfg(feature = "gate")]
mod finding;
#[cfg(feature = "gate")]
mod json;
#[cfg(feature = "gate")]
mod likelihoods;
#[cfg(feature = "gate")]
mod path;
#[cfg(feature = "gate")]
mod predicate;
#[cfg(feature = "gate")]
mod required;
#[cfg(feature = "gate")]
mod shapes;
#[cfg(test)]
mod tests;
#[cfg(feature = "gate")]
mod work;

#[cfg(feature = "gate")]
pub use condition::{Condition, LogicalOperator, MAX_PATTERN, MAX_VALUE, Operator, SubCondition};
#[cfg(feature = "gate")]
pub use evaluate::{Outcome, Subject, evaluate};
pub use evaluation::{AnyJson, Evaluation};
#[cfg(feature = "gate")]
pub use path::{MAX_PATH, MAX_STEPS, PATH_PATTERN, Path};
#[cfg(feature = "gate")]
pub use predicate::{Bound, MAX_DEPTH, MAX_LEAF, MAX_PREDICATES, Predicate, PredicateKind};
