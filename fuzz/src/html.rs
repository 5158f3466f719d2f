//! Reads a form as a browser does, and checks that all of its markup is ours.

const TAGS: [&str; 27] = [
    "a", "bdi", "button", "details", "div", "fieldset", "input", "label", "legend", "li", "option", "p", "s",
    "select", "small", "span", "strong", "summary", "table", "tbody", "td", "textarea", "tfoot", "th",
    "thead", "tr", "ul",
];
const ATTRIBUTES: [&str; 38] = [
    "aria-current",
    "aria-describedby",
    "aria-hidden",
    "aria-invalid",
    "aria-label",
    "autocomplete",
    "checked",
    "class",
    "colspan",
    "data-check",
    "data-column",
    "data-kind",
    "data-likelihood",
    "data-path",
    "data-value",
    "dir",
    "for",
    "form",
    "formaction",
    "hidden",
    "href",
    "id",
    "inputmode",
    "name",
    "open",
    "placeholder",
    "readonly",
    "role",
    "rows",
    "scope",
    "selected",
    "size",
    "spellcheck",
    "tabindex",
    "title",
    "type",
    "value",
    "style",
];

/// Reads a tag, and returns its end; panics if there is none.
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

/// Text as a browser reads it: entities, line ends, NUL.
fn unescaped(text: &str) -> String {
    assert!(!text.contains('<'));
    let text = text.replace("\r\n", "\n").replace('\r', "\n").replace('\0', "\u{fffd}");
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
    text.replace("&amp;", "&")
}

/// The fields that a browser would send. A field without a `type` is a text.
pub fn controls(html: &str) -> Vec<(String, String)> {
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
            "input"
                if matches!(of("type").as_deref(), Some("checkbox" | "radio")) && of("checked").is_none() => {
            }
            "input" => {
                // A single-line field drops line ends.
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
