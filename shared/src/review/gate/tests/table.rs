//! Predicates × documented examples × hostile input: what each comes to, and that the work grows with the input and not faster.

use super::*;
use EvaluationOutcome as As;

/// A predicate as it is documented, with an output of the shape that it asks for: `@` is the value that it needs, `…` where a list
/// goes on.
struct Row {
    predicate: &'static str,
    block: BlockType,
    snapshot: &'static str,
    likelihoods: &'static str,
    schema: &'static str,
    /// One that is held, and one that is not.
    held: &'static str,
    passed: &'static str,
    /// Values that look hostile, and are good ones here.
    good: &'static [&'static str],
}

const ROWS: [Row; 12] = [
    Row {
        predicate: r#"{"kind":"confidence_lt","threshold":0.8}"#,
        block: BlockType::Extract,
        snapshot: r#"{"total":12.50,"rows":[{"a":1}…]}"#,
        likelihoods: r#"{"total":@,"rows":1}"#,
        schema: "{}",
        held: "0.79",
        passed: "0.80",
        good: &[],
    },
    Row {
        predicate: r#"{"kind":"field_confidence_lt","path":"$.invoice.total","threshold":0.9}"#,
        block: BlockType::Extract,
        snapshot: r#"{"invoice":{"total":12.50},"rows":[{"a":1}…]}"#,
        likelihoods: r#"{"invoice":{"total":@}}"#,
        schema: "{}",
        held: "0.71",
        passed: "9e-1",
        good: &[],
    },
    Row {
        predicate: r#"{"kind":"field_confidence_lt","path":"rows.*.a","threshold":0.9}"#,
        block: BlockType::Extract,
        snapshot: r#"{"rows":[{"a":1}…]}"#,
        likelihoods: r#"{"rows":[{"a":@}…]}"#,
        schema: "{}",
        held: "0.899999999999999999999",
        passed: "0.9",
        good: &[],
    },
    Row {
        predicate: r#"{"kind":"any_required_field_null"}"#,
        block: BlockType::Extract,
        snapshot: r#"{"total":1,"rows":[{"a":1,"b":{"c":"x"}}…]}"#,
        likelihoods: "{}",
        schema: r#"{"required":["total"],"properties":{"rows":{"items":{"properties":{"b":{"anyOf":[@,{"required":["d"]}]}}}}}}"#,
        held: r#"{"required":["e"]}"#,
        passed: r#"{"required":["c"]}"#,
        good: &["{}", "true", r#"{"a":{"a":{}}}"#],
    },
    Row {
        predicate: r#"{"kind":"validation_failed"}"#,
        block: BlockType::Conditional,
        snapshot: r#"{"rows":[{"a":1}…]}"#,
        likelihoods: "{}",
        schema: r#"{"properties":{"rows":{"items":{"properties":{"a":@}}}}}"#,
        held: r#"{"type":"string"}"#,
        passed: r#"{"type":"number"}"#,
        good: &["{}", "true", r#"{"a":{"a":{}}}"#],
    },
    Row {
        predicate: r#"{"kind":"category_in","categories":["credit_note","other"]}"#,
        block: BlockType::Classifier,
        snapshot: r#"{"category":@,"rows":[1…]}"#,
        likelihoods: "{}",
        schema: "{}",
        held: r#""other""#,
        passed: r#""invoice""#,
        good: &[r#""NaN""#, r#""Infinity""#, r#""0.5""#],
    },
    Row {
        predicate: r#"{"kind":"top_margin_lt","margin":0.2}"#,
        block: BlockType::Classifier,
        snapshot: r#"{"category":"a","scores":[{"label":"a","score":0.9},{"label":"b#","score":@}…]}"#,
        likelihoods: "{}",
        schema: "{}",
        held: "0.71",
        passed: "0.70",
        good: &[],
    },
    Row {
        predicate: r#"{"kind":"split_count_neq","expected":3}"#,
        block: BlockType::Split,
        snapshot: r#"{"splits":[{"name":"a"},{"name":"b"},@]}"#,
        likelihoods: "{}",
        schema: "{}",
        held: r#"{"name":"c"},{"name":"d"}"#,
        passed: r#"{"name":"c"}"#,
        good: &[r#"{"a":{"a":{}}}"#],
    },
    Row {
        predicate: r#"{"kind":"any_split_pages_lt","min_pages":2}"#,
        block: BlockType::Split,
        snapshot: r#"{"splits":[{"pages":@}…]}"#,
        likelihoods: "{}",
        schema: "{}",
        held: "[1]",
        passed: r#"{"first":3,"last":4}"#,
        good: &[],
    },
    Row {
        predicate: r#"{"kind":"boundary_confidence_lt","threshold":0.8}"#,
        block: BlockType::Split,
        snapshot: r#"{"splits":[{"name":"p#","pages":[1,2]}…]}"#,
        likelihoods: r#"{"splits":[{"name":0.9,"pages":[0.9,@]}…]}"#,
        schema: "{}",
        held: "0.55",
        passed: "0.8",
        good: &[],
    },
    Row {
        predicate: r#"{"kind":"branch_in","branches":["pay_without_approval"]}"#,
        block: BlockType::Conditional,
        snapshot: r#"{"branch":@,"rows":[1…]}"#,
        likelihoods: "{}",
        schema: "{}",
        held: r#""pay_without_approval""#,
        passed: r#""pay""#,
        good: &[r#""NaN""#, r#""Infinity""#, r#""0.5""#],
    },
    Row {
        predicate: r#"{"kind":"json_condition","condition":{"logical_operator":"or","sub_conditions":[{"path":"likelihoods.rows.*.a","operator":"is_less_than","value":0.85}]}}"#,
        block: BlockType::Extract,
        snapshot: r#"{"rows":[{"a":1}…]}"#,
        likelihoods: r#"{"rows":[{"a":@}…]}"#,
        schema: "{}",
        held: "0.84",
        passed: "0.850",
        good: &[],
    },
];

/// What is none of what predicates ask for.
const HOSTILE: [&str; 14] = [
    "null",
    "true",
    r#""NaN""#,
    r#""Infinity""#,
    r#""0.5""#,
    r#""""#,
    "[]",
    "{}",
    "[null]",
    r#"{"a":{"a":{}}}"#,
    "1e400",
    "-1",
    "1.0000000001",
    "99999999999999999999999999999999",
];

impl Row {
    /// The case with so many elements, and this value in each.
    fn case(&self, value: &str, count: usize) -> Case {
        let fill = |text: &str| {
            let text = text.replace('@', value);
            // The element in front of `…`, from its opening brace.
            let Some((before, after)) = text.split_once('…') else { return text };
            let mut depth = 0_usize;
            let start = before
                .char_indices()
                .rev()
                .find(|(_, sign)| {
                    depth += usize::from(matches!(sign, '}' | ']'));
                    depth -= usize::from(matches!(sign, '{' | '[') && depth > 0);
                    depth == 0
                })
                .map_or(0, |(at, _)| at);
            let (head, element) = before.split_at(start);
            let all: Vec<String> = (0..count).map(|at| element.replace('#', &at.to_string())).collect();
            format!("{head}{}{after}", all.join(","))
        };
        let mut case = case(self.block, fill(self.snapshot)).likelihoods(fill(self.likelihoods));
        case.schema = Some(fill(self.schema));
        case
    }

    fn outcome(&self, value: &str) -> As {
        let found = self.case(value, 3).evaluate(self.predicate);
        found.evaluation.evaluations.first().unwrap_or(&found.evaluation).outcome.unwrap()
    }
}

#[test]
fn each_documented_predicate_holds_what_it_says_and_what_is_hostile() {
    for row in &ROWS {
        assert!(row.outcome(row.held).fires(), "{} {}", row.predicate, row.held);
        assert_eq!(row.outcome(row.passed), As::NotMet, "{} {}", row.predicate, row.passed);
        for value in HOSTILE.iter().filter(|value| !row.good.contains(value)) {
            assert!(row.outcome(value).fires(), "{} passes with {value}", row.predicate);
        }
        for value in row.good {
            assert_eq!(row.outcome(value), As::NotMet, "{} {value}", row.predicate);
        }
    }
}

/// Counted, not timed.
#[test]
fn the_work_of_each_documented_predicate_is_linear() {
    for row in &ROWS {
        for value in HOSTILE.iter().chain([&row.held, &row.passed]) {
            let steps = |count: usize| {
                let found = row.case(value, count).evaluate(row.predicate);
                assert!(found.is_complete, "{} {value}", row.predicate);
                found.steps
            };
            let (small, large) = (steps(1_000), steps(10_000));
            assert!(
                large <= small * 11 + 1_000,
                "{} {value}: {small} steps for 1,000, {large} for 10,000",
                row.predicate
            );
        }
    }
}

/// Compiling is work, too, and its steps are known before: fifty of the largest leave most of an evaluation's.
#[test]
fn regular_expressions_are_compiled_within_bounds() {
    let of = |pattern: &str| condition("a", "matches_regex", Some(&serde_json::to_string(pattern).unwrap()));
    let steps = |pattern: &str| of(pattern).unwrap().compiling();
    assert_eq!(of("x").unwrap().inner().len(), 0);
    assert!(steps("^a$") > 0 && steps(r"^\w{7} ") > 5 * steps("^a$"));
    let (mut largest, mut count) = (0, 0);
    for pattern in [r"\pL{1,200}", r"(?i)\w{40}", r"[^\x00]{100}", &"\\pL".repeat(166), &"(a|b)".repeat(100)]
    {
        if let Ok(predicate) = of(pattern) {
            (largest, count) = (largest.max(predicate.compiling()), count + 1);
        }
    }
    assert!(count > 1 && largest * 50 < crate::review::gate::work::Work::ALL / 2, "{largest} of {count}");
    let output = case(BlockType::Extract, r#"{"a":"x"}"#);
    let (none, one) = (condition("a", "is_true", None).unwrap(), of("^x$").unwrap());
    assert!(output.evaluate_parsed(&one).steps > output.evaluate_parsed(&none).steps + one.compiling() / 2);
}

#[test]
fn a_path_as_deep_as_there_can_be_is_followed() {
    let steps = vec!["a"; MAX_STEPS];
    let nested = |leaf: &str| format!("{}{leaf}{}", r#"{"a":"#.repeat(MAX_STEPS), "}".repeat(MAX_STEPS));
    let predicate =
        format!(r#"{{"kind":"field_confidence_lt","path":"{}","threshold":0.9}}"#, steps.join("."));
    let fired = |likelihoods: String| {
        case(BlockType::Extract, nested("1")).likelihoods(likelihoods).evaluate(&predicate).evaluation.fired
    };
    assert!(!fired(nested("0.9")) && fired(nested("0.89")) && fired(nested("null")) && fired("{}".into()));
}
