//! A document as the fields of a form, or, where it may not be changed, as plain values.

use crate::document::{Node, Path, Step, pointer};
use crate::form::{Column, FIELDS, Kind, Sent, Wrong, columns, field_text};
use crate::refused::anchor;
use crate::words::label;
use maud::{Markup, html};
use std::cell::Cell;

/// What is shown, and what of it was typed.
pub(crate) struct Fields<'a> {
    /// What is shown.
    pub(crate) base: &'a Node,
    /// The same with one's own changes, where there are any.
    pub(crate) mine: Option<&'a Node>,
    /// What the model said, where it has been corrected since.
    pub(crate) model: Option<&'a Node>,
    /// What was typed last, wrong or not.
    pub(crate) sent: Option<&'a Sent>,
    pub(crate) wrong: &'a Wrong,
    pub(crate) editable: bool,
}

impl Fields<'_> {
    /// As HTML.
    pub(crate) fn html(&self) -> Markup {
        let drawing = Drawing { fields: self, path: Path::new(), left: Cell::new(FIELDS) };
        drawing.whole()
    }
}

struct Drawing<'a> {
    fields: &'a Fields<'a>,
    path: Path,
    /// How many fields there is still room for.
    left: Cell<usize>,
}

impl Drawing<'_> {
    fn whole(mut self) -> Markup {
        let base = self.fields.base;
        match base {
            Node::Object(entries) if !entries.is_empty() => self.entries(base, entries),
            _ => self.value("Output", base, Kind::Text),
        }
    }

    fn inside(&mut self, step: Step, draw: impl FnOnce(&mut Self) -> Markup) -> Markup {
        self.path.push(step);
        let drawn = draw(self);
        self.path.pop();
        drawn
    }

    /// Whether a value has too many fields for the room that is left; if it has not, the room is taken.
    fn is_too_much(&self, node: &Node) -> bool {
        node.leaves() > self.left.get()
    }

    fn entries(&mut self, object: &Node, entries: &[(String, Node)]) -> Markup {
        if self.is_too_much(object) {
            return self.as_json("Output", object);
        }
        html! {
            @for (key, value) in entries {
                (self.inside(Step::Key(key.clone()), |inner| inner.value(&label(key), value, Kind::Text)))
            }
        }
    }

    fn value(&mut self, name: &str, node: &Node, beside: Kind) -> Markup {
        match node {
            _ if !node.is_leaf() && self.is_too_much(node) => self.as_json(name, node),
            Node::Object(entries) if entries.is_empty() => empty(name, "nothing"),
            Node::Object(entries) => html! {
                fieldset.group { legend { (name) } (self.entries(node, entries)) }
            },
            Node::List(items) if items.is_empty() => empty(name, "an empty list"),
            Node::List(items) => match columns(items) {
                Some(names) => self.table(name, items, &names),
                None => self.list(name, items),
            },
            leaf => html! { (self.leaf(name, leaf, beside, false)) },
        }
    }

    fn list(&mut self, name: &str, items: &[Node]) -> Markup {
        let place = pointer(&self.path);
        let all_leaves = items.iter().all(Node::is_leaf);
        html! {
            fieldset.group.list { legend { (name) " " span.count { (items.len()) } }
                @for (index, item) in items.iter().enumerate() {
                    div.item {
                        (self.inside(Step::Item(index), |inner| inner.value(&format!("{name} {}", index + 1), item, Kind::Text)))
                        @if self.fields.editable { (self.take_out(&format!("x{place}/{index}"), &format!("{name} {}", index + 1))) }
                    }
                }
                @if self.fields.editable && all_leaves { (self.new_field(&format!("n{place}"), &format!("{name}: one more"), false)) }
            }
        }
    }

    fn table(&mut self, name: &str, items: &[Node], names: &[&str]) -> Markup {
        let place = pointer(&self.path);
        let columns = Column::all(items, names);
        html! {
            fieldset.group.list { legend { (name) " " span.count { (items.len()) } }
                div.scroll tabindex="0" role="region" aria-label=(name) { table.items {
                    thead { tr {
                        @for column in names { th scope="col" { (label(column)) } }
                        @if self.fields.editable { th scope="col" { span.visually-hidden { "Take out" } } }
                    } }
                    tbody {
                        @for (index, item) in items.iter().enumerate() {
                            tr { (self.inside(Step::Item(index), |inner| inner.cells(name, &columns, index, item)))
                                @if self.fields.editable {
                                    td { (self.take_out(&format!("x{place}/{index}"), &format!("{name} {}", index + 1))) }
                                }
                            }
                        }
                        @if self.fields.editable { tr.new {
                            @for column in names {
                                td { (self.new_field(
                                    &format!("n{place}{}", pointer(&[Step::Key((*column).to_owned())])),
                                    &format!("{name}, new row: {}", label(column)),
                                    true,
                                )) }
                            }
                            td { span.muted { "new" } }
                        } }
                    }
                } }
            }
        }
    }

    fn cells(&mut self, name: &str, columns: &[Column], index: usize, item: &Node) -> Markup {
        html! {
            @for column in columns {
                @let step = Step::Key(column.name.clone());
                @match item.at(std::slice::from_ref(&step)) {
                    Some(value) => {
                        td.number[matches!(value, Node::Number(_))].long[column.is_long] {
                            (self.inside(step, |inner| {
                                let said = format!("{name} {}: {}", index + 1, label(&column.name));
                                inner.leaf(&said, value, column.kind, true)
                            }))
                        }
                    }
                    None => { td { span.muted { "–" } } }
                }
            }
        }
    }

    fn take_out(&self, name: &str, what: &str) -> Markup {
        let checked = self.fields.sent.is_some_and(|sent| sent.get(name).is_some());
        html! {
            label.take-out title="Take out" {
                input type="checkbox" name=(name) value="1" checked[checked] aria-label={"Take out " (what)};
                span aria-hidden="true" { "×" }
            }
        }
    }

    fn new_field(&self, name: &str, what: &str, cell: bool) -> Markup {
        let value = self.fields.sent.and_then(|sent| sent.get(name)).unwrap_or_default();
        let wrong = self.fields.wrong.get(name);
        let id = anchor(name);
        html! {
            div.field.cell[cell].wrong[wrong.is_some()] {
                @if !cell { label for=(id) { (what) } }
                input id=(id) name=(name) value=(value) aria-label=[cell.then_some(what)] autocomplete="off" spellcheck="false"
                    aria-invalid=[wrong.map(|_| "true")] aria-describedby=[wrong.map(|_| format!("{id}-wrong"))];
                @if let Some(fault) = wrong { span.fault id={(id) "-wrong"} { (what) " " (fault) } }
            }
        }
    }

    /// One's own value here, if it differs.
    fn mine(&self, base: &Node) -> Option<&Node> {
        self.fields.mine.and_then(|mine| mine.at(&self.path)).filter(|mine| *mine != base)
    }

    /// What the model said here, if it is something else.
    fn model(&self, base: &Node) -> Option<&Node> {
        let model = self.fields.model?;
        match model.at(&self.path) {
            Some(said) if said == base => None,
            Some(said) => Some(said),
            None => Some(&Node::Null),
        }
    }

    fn leaf(&self, name: &str, base: &Node, beside: Kind, cell: bool) -> Markup {
        self.left.set(self.left.get().saturating_sub(1));
        let corrected = self.model(base);
        let hint = corrected.map(|said| html! { span.hint { "Model: " bdi { (shown(said)) } } });
        if !self.fields.editable {
            return html! {
                div.field.cell[cell].corrected[corrected.is_some()] {
                    @if !cell { span.label { (name) } }
                    span.value.empty[matches!(base, Node::Null)] dir="auto" {
                        @if matches!(base, Node::Null) { "empty" } @else { (field_text(base)) }
                    }
                    @if let Some(hint) = &hint { (hint) }
                }
            };
        }
        let field = format!("f{}", pointer(&self.path));
        let typed = self.fields.sent.and_then(|sent| sent.get(&field)).map(|text| text.replace("\r\n", "\n"));
        let typed = typed.filter(|text| *text != field_text(base));
        let mine = typed.or_else(|| self.mine(base).map(field_text));
        let (id, wrong) = (anchor(&field), self.fields.wrong.get(&field));
        html! {
            div.field.cell[cell].corrected[corrected.is_some()].typed[mine.is_some()].wrong[wrong.is_some()] {
                @if !cell { label for=(id) { (name) } }
                (self.control(&id, &field, name, base, mine, beside, cell))
                @if let Some(hint) = &hint { (hint) }
                @if let Some(fault) = wrong { span.fault id={(id) "-wrong"} { @if cell { (name) " " } (fault) } }
            }
        }
    }

    #[allow(clippy::too_many_arguments)] // one control, all that is said of it
    fn control(
        &self,
        id: &str,
        field: &str,
        name: &str,
        base: &Node,
        mine: Option<String>,
        beside: Kind,
        cell: bool,
    ) -> Markup {
        const LONG: usize = 72;
        /// From here on a browser takes seconds to break a text into lines, so it is left in its own.
        const VERY_LONG: usize = 20_000;
        let kind = match Kind::of(base) {
            Some(Kind::Null) | None => beside,
            Some(kind) => kind,
        };
        let text = mine.unwrap_or_else(|| field_text(base));
        let spoken = cell.then_some(name);
        let wrong = self.fields.wrong.get(field).map(|_| format!("{id}-wrong"));
        let invalid = wrong.as_ref().map(|_| "true");
        let null = matches!(base, Node::Null).then_some("empty");
        let rows = (text.len() / LONG + text.matches('\n').count() + 1).min(12);
        html! {
            @if kind == Kind::Bool {
                select id=(id) name=(field) aria-label=[spoken] aria-invalid=[invalid] aria-describedby=[wrong] {
                    @if null.is_some() { option value="" selected[text.is_empty()] { "" } }
                    option value="true" selected[text == "true"] { "true" }
                    option value="false" selected[text == "false"] { "false" }
                }
            } @else if text.len() > LONG || text.contains('\n') || field_text(base).contains('\n') {
                textarea.code[text.len() > VERY_LONG] id=(id) name=(field) rows=(rows) dir=[(text.len() <= VERY_LONG).then_some("auto")] spellcheck="false" aria-label=[spoken] aria-invalid=[invalid] aria-describedby=[wrong] {
                    "\n" (text)
                }
            } @else {
                input id=(id) name=(field) value=(text) dir="auto" autocomplete="off" spellcheck="false" placeholder=[null]
                    inputmode=[(kind == Kind::Number).then_some("decimal")] aria-label=[spoken] aria-invalid=[invalid] aria-describedby=[wrong];
            }
        }
    }

    /// What has more fields than a form can have.
    fn as_json(&mut self, name: &str, node: &Node) -> Markup {
        let field = format!("j{}", pointer(&self.path));
        let sent = self.fields.sent.and_then(|sent| sent.get(&field)).map(str::to_owned);
        let is_typed = sent.is_some() || self.mine(node).is_some();
        let text = sent.unwrap_or_else(|| self.mine(node).unwrap_or(node).pretty());
        let (id, wrong) = (anchor(&field), self.fields.wrong.get(&field));
        html! {
            div.field.wrong[wrong.is_some()].typed[is_typed] {
                label for=(id) { (name) }
                p.hint { (node.leaves()) " values are more than a form can hold: they are shown as JSON." }
                textarea.code id=(id) name=(field) rows="24" readonly[!self.fields.editable] spellcheck="false" aria-invalid=[wrong.map(|_| "true")] { "\n" (text) }
                @if let Some(fault) = wrong { span.fault { (fault) } }
            }
        }
    }
}

fn empty(name: &str, what: &str) -> Markup {
    html! { div.field { span.label { (name) } span.muted { (what) } } }
}

/// A value as one reads it.
pub(crate) fn shown(node: &Node) -> String {
    /// What nobody reads to its end.
    const MOST: usize = 400;
    let text = match node {
        Node::Null => return "empty".into(),
        Node::Text(text) if text.is_empty() => return "“”".into(),
        Node::List(_) | Node::Object(_) => node.compact(),
        leaf => field_text(leaf),
    };
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}… ({} characters)", &text[..end], text.chars().count()),
        None => text,
    }
}
