//! A document as a form, and what was typed into it as a patch of the document.
//!
//! A field's name is the place of its value: `f/line_items/0/amount`. Before the place stands what the field says of it
//! ([`What`]). What is not typed into stays as it is, to the last digit: a field says what it said before, so its value is not
//! read at all.
//!
//! A row that is new has a place of its own: `n/line_items/2.0/amount` is of the first new row before row 2. The blank row at
//! the end has no number: `n/line_items/amount`.

mod kinds;
mod numbers;
mod sent;
mod table;

use crate::compare::{Entry, Patch, Row, Rows, diff};
use crate::document::{Node, key_of, push_key};
pub(crate) use kinds::{Choice, Kind, field_text, in_words, typed};
pub(crate) use sent::{Below, Sent, What, Wrong};
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write as _;
pub(crate) use table::{Column, columns, kind_beside};

/// How many fields a form has at most; what is beyond is shown as JSON.
pub(crate) const FIELDS: usize = 2000;

/// How `sent` changes `base`, in time linear in both.
pub(crate) fn read(base: &Node, sent: &Sent) -> Result<Patch, Wrong> {
    let fields = sent.by_place();
    let mut reading = Reading { wrong: Wrong::new(), place: String::new() };
    let patch = reading.node(base, Below::all(&fields), Kind::Null);
    if reading.wrong.is_empty() { Ok(patch) } else { Err(reading.wrong) }
}

/// What the choice of theirs is called, where the field beside it says `mine`. Whoever chooses theirs and types all the same is asked
/// again.
pub(crate) fn theirs(mine: &str) -> String {
    let hash = Sha256::digest(mine.replace("\r\n", "\n"));
    let mut word = "theirs-".to_owned();
    for byte in &hash[..6] {
        let _ = write!(word, "{byte:02x}");
    }
    word
}

struct Reading {
    wrong: Wrong,
    place: String,
}

/// A new row by its place: before which row it stands, and how many others do there.
type Slot = (usize, usize);

/// The place of a new row: "2.0" stands before row 2, and no other new row does.
pub(crate) fn slot(segment: &str) -> Option<Slot> {
    let (before, count) = segment.split_once('.')?;
    Some((before.parse().ok()?, count.parse().ok()?))
}

impl Reading {
    /// `beside` is what a null here would be.
    fn node(&mut self, base: &Node, below: Below<'_>, beside: Kind) -> Patch {
        if below.is_empty() {
            return Patch::Same;
        }
        if let Some(text) = below.own(What::Json) {
            return self.unless_theirs(below, text, |reading| reading.json(base, text));
        }
        match base {
            Node::Object(entries) => self.entries(entries, below, |_| Kind::Null),
            Node::List(items) => self.list(items, below),
            leaf => {
                let kind = below.own(What::Kind).and_then(Choice::parse);
                // Who only says what it is has left the text as it was.
                let said = kind.map(|_| field_text(leaf));
                let Some(text) = below.own(What::Value).or(said.as_deref()) else { return Patch::Same };
                self.unless_theirs(below, text, |reading| match typed(leaf, beside, kind, text) {
                    Ok(value) if value == *leaf => Patch::Same,
                    Ok(value) => Patch::set(value),
                    Err(fault) => reading.fault('f', fault),
                })
            }
        }
    }

    fn fault(&mut self, letter: char, fault: impl Into<Cow<'static, str>>) -> Patch {
        self.wrong.insert(format!("{letter}{}", self.place), fault);
        Patch::Same
    }

    /// Nothing, if the reader chose what others made of it; `text` is what the field says.
    fn unless_theirs(
        &mut self,
        below: Below<'_>,
        text: &str,
        read: impl FnOnce(&mut Self) -> Patch,
    ) -> Patch {
        match below.own(What::Whose) {
            Some(whose) if whose == theirs(text) => Patch::Same,
            Some(whose) if whose.starts_with("theirs-") => {
                let letter = if below.own(What::Json).is_some() { 'j' } else { 'f' };
                self.fault(letter, "was typed into, but theirs is chosen: choose yours or theirs")
            }
            _ => read(self),
        }
    }

    fn json(&mut self, base: &Node, text: &str) -> Patch {
        match json(text) {
            Ok(node) => diff(base, &node),
            Err(fault) => self.fault('j', fault),
        }
    }

    fn inside<T>(&mut self, segment: &str, read: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.place.len();
        self.place.push('/');
        self.place.push_str(segment);
        let value = read(self);
        self.place.truncate(before);
        value
    }

    fn entries(
        &mut self,
        entries: &[(String, Node)],
        below: Below<'_>,
        beside: impl Fn(&str) -> Kind,
    ) -> Patch {
        let mut patches = Vec::new();
        for (key, value) in entries {
            let segment = segment(key);
            let child = below.child(&segment);
            if child.is_empty() {
                continue;
            }
            if child.own(What::TakenOut).is_some() {
                patches.push((key.clone(), Entry::Removed { asked: false }));
                continue;
            }
            match self.inside(&segment, |reading| reading.node(value, child, beside(key))) {
                Patch::Same => {}
                patch => patches.push((key.clone(), Entry::Changed(patch))),
            }
        }
        let known: HashSet<&str> = entries.iter().map(|(key, _)| key.as_str()).collect();
        for step in below.steps(&[What::Added]) {
            let (key, child) = (key_of(step), below.child(step));
            let Some(text) = child.own(What::Added).filter(|_| !known.contains(key.as_str())) else {
                continue;
            };
            if child.own(What::TakenOut).is_none()
                && let Some(value) = self.inside(step, |reading| reading.added(text))
            {
                patches.push((key, Entry::Added { value, asked: false }));
            }
        }
        Patch::object(patches)
    }

