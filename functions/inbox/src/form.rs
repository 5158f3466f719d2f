//! A document as a form, and what was typed into it as a document.
//!
//! A field's name is the place of its value: `f/line_items/0/amount`. `j…` is a value as JSON; `x…` takes an item out of a
//! list; `n…` belongs to an item that is new. What is not typed into stays as it is, to the last digit: a field says what it
//! said before, so its value is not read at all.

use crate::document::{Node, Path, Step, pointer, quoted};
use shared::review::has_unseen;
use std::collections::HashMap;

/// How many fields a form has at most; what is beyond is shown as JSON.
pub(crate) const FIELDS: usize = 2000;

/// What was sent, by field.
#[derive(Debug, Default)]
pub(crate) struct Sent(HashMap<String, String>);

impl Sent {
    /// What a browser sent; of two fields with one name the first counts.
    pub(crate) fn new(fields: Vec<(String, String)>) -> Self {
        let mut sent = HashMap::with_capacity(fields.len());
        for (name, value) in fields {
            sent.entry(name).or_insert(value);
        }
        Self(sent)
    }

    /// One field.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Whether nothing was sent.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The same without some fields.
    pub(crate) fn without(&self, names: &[&str]) -> Self {
        let kept = self.0.iter().filter(|(name, _)| !names.contains(&name.as_str()));
        Self(kept.map(|(name, value)| (name.clone(), value.clone())).collect())
    }

    /// All fields, in no order.
    pub(crate) fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether there is any field of the output.
    pub(crate) fn has_fields(&self) -> bool {
        let is_of_output = |name: &String| name == "snapshot" || name == "j" || name.get(1..2) == Some("/");
        self.0.keys().any(is_of_output)
    }

    /// One field, blanks around it aside; none if it is blank.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        let text = self.get(name)?.replace("\r\n", "\n");
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }
}

/// What is wrong with a field, by its name.
pub(crate) type Wrong = HashMap<String, &'static str>;

/// How one value is typed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    /// A text with something in it that a field would not keep, or not show: as a JSON string.
    Escaped,
    Number,
    Bool,
    /// Nobody knows what it would be.
    Null,
}

impl Kind {
    pub(crate) fn of(node: &Node) -> Option<Self> {
        Some(match node {
            Node::Null => Self::Null,
            Node::Bool(_) => Self::Bool,
            Node::Number(_) => Self::Number,
            Node::Text(text) if has_unseen(text) => Self::Escaped,
            Node::Text(_) => Self::Text,
            Node::List(_) | Node::Object(_) => return None,
        })
    }
}

/// A column of a list that is shown as a table.
pub(crate) struct Column {
    pub(crate) name: String,
    /// What a null in it would be: what its neighbours are.
    pub(crate) kind: Kind,
    /// Whether it holds texts that want room.
    pub(crate) is_long: bool,
}

impl Column {
    /// All columns; found out once for all rows.
    pub(crate) fn all(items: &[Node], names: &[&str]) -> Vec<Self> {
        names.iter().map(|name| Self::of(items, name)).collect()
    }

    fn of(items: &[Node], name: &str) -> Self {
        let step = [Step::Key(name.to_owned())];
        let values = || items.iter().filter_map(|item| item.at(&step));
        let mut kinds = values().filter_map(Kind::of).filter(|kind| *kind != Kind::Null);
        let kind = match kinds.next() {
            Some(kind @ (Kind::Number | Kind::Bool)) => kind,
            _ => Kind::Text,
        };
        let is_long =
            values().any(|value| matches!(value, Node::Text(text) if text.chars().nth(16).is_some()));
        Self { name: name.to_owned(), kind, is_long }
    }
}

/// What a leaf's field says.
pub(crate) fn field_text(node: &Node) -> String {
    match node {
        Node::Null => String::new(),
        Node::Bool(value) => value.to_string(),
        Node::Text(text) if has_unseen(text) => quoted(text),
        Node::Number(text) | Node::Text(text) => text.clone(),
        Node::List(_) | Node::Object(_) => node.pretty(),
    }
}

/// The columns of a list that is shown as a table: it holds nothing but objects, of single values, with few names in all.
pub(crate) fn columns(items: &[Node]) -> Option<Vec<&str>> {
    const MOST: usize = 12;
    let mut names: Vec<&str> = Vec::new();
    for item in items {
        let Node::Object(entries) = item else { return None };
        for (key, value) in entries {
            if !value.is_leaf() {
                return None;
            }
            if !names.contains(&key.as_str()) {
                names.push(key);
            }
        }
        if names.len() > MOST {
            return None;
        }
    }
    (!names.is_empty()).then_some(names)
}

/// The document that `sent` makes of `base`.
pub(crate) fn read(base: &Node, sent: &Sent) -> Result<Node, Wrong> {
    let mut reading = Reading { sent, wrong: Wrong::new(), path: Path::new() };
    let node = reading.node(base, Kind::Text);
    if reading.wrong.is_empty() { Ok(node) } else { Err(reading.wrong) }
}

