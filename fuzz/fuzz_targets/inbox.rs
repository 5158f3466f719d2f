#![no_main]
//! A snapshot as a form, and what a browser makes of it. The input is a snapshot, a NUL, and a form that is sent back.
//!
//! - Every tag and every attribute is one of ours, quoted, and closed: no text of a snapshot can open one.
//! - What a browser sends of an untouched form is the same snapshot, digit for digit.
//! - What is typed into a field arrives, or is told to be wrong.
//! - Merging with what one started from changes nothing, whatever was sent.

use inbox::fuzzing::form;
use libfuzzer_sys::fuzz_target;
use shared::review::{HashedJson, JsonText};

const TAGS: [&str; 21] = [
    "a", "bdi", "div", "fieldset", "input", "label", "legend", "option", "p", "select", "span", "table", "tbody",
    "td", "textarea", "th", "thead", "tr", "strong", "ul", "li",
];
const ATTRIBUTES: [&str; 26] = [
    "aria-describedby",
    "aria-hidden",
    "aria-invalid",
    "aria-label",
    "autocomplete",
    "checked",
    "class",
    "colspan",
    "dir",
    "for",
    "href",
    "id",
    "inputmode",
    "name",
    "placeholder",
    "readonly",
    "role",
    "rows",
    "scope",
    "selected",
    "spellcheck",
    "tabindex",
    "title",
    "type",
    "value",
    "style",
];

/// A tag and where it ends, or a panic.
fn tag(html: &str) -> (&str, Vec<(&str, String)>, &str) {
    let end = html.find(|it: char| !it.is_ascii_alphanumeric()).expect("a tag ends");
    let (name, mut rest) = html.split_at(end);
    assert!(TAGS.contains(&name), "<{name}> is none of ours");
    let mut attributes = Vec::new();
    loop {
        if let Some(after) = rest.strip_prefix('>') {
            return (name, attributes, after);
        }
        rest = rest.strip_prefix(' ').expect("a space before an attribute");
        let end = rest.find(['=', ' ', '>']).expect("an attribute ends");
        let attribute = &rest[..end];
        assert!(ATTRIBUTES.contains(&attribute), "{attribute} is none of ours");
        rest = &rest[end..];
        let mut value = String::new();
        if let Some(quoted) = rest.strip_prefix("=\"") {
            let (text, after) = quoted.split_once('"').expect("a value ends");
            (value, rest) = (unescaped(text), after);
        }
        attributes.push((attribute, value));
    }
}

/// What a browser reads: entities, and its own idea of line ends and of NUL.
fn unescaped(text: &str) -> String {
    assert!(!text.contains('<'));
    let text = text.replace("\r\n", "\n").replace('\r', "\n").replace('\0', "\u{fffd}");
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
    text.replace("&amp;", "&")
}

/// The fields that a browser would send. `type` is not asked for: what has none is a text.
fn controls(html: &str) -> Vec<(String, String)> {
    let mut fields: Vec<(String, String)> = Vec::new();
    let mut open = Vec::new();
    let mut rest = html;
    while let Some((_, after)) = rest.split_once('<') {
        if let Some(closing) = after.strip_prefix('/') {
            let (name, after) = closing.split_once('>').expect("a tag ends");
            assert_eq!(open.pop(), Some(name), "tags are closed in order");
            rest = after;
            continue;
        }
        let (name, attributes, after) = tag(after);
        let of = |name: &str| attributes.iter().find(|(it, _)| *it == name).map(|(_, value)| value.clone());
        rest = after;
        match name {
            "input" if matches!(of("type").as_deref(), Some("checkbox" | "radio")) && of("checked").is_none() => {}
            "input" => {
                // A field of one line keeps no line's end.
                let value = of("value").unwrap_or_default().replace('\n', "");
                fields.push((of("name").expect("a field has a name"), value));
            }
            "textarea" => {
                let (text, after) = after.split_once("</textarea>").expect("it ends");
                let text = unescaped(text);
                let text = text.strip_prefix('\n').unwrap_or(&text).to_owned();
                fields.push((of("name").expect("a field has a name"), text));
                rest = after;
            }
            "select" => {
                // The first option, unless another is selected.
                fields.push((of("name").expect("a field has a name"), "\0".into()));
                open.push(name);
            }
            "option" => {
                let value = of("value").expect("an option has a value");
                let field = fields.last_mut().expect("an option is in a select");
                if field.1 == "\0" || of("selected").is_some() {
                    field.1 = value;
                }
                open.push(name);
            }
            _ => open.push(name),
        }
    }
    assert!(open.is_empty(), "all tags are closed");
    // As it is sent (HTML, 4.10.21.8): line ends are CR LF, in names too.
    let sent = |text: String| text.replace('\n', "\r\n");
    fields.into_iter().map(|(name, value)| (sent(name), sent(value))).collect()
}

fuzz_target!(|text: &str| {
    let (snapshot, typed) = text.split_once('\0').unwrap_or((text, ""));
    // Only what has a hash is ever stored.
    let stored = JsonText::parse(snapshot.to_owned()).ok().and_then(|text| HashedJson::try_from(text).ok());
    let Some(stored) = stored else { return };
    let snapshot = stored.text.as_str();
    let untouched = form(snapshot, vec![]).expect("what is stored can be shown");
    assert_eq!(untouched.read.as_deref(), Some(&*untouched.snapshot));
    let same = |text: &str| {
        HashedJson::try_from(JsonText::parse(text.to_owned()).unwrap()).unwrap().hash == stored.hash
    };
    assert!(same(&untouched.snapshot), "it is understood as it is");

    let fields = controls(&untouched.html);
    let sent = form(snapshot, fields.clone()).expect("it could be shown before");
    assert_eq!(sent.read, untouched.read, "what was not touched stays");
    assert_eq!((sent.merged, sent.differences), (untouched.read.clone(), 0));

    // Into one field, by the text's length.
    let leaves: Vec<usize> = (0..fields.len()).filter(|index| fields[*index].0.starts_with('f')).collect();
    if let Some(index) = leaves.get(text.len() % leaves.len().max(1)) {
        let mut fields = fields;
        let field = &mut fields[*index];
        field.1 = if field.1 == "41" { "42" } else { "41" }.into();
        let sent = form(snapshot, fields).expect("it could be shown before");
        assert!(sent.read != untouched.read, "what was typed is lost");
    }

    let typed = form_urlencoded::parse(typed.as_bytes()).into_owned().collect();
    let sent = form(snapshot, typed).expect("it could be shown before");
    controls(&sent.html);
    // What was typed as JSON may have its keys in another order, which is no difference; or no hash, and then it is refused.
    let hash = |text: &Option<String>| {
        let text = JsonText::parse(text.clone()?).expect("what is read is JSON");
        HashedJson::try_from(text).ok().map(|it| it.hash)
    };
    if let Some(read) = hash(&sent.read) {
        assert_eq!(hash(&sent.merged), Some(read), "nobody else changed anything");
        assert!(sent.differences > 0 || read == stored.hash, "a difference that is not shown");
        assert!(sent.differences == 0 || sent.read != untouched.read, "a difference that is none");
    }
});
