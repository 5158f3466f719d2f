//! Tables of predicates: the reference's documented examples, and hostile input.

mod conditions;
mod garbage;
mod hostile;
mod not_known;
mod predicates;
mod table;

use super::*;
use crate::review::{BlockId, BlockType, JsonText, RunId};
use serde_json::{Value, json};

/// What is evaluated, as JSON texts.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub(super) block: BlockType,
    pub(super) run: String,
    pub(super) snapshot: String,
    pub(super) schema: Option<String>,
    pub(super) likelihoods: Option<String>,
    pub(super) evidence: Option<String>,
}

pub(super) fn case(block: BlockType, snapshot: impl Into<String>) -> Case {
    Case {
        block,
        run: "run_1".into(),
        snapshot: snapshot.into(),
        schema: None,
        likelihoods: None,
        evidence: None,
    }
}

impl Case {
    pub(super) fn likelihoods(mut self, text: impl Into<String>) -> Self {
        self.likelihoods = Some(text.into());
        self
    }

    pub(super) fn evidence(mut self, text: impl Into<String>) -> Self {
        self.evidence = Some(text.into());
        self
    }

    pub(super) fn schema(mut self, text: impl Into<String>) -> Self {
        self.schema = Some(text.into());
        self
    }

    pub(super) fn evaluate(&self, predicate: &str) -> Outcome {
        self.evaluate_parsed(&parse(&serde_json::from_str(predicate).unwrap(), predicate))
    }

    pub(super) fn evaluate_parsed(&self, predicate: &Predicate) -> Outcome {
        let json = |text: &String| JsonText::parse(text.clone()).unwrap();
        let (schema, likelihoods, evidence) = (
            self.schema.as_ref().map(json),
            self.likelihoods.as_ref().map(json),
            self.evidence.as_ref().map(json),
        );
        evaluate(
            predicate,
            Subject {
                run: &RunId::parse(&self.run).unwrap(),
                block: &BlockId::parse("block").unwrap(),
                block_type: self.block,
                snapshot: &json(&self.snapshot),
                json_schema: schema.as_ref(),
                likelihoods: likelihoods.as_ref(),
                evidence: evidence.as_ref(),
            },
        )
    }
}

/// The text of a number or another value in a predicate, where serde's own would lose its digits.
fn raw(source: &str, name: &str) -> String {
    let start = source.find(&format!("\"{name}\":")).unwrap() + name.len() + 3;
    let rest = source[start..].trim_start();
    let end = rest.find([',', '}']).unwrap();
    rest[..end].trim().to_owned()
}

/// A predicate from JSON: without the checks that `functions/gate` makes.
pub(super) fn parse(value: &Value, source: &str) -> Predicate {
    let text = |name: &str| value[name].as_str().unwrap().to_owned();
    let bound = |name: &str| Bound::parse(&raw(source, name)).unwrap();
    let whole = |name: &str| u32::try_from(value[name].as_u64().unwrap()).unwrap();
    let names = |name: &str| {
        value[name].as_array().unwrap().iter().map(|it| it.as_str().unwrap().to_owned()).collect()
    };
    let inner =
        || value["predicates"].as_array().unwrap().iter().map(|it| parse(it, &it.to_string())).collect();
    match PredicateKind::parse(&text("kind")).unwrap() {
        PredicateKind::Always => Predicate::Always,
        PredicateKind::ValidationFailed => Predicate::ValidationFailed,
        PredicateKind::ConfidenceLt => Predicate::ConfidenceLt { threshold: bound("threshold") },
        PredicateKind::FieldConfidenceLt => Predicate::FieldConfidenceLt {
            path: Path::parse(&text("path")).unwrap(),
            threshold: bound("threshold"),
        },
        PredicateKind::AnyRequiredFieldNull => Predicate::AnyRequiredFieldNull,
        PredicateKind::CategoryIn => Predicate::CategoryIn { categories: names("categories") },
        PredicateKind::TopMarginLt => Predicate::TopMarginLt { margin: bound("margin") },
        PredicateKind::SplitCountNeq => Predicate::SplitCountNeq { expected: whole("expected") },
        PredicateKind::AnySplitPagesLt => Predicate::AnySplitPagesLt { min_pages: whole("min_pages") },
        PredicateKind::BoundaryConfidenceLt => {
            Predicate::BoundaryConfidenceLt { threshold: bound("threshold") }
        }
        PredicateKind::BranchIn => Predicate::BranchIn { branches: names("branches") },
        PredicateKind::JsonCondition => {
            let condition = &value["condition"];
            let sub_conditions = condition["sub_conditions"].as_array().unwrap().iter();
            Predicate::JsonCondition(Condition {
                logical_operator: LogicalOperator::parse(condition["logical_operator"].as_str().unwrap())
                    .unwrap(),
                sub_conditions: sub_conditions.map(sub_condition).collect(),
            })
        }
        PredicateKind::Sample => Predicate::Sample { percent: bound("percent") },
        PredicateKind::AnyOf => Predicate::AnyOf(inner()),
        PredicateKind::AllOf => Predicate::AllOf(inner()),
    }
}

