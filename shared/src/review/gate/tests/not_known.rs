//! What cannot be understood is not known, and fires; beside each the plain case that does not.

use super::*;
use EvaluationOutcome as As;

/// The word that the only predicate, or the only condition, came to.
#[track_caller]
fn outcome(case: &Case, predicate: &str) -> As {
    let found = case.evaluate(predicate);
    let leaf = found.evaluation.evaluations.first().unwrap_or(&found.evaluation);
    let outcome = leaf.outcome.unwrap();
    assert_eq!(found.evaluation.fired, outcome.fires(), "{predicate} of {case:?}");
    outcome
}

fn required(snapshot: &str, schema: &str) -> As {
    let case = case(BlockType::Extract, snapshot).schema(schema);
    outcome(&case, r#"{"kind": "any_required_field_null"}"#)
}

#[test]
fn a_schema_that_is_odd_is_not_known() {
    let output = r#"{"total": 1, "party": {"name": "x"}, "lines": [{"amount": 1}], "note": "n"}"#;
    for fine in [
        r#"{"required": ["total", "party"], "properties": {"total": {"type": "number"}, "party": {"required": ["name"]}}}"#.to_owned(),
        r#"{"required": ["total"], "additionalProperties": false, "$comment": 7, "x-of-ours": {"required": 7}}"#.to_owned(),
        r#"{"properties": {"total": true, "lines": {"items": {"required": ["amount"]}, "minItems": 1}, "absent": 7}}"#.to_owned(),
        r#"{"properties": {"lines": {"prefixItems": [{"required": ["amount"]}], "items": false}, "note": {"not": {"const": ""}}}}"#.to_owned(),
        r#"{"properties": {"party": {"anyOf": [{"required": ["name"]}, {"type": ["null"]}]}}}"#.to_owned(),
        r#"{"properties": {"party": {"oneOf": [{"enum": [null]}, {"required": ["name"]}]}}}"#.to_owned(),
        // One of several alternatives is complete.
        r#"{"properties": {"party": {"anyOf": [{"required": ["name"]}, {"required": ["name", "vat"]}]}}}"#.to_owned(),
        r#"{"properties": {"party": {"anyOf": [{"type": "string"}, {"type": "object", "required": ["name"]}]}}}"#.to_owned(),
        r#"{"properties": {"note": {"anyOf": [{"type": "string"}, {"type": "object", "required": ["name"]}]}}}"#.to_owned(),
        r#"{"properties": {"note": {"type": ["object", "string"], "required": ["name"]}, "total": {"if": {"const": 1}}}}"#.to_owned(),
        format!(r#"{{"properties": {{"note": {{"anyOf": [{}]}}}}}}"#, vec![r#"{"const": "n"}"#; 64].join(",")),
    ] {
        assert_eq!(required(output, &fine), As::NotMet, "{fine}");
    }
    let many = |keyword: &str| format!(r#"{{"{keyword}": [{}]}}"#, vec!["{}"; 65].join(","));
    let deep = format!(r##"{{"$ref": "#/$defs/0", "$defs": {{{}}}}}"##, {
        let links = (0..70).map(|at| format!(r##""{at}": {{"$ref": "#/$defs/{}"}}"##, at + 1));
        links.chain(["\"70\": {\"required\": [\"gone\"]}".to_owned()]).collect::<Vec<_>>().join(",")
    });
    for odd in [
        r#"{"required": "total"}"#.to_owned(),
        r#"{"required": {"total": true}}"#.to_owned(),
        r#"{"required": ["total", 7]}"#.to_owned(),
        r#"{"properties": {"total": {"required": true}}}"#.to_owned(),
        r#"{"properties": []}"#.to_owned(),
        r#"{"properties": {"party": null}}"#.to_owned(),
        r#"{"properties": {"party": "Party"}}"#.to_owned(),
        r#"{"properties": {"total": [{}]}}"#.to_owned(),
        r#"{"properties": {"lines": {"items": 7}}}"#.to_owned(),
        r#"{"properties": {"lines": {"items": [7]}}}"#.to_owned(),
        r#"{"properties": {"lines": {"items": [], "additionalItems": {"if": {}, "then": {"required": ["x"]}}}}}"#.to_owned(),
        r#"{"additionalProperties": "no"}"#.to_owned(),
        r#"{"allOf": {"required": ["gone"]}}"#.to_owned(),
        r#"{"allOf": [7]}"#.to_owned(),
        r#"{"anyOf": []}"#.to_owned(),
        r#"{"anyOf": [{"required": ["total"]}, "x"]}"#.to_owned(),
        r#"{"properties": {"party": {"anyOf": [{"required": ["name"]}, {"patternProperties": {}}]}}}"#.to_owned(),
        r#"{"type": 7}"#.to_owned(),
        r##"{"$dynamicRef": "#"}"##.to_owned(),
        r##"{"$recursiveRef": "#"}"##.to_owned(),
        r##"{"$ref": "#/$defs/none"}"##.to_owned(),
        r#"{"$ref": "other.json"}"#.to_owned(),
        r#"{"$ref": 7}"#.to_owned(),
        r#"{"patternProperties": {"^t": {"required": ["x"]}}}"#.to_owned(),
        r#"{"if": {}, "then": {"required": ["gone"]}}"#.to_owned(),
        r#"{"dependentRequired": {"total": ["gone"]}}"#.to_owned(),
        r#"{"dependentSchemas": {"total": {"required": ["gone"]}}}"#.to_owned(),
        r#"{"dependencies": {"total": ["gone"]}}"#.to_owned(),
        r#"{"unevaluatedProperties": {"required": ["gone"]}}"#.to_owned(),
        r#"{"not": {"not": {"required": ["gone"]}}}"#.to_owned(),
        r#"{"properties": {"note": {"items": {"required": ["x"]}}}}"#.to_owned(),
        many("allOf"),
        many("anyOf"),
        deep,
    ] {
        assert_eq!(required(output, &odd), As::NotKnown, "{odd}");
    }
}

#[test]
fn what_is_required_of_something_else_is_missing() {
    let schema = r#"{"properties": {"party": {"type": "object", "required": ["name"]}}}"#;
    for (party, came_to) in [
        (r#"{"name": "x"}"#, As::NotMet),
        ("null", As::NotMet),
        (r#"{"name": " "}"#, As::Empty),
        (r#"{"name": null}"#, As::NoValue),
        ("{}", As::Missing),
        (r#""Northwind""#, As::Missing),
        (r#"["Northwind"]"#, As::Missing),
        ("[]", As::Missing),
        ("7", As::Missing),
        ("true", As::Missing),
    ] {
        assert_eq!(required(&format!(r#"{{"party": {party}}}"#), schema), came_to, "{party}");
    }
    let either =
        r#"{"properties": {"party": {"anyOf": [{"required": ["name"]}, {"required": ["surname"]}]}}}"#;
    assert_eq!(required(r#"{"party": {"surname": ""}}"#, either), As::Missing);
    assert_eq!(required(r#"{"party": "x"}"#, either), As::Missing);
}

#[test]
fn likelihoods_that_are_none_are_not_known() {
    let output = r#"{"invoice": {"total": 1, "vat": 2}, "lines": [{"a": 1}, {"a": 2}], "notes": []}"#;
    let all = r#"{"kind": "confidence_lt", "threshold": 0.9}"#;
    let field = r#"{"kind": "field_confidence_lt", "path": "invoice.total", "threshold": 0.9}"#;
    for (likelihoods, of_all, of_field) in [
        (
            r#"{"invoice": {"total": 0.95, "vat": 0.9}, "lines": [{"a": 1}, {"a": 0.99}], "notes": []}"#,
            As::NotMet,
            As::NotMet,
        ),
        (r#"{"invoice": {"total": 0.95, "vat": 0.9}, "lines": 0.95}"#, As::NotMet, As::NotMet),
        (r#"{"likelihood": 0.95, "notes": null, "lines": []}"#, As::NotMet, As::NotMet),
        (r#"{"likelihoods": {"likelihood": 0.95}, "of_the_pages": [0.95, 1]}"#, As::NotMet, As::NotMet),
        (r#"{"likelihoods": {"likelihood": 0.95}, "of_the_pages": [0.95, 0.2]}"#, As::Met, As::NotMet),
        (
            r#"{"invoice": {"total": {"likelihood": 0.95, "of_digits": [0.99]}, "vat": 1}, "lines": 1}"#,
            As::NotMet,
            As::NotMet,
        ),
        // Beside one for all.
        (r#"{"likelihood": 0.95, "invoice": {"total": null}}"#, As::NotSent, As::NotSent),
        (r#"{"likelihood": 0.95, "invoice": null}"#, As::NotSent, As::NotSent),
        (r#"{"likelihood": 0.95, "invoice": []}"#, As::NotSent, As::NotSent),
        (r#"{"likelihood": 0.95, "lines": {"a": 0.99}}"#, As::NotSent, As::NotMet),
        (r#"{"likelihood": 0.95, "invoice": {"total": [0.99]}}"#, As::NotSent, As::NotSent),
        (r#"{"likelihood": 0.95, "invoice": {"total": "0.99"}}"#, As::NotKnown, As::NotKnown),
        (r#"{"likelihood": 0.95, "invoice": {"total": 1.01}}"#, As::NotKnown, As::NotKnown),
        (r#"{"likelihood": 0.95, "invoice": {"total": -0.5}}"#, As::NotKnown, As::NotKnown),
        (r#"{"likelihood": 0.95, "invoice": {"total": true, "vat": 0.2}}"#, As::Met, As::NotKnown),
        (r#"{"likelihood": "high"}"#, As::NotKnown, As::NotKnown),
        (r#"{"likelihood": [0.99]}"#, As::NotKnown, As::NotKnown),
        // A low one of what it is in counts beside its own.
        (r#"{"likelihood": 0.5, "invoice": {"total": 0.99}}"#, As::Met, As::Met),
        (r#"{"likelihood": 0.95, "invoice": {"likelihood": 0.5, "total": 0.99}}"#, As::Met, As::Met),
    ] {
        let case = case(BlockType::Extract, output).likelihoods(likelihoods);
        assert_eq!((outcome(&case, all), outcome(&case, field)), (of_all, of_field), "{likelihoods}");
    }
    let listed = |evidence: &str| case(BlockType::Extract, r#"{"invoice": {"total": 1}}"#).evidence(evidence);
    for (evidence, came_to) in [
        (r#"[{"path": "/invoice/total", "confidence": 0.95}, {"path": "/invoice", "page": 1}]"#, As::NotMet),
        (
            r#"[{"path": "/invoice", "confidence": 0.5}, {"path": "/invoice/total", "confidence": 0.95}]"#,
            As::Met,
        ),
        (r#"[{"path": "/invoice/total", "confidence": "0.95"}]"#, As::NotKnown),
        (
            r#"[{"path": "/invoice/total", "confidence": 0.95}, {"path": "/invoice/total", "confidence": 7}]"#,
            As::NotKnown,
        ),
        (
            r#"[{"path": 7, "confidence": 0.95}, {"path": "/invoice/total", "confidence": 0.95}]"#,
            As::NotKnown,
        ),
        (r#"[7, {"path": "/invoice/total", "confidence": 0.95}]"#, As::NotKnown),
        ("{}", As::NotKnown),
        (r#"[{"path": "/invoice/total", "confidence": null}]"#, As::NotSent),
    ] {
        assert_eq!(
            (outcome(&listed(evidence), all), outcome(&listed(evidence), field)),
            (came_to, came_to),
            "{evidence}"
        );
    }
}

#[test]
fn a_likelihood_that_was_not_sent_meets_what_is_asked_of_it() {
    let case = case(BlockType::Extract, r#"{"a": 1, "group": {"b": 1, "c": 2}, "notes": [], "odd": 1}"#)
        .likelihoods(r#"{"group": {"b": 0.95}, "odd": "x"}"#);
    let of = |path: &str, operator: &str, value: Option<&str>| {
        case.evaluate_parsed(&condition(path, operator, value).unwrap()).evaluation.evaluations[0]
            .outcome
            .unwrap()
    };
    for operator in Operator::ALL
        .iter()
        .filter(|it| it.takes_value() || matches!(it, Operator::IsTrue | Operator::IsFalse))
    {
        let value = match operator {
            it if !it.takes_value() => None,
            Operator::IsAfter
            | Operator::IsBefore
            | Operator::IsAfterOrEqualTo
            | Operator::IsBeforeOrEqualTo => Some(r#""2026-05-11""#),
            Operator::MatchesRegex => Some(r#""x""#),
            _ => Some("0"),
        };
        let (name, lower) = (
            operator.as_str(),
            matches!(operator, Operator::IsGreaterThan | Operator::IsGreaterThanOrEqualTo),
        );
        let not_sent = [of("likelihoods.a", name, value), of("likelihoods.none", name, value)];
        assert_eq!(not_sent, [As::NotSent; 2], "{name}");
        assert_eq!(of("likelihoods.odd", name, value), As::NotKnown, "{name}");
        // Of a group that lacks one: only what it has can be too low.
        let of_group = of("likelihoods.group", name, value);
        assert_eq!(of_group, if lower { As::Met } else { As::NotSent }, "{name}");
    }
    for (path, operator, came_to) in [
        ("likelihoods.a", "exists", As::NotMet),
        ("likelihoods.a", "does_not_exist", As::Met),
        ("likelihoods.a", "is_empty", As::Met),
        ("likelihoods.a", "is_not_empty", As::NotMet),
        ("likelihoods.odd", "exists", As::Met),
        ("likelihoods.group.b", "is_empty", As::NotMet),
    ] {
        assert_eq!(of(path, operator, None), came_to, "{path} {operator}");
    }
    assert_eq!(of("likelihoods.group.b", "is_less_than", Some("0.95")), As::NotMet);
    assert_eq!(of("likelihoods.group.b", "starts_with", Some("0.9")), As::Met);
    assert_eq!(of("likelihoods.notes.*", "is_less_than", Some("0.95")), As::NotMet);
}

#[test]
fn choices_that_cannot_be_read_are_not_known() {
    let margin = r#"{"kind": "top_margin_lt", "margin": 0.2}"#;
    let of = |output: &str| outcome(&case(BlockType::Classifier, output), margin);
    for (output, came_to) in [
        (r#"{"category": "a", "scores": {"a": 0.7, "b": 0.3}}"#, As::NotMet),
        (
            r#"{"label": "a", "scores": [{"label": "a", "score": 0.7}, {"name": "b", "probability": 0.3}]}"#,
            As::NotMet,
        ),
        (r#"{"category": "a", "choices": {"a": {"score": 0.7}, "b": {"score": 0.3}}}"#, As::NotMet),
        // A double of many digits.
        (
            r#"{"category": "a", "scores": {"a": 0.99998765432109871, "b": 1.2345678901234567e-05}}"#,
            As::NotMet,
        ),
        (
            r#"{"category": "a", "scores": {"a": 0.6, "b": 0.4000000000000000000000000000000000000000000000001}}"#,
            As::Met,
        ),
        (r#"{"category": "a", "scores": {"a": 0.7, "b": 0.6}}"#, As::Met),
        (r#"{"scores": {"a": 0.7, "b": 0.3}}"#, As::NotKnown),
        (r#"{"category": 7, "label": "a", "scores": {"a": 0.7, "b": 0.3}}"#, As::NotKnown),
        (r#"{"category": " ", "scores": {" ": 0.7, "b": 0.3}}"#, As::NotKnown),
        (r#"{"category": "c", "scores": {"a": 0.7, "b": 0.3}}"#, As::NotKnown),
        (r#"{"category": "a", "scores": {"a": "0.7", "b": 0.3, "c": 0.1}}"#, As::NotKnown),
        (r#"{"category": "a", "scores": {"a": 0.7, "b": null, "c": 0.1}}"#, As::NotKnown),
        (r#"{"category": "a", "scores": {"a": 70, "b": 30}}"#, As::NotKnown),
        (r#"{"category": "a", "scores": {"a": 0.7, "b": -0.3}}"#, As::NotKnown),
        (
            r#"{"category": "a", "scores": [{"label": "a", "value": 0.7}, {"label": "b", "value": 0.3}]}"#,
            As::NotKnown,
        ),
        (
            r#"{"category": "a", "scores": [{"label": "a", "score": 0.7}, {"score": 0.65}, {"label": "c", "score": 0.1}]}"#,
            As::NotKnown,
        ),
        (
            r#"{"category": "a", "scores": [{"label": "a", "score": 0.7}, null, {"label": "c", "score": 0.1}]}"#,
            As::NotKnown,
        ),
        (
            r#"{"category": "a", "scores": [{"label": "a", "score": 0.9}, {"label": "a", "score": 0.1}]}"#,
            As::NotKnown,
        ),
        (r#"{"category": "a", "scores": "high"}"#, As::NotKnown),
        (r#"{"category": "a"}"#, As::NotSent),
        (r#"{"category": "a", "scores": {"a": 0.7}}"#, As::NotSent),
    ] {
        assert_eq!(of(output), came_to, "{output}");
    }
    // The likelihoods mirror the scores of the output.
    let mirrored = case(
        BlockType::Classifier,
        r#"{"label": "a", "scores": [{"label": "a", "score": 0.9}, {"label": "b", "score": 0.1}]}"#,
    )
    .likelihoods(r#"{"label": 0.9, "scores": [{"label": 0.9, "score": 0.9}, {"label": 1, "score": 1}]}"#);
    assert_eq!(outcome(&mirrored, margin), As::NotMet);

    let confidence = r#"{"kind": "confidence_lt", "threshold": 0.8}"#;
    let of = |output: &str, likelihoods: &str| {
        outcome(&case(BlockType::Classifier, output).likelihoods(likelihoods), confidence)
    };
    let label = r#"{"category": "a"}"#;
    for (likelihoods, came_to) in [
        (r#"{"likelihood": 0.9}"#, As::NotMet),
        (r#"{"category": 0.9, "reasoning": null}"#, As::NotMet),
        (r#"{"category": {"likelihood": 0.9}}"#, As::NotMet),
        (r#"{"scores": {"a": 0.9, "b": 0.1}}"#, As::NotMet),
        (r#"{"likelihood": 0.9, "category": 0.7}"#, As::Met),
        (r#"{"likelihood": 0.9, "category": null}"#, As::NotSent),
        (r#"{"likelihood": 0.9, "category": [1]}"#, As::NotSent),
        (r#"{"likelihood": 0.9, "category": "sure"}"#, As::NotKnown),
        (r#"{"likelihood": 90}"#, As::NotKnown),
        (r#"{"likelihood": null, "scores": {"a": 0.9}}"#, As::NotSent),
        (r#"{"scores": {"a": 0.9, "b": "0.1"}}"#, As::NotKnown),
        (r#"{"scores": {"c": 0.9, "b": 0.1}}"#, As::NotSent),
    ] {
        assert_eq!(of(label, likelihoods), came_to, "{likelihoods}");
    }
    assert_eq!(of(r#"{"category": "a", "scores": {"a": 9}}"#, "{}"), As::NotKnown);
}

#[test]
fn a_category_or_branch_that_cannot_be_read_is_not_known() {
    let categories = r#"{"kind": "category_in", "categories": ["credit_note"]}"#;
    let branches = r#"{"kind": "branch_in", "branches": ["refuse"]}"#;
    for (value, came_to) in [
        (r#""pay""#, As::NotMet),
        ("7", As::NotKnown),
        ("null", As::NotKnown),
        (r#"["pay"]"#, As::NotKnown),
        (r#"" ""#, As::NotKnown),
    ] {
        let category = case(BlockType::Classifier, format!(r#"{{"category": {value}, "label": "pay"}}"#));
        let branch = case(BlockType::Conditional, format!(r#"{{"branch": {value}, "result": "pay"}}"#));
        assert_eq!(
            (outcome(&category, categories), outcome(&branch, branches)),
            (came_to, came_to),
            "{value}"
        );
    }
}

#[test]
fn parts_that_are_none_are_not_known() {
    let asked = [
        r#"{"kind": "split_count_neq", "expected": 2}"#,
        r#"{"kind": "any_split_pages_lt", "min_pages": 1}"#,
        r#"{"kind": "boundary_confidence_lt", "threshold": 0.8}"#,
    ];
    let tree = r#"{"splits": [{"name": 0.9, "pages": [0.9]}, {"name": 0.9, "pages": [0.9]}]}"#;
    let of = |output: &str| {
        let case = case(BlockType::Split, output).likelihoods(tree);
        asked.map(|predicate| outcome(&case, predicate))
    };
    let (fine, odd) = (As::NotMet, As::NotKnown);
    for (output, came_to) in [
        (r#"{"splits": [{"name": "a", "pages": [1]}, {"name": "b", "pages": [2]}]}"#, [fine; 3]),
        (r#"{"splits": [{"name": "a", "pages": [1]}, {"name": "a", "page_count": 1}]}"#, [fine; 3]),
        (r#"{"splits": [], "documents": [{"pages": [1]}, {"pages": [2]}]}"#, [As::Met, odd, odd]),
        (r#"{"splits": null, "documents": [{"pages": [1]}, {"pages": [2]}]}"#, [odd; 3]),
        (r#"{"splits": [{"name": "a", "pages": [1]}, null]}"#, [odd; 3]),
        (r#"{"splits": [{"name": "a", "pages": [1]}, {}]}"#, [odd; 3]),
        (r#"{"splits": ["a", "b"]}"#, [odd; 3]),
        // Another list than one of parts.
        (r#"{"warnings": ["a", "b"]}"#, [odd; 3]),
        (r#"{"warnings": [{"text": "a"}, {"text": "b"}]}"#, [odd; 3]),
        (r#"{"warnings": []}"#, [odd; 3]),
        (
            r#"{"splits": [{"name": "a", "pages": [1]}, {"name": "b", "pages": "2", "page_count": 1}]}"#,
            [fine, odd, fine],
        ),
        (
            r#"{"splits": [{"name": "a", "pages": [1]}, {"name": "b", "pages": [2], "page_count": null}]}"#,
            [fine, odd, fine],
        ),
        (
            r#"{"splits": [{"name": "a", "pages": [1]}, {"name": "b", "page_count": 3, "pages": []}]}"#,
            [fine, As::Met, fine],
        ),
    ] {
        assert_eq!(of(output), came_to, "{output}");
    }
    assert_eq!(
        outcome(
            &case(BlockType::Split, r#"{"splits": []}"#),
            r#"{"kind": "split_count_neq", "expected": 0}"#
        ),
        fine
    );
    let only = case(BlockType::Split, r#"{"sections": [{"name": "a"}, {"pages": [2]}], "total": 2}"#);
    assert_eq!(outcome(&only, asked[0]), fine);
}

#[test]
fn likelihoods_of_parts_and_pages_that_lack_one_are_not_sent() {
    let boundary = r#"{"kind": "boundary_confidence_lt", "threshold": 0.8}"#;
    let split = r#"{"splits": [{"name": "a", "pages": [1, 2]}, {"name": "b", "pages": [3]}]}"#;
    let twins = r#"{"splits": [{"name": "a", "pages": [1, 2]}, {"name": "a", "pages": [3]}]}"#;
    let of = |output: &str, likelihoods: &str| {
        outcome(&case(BlockType::Split, output).likelihoods(likelihoods), boundary)
    };
    for (likelihoods, came_to) in [
        (r#"{"splits": [0.9, 0.95]}"#, As::NotMet),
        (r#"{"splits": [{"name": 0.9}, {"likelihood": 0.9, "pages": [], "reasoning": null}]}"#, As::NotMet),
        (r#"{"splits": [{"pages": [0.9, 0.9]}, {"pages": 0.9}]}"#, As::NotMet),
        (r#"{"splits": {"a": 0.9, "b": {"name": 0.9}}}"#, As::NotMet),
        (r#"{"splits": [{"name": 0.9, "pages": [0.9]}, 0.9]}"#, As::NotSent),
        (r#"{"splits": [{"name": 0.9, "pages": [0.9, null]}, 0.9]}"#, As::NotSent),
        (r#"{"splits": [{"name": 0.9, "pages": null}, 0.9]}"#, As::NotSent),
        (r#"{"splits": [{"name": null, "pages": [0.9, 0.9]}, 0.9]}"#, As::NotSent),
        (r#"{"splits": [0.9, null]}"#, As::NotSent),
        (r#"{"splits": 0.9}"#, As::NotSent),
        (r#"{"splits": [{"name": 0.9, "pages": [0.9, [0.9]]}, 0.9]}"#, As::NotKnown),
        (r#"{"splits": [{"name": 0.9, "pages": [0.9, 9]}, 0.9]}"#, As::NotKnown),
        (r#"{"splits": [0.9, "b"]}"#, As::NotKnown),
        (r#"{"splits": [0.9, 0.9, 0.1]}"#, As::Met),
    ] {
        assert_eq!(of(split, likelihoods), came_to, "{likelihoods}");
    }
    assert_eq!(of(twins, r#"{"splits": [0.9, 0.95]}"#), As::NotMet);
    assert_eq!(of(twins, r#"{"splits": {"a": 0.9}}"#), As::NotKnown);
    assert_eq!(of(r#"{"splits": [{"pages": [1]}]}"#, r#"{"splits": {"a": 0.9}}"#), As::NotKnown);
    let listed = |evidence: &str| outcome(&case(BlockType::Split, split).evidence(evidence), boundary);
    let entry = |place: &str, confidence: &str| {
        format!(r#"{{"path": "/splits/{place}", "confidence": {confidence}}}"#)
    };
    for (entries, came_to) in [
        (vec![entry("0", "0.9"), entry("1/name", "0.9")], As::NotMet),
        (vec![entry("0/pages/0", "0.9"), entry("0/pages/1", "0.9"), entry("1", "0.9")], As::NotMet),
        (vec![entry("0", "0.9"), entry("0/pages/1", "0.5"), entry("1", "0.9")], As::Met),
        (vec![entry("0/pages/0", "0.9"), entry("1", "0.9")], As::NotSent),
        (vec![entry("0", "0.9"), entry("0/pages/1", "\"x\""), entry("1", "0.9")], As::NotKnown),
        (vec![entry("0", "0.9"), entry("10", "0.9")], As::NotSent),
    ] {
        assert_eq!(listed(&format!("[{}]", entries.join(","))), came_to, "{entries:?}");
    }
}
