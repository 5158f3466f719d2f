//! Why a gate fired, in words: every key of `triggered_by` is shown, those of the kinds that are known in a sentence.

use crate::document::Node;
use crate::document::key_label::{label, short};
use shared::review::{JsonText, visible};

/// Keys that are shown at most, and characters of each value. `triggered_by` itself has at most 4,096 bytes.
const KEYS: usize = 20;
const VALUE: usize = 200;

/// The keys that hold what was observed, and those that hold what it should have been.
const OBSERVED: [&str; 4] = ["observed", "confidence", "score", "value"];
const LIMIT: [&str; 2] = ["threshold", "limit"];

/// Why the gate fired. Its predicate is the workflow's own, so what is not known is shown as it is.
/// `name_of` says what a path leads to.
pub(crate) fn why(triggered_by: &JsonText, name_of: &dyn Fn(&str) -> String) -> String {
    let Ok(Node::Object(entries)) = Node::parse(triggered_by.as_str()) else { return "A gate fired".into() };
    let mut keys = Keys(entries.iter().collect());
    let kind = keys.take(&["kind"]).unwrap_or_default();
    let said = known(&kind, &mut keys, name_of);
    let (shown, omitted) = keys.0.split_at(keys.0.len().min(KEYS));
    let mut rest: Vec<String> = shown
        .iter()
        .map(|(key, value)| format!("{}: {}", short(&visible(key), VALUE), text_of(value)))
        .collect();
    if !omitted.is_empty() {
        rest.push(format!("and {} more", omitted.len()));
    }
    match (said, rest.join(", ")) {
        (Some(said), rest) if rest.is_empty() => said,
        (Some(said), rest) => format!("{said}; {rest}"),
        (None, rest) => {
            let kind = if kind.is_empty() { "A gate fired".to_owned() } else { label(&kind) };
            if rest.is_empty() { kind } else { format!("{kind} ({rest})") }
        }
    }
}

/// The kind of gate, as a filter names it.
pub(crate) fn kind(triggered_by: &JsonText) -> String {
    let Ok(Node::Object(entries)) = Node::parse(triggered_by.as_str()) else { return String::new() };
    Keys(entries.iter().collect()).take(&["kind"]).map(|kind| short(&kind, BRIEF)).unwrap_or_default()
}

/// Characters of a line in the queue.
const BRIEF: usize = 160;

/// What is to check, in a few words with a sign in front: one field, for a row of the queue.
pub(crate) fn brief(triggered_by: &JsonText) -> (&'static str, String) {
    let Ok(Node::Object(entries)) = Node::parse(triggered_by.as_str()) else {
        return ("•", "A gate fired".into());
    };
    let mut keys = Keys(entries.iter().collect());
    let kind = keys.take(&["kind"]).unwrap_or_default();
    let field = keys.take(&["field", "path"]).map(|field| field_label(&field));
    let (icon, text) = match (kind.as_str(), field) {
        ("always", _) => ("•", "Every run".into()),
        ("confidence_below" | "low_confidence", field) => {
            let number = keys.take(&OBSERVED).map(|number| format!(" {number}")).unwrap_or_default();
            ("▲", format!("{}{number}", field.unwrap_or_else(|| "Low confidence".into())))
        }
        ("field_missing", Some(field)) => ("∅", format!("{field} is missing")),
        ("margin_below", _) if keys.has("first") && keys.has("second") => {
            let names = [keys.take(&["first"]), keys.take(&["second"])].map(Option::unwrap_or_default);
            ("≈", format!("{} or {}", label(&names[0]), label(&names[1]).to_lowercase()))
        }
        ("near_threshold" | "near_limit", _) => {
            let input = keys
                .take(&["input"])
                .map_or_else(|| "Near the limit".into(), |it| format!("{} near the limit", field_label(&it)));
            ("≈", input)
        }
        ("boundary_uncertain", _) if keys.has("after_page") => {
            let page = keys.take(&["after_page"]).unwrap_or_default();
            let percent = keys.take(&["observed_percent"]).map(|it| format!(", {it} %")).unwrap_or_default();
            ("▲", format!("Boundary after page {page}{percent}"))
        }
        ("field_confidence_lt", Some(field)) if keys.has("threshold") => {
            ("▲", below(&format!("{field}: confidence"), &mut keys))
        }
        ("confidence_lt", _) if keys.has("threshold") => ("▲", below("Confidence", &mut keys)),
        ("boundary_confidence_lt", _) if keys.has("threshold") => {
            ("▲", below("A boundary: confidence", &mut keys))
        }
        ("any_required_field_null", _) => ("∅", "A required field is missing".into()),
        ("top_margin_lt", _) => ("≈", "The first two choices are close".into()),
        ("category_in", _) => ("•", "A category to be reviewed".into()),
        ("branch_in", _) => ("•", "A branch to be reviewed".into()),
        ("split_count_neq", _) if keys.has("expected") => {
            ("•", format!("Not {} parts", keys.take(&["expected"]).unwrap_or_default()))
        }
        ("any_split_pages_lt", _) => ("•", "A part has too few pages".into()),
        ("json_condition", _) => ("•", condition(&entries).unwrap_or_else(|| "A condition is met".into())),
        ("validation_failed", None) if keys.0.is_empty() => ("•", "It does not fit its schema".into()),
        (_, Some(field)) => ("•", format!("{}: {field}", label(&kind))),
        _ => ("•", why(triggered_by, &field_label)),
    };
    (icon, short(&text, BRIEF))
}