struct Reading<'a> {
    sent: &'a Sent,
    wrong: Wrong,
    path: Path,
}

impl Reading<'_> {
    /// `beside` is what a null here would be.
    fn node(&mut self, base: &Node, beside: Kind) -> Node {
        let place = pointer(&self.path);
        let as_json = format!("j{place}");
        if let Some(text) = self.sent.get(&as_json) {
            return self.json(as_json, text, base);
        }
        match base {
            Node::Object(entries) => {
                let entries = entries.iter().map(|(key, value)| {
                    let value = self.inside(Step::Key(key.clone()), value, Kind::Text);
                    (key.clone(), value)
                });
                Node::Object(entries.collect())
            }
            Node::List(items) => self.list(items, &place),
            leaf => self.leaf(leaf, beside, format!("f{place}")),
        }
    }

    fn inside(&mut self, step: Step, base: &Node, beside: Kind) -> Node {
        self.path.push(step);
        let node = self.node(base, beside);
        self.path.pop();
        node
    }

    fn list(&mut self, items: &[Node], place: &str) -> Node {
        let table = columns(items).map(|names| Column::all(items, &names));
        let mut read = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let node = match (item, &table) {
                (Node::Object(entries), Some(columns)) => self.row(columns, index, entries),
                (item, _) => self.inside(Step::Item(index), item, Kind::Text),
            };
            if self.sent.get(&format!("x{place}/{index}")).is_none() {
                read.push(node);
            }
        }
        let new = match table {
            Some(columns) => self.new_row(&columns, place),
            None => self.new_item(items, place),
        };
        read.extend(new);
        Node::List(read)
    }

    fn row(&mut self, columns: &[Column], index: usize, entries: &[(String, Node)]) -> Node {
        self.path.push(Step::Item(index));
        let entries = entries.iter().map(|(key, value)| {
            let beside = columns.iter().find(|column| column.name == *key).map_or(Kind::Text, |it| it.kind);
            (key.clone(), self.inside(Step::Key(key.clone()), value, beside))
        });
        let row = Node::Object(entries.collect());
        self.path.pop();
        row
    }

    /// The row that is new, if anything was typed into it; what was left blank is null.
    fn new_row(&mut self, columns: &[Column], place: &str) -> Option<Node> {
        let field = |name: &str| format!("n{place}{}", pointer(&[Step::Key(name.to_owned())]));
        let typed = |name: &str| self.sent.get(&field(name)).is_some_and(|text| !text.trim().is_empty());
        columns.iter().any(|column| typed(&column.name)).then(|| {
            let entries = columns.iter().map(|column| {
                let value = self.leaf(&Node::Null, column.kind, field(&column.name));
                (column.name.clone(), value)
            });
            Node::Object(entries.collect())
        })
    }

    /// The single value that is new at the end of a list of such.
    fn new_item(&mut self, items: &[Node], place: &str) -> Option<Node> {
        let name = format!("n{place}");
        let typed = self.sent.get(&name).is_some_and(|text| !text.trim().is_empty());
        let beside = items.iter().filter_map(Kind::of).find(|kind| *kind != Kind::Null);
        typed.then(|| self.leaf(&Node::Null, beside.unwrap_or(Kind::Text), name))
    }

    fn json(&mut self, name: String, text: &str, base: &Node) -> Node {
        let text = text.replace("\r\n", "\n");
        if text == field_text(base) {
            return base.clone();
        }
        Node::parse(&text).unwrap_or_else(|_| {
            self.wrong.insert(name, "is no valid JSON");
            base.clone()
        })
    }

    fn leaf(&mut self, base: &Node, beside: Kind, name: String) -> Node {
        let Some(text) = self.sent.get(&name) else { return base.clone() };
        // Browsers send every line's end as CR LF.
        let text = text.replace("\r\n", "\n");
        if text == field_text(base) {
            return base.clone();
        }
        let kind = match Kind::of(base) {
            Some(Kind::Null) | None => beside,
            Some(kind) => kind,
        };
        typed(kind, &text).unwrap_or_else(|fault| {
            self.wrong.insert(name, fault);
            base.clone()
        })
    }
}

