//! Predicates: by what an output is held. Their names and fields are the reference's; `sample` is ours.

use super::conditions::Condition;
use super::values::decimal::Decimal;
use super::values::path::Path;
use crate::review::{BlockType, words};

/// Most predicates of a gate, conditions and nested ones included.
pub const MAX_PREDICATES: usize = 50;
/// How deep predicates can be nested.
pub const MAX_DEPTH: usize = 8;
/// Longest predicate that is not made of others, in bytes of JSON: the first that fires is the review's `triggered_by`.
pub const MAX_LEAF: usize = 4 * 1024;

words! {
    /// The kind of a predicate.
    pub enum PredicateKind {
        /// It always fires.
        Always = "always",
        /// The output does not fit `json_schema`. It fires, too, without a schema, and where checking would be too much work.
        ValidationFailed = "validation_failed",
        /// The block's likelihood is below `threshold`: of an extraction the lowest of all values, of a classification that of the category.
        ConfidenceLt = "confidence_lt",
        /// The likelihood of the value at `path` is below `threshold`; of several values, and of what holds others, the lowest.
        FieldConfidenceLt = "field_confidence_lt",
        /// A field that `json_schema` requires is missing, null, empty or blank. 0, false, [] and {} are answers.
        AnyRequiredFieldNull = "any_required_field_null",
        /// The category is one of `categories`.
        CategoryIn = "category_in",
        /// The likelihoods of the first and the second choice differ by less than `margin`.
        TopMarginLt = "top_margin_lt",
        /// The document was split into another number of parts than `expected`.
        SplitCountNeq = "split_count_neq",
        /// A part has fewer pages than `min_pages`.
        AnySplitPagesLt = "any_split_pages_lt",
        /// The likelihood of a part, or of one of its pages, is below `threshold`.
        BoundaryConfidenceLt = "boundary_confidence_lt",
        /// The branch is one of `branches`.
        BranchIn = "branch_in",
        /// The `condition` is met by the output, or by the likelihoods.
        JsonCondition = "json_condition",
        /// So many percent of all runs, chosen by the run and the block: the same run always gets the same answer.
        Sample = "sample",
        /// At least one of `predicates` fires.
        AnyOf = "any_of",
        /// All of `predicates` fire.
        AllOf = "all_of",
    }
}

impl PredicateKind {
    /// Whether it can be asked of a block of this type.
    pub const fn is_for(self, block: BlockType) -> bool {
        match self {
            Self::Always
            | Self::ValidationFailed
            | Self::JsonCondition
            | Self::Sample
            | Self::AnyOf
            | Self::AllOf => true,
            Self::ConfidenceLt => matches!(block, BlockType::Extract | BlockType::Classifier),
            Self::FieldConfidenceLt | Self::AnyRequiredFieldNull => matches!(block, BlockType::Extract),
            Self::CategoryIn | Self::TopMarginLt => matches!(block, BlockType::Classifier),
            Self::SplitCountNeq | Self::AnySplitPagesLt | Self::BoundaryConfidenceLt => {
                matches!(block, BlockType::Split)
            }
            Self::BranchIn => matches!(block, BlockType::Conditional),
        }
    }
}

/// A number of a predicate, with the digits that it was written with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    text: String,
    pub(crate) value: Decimal,
}

impl Bound {
    /// Parses a number as JSON writes it.
    pub fn parse(text: &str) -> Option<Self> {
        Some(Self { text: text.to_owned(), value: Decimal::parse(text)? })
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// A predicate.
#[derive(Clone, Debug)]
#[allow(missing_docs)] // PredicateKind says what they mean
pub enum Predicate {
    Always,
    ValidationFailed,
    ConfidenceLt { threshold: Bound },
    FieldConfidenceLt { path: Path, threshold: Bound },
    AnyRequiredFieldNull,
    CategoryIn { categories: Vec<String> },
    TopMarginLt { margin: Bound },
    SplitCountNeq { expected: u32 },
    AnySplitPagesLt { min_pages: u32 },
    BoundaryConfidenceLt { threshold: Bound },
    BranchIn { branches: Vec<String> },
    JsonCondition(Condition),
    Sample { percent: Bound },
    AnyOf(Vec<Self>),
    AllOf(Vec<Self>),
}

impl Predicate {
    /// Its kind.
    pub const fn kind(&self) -> PredicateKind {
        match self {
            Self::Always => PredicateKind::Always,
            Self::ValidationFailed => PredicateKind::ValidationFailed,
            Self::ConfidenceLt { .. } => PredicateKind::ConfidenceLt,
            Self::FieldConfidenceLt { .. } => PredicateKind::FieldConfidenceLt,
            Self::AnyRequiredFieldNull => PredicateKind::AnyRequiredFieldNull,
            Self::CategoryIn { .. } => PredicateKind::CategoryIn,
            Self::TopMarginLt { .. } => PredicateKind::TopMarginLt,
            Self::SplitCountNeq { .. } => PredicateKind::SplitCountNeq,
            Self::AnySplitPagesLt { .. } => PredicateKind::AnySplitPagesLt,
            Self::BoundaryConfidenceLt { .. } => PredicateKind::BoundaryConfidenceLt,
            Self::BranchIn { .. } => PredicateKind::BranchIn,
            Self::JsonCondition(_) => PredicateKind::JsonCondition,
            Self::Sample { .. } => PredicateKind::Sample,
            Self::AnyOf(_) => PredicateKind::AnyOf,
            Self::AllOf(_) => PredicateKind::AllOf,
        }
    }

    /// What it is made of.
    pub fn inner(&self) -> &[Self] {
        match self {
            Self::AnyOf(predicates) | Self::AllOf(predicates) => predicates,
            _ => &[],
        }
    }

    /// Steps that compiling its regular expressions took.
    pub(crate) fn compiling(&self) -> u64 {
        match self {
            Self::JsonCondition(condition) => condition.compiling(),
            _ => self.inner().iter().map(Self::compiling).sum(),
        }
    }

    /// As JSON, its numbers as they were written.
    pub fn json(&self) -> String {
        let field = match self {
            Self::Always | Self::ValidationFailed | Self::AnyRequiredFieldNull => String::new(),
            Self::ConfidenceLt { threshold } | Self::BoundaryConfidenceLt { threshold } => {
                format!(r#","threshold":{}"#, threshold.text)
            }
            Self::FieldConfidenceLt { path, threshold } => {
                format!(r#","path":{},"threshold":{}"#, text(path.as_str()), threshold.text)
            }
            Self::CategoryIn { categories } => format!(r#","categories":{}"#, texts(categories)),
            Self::TopMarginLt { margin } => format!(r#","margin":{}"#, margin.text),
            Self::SplitCountNeq { expected } => format!(r#","expected":{expected}"#),
            Self::AnySplitPagesLt { min_pages } => format!(r#","min_pages":{min_pages}"#),
            Self::BranchIn { branches } => format!(r#","branches":{}"#, texts(branches)),
            Self::JsonCondition(condition) => format!(r#","condition":{}"#, condition.json()),
            Self::Sample { percent } => format!(r#","percent":{}"#, percent.text),
            Self::AnyOf(predicates) | Self::AllOf(predicates) => {
                let inner: Vec<String> = predicates.iter().map(Self::json).collect();
                format!(r#","predicates":[{}]"#, inner.join(","))
            }
        };
        format!(r#"{{"kind":"{}"{field}}}"#, self.kind().as_str())
    }
}

/// A text as JSON.
pub(crate) fn text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A list of texts as JSON.
pub(crate) fn texts(texts: &[String]) -> String {
    serde_json::Value::from(texts).to_string()
}