    fn list(&mut self, items: &[Node], below: Below<'_>) -> Patch {
        let columns = columns(items);
        let kinds: HashMap<&str, Kind> =
            columns.iter().flatten().map(|column| (column.name, column.kind)).collect();
        let beside = |key: &str| kinds.get(key).copied().unwrap_or(Kind::Null);
        let kind = if columns.is_some() { Kind::Null } else { kind_beside(items) };
        let mut new = self.new_rows(items.len(), below, columns.as_deref(), kind);
        let mut rows = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            rows.extend(new.remove(&index).into_iter().flatten());
            let number = index.to_string();
            let child = below.child(&number);
            if child.own(What::TakenOut).is_some() {
                continue;
            }
            let patch = self.inside(&number, |reading| match item {
                _ if child.is_empty() => Patch::Same,
                Node::Object(entries) if child.own(What::Json).is_none() => {
                    reading.entries(entries, child, beside)
                }
                item => reading.node(item, child, kind),
            });
            rows.push(Row::Kept { from: index, is_sure: true, patch });
        }
        rows.extend(new.into_values().flatten());
        Patch::list(Rows { rows, asked: HashSet::new() }, items.len())
    }

    /// The rows that are new, by the row that each stands before.
    fn new_rows(
        &mut self,
        length: usize,
        below: Below<'_>,
        columns: Option<&[Column<'_>]>,
        beside: Kind,
    ) -> BTreeMap<usize, Vec<Row>> {
        let steps = below.steps(&[What::New, What::Added]);
        let is_column =
            |step: &str| columns.is_some_and(|all| all.iter().any(|column| segment(column.name) == step));
        let (slots, cells): (Vec<&str>, Vec<&str>) =
            steps.into_iter().partition(|step| slot(step).is_some() && !is_column(step));
        let mut slots: Vec<(Slot, &str)> = slots.into_iter().filter_map(|it| Some((slot(it)?, it))).collect();
        slots.sort_unstable();
        let mut new: BTreeMap<usize, Vec<Row>> = BTreeMap::new();
        for ((before, _), step) in slots {
            let child = below.child(step);
            if child.own(What::TakenOut).is_none()
                && let Some(value) = self.inside(step, |reading| reading.new_row(child, columns, beside))
            {
                let row = Row::New { value, asked: false };
                new.entry(before.min(length)).or_default().push(row);
            }
        }
        let last = if cells.is_empty() {
            below.own(What::New).and_then(|text| self.cell(text, below, beside))
        } else {
            self.cells(below, &cells, columns)
        };
        let row = last.map(|value| Row::New { value, asked: false });
        new.entry(length).or_default().extend(row);
        new
    }

    /// One new row: as JSON, cell by cell, or a single value. None if nothing was typed into it.
    fn new_row(&mut self, below: Below<'_>, columns: Option<&[Column<'_>]>, beside: Kind) -> Option<Node> {
        if let Some(text) = below.own(What::Added) {
            return self.added(text);
        }
        if let Some(text) = below.own(What::New) {
            return self.cell(text, below, beside);
        }
        let cells = below.steps(&[What::New]);
        self.cells(below, &cells, columns)
    }

    fn added(&mut self, text: &str) -> Option<Node> {
        if text.trim().is_empty() {
            return None;
        }
        match json(text) {
            Ok(node) => Some(node),
            Err(fault) => {
                self.fault('a', fault);
                None
            }
        }
    }

    /// A single value that is new; none if it is blank and nothing else is said of it.
    fn cell(&mut self, text: &str, below: Below<'_>, beside: Kind) -> Option<Node> {
        let kind = below.own(What::Kind).and_then(Choice::parse);
        if text.trim().is_empty() && kind.is_none() {
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
            let Some(text) = child.own(What::New) else { continue };
            let beside = kinds.get(*cell).copied().unwrap_or(Kind::Null);
            if let Some(value) = self.inside(cell, |reading| reading.cell(text, child, beside)) {
                values.insert(cell, value);
            }
        }
        if values.is_empty() {
            return None;
        }
        // In the order of the columns; of what has none, in that of the fields.
        let named = columns.into_iter().flatten().map(|column| segment(column.name));
        let mut names: Vec<String> = named.filter(|name| cells.contains(&name.as_str())).collect();
        let others = cells.iter().filter(|cell| !kinds.contains_key(**cell)).map(|cell| (*cell).to_owned());
        names.extend(others);
        let entries =
            names.iter().map(|name| (key_of(name), values.remove(name.as_str()).unwrap_or(Node::Null)));
        Some(Node::Object(entries.collect()))
    }
}

/// A key as it stands in a place.
pub(crate) fn segment(key: &str) -> String {
    let mut place = String::new();
    push_key(&mut place, key);
    place.split_off(1)
}

/// A value that was typed as JSON.
///
/// # Errors
/// What is wrong with it, and where.
pub(crate) fn json(text: &str) -> Result<Node, String> {
    let node = Node::parse(&text.trim().replace("\r\n", "\n")).map_err(|error| error.to_string())?;
    match node.too_large() {
        Some(number) => {
            let number = crate::compare::changes::short(number, 40);
            Err(format!("holds {number}, which is too large: numbers go up to 1.8e308"))
        }
        None => Ok(node),
    }
}

#[cfg(test)]
mod tests;
