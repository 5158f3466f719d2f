//! Why the gate held an output: each predicate that fired as a sentence, with the name of the field.

use crate::document::key_label::{label as words_of, short};
use shared::review::gate::{AnyJson, Evaluation, Operator, Path, PredicateKind};
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

fn sentence(leaf: &Evaluation, name_of: &dyn Fn(&str) -> String) -> String {
    let path = leaf.path.as_deref();
    let name = path.map_or_else(|| "the output".into(), name_of);
    let (actual, expected) = (value(&leaf.actual), value(&leaf.expected));
    let as_it_is = || capital(&visible(&leaf.reason));
    if leaf.reason.contains("too much work") {
        return match path {
            Some(_) => format!("{name} could not be checked: that would be too much work"),
            None => as_it_is(),
        };
    }
    let no_confidence = || format!("No confidence was sent for {name}{}", more(&leaf.reason));
    match PredicateKind::parse(&leaf.kind) {
        Some(PredicateKind::Always) => "Every run is reviewed".into(),
        Some(
            PredicateKind::ConfidenceLt
            | PredicateKind::FieldConfidenceLt
            | PredicateKind::BoundaryConfidenceLt,
        ) if path.is_some() => {
            if leaf.actual.is_null() {
                no_confidence()
            } else {
                format!("{name}: confidence {actual} is below the {expected} that is needed")
            }
        }
        Some(PredicateKind::ValidationFailed) => match path {
            Some(place) => {
                let said = leaf.reason.strip_prefix(place).filter(|_| !place.is_empty());
                let said = said.or_else(|| leaf.reason.strip_prefix("the output")).unwrap_or(&leaf.reason);
                format!("{} {}", capital(&name), visible(said.trim_start()))
            }
            None => as_it_is(),
        },
        Some(PredicateKind::AnyRequiredFieldNull) if path.is_some() => {
            let how = if leaf.reason.contains("is required, and missing") {
                "missing"
            } else if leaf.actual.is_null() {
                "has no value"
            } else {
                "empty"
            };
            format!("{name} is required, and {how}{}", more(&leaf.reason))
        }
        Some(PredicateKind::CategoryIn) if !leaf.actual.is_null() => {
            format!("The category {} is to be reviewed", words(&leaf.actual))
        }
        Some(PredicateKind::BranchIn) if !leaf.actual.is_null() => {
            format!("The branch {} is to be reviewed", words(&leaf.actual))
        }
        Some(PredicateKind::TopMarginLt) if !leaf.actual.is_null() => {
            format!("The first two choices are close: they differ by {actual}, less than {expected}")
        }
        Some(PredicateKind::TopMarginLt) if leaf.reason.contains("were not sent") => {
            "No confidence was sent for the first two choices".into()
        }
        Some(PredicateKind::SplitCountNeq) if !leaf.actual.is_null() => {
            format!("The document was split into {actual}, not {expected}")
        }
        Some(PredicateKind::Sample) => format!("Chosen for the sample of {expected} % of all runs"),
        None => condition(leaf, &name, &actual, &expected).unwrap_or_else(as_it_is),
        Some(_) => as_it_is(),
    }
}

