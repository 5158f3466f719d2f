//! What schemas say, as people and generators write them.

use super::*;

fn schema(text: &str) -> Schema {
    Schema::parse(text).unwrap()
}

/// As pydantic writes it.
const INVOICE: &str = r##"{
  "$defs": {
    "Party": {"title": "Party", "type": "object", "required": ["name", "vat_number"], "properties": {
      "name": {"title": "Name", "type": "string", "description": "As printed"},
      "vat_number": {"title": "Vat Number", "anyOf": [{"type": "string"}, {"type": "null"}], "default": null}}},
    "Line": {"type": "object", "properties": {"sku": {"type": ["string", "null"]}, "amount": {"type": "number"}, "seller": {"$ref": "#/$defs/Party"}}},
    "Currency": {"enum": ["GBP", "EUR"], "title": "Currency", "type": "string"}
  },
  "type": "object", "title": "Invoice", "required": ["due_date", "seller"],
  "properties": {
    "due_date": {"title": "Due Date", "anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]},
    "seller": {"$ref": "#/$defs/Party"},
    "buyer": {"anyOf": [{"$ref": "#/$defs/Party"}, {"type": "null"}], "title": "Billed to"},
    "currency": {"allOf": [{"$ref": "#/$defs/Currency"}], "default": "GBP"},
    "paid": {"type": "boolean"},
    "lines": {"type": "array", "items": {"$ref": "#/$defs/Line"}},
    "weight": {"anyOf": [{"type": "number"}, {"type": "string"}]}
  }}"##;

#[test]
fn a_schema_of_pydantic_names_controls() {
    let schema = schema(INVOICE);
    let root = schema.root();
    let expected = |key: &str| root.key(key).expected();
    assert_eq!(expected("due_date"), Some(Expected::Date));
    assert_eq!(expected("currency"), Some(Expected::Choice(vec!["GBP", "EUR"])));
    assert_eq!(expected("paid"), Some(Expected::YesNo));
    assert_eq!([expected("seller"), expected("weight"), expected("none")], [None, None, None]);
    let line = root.key("lines").item(7);
    assert_eq!(line.key("amount").expected(), Some(Expected::Number));
    assert_eq!(line.key("sku").expected(), Some(Expected::Text));
    assert_eq!(root.key("seller").key("vat_number").expected(), Some(Expected::Text));
    assert_eq!(
        line.blank().compact(),
        r#"{"sku":null,"amount":null,"seller":{"name":null,"vat_number":null}}"#
    );
}

#[test]
fn titles_and_descriptions_become_labels_and_help() {
    let schema = schema(INVOICE);
    let root = schema.root();
    assert_eq!(root.key("buyer").title("buyer"), Some("Billed to"));
    // A title that only repeats the key, or is that of a class, is no label.
    assert_eq!([root.key("due_date").title("due_date"), root.key("seller").title("seller")], [None, None]);
    assert_eq!(root.key("buyer").key("name").description(), Some("As printed"));
}

#[test]
fn what_is_required_is_known_where_it_is_sure() {
    let schema = schema(INVOICE);
    let root = schema.root();
    assert!(root.requires("due_date") && !root.requires("buyer"));
    assert!(root.key("buyer").requires("name"));
    assert!(!root.key("due_date").forbids_null() && root.key("paid").forbids_null());
    assert!(!root.key("none").forbids_null());
    let union = schema_of_union();
    assert!(!union.root().requires("a") && union.root().properties() == ["a", "b"]);
}

fn schema_of_union() -> Schema {
    schema(
        r#"{"oneOf": [{"required": ["a"], "properties": {"a": {"type": "string"}}}, {"properties": {"b": {"const": 1}}}]}"#,
    )
}

#[test]
fn both_drafts_are_read() {
    let old = schema(
        r##"{"definitions": {"a b": {"type": "number"}}, "items": [{"type": "string"}, {"$ref": "#/definitions/a%20b"}], "additionalItems": {"type": "boolean"}}"##,
    );
    let expected = |index| old.root().item(index).expected();
    assert_eq!(
        [expected(0), expected(1), expected(2)].map(Option::unwrap),
        [Expected::Text, Expected::Number, Expected::YesNo]
    );
    let new = schema(
        r##"{"prefixItems": [{"type": "string"}], "items": {"$ref": "#x"}, "$defs": {"n": {"$anchor": "x", "type": "integer"}}}"##,
    );
    assert_eq!(new.root().item(0).expected(), Some(Expected::Text));
    assert_eq!(new.root().item(1).expected(), Some(Expected::Number));
}

#[test]
fn references_elsewhere_and_in_circles_say_nothing() {
    let round = schema(
        r##"{"$ref": "#", "properties": {"a": {"$ref": "#/properties/b"}, "b": {"$ref": "#/properties/a"}, "c": {"$ref": "https://example.com/x"}}}"##,
    );
    let root = round.root();
    assert_eq!(["a", "b", "c"].map(|key| root.key(key).expected()), [None, None, None]);
    let deep = (0..50).fold(root, |rules, _| rules.key("a"));
    assert!(deep.is_empty());
}

#[test]
fn a_hostile_schema_is_read_in_bounded_time() {
    // Each of 5,000 definitions refers to the two after it.
    let definitions: Vec<String> =
        (0..4900).map(|it| format!(r##""{it}":{{"allOf":[{{"$ref":"#/$defs/{}"}}]}}"##, it + 1)).collect();
    let text = format!(r##"{{"$ref":"#/$defs/0","$defs":{{{}}}}}"##, definitions.join(","));
    let schema = Schema::parse(&text).unwrap();
    assert_eq!(schema.root().expected(), None);
    assert!(schema.members.iter().all(|members| members.len() <= Schema::MEMBERS));
    assert_eq!(Schema::parse(&"[".repeat(Schema::BYTES + 1)).unwrap_err(), NotUsed::TooLarge);
    let many = format!(r#"{{"allOf":[{}{{}}]}}"#, "{},".repeat(20_000));
    assert_eq!(Schema::parse(&many).unwrap_err(), NotUsed::TooLarge);
    assert_eq!(Schema::parse("nonsense").unwrap_err(), NotUsed::NotJson);
    for odd in ["true", "[]", r#"{"properties": 1, "type": [1], "enum": {}, "$ref": 2, "items": true}"#] {
        assert_eq!(Schema::parse(odd).unwrap().root().key("a").expected(), None, "{odd}");
    }
    let wide = format!(r#"{{"anyOf":[{}{{}}]}}"#, r#"{"type":"string"},"#.repeat(9000));
    assert!(Schema::parse(&wide).is_ok());
}
