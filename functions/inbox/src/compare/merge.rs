//! Two people's changes to one document: both are kept, and where they met, the reader is asked.

use super::patch::{Entry, Patch, Row, Rows};
use crate::document::Node;
use std::cell::Cell;
use std::collections::{HashMap, HashSet};

/// Puts what `mine` changes of `base` onto `head`, which `theirs` made of `base`: how `head` becomes the document with both
/// changes. Where both changed the same value, or it is not sure that it is the same row, mine is kept, and is marked as asked.
pub(crate) fn merge(base: &Node, mine: Patch, theirs: &Patch, head: &Node) -> Patch {
    Merging::default().combine(base, mine, theirs, head, false)
}

/// An object's entries.
type Entries<'a> = &'a [(String, Node)];

/// A merge that is being made, in time linear in the documents.
#[derive(Default)]
pub(super) struct Merging {
    /// How many values, entries and rows were looked at, for the tests of how work grows.
    pub(super) steps: Cell<usize>,
}

impl Merging {
    fn count(&self, steps: usize) {
        self.steps.set(self.steps.get() + steps);
    }

    /// `ask` is whether `head` is only a guess at what has become of `base`.
    pub(super) fn combine(&self, base: &Node, mine: Patch, theirs: &Patch, head: &Node, ask: bool) -> Patch {
        self.count(1);
        match (mine, theirs, base, head) {
            (Patch::Same, ..) => Patch::Same,
            // What they did not change is at the same places.
            (mine, Patch::Same, ..) => if_asked(mine, ask),
            (Patch::Object(mine), Patch::Object(theirs), Node::Object(base), Node::Object(head)) => {
                self.objects((base, head), mine, theirs, ask)
            }
            (Patch::List(mine), Patch::List(theirs), Node::List(base), Node::List(head))
                if mine.is_in_order() =>
            {
                self.count(2 * (base.len() + head.len()) + mine.rows.len() + theirs.rows.len());
                ListMerge::new(self, base, theirs, head, ask).merge(mine)
            }
            (mine, ..) => instead_of(head, mine.apply(base)),
        }
    }

    fn objects(
        &self,
        (base, head): (Entries<'_>, Entries<'_>),
        mine: Vec<(String, Entry)>,
        theirs: &[(String, Entry)],
        ask: bool,
    ) -> Patch {
        self.count(base.len() + head.len() + mine.len() + theirs.len());
        let (base, head) = (by_key(base), by_key(head));
        let theirs: HashMap<&str, &Entry> = theirs.iter().map(|(key, entry)| (key.as_str(), entry)).collect();
        let merged = mine.into_iter().filter_map(|(key, mine)| {
            let (before, now) = (base.get(key.as_str()), head.get(key.as_str()));
            let theirs = theirs.get(key.as_str()).copied();
            Some((key, self.entry(before.copied(), mine, theirs, now.copied(), ask)?))
        });
        Patch::object(merged.collect())
    }

    /// One entry that mine changes.
    fn entry(
        &self,
        base: Option<&Node>,
        mine: Entry,
        theirs: Option<&Entry>,
        head: Option<&Node>,
        ask: bool,
    ) -> Option<Entry> {
        let changed = |patch: Patch| (patch != Patch::Same).then_some(Entry::Changed(patch));
        match (mine, base, head) {
            (Entry::Changed(mine), Some(base), Some(head)) => match theirs {
                None => changed(if_asked(mine, ask)),
                Some(Entry::Changed(theirs)) => changed(self.combine(base, mine, theirs, head, ask)),
                Some(_) => changed(instead_of(head, mine.apply(base))),
            },
            (Entry::Changed(mine), Some(base), None) => {
                Some(Entry::Added { value: mine.apply(base), asked: true })
            }
            (Entry::Changed(_), None, _) | (Entry::Removed { .. }, _, None) => None,
            (Entry::Removed { .. }, _, Some(_)) => Some(Entry::Removed { asked: ask || theirs.is_some() }),
            (Entry::Added { value, .. }, _, Some(head)) => changed(instead_of(head, value)),
            (Entry::Added { value, .. }, _, None) => Some(Entry::Added { value, asked: false }),
        }
    }
}

fn if_asked(mine: Patch, ask: bool) -> Patch {
    if ask { mine.asked() } else { mine }
}

/// Mine in the place of theirs; nothing if they agree.
fn instead_of(head: &Node, mine: Node) -> Patch {
    if mine == *head { Patch::Same } else { Patch::Set { value: mine, asked: true } }
}

fn by_key(entries: &[(String, Node)]) -> HashMap<&str, &Node> {
    entries.iter().map(|(key, value)| (key.as_str(), value)).collect()
}

