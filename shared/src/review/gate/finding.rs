//! What one predicate was found to be, and why, in words.

use super::evaluation::{AnyJson, Evaluation};
use super::predicate::{Bound, text, texts};
use super::predicates::likelihoods::Lowest;
use super::values::json::Json;
use crate::review::short;

/// Characters of a text that was there, and of a reason, at most.
const SHOWN: usize = 200;
const REASON: usize = 500;
/// The operator of predicates that ask whether something is less.
pub(crate) const LESS: &str = "is_less_than";

/// What a predicate was found to be, before it is put together.
pub(crate) struct Finding {
    pub(crate) path: Option<String>,
    pub(crate) operator: Option<&'static str>,
    pub(crate) expected: AnyJson,
    pub(crate) actual: AnyJson,
    pub(crate) fired: bool,
    pub(crate) reason: String,
}

impl Finding {
    pub(crate) fn new(fired: bool, reason: impl Into<String>) -> Self {
        Self {
            path: None,
            operator: None,
            expected: AnyJson::NULL,
            actual: AnyJson::NULL,
            fired,
            reason: reason.into(),
        }
    }

    pub(crate) fn compared(self, operator: &'static str, expected: AnyJson, actual: AnyJson) -> Self {
        Self { operator: Some(operator), expected, actual, ..self }
    }

    pub(crate) fn at(self, path: impl Into<String>) -> Self {
        Self { path: Some(path.into()), ..self }
    }

    pub(crate) fn into_evaluation(self, kind: &str, evaluations: Vec<Evaluation>) -> Evaluation {
        Evaluation {
            kind: kind.to_owned(),
            path: self.path.map(|path| short(&path, super::MAX_PATH)),
            operator: self.operator.map(str::to_owned),
            expected: self.expected,
            actual: self.actual,
            fired: self.fired,
            reason: short(&self.reason, REASON),
            evaluations,
        }
    }
}

/// A likelihood beside a threshold. `path` is the predicate's own, if it has one.
pub(crate) fn confidence(lowest: &Lowest, path: Option<&str>, threshold: &Bound) -> Finding {
    let expected = AnyJson::of(threshold.as_str());
    let at = |place: &str| path.unwrap_or(place).to_owned();
    let name = |place: &str| if place.is_empty() { "the output".to_owned() } else { short(place, SHOWN) };
    match (&lowest.found, &lowest.missing) {
        (Some((likelihood, place)), _) if likelihood.value < threshold.value => {
            let said = short(&likelihood.text, 40);
            let reason = format!("the likelihood of {} is {said}, below {}", name(place), threshold.as_str());
            Finding::new(true, reason).compared(LESS, expected, number(&likelihood.text)).at(at(place))
        }
        (_, Some(place)) => {
            let more = and_more(lowest.missing_count.saturating_sub(1));
            let reason = format!(
                "no likelihood was sent for {}{more}, which counts as below {}",
                name(place),
                threshold.as_str()
            );
            Finding::new(true, reason).compared(LESS, expected, AnyJson::NULL).at(at(place))
        }
        (Some((likelihood, place)), None) => {
            let said = short(&likelihood.text, 40);
            let reason =
                format!("the likelihood of {} is {said}, not below {}", name(place), threshold.as_str());
            Finding::new(false, reason).compared(LESS, expected, number(&likelihood.text)).at(at(place))
        }
        (None, None) => Finding::new(false, "there are no parts").compared(LESS, expected, AnyJson::NULL),
    }
}

/// What was chosen, and whether it is one of some.
pub(crate) fn chosen(what: &str, found: Option<(&'static str, &str)>, of: &[String]) -> Finding {
    let expected = AnyJson::of(texts(of));
    let Some((key, chosen)) = found else {
        return Finding::new(true, format!("the output names no {what}")).compared(
            "is_one_of",
            expected,
            AnyJson::NULL,
        );
    };
    let fired = of.iter().any(|one| one == chosen);
    let said = if fired { "is one of those" } else { "is none of those" };
    let reason = format!("the {what} {} {said} that are reviewed", text(&short(chosen, SHOWN)));
    Finding::new(fired, reason)
        .compared("is_one_of", expected, AnyJson::text(&short(chosen, SHOWN)))
        .at(format!("/{key}"))
}

pub(crate) fn no_parts() -> Finding {
    Finding::new(true, "the output has no list of parts")
}

pub(crate) fn too_much() -> Finding {
    Finding::new(true, "it would be too much work to decide this, so a person should look")
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
    Finding { operator: Some(operator), ..Finding::new(fired, reason) }.into_evaluation(kind, evaluations)
}

pub(crate) const fn of_pages(count: u64) -> &'static str {
    if count == 1 { "page" } else { "pages" }
}

pub(crate) fn and_more(count: usize) -> String {
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