fn sub_condition(of: &Value) -> SubCondition {
    let path = Path::parse(of["path"].as_str().unwrap()).unwrap();
    let value = of.get("value").map(Value::to_string);
    SubCondition::new(path, Operator::parse(of["operator"].as_str().unwrap()).unwrap(), value.as_deref())
        .unwrap()
}

/// One condition as a predicate.
pub(super) fn condition(path: &str, operator: &str, value: Option<&str>) -> Result<Predicate, &'static str> {
    let operator = Operator::parse(operator).unwrap();
    let condition = SubCondition::new(Path::parse(path).unwrap(), operator, value)?;
    let sub_conditions = vec![condition];
    Ok(Predicate::JsonCondition(Condition { logical_operator: LogicalOperator::And, sub_conditions }))
}

#[test]
fn a_predicate_is_the_same_json_with_the_digits_that_came() {
    for text in [
        r#"{"kind":"always"}"#,
        r#"{"kind":"field_confidence_lt","path":"$.a[\"b\"]","threshold":0.90}"#,
        r#"{"kind":"top_margin_lt","margin":2e-1}"#,
        r#"{"kind":"category_in","categories":["a","é\n\""]}"#,
        r#"{"kind":"sample","percent":2.50}"#,
    ] {
        assert_eq!(parse(&serde_json::from_str(text).unwrap(), text).json(), text);
    }
    let whole = json!({ "kind": "all_of", "predicates": [
        { "kind": "split_count_neq", "expected": 2 }, { "kind": "any_split_pages_lt", "min_pages": 3 },
        { "kind": "any_of", "predicates": [{ "kind": "branch_in", "branches": ["x"] }] },
        { "kind": "json_condition", "condition": { "logical_operator": "or", "sub_conditions": [
            { "path": "a", "operator": "is_equal_to", "value": { "b": [1, "x"] } }, { "path": "b", "operator": "exists" },
        ] } },
    ] });
    let again: Value = serde_json::from_str(&parse(&whole, "").json()).unwrap();
    assert_eq!(again, whole);
}

#[test]
fn an_evaluation_is_read_back_as_it_was_stored() {
    let found = case(BlockType::Extract, r#"{"a": 1.50}"#).evaluate(
        r#"{"kind": "any_of", "predicates": [{"kind": "always"}, {"kind": "field_confidence_lt", "path": "a", "threshold": 0.9}]}"#,
    );
    let all = vec![found.evaluation];
    let text = Evaluation::text_of(&all).unwrap();
    assert_eq!(Evaluation::parse_all(&text).as_ref(), Some(&all));
    let value: Value = serde_json::from_str(text.as_str()).unwrap();
    let keys: Vec<&String> = value[0].as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        ["actual", "evaluations", "expected", "fired", "kind", "operator", "outcome", "path", "reason"]
    );
    let leaf = &all[0].evaluations[1];
    assert_eq!(
        (leaf.outcome, leaf.place.as_deref(), leaf.count),
        (Some(EvaluationOutcome::NotSent), Some("/a"), 1)
    );
    assert_eq!(EvaluationOutcome::ALL.iter().filter(|it| !it.fires()).count(), 1);
}

/// What a build before the words stored, and what a later one may.
#[test]
fn an_evaluation_without_a_known_word_is_read() {
    for more in ["", r#","outcome":null,"count":0"#, r#","outcome":"of_a_later_build","count":7,"new":[]"#] {
        let text = format!(
            r#"[{{"kind":"always","path":null,"operator":null,"expected":null,"actual":null,"fired":true,"reason":"x","evaluations":[]{more}}}]"#
        );
        let all = Evaluation::parse_all(&JsonText::parse(text).unwrap()).unwrap();
        assert_eq!((all[0].outcome, all[0].reason.as_str(), all[0].fired), (None, "x", true), "{more}");
    }
}
