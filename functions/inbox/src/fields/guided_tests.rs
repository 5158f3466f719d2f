//! What a form shows by a schema, by likelihoods and by checks; and how large tables are shown.

use super::tests::sent;
use super::*;
use crate::checks::Texts;
use crate::compare::diff;
use crate::form::read_with_reasons;

const SCHEMA: &str = r##"{
  "$defs": {"Line": {"type": "object", "properties": {
      "sku": {"type": "string"}, "quantity": {"type": "number"}, "date": {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]}}}},
  "type": "object", "required": ["due_date", "total", "currency"],
  "properties": {
    "due_date": {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}], "description": "When it must be paid"},
    "total": {"type": "number"}, "currency": {"enum": ["GBP", "EUR"]}, "paid": {"type": ["boolean", "null"]},
    "po_number": {"title": "Purchase order", "type": ["string", "null"]},
    "lines": {"type": "array", "items": {"$ref": "#/$defs/Line"}},
    "parties": {"type": "array", "items": {"type": "object", "properties": {"name": {"type": "string"}, "address": {"type": "object", "properties": {"city": {"type": "string"}}}}}}
  }}"##;

fn drawn(output: &str, likelihoods: Option<&str>, patch: &Patch, aids: Aids<'_>) -> String {
    let base = Node::parse(output).unwrap();
    let texts = Texts { json_schema: Some(SCHEMA), likelihoods, ..Texts::default() };
    html(&base, &Guide::of(&base, output, texts), patch, aids)
}

fn html(base: &Node, guide: &Guide, patch: &Patch, aids: Aids<'_>) -> String {
    let wrong = ValueError::new();
    let aids = Aids { guide: Some(guide), path: Some("/review"), ..aids };
    let (model, sent, editable, raw) = (None, None, true, "/raw");
    let fields = Fields { base, patch, model, sent, wrong: &wrong, editable, raw, aids };
    fields.html().into_string()
}

fn guided(output: &str) -> String {
    drawn(output, None, &Patch::Same, Aids::default())
}

/// The row or the cell of a place, up to the next.
fn row<'h>(html: &'h str, path: &str) -> &'h str {
    let start = html.find(&format!("data-path=\"{path}\"")).unwrap_or_else(|| panic!("{path}: {html}"));
    let rest = &html[start..];
    rest[1..].find("data-path=").map_or(rest, |end| &rest[..=end])
}

#[test]
fn controls_are_those_of_the_schema() {
    let html = guided(
        r#"{"due_date": "2026-05-11", "total": null, "currency": "USD", "paid": null, "lines": [{"sku": null, "quantity": 1, "date": null}]}"#,
    );
    let due = row(&html, "/due_date");
    assert!(
        due.contains("data-kind=\"date\"")
            && due.contains("11 May 2026")
            && due.contains("value=\"as-date\""),
        "{due}"
    );
    assert!(due.contains("title=\"When it must be paid\"") && due.contains("(required)"), "{due}");
    let total = row(&html, "/total");
    assert!(total.contains("data-kind=\"number\"") && total.contains("data-check=\"missing\""), "{total}");
    assert!(
        total.contains("value=\"as-number\"") && total.contains("is required, and has no value"),
        "{total}"
    );
    let currency = row(&html, "/currency");
    assert!(currency.contains("data-kind=\"choice\"") && currency.contains(">EUR</option>"), "{currency}");
    assert!(
        currency.contains("USD (not one of the choices)") && currency.contains("must be one of GBP, EUR"),
        "{currency}"
    );
    assert!(row(&html, "/paid").contains("data-kind=\"yesno\""));
    let missing = row(&html, "/po_number");
    assert!(missing.contains(">Purchase order") && missing.contains("name=\"n/po_number\""), "{missing}");
    let date = row(&html, "/lines/0/date");
    assert!(date.contains("data-kind=\"date\"") && date.contains("aria-label=\"Lines 1: Date\""), "{date}");
}