fn below(what: &str, keys: &mut Keys<'_>) -> String {
    format!("{what} below {}", keys.take(&["threshold"]).unwrap_or_default())
}

/// The first condition of a `json_condition`: "Total is greater than 10000".
fn condition(entries: &[(String, Node)]) -> Option<String> {
    let get = |node: &Node, name: &str| match node {
        Node::Object(entries) => entries.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()),
        _ => None,
    };
    let condition = entries.iter().find(|(key, _)| key == "condition").map(|(_, value)| value)?;
    let Node::List(all) = get(condition, "sub_conditions")? else { return None };
    let first = all.first()?;
    let text = |name: &str| get(first, name).filter(Node::is_leaf).map(|value| text_of(&value));
    let value = text("value").map(|value| format!(" {value}")).unwrap_or_default();
    let more = if all.len() > 1 { ", …" } else { "" };
    let operator = text("operator")?.replace('_', " ");
    Some(format!("{} {operator}{value}{more}", field_label(&text("path")?)))
}

/// A message with the names of fields as words: `line_items do not add up` is "Line items do not add up".
fn sentence(message: &str) -> String {
    let words: Vec<String> = message
        .split(' ')
        .map(|word| {
            if word.contains('_') && !word.contains('/') {
                label(word).to_lowercase()
            } else {
                word.to_owned()
            }
        })
        .collect();
    let text = words.join(" ");
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The last steps of a field's path, in words: `signatures.1.signed_on` is "Signed on".
fn field_label(path: &str) -> String {
    let name = path.rsplit(['.', '/']).find(|step| !step.is_empty() && step.parse::<u32>().is_err());
    label(name.unwrap_or(path))
}

/// The keys that have not been said yet.
struct Keys<'a>(Vec<&'a (String, Node)>);

impl Keys<'_> {
    /// The value of the first of these keys that is there.
    fn take(&mut self, names: &[&str]) -> Option<String> {
        let index = names
            .iter()
            .find_map(|name| self.0.iter().position(|(key, value)| key == name && value.is_leaf()))?;
        Some(text_of(&self.0.remove(index).1))
    }

    fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(key, value)| key == name && value.is_leaf())
    }

    /// What was observed and what the limit is, as far as they are given.
    fn numbers(&mut self) -> String {
        match (self.take(&OBSERVED), self.take(&LIMIT)) {
            (Some(observed), Some(limit)) => format!(" ({observed}, limit {limit})"),
            (Some(observed), None) => format!(" ({observed})"),
            (None, Some(limit)) => format!(" (limit {limit})"),
            (None, None) => String::new(),
        }
    }
}

