//! Lists: which of their rows go and come, and those that are shown item by item.

use super::control::{Control, Typed, take_out};
use super::part::restored;
use super::{At, Drawing, Model, anchor};
use crate::compare::align::align;
use crate::compare::{Patch, Row, Rows};
use crate::document::Node;
use crate::form::{Below, Choice, Column, Kind, What, columns, kind_beside, slots, typed};
use maud::{Markup, html};
use std::collections::{BTreeMap, HashMap};

/// What one's own changes make of the rows of a list.
pub(super) struct State<'a> {
    /// Of those that stay.
    patches: HashMap<usize, &'a Patch>,
    /// Whether rows are missing from `patches` because they go.
    rows: Option<&'a Rows>,
    /// By the row that each is before.
    pub(super) new: BTreeMap<usize, Vec<New<'a>>>,
}

/// A row that is new.
pub(super) struct New<'a> {
    /// Its place: "2.0" is before row 2.
    pub(super) slot: String,
    pub(super) value: Option<&'a Node>,
    pub(super) asked: bool,
    pub(super) below: Below<'a>,
}

impl<'a> State<'a> {
    fn of(at: &At<'a>, length: usize, columns: Option<&[Column<'_>]>) -> Self {
        let mut state = Self { patches: HashMap::new(), rows: None, new: BTreeMap::new() };
        if let Patch::List(rows) = at.patch {
            state.rows = Some(rows);
            state.take(rows, at.below, length);
        }
        for ((before, _), step) in slots(at.below, columns) {
            let new = New { slot: step.to_owned(), value: None, asked: false, below: at.below.child(step) };
            state.new.entry(before.min(length)).or_default().push(new);
        }
        state
    }

    fn take(&mut self, rows: &'a Rows, below: Below<'a>, length: usize) {
        // A new row is placed before the next row that stays.
        let mut waiting: Vec<(&Node, bool)> = Vec::new();
        let mut place = |waiting: &mut Vec<(&'a Node, bool)>, before: usize| {
            let new = waiting.drain(..).enumerate().map(|(count, (value, asked))| {
                let slot = format!("{before}.{count}");
                New { below: below.child(&slot), slot, value: Some(value), asked }
            });
            self.new.entry(before).or_default().extend(new);
        };
        let mut patches = HashMap::new();
        for row in &rows.rows {
            match row {
                Row::Kept { from, patch, .. } => {
                    place(&mut waiting, *from);
                    patches.insert(*from, patch);
                }
                Row::New { value, asked } => waiting.push((value, *asked)),
            }
        }
        place(&mut waiting, length);
        self.patches = patches;
    }

    pub(super) fn patch(&self, row: usize) -> &'a Patch {
        self.patches.get(&row).copied().unwrap_or(&Patch::Same)
    }

    /// Whether a row is taken out, and whether somebody else changed it.
    pub(super) fn taken_out(&self, row: usize, below: &Below<'_>) -> (bool, bool) {
        let gone = self.rows.is_some() && !self.patches.contains_key(&row);
        let asked = self.rows.is_some_and(|rows| rows.asked.contains(&row));
        (gone || below.own(What::TakenOut).is_some(), asked)
    }
}

impl<'a> Drawing<'a> {
    pub(super) fn list(&mut self, name: &str, at: &At<'a>, items: &'a [Node]) -> Markup {
        let models = self.models(at.model, items);
        let model_columns = match at.model {
            Model::Said(Node::List(said)) if items.is_empty() => columns(said),
            _ => None,
        };
        let columns = columns(items).or(model_columns);
        // What was emptied is read by what is typed, not by columns that it no longer has.
        let read_columns = columns.as_deref().filter(|_| !items.is_empty());
        let state = State::of(at, items.len(), read_columns);
        match columns {
            Some(columns) => self.table(name, at, items, &columns, &state, &models),
            None => self.items(name, at, items, &state, &models),
        }
    }

