//! Which rows of a list stay, go and come.

use super::At;
use super::new_objects::template_of;
use crate::compare::{Patch, Row, Rows};
use crate::document::Node;
use crate::form::{Below, Column, FieldRole, is_blank, is_blank_template, slots};
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

impl New<'_> {
    /// What was typed as JSON.
    pub(super) fn json(&self) -> Option<String> {
        let template = || self.below.own(FieldRole::Template).filter(|text| !is_blank_template(text));
        self.below.own(FieldRole::Added).or_else(template).map(str::to_owned)
    }

    /// Whether it is a template into which nothing was typed.
    fn is_blank(&self) -> bool {
        let is_template = self.below.own(FieldRole::Template).is_some_and(is_blank_template);
        self.value.is_none() && is_template && !self.below.has_text(FieldRole::New)
    }

    /// The template of what fields can say.
    pub(super) fn template(&self) -> Option<Node> {
        match self.value {
            Some(value) => template_of(value),
            None => Node::parse(self.below.own(FieldRole::Template)?).ok().filter(is_blank),
        }
    }
}

impl<'a> State<'a> {
    pub(super) fn of(at: &At<'a>, length: usize, columns: Option<&[Column<'_>]>) -> Self {
        let mut state = Self { patches: HashMap::new(), rows: None, new: BTreeMap::new() };
        if let Patch::List(rows) = at.patch {
            state.rows = Some(rows);
            state.take(rows, at.below, length);
        }
        for ((before, _), step) in slots(at.below, columns) {
            let new = New { slot: step.to_owned(), value: None, asked: false, below: at.below.child(step) };
            if !new.is_blank() {
                state.new.entry(before.min(length)).or_default().push(new);
            }
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
        (gone || below.own(FieldRole::TakenOut).is_some(), asked)
    }
}
