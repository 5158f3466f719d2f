//! What a form shows.

use super::*;
use crate::compare::diff;
use crate::form::read_with_reasons;

fn node(text: &str) -> Node {
    Node::parse(text).unwrap()
}

fn html(base: &Node, patch: &Patch, model: Option<&Node>) -> String {
    let wrong = ValueError::new();
    let aids = Aids { path: Some("/review"), ..Aids::default() };
    Fields { base, patch, model, sent: None, wrong: &wrong, editable: true, raw: "/raw", aids }
        .html()
        .into_string()
}

#[test]
fn bytes_are_bounded_whatever_the_document() {
    let long = "k".repeat(20_000);
    let nested =
        (0..60).fold("[1,2]".to_owned(), |inner, _| format!(r#"{{"{}":{inner}}}"#, "k".repeat(20_000)));
    for (name, text) in [
        ("a long key over a list", format!(r#"{{"{long}":[{}1]}}"#, "1,".repeat(1998))),
        ("a long key over a table", format!(r#"{{"{long}":[{}{{"a":1}}]}}"#, r#"{"a":1},"#.repeat(1500))),
        (
            "a long column",
            format!(r#"{{"rows":[{}{{"{long}":1}}]}}"#, format!(r#"{{"{long}":1}},"#).repeat(100)),
        ),
        ("long keys within each other", nested),
        ("many numbers", format!(r#"{{"a":[{}1],"b":1}}"#, "1,".repeat(200_000))),
        ("deep", format!("{}{}1{}", "[".repeat(100), "1,".repeat(100_000), "]".repeat(100))),
        ("quotes", format!(r#"{{"a":["{}"],"b":"x"}}"#, r#"\""#.repeat(1 << 20))),
        ("signs", format!(r#"{{"a":["{}"],"b":"x"}}"#, "<".repeat(2 << 20))),
        ("many signs", format!(r#"{{"a":[{}""]}}"#, r#""<<<<<<<<","#.repeat(150_000))),
        ("many texts", format!(r#"{{"a":[{}""]}}"#, r#""\"<>","#.repeat(150_000))),
        ("escapes", format!(r#"{{"a":"{}"}}"#, r"\u0000".repeat(500_000))),
        ("keys to escape", format!(r#"{{"a":{{"{}":[{}1]}}}}"#, r"\u0001".repeat(20_000), "1,".repeat(500))),
    ] {
        let document = node(&text);
        for model in [None, Some(&Node::Null), Some(&document)] {
            let html = html(&document, &Patch::Same, model);
            assert!(html.len() <= plan::BYTES + Drawing::HINTS + 10_000, "{name}: {}", html.len());
            println!("{name}: {}", html.len());
        }
    }
}

#[test]
fn what_is_shown_as_a_form_can_be_sent_back() {
    let limit = shared::api::FormLimit::PAGE.bytes;
    let list =
        |item: &str, times: usize| format!(r#"{{"a":[{}"x"],"b":"y"}}"#, format!("{item},").repeat(times));
    for (name, text) in [
        ("texts of three bytes a character", list(&format!("\"{}\"", "読".repeat(1000)), 300)),
        ("more of them", list(&format!("\"{}\"", "読".repeat(1000)), 600)),
        ("line breaks", list(&format!("\"{}\"", "\\n".repeat(800_000)), 1)),
        ("quotes", list(&format!("\"{}\"", "\\\"".repeat(800_000)), 1)),
        ("numbers", list("1.5", 600_000)),
        ("more of them", list("1.5", 800_000)),
        ("objects", list(r#"{"k":"v","l":[1,{"m":null}]}"#, 40_000)),
    ] {
        let document = node(&text);
        let fields = sent(&html(&document, &Patch::Same, None)).into_iter();
        // A browser sends line breaks of a textarea as two characters.
        let fields = fields.map(|(name, value)| (name, value.replace('\n', "\r\n")));
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        println!("{name}: {} bytes of {}", form.len(), text.len());
        assert!(form.len() <= limit, "{name}: {}", form.len());
        assert!(form.contains("f%2Fb=y"), "{name}: {form:.300}");
    }
}

#[test]
fn the_part_that_is_too_large_is_named_and_the_rest_stays_fields() {
    let document =
        node(&format!(r#"{{"a":"{}","b":{{"c":1}},"d":[{}1]}}"#, "<".repeat(1 << 20), "1,".repeat(3000)));
    let html = html(&document, &Patch::Same, None);
    assert!(
        html.contains("name=\"f/b/c\"") && html.contains("name=\"j/d\"") && html.contains("href=\"/raw\"")
    );
    assert!(!html.contains("name=\"f/a\""));
}

#[test]
fn a_very_large_table_is_json_and_the_rest_stays_fields() {
    let rows = r#"{"sku":"A-1","amount":12.50},"#.repeat(70_000);
    let document = node(&format!(r#"{{"no":"x","rows":[{}]}}"#, rows.trim_end_matches(',')));
    let html = html(&document, &Patch::Same, None);
    assert!(html.contains("name=\"j/rows\"") && html.contains("name=\"f/no\""));
}

#[test]
fn every_list_can_be_added_to() {
    let head = node(r#"{"none":[],"emptied":[],"nested":[[1]],"plain":[1]}"#);
    let model = node(r#"{"none":[],"emptied":[{"s":"a","n":1}],"nested":[[1]],"plain":[1]}"#);
    let html = html(&head, &Patch::Same, Some(&model));
    let fields =
        ["n/none", "e/none/0.0", "n/emptied/s", "n/emptied/n", "e/nested/1.0", "n/nested/0", "n/plain"];
    for field in fields {
        assert!(html.contains(&format!("name=\"{field}\"")), "{field}: {html}");
    }
}

#[test]
fn text_that_was_typed_is_never_cut() {
    let document = node(&format!(r#"{{"a":["{}",1]}}"#, "<".repeat(2 << 20)));
    let mine = node(&format!(r#"{{"a":["{}",2]}}"#, "<".repeat(2 << 20)));
    assert!(!html(&document, &Patch::Same, None).contains("name=\"j/a"));
    assert!(html(&document, &diff(&document, &mine), None).contains("name=\"f/a/1\" value=\"2\""));
    let other = node(&format!(r#"{{"a":["{}",1]}}"#, ">".repeat(10)));
    let html = html(&document, &diff(&document, &other), None);
    assert!(html.contains("name=\"j/a/0\"") && html.contains("&gt;&gt;"));
}

#[test]
fn the_models_value_is_shown_at_its_own_row() {
    let model = node(r#"{"rows":[{"s":"a","n":1,"u":"x"},{"s":"b","n":2,"u":"x"},{"s":"c","n":3,"u":"x"}]}"#);
    let head =
        node(r#"{"rows":[{"s":"b","n":2,"u":"x"},{"s":"c","n":33,"u":"x"},{"s":"new","n":9,"u":"y"}]}"#);
    let html = html(&head, &Patch::Same, Some(&model));
    assert_eq!(html.matches("class=\"was\"").count(), 1);
    assert!(html.contains("was <s><bdi>3</bdi></s>") && html.contains("value=\"9:/rows/1/n3\""), "{html}");
}

#[test]
fn a_conflict_is_chosen_at_its_field() {
    let (base, head) = (node(r#"{"a":1,"b":2}"#), node(r#"{"a":5,"b":2}"#));
    let mine =
        crate::compare::merge(&base, diff(&base, &node(r#"{"a":9,"b":3}"#)), &diff(&base, &head), &head);
    let html = html(&head, &mine, None);
    assert_eq!(html.matches("type=\"radio\"").count(), 2);
    assert!(html.contains("name=\"t/a\"") && html.contains("Theirs: <bdi>5</bdi>"));
    assert!(html.contains("name=\"f/a\" value=\"9\"") && html.contains("name=\"f/b\" value=\"3\""));
}

#[test]
fn a_null_field_says_what_its_text_will_be_saved_as() {
    let html = html(
        &node(r#"{"a":null,"b":"","c":"x"}"#),
        &diff(&node(r#"{"a":null,"b":"","c":"x"}"#), &node(r#"{"a":8554.62,"b":"","c":null}"#)),
        None,
    );
    assert!(html.contains("Will be saved as number 8554.62."), "{html}");
    assert!(html.contains("Will be saved as no value."), "{html}");
    assert!(
        html.contains("placeholder=\"empty text\"") && html.contains("placeholder=\"not in the document\"")
    );
}

/// What a browser sends of a form, near enough: all fields with their values.
pub(super) fn sent(html: &str) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    for tag in html.split('<').filter(|tag| tag.starts_with("input") || tag.starts_with("textarea")) {
        let of = |name: &str| {
            let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
            Some(rest.split_once('"')?.0.replace("&quot;", "\"").replace("&amp;", "&"))
        };
        let is_box = tag.contains("type=\"checkbox\"") || tag.contains("type=\"radio\"");
        if is_box && !tag.contains(" checked") {
            continue;
        }
        let text = tag.split_once('>').map(|(_, text)| text.trim_start_matches('\n').replace("&quot;", "\""));
        let value = if tag.starts_with("textarea") { text } else { of("value") };
        fields.extend(of("name").map(|name| (name, value.unwrap_or_default())));
    }
    for tag in html.split("<select").skip(1) {
        let name = tag.split("name=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();
        let options = tag.split("</select>").next().unwrap();
        // The first option, unless another is selected.
        let mut all = options.split("<option").skip(1);
        let chosen = all.clone().find(|option| option.contains(" selected")).or_else(|| all.next());
        let value = chosen.and_then(|it| it.split("value=\"").nth(1)).and_then(|it| it.split('"').next());
        let value = value.unwrap_or_default().replace("&quot;", "\"").replace("&amp;", "&");
        fields.push((name, value));
    }
    fields
}

#[test]
fn the_saved_document_is_the_one_the_page_shows() {
    let base = r#"{"rows":[{"s":"a","n":1,"u":"x"},{"s":"b","n":2,"u":"x"},{"s":"c","n":null,"u":"x"}],"t":["p","q"],
        "gone":{"x":1},"o":{"k":"v"},"l":[[1],[2]],"e":"","b":true}"#;
    for (mine, theirs) in [
        (
            r#"{"rows":[{"s":"a","n":1,"u":"x"},{"s":"b","n":20,"u":"x"}],"t":["p","q","r"],"gone":{"x":2},"o":{},"l":[[1],[9],[2]],"e":null,"b":null}"#,
            r#"{"rows":[{"s":"0","n":0,"u":"x"},{"s":"a","n":1,"u":"x"},{"s":"c","n":3,"u":"x"}],"t":["q"],"o":{"k":"w"},"l":[[2],[1]],"e":"f","b":false}"#,
        ),
        (
            r#"{"rows":[],"t":[],"gone":[],"o":{"k":"v","n":null},"l":{},"e":"\u0000","b":"x","new":[1]}"#,
            r#"{"rows":[{"s":"c","n":null,"u":"x"},{"s":"a","n":7,"u":"x"}],"t":["p",1],"gone":{"x":1},"o":{"k":1},"l":[],"e":"","b":true}"#,
        ),
        (
            r#"{"rows":[{"s":"a","n":1,"u":"x"},{"s":"b","n":2,"u":"x"},{"s":"c","n":"","u":true},{"s":"","n":"5","u":null}],"t":["p",null,"","q"],"gone":null,"o":1,"l":[[1],[2],null],"e":1,"b":true}"#,
            r#"{"rows":[],"t":["p","q"],"gone":{"x":1},"o":{"k":"v"},"l":[[1],[2]],"e":"","b":true}"#,
        ),
        (
            r#"{"l":[{"a":{"b":1,"c":"x"},"d":[]},{"a":{"b":null,"c":""},"d":[]},{"a":{"b":2,"c":null},"d":[1]},{"a":{"b":null,"c":null},"d":[]}]}"#,
            r#"{"l":[{"a":{"b":5,"c":"y"},"d":[]}]}"#,
        ),
    ] {
        let (base, head) = (node(base), node(theirs));
        let merged = crate::compare::merge(&base, diff(&base, &node(mine)), &diff(&base, &head), &head);
        if !merged.fits_a_form() {
            continue;
        }
        let fields = sent(&html(&head, &merged, None));
        let (read, _) = read_with_reasons(&head, &SubmittedForm::new(fields.clone()))
            .unwrap_or_else(|wrong| panic!("{wrong:?}\n{fields:#?}"));
        assert_eq!(read.apply(&head).compact(), merged.apply(&head).compact(), "{fields:#?}");
    }
}
