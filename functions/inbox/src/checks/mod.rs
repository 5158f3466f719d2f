//! What a reviewer should look at in an output, in words, in the order of the document: what is doubtful by its likelihood, what
//! does not fit the schema, what is required and missing, what the gate named.
//!
//! `likelihoods`: how sure the machine was, by place. `gate`: the threshold, and the fields that `triggered_by` names.
//! `label`: what a value is called that a path names. `adds_up`: rows whose numbers do not agree.
//! What does not fit is found by `shared::review::violations`. `walk` goes through the output once and puts it all together.
//!
//! All of it warns, nothing forbids: an output that does not fit can be saved and approved.

mod adds_up;
mod gate;
pub(crate) mod label;
pub(crate) mod likelihoods;
#[cfg(test)]
mod tests;
mod walk;

use crate::compare::{Moved, diff};
use crate::document::Node;
use crate::schema::Schema;
use gate::Gate;
use likelihoods::Likelihoods;
use shared::review::gate::Evaluation;
use shared::review::violations;
use std::collections::HashMap;

/// Why a value is to be checked; of several reasons the first counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum CheckKind {
    /// It is required, and missing.
    Missing,
    /// It does not fit the schema.
    Schema,
    /// The machine was not sure.
    Likelihood,
    /// It does not agree with the other values of its row, or with the row above.
    Sum,
    /// The gate named it.
    Gate,
}

impl CheckKind {
    /// The word in `data-check`.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Schema => "schema",
            Self::Likelihood => "likelihood",
            Self::Sum => "sum",
            Self::Gate => "gate",
        }
    }
}

/// A value to be checked.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Check {
    /// Where it is, as in `data-path`: a JSON Pointer, but for what cannot be seen (see `document::push_key`).
    pub(crate) path: String,
    /// The id of its control, for a link: `f-…`.
    pub(crate) id: String,
    pub(crate) label: String,
    pub(crate) kind: CheckKind,
    /// Why, in words: "Total 0.71 is below 0.90".
    pub(crate) text: String,
    /// What is wrong with it, to be shown beside it; the likelihood is shown as a number.
    pub(crate) fault: Option<String>,
    pub(crate) likelihood: Option<f64>,
}

/// All that is to be checked.
#[derive(Clone, Debug, Default)]
pub(crate) struct ToCheck {
    pub(crate) listed: Vec<Check>,
    /// How many more there are.
    pub(crate) more: usize,
    /// Why the output was not checked against its schema, as a sentence.
    pub(crate) not_checked: Option<String>,
    by_path: HashMap<String, usize>,
}

impl ToCheck {
    /// Checks that are listed at most.
    pub(crate) const LISTED: usize = 200;

    /// The check of the value at a place, if it is one of those listed.
    pub(crate) fn at(&self, path: &str) -> Option<&Check> {
        self.by_path.get(path).map(|index| &self.listed[*index])
    }

    /// How many values are to be checked.
    #[cfg(test)]
    pub(crate) fn count(&self) -> usize {
        self.listed.len() + self.more
    }
}

/// What came with an output, as JSON texts.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Texts<'a> {
    pub(crate) json_schema: Option<&'a str>,
    pub(crate) likelihoods: Option<&'a str>,
    pub(crate) evidence: Option<&'a str>,
    pub(crate) triggered_by: Option<&'a str>,
    /// What the gate found.
    pub(crate) evaluation: &'a [Evaluation],
    /// The output that they came with, if another version is shown.
    pub(crate) first: Option<&'a Node>,
}

/// What guides a reviewer through one version of an output: its schema, its likelihoods, and what to check.
#[derive(Debug, Default)]
pub(crate) struct Guide {
    pub(crate) schema: Option<Schema>,
    pub(crate) likelihoods: Likelihoods,
    pub(crate) checks: ToCheck,
    /// Where what stood in the first output stands in this one.
    pub(crate) moved: Moved,
    /// Below this a value is doubtful.
    pub(crate) threshold: f64,
}

impl Guide {
    /// The guide to `output`, which `text` is the JSON of. Takes time linear in all texts.
    pub(crate) fn of(output: &Node, text: &str, texts: Texts<'_>) -> Self {
        let schema = texts.json_schema.map(Schema::parse);
        let (schema, unread) = match schema {
            Some(Ok(schema)) => (Some(schema), None),
            Some(Err(why)) => (None, Some(why.to_string())),
            None => (None, None),
        };
        let first = texts.first.unwrap_or(output);
        let moved = texts.first.map(|first| Moved::by(&diff(first, output))).unwrap_or_default();
        let gate = texts.triggered_by.map_or_else(Gate::default, |text| Gate::of(first, text));
        let gate = gate.naming(first, texts.evaluation).moved(&moved);
        let likelihoods = Likelihoods::of(first, texts.likelihoods, texts.evidence);
        let likelihoods = likelihoods.moved(&moved, gate.threshold);
        let found = match (&schema, texts.json_schema) {
            (Some(_), Some(schema)) => violations(schema, text),
            _ => Ok(Vec::new()),
        };
        let (found, not_checked) = match found {
            Ok(found) => (found, unread),
            Err(why) => (Vec::new(), Some(why.to_string())),
        };
        let mut checks = walk::to_check(output, schema.as_ref(), &likelihoods, &gate, found);
        checks.not_checked = not_checked;
        Self { schema, likelihoods, checks, moved, threshold: gate.threshold }
    }
}

/// A likelihood as it is shown: with two digits, or as many as it takes to tell it from a threshold that it is below.
pub(crate) fn shown(likelihood: f64, threshold: f64) -> String {
    let is_below = likelihood < threshold;
    let mut text = String::new();
    for digits in 2..=6 {
        text = format!("{likelihood:.digits$}");
        let rounded: f64 = text.parse().unwrap_or(likelihood);
        if (rounded < threshold) == is_below {
            break;
        }
    }
    text
}