/// Where a row of the base stands in theirs, and how they changed it.
#[derive(Clone, Copy)]
struct TheirRow<'a> {
    at: usize,
    is_sure: bool,
    patch: &'a Patch,
}

/// A list that both changed.
struct ListMerge<'a> {
    merging: &'a Merging,
    base: &'a [Node],
    head: &'a [Node],
    ask: bool,
    /// By the place in the base.
    their_rows: Vec<Option<TheirRow<'a>>>,
    /// The rows that they added, and how often.
    added: HashMap<&'a Node, usize>,
    /// What is mine of each row of the head that is left.
    patches: Vec<Patch>,
    is_gone: Vec<bool>,
    asked: HashSet<usize>,
    /// Rows of mine that come before a row of the head, or after them all.
    before: HashMap<usize, Vec<Row>>,
}

impl<'a> ListMerge<'a> {
    fn new(merging: &'a Merging, base: &'a [Node], theirs: &'a Rows, head: &'a [Node], ask: bool) -> Self {
        let mut their_rows = vec![None; base.len()];
        let mut added: HashMap<&Node, usize> = HashMap::new();
        for (at, row) in theirs.rows.iter().enumerate() {
            match row {
                Row::Kept { from, is_sure, patch } => {
                    if let Some(row) = their_rows.get_mut(*from) {
                        *row = Some(TheirRow { at, is_sure: *is_sure, patch });
                    }
                }
                Row::New { value, .. } => *added.entry(value).or_default() += 1,
            }
        }
        Self {
            merging,
            base,
            head,
            ask,
            their_rows,
            added,
            patches: vec![Patch::Same; head.len()],
            is_gone: vec![false; head.len()],
            asked: HashSet::new(),
            before: HashMap::new(),
        }
    }

    fn merge(mut self, mine: Rows) -> Patch {
        let mut is_left = vec![false; self.base.len()];
        let kept = mine.rows.iter().filter(|row| row.from().is_some()).count();
        let (mut seen, mut place) = (0, 0);
        for row in mine.rows {
            match row {
                Row::Kept { from, patch, is_sure } => {
                    let Some(base) = self.base.get(from) else { continue };
                    seen += 1;
                    is_left[from] = true;
                    place = self.kept(base, (from, is_sure), patch, place);
                }
                // What was added to the end stays at the end.
                Row::New { value, asked } => {
                    let place = if seen == kept { self.head.len() } else { place };
                    self.new_row(value, asked, place);
                }
            }
        }
        for from in (0..self.base.len()).filter(|from| !is_left[*from]) {
            self.taken_out(from);
        }
        self.into_patch()
    }

    /// A row that mine keeps, changed or not; the place after it.
    fn kept(&mut self, base: &Node, (from, is_mine_sure): (usize, bool), mine: Patch, place: usize) -> usize {
        if let Some(TheirRow { at, is_sure, patch }) = self.their_rows[from] {
            if let Some(head) = self.head.get(at) {
                let is_guess = !is_sure || !is_mine_sure && *patch != Patch::Same;
                self.patches[at] = self.merging.combine(base, mine, patch, head, self.ask || is_guess);
            }
            return at + 1;
        }
        if mine != Patch::Same {
            let value = mine.apply(base);
            self.before.entry(place).or_default().push(Row::New { value, asked: true });
        }
        place
    }

    /// A row that mine adds: of two that are equal, one is enough.
    fn new_row(&mut self, value: Node, asked: bool, place: usize) {
        match self.added.get_mut(&value) {
            Some(count) if *count > 0 => *count -= 1,
            _ => self.before.entry(place).or_default().push(Row::New { value, asked }),
        }
    }

    /// A row that mine takes out.
    fn taken_out(&mut self, from: usize) {
        let Some(TheirRow { at, is_sure, patch }) = self.their_rows[from] else { return };
        if let Some(is_gone) = self.is_gone.get_mut(at) {
            *is_gone = true;
            if self.ask || !is_sure || *patch != Patch::Same {
                self.asked.insert(at);
            }
        }
    }

    fn into_patch(mut self) -> Patch {
        let mut rows = Vec::with_capacity(self.head.len());
        for (at, patch) in self.patches.into_iter().enumerate() {
            rows.extend(self.before.remove(&at).unwrap_or_default());
            if !self.is_gone[at] {
                rows.push(Row::Kept { from: at, is_sure: true, patch });
            }
        }
        rows.extend(self.before.remove(&self.head.len()).unwrap_or_default());
        Patch::list(Rows { rows, asked: self.asked }, self.head.len())
    }
}
