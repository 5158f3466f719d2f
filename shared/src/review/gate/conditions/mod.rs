//! Conditions of `json_condition`: a path, an operator and a value. What is not of the operator's type cannot be compared, and fires:
//! a person looks.

use crate::review::gate::values::dates::Date;
use crate::review::gate::values::decimal::Decimal;
use crate::review::gate::values::json::Json;
use crate::review::gate::values::path::Path;
use crate::review::gate::work::Work;
use crate::review::words;
use regex::{Regex, RegexBuilder};
use std::cmp::Ordering;

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

words! {
    /// How a value is compared.
    pub enum Operator {
        /// There is a value, null included.
        Exists = "exists",
        /// There is none.
        DoesNotExist = "does_not_exist",
        /// It is missing, null, blank, [] or {}.
        IsEmpty = "is_empty",
        /// It is none of these.
        IsNotEmpty = "is_not_empty",
        /// It is the same: numbers as numbers, objects whatever the order of their keys.
        IsEqualTo = "is_equal_to",
        /// It is another, or missing.
        IsNotEqualTo = "is_not_equal_to",
        /// A text holds this text, a list this value, an object this key.
        Contains = "contains",
        /// A text begins so.
        StartsWith = "starts_with",
        /// A text ends so.
        EndsWith = "ends_with",
        /// A part of the text has this form: a regular expression of Rust's crate `regex`.
        MatchesRegex = "matches_regex",
        /// It is true.
        IsTrue = "is_true",
        /// It is false.
        IsFalse = "is_false",
        /// The number is greater.
        IsGreaterThan = "is_greater_than",
        /// The number is less.
        IsLessThan = "is_less_than",
        /// The number is greater, or the same.
        IsGreaterThanOrEqualTo = "is_greater_than_or_equal_to",
        /// The number is less, or the same.
        IsLessThanOrEqualTo = "is_less_than_or_equal_to",
        /// A text has so many characters, a list so many elements, an object so many keys.
        LengthEqualTo = "length_equal_to",
        /// It has more.
        LengthGreaterThan = "length_greater_than",
        /// It has fewer.
        LengthLessThan = "length_less_than",
        /// The date is later.
        IsAfter = "is_after",
        /// The date is earlier.
        IsBefore = "is_before",
        /// The date is later, or the same.
        IsAfterOrEqualTo = "is_after_or_equal_to",
        /// The date is earlier, or the same.
        IsBeforeOrEqualTo = "is_before_or_equal_to",
    }
}

impl Operator {
    /// Whether it compares with a value.
    pub const fn takes_value(self) -> bool {
        !matches!(
            self,
            Self::Exists
                | Self::DoesNotExist
                | Self::IsEmpty
                | Self::IsNotEmpty
                | Self::IsTrue
                | Self::IsFalse
        )
    }

