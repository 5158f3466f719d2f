//! A document as a form, and what was typed into it as a patch of the document.
//!
//! A field's name is the place of its value: `f/line_items/0/amount`. The letter before the place says what the field holds
//! ([`FieldRole`]). What is not typed into stays as it is, to the last digit: a field says what it said before, so its value is not
//! read at all.
//!
//! A row that is new has a place of its own: `n/line_items/2.0/amount` is of the first new row before row 2. The blank row at
//! the end has no number: `n/line_items/amount`.

mod dates;
mod kinds;
mod new_rows;
mod nothing;
mod numbers;
mod sent;
mod table;

use crate::compare::{Entry, Patch, Row, Rows, diff};
use crate::document::{Node, key_of, push_key};
pub(crate) use dates::long_date;
pub(crate) use kinds::{Choice, Kind, field_text, in_words, typed};
pub(crate) use new_rows::{is_blank, is_blank_template, slots};
pub use sent::SubmittedForm;
pub(crate) use sent::{Below, FieldRole, ValueError, back_to};
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
pub(crate) use table::{COLUMNS, Column, columns, kind_beside};

/// How many fields a form has at most; what is beyond is shown as JSON.
pub(crate) const FIELDS: usize = 2000;

/// How `sent` changes `base`, in time linear in both; and why values were left empty, as a text for the version's note.
pub(crate) fn read_with_reasons(
    base: &Node,
    sent: &SubmittedForm,
) -> Result<(Patch, Option<String>), ValueError> {
    let (patch, reading) = reading(base, sent);
    if reading.wrong.is_empty() { Ok((patch, nothing::text(&reading.reasons))) } else { Err(reading.wrong) }
}

/// What was read, and all that was noted meanwhile.
fn reading(base: &Node, sent: &SubmittedForm) -> (Patch, Reading) {
    let fields = sent.by_place();
    let mut reading = Reading::default();
    let patch = reading.node(base, Below::all(&fields), Kind::Null);
    (patch, reading)
}

/// The value of the choice “theirs”, beside a field that holds `mine`. If the field has changed since, the viewer is asked again.
pub(crate) fn theirs(mine: &str) -> String {
    let hash = Sha256::digest(mine.replace("\r\n", "\n"));
    let mut word = "theirs-".to_owned();
    for byte in &hash[..6] {
        let _ = write!(word, "{byte:02x}");
    }
    word
}

/// The id of a field's control.
pub(crate) fn anchor(field: &str) -> String {
    let hash = Sha256::digest(field);
    hash[..6].iter().fold("f-".to_owned(), |hex, byte| format!("{hex}{byte:02x}"))
}

#[derive(Default)]
struct Reading {
    wrong: ValueError,
    place: String,
    /// Which fields were left empty, and why.
    reasons: Vec<(String, &'static str)>,
    /// How many values and fields were looked at, for the tests of how work grows.
    steps: usize,
}

impl Reading {
    /// `beside` is what a null here would be.
    fn node(&mut self, base: &Node, below: Below<'_>, beside: Kind) -> Patch {
        self.steps += 1;
        if below.is_empty() {
            return Patch::Same;
        }
        if let Some(text) = below.own(FieldRole::Json) {
            return self.unless_theirs(below, text, |reading| reading.json(base, text));
        }
        match base {
            Node::Object(entries) => self.entries(entries, below, |_| Kind::Null),
            Node::List(items) => self.list(items, below),
            leaf => {
                let kind = below.own(FieldRole::Kind).and_then(Choice::parse);
                // Who only says what it is has left the text as it was.
                let said = kind.map(|_| field_text(leaf));
                let Some(text) = below.own(FieldRole::Value).or(said.as_deref()) else { return Patch::Same };
                self.unless_theirs(below, text, |reading| match typed(leaf, beside, kind, text) {
                    Ok(value) => {
                        reading.note_nothing(leaf, kind, &value);
                        if value == *leaf { Patch::Same } else { Patch::set(value) }
                    }
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
        match below.own(FieldRole::Whose) {
            Some(whose) if whose == theirs(text) => Patch::Same,
            Some(whose) if whose.starts_with("theirs-") => {
                let letter = if below.own(FieldRole::Json).is_some() { 'j' } else { 'f' };
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
        // Its entries, and all fields below it, once for each level.
        self.steps += entries.len() + below.count();
        let mut patches = Vec::new();
        for (key, value) in entries {
            let segment = segment(key);
            let child = below.child(&segment);
            if child.is_empty() {
                continue;
            }
            if child.own(FieldRole::TakenOut).is_some() {
                patches.push((key.clone(), Entry::Removed { asked: false }));
                continue;
            }
            match self.inside(&segment, |reading| reading.node(value, child, beside(key))) {
                Patch::Same => {}
                patch => patches.push((key.clone(), Entry::Changed(patch))),
            }
        }
        let known: HashSet<&str> = entries.iter().map(|(key, _)| key.as_str()).collect();
        for step in below.steps(&[FieldRole::Added, FieldRole::New]) {
            let (key, child) = (key_of(step), below.child(step));
            if known.contains(key.as_str()) || child.own(FieldRole::TakenOut).is_some() {
                continue;
            }
            let value =
                self.inside(step, |reading| match (child.own(FieldRole::Added), child.own(FieldRole::New)) {
                    (Some(text), _) => reading.added(text),
                    (None, Some(text)) => reading.cell(text, child, Kind::Null),
                    (None, None) => None,
                });
            patches.extend(value.map(|value| (key, Entry::Added { value, asked: false })));
        }
        Patch::object(patches)
    }

    fn list(&mut self, items: &[Node], below: Below<'_>) -> Patch {
        self.steps += items.len() + below.count();
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
            if child.own(FieldRole::TakenOut).is_some() {
                continue;
            }
            let patch = self.inside(&number, |reading| match item {
                _ if child.is_empty() => Patch::Same,
                Node::Object(entries) if child.own(FieldRole::Json).is_none() => {
                    reading.entries(entries, child, beside)
                }
                item => reading.node(item, child, kind),
            });
            rows.push(Row::Kept { from: index, is_sure: true, patch });
        }
        rows.extend(new.into_values().flatten());
        Patch::list(Rows { rows, asked: HashSet::new() }, items.len())
    }
}

/// A key as it is written in a place.
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
            let number = crate::document::key_label::short(number, 40);
            Err(format!("holds {number}, which is too large: numbers go up to 1.8e308"))
        }
        None => Ok(node),
    }
}

#[cfg(test)]
mod tests;
