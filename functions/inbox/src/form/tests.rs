//! What a form is read as.

use super::*;

const INVOICE: &str = r#"{"no": "A-1", "total": 12.50, "paid": false, "vat": null, "odd": "a\u0000b", "tags": ["x"],
    "rows": [{"sku": "a", "n": 1}, {"sku": null, "n": null}], "deep": {"list": [[1]]}, "none": []}"#;

fn sent(fields: &[(&str, &str)]) -> SubmittedForm {
    SubmittedForm::new(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
}

fn read(base: &Node, sent: &SubmittedForm) -> Result<Patch, ValueError> {
    read_with_reasons(base, sent).map(|(patch, _)| patch)
}

fn read_of(base: &str, fields: &[(&str, &str)]) -> Result<String, ValueError> {
    let base = Node::parse(base).unwrap();
    read(&base, &sent(fields)).map(|patch| patch.apply(&base).compact())
}

fn read_with(fields: &[(&str, &str)]) -> Result<String, ValueError> {
    read_of(INVOICE, fields)
}

fn plain() -> String {
    Node::parse(INVOICE).unwrap().compact()
}

#[test]
fn fields_that_are_not_typed_into_stay_as_they_are() {
    assert_eq!(read_with(&[]), Ok(plain()));
    let same = [
        ("f/no", "A-1"),
        ("f/total", "12.50"),
        ("f/paid", "false"),
        ("f/vat", ""),
        ("k/vat", ""),
        ("f/odd", r#""a\u0000b""#),
        ("f/rows/1/n", ""),
        ("n/rows/sku", " "),
        ("k/rows/sku", ""),
        ("n/tags", ""),
        ("n/none", ""),
        ("a/none/0.0", " "),
        ("j/deep/list", "[\n  [\n    1\n  ]\n]"),
    ];
    assert_eq!(read(&Node::parse(INVOICE).unwrap(), &sent(&same)), Ok(Patch::Same));
}

#[test]
fn typed_text_is_read_as_the_type_that_was_there() {
    let typed =
        [("f/no", "7"), ("f/total", " 12.5 "), ("f/paid", "true"), ("f/vat", "1\r\n2"), ("j/deep", "{}")];
    let expected = plain()
        .replace("\"A-1\"", "\"7\"")
        .replace("12.50", "12.5")
        .replace("false", "true")
        .replace("\"vat\":null", "\"vat\":\"1\\n2\"")
        .replace(r#"{"list":[[1]]}"#, "{}");
    assert_eq!(read_with(&typed), Ok(expected));
    assert_eq!(read_with(&[("f/total", "")]), Ok(plain().replace("12.50", "null")));
    assert_eq!(read_with(&[("f/total", "1 249,90 €")]), Ok(plain().replace("12.50", "1249.90")));
    // A null takes what its column takes.
    let row = read_with(&[("f/rows/1/n", "2"), ("f/rows/1/sku", "3")]).unwrap();
    assert!(row.contains(r#"{"sku":"3","n":2}"#), "{row}");
}

#[test]
fn a_null_becomes_what_is_chosen_or_what_it_looks_like() {
    let vat = |text: &str, kind: &str| read_with(&[("f/vat", text), ("k/vat", kind)]);
    assert_eq!(vat("8554.62", ""), Ok(plain().replace("\"vat\":null", "\"vat\":8554.62")));
    assert_eq!(vat("8554.62", "text"), Ok(plain().replace("\"vat\":null", "\"vat\":\"8554.62\"")));
    assert_eq!(vat("true", ""), Ok(plain().replace("\"vat\":null", "\"vat\":true")));
    assert_eq!(read_with(&[("f/no", ""), ("k/no", "null")]), Ok(plain().replace("\"A-1\"", "null")));
    // A browser may leave out the field that nobody typed into.
    assert_eq!(read_with(&[("k/vat", "text")]), Ok(plain().replace("\"vat\":null", "\"vat\":\"\"")));
    assert_eq!(read_of(r#"{"a":""}"#, &[("k/a", "null")]), Ok(r#"{"a":null}"#.to_owned()));
    assert_eq!(read_with(&[("k/no", "null"), ("k/vat", "")]), Ok(plain()));
    // A column of nothing but null is no text either.
    let column = read_of(r#"[{"a":null,"b":1},{"a":null,"b":2}]"#, &[("f/0/a", "12.5"), ("f/1/a", "x")]);
    assert_eq!(column, Ok(r#"[{"a":12.5,"b":1},{"a":"x","b":2}]"#.to_owned()));
}

#[test]
fn a_new_item_is_what_its_neighbours_are() {
    assert_eq!(read_of("[null, 1]", &[("n", "2")]), Ok("[null,1,2]".to_owned()));
    assert_eq!(read_of("[\"a\"]", &[("n", "2")]), Ok("[\"a\",\"2\"]".to_owned()));
    assert_eq!(read_of("[]", &[("n", "2")]), Ok("[2]".to_owned()));
}

#[test]
fn rows_and_items_are_added_and_removed() {
    let rows =
        read_with(&[("x/rows/0", "1"), ("n/rows/sku", "c"), ("n/rows/n", ""), ("n/tags", "y")]).unwrap();
    assert!(
        rows.contains(r#""tags":["x","y"],"rows":[{"sku":null,"n":null},{"sku":"c","n":null}]"#),
        "{rows}"
    );
    // New rows have places, and can be taken out again.
    let fields = [
        ("n/rows/1.0/sku", "between"),
        ("n/rows/1.0/n", "7"),
        ("n/rows/1.1/sku", "gone"),
        ("n/rows/1.1/n", ""),
        ("x/rows/1.1", "1"),
        ("n/rows/2.0/sku", ""),
        ("k/rows/2.0/sku", "text"),
        ("n/rows/2.0/n", ""),
        ("n/tags/0.0", "first"),
        ("a/deep/list/1.0", "[2]"),
        ("a/deep/new", "{\"a\": 1}"),
        ("x/deep/list/0", "1"),
    ];
    let read = read_with(&fields).unwrap();
    let rows =
        r#""rows":[{"sku":"a","n":1},{"sku":"between","n":7},{"sku":null,"n":null},{"sku":"","n":null}]"#;
    assert!(read.contains(rows) && read.contains(r#""tags":["first","x"]"#), "{read}");
    assert!(read.contains(r#""deep":{"list":[[2]],"new":{"a":1}}"#), "{read}");
    assert_eq!(read_of(r#"{"a":1,"b":2}"#, &[("x/a", "1")]), Ok(r#"{"b":2}"#.to_owned()));
}

#[test]
fn an_emptied_field_can_be_filled_again() {
    let filled = read_with(&[("n/none/sku", "z"), ("n/none/n", "3")]).unwrap();
    assert!(filled.contains(r#""none":[{"n":3,"sku":"z"}]"#), "{filled}");
    assert!(read_with(&[("a/none/0.0", "{\"x\": [1]}")]).unwrap().contains(r#""none":[{"x":[1]}]"#));
}

#[test]
fn their_value_is_chosen_field_by_field() {
    let theirs = theirs("99");
    assert_eq!(read_with(&[("f/total", "99"), ("t/total", &theirs)]), Ok(plain()));
    assert_eq!(read_with(&[("f/total", "99"), ("t/total", "mine")]), Ok(plain().replace("12.50", "99")));
    // Who typed something after that is asked again.
    let wrong = read_with(&[("f/total", "98"), ("t/total", &theirs)]).unwrap_err();
    assert!(wrong.get("f/total").unwrap().contains("choose"), "{wrong:?}");
}

#[test]
fn unreadable_text_is_reported_by_field() {
    let wrong = read_with(&[
        ("f/total", "1,249"),
        ("f/paid", "x"),
        ("f/odd", "\"ab"),
        ("j/deep", "{\n\"a\" 1}"),
        ("n/rows/n", "x"),
        ("n/rows/0.0/n", "y"),
        ("a/none/0.0", "["),
        ("f/no", "fine"),
    ]);
    let wrong = wrong.unwrap_err();
    let names = ["a/none/0.0", "f/odd", "f/paid", "f/total", "j/deep", "n/rows/0.0/n", "n/rows/n"];
    assert_eq!(wrong.fields(), names);
    assert!(wrong.get("j/deep").unwrap().contains("Line 2, column"), "{wrong:?}");
    assert!(json("{\"a\": 1e400}").unwrap_err().contains("1e400, which is too large"));
    assert!(read_with(&[("f/total", "1e999")]).unwrap_err().get("f/total").unwrap().contains("too large"));
}

#[test]
fn reading_is_linear_in_the_document_and_in_what_was_sent() {
    let steps = |items: usize, typed: usize| {
        let key = "k".repeat(2000);
        let base = format!(r#"{{"{key}":[{}1],"other":[{}1]}}"#, "1,".repeat(items), "1,".repeat(items));
        let fields = (0..typed).map(|item| (format!("f/{key}/{item}"), "2".to_owned()));
        let (patch, read) = reading(&Node::parse(&base).unwrap(), &SubmittedForm::new(fields.collect()));
        assert_eq!(patch == Patch::Same, typed == 0);
        read.steps
    };
    // Saving with nothing typed looks at nothing.
    assert_eq!([steps(100, 0), steps(20_000, 0)], [1, 1]);
    for (items, typed) in [(1000, 1), (1000, 100), (20_000, 100), (2000, 1000)] {
        assert!(
            steps(items, typed) <= 2 * items + 4 * typed + 10,
            "{items}, {typed}: {}",
            steps(items, typed)
        );
    }
    // A field's name leads at most as deep as the document is.
    let deep = Node::parse(&format!("{}1{}", "[".repeat(127), "]".repeat(127))).unwrap();
    let (_, read) = reading(&deep, &sent(&[(&format!("f{}", "/0".repeat(100_000)), "2")]));
    assert!(read.steps < 500, "{}", read.steps);
}

#[test]
fn a_property_that_is_missing_can_be_filled_in() {
    let base = r#"{"seller":{"name":"x"}}"#;
    let filled = [
        ("n/seller/vat_number", "GB 1"),
        ("k/seller/vat_number", "as-text"),
        ("n/seller/phone", ""),
        ("k/seller/phone", "as-text"),
        ("n/total", "1,50"),
        ("k/total", "as-number"),
    ];
    assert_eq!(
        read_of(base, &filled),
        Ok(r#"{"seller":{"name":"x","vat_number":"GB 1"},"total":1.50}"#.to_owned())
    );
    // What is there is not read from such a field.
    assert_eq!(read_of(base, &[("n/seller/name", "y")]), Ok(base.to_owned()));
}

#[test]
fn a_template_that_was_left_blank_adds_nothing() {
    let blank = [("e/deep/list/1.0", "{\n \"a\": null,\n \"b\": {\"c\": null, \"d\": []}\n}")];
    assert_eq!(read_with(&blank), Ok(plain()));
    let filled = read_with(&[("e/deep/list/1.0", r#"{"a": 1, "b": {}}"#)]).unwrap();
    assert!(filled.contains(r#""list":[[1],{"a":1,"b":{}}]"#), "{filled}");
    assert_eq!(read_with(&[("e/none/0.0", "{")]).unwrap_err().fields(), ["e/none/0.0"]);
}

#[test]
fn a_button_takes_back_what_was_typed_or_saved() {
    let typed = [("f/total", "1"), ("k/total", "null"), ("f/rows/0/n", "2"), ("f/rows/1/n", "3")];
    let with = |button: (&'static str, &'static str)| read_with(&[&typed[..], &[button]].concat()).unwrap();
    assert!(with(("undo", "/total")).contains(r#""total":12.50"#));
    let undone = with(("undo", "/rows/1"));
    assert!(undone.contains(r#"{"sku":"a","n":2},{"sku":null,"n":null}"#), "{undone}");
    assert!(with(("back", "6:/total7.50")).contains(r#""total":7.50"#));
    assert!(with(("back", "6:/totalnull")).contains(r#""total":null"#));
    assert!(with(("back", "3:/no\"1\"")).contains(r#""no":"1""#));
    // Anything else takes nothing back.
    for (name, value) in [
        ("undo", ""),
        ("undo", "total"),
        ("undo", "/tot"),
        ("back", "x"),
        ("back", "600:/total1"),
        ("back", "6:/total{"),
    ] {
        assert!(with((name, value)).contains(r#""total":1"#), "{name}={value}");
    }
}

#[test]
fn a_new_row_of_nested_objects_is_filled_field_by_field() {
    let base = r#"{"items":[{"sku":"a","tax":{"rate":1,"kind":"x"},"tags":["t"]}]}"#;
    let template = r#"{"sku":null,"tax":{"rate":null,"kind":null},"tags":[]}"#;
    let row = |fields: &[(&str, &str)]| read_of(base, &[&[("e/items/1.0", template)], fields].concat());
    let blank = [("n/items/1.0/sku", ""), ("k/items/1.0/sku", "as-text"), ("n/items/1.0/tax/rate", " ")];
    assert_eq!(row(&blank), Ok(base.to_owned()));
    let filled = [
        ("n/items/1.0/sku", "12"),
        ("k/items/1.0/sku", "as-text"),
        ("n/items/1.0/tax/rate", "7,5"),
        ("k/items/1.0/tax/rate", "as-number"),
        ("n/items/1.0/no/such", "x"),
    ];
    let added = row(&filled).unwrap();
    assert!(added.ends_with(r#",{"sku":"12","tax":{"rate":7.5,"kind":null},"tags":[]}]}"#), "{added}");
    let wrong = row(&[("n/items/1.0/tax/rate", "much"), ("k/items/1.0/tax/rate", "as-number")]).unwrap_err();
    assert_eq!(wrong.fields(), ["n/items/1.0/tax/rate"]);
    assert_eq!(row(&[&filled[..], &[("x/items/1.0", "1")]].concat()), Ok(base.to_owned()));
}