fn known(kind: &str, keys: &mut Keys<'_>, name_of: &dyn Fn(&str) -> String) -> Option<String> {
    match kind {
        "always" => Some("Every run is reviewed".into()),
        "confidence_below" | "low_confidence" => {
            let of =
                keys.take(&["field"]).map(|field| format!(" in {}", name_of(&field))).unwrap_or_default();
            Some(format!("Low confidence{of}{}", keys.numbers()))
        }
        "field_missing" => keys.take(&["field"]).map(|field| format!("{} is missing", name_of(&field))),
        "margin_below" if keys.has("first") && keys.has("second") => {
            let (first, second) = (keys.take(&["first"])?, keys.take(&["second"])?);
            Some(format!("{first} or {second}: nearly the same score{}", keys.numbers()))
        }
        "near_threshold" | "near_limit" if keys.has("input") => {
            let input = keys.take(&["input"])?;
            Some(format!("{} is near the limit{}", name_of(&input), keys.numbers()))
        }
        "validation_failed" if keys.has("message") => keys.take(&["message"]).map(|said| sentence(&said)),
        "sample" if keys.has("percent") => {
            keys.take(&["percent"]).map(|percent| format!("In the sample of {percent} % of all runs"))
        }
        "boundary_uncertain" if keys.has("after_page") => {
            let page = keys.take(&["after_page"])?;
            let percent = |text: Option<String>| text.map(|text| format!("{text} %"));
            let (observed, limit) =
                (percent(keys.take(&["observed_percent"])), percent(keys.take(&["threshold_percent"])));
            let numbers = match (observed, limit) {
                (Some(observed), Some(limit)) => format!(" ({observed}, limit {limit})"),
                (Some(one), None) => format!(" ({one})"),
                (None, Some(limit)) => format!(" (limit {limit})"),
                (None, None) => String::new(),
            };
            Some(format!("Not sure whether a part ends after page {page}{numbers}"))
        }
        _ => None,
    }
}

