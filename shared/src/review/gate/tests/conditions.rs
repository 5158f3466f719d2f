//! Operators × values: whether they are met, and what cannot be compared.

use super::*;

const OUTPUT: &str = r#"{"total": 12.50, "text": "Invoice INV-0042", "blank": " \t", "null": null, "yes": true, "no": false,
    "date": "2026-05-11", "time": "2026-05-11T23:30:00-05:00", "number_text": "12000.5", "amount_text": "12,000.00 EUR",
    "list": [1, "b", 2.0], "empty": [], "object": {"k": 1}, "none": {}, "big": 9007199254740993,
    "lines": [{"amount": 5, "sku": "A1"}, {"amount": 7.5, "sku": "A2"}], "mixed": [{"amount": 5}, {}]}"#;

/// Whether the only condition is met.
#[track_caller]
fn met(path: &str, operator: &str, value: Option<&str>) -> bool {
    let found = case(BlockType::Extract, OUTPUT).evaluate_parsed(&condition(path, operator, value).unwrap());
    let inner = &found.evaluation.evaluations[0];
    assert_eq!(found.evaluation.fired, inner.fired);
    assert_eq!(
        (inner.kind.as_str(), inner.operator.as_deref(), inner.path.as_deref()),
        ("condition", Some(operator), Some(path))
    );
    inner.fired
}

#[test]
fn every_operator_is_met_by_what_it_says() {
    for (path, operator, value, is_met) in [
        ("total", "exists", None, true),
        ("null", "exists", None, true),
        ("nothing", "exists", None, false),
        ("nothing", "does_not_exist", None, true),
        ("null", "does_not_exist", None, false),
        ("empty.*", "does_not_exist", None, true),
        ("nothing", "is_empty", None, true),
        ("null", "is_empty", None, true),
        ("blank", "is_empty", None, true),
        ("empty", "is_empty", None, true),
        ("none", "is_empty", None, true),
        ("no", "is_empty", None, false),
        ("list", "is_empty", None, false),
        ("empty.*", "is_empty", None, true),
        ("total", "is_not_empty", None, true),
        ("blank", "is_not_empty", None, false),
        ("nothing", "is_not_empty", None, false),
        ("total", "is_equal_to", Some("12.5"), true),
        ("total", "is_equal_to", Some("125e-1"), true),
        ("total", "is_equal_to", Some("\"12.5\""), true),
        ("total", "is_equal_to", Some("12.500001"), false),
        ("big", "is_equal_to", Some("9007199254740992"), false),
        ("nothing", "is_equal_to", Some("1"), false),
        ("null", "is_equal_to", Some("\"null\""), false),
        ("yes", "is_equal_to", Some("true"), true),
        ("text", "is_equal_to", Some("\"invoice inv-0042\""), false),
        ("list", "is_equal_to", Some("[1.0, \"b\", 2]"), true),
        ("object", "is_equal_to", Some("{\"k\": 1}"), true),
        ("object", "is_equal_to", Some("{\"k\": 2}"), false),
        ("total", "is_not_equal_to", Some("12.5"), false),
        ("nothing", "is_not_equal_to", Some("1"), true),
        ("null", "is_not_equal_to", Some("1"), true),
        ("text", "contains", Some("\"INV\""), true),
        ("text", "contains", Some("\"inv\""), false),
        ("list", "contains", Some("2"), true),
        ("list", "contains", Some("3"), false),
        ("object", "contains", Some("\"k\""), true),
        ("total", "contains", Some("\"2.5\""), true),
        ("nothing", "contains", Some("\"\""), false),
        ("text", "starts_with", Some("\"Inv\""), true),
        ("text", "starts_with", Some("\"nv\""), false),
        ("total", "starts_with", Some("12"), true),
        ("text", "ends_with", Some("\"42\""), true),
        ("total", "ends_with", Some("\"50\""), true),
        ("null", "ends_with", Some("\"\""), false),
        ("text", "matches_regex", Some("\"INV-[0-9]{4}$\""), true),
        ("text", "matches_regex", Some("\"^INV\""), false),
        ("total", "matches_regex", Some("\"^\\\\d+\\\\.50$\""), true),
        ("text", "matches_regex", Some("\"^\\\\w{7} \\\\w+-\\\\d+$\""), true),
        ("text", "matches_regex", Some("\"(?i)invoice\""), true),
        ("yes", "is_true", None, true),
        ("no", "is_true", None, false),
        ("no", "is_false", None, true),
        ("null", "is_false", None, false),
        ("nothing", "is_true", None, false),
        ("total", "is_greater_than", Some("12.49999"), true),
        ("total", "is_greater_than", Some("12.5"), false),
        ("number_text", "is_greater_than", Some("12000"), true),
        ("big", "is_greater_than", Some("9007199254740992"), true),
        ("nothing", "is_greater_than", Some("-1"), false),
        ("null", "is_greater_than", Some("-1"), false),
        ("total", "is_less_than", Some("1e400"), true),
        ("total", "is_less_than", Some("\"13\""), true),
        ("nothing", "is_less_than", Some("1"), false),
        ("total", "is_greater_than_or_equal_to", Some("12.50"), true),
        ("total", "is_less_than_or_equal_to", Some("12.5"), true),
        ("total", "is_less_than_or_equal_to", Some("12.4"), false),
        ("list", "length_equal_to", Some("3"), true),
        ("object", "length_equal_to", Some("1"), true),
        ("blank", "length_equal_to", Some("2"), true),
        ("empty", "length_equal_to", Some("0"), true),
        ("text", "length_greater_than", Some("15"), true),
        ("text", "length_greater_than", Some("16"), false),
        ("text", "length_less_than", Some("17"), true),
        ("nothing", "length_less_than", Some("9"), false),
        ("date", "is_after", Some("\"2026-05-10\""), true),
        ("date", "is_after", Some("\"2026-05-11T00:00:00Z\""), false),
        ("time", "is_after", Some("\"2026-05-12T04:00:00Z\""), true),
        ("time", "is_before", Some("\"2026-05-12\""), true),
        ("date", "is_before", Some("\"2026-05-11\""), false),
        ("nothing", "is_before", Some("\"2026-05-11\""), false),
        ("date", "is_after_or_equal_to", Some("\"2026-05-11\""), true),
        ("date", "is_before_or_equal_to", Some("\"2026-05-11\""), true),
        ("date", "is_before_or_equal_to", Some("\"2026-05-10\""), false),
        // All elements must meet it.
        ("lines.*.amount", "is_greater_than", Some("4"), true),
        ("lines.*.amount", "is_greater_than", Some("6"), false),
        ("lines.*.sku", "starts_with", Some("\"A\""), true),
        ("mixed.*.amount", "exists", None, false),
        ("mixed.*.amount", "is_greater_than", Some("1"), false),
        ("empty.*", "is_greater_than", Some("1"), false),
        ("empty.*", "exists", None, false),
        ("$.lines[1].amount", "is_equal_to", Some("7.50"), true),
        ("/lines/1/sku", "is_equal_to", Some("\"A2\""), true),
        ("data.total", "is_equal_to", Some("12.5"), true),
    ] {
        assert_eq!(met(path, operator, value), is_met, "{path} {operator} {value:?}");
    }
}