/// What a condition found, as a sentence.
fn condition(leaf: &Evaluation, name: &str, actual: &str, expected: &str) -> Option<String> {
    let operator = leaf.operator.as_deref().and_then(Operator::parse)?;
    let is_likelihood = leaf.path.as_deref().is_some_and(is_of_likelihoods);
    if is_likelihood && leaf.actual.is_null() && operator.takes_value() {
        return Some(format!("No confidence was sent for {name}"));
    }
    let subject = if is_likelihood { format!("{name}: confidence") } else { capital(name) };
    if leaf.reason.contains("cannot be compared") {
        return Some(format!("{subject} {actual} cannot be compared with {expected}"));
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

/// ", and 3 more", if a reason ends so.
fn more(reason: &str) -> String {
    let count = reason.split(", and ").skip(1).find_map(|part| {
        let (count, rest) = part.split_once(' ')?;
        rest.starts_with("more").then(|| count.parse::<usize>().ok())?
    });
    count.map_or_else(String::new, |count| format!(", and {count} more"))
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
mod tests {
    use super::*;

    fn said(evaluation: &str) -> Vec<String> {
        let evaluations: Vec<Evaluation> = serde_json::from_str(evaluation).unwrap();
        sentences(&evaluations, &|path| crate::checks::label::label(None, path))
    }

    fn leaf(kind: &str, path: &str, operator: &str, expected: &str, actual: &str, reason: &str) -> String {
        format!(
            r#"[{{"kind":"{kind}","path":{path},"operator":{operator},"expected":{expected},"actual":{actual},"fired":true,"reason":"{reason}","evaluations":[]}}]"#
        )
    }

    #[test]
    fn each_reason_is_a_sentence_with_the_name_of_its_field() {
        for (evaluation, sentence) in [
            (
                leaf("always", "null", "null", "null", "null", "every run is reviewed"),
                "Every run is reviewed",
            ),
            (
                leaf("field_confidence_lt", r#""total_amount""#, r#""is_less_than""#, "0.90", "0.71", "…"),
                "Total amount: confidence 0.71 is below the 0.90 that is needed",
            ),
            (
                leaf(
                    "confidence_lt",
                    r#""/seller/vat""#,
                    "null",
                    "0.9",
                    "null",
                    "no likelihood was sent for /seller/vat, and 3 more, which counts as below 0.9",
                ),
                "No confidence was sent for Seller, VAT, and 3 more",
            ),
            (
                leaf(
                    "validation_failed",
                    r#""/total""#,
                    "null",
                    "0",
                    "2",
                    "/total must be a number, and 1 more",
                ),
                "Total must be a number, and 1 more",
            ),
            (
                leaf("validation_failed", r#""""#, "null", "0", "1", "the output lacks x"),
                "The output lacks x",
            ),
            (
                leaf("validation_failed", "null", "null", "null", "null", "no schema was sent"),
                "No schema was sent",
            ),
            (
                leaf(
                    "any_required_field_null",
                    r#""/iban""#,
                    "null",
                    "null",
                    "null",
                    "/iban is required, and null",
                ),
                "IBAN is required, and has no value",
            ),
            (
                leaf(
                    "any_required_field_null",
                    r#""/iban""#,
                    "null",
                    "null",
                    "null",
                    "/iban is required, and missing, and 1 more",
                ),
                "IBAN is required, and missing, and 1 more",
            ),
            (
                leaf("category_in", r#""/label""#, "null", "[]", r#""credit_note""#, "…"),
                "The category “Credit note” is to be reviewed",
            ),
            (
                leaf("branch_in", r#""/branch""#, "null", "[]", r#""pay""#, "…"),
                "The branch “Pay” is to be reviewed",
            ),
            (
                leaf("branch_in", "null", "null", "[]", "null", "the output names no branch"),
                "The output names no branch",
            ),
        ] {
            assert_eq!(said(&evaluation), [sentence], "{evaluation}");
        }
    }

    #[test]
    fn each_reason_of_a_classification_or_a_split_is_a_sentence() {
        for (evaluation, sentence) in [
            (
                leaf("top_margin_lt", "null", "null", "0.2", "0.05", "…"),
                "The first two choices are close: they differ by 0.05, less than 0.2",
            ),
            (
                leaf("split_count_neq", r#""/splits""#, "null", "3", "2", "…"),
                "The document was split into 2, not 3",
            ),
            (
                leaf(
                    "any_split_pages_lt",
                    r#""/splits/1""#,
                    "null",
                    "2",
                    "1",
                    "part 2 has 1 page, fewer than 2",
                ),
                "Part 2 has 1 page, fewer than 2",
            ),
            (
                leaf("boundary_confidence_lt", r#""/splits/1/pages/0""#, "null", "0.8", "0.55", "…"),
                "Splits 2, Pages 1: confidence 0.55 is below the 0.8 that is needed",
            ),
            (
                leaf("sample", "null", "null", "2.5", "null", "…"),
                "Chosen for the sample of 2.5 % of all runs",
            ),
        ] {
            assert_eq!(said(&evaluation), [sentence], "{evaluation}");
        }
    }

    #[test]
    fn each_condition_is_a_sentence_with_the_name_of_its_field() {
        for (evaluation, sentence) in [
            (
                leaf("condition", r#""data.total""#, r#""is_greater_than""#, "10000", "12500.00", "…"),
                "Total is 12500.00, more than 10000",
            ),
            (
                leaf("condition", r#""likelihoods.total""#, r#""is_less_than""#, "0.85", "0.84", "…"),
                "Total: confidence is 0.84, less than 0.85",
            ),
            (
                leaf("condition", r#""likelihoods.total""#, r#""is_less_than""#, "0.85", "null", "…"),
                "No confidence was sent for Total",
            ),
            (
                leaf("condition", r#""likelihoods_note""#, r#""contains""#, r#""a""#, r#""ab""#, "…"),
                "Likelihoods note contains “a”",
            ),
            (
                leaf(
                    "condition",
                    r#""total""#,
                    r#""is_greater_than""#,
                    "5",
                    r#""12 EUR""#,
                    "x; cannot be compared, which counts as met",
                ),
                "Total “12 EUR” cannot be compared with 5",
            ),
            (leaf("condition", r#""total""#, r#""of_a_later_build""#, "5", "1", "as it is"), "As it is"),
            (leaf("of_a_later_build", "null", "null", "5", "1", "as it is"), "As it is"),
        ] {
            assert_eq!(said(&evaluation), [sentence], "{evaluation}");
        }
        for operator in Operator::ALL {
            let evaluation =
                leaf("condition", r#""total""#, &format!("\"{}\"", operator.as_str()), "5", "1", "…");
            assert!(said(&evaluation)[0].starts_with("Total "), "{:?}", said(&evaluation));
        }
    }

    #[test]
    fn only_leaves_that_fired_are_said_and_none_twice() {
        let inner = |fired: bool| {
            format!(
                r#"{{"kind":"always","path":null,"operator":null,"expected":null,"actual":null,"fired":{fired},"reason":"x","evaluations":[]}}"#
            )
        };
        let all = |fired: bool, inside: &[String]| {
            format!(
                r#"[{{"kind":"any_of","path":null,"operator":"or","expected":null,"actual":null,"fired":{fired},"reason":"x","evaluations":[{}]}}]"#,
                inside.join(",")
            )
        };
        assert_eq!(said(&all(true, &[inner(true), inner(false), inner(true)])), ["Every run is reviewed"]);
        assert_eq!(said(&all(false, &[inner(true)])), [""; 0]);
    }

    #[test]
    fn what_is_hostile_is_visible_and_short() {
        let evaluation = leaf(
            "condition",
            r#""a\u202eb""#,
            r#""is_equal_to""#,
            &format!("\"\\u202e{}\"", "x".repeat(5_000)),
            "1",
            "…",
        );
        let said = &said(&evaluation)[0];
        assert!(
            said.contains("\\u202e") && !said.contains('\u{202e}') && said.chars().count() < 300,
            "{said}"
        );
    }
}
