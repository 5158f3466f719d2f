//! How one document becomes another: only what differs is named.

use super::align::align;
use super::ids::Ids;
use crate::document::Node;
use std::collections::{HashMap, HashSet};

/// How one value changes. `asked` marks what somebody else has changed, too: the viewer chooses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Patch {
    /// Nothing.
    #[default]
    Same,
    /// It becomes another value.
    Set { value: Node, asked: bool },
    /// Of an object, the entries that differ, each key once.
    Object(Vec<(String, Entry)>),
    /// Of a list, all rows as they are then.
    List(Rows),
}

/// What becomes of an object's entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    Changed(Patch),
    Added { value: Node, asked: bool },
    Removed { asked: bool },
}

/// The rows of a list, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rows {
    pub(crate) rows: Vec<Row>,
    /// Which of the removed rows somebody else has changed.
    pub(crate) asked: HashSet<usize>,
}

/// One row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Row {
    /// Made of the row that stood at `from`; whether that is sure.
    Kept { from: usize, is_sure: bool, patch: Patch },
    /// There was none.
    New { value: Node, asked: bool },
}

impl Row {
    /// The row it was made of.
    pub(crate) const fn from(&self) -> Option<usize> {
        match self {
            Self::Kept { from, .. } => Some(*from),
            Self::New { .. } => None,
        }
    }
}

impl Rows {
    /// Whether all rows, of `before` there were, stay as they are.
    pub(crate) fn is_same(&self, before: usize) -> bool {
        let same = |(place, row): (usize, &Row)| matches!(row, Row::Kept { from, patch: Patch::Same, .. } if *from == place);
        self.rows.len() == before && self.asked.is_empty() && self.rows.iter().enumerate().all(same)
    }

    /// Whether the rows that are left are in their old order.
    pub(crate) fn is_in_order(&self) -> bool {
        let mut last = None;
        self.rows.iter().filter_map(Row::from).all(|from| last.replace(from).is_none_or(|last| last < from))
    }
}

impl Patch {
    /// Another value.
    pub(crate) const fn set(value: Node) -> Self {
        Self::Set { value, asked: false }
    }

    /// The patch of an object; none if no entry differs.
    pub(crate) fn object(entries: Vec<(String, Entry)>) -> Self {
        if entries.is_empty() { Self::Same } else { Self::Object(entries) }
    }

    /// The patch of a list that had so many rows; none if they all stay.
    pub(crate) fn list(rows: Rows, before: usize) -> Self {
        if rows.is_same(before) { Self::Same } else { Self::List(rows) }
    }

    /// What it makes of a document. What it has no place for is left out.
    pub(crate) fn apply(&self, base: &Node) -> Node {
        match (self, base) {
            (Self::Set { value, .. }, _) => value.clone(),
            (Self::Object(patches), Node::Object(entries)) => Node::Object(apply_entries(patches, entries)),
            (Self::List(rows), Node::List(items)) => {
                let made = rows.rows.iter().filter_map(|row| match row {
                    Row::Kept { from, patch, .. } => Some(patch.apply(items.get(*from)?)),
                    Row::New { value, .. } => Some(value.clone()),
                });
                Node::List(made.collect())
            }
            _ => base.clone(),
        }
    }

    /// The same, with each change and removal in it marked: the reader is asked.
    pub(super) fn asked(self) -> Self {
        match self {
            Self::Same => Self::Same,
            Self::Set { value, .. } => Self::Set { value, asked: true },
            Self::Object(entries) => {
                let asked = entries.into_iter().map(|(key, entry)| (key, entry.asked()));
                Self::Object(asked.collect())
            }
            Self::List(Rows { rows, asked }) => {
                let rows = rows.into_iter().map(|row| match row {
                    Row::Kept { from, is_sure, patch } => Row::Kept { from, is_sure, patch: patch.asked() },
                    new @ Row::New { .. } => new,
                });
                Self::List(Rows { rows: rows.collect(), asked })
            }
        }
    }