#[test]
fn what_cannot_be_compared_is_met_and_says_so() {
    for (path, operator, value) in [
        ("amount_text", "is_greater_than", Some("10000")),
        ("list", "is_less_than", Some("1")),
        ("yes", "is_greater_than", Some("0")),
        ("text", "is_true", None),
        ("total", "is_false", None),
        ("total", "length_less_than", Some("1")),
        ("text", "is_after", Some("\"2026-05-11\"")),
        ("total", "is_before", Some("\"2026-05-11\"")),
        ("list", "matches_regex", Some("\"x\"")),
        ("object", "starts_with", Some("\"x\"")),
        ("yes", "contains", Some("\"x\"")),
        ("object", "contains", Some("1")),
    ] {
        let found =
            case(BlockType::Split, OUTPUT).evaluate_parsed(&condition(path, operator, value).unwrap());
        let reason = &found.evaluation.evaluations[0].reason;
        assert!(
            found.evaluation.fired && reason.ends_with("cannot be compared, which counts as met"),
            "{path} {operator}: {reason}"
        );
    }
}

#[test]
fn a_value_that_nothing_can_be_compared_with_is_refused() {
    for (operator, value) in [
        ("is_greater_than", "\"x\""),
        ("is_less_than", "true"),
        ("is_less_than", "NaN"),
        ("is_greater_than", "[1]"),
        ("is_after", "\"soon\""),
        ("is_after", "2026"),
        ("length_equal_to", "-1"),
        ("length_equal_to", "1.5"),
        ("length_equal_to", "1e2"),
        ("length_equal_to", "99999999999"),
        ("starts_with", "true"),
        ("ends_with", "{}"),
        ("contains", "[]"),
        ("matches_regex", "7"),
        ("matches_regex", "\"(\""),
        ("matches_regex", "\"(?=x)\""),
        ("matches_regex", "\"(a)\\\\1\""),
        ("matches_regex", "\"(((a{100}){100}){100}){100}\""),
        ("matches_regex", "\"\\\\w{1000}\""),
    ] {
        assert!(condition("a", operator, Some(value)).is_err(), "{operator} {value}");
    }
    assert!(condition("a", "matches_regex", Some(&format!("\"{}\"", "a".repeat(501)))).is_err());
    assert!(condition("a", "is_equal_to", None).is_err());
}

