//! How much of a document a page shows as fields: what is too large for the room that is left is shown as JSON, what is too large
//! for that is cut, and nothing else is.

use super::pages_of_rows::text_cell;
use crate::document::{Node, quoted};
use crate::form::{FIELDS, columns, field_text, segment};
use maud::PreEscaped;
use std::collections::HashMap;

/// How many bytes of HTML a document may become: values, labels, names of fields.
pub(crate) const BYTES: usize = 4 << 20;
/// What a field takes beside its value, its label and its place.
const FIELD: usize = 1100;
/// What a part takes that is cut or has a frame of its own, beside its content.
const PART: usize = 1500;
/// What a bracket, a comma or a colon takes of JSON in the form that sends it back, and what a line break takes.
const SIGN: usize = 3;
const LINE: usize = 6;
/// Lists of more items than this are shown as a whole or not at all.
const FEW: usize = 50;
/// Rows of a large table that can be typed into at a time.
const ROWS: usize = 50;
/// Fields that these rows have at most, and that they leave to the rest.
const PAGE: usize = 1000;
const SPARE: usize = 100;

/// How a value is shown that is not shown as fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// As JSON; indented, if that fits.
    Json { is_pretty: bool },
    /// Its beginning, and where all of it is.
    Cut,
}

/// What a value takes.
#[derive(Clone, Copy, Debug, Default)]
struct Weight {
    fields: usize,
    /// As fields.
    bytes: usize,
    /// As JSON without spaces.
    json: usize,
    /// As JSON, indented: at most.
    pretty: usize,
}

/// What is left of the page.
struct Room {
    fields: usize,
    bytes: usize,
}

impl Room {
    const fn has(&self, weight: &Weight) -> bool {
        weight.fields <= self.fields && weight.bytes <= self.bytes
    }

    const fn take(&mut self, weight: &Weight) {
        self.fields = self.fields.saturating_sub(weight.fields);
        self.bytes = self.bytes.saturating_sub(weight.bytes);
    }
}

/// Which parts of a document are not shown as fields.
#[derive(Default)]
pub(super) struct Plan {
    weights: HashMap<*const Node, Weight>,
    parts: HashMap<*const Node, How>,
    /// How many rows at a time can be typed into, of tables that are too large for more.
    rows: HashMap<*const Node, usize>,
    /// How many values were looked at, for the tests of how work grows.
    pub(super) steps: usize,
}

/// A value, how long its place is in the names of its fields, and how long its label is.
#[derive(Clone, Copy)]
struct Shown<'a> {
    node: &'a Node,
    place: usize,
    label: usize,
    depth: usize,
}

