//! Evaluations and their sentences.

use super::*;

fn said(evaluation: &str) -> Vec<String> {
    let evaluations: Vec<Evaluation> = serde_json::from_str(evaluation).unwrap();
    sentences(&evaluations, &|path| crate::checks::label::label(None, path))
}

/// One evaluation that fired; `place` and `more` are JSON.
struct Leaf<'a> {
    kind: &'a str,
    outcome: &'a str,
    path: &'a str,
    place: &'a str,
    operator: &'a str,
    expected: &'a str,
    actual: &'a str,
    more: &'a str,
    reason: &'a str,
}

const LEAF: Leaf<'_> = Leaf {
    kind: "",
    outcome: "met",
    path: "null",
    place: "null",
    operator: "null",
    expected: "null",
    actual: "null",
    more: "",
    // Nothing of it is to be read.
    reason: "x is required, and missing, and 9 more; too much work; cannot be compared; no likelihood were not sent",
};

impl Leaf<'_> {
    fn json(&self) -> String {
        let Leaf { kind, outcome, path, place, operator, expected, actual, more, reason } = self;
        format!(
            r#"[{{"kind":"{kind}","path":{path},"operator":{operator},"expected":{expected},"actual":{actual},"fired":true,
            "outcome":"{outcome}","place":{place},"reason":"{reason}","evaluations":[]{more}}}]"#
        )
    }
}

#[test]
fn each_outcome_is_a_sentence_with_the_name_of_its_field() {
    let less = r#""is_less_than""#;
    for (leaf, sentence) in [
        (Leaf { kind: "always", ..LEAF }, "Every run is reviewed"),
        (
            Leaf {
                kind: "field_confidence_lt",
                path: r#""total_amount""#,
                operator: less,
                expected: "0.90",
                actual: "0.71",
                ..LEAF
            },
            "Total amount: confidence 0.71 is below the 0.90 that is needed",
        ),
        (
            Leaf {
                kind: "field_confidence_lt",
                path: r#""lines.*.amount""#,
                place: r#""/lines/2/amount""#,
                expected: "0.9",
                actual: "0.7",
                ..LEAF
            },
            "Lines, row 3, Amount: confidence 0.7 is below the 0.9 that is needed",
        ),
        (
            Leaf {
                kind: "confidence_lt",
                outcome: "not_sent",
                place: r#""/seller/vat""#,
                more: r#","count":4"#,
                ..LEAF
            },
            "No confidence was sent for Seller, VAT, and 3 more",
        ),
        (
            Leaf {
                kind: "confidence_lt",
                outcome: "not_known",
                operator: less,
                place: r#""/vat""#,
                more: r#","count":1"#,
                ..LEAF
            },
            "What was sent for VAT is no confidence from 0 to 1",
        ),
        (
            Leaf {
                kind: "confidence_lt",
                outcome: "not_known",
                operator: less,
                reason: "the output has no values",
                ..LEAF
            },
            "The output has no values",
        ),
        (
            Leaf {
                kind: "validation_failed",
                place: r#""/total""#,
                more: r#","count":2,"detail":"must be a number""#,
                ..LEAF
            },
            "Total must be a number, and 1 more",
        ),
        (
            Leaf {
                kind: "validation_failed",
                place: r#""""#,
                more: r#","count":1,"detail":"lacks x""#,
                ..LEAF
            },
            "The output lacks x",
        ),
        (
            Leaf { kind: "validation_failed", outcome: "not_sent", reason: "no schema was sent", ..LEAF },
            "No schema was sent",
        ),
    ] {
        assert_eq!(said(&leaf.json()), [sentence], "{}", leaf.json());
    }
}

