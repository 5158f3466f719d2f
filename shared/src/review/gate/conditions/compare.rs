//! Whether one value meets a condition. What is not of the operator's type cannot be compared, and counts as met: a person looks.

use super::{Operand, Operator, SubCondition};
use crate::review::gate::evaluation::EvaluationOutcome as As;
use crate::review::gate::values::dates::Date;
use crate::review::gate::values::decimal::Decimal;
use crate::review::gate::values::json::Json;
use crate::review::gate::work::Work;

impl SubCondition {
    /// Whether one value meets the condition.
    pub(crate) fn of(&self, value: Option<&Json>, work: &mut Work) -> As {
        use Operator as Op;
        work.spend(1);
        let is_there = !matches!(value, None | Some(Json::Null));
        match (self.operator, &self.operand) {
            (Op::Exists, _) => decided(value.is_some()),
            (Op::DoesNotExist, _) => decided(value.is_none()),
            (Op::IsEmpty, _) => decided(value.is_none_or(is_empty)),
            (Op::IsNotEmpty, _) => decided(!value.is_none_or(is_empty)),
            (Op::IsEqualTo | Op::IsNotEqualTo, Operand::Value(expected)) => {
                if !work.afford(value.map_or(0, |value| same_cost(value, expected))) {
                    return As::TooMuchWork;
                }
                decided(
                    value.is_some_and(|value| is_same(value, expected)) == (self.operator == Op::IsEqualTo),
                )
            }
            // All that follows asks for a value.
            _ if !is_there => decided(false),
            (Op::IsTrue | Op::IsFalse, _) => match value {
                Some(Json::Bool(is)) => decided(*is == (self.operator == Op::IsTrue)),
                _ => As::NotComparable,
            },
            (Op::MatchesRegex, Operand::Pattern(pattern)) => match value.and_then(as_text) {
                Some(text) => pattern.is_in(text, work).map_or(As::TooMuchWork, decided),
                None => As::NotComparable,
            },
            (_, operand) => {
                value.and_then(|value| self.compared(value, operand, work)).map_or(As::NotComparable, decided)
            }
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

    /// Whether it asks which of two numbers is greater.
    pub(crate) const fn compares_numbers(&self) -> bool {
        matches!(self.operand, Operand::Number(_))
    }
}

const fn decided(is_met: bool) -> As {
    if is_met { As::Met } else { As::NotMet }
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
pub(super) fn as_number(value: &Json) -> Option<Decimal> {
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
