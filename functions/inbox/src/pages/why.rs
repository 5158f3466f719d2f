//! Why the gate held an output: each predicate that fired as a sentence, with the name of the field.

use crate::document::key_label::{label as words_of, short};
use shared::review::gate::{AnyJson, Evaluation, EvaluationOutcome as As, Operator, Path, PredicateKind};
use shared::review::visible;

/// Sentences that are shown at most; the others are counted.
pub(crate) const LISTED: usize = 20;
/// Characters of a value.
const VALUE: usize = 80;
/// Characters of a sentence.
const SENTENCE: usize = 400;

/// All sentences, each once. `name_of` says what a path leads to.
pub(crate) fn sentences(evaluations: &[Evaluation], name_of: &dyn Fn(&str) -> String) -> Vec<String> {
    let mut sentences: Vec<String> = Vec::new();
    for leaf in evaluations.iter().flat_map(Evaluation::fired_leaves) {
        let sentence = short(&sentence(leaf, name_of), SENTENCE);
        if !sentences.contains(&sentence) {
            sentences.push(sentence);
        }
    }
    sentences
}

/// The sentence follows from the kind, the word of the outcome and what is beside it. Nothing is read out of the reason: it holds the
/// output's own text, which could say anything.
fn sentence(leaf: &Evaluation, name_of: &dyn Fn(&str) -> String) -> String {
    let as_it_is = || capital(&visible(&leaf.reason));
    // What an earlier build stored, or a later one.
    let Some(outcome) = leaf.outcome else { return as_it_is() };
    // The value that decided, rather than the path that leads to it and to others.
    let path = leaf.place.as_deref().or(leaf.path.as_deref());
    let name = path.map_or_else(|| "the output".into(), name_of);
    let (actual, expected) = (value(&leaf.actual), value(&leaf.expected));
    let more = match leaf.count.saturating_sub(1) {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    let kind = PredicateKind::parse(&leaf.kind);
    let is_confidence = matches!(
        kind,
        Some(
            PredicateKind::ConfidenceLt
                | PredicateKind::FieldConfidenceLt
                | PredicateKind::BoundaryConfidenceLt
        )
    );
    match (kind, outcome) {
        (Some(PredicateKind::Always), _) => "Every run is reviewed".into(),
        (_, As::TooMuchWork) if path.is_some() => {
            format!("{} could not be checked: that would be too much work", capital(&name))
        }
        (_, As::NotSent) if is_confidence => format!("No confidence was sent for {name}{more}"),
        (_, As::NotKnown) if is_confidence && path.is_some() && leaf.operator.is_some() => {
            format!("What was sent for {name}{more} is no confidence from 0 to 1")
        }
        (_, As::Met) if is_confidence && path.is_some() => {
            format!("{name}: confidence {actual} is below the {expected} that is needed")
        }
        (Some(PredicateKind::ValidationFailed), As::Met) => match &leaf.detail {
            Some(detail) => format!("{} {}{more}", capital(&name), visible(detail)),
            None => as_it_is(),
        },
        (Some(PredicateKind::AnyRequiredFieldNull), As::Missing) => {
            format!("{name} is required, and missing{more}")
        }
        (Some(PredicateKind::AnyRequiredFieldNull), As::NoValue) => {
            format!("{name} is required, and has no value{more}")
        }
        (Some(PredicateKind::AnyRequiredFieldNull), As::Empty) => {
            format!("{name} is required, and empty{more}")
        }
        (Some(PredicateKind::AnyRequiredFieldNull), As::NotKnown) if path.is_some() => {
            format!("It is not known what the schema requires of {name}")
        }
        (Some(PredicateKind::CategoryIn), As::Met) => {
            format!("The category {} is to be reviewed", words(&leaf.actual))
        }
        (Some(PredicateKind::BranchIn), As::Met) => {
            format!("The branch {} is to be reviewed", words(&leaf.actual))
        }
        (Some(PredicateKind::TopMarginLt), As::Met) if leaf.actual.is_null() => {
            "Another choice is likelier than the chosen one".into()
        }
        (Some(PredicateKind::TopMarginLt), As::Met) => {
            format!("The first two choices are close: they differ by {actual}, less than {expected}")
        }
        (Some(PredicateKind::TopMarginLt), As::NotSent) => {
            "No confidence was sent for the first two choices".into()
        }
        (Some(PredicateKind::TopMarginLt), As::NotKnown) => {
            "It is not known how close the first two choices are".into()
        }
        (Some(PredicateKind::SplitCountNeq), As::Met) => {
            format!("The document was split into {actual}, not {expected}")
        }
        (Some(PredicateKind::Sample), _) => format!("Chosen for the sample of {expected} % of all runs"),
        (None, _) if leaf.kind == "condition" => {
            condition(leaf, outcome, &name, &actual, &expected).unwrap_or_else(as_it_is)
        }
        _ => as_it_is(),
    }
}

/// What a condition found, as a sentence.
fn condition(leaf: &Evaluation, outcome: As, name: &str, actual: &str, expected: &str) -> Option<String> {
    let operator = leaf.operator.as_deref().and_then(Operator::parse)?;
    let is_likelihood = leaf.path.as_deref().is_some_and(is_of_likelihoods);
    let subject = if is_likelihood { format!("{name}: confidence") } else { capital(name) };
    match outcome {
        As::NotSent => return Some(format!("No confidence was sent for {name}")),
        As::NotKnown if is_likelihood => {
            return Some(format!("What was sent for {name} is no confidence from 0 to 1"));
        }
        As::NotComparable if !operator.takes_value() => {
            return Some(format!("{subject} {actual} is neither yes nor no"));
        }
        As::NotComparable => return Some(format!("{subject} {actual} cannot be compared with {expected}")),
        As::Met => {}
        _ => return None,
    }
    // All of its elements, of which there are none.
    if leaf.actual.as_str() == "[]" {
        return Some(format!("{} is an empty list", capital(name)));
    }
    let has = |what: &str| Some(format!("{subject} is {actual}, {what} {expected}"));
    match operator {
        Operator::Exists => Some(format!("{subject} is there")),
        Operator::DoesNotExist => Some(format!("{subject} is not there")),
        Operator::IsEmpty => Some(format!("{subject} is empty")),
        Operator::IsNotEmpty => Some(format!("{subject} is filled in")),
        Operator::IsTrue => Some(format!("{subject} is yes")),
        Operator::IsFalse => Some(format!("{subject} is no")),
        Operator::IsEqualTo => Some(format!("{subject} is {expected}")),
        Operator::IsNotEqualTo if leaf.actual.is_null() => {
            Some(format!("{subject} is missing, not {expected}"))
        }
        Operator::IsNotEqualTo => has("not"),
        Operator::Contains => Some(format!("{subject} contains {expected}")),
        Operator::StartsWith => Some(format!("{subject} begins with {expected}")),
        Operator::EndsWith => Some(format!("{subject} ends with {expected}")),
        Operator::MatchesRegex => Some(format!("{subject} has the form {expected}")),
        Operator::IsGreaterThan => has("more than"),
        Operator::IsLessThan => has("less than"),
        Operator::IsGreaterThanOrEqualTo => has("at least"),
        Operator::IsLessThanOrEqualTo => has("at most"),
        Operator::LengthEqualTo => Some(format!("{subject} has the length {expected}")),
        Operator::LengthGreaterThan => Some(format!("{subject} is longer than {expected}")),
        Operator::LengthLessThan => Some(format!("{subject} is shorter than {expected}")),
        Operator::IsAfter => has("after"),
        Operator::IsBefore => has("before"),
        Operator::IsAfterOrEqualTo => has("not before"),
        Operator::IsBeforeOrEqualTo => has("not after"),
    }
}

/// Whether a path leads into the likelihoods. A field of the output may have a name that begins so.
fn is_of_likelihoods(path: &str) -> bool {
    Path::parse(path).is_ok_and(|path| path.is_of_likelihoods())
}

/// A value as it can be shown: short, with all that cannot be seen made visible.
fn value(json: &AnyJson) -> String {
    match serde_json::from_str::<String>(json.as_str()) {
        Ok(text) => format!("“{}”", short(&visible(&head(&text)), VALUE)),
        Err(_) if json.is_null() => "nothing".into(),
        Err(_) => short(&visible(&head(json.as_str())), VALUE),
    }
}

/// A name out of the output, as words.
fn words(json: &AnyJson) -> String {
    let text = serde_json::from_str::<String>(json.as_str()).unwrap_or_default();
    format!("“{}”", short(&words_of(&head(&text)), VALUE))
}

fn head(text: &str) -> String {
    text.chars().take(VALUE + 1).collect()
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests;
