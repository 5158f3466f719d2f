//! What one predicate was found to be, and why, in words.

use super::evaluation::{AnyJson, Evaluation, EvaluationOutcome as As};
use super::predicate::Bound;
use super::predicates::lowest::Lowest;
use super::values::json::Json;
use crate::review::short;

/// Characters of a text that was there, and of a reason, at most.
pub(crate) const SHOWN: usize = 200;
const REASON: usize = 500;
/// The operator of predicates that ask whether something is less.
pub(crate) const LESS: &str = "is_less_than";

/// What a predicate was found to be, before it is put together.
pub(crate) struct Finding {
    path: Option<String>,
    place: Option<String>,
    count: u64,
    detail: Option<String>,
    operator: Option<&'static str>,
    expected: AnyJson,
    actual: AnyJson,
    pub(crate) outcome: As,
    reason: String,
}

impl Finding {
    pub(crate) fn new(outcome: As, reason: impl Into<String>) -> Self {
        Self {
            path: None,
            place: None,
            count: 0,
            detail: None,
            operator: None,
            expected: AnyJson::NULL,
            actual: AnyJson::NULL,
            outcome,
            reason: reason.into(),
        }
    }

    /// What was asked and is so, or is not.
    pub(crate) fn decided(is_met: bool, reason: impl Into<String>) -> Self {
        Self::new(if is_met { As::Met } else { As::NotMet }, reason)
    }

    pub(crate) fn compared(self, operator: &'static str, expected: AnyJson, actual: AnyJson) -> Self {
        Self { operator: Some(operator), expected, actual, ..self }
    }

    /// Of this value: the path is what the predicate names, else the place itself.
    pub(crate) fn at(self, place: impl Into<String>) -> Self {
        let place = place.into();
        Self { path: Some(place.clone()), place: Some(place), count: 1, ..self }
    }

    /// Of the values that a path leads to.
    pub(crate) fn path(self, path: &str) -> Self {
        Self { path: Some(path.to_owned()), ..self }
    }

    /// Of one of the values that a path leads to.
    pub(crate) fn place(self, place: String) -> Self {
        Self { place: Some(place), count: 1, ..self }
    }

    pub(crate) fn counting(self, count: u64) -> Self {
        Self { count, ..self }
    }

    pub(crate) fn detail(self, detail: &str) -> Self {
        Self { detail: Some(short(detail, REASON)), ..self }
    }

    pub(crate) fn into_evaluation(self, kind: &str, evaluations: Vec<Evaluation>) -> Evaluation {
        let within = |path: Option<String>| path.map(|path| short(&path, super::MAX_PATH));
        Evaluation {
            kind: kind.to_owned(),
            path: within(self.path),
            operator: self.operator.map(str::to_owned),
            expected: self.expected,
            actual: self.actual,
            fired: self.outcome.fires(),
            outcome: Some(self.outcome),
            place: within(self.place),
            count: self.count,
            detail: self.detail,
            reason: short(&self.reason, REASON),
            evaluations,
        }
    }
}

/// A likelihood beside a threshold. `path` is the predicate's own, if it has one.
pub(crate) fn confidence(lowest: &Lowest, path: Option<&str>, threshold: &Bound) -> Finding {
    let expected = AnyJson::of(threshold.as_str());
    let name = |place: &str| if place.is_empty() { "the output".to_owned() } else { short(place, SHOWN) };
    let of = |outcome: As, place: &str, count: u64, actual: AnyJson, reason: String| {
        let finding = Finding::new(outcome, reason).compared(LESS, expected.clone(), actual);
        let finding = finding.at(place).counting(count);
        if let Some(path) = path { finding.path(path) } else { finding }
    };
    let not_there = |outcome: As, said: &str, place: &str, count: u64| {
        let more = and_more(count.saturating_sub(1));
        let reason = format!("{said}{}{more}, which counts as below {}", name(place), threshold.as_str());
        of(outcome, place, count, AnyJson::NULL, reason)
    };
    match (&lowest.found, &lowest.unknown.first, &lowest.missing.first) {
        (Some((likelihood, place)), ..) if likelihood.value < threshold.value => {
            let said = short(&likelihood.text, 40);
            let reason = format!("the likelihood of {} is {said}, below {}", name(place), threshold.as_str());
            of(As::Met, place, 1, number(&likelihood.text), reason)
        }
        (_, Some(place), _) => {
            let said = "what was sent is no likelihood from 0 to 1 of ";
            not_there(As::NotKnown, said, place, lowest.unknown.count)
        }
        (_, _, Some(place)) => {
            not_there(As::NotSent, "no likelihood was sent for ", place, lowest.missing.count)
        }
        (Some((likelihood, place)), None, None) => {
            let said = short(&likelihood.text, 40);
            let reason =
                format!("the likelihood of {} is {said}, not below {}", name(place), threshold.as_str());
            of(As::NotMet, place, 1, number(&likelihood.text), reason)
        }
        (None, None, None) => nothing_to_compare("it holds no values", path, threshold),
    }
}

/// A place that holds nothing that could have a likelihood.
pub(crate) fn nothing_to_compare(reason: &str, path: Option<&str>, threshold: &Bound) -> Finding {
    let expected = AnyJson::of(threshold.as_str());
    let finding = Finding::new(As::NotMet, reason).compared(LESS, expected, AnyJson::NULL);
    if let Some(path) = path { finding.path(path) } else { finding }
}

pub(crate) fn too_much() -> Finding {
    Finding::new(As::TooMuchWork, "it would be too much work to decide this, so a person should look")
}

/// Predicates that are put together.
pub(crate) fn together(
    kind: &str,
    is_all: bool,
    operator: &'static str,
    evaluations: Vec<Evaluation>,
) -> Evaluation {
    let count = evaluations.iter().filter(|it| it.fired).count();
    let fired = if is_all { count == evaluations.len() } else { count > 0 };
    let reason = format!("{count} of {} fired", evaluations.len());
    Finding { operator: Some(operator), ..Finding::decided(fired, reason) }.into_evaluation(kind, evaluations)
}

pub(crate) fn and_more(count: u64) -> String {
    if count == 0 { String::new() } else { format!(", and {count} more") }
}

/// A number as it was written, if that is not too long.
pub(crate) fn number(text: &str) -> AnyJson {
    if text.len() <= 64 { AnyJson::of(text) } else { AnyJson::text(&short(text, 64)) }
}

/// What was there, short: of a list or an object only how large it is.
pub(crate) fn shown(value: Option<&Json>) -> AnyJson {
    match value {
        None | Some(Json::Null) => AnyJson::NULL,
        Some(Json::Bool(value)) => AnyJson::of(value.to_string()),
        Some(Json::Number(text)) => number(text),
        Some(Json::Text(text)) => AnyJson::text(&short(text, SHOWN)),
        Some(Json::List(items)) => AnyJson::text(&format!("a list of {}", items.len())),
        Some(Json::Object(entries)) => AnyJson::text(&format!("an object of {}", entries.len())),
    }
}
