//! What is typed into rows that are new.

use super::sent::{Below, FieldRole};
use super::{Choice, Column, Kind, Reading, json, segment, typed};
use crate::compare::Row;
use crate::document::{Node, key_of};
use std::collections::{BTreeMap, HashMap};

/// The place of a new row: before which row it is, and how many other new rows are before it there.
type Slot = (usize, usize);

/// Parses the place of a new row: "2.0" is the first new row before row 2.
fn slot(segment: &str) -> Option<Slot> {
    let (before, count) = segment.split_once('.')?;
    Some((before.parse().ok()?, count.parse().ok()?))
}

/// The places of the rows that are new, in order. A column may be called like one: its cell in the blank row is none.
pub(crate) fn slots<'a>(below: Below<'a>, columns: Option<&[Column<'_>]>) -> Vec<(Slot, &'a str)> {
    let is_row = |step: &str| {
        let child = below.child(step);
        columns.is_none()
            || child.own(FieldRole::Added).is_some()
            || child.own(FieldRole::Template).is_some()
            || !child.steps(&[FieldRole::New]).is_empty()
    };
    let steps = below.steps(&[FieldRole::New, FieldRole::Added, FieldRole::Template]).into_iter();
    let mut slots: Vec<(Slot, &str)> =
        steps.filter_map(|step| Some((slot(step).filter(|_| is_row(step))?, step))).collect();
    slots.sort_unstable();
    slots
}

/// Whether there is no value in it.
pub(crate) fn is_blank(value: &Node) -> bool {
    match value {
        Node::Null => true,
        Node::List(items) => items.iter().all(is_blank),
        Node::Object(entries) => entries.iter().all(|(_, value)| is_blank(value)),
        Node::Bool(_) | Node::Number(_) | Node::Text(_) => false,
    }
}

/// Whether a text is a template into which nothing was filled.
pub(crate) fn is_blank_template(text: &str) -> bool {
    text.trim().is_empty() || json(text).is_ok_and(|value| is_blank(&value))
}

impl Reading {
    /// The new rows, by the row that each is before.
    pub(super) fn new_rows(
        &mut self,
        length: usize,
        below: Below<'_>,
        columns: Option<&[Column<'_>]>,
        beside: Kind,
    ) -> BTreeMap<usize, Vec<Row>> {
        let slots = slots(below, columns);
        let is_cell = |step: &&str| below.child(step).own(FieldRole::New).is_some();
        let is_value = |step: &&str| columns.is_none() && slot(step).is_some();
        let cells: Vec<&str> = below
            .steps(&[FieldRole::New])
            .into_iter()
            .filter(|step| is_cell(step) && !is_value(step))
            .collect();
        let mut new: BTreeMap<usize, Vec<Row>> = BTreeMap::new();
        for ((before, _), step) in slots {
            let child = below.child(step);
            if child.own(FieldRole::TakenOut).is_none()
                && let Some(value) = self.inside(step, |reading| reading.new_row(child, columns, beside))
            {
                let row = Row::New { value, asked: false };
                new.entry(before.min(length)).or_default().push(row);
            }
        }
        let last = if cells.is_empty() {
            below.own(FieldRole::New).and_then(|text| self.cell(text, below, beside))
        } else {
            self.cells(below, &cells, columns)
        };
        let row = last.map(|value| Row::New { value, asked: false });
        new.entry(length).or_default().extend(row);
        new
    }

    /// One new row: as JSON, cell by cell, or a single value. None if nothing was typed into it.
    fn new_row(&mut self, below: Below<'_>, columns: Option<&[Column<'_>]>, beside: Kind) -> Option<Node> {
        if let Some(text) = below.own(FieldRole::Added) {
            return self.added(text);
        }
        if let Some(text) = below.own(FieldRole::Template) {
            let mut row = self.json_of('e', text)?;
            let is_filled = self.fill(&mut row, below);
            return (is_filled || !is_blank(&row)).then_some(row);
        }
        if let Some(text) = below.own(FieldRole::New).filter(|_| columns.is_none()) {
            return self.cell(text, below, beside);
        }
        let cells = below.steps(&[FieldRole::New]);
        self.cells(below, &cells, columns)
    }

    pub(super) fn added(&mut self, text: &str) -> Option<Node> {
        self.json_of('a', text)
    }

    /// Puts what was typed into the fields of a template's values; whether anything was.
    fn fill(&mut self, template: &mut Node, below: Below<'_>) -> bool {
        if below.is_empty() {
            return false;
        }
        self.steps += 1;
        match template {
            Node::Object(entries) => {
                let mut is_filled = false;
                for (key, value) in entries {
                    let segment = segment(key);
                    let child = below.child(&segment);
                    is_filled |= self.inside(&segment, |reading| reading.fill(value, child));
                }
                is_filled
            }
            Node::List(_) => false,
            leaf => {
                let typed = below.own(FieldRole::New).and_then(|text| self.cell(text, below, Kind::Null));
                let is_typed = typed.is_some();
                if let Some(value) = typed {
                    *leaf = value;
                }
                is_typed
            }
        }
    }

    fn json_of(&mut self, letter: char, text: &str) -> Option<Node> {
        if text.trim().is_empty() {
            return None;
        }
        match json(text) {
            Ok(node) => Some(node),
            Err(fault) => {
                self.fault(letter, fault);
                None
            }
        }
    }

    /// A single value that is new; none if it is blank and nothing else is said of it.
    pub(super) fn cell(&mut self, text: &str, below: Below<'_>, beside: Kind) -> Option<Node> {
        let kind = below.own(FieldRole::Kind).and_then(Choice::parse);
        if text.trim().is_empty() && kind.and_then(Choice::stated).is_none() {
            return None;
        }
        match typed(&Node::Null, beside, kind, text) {
            Ok(value) => Some(value),
            Err(fault) => {
                self.fault('n', fault);
                Some(Node::Null)
            }
        }
    }

    /// A new row, cell by cell; what was left blank is null. None if all of it is.
    fn cells(&mut self, below: Below<'_>, cells: &[&str], columns: Option<&[Column<'_>]>) -> Option<Node> {
        let kinds: HashMap<String, Kind> =
            columns.into_iter().flatten().map(|column| (segment(column.name), column.kind)).collect();
        let mut values: HashMap<&str, Node> = HashMap::new();
        for cell in cells {
            let child = below.child(cell);
            let Some(text) = child.own(FieldRole::New) else { continue };
            let beside = kinds.get(*cell).copied().unwrap_or(Kind::Null);
            if let Some(value) = self.inside(cell, |reading| reading.cell(text, child, beside)) {
                values.insert(cell, value);
            }
        }
        if values.is_empty() {
            return None;
        }
        // In the order of the columns, all of them; what has none follows.
        let of_columns = columns.into_iter().flatten().map(|column| segment(column.name));
        let mut names: Vec<String> = of_columns.collect();
        let others = cells.iter().filter(|cell| !kinds.contains_key(**cell)).map(|cell| (*cell).to_owned());
        names.extend(others);
        let entries =
            names.iter().map(|name| (key_of(name), values.remove(name.as_str()).unwrap_or(Node::Null)));
        Some(Node::Object(entries.collect()))
    }
}