#[test]
fn doubtful_values_are_marked_where_they_stand() {
    let html = drawn(
        r#"{"due_date": null, "total": 5, "currency": "GBP"}"#,
        Some(r#"{"total": 0.58, "currency": 0.97}"#),
        &Patch::Same,
        Aids::default(),
    );
    let total = row(&html, "/total");
    assert!(
        total.contains("data-likelihood=\"0.58\" data-check=\"likelihood\"")
            && total.contains(">0.58</span>"),
        "{total}"
    );
    let currency = row(&html, "/currency");
    assert!(currency.contains("data-likelihood=\"0.97\"") && !currency.contains(">0.97<"), "{currency}");
    // What the checks link to is a control.
    let id = anchor("f/total");
    assert!(total.contains(&format!("<input id=\"{id}\"")), "{total}");
}

#[test]
fn only_what_is_asked_for_is_shown_and_all_of_it_is_sent() {
    let output =
        r#"{"due_date": null, "total": 5, "currency": "GBP", "lines": [{"quantity": 1}, {"quantity": 2}]}"#;
    let likelihoods = r#"{"total": 0.5, "lines": [{}, {"quantity": 0.5}]}"#;
    let html = drawn(output, Some(likelihoods), &Patch::Same, Aids { show: Show::Check, ..Aids::default() });
    let is_hidden = |path: &str| row(&html, path).split('>').next().unwrap().contains(" hidden");
    assert!(
        !is_hidden("/total") && is_hidden("/currency") && is_hidden("/lines/0") && !is_hidden("/lines/1"),
        "{html}"
    );
    assert!(html.contains("name=\"f/currency\"") && html.contains("name=\"f/lines/0/quantity\""));
    let base = Node::parse(output).unwrap();
    let mine = diff(&base, &Node::parse(&output.replace("GBP", "EUR")).unwrap());
    let html = drawn(output, None, &mine, Aids { show: Show::Changed, ..Aids::default() });
    assert!(
        html.contains("was <s><bdi>GBP</bdi></s>") && html.contains("name=\"undo\" value=\"/currency\""),
        "{html}"
    );
    assert!(row(&html, "/total").split('>').next().unwrap().contains(" hidden"));
}

#[test]
fn empty_lists_take_rows_of_the_schemas_shape() {
    let html = guided(r#"{"due_date": null, "total": 1, "currency": "GBP", "lines": [], "parties": []}"#);
    assert!(
        html.contains("name=\"n/lines/quantity\"")
            && html.contains("name=\"k/lines/quantity\" value=\"as-number\""),
        "{html}"
    );
    assert!(
        html.contains("name=\"e/parties/0.0\"") && html.contains("name=\"n/parties/0.0/address/city\""),
        "{html}"
    );
}

#[test]
fn a_column_says_when_it_adds_up_to_a_field() {
    let html = guided(
        r#"{"due_date": null, "total": 3.50, "currency": "GBP", "rows": [{"n": "a", "amount": 1.25}, {"n": "b", "amount": 2.25}]}"#,
    );
    assert!(html.contains("adds up to Total ✓") && html.contains(">3.50<"), "{html}");
}

fn table(rows: usize, columns: usize) -> String {
    let row = |row: usize| {
        let cells: Vec<String> =
            (0..columns).map(|column| format!(r#""column_{column}": {row}.{column}"#)).collect();
        format!("{{{}}}", cells.join(","))
    };
    let rows: Vec<String> = (0..rows).map(row).collect();
    format!(r#"{{"no": "x", "items": [{}]}}"#, rows.join(","))
}

#[test]
fn a_table_of_500_rows_and_40_columns_is_small_and_can_be_changed() {
    let output = table(500, 40);
    let html = drawn(&output, None, &Patch::Same, Aids { rows: Some("/items:51-100"), ..Aids::default() });
    println!("500 rows, 40 columns: {} bytes of HTML, {} of JSON", html.len(), output.len());
    assert!(html.len() < 2_500_000, "{}", html.len());
    assert_eq!(
        html.matches("<tr class=\"text\"").count() + html.matches("<th class=\"no\" scope=\"row\">").count()
            - 500,
        html.matches("<tr class=\"text\"").count()
    );
    assert!(
        !html.contains("name=\"f/items/0/column_0\"") && html.contains("name=\"f/items/60/column_0\""),
        "{}",
        &html[..5000]
    );
    assert!(html.contains("name=\"rows\" value=\"/items:1-"), "{}", &html[..5000]);
    // What was typed into on another page stays, and is sent along.
    let base = Node::parse(&output).unwrap();
    let mut mine = base.clone();
    let Node::Object(entries) = &mut mine else { panic!("an object") };
    let Node::List(items) = &mut entries[1].1 else { panic!("a list") };
    let Node::Object(cells) = &mut items[400] else { panic!("an object") };
    cells[3].1 = Node::Number("7".into());
    let html = drawn(&output, None, &diff(&base, &mine), Aids::default());
    assert!(html.contains("name=\"f/items/400/column_3\" value=\"7\""), "{}", html.len());
    // The page with the first row to check is shown; the others link to theirs.
    let likelihoods = format!(
        r#"{{"items":[{}{{"column_1":0.3}},{}{{"column_2":0.4}}]}}"#,
        "{},".repeat(200),
        "{},".repeat(100)
    );
    let html = drawn(&output, Some(&likelihoods), &Patch::Same, Aids::default());
    assert!(html.contains("name=\"f/items/200/column_1\"") && !html.contains("name=\"f/items/0/column_1\""));
    let other = row(&html, "/items/301/column_2");
    assert!(
        other.contains("data-check=\"likelihood\"") && html.contains("name=\"rows\" value=\"/items:302\""),
        "{other}"
    );
    let sent = vec![("f/items/400/column_3".to_owned(), "7".to_owned())];
    let (patch, _) = read_with_reasons(&base, &SubmittedForm::new(sent)).unwrap();
    assert_eq!(patch.apply(&base), mine);
}

#[test]
fn bytes_are_bounded_whatever_the_schema() {
    let title = "\"<&".repeat(30);
    let properties = |count: usize, of: &dyn Fn(usize) -> String| {
        (0..count).map(|number| format!(r#""p{number}":{}"#, of(number))).collect::<Vec<_>>().join(",")
    };
    let titled = |count: usize| {
        let title = Node::Text(title.clone()).compact();
        properties(count, &|_| {
            format!(r#"{{"type":["string","null"],"title":{title},"description":{title}}}"#)
        })
    };
    let choices: Vec<String> = (0..300).map(|number| format!("\"choice {number}\"")).collect();
    let choices = format!(r#"{{"enum":[{}]}}"#, choices.join(","));
    let list = format!(r#"{{"type":"array","items":{{"type":"object","properties":{{{}}}}}}}"#, titled(40));
    let lists = |count: usize| properties(count, &|_| "[]".to_owned());
    let texts = |count: usize| properties(count, &|_| "\"x\"".to_owned());
    let rows = vec![format!("{{{}}}", texts(40)); 45].join(",");
    for (name, output, schema) in [
        ("titles", format!("{{{}}}", texts(700)), format!(r#"{{"properties":{{{}}}}}"#, titled(700))),
        ("missing properties", "{\"a\":1}".to_owned(), format!(r#"{{"properties":{{{}}}}}"#, titled(700))),
        ("choices", format!("{{{}}}", texts(1900)), format!(r#"{{"additionalProperties":{choices}}}"#)),
        ("empty lists", format!("{{{}}}", lists(1900)), format!(r#"{{"additionalProperties":{list}}}"#)),
        ("a table", format!(r#"{{"l":[{rows}]}}"#), format!(r#"{{"properties":{{"l":{list}}}}}"#)),
    ] {
        let base = Node::parse(&output).unwrap();
        let guide = Guide::of(&base, &output, Texts { json_schema: Some(&schema), ..Texts::default() });
        assert!(guide.schema.is_some(), "{name}: {} bytes", schema.len());
        let length = html(&base, &guide, &Patch::Same, Aids::default()).len();
        println!("{name}: {length}");
        let rooms = Drawing::HINTS + Drawing::CHOICES + Drawing::TITLES + Drawing::MISSING;
        assert!(length <= plan::BYTES + rooms + 10_000, "{name}: {length}");
    }
}

#[test]
fn an_untouched_form_changes_nothing_whatever_the_schema_says() {
    let output = r#"{"a":null,"b":"","c":"text","d":12.50,"e":true,"f":"2026-05-11","g":"11.05.26","h":"a\u0000b","i":"one\r\ntwo",
        "rows":[{"x":null,"y":1,"z":"q"},{"x":"","y":null,"z":"GBP"}],"list":[null,"s",1],"none":[],"deep":[{"o":{"p":null,"q":"r"}}],"empty":{}}"#;
    let base = Node::parse(output).unwrap();
    for of in [
        r#"{"type":"string"}"#,
        r#"{"type":["string","null"],"format":"date"}"#,
        r#"{"type":"number"}"#,
        r#"{"type":["boolean","null"]}"#,
        r#"{"enum":["GBP","text",""]}"#,
        r#"{"enum":["GBP\u200b"]}"#,
        r##"{"$ref":"#"}"##,
        "{}",
    ] {
        let schema = format!(
            r#"{{"required":["missing","a"],"properties":{{"missing":{of},"rows":{{"items":{{"additionalProperties":{of}}}}},"list":{{"items":{of}}},
            "none":{{"items":{{"type":"object","properties":{{"x":{of},"y":{of}}}}}}},"empty":{{"properties":{{"k":{of}}}}}}},"additionalProperties":{of}}}"#
        );
        let texts = Texts { json_schema: Some(&schema), likelihoods: Some(output), ..Texts::default() };
        let guide = Guide::of(&base, output, texts);
        let html = html(&base, &guide, &Patch::Same, Aids::default());
        let (read, reasons) = read_with_reasons(&base, &SubmittedForm::new(sent(&html))).unwrap();
        assert_eq!((read, reasons), (Patch::Same, None), "{of}");
    }
}
