//! Predicates × outputs: whether they fire, what was there, and why.

use super::*;
use proptest::prelude::*;

#[track_caller]
fn check(case: &Case, predicate: &str, fired: bool, path: Option<&str>, actual: &str, reason: &str) {
    let found = case.evaluate(predicate);
    let evaluation = &found.evaluation;
    assert_eq!(
        (
            evaluation.fired,
            evaluation.path.as_deref(),
            evaluation.actual.as_str(),
            evaluation.reason.as_str()
        ),
        (fired, path, actual, reason),
        "{predicate} of {case:?}"
    );
    assert_eq!(found.triggered_by.is_some(), fired);
    assert!(found.is_complete);
}

const INVOICE: &str = r#"{"invoice": {"total": 12.50, "currency": "EUR"}, "lines": [{"amount": 5}, {"amount": 7.50}], "notes": []}"#;
const LIKELY: &str = r#"{"invoice": {"total": 0.71, "currency": 0.99}, "lines": [{"amount": 0.95}, {"amount": 0.90}], "notes": []}"#;

fn invoice() -> Case {
    case(BlockType::Extract, INVOICE).likelihoods(LIKELY)
}

#[test]
fn always_fires() {
    check(&invoice(), r#"{"kind": "always"}"#, true, None, "null", "every run is reviewed");
}

#[test]
fn confidence_lt_of_an_extraction_is_about_its_lowest_leaf() {
    let below = r#"{"kind": "confidence_lt", "threshold": 0.8}"#;
    check(
        &invoice(),
        below,
        true,
        Some("/invoice/total"),
        "0.71",
        "the likelihood of /invoice/total is 0.71, below 0.8",
    );
    let (not, at) = (
        r#"{"kind": "confidence_lt", "threshold": 0.7}"#,
        r#"{"kind": "confidence_lt", "threshold": 0.710}"#,
    );
    check(
        &invoice(),
        not,
        false,
        Some("/invoice/total"),
        "0.71",
        "the likelihood of /invoice/total is 0.71, not below 0.7",
    );
    check(
        &invoice(),
        at,
        false,
        Some("/invoice/total"),
        "0.71",
        "the likelihood of /invoice/total is 0.71, not below 0.710",
    );
    // A leaf that nobody sent a likelihood for, an explicit null included.
    let missing = case(BlockType::Extract, r#"{"a": 1, "b": null, "c": [1, 2]}"#)
        .likelihoods(r#"{"a": 0.99, "b": null}"#);
    let reason = "no likelihood was sent for /b, and 2 more, which counts as below 0.8";
    check(&missing, below, true, Some("/b"), "null", reason);
    check(
        &missing.likelihoods(r#"{"a": 0.99, "b": 0.9, "c": 0.8}"#),
        below,
        false,
        Some("/c"),
        "0.8",
        "the likelihood of /c is 0.8, not below 0.8",
    );
    let none = case(BlockType::Extract, r#"{"a": 1}"#);
    check(&none, below, true, Some("/a"), "null", "no likelihood was sent for /a, which counts as below 0.8");
    // The list of evidence says it as well; of two the lower counts.
    let listed =
        none.clone().evidence(r#"[{"path": "/a", "confidence": 0.95}, {"path": "/a", "confidence": 0.85}]"#);
    check(&listed, below, false, Some("/a"), "0.85", "the likelihood of /a is 0.85, not below 0.8");
    let both = listed.likelihoods(r#"{"a": 0.6}"#);
    check(&both, below, true, Some("/a"), "0.6", "the likelihood of /a is 0.6, below 0.8");
    // None hides a doubt: a likelihood of what the output does not have.
    let other = case(BlockType::Extract, r#"{"a": 1}"#).likelihoods(r#"{"a": 0.9, "b": {"c": 0.1}}"#);
    check(&other, below, true, Some("/b/c"), "0.1", "the likelihood of /b/c is 0.1, below 0.8");
    let nothing = "the output has no values, so there is nothing that could be sure";
    check(&case(BlockType::Extract, "{}"), below, true, None, "null", nothing);
    // What encloses the reference's tree.
    let enclosed = case(BlockType::Extract, r#"{"a": 1}"#).likelihoods(r#"{"likelihoods": {"a": 0.5}}"#);
    check(&enclosed, below, true, Some("/a"), "0.5", "the likelihood of /a is 0.5, below 0.8");
}

#[test]
fn thresholds_are_compared_as_decimals() {
    let of = |likelihood: &str| {
        case(BlockType::Extract, r#"{"a": 1}"#).likelihoods(format!("{{\"a\": {likelihood}}}"))
    };
    for (likelihood, threshold, fired) in [
        ("0.9", "0.90", false),
        ("0.90", "0.9", false),
        ("9e-1", "0.9", false),
        ("0.8999999999999999999999", "0.9", true),
        ("0.9000000000000000000001", "0.9", false),
        ("0", "0", false),
        ("0.0", "1e-400", true),
        ("1", "1.0", false),
        ("1e-999999999", "0", false),
    ] {
        let predicate = format!(r#"{{"kind": "confidence_lt", "threshold": {threshold}}}"#);
        assert_eq!(of(likelihood).evaluate(&predicate).evaluation.fired, fired, "{likelihood} < {threshold}");
    }
}

#[test]
fn field_confidence_lt_is_about_one_value_or_the_lowest_of_several() {
    let field =
        |path: &str| format!(r#"{{"kind": "field_confidence_lt", "path": "{path}", "threshold": 0.92}}"#);
    for path in ["$.invoice.total", "invoice.total", "data.invoice.total", "/invoice/total"] {
        check(
            &invoice(),
            &field(path),
            true,
            Some(path),
            "0.71",
            "the likelihood of /invoice/total is 0.71, below 0.92",
        );
    }
    check(
        &invoice(),
        &field("invoice.currency"),
        false,
        Some("invoice.currency"),
        "0.99",
        "the likelihood of /invoice/currency is 0.99, not below 0.92",
    );
    check(
        &invoice(),
        &field("lines.*.amount"),
        true,
        Some("lines.*.amount"),
        "0.90",
        "the likelihood of /lines/1/amount is 0.90, below 0.92",
    );
    check(
        &invoice(),
        &field("invoice"),
        true,
        Some("invoice"),
        "0.71",
        "the likelihood of /invoice/total is 0.71, below 0.92",
    );
    check(&invoice(), &field("notes.*"), false, Some("notes.*"), "null", "there are no elements");
    check(&invoice(), &field("notes"), false, Some("notes"), "null", "it holds no values");
    let typo = "no likelihood was sent for /invoice/totl, which counts as below 0.92";
    check(&invoice(), &field("invoice.totl"), true, Some("invoice.totl"), "null", typo);
    // A likelihood for a whole list is one for each of its elements.
    let whole = case(BlockType::Extract, r#"{"lines": [{"amount": 1}]}"#);
    let (covered, doubted) =
        (whole.clone().likelihoods(r#"{"lines": 0.95}"#), whole.clone().likelihoods(r#"{"lines": 0.5}"#));
    check(
        &covered,
        &field("lines.0.amount"),
        false,
        Some("lines.0.amount"),
        "0.95",
        "the likelihood of /lines/0/amount is 0.95, not below 0.92",
    );
    check(
        &doubted,
        &field("lines.*.amount"),
        true,
        Some("lines.*.amount"),
        "0.5",
        "the likelihood of /lines/0/amount is 0.5, below 0.92",
    );
    let short = whole.likelihoods(r#"{"lines": []}"#);
    check(
        &short,
        &field("lines.*.amount"),
        true,
        Some("lines.*.amount"),
        "null",
        "no likelihood was sent for /lines/0/amount, which counts as below 0.92",
    );
    // The field is missing, and the machine says how sure it is of that.
    let absent = case(BlockType::Extract, "{}").likelihoods(r#"{"vat": 0.97}"#);
    check(
        &absent,
        &field("vat"),
        false,
        Some("vat"),
        "0.97",
        "the likelihood of /vat is 0.97, not below 0.92",
    );
}

const SCHEMA: &str = r##"{"type": "object", "required": ["document_type", "total", "party", "lines"], "$defs": {
    "Party": {"type": "object", "required": ["name", "vat"], "properties": {"name": {"type": "string"}, "vat": {"type": ["string", "null"]}}}},
    "properties": {"document_type": {"type": "string"}, "total": {"type": "number"}, "party": {"anyOf": [{"$ref": "#/$defs/Party"}, {"type": "null"}]},
    "lines": {"type": "array", "items": {"allOf": [{"required": ["amount"]}]}}, "note": {"type": "string"}}}"##;

#[test]
fn any_required_field_null_looks_at_every_level() {
    let predicate = r#"{"kind": "any_required_field_null"}"#;
    let of = |snapshot: &str| case(BlockType::Extract, snapshot).schema(SCHEMA);
    let good = r#"{"document_type": "x", "total": 0, "party": {"name": "a", "vat": "b"}, "lines": [], "note": null}"#;
    check(&of(good), predicate, false, None, "null", "all required fields are there");
    let answers = r#"{"document_type": false, "total": 0, "party": {}, "lines": {}}"#;
    check(
        &of(answers),
        predicate,
        true,
        Some("/party/name"),
        "null",
        "/party/name is required, and missing, and 1 more",
    );
    for (snapshot, path, actual, reason) in [
        (good.replace(r#""x""#, "null"), "/document_type", "null", "/document_type is required, and null"),
        (
            good.replace(r#""x""#, r#"" \t\n""#),
            "/document_type",
            r#""""#,
            "/document_type is required, and empty",
        ),
        (good.replace(r#""total": 0, "#, ""), "/total", "null", "/total is required, and missing"),
        // A schema may allow null; it is no answer all the same.
        (good.replace(r#""b""#, "null"), "/party/vat", "null", "/party/vat is required, and null"),
        (
            good.replace("[]", r#"[{"amount": 0}, {"x": 1}, {"amount": ""}]"#),
            "/lines/1/amount",
            "null",
            "/lines/1/amount is required, and missing, and 1 more",
        ),
    ] {
        check(&of(&snapshot), predicate, true, Some(path), actual, reason);
    }
    let reason = "no schema was sent, so it is not known which fields are required";
    check(&case(BlockType::Extract, good), predicate, true, None, "null", reason);
}

#[test]
fn validation_failed_says_what_does_not_fit() {
    let predicate = r#"{"kind": "validation_failed"}"#;
    let of = |snapshot: &str| {
        case(BlockType::Conditional, snapshot)
            .schema(r#"{"properties": {"total": {"type": "number"}, "a": {"const": 1}}}"#)
    };
    check(&of(r#"{"total": 1}"#), predicate, false, None, "0", "the output fits its schema");
    check(&of(r#"{"total": "1"}"#), predicate, true, Some("/total"), "1", "/total must be a number");
    check(&of(r#"{"total": "1", "a": 2}"#), predicate, true, Some("/a"), "2", "/a must be 1, and 1 more");
    check(
        &case(BlockType::Split, "{}"),
        predicate,
        true,
        None,
        "null",
        "no schema was sent, so the output could not be checked",
    );
    let elsewhere = case(BlockType::Split, "{}").schema(r#"{"$ref": "https://example.com/"}"#);
    check(
        &elsewhere,
        predicate,
        true,
        None,
        "null",
        "The output was not checked against its schema: the schema refers to other documents",
    );
}

#[test]
fn a_classification_is_asked_for_its_category_and_its_likelihood() {
    let label = r#"{"category": "invoice", "reasoning": "…"}"#;
    let of = |likelihoods: &str| case(BlockType::Classifier, label).likelihoods(likelihoods);
    let below = r#"{"kind": "confidence_lt", "threshold": 0.8}"#;
    check(
        &of(r#"{"likelihood": 0.67}"#),
        below,
        true,
        Some("/category"),
        "0.67",
        "the likelihood of /category is 0.67, below 0.8",
    );
    check(
        &of(r#"{"category": 0.93}"#),
        below,
        false,
        Some("/category"),
        "0.93",
        "the likelihood of /category is 0.93, not below 0.8",
    );
    check(
        &of(r#"{"likelihood": null}"#),
        below,
        true,
        Some("/category"),
        "null",
        "no likelihood was sent for /category, which counts as below 0.8",
    );
    let listed = case(BlockType::Classifier, label).evidence(r#"[{"path": "/category", "confidence": 0.9}]"#);
    check(
        &listed,
        below,
        false,
        Some("/category"),
        "0.9",
        "the likelihood of /category is 0.9, not below 0.8",
    );
    let scored = case(
        BlockType::Classifier,
        r#"{"label": "a", "scores": [{"label": "b", "score": 0.41}, {"label": "a", "score": 0.46}]}"#,
    );
    check(&scored, below, true, Some("/label"), "0.46", "the likelihood of /label is 0.46, below 0.8");

    let categories = r#"{"kind": "category_in", "categories": ["invoice", "credit_note"]}"#;
    check(
        &of("{}"),
        categories,
        true,
        Some("/category"),
        r#""invoice""#,
        r#"the category "invoice" is one of those that are reviewed"#,
    );
    check(
        &scored,
        categories,
        false,
        Some("/label"),
        r#""a""#,
        r#"the category "a" is none of those that are reviewed"#,
    );
    check(&case(BlockType::Classifier, "{}"), categories, true, None, "null", "the output names no category");
}

#[test]
fn a_classification_is_asked_how_close_its_choices_are() {
    let label = r#"{"category": "invoice", "reasoning": "…"}"#;
    let of = |likelihoods: &str| case(BlockType::Classifier, label).likelihoods(likelihoods);
    let scored = case(
        BlockType::Classifier,
        r#"{"label": "a", "scores": [{"label": "b", "score": 0.41}, {"label": "a", "score": 0.46}]}"#,
    );
    let margin = |margin: &str| format!(r#"{{"kind": "top_margin_lt", "margin": {margin}}}"#);
    check(
        &scored,
        &margin("0.2"),
        true,
        None,
        "0.05",
        "the first two choices, 0.46 and 0.41, differ by 0.05, less than 0.2",
    );
    check(
        &scored,
        &margin("0.05"),
        false,
        None,
        "0.05",
        "the first two choices, 0.46 and 0.41, differ by 0.05, not less than 0.05",
    );
    // 0.62 − 0.31 is less than 0.31 in doubles of other roundings, and is not.
    let exact = of(r#"{"scores": {"invoice": 0.62, "letter": 0.31, "other": 0.07}}"#);
    check(
        &exact,
        &margin("0.31"),
        false,
        None,
        "0.31",
        "the first two choices, 0.62 and 0.31, differ by 0.31, not less than 0.31",
    );
    check(
        &exact,
        &margin("0.310000000000001"),
        true,
        None,
        "0.31",
        "the first two choices, 0.62 and 0.31, differ by 0.31, less than 0.310000000000001",
    );
    // Another is likelier than the chosen one.
    let other = of(r#"{"scores": {"letter": 0.62, "invoice": 0.31}}"#);
    check(
        &other,
        &margin("0"),
        true,
        None,
        "null",
        "the first two choices, 0.31 and 0.62, differ by less than nothing, less than 0",
    );
    let one = of(r#"{"likelihood": 0.99}"#);
    let reason = "the likelihoods of the first two choices were not sent, which counts as closer than 0.2";
    check(&one, &margin("0.2"), true, None, "null", reason);
}

#[test]
fn a_split_is_asked_for_its_parts_their_pages_and_their_likelihoods() {
    let split = r#"{"splits": [{"name": "letter", "pages": [1, 2]}, {"name": "invoice", "pages": [3]}]}"#;
    let of = |likelihoods: &str| case(BlockType::Split, split).likelihoods(likelihoods);
    let count = |expected: u32| format!(r#"{{"kind": "split_count_neq", "expected": {expected}}}"#);
    check(&of("{}"), &count(3), true, Some("/splits"), "2", "the document was split into 2, not 3");
    check(&of("{}"), &count(2), false, Some("/splits"), "2", "the document was split into 2, as expected");
    check(&case(BlockType::Split, "{}"), &count(0), true, None, "null", "the output has no list of parts");

    let pages = |least: u32| format!(r#"{{"kind": "any_split_pages_lt", "min_pages": {least}}}"#);
    check(&of("{}"), &pages(2), true, Some("/splits/1"), "1", "part 2 has 1 page, fewer than 2");
    check(
        &of("{}"),
        &pages(1),
        false,
        Some("/splits/1"),
        "1",
        "each part has at least 1 page, not fewer than 1",
    );
    for (part, count) in [
        (r#"{"page_count": 4}"#, 4),
        (r#"{"pages": {"first": 3, "last": 7}}"#, 5),
        (r#"{"start_page": 2, "end_page": 2}"#, 1),
        (r#"{"pages": [4, 4, 5]}"#, 2),
        (r#"{"pages": 3}"#, 3),
        (r#"{"pages": []}"#, 0),
    ] {
        let case = case(BlockType::Split, format!(r#"{{"parts": [{part}]}}"#));
        assert_eq!(case.evaluate(&pages(9)).evaluation.actual.as_str(), count.to_string(), "{part}");
    }
    for part in
        [r#"{"pages": {"first": 7, "last": 3}}"#, r#"{"pages": ["1"]}"#, r#"{"pages": -1}"#, "null", "{}"]
    {
        let case = case(BlockType::Split, format!(r#"{{"parts": [{{"pages": [1, 2]}}, {part}]}}"#));
        check(&case, &pages(1), true, Some("/parts/1"), "null", "it is not known how many pages part 2 has");
    }

    let boundary = r#"{"kind": "boundary_confidence_lt", "threshold": 0.8}"#;
    let tree = r#"{"splits": [{"name": 0.98, "pages": [0.98, 0.97]}, {"name": 0.9, "pages": [0.55]}]}"#;
    check(
        &of(tree),
        boundary,
        true,
        Some("/splits/1/pages/0"),
        "0.55",
        "the likelihood of /splits/1/pages/0 is 0.55, below 0.8",
    );
    let bare = r#"{"likelihoods": [{"name": 0.98, "pages": [0.98, 0.97]}, {"name": 0.9, "pages": [0.85]}]}"#;
    check(
        &of(bare),
        boundary,
        false,
        Some("/splits/1/pages/0"),
        "0.85",
        "the likelihood of /splits/1/pages/0 is 0.85, not below 0.8",
    );
    check(
        &of(r#"{"splits": {"letter": 0.9, "invoice": 0.7}}"#),
        boundary,
        true,
        Some("/splits/1"),
        "0.7",
        "the likelihood of /splits/1 is 0.7, below 0.8",
    );
    check(
        &of(r#"{"splits": [{"name": 0.98}]}"#),
        boundary,
        true,
        Some("/splits/1"),
        "null",
        "no likelihood was sent for /splits/1, which counts as below 0.8",
    );
    let listed = case(BlockType::Split, split).evidence(
        r#"[{"path": "/splits/0", "confidence": 0.9}, {"path": "/splits/1/name", "confidence": 0.6}]"#,
    );
    check(
        &listed,
        boundary,
        true,
        Some("/splits/1/name"),
        "0.6",
        "the likelihood of /splits/1/name is 0.6, below 0.8",
    );
}

#[test]
fn a_branch_is_one_of_some_or_not() {
    let branches = r#"{"kind": "branch_in", "branches": ["pay", "refuse"]}"#;
    let of = |snapshot: &str| case(BlockType::Conditional, snapshot);
    check(
        &of(r#"{"branch": "pay"}"#),
        branches,
        true,
        Some("/branch"),
        r#""pay""#,
        r#"the branch "pay" is one of those that are reviewed"#,
    );
    check(
        &of(r#"{"result": true, "branch": "Pay"}"#),
        branches,
        false,
        Some("/branch"),
        r#""Pay""#,
        r#"the branch "Pay" is none of those that are reviewed"#,
    );
    check(&of(r#"{"result": true}"#), branches, true, None, "null", "the output names no branch");
}

#[test]
fn predicates_are_put_together_and_the_first_that_fired_is_the_reason() {
    let field = |path: &str, threshold: &str| {
        format!(r#"{{"kind":"field_confidence_lt","path":"{path}","threshold":{threshold}}}"#)
    };
    let (low, high) = (field("invoice.total", "0.8"), field("invoice.currency", "0.8"));
    let of =
        |kind: &str, inner: &[&str]| format!(r#"{{"kind":"{kind}","predicates":[{}]}}"#, inner.join(","));
    for (predicate, fired, leaf) in [
        (of("any_of", &[&high, &low, r#"{"kind":"always"}"#]), true, Some(low.as_str())),
        (of("any_of", &[&high]), false, None),
        (of("all_of", &[&low, &high]), false, None),
        (of("all_of", &[r#"{"kind":"always"}"#, &low]), true, Some(r#"{"kind":"always"}"#)),
        (
            of("any_of", &[&of("all_of", &[&low, &high]), &of("any_of", &[&high, &low])]),
            true,
            Some(low.as_str()),
        ),
    ] {
        let found = invoice().evaluate(&predicate);
        assert_eq!((found.evaluation.fired, found.triggered_by.as_deref()), (fired, leaf), "{predicate}");
        // All of it is evaluated, also behind the first that fired.
        let parsed = parse(&serde_json::from_str(&predicate).unwrap(), &predicate);
        assert_eq!(found.evaluation.evaluations.len(), parsed.inner().len());
        let leaves = found.evaluation.fired_leaves();
        assert!(
            leaves.iter().all(|leaf| leaf.fired && leaf.evaluations.is_empty()) && leaves.is_empty() != fired
        );
    }
}

#[test]
fn a_sample_is_so_many_percent_and_always_the_same() {
    let at = |run: usize, percent: &str| {
        let case = Case { run: format!("run_{run}"), ..case(BlockType::Extract, "{}") };
        case.evaluate(&format!(r#"{{"kind":"sample","percent":{percent}}}"#)).evaluation.fired
    };
    assert!((0..500).all(|run| at(run, "100") && !at(run, "0") && at(run, "1e2") && !at(run, "0.0")));
    let runs = 100_000;
    for (percent, share) in [("2", 0.02), ("2.5", 0.025), ("33.3", 0.333), ("0.1", 0.001)] {
        let chosen = (0..runs).filter(|run| at(*run, percent)).count();
        #[allow(clippy::cast_precision_loss)]
        let (chosen, expected) = (chosen as f64, f64::from(100_000) * share);
        // Six standard deviations: once in five hundred million.
        assert!((chosen - expected).abs() < 6.0 * (expected * (1.0 - share)).sqrt(), "{percent}: {chosen}");
    }
    // Who is in a small sample is in a larger one; and the same answer twice.
    assert!(
        (0..2000).all(|run| !at(run, "5") || at(run, "10"))
            && (0..200).all(|run| at(run, "50") == at(run, "50"))
    );
}

proptest! {
    /// Lower likelihoods never let pass what higher ones held, and a missing one is lower than all.
    #[test]
    fn a_lower_likelihood_never_opens_the_gate(one in 0_u32..=1000, other in 0_u32..=1000, threshold in 0_u32..=1000) {
        let of = |likelihood: Option<u32>| {
            let case = case(BlockType::Extract, r#"{"a": 1, "b": 2}"#);
            let a = likelihood.map_or("null".to_owned(), |it| format!("{}", f64::from(it) / 1000.0));
            let case = case.likelihoods(format!(r#"{{"a": {a}, "b": 1}}"#));
            let threshold = f64::from(threshold) / 1000.0;
            ["confidence_lt\"", "field_confidence_lt\", \"path\": \"a\""].map(|kind| {
                case.evaluate(&format!("{{\"kind\": \"{kind}, \"threshold\": {threshold:?}}}")).evaluation.fired
            })
        };
        prop_assert_eq!(of(Some(one)), [one < threshold; 2]);
        let (low, high) = (one.min(other), one.max(other));
        prop_assert!(of(Some(low)) >= of(Some(high)) && of(None) >= of(Some(low)) && of(None) == [true; 2]);
    }
}
