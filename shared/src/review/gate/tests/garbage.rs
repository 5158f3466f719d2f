//! One likelihood, score, subschema, choice or part of a well-formed case is replaced by garbage: what was held stays held, and what
//! needs it is held.

use super::*;
use proptest::prelude::*;
use proptest::sample::select;

/// What stands where something else should. None of it is a likelihood, a name, a part or a schema.
const GARBAGE: [&str; 12] = [
    "null",
    r#""0.99""#,
    r#"" ""#,
    "[]",
    "[0.99]",
    "{}",
    "1e999999999",
    "99",
    "1.00000000000000000001",
    "-0.99",
    "-1e400",
    r#"[{"a": {"b": [null]}}]"#,
];

/// A case with one place that is filled in, and what is asked of it.
#[derive(Clone, Debug)]
struct Hole {
    block: BlockType,
    /// With `@` where the value belongs.
    snapshot: String,
    likelihoods: Option<String>,
    evidence: Option<String>,
    schema: Option<String>,
    /// The value, and garbage that is as good there.
    value: String,
    allowed: &'static [&'static str],
    /// Predicates that need the value, and others.
    needing: Vec<String>,
    others: Vec<String>,
}

impl Hole {
    fn filled(&self, with: &str) -> Case {
        let fill = |text: &Option<String>| text.as_ref().map(|text| text.replace('@', with));
        Case {
            block: self.block,
            run: "run_1".into(),
            snapshot: self.snapshot.replace('@', with),
            schema: fill(&self.schema),
            likelihoods: fill(&self.likelihoods),
            evidence: fill(&self.evidence),
        }
    }
}

fn likelihood() -> impl Strategy<Value = String> {
    prop_oneof![
        (0_u32..=1000).prop_map(|it| format!("{}", f64::from(it) / 1000.0)),
        Just("1".to_owned()),
        Just("9e-1".to_owned()),
    ]
}

fn hole(block: BlockType, snapshot: impl Into<String>, value: impl Into<String>) -> Hole {
    Hole {
        block,
        snapshot: snapshot.into(),
        likelihoods: None,
        evidence: None,
        schema: None,
        value: value.into(),
        allowed: &[],
        needing: Vec::new(),
        others: Vec::new(),
    }
}

fn condition_of(path: &str, operator: &str, value: &str) -> String {
    format!(
        r#"{{"kind": "json_condition", "condition": {{"logical_operator": "and", "sub_conditions": [{{"path": "{path}", "operator": "{operator}", "value": {value}}}]}}}}"#
    )
}