    /// How many values the reader is asked about.
    pub(crate) fn questions(&self) -> usize {
        match self {
            Self::Same => 0,
            Self::Set { asked, .. } => usize::from(*asked),
            Self::Object(entries) => entries.iter().map(|(_, entry)| entry.questions()).sum(),
            Self::List(rows) => {
                let of_row = |row: &Row| match row {
                    Row::Kept { patch, .. } => patch.questions(),
                    Row::New { asked, .. } => usize::from(*asked),
                };
                rows.asked.len() + rows.rows.iter().map(of_row).sum::<usize>()
            }
        }
    }

    /// Whether a form of the document it starts from can show it: a form keeps the order of rows.
    pub(crate) fn fits_a_form(&self) -> bool {
        match self {
            Self::Same | Self::Set { .. } => true,
            Self::Object(entries) => entries.iter().all(|(_, entry)| match entry {
                Entry::Changed(patch) => patch.fits_a_form(),
                Entry::Added { .. } | Entry::Removed { .. } => true,
            }),
            Self::List(rows) => {
                let fits = |row: &Row| match row {
                    Row::Kept { patch, .. } => patch.fits_a_form(),
                    Row::New { .. } => true,
                };
                rows.is_in_order() && rows.rows.iter().all(fits)
            }
        }
    }
}

impl Entry {
    fn asked(self) -> Self {
        match self {
            Self::Changed(patch) => Self::Changed(patch.asked()),
            Self::Added { value, asked } => Self::Added { value, asked },
            Self::Removed { .. } => Self::Removed { asked: true },
        }
    }

    fn questions(&self) -> usize {
        match self {
            Self::Changed(patch) => patch.questions(),
            Self::Added { asked, .. } | Self::Removed { asked } => usize::from(*asked),
        }
    }
}

fn apply_entries(patches: &[(String, Entry)], entries: &[(String, Node)]) -> Vec<(String, Node)> {
    let by_key: HashMap<&str, &Entry> = patches.iter().map(|(key, entry)| (key.as_str(), entry)).collect();
    let kept = entries.iter().filter_map(|(key, value)| match by_key.get(key.as_str()) {
        Some(Entry::Removed { .. }) => None,
        Some(Entry::Changed(patch)) => Some((key.clone(), patch.apply(value))),
        _ => Some((key.clone(), value.clone())),
    });
    let added = patches.iter().filter_map(|(key, entry)| match entry {
        Entry::Added { value, .. } => Some((key.clone(), value.clone())),
        _ => None,
    });
    kept.chain(added).collect()
}

/// How `old` becomes `new`; both are known to `ids`.
pub(crate) fn diff(ids: &mut Ids<'_>, old: &Node, new: &Node) -> Patch {
    ids.steps += 1;
    if ids.are_same(old, new) {
        return Patch::Same;
    }
    match (old, new) {
        (Node::Object(old), Node::Object(new)) => diff_entries(ids, old, new),
        (Node::List(old), Node::List(new)) => {
            let pairs = align(ids, old, new);
            let rows = pairs.into_iter().zip(new).map(|(pair, row)| match pair {
                Some(pair) => {
                    let patch = diff(ids, &old[pair.from], row);
                    Row::Kept { from: pair.from, is_sure: pair.is_sure, patch }
                }
                None => Row::New { value: row.clone(), asked: false },
            });
            let rows = Rows { rows: rows.collect(), asked: HashSet::new() };
            Patch::list(rows, old.len())
        }
        _ => Patch::set(new.clone()),
    }
}

fn diff_entries(ids: &mut Ids<'_>, old: &[(String, Node)], new: &[(String, Node)]) -> Patch {
    let before: HashMap<&str, &Node> = old.iter().map(|(key, value)| (key.as_str(), value)).collect();
    let after: HashSet<&str> = new.iter().map(|(key, _)| key.as_str()).collect();
    let mut entries = Vec::new();
    for (key, value) in new {
        let entry = match before.get(key.as_str()) {
            Some(old) => match diff(ids, old, value) {
                Patch::Same => continue,
                patch => Entry::Changed(patch),
            },
            None => Entry::Added { value: value.clone(), asked: false },
        };
        entries.push((key.clone(), entry));
    }
    let gone = old.iter().filter(|(key, _)| !after.contains(key.as_str()));
    entries.extend(gone.map(|(key, _)| (key.clone(), Entry::Removed { asked: false })));
    Patch::object(entries)
}
