//! What is found to be checked.

use super::*;

const SCHEMA: &str = r##"{
  "$defs": {"Party": {"type": "object", "required": ["name", "vat_number"], "properties": {
      "name": {"type": "string"}, "postcode": {"type": "string"},
      "vat_number": {"anyOf": [{"type": "string"}, {"type": "null"}]}}}},
  "type": "object", "required": ["due_date", "total", "currency", "seller", "note"],
  "properties": {
    "due_date": {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]},
    "total": {"type": "number", "minimum": 0},
    "currency": {"enum": ["GBP", "EUR"]},
    "note": {"type": "string"},
    "po": {"type": "string", "pattern": "^PO-[0-9]+$"},
    "seller": {"$ref": "#/$defs/Party"}, "buyer": {"$ref": "#/$defs/Party"},
    "lines": {"type": "array", "items": {"type": "object", "properties": {"amount": {"type": "number"}}}}
  }}"##;

fn check(output: &str, texts: Texts<'_>) -> ToCheck {
    Guide::of(&Node::parse(output).unwrap(), output, texts).checks
}

fn said(found: &ToCheck) -> Vec<&str> {
    found.listed.iter().map(|check| check.text.as_str()).collect()
}

#[test]
fn all_reasons_are_found_in_the_order_of_the_document() {
    let output = r#"{"due_date": "soon", "total": null, "currency": "USD", "po": "17",
        "seller": {"name": "H", "postcode": "LS11 5O2", "vat_number": null}, "buyer": {"name": "C"},
        "lines": [{"amount": 1}, {"amount": "x"}], "note": " "}"#;
    let likelihoods =
        r#"{"total": 0.71, "seller": {"name": 0.99, "postcode": 0.58}, "lines": [{"amount": 0.2}]}"#;
    let found = check(
        output,
        Texts {
            json_schema: Some(SCHEMA),
            likelihoods: Some(likelihoods),
            triggered_by: Some(r#"{"kind": "field_missing", "field": "buyer.name"}"#),
            ..Texts::default()
        },
    );
    assert_eq!(found.not_checked, None);
    assert_eq!(
        said(&found),
        [
            "Due date: must be a date, such as 2026-05-11",
            "Total: is required, and has no value; 0.71 is below 0.90",
            "Currency: must be one of GBP, EUR",
            "PO: does not have the form ^PO-[0-9]+$",
            "Postcode 0.58 is below 0.90",
            "Name: named by the gate",
            "VAT number: is required, and missing",
            "Lines 1, Amount 0.20 is below 0.90",
            "Lines 2, Amount: must be a number",
            "Note: is required, and empty",
        ]
    );
    let postcode = found.at("/seller/postcode").unwrap();
    assert_eq!(
        (postcode.kind.as_str(), postcode.likelihood, postcode.fault.as_deref()),
        ("likelihood", Some(0.58), None)
    );
    assert_eq!(postcode.id, crate::form::anchor("f/seller/postcode"));
    let kinds: Vec<&str> = found.listed.iter().map(|check| check.kind.as_str()).collect();
    assert_eq!(
        kinds,
        [
            "schema",
            "missing",
            "schema",
            "schema",
            "likelihood",
            "gate",
            "missing",
            "likelihood",
            "schema",
            "missing"
        ]
    );
}