/// A likelihood of an extraction: of a field, of a field of a row, or of all; in the tree or in the list.
fn of_extraction() -> impl Strategy<Value = Hole> {
    let numbers = [likelihood(), likelihood(), likelihood(), likelihood()];
    (numbers, 0_usize..6, select(vec!["0", "0.5", "0.9", "1"])).prop_map(|([one, two, all, value], kind, threshold)| {
        let output = r#"{"total": 1, "rows": [{"a": "x"}, {"a": "y"}], "party": {"name": "n", "vat": null}}"#;
        let (tree, evidence, path) = match kind {
            0 => (Some(format!(r#"{{"total": @, "rows": [{{"a": {one}}}, {{"a": {two}}}], "party": {all}}}"#)), None, "total"),
            1 => (Some(format!(r#"{{"total": {one}, "rows": [{{"a": @}}, {{"a": {two}}}], "party": {{"name": {all}, "vat": 1}}}}"#)), None, "rows.*.a"),
            // Beside one for all.
            2 => (Some(format!(r#"{{"likelihood": {all}, "total": @, "rows": [{{"a": {one}}}]}}"#)), None, "total"),
            3 => (Some(r#"{"likelihood": @}"#.to_owned()), None, "party.name"),
            4 => (
                Some(format!(r#"{{"total": {one}, "rows": {two}}}"#)),
                Some(r#"[{"path": "/party", "confidence": @}]"#.to_owned()),
                "party",
            ),
            _ => (Some(format!(r#"{{"likelihoods": {{"total": {one}, "rows": {two}, "party": {{"name": @, "vat": {all}}}}}}}"#)), None, "party"),
        };
        let needing = [
            format!(r#"{{"kind": "confidence_lt", "threshold": {threshold}}}"#),
            format!(r#"{{"kind": "field_confidence_lt", "path": "{path}", "threshold": {threshold}}}"#),
        ];
        let operators = ["is_less_than", "is_less_than_or_equal_to", "is_greater_than", "is_greater_than_or_equal_to", "is_equal_to", "is_not_equal_to", "starts_with"];
        let conditions = operators.map(|operator| condition_of(&format!("likelihoods.{path}"), operator, threshold));
        let is_of_all_rows = path.contains('*');
        let mut hole = Hole { likelihoods: tree, evidence, ..hole(BlockType::Extract, output, value) };
        hole.needing.extend(needing);
        // All rows must meet it, so one that does not decides, whatever the other is.
        if is_of_all_rows { hole.others.extend(conditions) } else { hole.needing.extend(conditions) }
        hole
    })
}

/// A likelihood, a score or a choice of a classification.
fn of_classification() -> impl Strategy<Value = Hole> {
    let numbers = [likelihood(), likelihood(), likelihood()];
    (numbers, 0_usize..7, select(vec!["0", "0.2", "0.9", "1"])).prop_map(|([one, two, value], kind, bound)| {
        let confidence = format!(r#"{{"kind": "confidence_lt", "threshold": {bound}}}"#);
        let margin = format!(r#"{{"kind": "top_margin_lt", "margin": {bound}}}"#);
        let category = r#"{"kind": "category_in", "categories": ["b"]}"#.to_owned();
        let output = r#"{"category": "a"}"#;
        let of = |snapshot: &str, likelihoods: Option<String>, value: &str, needing: Vec<String>| Hole {
            likelihoods,
            needing,
            others: vec![confidence.clone(), margin.clone(), category.clone()],
            ..hole(BlockType::Classifier, snapshot, value)
        };
        let both = || vec![confidence.clone(), margin.clone()];
        match kind {
            0 => of(output, Some(r#"{"likelihood": @}"#.into()), &value, vec![confidence.clone()]),
            1 => of(output, Some(format!(r#"{{"likelihood": {one}, "category": @}}"#)), &value, vec![confidence.clone()]),
            2 => of(output, Some(format!(r#"{{"scores": {{"a": @, "b": {one}, "c": {two}}}}}"#)), &value, both()),
            3 => of(output, Some(format!(r#"{{"scores": {{"a": {one}, "b": @, "c": {two}}}}}"#)), &value, both()),
            4 => of(&format!(r#"{{"category": "a", "scores": [{{"label": "a", "score": {one}}}, {{"label": "b", "score": @}}]}}"#), None, &value, both()),
            5 => {
                let choice = format!(r#"{{"label": "a", "score": {value}}}"#);
                of(&format!(r#"{{"category": "a", "scores": [@, {{"label": "b", "score": {one}}}, {{"label": "c", "score": {two}}}]}}"#), None, &choice, both())
            }
            _ => Hole {
                // A text that is not blank is a name.
                allowed: &[r#""0.99""#],
                ..of(&format!(r#"{{"category": @, "scores": {{"a": {one}, "b": {two}}}}}"#), None, r#""a""#, vec![margin.clone(), category.clone()])
            },
        }
    })
}

/// A part of a split, its pages, or one of their likelihoods.
fn of_split() -> impl Strategy<Value = Hole> {
    let numbers = [likelihood(), likelihood(), likelihood()];
    (numbers, 0_usize..7, 1_u32..4, select(vec!["0", "0.5", "1"])).prop_map(
        |([one, two, value], kind, count, threshold)| {
            let boundary = format!(r#"{{"kind": "boundary_confidence_lt", "threshold": {threshold}}}"#);
            let pages = format!(r#"{{"kind": "any_split_pages_lt", "min_pages": {count}}}"#);
            let parts = format!(r#"{{"kind": "split_count_neq", "expected": {count}}}"#);
            let all = || vec![boundary.clone(), pages.clone(), parts.clone()];
            let output = r#"{"splits": [{"name": "a", "pages": [1, 2]}, {"name": "b", "pages": [3]}]}"#;
            let tree = format!(r#"{{"splits": [{one}, {two}]}}"#);
            let of = |snapshot: &str, likelihoods: &str, value: &str, needing: Vec<String>| Hole {
                likelihoods: Some(likelihoods.to_owned()),
                needing,
                others: all(),
                ..hole(BlockType::Split, snapshot, value)
            };
            match kind {
                0 => of(
                    output,
                    &format!(r#"{{"splits": [{{"name": @, "pages": [{one}, {two}]}}, {one}]}}"#),
                    &value,
                    vec![boundary.clone()],
                ),
                1 => of(
                    output,
                    &format!(r#"{{"splits": [{{"name": {one}, "pages": [{two}, @]}}, {one}]}}"#),
                    &value,
                    vec![boundary.clone()],
                ),
                2 => of(
                    output,
                    &format!(r#"{{"splits": {{"a": @, "b": {one}}}}}"#),
                    &value,
                    vec![boundary.clone()],
                ),
                3 => Hole {
                    evidence: Some(r#"[{"path": "/splits/1/pages/0", "confidence": @}]"#.into()),
                    // Nothing was said of that page.
                    allowed: &["null"],
                    ..of(output, &tree, &value, vec![boundary.clone()])
                },
                4 => Hole {
                    // A list of something may be one of parts.
                    allowed: &[r#"[{"a": {"b": [null]}}]"#],
                    ..of(
                        r#"{"splits": @}"#,
                        &tree,
                        r#"[{"name": "a", "pages": [1]}, {"name": "b", "pages": [2]}]"#,
                        vec![boundary.clone(), pages.clone()],
                    )
                },
                5 => of(
                    r#"{"splits": [@, {"name": "b", "pages": [3, 4, 5, 6]}]}"#,
                    &tree,
                    r#"{"name": "a", "pages": [1, 2]}"#,
                    all(),
                ),
                _ => Hole {
                    allowed: &["99"],
                    ..of(
                        r#"{"splits": [{"name": "a", "pages": @}, {"name": "b", "pages": [3]}]}"#,
                        &tree,
                        "[1, 2]",
                        vec![pages.clone()],
                    )
                },
            }
        },
    )
}

/// An empty schema requires nothing, and says so; so does an empty list.
const NO_SCHEMA: &[&str] = &["{}"];
const NO_LIST: &[&str] = &["[]"];

/// A subschema, or a keyword of one.
fn of_schema() -> impl Strategy<Value = Hole> {
    let output = select(vec![
        r#"{"total": 1, "party": {"name": "n"}, "lines": [{"a": 1}]}"#,
        r#"{"total": null, "party": {"name": "n"}, "lines": [{"a": 1}]}"#,
        r#"{"total": 1, "party": {"name": ""}, "lines": [{"a": 1}]}"#,
        r#"{"total": 1, "party": {"name": "n"}, "lines": [{"a": null}]}"#,
        r#"{"total": 1, "party": "n", "lines": [{"a": 1}]}"#,
    ]);
    let (object, rows) = (r#"{"required": ["name"]}"#, r#"{"items": {"required": ["a"]}}"#);
    let schema = move |root: &str, party: &str, lines: &str| {
        format!(
            r#"{{"required": {root}, "properties": {{"total": {{}}, "party": {party}, "lines": {lines}}}}}"#
        )
    };
    let places = select(vec![
        (schema("@", object, rows), r#"["total"]"#, NO_LIST),
        (schema(r#"["total"]"#, "@", rows), object, NO_SCHEMA),
        (schema(r#"["total"]"#, object, "@"), rows, NO_SCHEMA),
        (
            schema(r#"["total"]"#, object, r#"{"items": @}"#),
            r#"{"required": ["a"]}"#,
            &["{}", "[]", r#"[{"a": {"b": [null]}}]"#],
        ),
        (schema(r#"["total"]"#, r#"{"required": @}"#, rows), r#"["name"]"#, NO_LIST),
        (schema(r#"["total", @]"#, object, rows), r#""party""#, &[r#""0.99""#, r#"" ""#]),
        (schema(r#"["total"]"#, r#"{"anyOf": [@, {"type": "null"}]}"#, rows), object, NO_SCHEMA),
        (schema(r#"["total"]"#, r#"{"anyOf": [@, {"required": ["vat"]}]}"#, rows), object, NO_SCHEMA),
        (schema(r#"["total"]"#, r#"{"allOf": [{}, @]}"#, rows), object, NO_SCHEMA),
        (
            schema(r#"["total"]"#, r#"{"anyOf": @}"#, rows),
            r#"[{"required": ["name"]}, {"type": ["null"]}]"#,
            &[r#"[{"a": {"b": [null]}}]"#],
        ),
        (
            r#"{"required": ["total"], "properties": @}"#.to_owned(),
            r#"{"party": {"required": ["name"]}}"#,
            NO_SCHEMA,
        ),
    ]);
    (output, places).prop_map(|(output, (schema, value, allowed))| {
        let required = r#"{"kind": "any_required_field_null"}"#.to_owned();
        let mut hole = Hole { schema: Some(schema), allowed, ..hole(BlockType::Extract, output, value) };
        hole.needing.push(required);
        // What it compares is checked by a crate; where the schema is none, it is not checked, and fires.
        hole.others.push(r#"{"kind": "validation_failed"}"#.to_owned());
        hole
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn garbage_never_opens_the_gate(hole in prop_oneof![of_extraction(), of_classification(), of_split(), of_schema()], garbage in select(GARBAGE.to_vec())) {
        if hole.allowed.contains(&garbage) {
            return Ok(());
        }
        let (good, bad) = (hole.filled(&hole.value), hole.filled(garbage));
        let fired = |case: &Case, predicate: &str| case.evaluate(predicate).evaluation.fired;
        for predicate in &hole.needing {
            prop_assert!(fired(&bad, predicate), "{} passes with {}: {:?}", predicate, garbage, bad);
        }
        for predicate in &hole.others {
            prop_assert!(fired(&bad, predicate) >= fired(&good, predicate), "{} opens with {}: {:?}", predicate, garbage, bad);
        }
        // Together they hold no less, either.
        let all: Vec<&str> = hole.needing.iter().chain(&hole.others).map(String::as_str).collect();
        for kind in ["any_of", "all_of"] {
            let predicate = format!(r#"{{"kind": "{kind}", "predicates": [{}]}}"#, all.join(","));
            prop_assert!(fired(&bad, &predicate) >= fired(&good, &predicate), "{predicate}");
        }
    }

    #[test]
    fn a_missing_likelihood_never_opens_the_gate(hole in of_extraction()) {
        // Without the key at all. One for all covers what has none of its own.
        let tree = hole.likelihoods.clone().unwrap_or_default();
        let is_covered = tree.contains("\"likelihood\"") && tree != r#"{"likelihood": @}"#;
        if hole.evidence.is_some() || is_covered {
            return Ok(());
        }
        let without = tree.replace(r#""total": @, "#, "").replace(r#""a": @"#, "").replace(r#""name": @, "#, "").replace(r#""likelihood": @"#, "");
        prop_assert!(!without.contains('@'));
        let bad = Case { likelihoods: Some(without), ..hole.filled("0") };
        for predicate in &hole.needing {
            prop_assert!(bad.evaluate(predicate).evaluation.fired, "{} of {:?}", predicate, bad);
        }
    }
}
