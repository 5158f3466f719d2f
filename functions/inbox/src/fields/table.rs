//! Lists that are shown as tables.

use super::control::{Typed, take_out};
use super::distinct_labels::distinct_labels;
use super::entries::{by_key, patch_of, patches};
use super::part::restored;
use super::rows::{New, State, taken_out};
use super::{At, Drawing, Model};
use crate::compare::{Entry, Patch};
use crate::document::Node;
use crate::form::{Below, Column, Kind, What, segment};
use maud::{Markup, html};
use std::collections::HashMap;

/// A table that is drawn.
struct Table<'t, 'a> {
    name: &'t str,
    columns: &'t [Column<'a>],
    names: &'t [String],
}

impl<'a> Drawing<'a> {
    pub(super) fn table(
        &mut self,
        name: &str,
        at: &At<'a>,
        items: &'a [Node],
        columns: &[Column<'a>],
        state: &State<'a>,
        models: &[Model<'a>],
    ) -> Markup {
        let names = distinct_labels(columns.iter().map(|column| column.name));
        let table = Table { name, columns, names: &names };
        html! {
            fieldset.group.list { legend { (name) " " span.count { (items.len()) } }
                div.scroll tabindex="0" role="region" aria-label=(name) { table.items {
                    thead { tr {
                        @for column in &names { th scope="col" { (column) } }
                        @if self.fields.editable { th scope="col" { span.visually-hidden { "Take out" } } }
                    } }
                    tbody {
                        @for (index, item) in items.iter().enumerate() {
                            @for new in state.new.get(&index).into_iter().flatten() { (self.new_row(&table, new)) }
                            (self.row(&table, at, (index, item), state, models[index]))
                        }
                        @for new in state.new.get(&items.len()).into_iter().flatten() { (self.new_row(&table, new)) }
                        @if self.fields.editable { (self.blank_row(&table, at)) }
                    }
                } }
            }
        }
    }

    fn row(
        &mut self,
        table: &Table<'_, 'a>,
        at: &At<'a>,
        (index, node): (usize, &'a Node),
        state: &State<'a>,
        model: Model<'a>,
    ) -> Markup {
        let number = index.to_string();
        let child = At { node, patch: state.patch(index), below: at.below.child(&number), model };
        let (is_out, asked) = state.taken_out(index, &child.below);
        let label = format!("{} {}", table.name, index + 1);
        let is_whole = matches!(child.patch, Patch::Set { .. }) || child.below.own(What::Json).is_some();
        self.inside(&number, |drawing| html! {
            tr {
                @if is_whole { td colspan=(table.columns.len()) { (drawing.value(&label, &child, Kind::Null)) } }
                @else { (drawing.cells(table, &label, &child)) }
                @if drawing.fields.editable {
                    td { (take_out(&format!("x{}", drawing.place), &label, is_out)) @if asked { (taken_out()) } }
                }
            }
            @if let Some(added) = drawing.added_cells(&child) { tr { td colspan=(table.columns.len()) { (added) } } }
        })
    }

    /// What one's own changes add to a row that is no cell of it.
    fn added_cells(&mut self, at: &At<'a>) -> Option<Markup> {
        let patches = patches(at.patch);
        let added = self.added(at, &patches);
        (self.fields.editable && !added.0.is_empty()).then_some(added)
    }

    fn cells(&mut self, table: &Table<'_, 'a>, label: &str, at: &At<'a>) -> Markup {
        let Node::Object(entries) = at.node else { return html! {} };
        let values: HashMap<&str, &'a Node> =
            entries.iter().map(|(key, value)| (key.as_str(), value)).collect();
        let (patches, model) = (patches(at.patch), by_key(at.model));
        html! {
            @for (column, name) in table.columns.iter().zip(table.names) {
                @match values.get(column.name).copied() {
                    Some(value) => {
                        @let segment = segment(column.name);
                        @let entry = patches.get(column.name).copied();
                        @let below = at.below.child(&segment);
                        @let is_out = matches!(entry, Some(Entry::Removed { .. })) || below.own(What::TakenOut).is_some();
                        @let child = At { node: value, patch: patch_of(entry), below, model: model.get(column.name) };
                        @let said = format!("{label}: {name}");
                        td.number[matches!(value, Node::Number(_))].long[column.is_long] {
                            (self.inside(&segment, |drawing| html! {
                                (drawing.cell(&said, &child, column.kind))
                                @if is_out { (take_out(&format!("x{}", drawing.place), &said, true)) }
                            }))
                        }
                    }
                    None => { td { span.muted { "–" } } }
                }
            }
        }
    }

    fn cell(&mut self, label: &str, at: &At<'a>, kind: Kind) -> Markup {
        if self.part(at).is_some() { self.value(label, at, kind) } else { self.leaf(label, at, kind, true) }
    }

    fn new_row(&mut self, table: &Table<'_, 'a>, new: &New<'a>) -> Markup {
        let label = format!("{}, new row", table.name);
        let fits = |value: &Node| match value {
            // What it has no value for would become null.
            Node::Object(entries) => {
                let is_column = |key: &str| table.columns.iter().any(|column| column.name == key);
                entries.len() == table.columns.len()
                    && entries.iter().all(|(key, value)| Typed::can_say(&Node::Null, value) && is_column(key))
            }
            _ => false,
        };
        let json = match new.value {
            Some(value) if !fits(value) => Some(value.pretty()),
            _ => new.below.own(What::Added).map(str::to_owned),
        };
        let is_out = new.below.own(What::TakenOut).is_some();
        self.inside(&new.slot, |drawing| html! {
            tr.new {
                @if let Some(text) = &json {
                    td colspan=(table.columns.len() + 1) { (drawing.added_as_json(&label, text, new.asked, is_out)) }
                } @else {
                    (drawing.new_cells(table, &label, new.value, new.below))
                    td {
                        (take_out(&format!("x{}", drawing.place), &label, is_out))
                        @if new.asked { (restored()) }
                    }
                }
            }
        })
    }

    fn blank_row(&mut self, table: &Table<'_, 'a>, at: &At<'a>) -> Markup {
        let label = format!("{}, new row", table.name);
        html! { tr.new { (self.new_cells(table, &label, None, at.below)) td { span.muted { "new" } } } }
    }

    fn new_cells(
        &mut self,
        table: &Table<'_, 'a>,
        label: &str,
        row: Option<&'a Node>,
        below: Below<'a>,
    ) -> Markup {
        let values: HashMap<&str, &Node> = match row {
            Some(Node::Object(entries)) => entries.iter().map(|(key, value)| (key.as_str(), value)).collect(),
            _ => HashMap::new(),
        };
        html! {
            @for (column, name) in table.columns.iter().zip(table.names) {
                @let segment = segment(column.name);
                @let said = format!("{label}: {name}");
                td { (self.inside(&segment, |drawing| {
                    let value = values.get(column.name).copied();
                    drawing.new_cell(&said, value, below.child(&segment), column.kind, true)
                })) }
            }
        }
    }
}