#[test]
fn each_outcome_of_a_required_field_or_a_choice_is_a_sentence() {
    for (leaf, sentence) in [
        (
            Leaf { kind: "any_required_field_null", outcome: "no_value", place: r#""/iban""#, ..LEAF },
            "IBAN is required, and has no value",
        ),
        (
            Leaf {
                kind: "any_required_field_null",
                outcome: "missing",
                place: r#""/iban""#,
                more: r#","count":2"#,
                ..LEAF
            },
            "IBAN is required, and missing, and 1 more",
        ),
        (
            Leaf { kind: "any_required_field_null", outcome: "empty", place: r#""/iban""#, ..LEAF },
            "IBAN is required, and empty",
        ),
        (
            Leaf { kind: "any_required_field_null", outcome: "not_known", place: r#""""#, ..LEAF },
            "It is not known what the schema requires of the output",
        ),
        (
            Leaf {
                kind: "category_in",
                place: r#""/label""#,
                expected: "[]",
                actual: r#""credit_note""#,
                ..LEAF
            },
            "The category “Credit note” is to be reviewed",
        ),
        (
            Leaf { kind: "branch_in", place: r#""/branch""#, expected: "[]", actual: r#""pay""#, ..LEAF },
            "The branch “Pay” is to be reviewed",
        ),
        (
            Leaf { kind: "branch_in", outcome: "not_known", reason: "the output names no branch", ..LEAF },
            "The output names no branch",
        ),
    ] {
        assert_eq!(said(&leaf.json()), [sentence], "{}", leaf.json());
    }
}

#[test]
fn each_outcome_of_a_classification_or_a_split_is_a_sentence() {
    for (leaf, sentence) in [
        (
            Leaf { kind: "top_margin_lt", expected: "0.2", actual: "0.05", ..LEAF },
            "The first two choices are close: they differ by 0.05, less than 0.2",
        ),
        (
            Leaf { kind: "top_margin_lt", expected: "0.2", ..LEAF },
            "Another choice is likelier than the chosen one",
        ),
        (
            Leaf { kind: "top_margin_lt", outcome: "not_sent", ..LEAF },
            "No confidence was sent for the first two choices",
        ),
        (
            Leaf { kind: "top_margin_lt", outcome: "not_known", ..LEAF },
            "It is not known how close the first two choices are",
        ),
        (
            Leaf { kind: "split_count_neq", place: r#""/splits""#, expected: "3", actual: "2", ..LEAF },
            "The document was split into 2, not 3",
        ),
        (
            Leaf {
                kind: "any_split_pages_lt",
                place: r#""/splits/1""#,
                reason: "part 2 has 1 page, fewer than 2",
                ..LEAF
            },
            "Part 2 has 1 page, fewer than 2",
        ),
        (
            Leaf {
                kind: "boundary_confidence_lt",
                place: r#""/splits/1/pages/0""#,
                expected: "0.8",
                actual: "0.55",
                ..LEAF
            },
            "Splits, row 2, Pages, row 1: confidence 0.55 is below the 0.8 that is needed",
        ),
        (Leaf { kind: "sample", expected: "2.5", ..LEAF }, "Chosen for the sample of 2.5 % of all runs"),
        (Leaf { kind: "sample_of_a_later_build", reason: "as it is", ..LEAF }, "As it is"),
    ] {
        assert_eq!(said(&leaf.json()), [sentence], "{}", leaf.json());
    }
}

#[test]
fn each_condition_is_a_sentence_with_the_name_of_its_field() {
    let of = |path: &'static str, operator: &'static str| Leaf { kind: "condition", path, operator, ..LEAF };
    for (leaf, sentence) in [
        (
            Leaf { expected: "10000", actual: "12500.00", ..of(r#""data.total""#, r#""is_greater_than""#) },
            "Total is 12500.00, more than 10000",
        ),
        (
            Leaf {
                expected: "1",
                actual: "2",
                place: r#""/lines/0/vat""#,
                ..of(r#""lines.*.vat""#, r#""is_greater_than""#)
            },
            "Lines, row 1, VAT is 2, more than 1",
        ),
        (
            Leaf { expected: "0.85", actual: "0.84", ..of(r#""likelihoods.total""#, r#""is_less_than""#) },
            "Total: confidence is 0.84, less than 0.85",
        ),
        (
            Leaf {
                outcome: "not_sent",
                expected: "0.85",
                ..of(r#""likelihoods.total""#, r#""is_less_than""#)
            },
            "No confidence was sent for Total",
        ),
        (
            Leaf {
                outcome: "not_known",
                expected: "0.85",
                ..of(r#""likelihoods.total""#, r#""is_less_than""#)
            },
            "What was sent for Total is no confidence from 0 to 1",
        ),
        (
            Leaf { expected: r#""a""#, actual: r#""ab""#, ..of(r#""likelihoods_note""#, r#""contains""#) },
            "Likelihoods note contains “a”",
        ),
        (
            Leaf {
                outcome: "not_comparable",
                expected: "5",
                actual: r#""12 EUR""#,
                ..of(r#""total""#, r#""is_greater_than""#)
            },
            "Total “12 EUR” cannot be compared with 5",
        ),
        (
            Leaf { outcome: "not_comparable", actual: r#""12 EUR""#, ..of(r#""paid""#, r#""is_true""#) },
            "Paid “12 EUR” is neither yes nor no",
        ),
        (
            Leaf { outcome: "too_much_work", ..of(r#""total""#, r#""matches_regex""#) },
            "Total could not be checked: that would be too much work",
        ),
        (Leaf { actual: "[]", ..of(r#""lines.*""#, r#""does_not_exist""#) }, "Lines is an empty list"),
        (Leaf { reason: "as it is", ..of(r#""total""#, r#""of_a_later_build""#) }, "As it is"),
        (Leaf { kind: "of_a_later_build", reason: "as it is", ..LEAF }, "As it is"),
    ] {
        assert_eq!(said(&leaf.json()), [sentence], "{}", leaf.json());
    }
    for operator in Operator::ALL {
        let operator = format!("\"{}\"", operator.as_str());
        let leaf = Leaf {
            kind: "condition",
            path: r#""total""#,
            operator: &operator,
            expected: "5",
            actual: "1",
            ..LEAF
        };
        assert!(said(&leaf.json())[0].starts_with("Total "), "{:?}", said(&leaf.json()));
    }
}

/// An earlier build had no such word: its reason is shown as it is, and nothing is taken out of it.
#[test]
fn an_evaluation_without_a_word_is_shown_by_its_reason() {
    for outcome in ["", r#""outcome":null,"#, r#""outcome":"of_a_later_build","#] {
        let evaluation = format!(
            r#"[{{"kind":"any_required_field_null","path":"/iban","operator":"is_not_empty","expected":null,"actual":null,"fired":true,
            {outcome}"reason":"/iban is required, and missing, and 1 more","evaluations":[]}}]"#
        );
        assert_eq!(said(&evaluation), ["/iban is required, and missing, and 1 more"]);
    }
}

#[test]
fn only_leaves_that_fired_are_said_and_none_twice() {
    let inner = |fired: bool| {
        format!(
            r#"{{"kind":"always","path":null,"operator":null,"expected":null,"actual":null,"fired":{fired},"outcome":"met","reason":"x","evaluations":[]}}"#
        )
    };
    let all = |fired: bool, inside: &[String]| {
        format!(
            r#"[{{"kind":"any_of","path":null,"operator":"or","expected":null,"actual":null,"fired":{fired},"outcome":"met","reason":"x","evaluations":[{}]}}]"#,
            inside.join(",")
        )
    };
    assert_eq!(said(&all(true, &[inner(true), inner(false), inner(true)])), ["Every run is reviewed"]);
    assert_eq!(said(&all(false, &[inner(true)])), [""; 0]);
}

#[test]
fn what_is_hostile_is_visible_and_short() {
    let expected = format!("\"\\u202e{}\"", "x".repeat(5_000));
    let leaf = Leaf {
        kind: "condition",
        path: r#""a\u202eb""#,
        operator: r#""is_equal_to""#,
        expected: &expected,
        actual: "1",
        ..LEAF
    };
    let said = &said(&leaf.json())[0];
    assert!(said.contains("\\u202e") && !said.contains('\u{202e}') && said.chars().count() < 300, "{said}");
}
