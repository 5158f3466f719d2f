//! Which row of a list is which row of another: by content, not by position.
//!
//! 1. Equal rows in the same order (the common subsequence, by `imara-diff`), then equal rows elsewhere: those were moved.
//! 2. Rows with the same name, where a list has such a key: a text (or an id, which may be a number) that no two rows of either
//!    list share.
//! 3. Rows that are alike: most of what they hold is the same, and no other row is as alike. If they differ in a text by which all
//!    rows of a list can be told apart, a name or a number as text, that is a guess: it may be another row with the same numbers.
//! 4. What is left over in the same gap between rows that were found, if there are as many on both sides, by place. That is
//!    a guess, and said to be one.

mod alike;
mod names;
#[cfg(test)]
mod tests;

use super::ids::Ids;
use crate::document::Node;
use imara_diff::{Algorithm, Diff, Token};
use std::collections::HashMap;

/// The row that another was made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pair {
    pub(crate) from: usize,
    /// Whether it is the same row for sure: equal, or the same for the most part.
    pub(crate) is_sure: bool,
}

/// In longer lists, only rows that are equal or alike are found: the search for a common subsequence looks up to 256 times at
/// each row.
const MOST_ROWS: usize = 16_384;
/// A value that more rows than this have does not identify any of them.
const COMMON: usize = 8;
/// Of a row, so many values are looked at.
const MOST_VALUES: usize = 64;

/// For each row of `new`, the row of `old` that it was made of. No row is named twice.
pub(crate) fn align(ids: &mut Ids<'_>, old: &[Node], new: &[Node]) -> Vec<Option<Pair>> {
    let mut aligning = Aligning {
        from: vec![None; new.len()],
        is_taken: vec![false; old.len()],
        anchors: Vec::new(),
        ids,
        old,
        new,
    };
    aligning.in_order();
    aligning.moved();
    if aligning.from.iter().any(Option::is_none) && aligning.is_taken.contains(&false) {
        let names = aligning.names();
        aligning.named(&names);
        aligning.alike(&names);
    }
    aligning.by_place();
    aligning.from
}

struct Aligning<'a, 'b, 'c> {
    ids: &'c mut Ids<'b>,
    old: &'a [Node],
    new: &'a [Node],
    from: Vec<Option<Pair>>,
    is_taken: Vec<bool>,
    /// Rows of `old` and of `new` that are the same, in order.
    anchors: Vec<(usize, usize)>,
}

/// One value in a row: under which key, and which value.
type Feature<'a> = (&'a str, u32);

impl<'a> Aligning<'a, '_, '_> {
    fn pair(&mut self, old: usize, new: usize, is_sure: bool) {
        self.from[new] = Some(Pair { from: old, is_sure });
        self.is_taken[old] = true;
    }

    fn in_order(&mut self) {
        let same = |(old, new): (&Node, &Node)| self.ids.are_same(old, new);
        let start = self.old.iter().zip(self.new).take_while(|pair| same(*pair)).count();
        let ends = self.old[start..].iter().rev().zip(self.new[start..].iter().rev());
        let end = ends.take_while(|pair| same(*pair)).count();
        let (old_end, new_end) = (self.old.len() - end, self.new.len() - end);
        self.anchors.extend((0..start).map(|place| (place, place)));
        if (old_end - start).max(new_end - start) <= MOST_ROWS {
            self.common_subsequence(start..old_end, start..new_end);
        }
        self.anchors.extend((0..end).map(|place| (old_end + place, new_end + place)));
        for (old, new) in self.anchors.clone() {
            self.pair(old, new, true);
        }
        self.ids.steps += self.old.len() + self.new.len();
    }

    /// The rows that are equal and in the same order.
    fn common_subsequence(&mut self, old: std::ops::Range<usize>, new: std::ops::Range<usize>) {
        let mut dense: HashMap<u32, u32> = HashMap::new();
        let mut tokens = |rows: &[Node]| -> Vec<Token> {
            let token = |row: &Node| {
                let next = u32::try_from(dense.len()).unwrap_or(u32::MAX);
                Token(*dense.entry(self.ids.get(row).unwrap_or(u32::MAX)).or_insert(next))
            };
            rows.iter().map(token).collect()
        };
        let (before, after) = (tokens(&self.old[old.clone()]), tokens(&self.new[new.clone()]));
        let mut diff = Diff::default();
        diff.compute_with(Algorithm::Myers, &before, &after, u32::try_from(dense.len()).unwrap_or(u32::MAX));
        let index = |place: usize| u32::try_from(place).unwrap_or(u32::MAX);
        let kept = old.enumerate().filter(|(place, _)| !diff.is_removed(index(*place)));
        let still = new.enumerate().filter(|(place, _)| !diff.is_added(index(*place)));
        self.anchors.extend(kept.zip(still).map(|((_, old), (_, new))| (old, new)));
    }

    fn left_over(&self) -> (Vec<usize>, Vec<usize>) {
        let old = (0..self.old.len()).filter(|row| !self.is_taken[*row]).collect();
        let new = (0..self.new.len()).filter(|row| self.from[*row].is_none()).collect();
        (old, new)
    }

    /// Equal rows elsewhere, the first with the first.
    fn moved(&mut self) {
        let (old, new) = self.left_over();
        let mut places: HashMap<u32, Vec<usize>> = HashMap::new();
        for row in old.into_iter().rev() {
            places.entry(self.ids.get(&self.old[row]).unwrap_or(u32::MAX)).or_default().push(row);
        }
        for row in new {
            self.ids.steps += 1;
            let number = self.ids.get(&self.new[row]).unwrap_or(u32::MAX);
            if let Some(old) = places.get_mut(&number).and_then(Vec::pop) {
                self.pair(old, row, true);
            }
        }
    }

    fn features(&self, row: &'a Node) -> Vec<Feature<'a>> {
        let number = |node: &Node| self.ids.get(node).unwrap_or(u32::MAX);
        match row {
            Node::Object(entries) => {
                entries.iter().take(MOST_VALUES).map(|(key, value)| (key.as_str(), number(value))).collect()
            }
            Node::List(items) => items.iter().take(MOST_VALUES).map(|item| ("", number(item))).collect(),
            _ => Vec::new(),
        }
    }

    /// In each gap between anchors, what is left over, if it is as many on both sides.
    fn by_place(&mut self) {
        let anchors = std::mem::take(&mut self.anchors);
        let ends = anchors.into_iter().chain([(self.old.len(), self.new.len())]);
        let mut start = (0, 0);
        for (old_end, new_end) in ends {
            let old: Vec<usize> = (start.0..old_end).filter(|row| !self.is_taken[*row]).collect();
            let new: Vec<usize> = (start.1..new_end).filter(|row| self.from[*row].is_none()).collect();
            if old.len() == new.len() {
                for (old, new) in old.into_iter().zip(new) {
                    self.pair(old, new, false);
                }
            }
            start = (old_end + 1, new_end + 1);
        }
    }
}
