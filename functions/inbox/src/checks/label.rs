//! What a value is called that a path names: by the schema's titles, else by its keys.

use super::gate::steps;
use crate::document::key_label::{key_label, short};
use crate::schema::Schema;

/// Steps that are looked at.
const STEPS: usize = 32;

/// The name of the value that a path leads to, with the name of what it is in: "Total", "Seller, VAT number", "Lines, row 2, Amount",
/// "Lines, Amount". `/total`, `$.total`, `data.total` and `likelihoods.total` are all the same value.
pub(crate) fn label(schema: Option<&Schema>, path: &str) -> String {
    let (mut steps, is_pointer) = steps(path);
    let has_root = |first: &String| matches!(first.as_str(), "data" | "likelihoods" | "output-json-0");
    if !is_pointer && !path.starts_with('$') && steps.len() > 1 && steps.first().is_some_and(has_root) {
        steps.remove(0);
    }
    let mut rules = schema.map(Schema::root).unwrap_or_default();
    // Each key, with the number of the row that is meant.
    let mut names: Vec<String> = Vec::new();
    for step in steps.iter().take(STEPS) {
        let index = step.parse::<usize>().ok().filter(|_| !names.is_empty());
        match (index, step.as_str()) {
            (_, "*") => rules = rules.item(usize::MAX),
            (Some(index), _) => {
                rules = rules.item(index);
                if let Some(name) = names.last_mut() {
                    *name = format!("{name}, row {}", index.saturating_add(1));
                }
            }
            (None, key) => {
                rules = rules.key(key);
                names.push(if rules.is_empty() { key_label(key) } else { rules.label(key) });
            }
        }
    }
    let from = names.len().saturating_sub(2);
    match &names[from..] {
        [] => "the output".into(),
        last => short(&last.join(", "), 200),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_has_one_name_however_its_path_is_written() {
        let schema = r#"{"properties": {"total_amount": {"title": "Grand total"}, "seller": {"properties": {"vat": {"title": "VAT no."}}},
            "lines": {"items": {"properties": {"amount": {"title": "Net"}}}}}}"#;
        let schema = Schema::parse(schema).unwrap();
        for (path, name) in [
            ("total_amount", "Grand total"),
            ("/total_amount", "Grand total"),
            ("$.total_amount", "Grand total"),
            ("data.total_amount", "Grand total"),
            ("likelihoods.total_amount", "Grand total"),
            ("seller.vat", "Seller, VAT no."),
            ("lines.*.amount", "Lines, Net"),
            ("lines[1].amount", "Lines, row 2, Net"),
            ("/lines/1/amount", "Lines, row 2, Net"),
            ("a.b.c", "B, C"),
            ("data", "Data"),
            ("", "the output"),
            ("$", "the output"),
            ("a\u{202e}b", "A\\u202eb"),
        ] {
            assert_eq!(label(Some(&schema), path), name, "{path}");
        }
        assert_eq!(label(None, "total_amount"), "Total amount");
        assert!(label(None, &"k".repeat(500)).chars().count() < 100);
    }
}