    /// Which orders it accepts: of what is there to what it is compared with.
    const fn accepts(self, order: Ordering) -> bool {
        match self {
            Self::IsGreaterThan | Self::LengthGreaterThan | Self::IsAfter => order.is_gt(),
            Self::IsLessThan | Self::LengthLessThan | Self::IsBefore => order.is_lt(),
            Self::IsGreaterThanOrEqualTo | Self::IsAfterOrEqualTo => order.is_ge(),
            Self::IsLessThanOrEqualTo | Self::IsBeforeOrEqualTo => order.is_le(),
            _ => order.is_eq(),
        }
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

/// A regular expression.
#[derive(Clone, Debug)]
struct Pattern {
    regex: Regex,
    /// Steps for each byte that is looked at, in the worst case.
    steps: u64,
}

impl Pattern {
    /// Bytes that a regular expression may take when it is compiled. The time for each byte of a text grows with it.
    const SIZES: [usize; 5] = [4 << 10, 16 << 10, 64 << 10, 256 << 10, 512 << 10];
    /// Bytes that its states may take while it looks.
    const STATES: usize = 256 << 10;

    fn parse(text: &str) -> Result<Self, &'static str> {
        if text.chars().nth(MAX_PATTERN).is_some() {
            return Err("must be a regular expression of at most 500 characters");
        }
        for size in Self::SIZES {
            let built = RegexBuilder::new(text).size_limit(size).dfa_size_limit(Self::STATES).build();
            match built {
                Ok(regex) => return Ok(Self { regex, steps: size as u64 / 512 }),
                Err(regex::Error::CompiledTooBig(_)) => {}
                Err(_) => {
                    return Err(
                        "must be a regular expression of Rust's crate `regex`: no look-around, no back-references",
                    );
                }
            }
        }
        Err("is a regular expression that takes too much memory; make it shorter, or its counts smaller")
    }

    /// `None`: looking would be too much work.
    fn is_in(&self, text: &str, work: &mut Work) -> Option<bool> {
        let steps = (text.len() as u64 + 1).saturating_mul(self.steps);
        work.afford(steps + 1).then(|| self.regex.is_match(text))
    }
}

/// What a value was found to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The condition is met, or not.
    Decided(bool),
    /// The value is of a type that the operator cannot compare.
    WrongType,
    /// It would be too much work.
    TooMuch,
}

impl Answer {
    /// Whether it fires: what cannot be decided does.
    pub(crate) const fn fires(self) -> bool {
        !matches!(self, Self::Decided(false))
    }
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

    /// Whether one value meets the condition.
    pub(crate) fn of(&self, value: Option<&Json>, work: &mut Work) -> Answer {
        use Operator as Op;
        work.spend(1);
        let is_there = !matches!(value, None | Some(Json::Null));
        let decided = |is_met: Option<bool>| is_met.map_or(Answer::WrongType, Answer::Decided);
        match (self.operator, &self.operand) {
            (Op::Exists, _) => Answer::Decided(value.is_some()),
            (Op::DoesNotExist, _) => Answer::Decided(value.is_none()),
            (Op::IsEmpty, _) => Answer::Decided(value.is_none_or(is_empty)),
            (Op::IsNotEmpty, _) => Answer::Decided(!value.is_none_or(is_empty)),
            (Op::IsEqualTo | Op::IsNotEqualTo, Operand::Value(expected)) => {
                if !work.afford(value.map_or(0, |value| same_cost(value, expected))) {
                    return Answer::TooMuch;
                }
                Answer::Decided(
                    value.is_some_and(|value| is_same(value, expected)) == (self.operator == Op::IsEqualTo),
                )
            }
            // All that follows asks for a value.
            _ if !is_there => Answer::Decided(false),
            (Op::IsTrue | Op::IsFalse, _) => match value {
                Some(Json::Bool(is)) => Answer::Decided(*is == (self.operator == Op::IsTrue)),
                _ => Answer::WrongType,
            },
            (Op::MatchesRegex, Operand::Pattern(pattern)) => match value.and_then(as_text) {
                Some(text) => pattern.is_in(text, work).map_or(Answer::TooMuch, Answer::Decided),
                None => Answer::WrongType,
            },
            (_, operand) => decided(value.and_then(|value| self.compared(value, operand, work))),
        }
    }

    /// `None`: it is of a type that cannot be compared.
    fn compared(&self, value: &Json, operand: &Operand, work: &mut Work) -> Option<bool> {
        match operand {
            Operand::Value(expected) => contains(value, expected, work),
            Operand::Text(expected) => {
                let text = as_text(value)?;
                Some(if self.operator == Operator::StartsWith {
                    text.starts_with(expected)
                } else {
                    text.ends_with(expected)
                })
            }
            Operand::Number(expected) => {
                work.spend(as_text(value)?.len() as u64 / 16);
                Some(self.operator.accepts(as_number(value)?.cmp(expected)))
            }
            Operand::Length(expected) => {
                let length = match value {
                    Json::Text(text) => {
                        work.spend(text.len() as u64 / 16);
                        text.chars().count()
                    }
                    Json::List(items) => items.len(),
                    Json::Object(entries) => entries.len(),
                    Json::Null | Json::Bool(_) | Json::Number(_) => return None,
                };
                Some(self.operator.accepts(length.cmp(expected)))
            }
            Operand::Date(expected) => {
                Some(self.operator.accepts(Date::parse(value.text()?)?.order(expected)))
            }
            Operand::None | Operand::Pattern(_) => None,
        }
    }

