//! What a predicate was found to be, as answers show it and as it is stored: each predicate in its place, with what was expected,
//! what was there, and why it fired or did not.

use crate::review::{JsonText, words};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

words! {
    /// What came of a predicate, or of a condition.
    pub enum EvaluationOutcome {
        /// It is as asked: it fired.
        Met = "met",
        /// It is not as asked: it did not fire.
        NotMet = "not_met",
        /// A required field is not there: it fired.
        Missing = "missing",
        /// A required field is null: it fired.
        NoValue = "no_value",
        /// A required field is empty or blank: it fired.
        Empty = "empty",
        /// A likelihood or a schema that is needed was not sent: it fired.
        NotSent = "not_sent",
        /// What was sent cannot be read where it is needed: it fired.
        NotKnown = "not_known",
        /// The value is of a type that the operator does not compare: it fired.
        NotComparable = "not_comparable",
        /// It would be too much work to decide: it fired.
        TooMuchWork = "too_much_work",
    }
}

impl EvaluationOutcome {
    /// Whether it fires: all do but one.
    pub const fn fires(self) -> bool {
        !matches!(self, Self::NotMet)
    }
}

/// What one predicate, or one condition in it, was found to be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Evaluation {
    /// The kind of the predicate; `condition` for one condition of a `json_condition`.
    pub kind: String,
    /// Which value it is about: a path as it was given, or a JSON Pointer into the output where the predicate names none; null where
    /// it is about no single value.
    pub path: Option<String>,
    /// How the value was compared; null where nothing is compared.
    pub operator: Option<String>,
    /// What it was compared with; null where there is nothing to compare with.
    pub expected: AnyJson,
    /// What was there: a number, a word or the beginning of a text. Of a list or an object only how large it is. Null where nothing
    /// was there.
    pub actual: AnyJson,
    /// Whether it fired.
    pub fired: bool,
    /// What came of it, in one word; absent in what was stored before there were such words.
    #[serde(default, deserialize_with = "known_word", skip_serializing_if = "Option::is_none")]
    pub outcome: Option<EvaluationOutcome>,
    /// The value that decided, as a JSON Pointer into the output: of several values the first, or the lowest. Absent where there is no
    /// such value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// How many values are as `outcome` says, as far as they were counted; absent where it is about no value.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub count: u64,
    /// What does not fit the schema at `place`, in words that follow the name of the field; absent elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Why, in words. It holds parts of the output: it is for people, and nothing should be read out of it.
    pub reason: String,
    /// What it is made of: predicates of `any_of` and `all_of`, conditions of `json_condition`.
    pub evaluations: Vec<Evaluation>,
}

impl Evaluation {
    /// The leaves of it that fired, in order: what a reviewer should know.
    pub fn fired_leaves(&self) -> Vec<&Self> {
        if !self.fired {
            return Vec::new();
        }
        let inside: Vec<&Self> = self.evaluations.iter().flat_map(Self::fired_leaves).collect();
        if inside.is_empty() { vec![self] } else { inside }
    }

    /// Reads what is stored of a review.
    pub fn parse_all(text: &JsonText) -> Option<Vec<Self>> {
        serde_json::from_str(text.as_str()).ok()
    }

    /// As it is stored.
    pub fn text_of(all: &[Self]) -> Option<JsonText> {
        JsonText::parse(serde_json::to_string(all).ok()?).ok()
    }
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde passes it so
const fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// A word of a later build is none that is known: the reason is shown then.
fn known_word<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<EvaluationOutcome>, D::Error> {
    let word = Option::<String>::deserialize(deserializer)?;
    Ok(word.as_deref().and_then(EvaluationOutcome::parse))
}

/// Any JSON value, as the text that it came as; `None` is null.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AnyJson(Option<Box<RawValue>>);

impl AnyJson {
    /// Nothing.
    pub const NULL: Self = Self(None);

    /// A JSON text. What is none is null.
    pub fn of(text: impl Into<String>) -> Self {
        Self(RawValue::from_string(text.into()).ok().filter(|value| value.get() != "null"))
    }

    /// A text.
    pub fn text(text: &str) -> Self {
        serde_json::to_string(text).map_or(Self::NULL, Self::of)
    }

    /// As JSON.
    pub fn as_str(&self) -> &str {
        self.0.as_deref().map_or("null", RawValue::get)
    }

    /// Whether it is null.
    pub const fn is_null(&self) -> bool {
        self.0.is_none()
    }
}

impl PartialEq for AnyJson {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl JsonSchema for AnyJson {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "AnyJson".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({})
    }
}
