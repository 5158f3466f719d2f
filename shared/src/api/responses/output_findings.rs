//! What in an output does not fit its schema, as answers show it.

use schemars::JsonSchema;
use serde::Serialize;

/// One thing in an output that does not fit its schema.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "OutputViolation")]
pub struct OutputViolation {
    /// Where, as a JSON Pointer; empty for the whole output.
    pub path: String,
    /// What is wrong: "must be a number".
    pub message: String,
}

/// What does not fit, as much of it as an answer shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OutputFindings {
    /// At most [`OutputFindings::LIMIT`].
    pub violations: Vec<OutputViolation>,
    /// How many more there are.
    pub omitted: usize,
}

impl OutputFindings {
    /// How many are shown at most.
    pub const LIMIT: usize = 100;
    /// Most characters of a path that are shown: a key of an output can be as long as the output.
    const PATH: usize = 1000;

    /// Of all that does not fit, each as a path and a message.
    pub fn of(all: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut findings = Self::default();
        for (path, message) in all {
            if findings.violations.len() == Self::LIMIT {
                findings.omitted += 1;
                continue;
            }
            let path = path.chars().take(Self::PATH).collect();
            findings.violations.push(OutputViolation { path, message });
        }
        findings
    }

    /// Whether everything fits.
    pub const fn is_empty(&self) -> bool {
        self.violations.is_empty()
    }
}