fn typed(kind: Kind, text: &str) -> Result<Node, &'static str> {
    let trimmed = text.trim();
    match kind {
        Kind::Number if trimmed.is_empty() => Ok(Node::Null),
        Kind::Number if Node::is_number(trimmed) => Ok(Node::Number(trimmed.to_owned())),
        Kind::Number => Err("must be a number, such as 1249.90"),
        Kind::Bool => match trimmed {
            "true" => Ok(Node::Bool(true)),
            "false" => Ok(Node::Bool(false)),
            "" => Ok(Node::Null),
            _ => Err("must be true or false"),
        },
        Kind::Escaped => match Node::parse(trimmed) {
            Ok(node @ Node::Text(_)) => Ok(node),
            _ => Err("must be a text in double quotes, as JSON writes it"),
        },
        Kind::Text | Kind::Null => Ok(Node::Text(text.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INVOICE: &str = r#"{"no": "A-1", "total": 12.50, "paid": false, "vat": null, "odd": "a\u0000b", "tags": ["x"],
        "rows": [{"sku": "a", "n": 1}, {"sku": null, "n": null}], "deep": {"list": [[1]]}}"#;

    fn read_with(fields: &[(&str, &str)]) -> Result<String, Wrong> {
        let owned = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        read(&Node::parse(INVOICE).unwrap(), &Sent::new(owned.collect())).map(|node| node.compact())
    }

    fn plain() -> String {
        Node::parse(INVOICE).unwrap().compact()
    }

    #[test]
    fn what_is_not_typed_into_stays_as_it_is() {
        assert_eq!(read_with(&[]), Ok(plain()));
        let same = [
            ("f/no", "A-1"),
            ("f/total", "12.50"),
            ("f/paid", "false"),
            ("f/vat", ""),
            ("f/odd", r#""a\u0000b""#),
        ];
        assert_eq!(read_with(&same), Ok(plain()));
        let rows = [
            ("f/rows/1/n", ""),
            ("n/rows/sku", " "),
            ("n/tags", ""),
            ("j/deep/list", "[\n  [\n    1\n  ]\n]"),
        ];
        assert_eq!(read_with(&rows), Ok(plain()));
    }

    #[test]
    fn what_is_typed_is_read_as_what_was_there() {
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
        // A null takes what its column takes.
        let row = read_with(&[("f/rows/1/n", "2"), ("f/rows/1/sku", "3")]).unwrap();
        assert!(row.contains(r#"{"sku":"3","n":2}"#), "{row}");
    }

    #[test]
    fn each_kind_is_typed_as_it_is_shown() {
        let read = |kind, text| typed(kind, text).ok();
        assert_eq!(read(Kind::Bool, " false "), Some(Node::Bool(false)));
        assert_eq!(read(Kind::Bool, ""), Some(Node::Null));
        assert_eq!(read(Kind::Escaped, r#""c\u0000d""#), Some(Node::Text("c\0d".into())));
        assert_eq!(read(Kind::Escaped, "1"), None);
        assert_eq!(field_text(&Node::Text("a".into())), "a");
        assert_eq!(field_text(&Node::Text("a\0".into())), r#""a\u0000""#);
    }

    #[test]
    fn fields_beside_the_output_are_none_of_it() {
        let sent = |name: &str, text: &str| Sent::new(vec![(name.to_owned(), text.to_owned())]);
        for name in ["snapshot", "j", "j/a", "f/a", "x/a/0"] {
            assert!(sent(name, "").has_fields(), "{name}");
        }
        for name in ["", "note", "rev", "f"] {
            assert!(!sent(name, "").has_fields(), "{name}");
        }
        assert_eq!(sent("note", " a\r\nb ").text("note").as_deref(), Some("a\nb"));
        assert_eq!((sent("note", " \r\n").text("note"), sent("note", "a").text("reason")), (None, None));
    }

    #[test]
    fn a_table_has_twelve_columns_at_most() {
        let row = |columns: usize| {
            let fields: Vec<String> = (0..columns).map(|number| format!(r#""{number}": 1"#)).collect();
            Node::parse(&format!("{{{}}}", fields.join(","))).unwrap()
        };
        assert_eq!(columns(&[row(12), row(3)]).map(|names| names.len()), Some(12));
        assert_eq!(columns(&[row(13)]), None);
        assert_eq!(columns(&[row(14)]), None);
    }

    #[test]
    fn a_new_item_is_what_its_neighbours_are() {
        let base = Node::parse("[null, 1]").unwrap();
        let sent = Sent::new(vec![("n".to_owned(), "2".to_owned())]);
        assert_eq!(read(&base, &sent).map(|node| node.compact()), Ok("[null,1,2]".to_owned()));
    }

    #[test]
    fn items_come_and_go() {
        let rows = read_with(&[("x/rows/0", "1"), ("n/rows/sku", "c"), ("n/tags", "y")]).unwrap();
        assert!(
            rows.contains(r#""tags":["x","y"],"rows":[{"sku":null,"n":null},{"sku":"c","n":null}]"#),
            "{rows}"
        );
    }

    #[test]
    fn what_cannot_be_read_is_told_by_field() {
        let wrong = read_with(&[
            ("f/total", "1,5"),
            ("f/paid", "x"),
            ("f/odd", "ab"),
            ("j/deep", "{"),
            ("n/rows/n", "x"),
        ]);
        let mut names: Vec<String> = wrong.unwrap_err().into_keys().collect();
        names.sort();
        assert_eq!(names, ["f/odd", "f/paid", "f/total", "j/deep", "n/rows/n"]);
    }
}