#[test]
fn an_output_that_fits_has_nothing_to_check() {
    let output = r#"{"due_date": null, "total": 0, "currency": "GBP", "note": "x", "seller": {"name": "", "vat_number": null}}"#;
    let found = check(output, Texts { json_schema: Some(SCHEMA), ..Texts::default() });
    assert_eq!(said(&found), ["Name: is required, and empty"]);
    let found = check(r#"{"a": null}"#, Texts::default());
    assert_eq!((found.count(), found.not_checked), (0, None));
}

#[test]
fn the_threshold_is_that_of_the_gate() {
    let texts = |gate| Texts {
        likelihoods: Some(r#"{"a": 0.85, "b": 0.795, "c": 0.8}"#),
        triggered_by: gate,
        ..Texts::default()
    };
    let output = r#"{"a": 1, "b": 2, "c": 3}"#;
    assert_eq!(check(output, texts(None)).count(), 3);
    let found = check(output, texts(Some(r#"{"threshold": 0.8}"#)));
    assert_eq!(said(&found), ["B 0.795 is below 0.80"]);
    // What the gate observed counts where nothing else is known.
    let named = Texts {
        triggered_by: Some(r#"{"field": "a", "observed": 0.4, "threshold": 0.8}"#),
        ..Texts::default()
    };
    assert_eq!(said(&check(output, named)), ["A 0.40 is below 0.80"]);
    let missing =
        Texts { triggered_by: Some(r#"{"kind": "field_missing", "field": "vat"}"#), ..Texts::default() };
    assert_eq!(said(&check(output, missing)), ["VAT: named by the gate, and missing"]);
}

#[test]
fn likelihoods_are_understood_in_the_shapes_that_come() {
    let of = |output: &str, likelihoods: &str| {
        let found = check(output, Texts { likelihoods: Some(likelihoods), ..Texts::default() });
        found.listed.iter().map(|check| check.path.clone()).collect::<Vec<_>>()
    };
    let none: [&str; 0] = [];
    // A classifier's consensus, a split's, an extraction's.
    assert_eq!(
        of(r#"{"reasoning": "x", "category": "invoice"}"#, r#"{"likelihood": 0.5, "choices": []}"#),
        ["/category"]
    );
    assert_eq!(of(r#"{"category": "invoice"}"#, "0.5"), ["/category"]);
    let splits = r#"{"splits": [{"name": "a", "pages": [1, 2]}]}"#;
    assert_eq!(of(splits, r#"[{"name": 0.95, "pages": [0.9, 0.3]}]"#), ["/splits/0/pages/1"]);
    assert_eq!(
        of(splits, r#"{"splits": [{"likelihood": 0.2, "name": 0.1}]}"#),
        ["/splits/0", "/splits/0/name"]
    );
    assert_eq!(of(r#"{"a": 1}"#, r#"{"likelihoods": {"a": 0.1}, "choices": [{}]}"#), ["/a"]);
    assert_eq!(of(r#"{"likelihoods": 1}"#, r#"{"likelihoods": 0.1}"#), ["/likelihoods"]);
    // One number for a whole group.
    assert_eq!(of(r#"{"a": {"b": 1}}"#, r#"{"a": 0.1}"#), ["/a"]);
    assert_eq!(of(r#"{"a": 1}"#, r#"{"a": 7, "b": 0.1}"#), none);
    assert_eq!(of(r#"{"a": 1}"#, "nonsense"), none);
    let evidence = r#"[{"path": "/a/0", "confidence": 0.3}, {"path": "/a/1"}, 7]"#;
    let found = check(r#"{"a": [1, 2]}"#, Texts { evidence: Some(evidence), ..Texts::default() });
    assert_eq!(said(&found), ["A 1 0.30 is below 0.90"]);
}

#[test]
fn what_is_listed_is_bounded_and_the_rest_is_counted() {
    let numbers = "0.1,".repeat(1000);
    let list = format!(r#"{{"a":[{numbers}0.1]}}"#);
    let found = check(&list, Texts { likelihoods: Some(&list), ..Texts::default() });
    assert_eq!((found.listed.len(), found.more, found.count()), (200, 801, 1001));
}

#[test]
fn labels_that_are_the_same_are_told_apart() {
    let output = r#"{"seller": {"name": "a"}, "buyer": {"name": "b"}}"#;
    let found = check(
        output,
        Texts {
            likelihoods: Some(r#"{"seller": {"name": 0.1}, "buyer": {"name": 0.2}}"#),
            ..Texts::default()
        },
    );
    assert_eq!(said(&found), ["Seller, Name 0.10 is below 0.90", "Buyer, Name 0.20 is below 0.90"]);
}

#[test]
fn a_hostile_schema_is_not_used_and_says_so() {
    let why = |schema: &str, output: &str| {
        check(output, Texts { json_schema: Some(schema), ..Texts::default() }).not_checked.unwrap_or_default()
    };
    // Each refers twice to the next: 2 to the 60th visits.
    let doubled: Vec<String> = (0..60)
        .map(|it| {
            format!(r##""{it}":{{"allOf":[{{"$ref":"#/$defs/{0}"}},{{"$ref":"#/$defs/{0}"}}]}}"##, it + 1)
        })
        .collect();
    let doubled = format!(r##"{{"$ref":"#/$defs/0","$defs":{{{},"60":{{}}}}}}"##, doubled.join(","));
    assert!(why(&doubled, "{}").contains("too much work"));
    // The same over the levels of the output.
    let levels = r##"{"allOf":[{"properties":{"a":{"$ref":"#"}}},{"properties":{"a":{"$ref":"#"}}}]}"##;
    assert!(why(levels, &format!("{}1{}", r#"{"a":"#.repeat(60), "}".repeat(60))).contains("too much work"));
    assert_eq!(why(levels, r#"{"a":{"a":1}}"#), "");
    let round = r##"{"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}}}"##;
    assert!(why(round, "{}").contains("too much work"));
    let chain: Vec<String> =
        (0..3000).map(|it| format!(r##""{it}":{{"$ref":"#/$defs/{}"}}"##, it + 1)).collect();
    let chain = format!(
        r##"{{"properties":{{"never":{{"$ref":"#/$defs/0"}}}},"$defs":{{{},"3000":{{}}}}}}"##,
        chain.join(",")
    );
    assert!(why(&chain, "{}").contains("too much work"));
    let names: Vec<String> = (0..2000).map(|it| format!(r#""a{it}""#)).collect();
    let names = names.join(",");
    let zeros = vec!["0"; 2000].join(",");
    for (of, a) in [
        (format!(r#"{{"required":[{names}]}}"#), "{}".to_owned()),
        (format!(r#"{{"dependentRequired":{{"a":[{names}]}}}}"#), r#"{"a":1}"#.to_owned()),
        (format!(r#"{{"dependencies":{{"a":[{names}]}}}}"#), r#"{"a":1}"#.to_owned()),
        (format!(r#"{{"const":[{zeros}]}}"#), format!("[{zeros}]")),
        (format!(r#"{{"enum":[[{zeros}]]}}"#), format!("[{zeros}]")),
        (r#"{"items":{"multipleOf":1e-300}}"#.to_owned(), format!("[{zeros}]")),
        (r#"{"uniqueItems":true}"#.to_owned(), format!("[[{zeros}],[{zeros},0]]")),
    ] {
        let often = vec![r##"{"$ref":"#/$defs/x"}"##; 400].join(",");
        let schema = format!(r#"{{"$defs":{{"x":{of}}},"properties":{{"a":{{"allOf":[{often}]}}}}}}"#);
        assert!(why(&schema, &format!(r#"{{"a":{a}}}"#)).contains("too much work"), "{}", &of[..20]);
    }
    let slow = format!(r#"{{"properties":{{"a":{{"pattern":"{}$"}}}}}}"#, "(a|a?)+".repeat(20));
    assert!(why(&slow, &format!(r#"{{"a":"{}"}}"#, "a".repeat(1 << 20))).contains("too much work"));
    for schema in [
        r#"{"$ref":"https://example.com/schema"}"#,
        r#"{"$ref":"file:///etc/passwd"}"#,
        r##"{"$dynamicRef":"#x"}"##,
        r##"{"properties":{"a":{"$id":"https://example.com/","$ref":"#/properties/a"}}}"##,
    ] {
        assert!(why(schema, "{}").contains("other documents"), "{schema}");
    }
    for schema in [
        r#"{"type": 7}"#,
        r#"{"pattern": "(?=a)"}"#,
        r#"{"pattern": "a{60000}"}"#,
        r#"{"$schema":"urn:none"}"#,
    ] {
        assert!(why(schema, "{}").contains("valid"), "{schema}: {}", why(schema, "{}"));
    }
    assert!(why(&" ".repeat(1 << 20), "{}").contains("too large"));
    // Deep, but harmless.
    let deep = format!("{}{{}}{}", r#"{"items":"#.repeat(100), "}".repeat(100));
    assert_eq!(why(&deep, "{}"), "");
}

#[test]
fn a_large_table_is_checked() {
    let row = r#"{"sku":"A-1","amount":12.50,"unit":null,"note":"x"}"#;
    let rows = vec![row; 3000].join(",");
    let output = format!(r#"{{"rows":[{rows},{{"sku":7,"amount":"x"}}]}}"#);
    let schema = r##"{"$defs":{"Row":{"type":"object","properties":{"sku":{"type":"string"},"amount":{"type":"number"},"unit":{"anyOf":[{"type":"string"},{"type":"null"}]},"note":{"type":"string"}}}},"properties":{"rows":{"type":"array","items":{"$ref":"#/$defs/Row"}}}}"##;
    let found = check(&output, Texts { json_schema: Some(schema), ..Texts::default() });
    assert_eq!((found.not_checked.as_deref(), found.count()), (None, 2));
    assert_eq!(said(&found), ["Rows 3001, SKU: must be a text", "Rows 3001, Amount: must be a number"]);
}

#[test]
fn a_number_is_shown_so_that_it_can_be_told_from_its_threshold() {
    assert_eq!(
        [shown(0.58, 0.9), shown(0.896, 0.9), shown(0.89999, 0.9), shown(1.0, 0.9)],
        ["0.58", "0.896", "0.89999", "1.00"]
    );
}

#[test]
fn likelihoods_stay_with_their_rows_when_rows_are_taken_out() {
    let first = r#"{"lines":[{"d":"alpha","n":1},{"d":"beta","n":2},{"d":"gamma","n":3}]}"#;
    let later = r#"{"lines":[{"d":"gamma","n":3},{"d":"beta","n":2}]}"#;
    let first = Node::parse(first).unwrap();
    let likelihoods = r#"{"lines":[{"d":0.99},{"d":0.99},{"d":0.2}]}"#;
    let evidence = r#"[{"path":"/lines/1/n","confidence":0.3}]"#;
    let texts = Texts {
        likelihoods: Some(likelihoods),
        evidence: Some(evidence),
        triggered_by: Some(r#"{"kind":"x","fields":["lines[1].d","lines[0].n"]}"#),
        first: Some(&first),
        ..Texts::default()
    };
    let found = check(later, texts);
    assert_eq!(
        said(&found),
        ["Lines 1, D 0.20 is below 0.90", "Lines 2, D: named by the gate", "Lines 2, N 0.30 is below 0.90"]
    );
}

#[test]
fn of_several_likelihoods_the_least_counts() {
    let evidence =
        r#"[{"path":"/a","confidence":0.1},{"path":"/b","confidence":0.95},{"path":"/b","confidence":0.2}]"#;
    let texts =
        Texts { likelihoods: Some(r#"{"a":0.99,"c":0.3}"#), evidence: Some(evidence), ..Texts::default() };
    let found = check(r#"{"a":1,"b":2,"c":3}"#, texts);
    assert_eq!(said(&found), ["A 0.10 is below 0.90", "B 0.20 is below 0.90", "C 0.30 is below 0.90"]);
}

#[test]
fn that_the_machine_was_sure_says_nothing_of_another_value() {
    let first = Node::parse(r#"{"a":1,"b":2,"c":3}"#).unwrap();
    let (output, text) = (Node::parse(r#"{"a":1,"b":9,"c":9}"#).unwrap(), r#"{"a":1,"b":9,"c":9}"#);
    let texts = Texts {
        likelihoods: Some(r#"{"a":0.99,"b":0.99,"c":0.3}"#),
        first: Some(&first),
        ..Texts::default()
    };
    let guide = Guide::of(&output, text, texts);
    let entries = guide.likelihoods.root().entries();
    let of = |key: &str| guide.likelihoods.at(&format!("/{key}"), &Node::Null, entries.key(key));
    assert_eq!(["a", "b", "c"].map(of), [Some(0.99), None, Some(0.3)]);
}