/// The examples of the reference's command line.
#[test]
fn the_documented_conditions_on_likelihoods_are_met() {
    let predicate = r#"{"kind": "json_condition", "condition": {"logical_operator": "and", "sub_conditions": [
        {"path": "likelihoods.invoice_total", "operator": "is_less_than", "value": 0.85}]}}"#;
    let of =
        |likelihoods: &str| case(BlockType::Extract, r#"{"invoice_total": 100}"#).likelihoods(likelihoods);
    let fired = |case: &Case| {
        let found = case.evaluate(predicate).evaluation.evaluations.remove(0);
        (found.fired, found.actual.as_str().to_owned(), found.reason)
    };
    assert_eq!(
        fired(&of(r#"{"invoice_total": 0.84}"#)),
        (true, "0.84".into(), "likelihoods.invoice_total is 0.84; is_less_than 0.85: met".into())
    );
    assert!(!fired(&of(r#"{"invoice_total": 0.850}"#)).0);
    // Nobody sent it: it counts as below.
    let missing = (
        true,
        "null".to_owned(),
        "no likelihood was sent for likelihoods.invoice_total; is_less_than 0.85: met".to_owned(),
    );
    for case in [
        of("{}"),
        of(r#"{"invoice_total": null}"#),
        of(r#"{"invoice_totl": 0.99}"#),
        case(BlockType::Extract, r#"{"invoice_total": 1}"#),
    ] {
        assert_eq!(fired(&case), missing, "{case:?}");
    }
    let listed = case(BlockType::Extract, r#"{"invoice_total": 1}"#)
        .evidence(r#"[{"path": "/invoice_total", "confidence": 0.9}]"#);
    assert!(!fired(&listed).0);

    let split = case(BlockType::Split, r#"{"splits": [{"name": "invoice_type", "pages": [1]}]}"#)
        .likelihoods(r#"{"splits": {"invoice_type": 0.7}}"#);
    let met = |path: &str, operator: &str, value: Option<&str>, case: &Case| {
        case.evaluate_parsed(&condition(path, operator, value).unwrap()).evaluation.fired
    };
    assert!(met("likelihoods.splits.invoice_type", "is_less_than", Some("0.8"), &split));
    assert!(!met("likelihoods.splits.invoice_type", "is_less_than", Some("0.7"), &split));
    // Of what holds several, the lowest.
    let nested = case(BlockType::Extract, r#"{"invoice": {"a": 1, "b": 2}, "lines": [{"x": 1}, {"x": 2}]}"#)
        .likelihoods(r#"{"invoice": {"a": 0.9, "b": 0.6}, "lines": [{"x": 0.9}]}"#);
    assert!(
        met("likelihoods.invoice", "is_less_than", Some("0.7"), &nested)
            && !met("likelihoods.invoice", "is_less_than", Some("0.6"), &nested)
    );
    // All elements. One that nobody sent is not known: it meets whatever is asked of its size, “above” as well as “below”.
    assert!(
        met("likelihoods.lines.*.x", "is_less_than", Some("0.95"), &nested)
            && !met("likelihoods.lines.*.x", "is_less_than", Some("0.9"), &nested)
    );
    assert!(
        met("likelihoods.lines.*.x", "is_greater_than", Some("0"), &nested)
            && met("likelihoods.none", "is_greater_than", Some("0"), &nested)
            && !met("likelihoods.lines.*.x", "is_greater_than", Some("0.9"), &nested)
    );
    assert!(
        met("likelihoods.lines.0.x", "exists", None, &nested)
            && met("likelihoods.lines.1.x", "does_not_exist", None, &nested)
    );
}

#[test]
fn conditions_are_put_together_by_their_logical_operator() {
    for (operator, one, other, fired) in
        [("and", 12, 12, true), ("and", 12, 13, false), ("or", 12, 13, true), ("or", 13, 13, false)]
    {
        let predicate = format!(
            r#"{{"kind": "json_condition", "condition": {{"logical_operator": "{operator}", "sub_conditions": [
            {{"path": "total", "operator": "is_greater_than", "value": {one}}}, {{"path": "total", "operator": "is_greater_than", "value": {other}}}]}}}}"#
        );
        let found = case(BlockType::Extract, OUTPUT).evaluate(&predicate);
        assert_eq!((found.evaluation.fired, found.evaluation.evaluations.len()), (fired, 2), "{predicate}");
        // The whole condition is the reason, not a part of it.
        assert_eq!(found.triggered_by.is_some_and(|it| it.starts_with(r#"{"kind":"json_condition""#)), fired);
    }
}
