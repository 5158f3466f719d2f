//! Conditions of `json_condition`: a path, an operator and a value. What is not of the operator's type cannot be compared, and fires:
//! a person looks.

mod compare;
mod evaluate;
mod operator;
mod pattern;

pub use operator::Operator;

use super::values::dates::Date;
use super::values::decimal::Decimal;
use super::values::json::Json;
use super::values::path::Path;
use crate::review::words;
use compare::as_number;
use pattern::Pattern;

/// Longest value that something is compared with, in bytes of JSON.
pub const MAX_VALUE: usize = 1024;
/// Longest regular expression, in characters.
pub const MAX_PATTERN: usize = 500;

words! {
    /// How conditions are put together.
    pub enum LogicalOperator {
        /// All must be met.
        And = "and",
        /// One must be met.
        Or = "or",
    }
}

/// The condition of a `json_condition`.
#[derive(Clone, Debug)]
pub struct Condition {
    /// How its conditions are put together.
    pub logical_operator: LogicalOperator,
    /// At least one.
    pub sub_conditions: Vec<SubCondition>,
}

/// One condition.
#[derive(Clone, Debug)]
pub struct SubCondition {
    pub(crate) path: Path,
    pub(crate) operator: Operator,
    /// As it was written.
    pub(crate) value: Option<String>,
    operand: Operand,
}

/// What something is compared with.
#[derive(Clone, Debug)]
enum Operand {
    None,
    Value(Json),
    Text(String),
    Number(Decimal),
    Length(usize),
    Date(Date),
    Pattern(Box<Pattern>),
}

impl SubCondition {
    /// Puts a condition together; `value` is JSON. The error is about the value.
    pub fn new(path: Path, operator: Operator, value: Option<&str>) -> Result<Self, &'static str> {
        use Operator as Op;
        let parsed = value.map(|value| Json::parse(value).ok_or("must be readable JSON")).transpose()?;
        let text = || match &parsed {
            Some(Json::Text(text) | Json::Number(text)) => Ok(text.clone()),
            _ => Err("must be a text"),
        };
        let operand = match operator {
            Op::Exists | Op::DoesNotExist | Op::IsEmpty | Op::IsNotEmpty | Op::IsTrue | Op::IsFalse => {
                Operand::None
            }
            Op::IsEqualTo | Op::IsNotEqualTo => Operand::Value(parsed.clone().ok_or("is required")?),
            Op::Contains => match &parsed {
                Some(value @ (Json::Text(_) | Json::Number(_) | Json::Bool(_))) => {
                    Operand::Value(value.clone())
                }
                _ => return Err("must be a text, a number, true or false"),
            },
            Op::StartsWith | Op::EndsWith => Operand::Text(text()?),
            Op::MatchesRegex => match &parsed {
                Some(Json::Text(text)) => Operand::Pattern(Box::new(Pattern::parse(text)?)),
                _ => return Err("must be a text"),
            },
            Op::IsGreaterThan | Op::IsLessThan | Op::IsGreaterThanOrEqualTo | Op::IsLessThanOrEqualTo => {
                Operand::Number(parsed.as_ref().and_then(as_number).ok_or("must be a number")?)
            }
            Op::LengthEqualTo | Op::LengthGreaterThan | Op::LengthLessThan => {
                let length = text()?.parse::<u32>().map_err(|_| "must be a whole number from 0")?;
                Operand::Length(usize::try_from(length).map_err(|_| "must be a whole number from 0")?)
            }
            Op::IsAfter | Op::IsBefore | Op::IsAfterOrEqualTo | Op::IsBeforeOrEqualTo => {
                let date = parsed.as_ref().and_then(Json::text).and_then(Date::parse);
                Operand::Date(date.ok_or("must be a date, such as 2026-05-11 or 2026-05-11T09:30:00Z")?)
            }
        };
        Ok(Self { path, operator, value: value.map(str::to_owned), operand })
    }

    /// Steps that compiling its regular expression took.
    fn compiling(&self) -> u64 {
        if let Operand::Pattern(pattern) = &self.operand { pattern.compiling } else { 0 }
    }

    fn json(&self) -> String {
        let value = self.value.as_ref().map(|value| format!(r#","value":{value}"#)).unwrap_or_default();
        let path = crate::review::gate::predicate::text(self.path.as_str());
        format!(r#"{{"path":{path},"operator":"{}"{value}}}"#, self.operator.as_str())
    }
}

impl Condition {
    /// Steps that compiling its regular expressions took.
    pub(crate) fn compiling(&self) -> u64 {
        self.sub_conditions.iter().map(SubCondition::compiling).sum()
    }

    /// As JSON.
    pub(crate) fn json(&self) -> String {
        let inner: Vec<String> = self.sub_conditions.iter().map(SubCondition::json).collect();
        format!(
            r#"{{"logical_operator":"{}","sub_conditions":[{}]}}"#,
            self.logical_operator.as_str(),
            inner.join(",")
        )
    }
}
