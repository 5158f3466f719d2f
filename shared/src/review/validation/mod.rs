//! What in an output does not fit its schema.
//!
//! The schema and the output come from outside, so the work is bounded before it is done: by bytes, by counting it (`cost`), by
//! an engine for regular expressions that takes linear time; and it is done on a stack of its own. Nothing is fetched: the crate
//! is built without that, and a schema that refers elsewhere is not used.

mod cost;
mod steps;
mod words;

use jsonschema::PatternOptions;
use jsonschema::error::ValidationErrorKind;
use serde_json::Value;

/// One thing that does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// As a JSON Pointer.
    pub path: String,
    /// "must be a number".
    pub text: String,
    /// Whether it says that something required is not there: the walk finds that by itself.
    pub is_missing: bool,
}

/// Why an output was not checked against its schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotChecked {
    /// By what it would cost.
    #[error("The output was not checked against its schema: that would be too much work.")]
    TooMuch,
    /// The schema refers to other documents.
    #[error("The output was not checked against its schema: the schema refers to other documents.")]
    Elsewhere,
    /// The schema is not a valid one.
    #[error("The output was not checked against its schema: the schema is not a valid one.")]
    Invalid,
}

/// Bytes of an output that is checked.
const OUTPUT: usize = 2 << 20;
/// Violations that are read.
const MOST: usize = 2000;
/// What a check may take of the stack: schemas and outputs may be nested deep.
const STACK: usize = 16 << 20;
/// Bytes of a compiled regular expression.
const PATTERN: usize = 1 << 16;

/// What in `output` does not fit `schema`, both JSON texts.
pub fn violations(schema: &str, output: &str) -> Result<Vec<Violation>, NotChecked> {
    if output.len() > OUTPUT {
        return Err(NotChecked::TooMuch);
    }
    let checked = std::thread::scope(|scope| {
        let check =
            std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, || check(schema, output));
        check.map(std::thread::ScopedJoinHandle::join)
    });
    match checked {
        Ok(Ok(checked)) => checked,
        // No thread could be started, or the check panicked.
        Ok(Err(_)) | Err(_) => Err(NotChecked::TooMuch),
    }
}

fn check(schema: &str, output: &str) -> Result<Vec<Violation>, NotChecked> {
    let schema: Value = serde_json::from_str(schema).map_err(|_| NotChecked::Invalid)?;
    let output: Value = serde_json::from_str(output).map_err(|_| NotChecked::TooMuch)?;
    cost::is_cheap(&schema, &output)?;
    let patterns = PatternOptions::regex().size_limit(PATTERN).dfa_size_limit(PATTERN);
    let validator =
        jsonschema::options().with_pattern_options(patterns).should_validate_formats(true).build(&schema);
    let validator = validator.map_err(|_| NotChecked::Invalid)?;
    let errors = validator.iter_errors(&output).take(MOST);
    let violations = errors.map(|error| Violation {
        path: error.instance_path().as_str().to_owned(),
        is_missing: matches!(error.kind(), ValidationErrorKind::Required { .. }),
        text: words::of(&error),
    });
    Ok(violations.collect())
}
