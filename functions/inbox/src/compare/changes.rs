//! A patch as a list of differences, for people to read.

use super::patch::{Entry, Patch, Row, Rows};
use crate::document::Node;
use crate::document::key_label::key_label;
use std::collections::{HashMap, HashSet};

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change<'a> {
    /// Where it is, in words: "Line items › 2 › Amount".
    pub(crate) place: String,
    /// None, if it was added.
    pub(crate) before: Option<&'a Node>,
    /// None, if it was removed.
    pub(crate) after: Option<&'a Node>,
    /// Whether both changed it.
    pub(crate) asked: bool,
    /// Where a moved row was before, from 0.
    pub(crate) moved_from: Option<usize>,
}

/// The first differences, and how many more there are.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Changes<'a> {
    pub(crate) listed: Vec<Change<'a>>,
    pub(crate) more: usize,
}

impl<'a> Changes<'a> {
    /// Differences that are listed at most.
    const MOST: usize = 500;

    /// What `patch` changes of `base`: first what is there after it, in its order, then what is gone.
    pub(crate) fn of(base: &'a Node, patch: &'a Patch) -> Self {
        Self::walk(base, patch, false)
    }

    /// Of what `patch` changes of `head`, what both changed: before it is theirs, after it mine.
    pub(crate) fn asked(head: &'a Node, patch: &'a Patch) -> Self {
        Self::walk(head, patch, true)
    }

    fn walk(base: &'a Node, patch: &'a Patch, only_asked: bool) -> Self {
        let mut walk = Walk { changes: Self::default(), place: Vec::new(), only_asked };
        walk.patch(base, patch);
        walk.changes
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.listed.is_empty()
    }
}

/// One step into a document.
#[derive(Clone, Copy)]
enum Step<'a> {
    Key(&'a str),
    /// From 0.
    Row(usize),
}

struct Walk<'a> {
    changes: Changes<'a>,
    place: Vec<Step<'a>>,
    only_asked: bool,
}

impl<'a> Walk<'a> {
    fn patch(&mut self, base: &'a Node, patch: &'a Patch) {
        match (patch, base) {
            (Patch::Set { value, asked }, _) => self.add(Some(base), Some(value), *asked),
            (Patch::Object(patches), Node::Object(entries)) => self.entries(entries, patches),
            (Patch::List(rows), Node::List(items)) => self.rows(items, rows),
            _ => {}
        }
    }

    fn entries(&mut self, entries: &'a [(String, Node)], patches: &'a [(String, Entry)]) {
        let before: HashMap<&str, &Node> = entries.iter().map(|(key, value)| (key.as_str(), value)).collect();
        for (key, entry) in patches {
            let before = before.get(key.as_str()).copied();
            self.inside(Step::Key(key), |walk| match (entry, before) {
                (Entry::Changed(patch), Some(before)) => walk.patch(before, patch),
                (Entry::Added { value, asked }, _) => walk.whole(value, *asked, |it| (None, Some(it))),
                (Entry::Removed { asked }, Some(before)) => {
                    walk.whole(before, *asked, |it| (Some(it), None));
                }
                (Entry::Changed(_) | Entry::Removed { .. }, None) => {}
            });
        }
    }

    fn rows(&mut self, items: &'a [Node], rows: &'a Rows) {
        let mut left: HashSet<usize> = HashSet::with_capacity(rows.rows.len());
        let mut last = None;
        for (place, row) in rows.rows.iter().enumerate() {
            left.extend(row.from());
            // If two rows have changed their order, one of them was moved.
            let moved = row.from().filter(|from| last.is_some_and(|last| last > *from));
            last = last.max(row.from());
            if let Some(from) = moved {
                self.inside(Step::Row(place), |walk| walk.add_moved(from));
            }
            self.inside(Step::Row(place), |walk| match row {
                Row::Kept { from, patch, .. } => {
                    if let Some(before) = items.get(*from) {
                        walk.patch(before, patch);
                    }
                }
                Row::New { value, asked } => walk.whole(value, *asked, |it| (None, Some(it))),
            });
        }
        for (place, item) in items.iter().enumerate().filter(|(place, _)| !left.contains(place)) {
            let asked = rows.asked.contains(&place);
            self.inside(Step::Row(place), |walk| walk.whole(item, asked, |it| (Some(it), None)));
        }
    }

    fn inside(&mut self, step: Step<'a>, walk: impl FnOnce(&mut Self)) {
        self.place.push(step);
        walk(self);
        self.place.pop();
    }

    /// Something added or removed is listed value by value; something that both changed is one question, and one entry.
    fn whole(
        &mut self,
        node: &'a Node,
        asked: bool,
        sides: impl Fn(&'a Node) -> (Option<&'a Node>, Option<&'a Node>) + Copy,
    ) {
        match node {
            Node::Object(entries) if !asked && !entries.is_empty() => {
                for (key, value) in entries {
                    self.inside(Step::Key(key), |walk| walk.whole(value, false, sides));
                }
            }
            Node::List(items) if !asked && !items.is_empty() => {
                for (place, item) in items.iter().enumerate() {
                    self.inside(Step::Row(place), |walk| walk.whole(item, false, sides));
                }
            }
            node => {
                let (before, after) = sides(node);
                self.add(before, after, asked);
            }
        }
    }

    fn add(&mut self, before: Option<&'a Node>, after: Option<&'a Node>, asked: bool) {
        if !self.only_asked || asked {
            self.list(Change { place: String::new(), before, after, asked, moved_from: None });
        }
    }

    fn add_moved(&mut self, from: usize) {
        if !self.only_asked {
            let moved_from = Some(from);
            self.list(Change { place: String::new(), before: None, after: None, asked: false, moved_from });
        }
    }

    /// Words are looked for only where they are shown.
    fn list(&mut self, mut change: Change<'a>) {
        if self.changes.listed.len() < Changes::MOST {
            change.place = in_words(&self.place);
            self.changes.listed.push(change);
        } else {
            self.changes.more += 1;
        }
    }
}

/// A place in words. Of a deep one, the middle is left out.
fn in_words(place: &[Step<'_>]) -> String {
    /// Steps that are named at each end.
    const ENDS: usize = 4;
    let word = |step: &Step<'_>| match step {
        Step::Key(key) => key_label(key),
        Step::Row(place) => (place + 1).to_string(),
    };
    let steps: Vec<String> = if place.len() > 2 * ENDS + 1 {
        let (start, end) = (&place[..ENDS], &place[place.len() - ENDS..]);
        start.iter().map(word).chain(["…".to_owned()]).chain(end.iter().map(word)).collect()
    } else {
        place.iter().map(word).collect()
    };
    if steps.is_empty() { "The whole output".into() } else { steps.join(" › ") }
}
