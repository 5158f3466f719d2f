//! Which row of a list is which of another: by what they are, not where they stand.
//!
//! 1. Equal rows in the same order (the common subsequence, by `imara-diff`), then equal rows elsewhere: those were moved.
//! 2. Rows with the same name, where a list has such a key: a text (or an id, which may be a number) that no two rows of either
//!    list share.
//! 3. Rows that are alike: most of what they hold is the same, and no other row is as alike. If they differ in a text by which all
//!    rows of a list can be told apart, a name or a number as text, that is a guess: it may be another row with the same numbers.
//! 4. What is left over in the same gap between rows that were found, if there are as many on both sides, by place. That is
//!    a guess, and said to be one.

use super::ids::Ids;
use crate::document::Node;
use imara_diff::{Algorithm, Diff, Token};
use std::collections::{HashMap, HashSet};

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
/// A value that so many rows have tells none of them apart.
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
            self.common(start..old_end, start..new_end);
        }
        self.anchors.extend((0..end).map(|place| (old_end + place, new_end + place)));
        for (old, new) in self.anchors.clone() {
            self.pair(old, new, true);
        }
        self.ids.steps += self.old.len() + self.new.len();
    }

    fn common(&mut self, old: std::ops::Range<usize>, new: std::ops::Range<usize>) {
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

    /// Rows most of whose values are the same. Only values that few rows have lead from one to the other, so that each row
    /// meets few others.
    fn alike(&mut self, names: &HashSet<&'a str>) {
        let (old, new) = self.left_over();
        let mut rows_with: HashMap<Feature<'a>, Vec<usize>> = HashMap::new();
        for &row in &old {
            for feature in self.features(&self.old[row]) {
                self.ids.steps += 1;
                let rows = rows_with.entry(feature).or_default();
                if rows.len() <= COMMON {
                    rows.push(row);
                }
            }
        }
        // Each row of `new` and the row of `old` it is most like; two that claim the same row are both in doubt.
        let mut claims: HashMap<usize, Vec<usize>> = HashMap::new();
        for &row in &new {
            if let Some(best) = self.most_like(row, &rows_with) {
                claims.entry(best).or_default().push(row);
            }
        }
        for (old, claimants) in claims {
            if let [new] = claimants[..] {
                let is_sure = !self.differ_in(names, old, new);
                self.pair(old, new, is_sure);
            }
        }
    }

    /// Rows of the same name. Two that lead to different rows, by different keys, are in doubt; so are two that lead to one.
    fn named(&mut self, names: &HashSet<&'a str>) {
        if names.is_empty() {
            return;
        }
        let (old, new) = self.left_over();
        let mut row_of: HashMap<Feature<'a>, usize> = HashMap::new();
        for row in old {
            row_of.extend(self.names_of(names, &self.old[row]).into_iter().map(|name| (name, row)));
        }
        let mut claims: HashMap<usize, Vec<usize>> = HashMap::new();
        for row in new {
            let own = self.names_of(names, &self.new[row]);
            self.ids.steps += own.len() + 1;
            let mut found: Vec<usize> = own.iter().filter_map(|name| row_of.get(name).copied()).collect();
            found.dedup();
            if let [old] = found[..]
                && self.share_more_than_not(names, old, row)
            {
                claims.entry(old).or_default().push(row);
            }
        }
        for (old, claimants) in claims {
            if let [new] = claimants[..] {
                self.pair(old, new, true);
            }
        }
    }

    /// Whether two rows agree in more of their names than they differ in; an id counts twice. In a short list many texts are each
    /// row's own, by chance.
    fn share_more_than_not(&self, names: &HashSet<&'a str>, old: usize, new: usize) -> bool {
        let of_old: HashSet<Feature<'a>> = self.names_of(names, &self.old[old]).into_iter().collect();
        let weigh = |(key, value): Feature<'a>| {
            let weight = if is_id(key) { 2 } else { 1 };
            if of_old.contains(&(key, value)) { weight } else { -weight }
        };
        self.names_of(names, &self.new[new]).into_iter().map(weigh).sum::<i32>() > 0
    }

    fn names_of(&self, names: &HashSet<&'a str>, row: &'a Node) -> Vec<Feature<'a>> {
        let features = self.features(row).into_iter();
        features.filter(|(key, _)| names.contains(key)).collect()
    }

    /// The keys under which each row of either list has a text that no other row of it has.
    fn names(&mut self) -> HashSet<&'a str> {
        let mut names: Option<HashSet<&'a str>> = None;
        for rows in [self.old, self.new] {
            let mut seen: HashMap<&'a str, HashSet<u32>> = HashMap::new();
            for row in rows {
                let Node::Object(entries) = row else { return HashSet::new() };
                for (key, value) in entries.iter().take(MOST_VALUES) {
                    self.ids.steps += 1;
                    let is_name = match value {
                        Node::Text(text) => !text.is_empty(),
                        Node::Number(_) => is_id(key),
                        _ => false,
                    };
                    if is_name {
                        seen.entry(key).or_default().insert(self.ids.get(value).unwrap_or(u32::MAX));
                    }
                }
            }
            let told_apart =
                seen.into_iter().filter(|(_, values)| values.len() == rows.len()).map(|(key, _)| key);
            let told_apart: HashSet<&'a str> = told_apart.collect();
            names = Some(match names {
                None => told_apart,
                Some(before) => before.intersection(&told_apart).copied().collect(),
            });
        }
        names.unwrap_or_default()
    }

    fn differ_in(&mut self, names: &HashSet<&'a str>, old: usize, new: usize) -> bool {
        self.ids.steps += 2;
        let of = |row: &'a Node| -> HashMap<&'a str, u32> { self.names_of(names, row).into_iter().collect() };
        of(&self.old[old]) != of(&self.new[new])
    }

    fn most_like(&mut self, row: usize, rows_with: &HashMap<Feature<'a>, Vec<usize>>) -> Option<usize> {
        let features = self.features(&self.new[row]);
        let mut shared: HashMap<usize, usize> = HashMap::new();
        let mut common = 0;
        for feature in &features {
            let rows = rows_with.get(feature).map_or(&[][..], Vec::as_slice);
            if rows.len() > COMMON {
                common += 1;
                continue;
            }
            self.ids.steps += rows.len() + 1;
            for old in rows {
                *shared.entry(*old).or_default() += 1;
            }
        }
        let most = *shared.values().max()?;
        let mut best = shared.iter().filter(|(_, count)| **count == most).map(|(old, _)| *old);
        let (first, second) = (best.next()?, best.next());
        let size = features.len().max(self.features(&self.old[first]).len());
        // What is common counts where it is there; that is only looked at for the one row.
        let common = if common == 0 { 0 } else { self.shared_commons(&features, first, rows_with) };
        (second.is_none() && 2 * (most + common) > size).then_some(first)
    }

    fn shared_commons(
        &mut self,
        features: &[Feature<'a>],
        old: usize,
        rows_with: &HashMap<Feature<'a>, Vec<usize>>,
    ) -> usize {
        let of_old: HashSet<Feature<'a>> = self.features(&self.old[old]).into_iter().collect();
        self.ids.steps += features.len();
        let is_common =
            |feature: &&Feature<'a>| rows_with.get(*feature).is_some_and(|rows| rows.len() > COMMON);
        features.iter().filter(is_common).filter(|feature| of_old.contains(*feature)).count()
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

/// Whether a key says that its value, also a number, names the row.
fn is_id(key: &str) -> bool {
    const WHOLE: [&str; 8] = ["id", "key", "sku", "code", "number", "no", "nr", "ref"];
    let key = key.to_ascii_lowercase();
    WHOLE.contains(&key.as_str())
        || ["_id", "_key", "_code", "_number", "_no"].iter().any(|end| key.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn aligned(old: &str, new: &str) -> Vec<Option<(usize, bool)>> {
        let (old, new) = (Node::parse(old).unwrap(), Node::parse(new).unwrap());
        let mut ids = Ids::of([&old, &new]);
        let (Node::List(old), Node::List(new)) = (&old, &new) else { panic!("two lists") };
        align(&mut ids, old, new).into_iter().map(|it| it.map(|it| (it.from, it.is_sure))).collect()
    }

    #[test]
    fn equal_rows_are_found_wherever_they_stand() {
        let sure = |from: usize| Some((from, true));
        assert_eq!(aligned("[1,2,3,4]", "[1,3,4]"), [sure(0), sure(2), sure(3)]);
        assert_eq!(aligned("[1,2,3]", "[3,1,2]"), [sure(2), sure(0), sure(1)]);
        assert_eq!(aligned("[1,1]", "[1,1,1]"), [sure(0), sure(1), None]);
        assert_eq!(aligned("[]", "[1]"), [None]);
    }

    #[test]
    fn a_row_that_changed_is_found_by_what_stayed() {
        let old =
            r#"[{"sku":"a","n":1,"unit":"pc"},{"sku":"b","n":1,"unit":"pc"},{"sku":"c","n":2,"unit":"kg"}]"#;
        let new =
            r#"[{"sku":"z","n":9,"unit":"m"},{"sku":"c","n":2,"unit":"g"},{"sku":"b","n":1,"unit":"m"}]"#;
        let found = aligned(old, new);
        assert_eq!((found[1], found[2]), (Some((2, true)), Some((1, true))));
    }

    #[test]
    fn a_row_is_found_by_its_name_however_much_of_it_changed() {
        let old = r#"[{"sku":"a","n":1},{"sku":"b","n":2},{"sku":"c","n":3}]"#;
        assert_eq!(
            aligned(old, r#"[{"sku":"b","n":20},{"sku":"c","n":3}]"#),
            [Some((1, true)), Some((2, true))]
        );
        let old = r#"[{"id":1,"desc":"Bolt","qty":1},{"id":2,"desc":"Nut","qty":2}]"#;
        assert_eq!(aligned(old, r#"[{"id":2,"desc":"Nut M8","qty":4}]"#), [Some((1, true))]);
        // Two names that lead to two rows are no name.
        let swapped = aligned(old, r#"[{"id":1,"desc":"Nut","qty":7},{"id":3,"desc":"Pin","qty":9}]"#);
        assert!(swapped.iter().flatten().all(|(_, is_sure)| !is_sure), "{swapped:?}");
        // What is not each row's own is no name.
        let old = r#"[{"sku":"a","n":1},{"sku":"a","n":2},{"sku":"c","n":3}]"#;
        assert_eq!(aligned(old, r#"[{"sku":"a","n":9},{"sku":"c","n":3}]"#)[0], None);
    }

    #[test]
    fn another_row_with_the_same_numbers_is_a_guess() {
        let old = r#"[{"id":"a","desc":"Bolt","qty":1,"unit":"pc","price":4},{"id":"b","desc":"Nut","qty":2,"unit":"kg","price":7}]"#;
        let replaced = r#"[{"id":"a","desc":"Bolt","qty":1,"unit":"pc","price":4},{"id":"e","desc":"Pin","qty":2,"unit":"kg","price":7}]"#;
        assert_eq!(aligned(old, replaced), [Some((0, true)), Some((1, false))]);
        // A number that changed leaves it the same row; so does a text that does not tell rows apart.
        let changed =
            replaced.replace(r#""id":"e","desc":"Pin","qty":2"#, r#""id":"b","desc":"Nut","qty":3"#);
        assert_eq!(aligned(old, &changed), [Some((0, true)), Some((1, true))]);
        let units = old.replace(r#""unit":"kg""#, r#""unit":"pc""#);
        let other_unit = units.replace(r#""qty":2,"unit":"pc""#, r#""qty":2,"unit":"kg""#);
        assert_eq!(aligned(&units, &other_unit), [Some((0, true)), Some((1, true))]);
    }

    #[test]
    fn what_only_its_place_says_is_a_guess() {
        assert_eq!(aligned(r#"[1,{"n":1},3]"#, r#"[1,{"n":2},3]"#)[1], Some((1, false)));
        assert_eq!(aligned("[1,2,3]", "[1,7,8,3]"), [Some((0, true)), None, None, Some((2, true))]);
        // Half of it is not most of it.
        assert_eq!(aligned(r#"[{"a":1,"b":1}]"#, r#"[{"a":1,"b":2}]"#), [Some((0, false))]);
    }
}
