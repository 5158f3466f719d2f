//! Rows that are the same because they have the same name.

use super::{Aligning, Feature, MOST_VALUES};
use crate::document::Node;
use std::collections::{HashMap, HashSet};

impl<'a> Aligning<'a, '_, '_> {
    /// Rows of the same name. Two that lead to different rows, by different keys, are in doubt; so are two that lead to one.
    pub(super) fn named(&mut self, names: &HashSet<&'a str>) {
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
                && self.agree_in_most_names(names, old, row)
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
    fn agree_in_most_names(&self, names: &HashSet<&'a str>, old: usize, new: usize) -> bool {
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
    pub(super) fn names(&mut self) -> HashSet<&'a str> {
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

    pub(super) fn differ_in(&mut self, names: &HashSet<&'a str>, old: usize, new: usize) -> bool {
        self.ids.steps += 2;
        let of = |row: &'a Node| -> HashMap<&'a str, u32> { self.names_of(names, row).into_iter().collect() };
        of(&self.old[old]) != of(&self.new[new])
    }
}

/// Whether a key says that its value, also a number, names the row.
fn is_id(key: &str) -> bool {
    const WHOLE: [&str; 8] = ["id", "key", "sku", "code", "number", "no", "nr", "ref"];
    let key = key.to_ascii_lowercase();
    WHOLE.contains(&key.as_str())
        || ["_id", "_key", "_code", "_number", "_no"].iter().any(|end| key.ends_with(end))
}