    /// Whether a missing likelihood meets it: it counts as below all numbers.
    pub(crate) fn of_missing_likelihood(&self, work: &mut Work) -> Answer {
        match self.operand {
            Operand::Number(_) => Answer::Decided(self.operator.accepts(Ordering::Less)),
            _ => self.of(None, work),
        }
    }

    /// Whether it asks which of two numbers is greater.
    pub(crate) const fn compares_numbers(&self) -> bool {
        matches!(self.operand, Operand::Number(_))
    }

    fn json(&self) -> String {
        let value = self.value.as_ref().map(|value| format!(r#","value":{value}"#)).unwrap_or_default();
        let path = crate::review::gate::predicate::text(self.path.as_str());
        format!(r#"{{"path":{path},"operator":"{}"{value}}}"#, self.operator.as_str())
    }
}

impl Condition {
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

fn is_empty(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::Text(text) => text.trim().is_empty(),
        Json::List(items) => items.is_empty(),
        Json::Object(entries) => entries.is_empty(),
        Json::Bool(_) | Json::Number(_) => false,
    }
}

/// A text, or a number as it was written.
fn as_text(value: &Json) -> Option<&str> {
    match value {
        Json::Text(text) | Json::Number(text) => Some(text),
        _ => None,
    }
}

/// A number, or a text that is written as one.
fn as_number(value: &Json) -> Option<Decimal> {
    match value {
        Json::Number(text) => Decimal::parse(text),
        Json::Text(text) => Decimal::parse(text.trim()),
        _ => None,
    }
}

/// What it costs to compare two values: no more than the smaller of them has.
fn same_cost(value: &Json, expected: &Json) -> u64 {
    match (value, expected) {
        (Json::List(one), Json::List(other)) if one.len() != other.len() => 1,
        (Json::Object(one), Json::Object(other)) if one.len() != other.len() => 1,
        (Json::List(_), Json::List(_)) | (Json::Object(_), Json::Object(_)) => {
            expected.weight() * expected.weight()
        }
        (Json::Text(one), Json::Text(other)) if one.len() != other.len() => 1,
        (Json::Number(text) | Json::Text(text), _) => 1 + text.len() as u64 / 16,
        _ => 1,
    }
}

/// Whether two values are the same; a text that is written as a number may be one.
fn is_same(value: &Json, expected: &Json) -> bool {
    match (value, expected) {
        (Json::Text(_), Json::Number(_)) | (Json::Number(_), Json::Text(_)) => {
            as_number(value).is_some_and(|number| as_number(expected) == Some(number))
        }
        _ => value.is(expected),
    }
}

fn contains(value: &Json, expected: &Json, work: &mut Work) -> Option<bool> {
    match value {
        Json::Text(text) | Json::Number(text) => {
            work.spend(text.len() as u64 / 16);
            let expected = match expected {
                Json::Text(part) | Json::Number(part) => part.as_str(),
                _ => return None,
            };
            Some(text.contains(expected))
        }
        Json::List(items) => {
            work.spend(items.len() as u64);
            Some(items.iter().any(|item| is_same(item, expected)))
        }
        Json::Object(entries) => {
            work.spend(entries.len() as u64);
            let key = expected.text()?;
            Some(entries.iter().any(|(name, _)| name == key))
        }
        Json::Null | Json::Bool(_) => None,
    }
}
