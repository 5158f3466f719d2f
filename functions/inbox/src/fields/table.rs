//! Lists that are shown as tables.

use super::control::take_out;
use super::distinct_labels::distinct_labels;
use super::entries::{by_key, patch_of, patches};
use super::new_rows::{New, State};
use super::pages_of_rows::page;
use super::part::restored;
use super::row::{Name, Property};
use super::rows::taken_out;
use super::sums::{Sum, sum};
use super::typed::Typed;
use super::{At, Drawing, Model};
use crate::compare::{Entry, Patch};
use crate::document::Node;
use crate::document::key_label::short;
use crate::form::{Below, Column, FieldRole, Kind, segment};
use crate::schema::{Expected, Rules};
use maud::{Markup, html};
use shared::review::visible;
use std::collections::HashMap;
use std::ops::Range;

/// A table that is drawn.
pub(super) struct Table<'t, 'a> {
    name: &'t str,
    pub(super) columns: &'t [Column<'a>],
    names: &'t [String],
    /// What the schema says of the cells of each column.
    rules: &'t [Rules<'a>],
    /// Which rows can be typed into.
    page: Range<usize>,
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
        let item = at.rules.item(0);
        let rules: Vec<Rules<'a>> = columns.iter().map(|column| item.key(column.name)).collect();
        let size = self.plan.rows(at.node);
        // Each column is named in its head, and in each cell that can be typed into.
        let drawn = size.unwrap_or(items.len()) + 2;
        let labels: Vec<String> =
            columns.iter().zip(&rules).map(|(column, rules)| self.label(rules, column.name, drawn)).collect();
        let names = distinct_labels(columns.iter().map(|column| column.name).zip(labels));
        let pages = size.map(|size| {
            let window = self.window.clone().or_else(|| self.first_to_check());
            page(window.as_ref(), &self.place, items.len(), size)
        });
        let page = pages.clone().unwrap_or(0..items.len());
        let table = Table { name, columns, names: &names, rules: &rules, page };
        let sums = self.sums(at, &table);
        let note = sums
            .iter()
            .flatten()
            .find_map(|sum| sum.same_as.as_ref().map(|same| format!("adds up to {same} ✓")));
        let left = items.len()
            - (0..items.len())
                .filter(|row| state.taken_out(*row, &at.below.child(&row.to_string())).0)
                .count();
        let count =
            if left == items.len() { format!("{left}") } else { format!("{left} of {}", items.len()) };
        let before = self.shown;
        let content = html! {
            @if let Some(page) = &pages { @if self.fields.editable { (self.pages(name, items.len(), page)) } }
            div.scroll tabindex="0" role="region" aria-label=(name) { table.items {
                (self.head(&table))
                tbody {
                    @for (index, item) in items.iter().enumerate() {
                        @for new in state.new.get(&index).into_iter().flatten() { (self.new_row(&table, new)) }
                        (self.row(&table, at, (index, item), state, models[index]))
                    }
                    @for new in state.new.get(&items.len()).into_iter().flatten() { (self.new_row(&table, new)) }
                    @if self.fields.editable { (self.blank_row(&table, at)) }
                }
                @if sums.iter().any(Option::is_some) { (self.foot(&sums)) }
            } }
        };
        self.list_group(name, &count, note.as_deref(), self.shown > before, &content)
    }

    fn head(&self, table: &Table<'_, 'a>) -> Markup {
        html! {
            thead { tr {
                th.no scope="col" { span.visually-hidden { "Row" } }
                @for ((column, name), rules) in table.columns.iter().zip(table.names).zip(table.rules) {
                    @let description = rules.description().map(|text| short(&visible(text), 200));
                    @let is_number = column.kind == Kind::Number || rules.expected() == Some(Expected::Number);
                    th.num[is_number] scope="col" data-column=(segment(column.name)) title=[description] { (name) }
                }
                @if self.fields.editable { th scope="col" { span.visually-hidden { "Take out" } } }
            } }
        }
    }

    /// What the columns add up to, as typed: those whose name speaks of an amount, or that agree with a field of the output.
    fn sums(&self, at: &At<'a>, table: &Table<'_, 'a>) -> Vec<Option<Sum>> {
        /// Larger tables are not added up.
        const CELLS: usize = 50_000;
        let made = at.patch.apply(at.node);
        let Node::List(items) = &made else { return Vec::new() };
        if items.len() * table.columns.len() > CELLS {
            return Vec::new();
        }
        let mut by_column: HashMap<&str, Vec<&Node>> = HashMap::new();
        for item in items {
            if let Node::Object(entries) = item {
                for (key, value) in entries {
                    by_column.entry(key).or_default().push(value);
                }
            }
        }
        let of = |column: &Column<'a>| {
            let values = by_column.get(column.name)?.iter().copied();
            let sum = sum(values, &self.numbers)?;
            if is_share(column.name) {
                return None;
            }
            (sum.same_as.is_some() || is_amount(column.name)).then_some(sum)
        };
        table.columns.iter().map(of).collect()
    }

    fn foot(&self, sums: &[Option<Sum>]) -> Markup {
        html! {
            tfoot { tr {
                th scope="row" { "Σ" span.visually-hidden { "Sum" } }
                @for sum in sums {
                    td.num { @if let Some(sum) = sum { (sum.text) @if let Some(same) = &sum.same_as { span.same title={"The same as " (same)} { " ✓" span.visually-hidden { " the same as " (same) } } } } }
                }
                @if self.fields.editable { td {} }
            } }
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
        let child = At {
            node,
            patch: state.patch(index),
            below: at.below.child(&number),
            model,
            rules: at.rules.item(index),
            likelihood: at.likelihood.item(index),
            is_required: false,
        };
        let (is_out, asked) = state.taken_out(index, &child.below);
        // What was typed into stays a row of fields, whichever page is shown.
        let is_typed = *child.patch != Patch::Same || !child.below.is_empty() || is_out;
        if !table.page.contains(&index) && !is_typed {
            return self.inside(&number, |drawing| drawing.text_row(table, index, node));
        }
        let label = format!("{} {}", table.name, index + 1);
        let is_whole = matches!(child.patch, Patch::Set { .. }) || child.below.own(FieldRole::Json).is_some();
        let before = self.shown;
        self.inside(&number, |drawing| {
            let cells = if is_whole {
                html! { td colspan=(table.columns.len()) { (drawing.value(&label, &child, Kind::Null)) } }
            } else {
                drawing.cells(table, &label, &child)
            };
            drawing.shown += usize::from(is_out);
            let is_shown = drawing.fields.aids.show == super::Show::All || drawing.shown > before;
            html! {
                tr.gone[is_out] data-path=(drawing.place) hidden[!is_shown] {
                    th.no scope="row" { (index + 1) }
                    (cells)
                    @if drawing.fields.editable {
                        td { (take_out(&format!("x{}", drawing.place), &label, is_out)) @if asked { (taken_out()) } }
                    }
                }
                @if let Some(added) = drawing.added_cells(&child) { tr { td colspan=(table.columns.len() + 1) { (added) } } }
            }
        })
    }

    /// What one's own changes add to a row that is no cell of it.
    fn added_cells(&mut self, at: &At<'a>) -> Option<Markup> {
        if !self.fields.editable {
            return None;
        }
        let patches = patches(at.patch);
        let added = self.added(at, &patches);
        (!added.0.is_empty()).then_some(added)
    }

    fn cells(&mut self, table: &Table<'_, 'a>, label: &str, at: &At<'a>) -> Markup {
        let Node::Object(entries) = at.node else { return html! {} };
        let values: HashMap<&str, &'a Node> =
            entries.iter().map(|(key, value)| (key.as_str(), value)).collect();
        let (patches, model, likelihoods) = (patches(at.patch), by_key(at.model), at.likelihood.entries());
        html! {
            @for ((column, name), rules) in table.columns.iter().zip(table.names).zip(table.rules) {
                @match values.get(column.name).copied() {
                    Some(value) => {
                        @let segment = segment(column.name);
                        @let entry = patches.get(column.name).copied();
                        @let below = at.below.child(&segment);
                        @let is_out = matches!(entry, Some(Entry::Removed { .. })) || below.own(FieldRole::TakenOut).is_some();
                        @let child = At {
                            node: value,
                            patch: patch_of(entry),
                            below,
                            model: model.get(column.name),
                            rules: rules.clone(),
                            likelihood: likelihoods.key(column.name),
                            is_required: false,
                        };
                        @let said = format!("{label}: {name}");
                        (self.inside(&segment, |drawing| drawing.cell(&said, &child, column, is_out)))
                    }
                    None => { td.none { "–" } }
                }
            }
        }
    }

    fn cell(&mut self, label: &str, at: &At<'a>, column: &Column<'a>, is_out: bool) -> Markup {
        if self.part(at).is_some() || is_out {
            let value = self.value(label, at, column.kind);
            return html! { td { (value) @if is_out { (take_out(&format!("x{}", self.place), label, true)) } } };
        }
        let name = Name { label, is_cell: true, is_long: column.is_long };
        self.leaf(name, at, column.kind)
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
            _ => new.json(),
        };
        let is_out = new.below.own(FieldRole::TakenOut).is_some();
        self.shown += 1;
        self.inside(&new.slot, |drawing| {
            html! {
                tr.new.gone[is_out] {
                    @if let Some(text) = &json {
                        td colspan=(table.columns.len() + 2) { (drawing.added_as_json(&label, text, new.asked, is_out)) }
                    } @else {
                        th.no scope="row" { "+" }
                        (drawing.new_cells(table, &label, new.value, new.below))
                        td {
                            (take_out(&format!("x{}", drawing.place), &label, is_out))
                            @if new.asked { (restored()) }
                        }
                    }
                }
            }
        })
    }

    fn blank_row(&mut self, table: &Table<'_, 'a>, at: &At<'a>) -> Markup {
        let label = format!("{}, new row", table.name);
        html! { tr.new.blank { th.no scope="row" title="New row" { "+" } (self.new_cells(table, &label, None, at.below)) td {} } }
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
            @for ((column, name), rules) in table.columns.iter().zip(table.names).zip(table.rules) {
                @let segment = segment(column.name);
                @let said = format!("{label}: {name}");
                (self.inside(&segment, |drawing| {
                    let value = values.get(column.name).copied();
                    let name = Name { label: &said, is_cell: true, is_long: column.is_long };
                    let property = Property { rules, sample: None, is_missing: false, is_required: false };
                    drawing.new_value(name, value, below.child(&segment), column.kind, property)
                }))
            }
        }
    }
}

/// Whether the name of a column speaks of shares: that they add up to 1 says nothing of a field that is 1.
fn is_share(name: &str) -> bool {
    let name = name.to_lowercase();
    ["score", "confidence", "likelihood", "probability", "percent", "share", "rate"]
        .iter()
        .any(|word| name.contains(word))
}

/// Whether the name of a column speaks of amounts that may be added up.
fn is_amount(name: &str) -> bool {
    let name = name.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    has(&["amount", "total", "sum", "net", "gross", "tax", "vat", "betrag", "montant", "hours"])
        && !has(&["unit", "rate", "percent", "number", "code", "_id"])
}