impl<'a> Shown<'a> {
    fn children(self) -> Vec<Self> {
        let depth = self.depth + 1;
        match self.node {
            Node::Object(entries) => {
                let child = |(key, node): &'a (String, Node)| {
                    let place = self.place + 1 + escaped(&segment(key));
                    Self { node, place, label: label_length(key), depth }
                };
                entries.iter().map(child).collect()
            }
            Node::List(items) => {
                let place = self.place + 8;
                items.iter().map(|node| Self { node, place, label: self.label, depth }).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// A label is cut, so a long key does not make it longer.
fn label_length(key: &str) -> usize {
    escaped(key).min(500) + 20
}

/// How long a text is in an attribute, or in the form that sends it back.
pub(super) fn escaped(text: &str) -> usize {
    in_textarea(text) + 3 * text.bytes().filter(|byte| *byte == b'"').count()
}

/// How long a text is in a textarea, or in the form that sends it back, whichever is longer: what is shown as a form can be sent.
pub(super) fn in_textarea(text: &str) -> usize {
    let size = |byte: u8| match byte {
        // `%0D%0A` in the form.
        b'\n' => LINE,
        b'&' => 5,
        b'<' | b'>' => 4,
        b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b' ' | b'*' | b'-' | b'.' | b'_' => 1,
        // `%E2` in the form.
        _ => SIGN,
    };
    text.bytes().map(size).sum()
}

/// A text for a textarea.
pub(super) fn textarea(text: &str) -> PreEscaped<String> {
    PreEscaped(text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"))
}

impl Plan {
    /// What becomes of a document on a page, in time linear in it.
    pub(super) fn of(document: &Node) -> Self {
        let mut plan = Self::default();
        let whole = Shown { node: document, place: 0, label: 20, depth: 0 };
        plan.weigh(whole);
        plan.spread(whole, &mut Room { fields: FIELDS, bytes: BYTES });
        plan.weights.clear();
        plan
    }

    /// How a value is shown, if not as fields.
    pub(super) fn part(&self, node: &Node) -> Option<How> {
        self.parts.get(&std::ptr::from_ref(node)).copied()
    }

    /// How many rows of a table can be typed into at a time; none, if all can.
    pub(super) fn rows(&self, node: &Node) -> Option<usize> {
        self.rows.get(&std::ptr::from_ref(node)).copied()
    }

    fn weigh(&mut self, shown: Shown<'_>) -> Weight {
        self.steps += 1;
        if shown.node.is_leaf() {
            return leaf(shown);
        }
        let indent = 2 * shown.depth.min(12) + 3;
        let mut weight = Weight {
            fields: 0,
            bytes: PART + 2 * shown.place + 3 * shown.label,
            json: 2 * SIGN,
            pretty: 2 * SIGN + LINE + indent,
        };
        for child in shown.children() {
            let of_child = self.weigh(child);
            weight.fields += of_child.fields;
            weight.bytes += of_child.bytes;
            weight.json += of_child.json + SIGN;
            weight.pretty += of_child.pretty + SIGN + LINE + indent;
        }
        if let Node::Object(entries) = shown.node {
            let keys: usize = entries.iter().map(|(key, _)| in_textarea(&quoted(key)) + SIGN).sum();
            weight.json += keys;
            weight.pretty += keys + entries.len();
        }
        weight.fields = weight.fields.max(1);
        self.weights.insert(std::ptr::from_ref(shown.node), weight);
        weight
    }

    fn weight(&self, shown: Shown<'_>) -> Weight {
        let known = self.weights.get(&std::ptr::from_ref(shown.node)).copied();
        known.unwrap_or_else(|| leaf(shown))
    }

    fn spread(&mut self, shown: Shown<'_>, room: &mut Room) {
        self.steps += 1;
        let weight = self.weight(shown);
        if room.has(&weight) {
            room.take(&weight);
            return;
        }
        if self.as_pages(shown, room) {
            return;
        }
        let is_open = match shown.node {
            Node::Object(_) => true,
            Node::List(items) => items.len() <= FEW && columns(items).is_none(),
            _ => return self.cut(shown, room),
        };
        let least = |child: &Shown<'_>| Weight {
            fields: 1,
            bytes: PART + 3 * child.place + 3 * child.label,
            ..Weight::default()
        };
        let children = shown.children();
        let is_small = |child: &Shown<'_>| child.node.is_leaf() && leaf(*child).bytes <= BYTES / 16;
        let mut direct = Weight { bytes: PART, ..Weight::default() };
        for child in &children {
            self.steps += 1;
            let weight = if is_small(child) { leaf(*child) } else { least(child) };
            direct.fields += weight.fields;
            direct.bytes += weight.bytes;
        }
        if !is_open || !room.has(&direct) {
            return self.as_json(shown, room);
        }
        room.take(&direct);
        let mut large: Vec<Shown<'_>> = children.into_iter().filter(|child| !is_small(child)).collect();
        // The small ones first, so that a large one takes nothing from them.
        large.sort_by_key(|child| self.weight(*child).bytes);
        for child in large {
            room.fields += 1;
            room.bytes += least(&child).bytes;
            self.spread(child, room);
        }
    }

    /// Whether a table fits if only some of its rows, a page, have fields, and the others are text.
    fn as_pages(&mut self, shown: Shown<'_>, room: &mut Room) -> bool {
        /// What a row takes beside its cells, and a cell that is not there.
        const ROW: usize = 120;
        const CELL: usize = 20;
        let Node::List(items) = shown.node else { return false };
        let Some(columns) = columns(items) else { return false };
        let rows = shown.children();
        let (mut text, mut fields) =
            (PART + columns.len() * (3 * shown.label + 200), Vec::with_capacity(rows.len()));
        for row in &rows {
            let Node::Object(entries) = row.node else { return false };
            self.steps += entries.len();
            let cells: usize = entries.iter().map(|(_, value)| text_cell(value)).sum();
            text += ROW + row.place + columns.len() * CELL + cells;
            fields.push(self.weight(*row).bytes);
        }
        let most = room.fields.saturating_sub(SPARE).min(PAGE);
        let mut size = ROWS.min(most / columns.len()).min(rows.len());
        while size > 0 {
            self.steps += fields.len();
            let page = fields.chunks(size).map(|page| page.iter().sum::<usize>()).max().unwrap_or_default();
            let weight = Weight { fields: size * columns.len(), bytes: text + page, ..Weight::default() };
            if room.has(&weight) {
                room.take(&weight);
                self.rows.insert(std::ptr::from_ref(shown.node), size);
                return true;
            }
            size /= 2;
        }
        false
    }

    fn as_json(&mut self, shown: Shown<'_>, room: &mut Room) {
        let weight = self.weight(shown);
        let around = PART + 3 * shown.place + 3 * shown.label;
        let (bytes, is_pretty) =
            if weight.pretty + around <= room.bytes { (weight.pretty, true) } else { (weight.json, false) };
        if bytes + around > room.bytes || room.fields == 0 {
            return self.cut(shown, room);
        }
        room.take(&Weight { fields: 1, bytes: bytes + around, ..Weight::default() });
        self.parts.insert(std::ptr::from_ref(shown.node), How::Json { is_pretty });
    }

    fn cut(&mut self, shown: Shown<'_>, room: &mut Room) {
        room.take(&Weight { fields: 1, bytes: PART + 3 * shown.label, ..Weight::default() });
        self.parts.insert(std::ptr::from_ref(shown.node), How::Cut);
    }
}

fn leaf(shown: Shown<'_>) -> Weight {
    let (field, json) = match shown.node {
        Node::Text(text) => {
            let said = field_text(shown.node);
            let field = if is_long(&said) { in_textarea(&said) } else { escaped(&said) };
            (field, in_textarea(&quoted(text)))
        }
        Node::Number(text) => (in_textarea(text), in_textarea(text)),
        _ => (5, 5),
    };
    let bytes = FIELD + 5 * shown.place + 3 * shown.label + field;
    Weight { fields: 1, bytes, json, pretty: json }
}

/// Whether a text has a field of several lines.
pub(super) fn is_long(text: &str) -> bool {
    const LONG: usize = 72;
    text.len() > LONG || text.contains('\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(text: &str) -> Node {
        Node::parse(text).unwrap()
    }

    fn entry<'a>(node: &'a Node, key: &str) -> &'a Node {
        let Node::Object(entries) = node else { panic!("an object") };
        &entries.iter().find(|(name, _)| name == key).unwrap().1
    }

    #[test]
    fn only_the_part_that_is_too_large_degrades() {
        let rows = r#"{"a":1,"b":2},"#.repeat(1500);
        let document = node(&format!(
            r#"{{"lines":[{}],"head":{{"no":1}},"data":{{"x":1}}}}"#,
            rows.trim_end_matches(',')
        ));
        let plan = Plan::of(&document);
        assert_eq!(
            (plan.part(entry(&document, "lines")), plan.rows(entry(&document, "lines"))),
            (None, Some(50))
        );
        assert_eq!(
            (plan.part(&document), plan.part(entry(&document, "head")), plan.part(entry(&document, "data"))),
            (None, None, None)
        );
    }

    #[test]
    fn a_long_key_over_a_long_list_is_json() {
        let document = node(&format!(r#"{{"{}":[{}1],"x":1}}"#, "k".repeat(20_000), "1,".repeat(1998)));
        let plan = Plan::of(&document);
        assert_eq!(plan.part(entry(&document, &"k".repeat(20_000))), Some(How::Json { is_pretty: true }));
        assert_eq!((plan.part(&document), plan.part(entry(&document, "x"))), (None, None));
    }

    #[test]
    fn a_value_too_large_even_as_json_is_cut() {
        let document = node(&format!(r#"{{"signs":"{}","x":1}}"#, "<".repeat(1 << 20)));
        let plan = Plan::of(&document);
        assert_eq!(plan.part(entry(&document, "signs")), Some(How::Cut));
        assert_eq!((plan.part(&document), plan.part(entry(&document, "x"))), (None, None));
    }

    #[test]
    fn the_work_is_linear() {
        let steps = |levels: usize, items: usize| {
            let text = format!("{}{}1{}", "[".repeat(levels), "1,".repeat(items), "]".repeat(levels));
            Plan::of(&node(&text)).steps
        };
        for (levels, items) in [(1, 1000), (60, 1000), (120, 30_000)] {
            assert!(steps(levels, items) <= 12 * (levels + items + 1));
        }
    }
}