    /// What the model said of each row, by what they are.
    fn models(&mut self, model: Model<'a>, items: &'a [Node]) -> Vec<Model<'a>> {
        let said = match model {
            Model::Said(Node::List(said)) => said,
            Model::Unknown => return vec![Model::Unknown; items.len()],
            Model::Said(_) | Model::Missing => return vec![Model::Missing; items.len()],
        };
        let pairs = align(&mut self.ids, said, items);
        // Of a row that the model did not have, it said nothing.
        pairs
            .into_iter()
            .map(|pair| pair.map_or(Model::Unknown, |pair| Model::Said(&said[pair.from])))
            .collect()
    }

    fn items(
        &mut self,
        name: &str,
        at: &At<'a>,
        items: &'a [Node],
        state: &State<'a>,
        models: &[Model<'a>],
    ) -> Markup {
        let kind = kind_beside(items);
        let is_plain = items.iter().all(Node::is_leaf);
        html! {
            fieldset.group.list { legend { (name) " " span.count { (items.len()) } }
                @for (index, item) in items.iter().enumerate() {
                    @for new in state.new.get(&index).into_iter().flatten() { (self.new_item(name, new, kind)) }
                    (self.item(&format!("{name} {}", index + 1), at, (index, item), state, models, kind))
                }
                @for new in state.new.get(&items.len()).into_iter().flatten() { (self.new_item(name, new, kind)) }
                @if items.is_empty() { p.hint { "An empty list." } }
                @if self.fields.editable { (self.one_more(name, at, items.len(), state, is_plain, kind)) }
            }
        }
    }

    fn item(
        &mut self,
        name: &str,
        at: &At<'a>,
        (index, node): (usize, &'a Node),
        state: &State<'a>,
        models: &[Model<'a>],
        kind: Kind,
    ) -> Markup {
        let number = index.to_string();
        let child =
            At { node, patch: state.patch(index), below: at.below.child(&number), model: models[index] };
        let (is_out, asked) = state.taken_out(index, &child.below);
        self.inside(&number, |drawing| {
            html! {
                div.item {
                    (drawing.value(name, &child, kind))
                    @if drawing.fields.editable { (take_out(&format!("x{}", drawing.place), name, is_out)) }
                    @if asked { (taken_out()) }
                }
            }
        })
    }

    /// What can be added at the end.
    fn one_more(
        &mut self,
        name: &str,
        at: &At<'a>,
        length: usize,
        state: &State<'a>,
        is_plain: bool,
        kind: Kind,
    ) -> Markup {
        let label = format!("{name}: one more");
        let count = state.new.get(&length).map_or(0, Vec::len);
        html! {
            @if is_plain { (self.blank(&label, at.below, kind, false)) }
            @if !is_plain || length == 0 {
                (self.inside(&format!("{length}.{count}"), |drawing| drawing.blank_json(&label)))
            }
        }
    }

    /// A blank textarea for what has no fields of its own.
    fn blank_json(&mut self, label: &str) -> Markup {
        let field = format!("a{}", self.place);
        let id = anchor(&field);
        html! {
            div.field {
                label for=(id) { (label) ", as JSON" }
                textarea.code id=(id) name=(field) rows="2" spellcheck="false" { "\n" }
            }
        }
    }

    fn new_item(&mut self, name: &str, new: &New<'a>, kind: Kind) -> Markup {
        let label = format!("{name}, new");
        let json = match new.value {
            Some(value) if !Typed::can_say(&Node::Null, value) => Some(value.pretty()),
            _ => new.below.own(What::Added).map(str::to_owned),
        };
        let is_out = new.below.own(What::TakenOut).is_some();
        self.inside(&new.slot, |drawing| {
            html! {
                @if let Some(text) = &json { (drawing.added_as_json(name, text, new.asked, is_out)) }
                @else {
                    div.item {
                        (drawing.new_cell(&label, new.value, new.below, kind, false))
                        (take_out(&format!("x{}", drawing.place), &label, is_out))
                        @if new.asked { (restored()) }
                    }
                }
            }
        })
    }

    /// The field of what is not there yet.
    fn blank(&mut self, label: &str, below: Below<'a>, kind: Kind, is_cell: bool) -> Markup {
        self.new_cell(label, None, below, kind, is_cell)
    }

    /// A single value that is new.
    pub(super) fn new_cell(
        &mut self,
        label: &str,
        value: Option<&Node>,
        below: Below<'a>,
        beside: Kind,
        is_cell: bool,
    ) -> Markup {
        let field = format!("n{}", self.place);
        let (id, wrong) = (anchor(&field), self.fields.wrong.get(&field));
        let sent = below.own(What::New).map(|text| {
            let choice = below.own(What::Kind).and_then(Choice::parse);
            let value = typed(&Node::Null, beside, choice, text).ok();
            Typed { text: text.replace("\r\n", "\n"), choice, value }
        });
        // A null that is new is one by choice.
        let there = |value: &Node| match value {
            Node::Null => Typed { text: String::new(), choice: Some(Choice::Null), value: Some(Node::Null) },
            value => Typed::of(&Node::Null, value),
        };
        let input = value.map(there).or(sent);
        let is_typed = input.as_ref().is_some_and(|typed| !typed.text.is_empty() || typed.choice.is_some());
        let control = Control {
            id: id.clone(),
            place: &self.place,
            letter: 'n',
            label,
            base: &Node::Null,
            typed: input.filter(|_| is_typed),
            beside,
            is_cell,
            is_wrong: wrong.is_some(),
        };
        html! {
            div.field.cell[is_cell].typed[is_typed].wrong[wrong.is_some()] {
                @if !is_cell { label for=(id) { (label) } }
                (control.html())
                @if let Some(fault) = wrong { span.fault id={(id) "-wrong"} { @if is_cell { (label) " " } (fault) } }
            }
        }
    }
}

/// Why a row is marked as taken out that others have changed.
pub(super) fn taken_out() -> Markup {
    html! { p.hint { "You took this out, and somebody else changed it. It goes, unless you clear this box." } }
}
