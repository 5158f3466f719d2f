//! What may come with an output, and what is wrong with it.

use super::*;
use serde_json::json;

fn text(text: &str) -> JsonText {
    JsonText::parse(text.to_owned()).unwrap()
}

fn paths(faults: &[ContentFault]) -> Vec<&str> {
    faults.iter().map(|fault| fault.path.as_str()).collect()
}

#[test]
fn likelihoods_are_numbers_from_0_to_1_at_any_depth() {
    let fine = r#"{"a":0,"b":[1,null,{"c":0.5}],"d":{},"e":[[]],"f":1e-3,"g":1.0}"#;
    assert_eq!(likelihood_faults(&text(fine)), []);
    let wrong = r#"{"a/b":1.01,"b":[1,"0.5",{"~c":-0.1}],"d":true,"e":2}"#;
    assert_eq!(paths(&likelihood_faults(&text(wrong))), ["/a~1b", "/b/1", "/b/2/~0c", "/d", "/e"]);
}

#[test]
fn only_the_first_hundred_faults_are_noted() {
    let many = format!("{{\"a\":[{}]}}", vec!["2"; 5_000].join(","));
    assert_eq!(likelihood_faults(&text(&many)).len(), 100);
}

#[test]
fn boxes_of_sources_are_fractions_of_a_page_of_a_known_document() {
    let leaf =
        |anchor: &str| format!(r#"{{"rows":[{{"value":1,"source":{{"content":"1","anchor":{anchor}}}}}]}}"#);
    let faults = |anchor: &str| source_faults(&text(&leaf(anchor)), |id| id == "invoice");
    for fine in [
        "null",
        r#"{"kind":"pdf_bbox","page":1,"left":0,"top":0.5,"width":1,"height":0.25}"#,
        r#"{"kind":"image_bbox","document_id":"invoice","left":0,"top":0,"width":1,"height":1}"#,
        r#"{"kind":"text_span","start":17,"end":170}"#,
        r#"{"kind":"csv_cell","row":700,"column":9}"#,
        r#"{"left":700}"#,
    ] {
        assert_eq!(faults(fine), [], "{fine}");
    }
    let at = |name: &str| format!("/rows/0/source/anchor/{name}");
    for (wrong, names) in [
        (
            r#"{"kind":"pdf_bbox","page":0,"left":-1,"top":0,"width":"1"}"#,
            &["page", "left", "width", "height"][..],
        ),
        (r#"{"kind":"pdf_bbox","page":1.5,"left":0,"top":0,"width":1,"height":1.5}"#, &["page", "height"]),
        (r#"{"kind":"text_span","document_id":"other"}"#, &["document_id"]),
        (r#"{"kind":"text_span","document_id":7}"#, &["document_id"]),
    ] {
        let expected: Vec<String> = names.iter().map(|name| at(name)).collect();
        assert_eq!(paths(&faults(wrong)), expected, "{wrong}");
    }
}

#[test]
fn an_output_may_have_fields_called_source_and_anchor() {
    let text =
        r#"{"source":{"anchor":{"value":"x","source":{"content":"x","anchor":null}}},"anchor":"kind"}"#;
    assert_eq!(source_faults(&self::text(text), |_| false), []);
}

#[test]
fn a_schema_refers_to_nothing_outside_itself() {
    let fine = r##"{"$defs":{"a":{"type":"string"}},"properties":{"x":{"$ref":"#/$defs/a"},"$ref":{"type":"string"},"y":{"$ref":"#"}}}"##;
    assert_eq!(schema_faults(&text(fine)), []);
    for target in
        ["https://example.com/s.json", "other.json#/a", "", "/$defs/a", "file:///etc/passwd", "#/$defs/b"]
    {
        let schema = json!({ "$defs": { "a": {} }, "properties": { "x": { "$ref": target } } }).to_string();
        assert_eq!(paths(&schema_faults(&text(&schema))), ["/properties/x/$ref"], "{target}");
    }
}

fn schema_fault(schema: &serde_json::Value) -> Vec<(String, String)> {
    schema_faults(&text(&schema.to_string())).into_iter().map(|fault| (fault.path, fault.message)).collect()
}

#[test]
fn a_schema_may_recur_into_a_value_and_not_on_the_spot() {
    let tree = json!({
        "$id": "https://example.com/tree", "$schema": "http://json-schema.org/draft-07/schema#",
        "definitions": { "no de": { "properties": { "$id": { "type": "string" } }, "anyOf": [
            { "type": "array", "items": { "$ref": "#/definitions/no%20de" } },
            { "additionalProperties": { "$ref": "#" } },
        ] } },
        "allOf": [{ "$ref": "#/definitions/no%20de" }],
    });
    assert_eq!(schema_fault(&tree), []);
    for keyword in ["allOf", "anyOf", "oneOf"] {
        let faults =
            schema_fault(&json!({ "properties": { "a": { keyword: [{ "$ref": "#/properties/a" }] } } }));
        assert_eq!((faults.len(), faults[0].0.as_str()), (1, "/properties/a"), "{keyword}: {faults:?}");
    }
    for schema in [
        json!({ "$ref": "#" }),
        json!({ "not": { "if": { "$dynamicRef": "#" } } }),
        json!({ "dependentSchemas": { "a": { "$ref": "#" } } }),
        json!({ "$defs": { "a": { "$ref": "#/$defs/b" }, "b": { "$ref": "#/$defs/a" } } }),
    ] {
        let faults = schema_fault(&schema);
        assert!(faults.len() == 1 && faults[0].1.contains("itself"), "{schema}: {faults:?}");
    }
}

#[test]
fn a_schema_does_not_multiply_itself() {
    let chain = |length: usize, width: usize| {
        let reference = |index: usize| json!({ "$ref": format!("#/$defs/d{index}") });
        let mut parts: serde_json::Map<String, serde_json::Value> = (0..length)
            .map(|index| (format!("d{index}"), json!({ "allOf": vec![reference(index + 1); width] })))
            .collect();
        parts.insert(format!("d{length}"), json!({ "type": "string" }));
        json!({ "$defs": parts })
    };
    assert_eq!(schema_fault(&chain(5, 2)), []);
    assert_eq!(schema_fault(&chain(25, 1)), []);
    for (length, width) in [(30, 2), (4_000, 1), (3, 100)] {
        let faults = schema_fault(&chain(length, width));
        assert!(faults.len() == 1 && faults[0].1.contains("too many"), "{length}: {faults:?}");
    }
}

#[test]
fn a_schema_is_of_a_known_draft_and_is_one() {
    let faults =
        schema_fault(&json!({ "$schema": "https://example.com/mine", "$defs": { "a": { "$id": "b" } } }));
    let places: Vec<&str> = faults.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(places, ["/$defs/a/$id", "/$schema"]);
}

#[test]
fn pointers_escape_their_tildes() {
    for text in ["", "/", "/a/0", "/a~1b", "/~0", "/é"] {
        assert!(is_pointer(text), "{text}");
    }
    for text in ["a", "a/b", "/~", "/~2", "/a~", "#/a", "~1"] {
        assert!(!is_pointer(text), "{text}");
    }
}