fn text_of(value: &Node) -> String {
    match value {
        Node::Text(text) => short(&visible(text), VALUE),
        other => short(&other.compact(), VALUE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(predicate: &str) -> String {
        why(&JsonText::parse(predicate.into()).unwrap(), &field_label)
    }

    #[test]
    fn known_kinds_are_sentences_with_their_numbers() {
        for (predicate, words) in [
            (r#"{"kind": "always"}"#, "Every run is reviewed"),
            (r#"{"kind": "low_confidence", "threshold": 0.8}"#, "Low confidence (limit 0.8)"),
            (
                r#"{"kind": "confidence_below", "threshold": 0.9, "confidence": 0.72}"#,
                "Low confidence (0.72, limit 0.9)",
            ),
            (
                r#"{"kind": "confidence_below", "field": "total", "threshold": 0.90, "observed": 0.71}"#,
                "Low confidence in Total (0.71, limit 0.90)",
            ),
            (r#"{"kind": "field_missing", "field": "vat"}"#, "VAT is missing"),
            (
                r#"{"kind": "margin_below", "first": "a", "second": "b", "threshold": 0.2, "observed": 0.05}"#,
                "a or b: nearly the same score (0.05, limit 0.2)",
            ),
            (
                r#"{"kind": "near_threshold", "input": "eur", "limit": 10.00, "observed": 9.9, "tolerance": 0.01}"#,
                "EUR is near the limit (9.9, limit 10.00); tolerance: 0.01",
            ),
            (
                r#"{"kind": "boundary_uncertain", "after_page": 15, "threshold_percent": 80, "observed_percent": 55}"#,
                "Not sure whether a part ends after page 15 (55 %, limit 80 %)",
            ),
        ] {
            assert_eq!(said(predicate), words);
        }
    }

    #[test]
    fn a_row_names_one_field() {
        for (predicate, words) in [
            (r#"{"kind": "always"}"#, "• Every run"),
            (
                r#"{"kind": "confidence_below", "field": "total_amount", "threshold": 0.9, "observed": 0.71}"#,
                "▲ Total amount 0.71",
            ),
            (r#"{"kind": "low_confidence"}"#, "▲ Low confidence"),
            (r#"{"kind": "field_missing", "field": "signatures.1.signed_on"}"#, "∅ Signed on is missing"),
            (
                r#"{"kind": "margin_below", "first": "payment_reminder", "second": "statement"}"#,
                "≈ Payment reminder or statement",
            ),
            (
                r#"{"kind": "validation_failed", "message": "line_items do not add up to subtotal"}"#,
                "• Line items do not add up to subtotal",
            ),
            (r#"{"kind": "sample", "percent": 5}"#, "• In the sample of 5 % of all runs"),
            (r#"{"kind": "near_limit", "input": "total_eur"}"#, "≈ Total EUR near the limit"),
            (
                r#"{"kind": "boundary_uncertain", "after_page": 15, "observed_percent": 55}"#,
                "▲ Boundary after page 15, 55 %",
            ),
            (
                r#"{"kind": "field_confidence_lt", "path": "$.total_amount", "threshold": 0.90}"#,
                "▲ Total amount: confidence below 0.90",
            ),
            (r#"{"kind": "confidence_lt", "threshold": 0.8}"#, "▲ Confidence below 0.8"),
            (r#"{"kind": "boundary_confidence_lt", "threshold": 0.8}"#, "▲ A boundary: confidence below 0.8"),
            (r#"{"kind": "any_required_field_null"}"#, "∅ A required field is missing"),
            (r#"{"kind": "validation_failed"}"#, "• It does not fit its schema"),
            (r#"{"kind": "top_margin_lt", "margin": 0.2}"#, "≈ The first two choices are close"),
            (r#"{"kind": "category_in", "categories": ["a"]}"#, "• A category to be reviewed"),
            (r#"{"kind": "split_count_neq", "expected": 3}"#, "• Not 3 parts"),
            (
                r#"{"kind": "json_condition", "condition": {"logical_operator": "and", "sub_conditions": [
                    {"path": "data.total_amount", "operator": "is_greater_than", "value": 10000}, {"path": "b", "operator": "exists"}]}}"#,
                "• Total amount is greater than 10000, …",
            ),
            (r#"{"kind": "json_condition", "condition": 7}"#, "• A condition is met"),
            (r#"{"kind": "made_up", "field": "x"}"#, "• Made up: X"),
            (r#"{"kind": "made_up", "n": 1}"#, "• Made up (n: 1)"),
            ("[]", "• A gate fired"),
        ] {
            let (icon, text) = brief(&JsonText::parse(predicate.into()).unwrap());
            assert_eq!(format!("{icon} {text}"), words);
        }
    }

    #[test]
    fn every_other_key_is_shown_as_it_is() {
        for (predicate, words) in [
            (r#"{"kind": "always", "policy": "p7"}"#, "Every run is reviewed; policy: p7"),
            (r#"{"kind": "near_limit", "limit": 1e3}"#, "Near limit (limit: 1e3)"),
            (r#"{"kind": "made_up", "a": [1, {"b": null}], "": ""}"#, r#"Made up (a: [1,{"b":null}], : )"#),
            (r#"{"kind": "field_missing"}"#, "Field missing"),
            (
                r#"{"kind": "low_confidence", "confidence": {"a": 1}}"#,
                r#"Low confidence; confidence: {"a":1}"#,
            ),
            (r#"{"kind": ""}"#, "A gate fired"),
            (r#"{"kind": "x", "hid\u2060den": "a\u202eb"}"#, "X (hid\\u2060den: a\\u202eb)"),
        ] {
            assert_eq!(said(predicate), words);
        }
    }

    #[test]
    fn the_shown_part_of_a_reason_is_bounded() {
        let many: Vec<String> = (0..100).map(|number| format!(r#""key_{number}": {number}"#)).collect();
        let many = said(&format!(r#"{{"kind": "many", {}}}"#, many.join(",")));
        assert!(many.contains("key_19: 19, and 80 more)") && !many.contains("key_20"), "{many}");
        let long = format!(r#"{{"kind": "long", "text": "{}"}}"#, "x".repeat(3000));
        assert!(said(&long).len() < 250);
        let (_, row) = brief(&JsonText::parse(long).unwrap());
        assert_eq!(row.chars().count(), 161);
    }
}
