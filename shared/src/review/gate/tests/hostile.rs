//! Hostile input: deep, wide, long, of wrong types. The work is counted, never timed.

use super::*;
use proptest::prelude::*;

/// One predicate of each kind, with what an extraction, a classification, a split and a branch are asked.
fn all_kinds() -> Vec<Predicate> {
    let texts = [
        r#"{"kind":"always"}"#,
        r#"{"kind":"validation_failed"}"#,
        r#"{"kind":"confidence_lt","threshold":0.5}"#,
        r#"{"kind":"field_confidence_lt","path":"rows.*.a","threshold":0.5}"#,
        r#"{"kind":"field_confidence_lt","path":"$","threshold":0.5}"#,
        r#"{"kind":"any_required_field_null"}"#,
        r#"{"kind":"category_in","categories":["x"]}"#,
        r#"{"kind":"top_margin_lt","margin":0.5}"#,
        r#"{"kind":"split_count_neq","expected":1}"#,
        r#"{"kind":"any_split_pages_lt","min_pages":1}"#,
        r#"{"kind":"boundary_confidence_lt","threshold":0.5}"#,
        r#"{"kind":"branch_in","branches":["x"]}"#,
        r#"{"kind":"sample","percent":50}"#,
    ];
    let mut all: Vec<Predicate> = texts
        .iter()
        .filter(|text| !text.contains("\"$\""))
        .map(|text| parse(&serde_json::from_str(text).unwrap(), text))
        .collect();
    for operator in Operator::ALL {
        let value = match operator {
            it if !it.takes_value() => None,
            Operator::IsAfter
            | Operator::IsBefore
            | Operator::IsAfterOrEqualTo
            | Operator::IsBeforeOrEqualTo => Some(r#""2026-05-11""#),
            Operator::MatchesRegex => Some(r#""(a|b)+\\w{3}x$""#),
            _ => Some("5"),
        };
        for path in ["data.rows.*.a", "likelihoods.rows.*.a", "*.*.*", "rows"] {
            all.push(condition(path, operator.as_str(), value).unwrap());
        }
    }
    all
}

const SCHEMA: &str = r#"{"required":["rows","x"],"properties":{"rows":{"type":"array","items":{"required":["a","b"],"properties":{"a":{"type":"number"}}}}}}"#;

/// An output of so many rows, with likelihoods and evidence for each.
fn rows(count: usize) -> Case {
    let list = |item: fn(usize) -> String| (0..count).map(item).collect::<Vec<_>>().join(",");
    case(
        BlockType::Extract,
        format!(
            r#"{{"rows":[{}]}}"#,
            list(|row| format!(r#"{{"a":{row}.50,"b":"text {row}","pages":[{row}]}}"#))
        ),
    )
    .likelihoods(format!(
        r#"{{"rows":[{}]}}"#,
        list(|row| format!(r#"{{"a":0.9{row},"b":0.99,"pages":[1]}}"#))
    ))
    .evidence(format!("[{}]", list(|row| format!(r#"{{"path":"/rows/{row}/a","confidence":0.9}}"#))))
    .schema(SCHEMA)
}

#[test]
fn work_grows_with_the_input_and_not_faster() {
    for predicate in all_kinds() {
        let steps = |count: usize| {
            let found = rows(count).evaluate_parsed(&predicate);
            assert!(found.is_complete || count > 10_000, "{}", predicate.json());
            found.steps
        };
        let (small, large) = (steps(1_000), steps(10_000));
        // A tenth more for what is the same at any size, and for numbers that are longer.
        assert!(
            large <= small * 11 + 1_000,
            "{}: {small} steps for 1,000 rows, {large} for 10,000",
            predicate.json()
        );
    }
}

/// As many as there can be, on 10,000 elements.
#[test]
fn fifty_predicates_on_ten_thousand_elements_are_decided() {
    let case = rows(10_000);
    let field = Predicate::FieldConfidenceLt {
        path: Path::parse("rows.*.a").unwrap(),
        threshold: Bound::parse("0.5").unwrap(),
    };
    let found = case.evaluate_parsed(&Predicate::AnyOf(vec![field; 49]));
    assert!(found.is_complete && !found.evaluation.fired, "{}", found.steps);
    println!("49 predicates on 10,000 rows: {} steps", found.steps);
    let regex = condition("rows.*.b", "matches_regex", Some(r#""^text \\d{1,9}$""#)).unwrap();
    let found = case.evaluate_parsed(&regex);
    assert!(found.evaluation.fired && found.is_complete, "{}", found.steps);
    println!("a regular expression on 10,000 texts: {} steps", found.steps);
}

#[test]
fn what_is_too_much_work_fires_and_says_so() {
    let case = case(BlockType::Extract, format!(r#"{{"a":"{}"}}"#, "ab".repeat(1 << 20)));
    let costly = condition("a", "matches_regex", Some(r#""^\\w{2,7}x$""#)).unwrap();
    let found = case.evaluate_parsed(&costly);
    assert!(found.evaluation.fired && !found.is_complete);
    assert!(found.evaluation.evaluations[0].reason.contains("too much work"), "{:?}", found.evaluation);
    // What comes after it is not decided, either: it fires, and is not passed over.
    let never = condition("nothing", "exists", None).unwrap();
    let found = case.evaluate_parsed(&Predicate::AllOf(vec![costly, never]));
    assert!(
        found.evaluation.fired && found.evaluation.evaluations[1].reason.contains("too much work"),
        "{:?}",
        found.evaluation
    );
}

#[test]
fn deep_wide_and_odd_outputs_do_no_harm() {
    let deep = |open: &str, close: &str| format!("{}1{}", open.repeat(126), close.repeat(126));
    let wide: Vec<String> = (0..20_000).map(|key| format!(r#""key_{key}":{key}"#)).collect();
    let long_key = format!(r#"{{"{}":[{}]}}"#, "k".repeat(1 << 20), vec!["1"; 5_000].join(","));
    let numbers = format!(
        r#"{{"rows":[{{"a":{}}},{{"a":1e-999999999}},{{"a":-0}},{{"a":0.{}1}}]}}"#,
        "9".repeat(300),
        "0".repeat(100_000)
    );
    let outputs = [
        deep(r#"{"rows":"#, "}"),
        deep("[", "]"),
        deep(r#"{"":["#, "]}"),
        format!("{{{}}}", wide.join(",")),
        long_key,
        numbers,
        "{}".into(),
        "[]".into(),
        "null".into(),
        "7".into(),
        r#""NaN""#.into(),
        r#"{"rows":null}"#.into(),
        r#"{"rows":{"a":{"a":1}}}"#.into(),
        r#"{"rows":[null,[],{},"x",1e400,true]}"#.into(),
        r#"{"\u0000\u202e~/":"\u0000","category":7,"branch":[],"splits":{"a":1}}"#.into(),
        r#"{"category":"NaN","scores":{"NaN":1,"x":"NaN","y":null},"rows":"NaN"}"#.into(),
    ];
    let all = Predicate::AnyOf(all_kinds());
    for block in BlockType::ALL {
        for output in &outputs {
            for likelihoods in [None, Some("{}"), Some(r#"{"rows":[0.5,{"a":0}]}"#), Some(output.as_str())] {
                let case = Case {
                    likelihoods: likelihoods.map(str::to_owned),
                    schema: Some(SCHEMA.into()),
                    ..case(*block, output.clone())
                };
                bounded(&case.evaluate_parsed(&all));
            }
        }
    }
}

/// What is stored and shown of an evaluation is small, whatever was evaluated.
fn bounded(found: &Outcome) {
    fn check(evaluation: &Evaluation) {
        assert!(evaluation.actual.as_str().len() <= 6 * 201 + 2, "{}", evaluation.actual.as_str().len());
        assert!(evaluation.reason.chars().count() <= 501 && !evaluation.reason.is_empty());
        assert!(evaluation.path.as_ref().is_none_or(|path| path.chars().count() <= MAX_PATH + 1));
        evaluation.evaluations.iter().for_each(check);
    }
    check(&found.evaluation);
    assert_eq!(found.evaluation.fired, found.triggered_by.is_some());
    let text = Evaluation::text_of(std::slice::from_ref(&found.evaluation)).unwrap();
    assert_eq!(Evaluation::parse_all(&text).unwrap(), std::slice::from_ref(&found.evaluation));
}

fn any_json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,25})?([eE][+-]?[0-9]{1,3})?",
        "[a-z0-9 :T.-]{0,20}".prop_map(|text| serde_json::to_string(&text).unwrap()),
        "\\PC{0,9}".prop_map(|text| serde_json::to_string(&text).unwrap()),
        Just(r#""2026-05-11""#.to_owned()),
        Just(r#""2026-05-11T09:30:00Z""#.to_owned()),
    ];
    leaf.prop_recursive(5, 60, 6, |inner| {
        let key = prop_oneof![
            Just("rows"),
            Just("a"),
            Just("likelihood"),
            Just("likelihoods"),
            Just("data"),
            Just("pages"),
            Just("category"),
            Just("scores"),
            Just("splits"),
            Just("name"),
            Just("")
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(|items| format!("[{}]", items.join(","))),
            prop::collection::btree_map(key, inner, 0..6).prop_map(|entries| {
                let entries: Vec<String> =
                    entries.iter().map(|(key, value)| format!("\"{key}\":{value}")).collect();
                format!("{{{}}}", entries.join(","))
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever comes, the evaluation is bounded, and the same twice.
    #[test]
    fn any_output_has_one_bounded_evaluation(output in any_json(), likelihoods in any_json(), evidence in any_json(), block in prop::sample::select(BlockType::ALL)) {
        let case = case(block, output).likelihoods(likelihoods).evidence(evidence).schema(SCHEMA);
        for predicate in all_kinds() {
            let found = case.evaluate_parsed(&predicate);
            bounded(&found);
            prop_assert_eq!(case.evaluate_parsed(&predicate).evaluation, found.evaluation);
        }
    }

    /// There is no “not”: a predicate more in `any_of` never lets an output pass, one less in `all_of` neither.
    #[test]
    fn more_alternatives_hold_no_less(output in any_json(), chosen in prop::collection::vec(0_usize..100, 1..6)) {
        let case = case(BlockType::Extract, output);
        let all = all_kinds();
        let inner: Vec<Predicate> = chosen.iter().map(|index| all[index % all.len()].clone()).collect();
        let fired = |predicate: &Predicate| case.evaluate_parsed(predicate).evaluation.fired;
        let each: Vec<bool> = inner.iter().map(fired).collect();
        prop_assert_eq!(fired(&Predicate::AnyOf(inner.clone())), each.contains(&true));
        prop_assert_eq!(fired(&Predicate::AllOf(inner.clone())), !each.contains(&false));
        let found = case.evaluate_parsed(&Predicate::AnyOf(inner.clone()));
        let first = inner.iter().zip(&each).find(|(_, fired)| **fired).map(|(predicate, _)| predicate.json());
        prop_assert_eq!(found.triggered_by, first);
    }
}
