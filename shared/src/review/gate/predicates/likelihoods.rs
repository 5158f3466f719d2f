//! How likely each value is: a tree that mirrors the output, and a list of places. A likelihood that is needed and that nobody sent
//! counts as below every threshold. So does one that cannot be read: what is not known is kept, and never passed over.

use super::lowest::Lowest;
use super::read::{Likelihood, Read, numbers, unwrapped};
use crate::review::gate::values::json::Json;
use crate::review::gate::values::path::{Found, Path, below};
use crate::review::gate::work::Work;
use std::collections::HashMap;

/// All that is known of how likely values are.
#[derive(Debug, Default)]
pub(crate) struct Likelihoods {
    pub(crate) tree: Option<Json>,
    /// By JSON Pointer: of several the lowest; one that cannot be read is lower than all.
    places: HashMap<String, Read>,
    /// A part of it cannot be read, and it is not known of which values it spoke.
    is_unreadable: bool,
}

impl Likelihoods {
    /// Reads both. What encloses a tree of the reference's (`{"likelihoods": …}`) is taken off, unless the output has a field of that
    /// name.
    pub(crate) fn of(output: &Json, likelihoods: Option<&str>, evidence: Option<&str>) -> Self {
        let mut found = Self::default();
        if let Some(evidence) = evidence {
            found.read_evidence(evidence);
        }
        found.tree = match likelihoods.map(Json::parse) {
            Some(Some(tree)) => Some(unwrapped(tree, output)).filter(|tree| *tree != Json::Null),
            Some(None) => {
                found.is_unreadable = true;
                None
            }
            None => None,
        };
        found
    }

    fn read_evidence(&mut self, evidence: &str) {
        let entries = match Json::parse(evidence) {
            Some(Json::List(entries)) => entries,
            other => {
                self.is_unreadable |= other != Some(Json::Null);
                return;
            }
        };
        for entry in &entries {
            let read = match entry.get("confidence") {
                // It says only where the value stands.
                None | Some(Json::Null) if matches!(entry, Json::Object(_)) => continue,
                None | Some(Json::Null) => Read::Unknown,
                Some(value) => Likelihood::of(value).map_or(Read::Unknown, Read::Known),
            };
            let Some(place) = entry.get("path").and_then(Json::text) else {
                self.is_unreadable = true;
                continue;
            };
            let known = self.places.entry(place.to_owned()).or_insert_with(|| read.clone());
            let is_lower = match (&read, &*known) {
                (Read::Known(one), Read::Known(other)) => one.value < other.value,
                (Read::Unknown, Read::Known(_)) => true,
                _ => false,
            };
            if is_lower {
                *known = read;
            }
        }
    }

    /// What the list says of a place.
    pub(crate) fn at(&self, place: &str) -> Read {
        self.places.get(place).cloned().unwrap_or(Read::Nothing)
    }

    /// All places of the list, in no order.
    pub(crate) fn listed(&self) -> impl Iterator<Item = (&str, &Read)> {
        self.places.iter().map(|(place, read)| (place.as_str(), read))
    }

    /// Nothing yet, but for what cannot be read at all.
    pub(crate) fn lowest(&self) -> Lowest {
        let mut lowest = Lowest::default();
        if self.is_unreadable {
            lowest.unknown.add("");
        }
        lowest
    }

    /// The lowest of all values of the output.
    pub(crate) fn of_all(&self, output: &Json, work: &mut Work) -> Lowest {
        let mut lowest = self.lowest();
        self.walk(Some(output), self.tree.as_ref(), "", false, &mut lowest, work);
        // Those of places that the output does not have: none hides a doubt.
        let mut places: Vec<_> = self.places.iter().collect();
        places.sort_by_key(|(place, _)| *place);
        for (place, read) in places {
            match read {
                Read::Known(likelihood) => lowest.add(likelihood.clone(), place),
                Read::Unknown if lowest.unknown.first.is_none() => lowest.unknown.add(place),
                _ => {}
            }
        }
        lowest
    }

    /// The lowest of what a path leads to; `None` where it leads to all elements of an empty list.
    pub(crate) fn of_path(&self, path: &Path, output: &Json, work: &mut Work) -> Option<Lowest> {
        let found = path.follow(output, work);
        let mut lowest = Lowest::default();
        for Found { place, value } in &found {
            lowest.join(self.below(place, *value, output, work));
        }
        (!found.is_empty()).then_some(lowest)
    }

    /// The lowest of what is at a place of the output.
    pub(crate) fn below(&self, place: &str, value: Option<&Json>, output: &Json, work: &mut Work) -> Lowest {
        let mut lowest = self.lowest();
        let (mut tree, mut outer, mut at) = (self.tree.as_ref(), Some(output), String::new());
        // A number for a whole list is one for each of its elements: it counts beside their own.
        let (mut enclosing, mut is_covered) = (Lowest::default(), false);
        for step in place.split('/').skip(1) {
            work.spend(1 + tree.map_or(0, Json::width) + outer.map_or(0, Json::width));
            let here = tree.map_or(Read::Nothing, |tree| Read::at(tree, outer));
            is_covered &= !matches!(here, Read::Null) && !is_odd(&here, outer, tree);
            for read in [here, self.at(&at)] {
                is_covered |= enclosing.read(read, place);
            }
            let key = step.replace("~1", "/").replace("~0", "~");
            (tree, outer) = (child(tree, &key, work), child(outer, &key, work));
            at.push('/');
            at.push_str(step);
        }
        self.walk(value, tree, place, is_covered, &mut lowest, work);
        lowest.join(enclosing);
        lowest
    }

    /// Goes through a value and its likelihoods side by side. `is_covered`: there is a likelihood for all of what it is in.
    fn walk(
        &self,
        value: Option<&Json>,
        tree: Option<&Json>,
        place: &str,
        is_covered: bool,
        lowest: &mut Lowest,
        work: &mut Work,
    ) {
        work.spend(1 + place.len() as u64 / 64 + tree.map_or(0, Json::width));
        if work.is_used_up() {
            return;
        }
        let here = tree.map_or(Read::Nothing, |tree| Read::at(tree, value));
        let (is_null, is_nothing) = (matches!(here, Read::Null), matches!(here, Read::Nothing));
        let is_odd = is_odd(&here, value, tree);
        let mut is_covered = is_covered && !is_null && !is_odd;
        for read in [here, self.at(place)] {
            is_covered |= lowest.read(read, place);
        }
        match value {
            Some(Json::Object(entries)) if !is_odd => {
                let mut of_keys: HashMap<&str, &Json> = match tree {
                    Some(Json::Object(entries)) => {
                        entries.iter().map(|(key, tree)| (key.as_str(), tree)).collect()
                    }
                    _ => HashMap::new(),
                };
                if !is_nothing {
                    of_keys.remove("likelihood");
                }
                for (key, value) in entries {
                    let tree = of_keys.remove(key.as_str());
                    self.walk(Some(value), tree, &below(place, key), is_covered, lowest, work);
                }
                // Likelihoods of what the output does not have.
                let mut others: Vec<_> = of_keys.into_iter().collect();
                others.sort_by_key(|(key, _)| *key);
                for (key, tree) in others {
                    numbers(tree, &below(place, key), lowest, work);
                }
            }
            Some(Json::List(items)) if !is_odd => {
                let of_items = tree.and_then(Json::list).unwrap_or_default();
                for (index, item) in items.iter().enumerate() {
                    let place = below(place, &index.to_string());
                    self.walk(Some(item), of_items.get(index), &place, is_covered, lowest, work);
                }
                for (index, tree) in of_items.iter().enumerate().skip(items.len()) {
                    numbers(tree, &below(place, &index.to_string()), lowest, work);
                }
            }
            value => {
                if let Some(tree @ (Json::List(_) | Json::Object(_))) = tree {
                    numbers(tree, place, lowest, work);
                }
                match value {
                    Some(Json::Object(entries)) => {
                        for (key, value) in entries {
                            self.walk(Some(value), None, &below(place, key), false, lowest, work);
                        }
                    }
                    Some(Json::List(items)) => {
                        for (index, item) in items.iter().enumerate() {
                            let place = below(place, &index.to_string());
                            self.walk(Some(item), None, &place, false, lowest, work);
                        }
                    }
                    _ if is_covered => {}
                    _ => lowest.missing.add(place),
                }
            }
        }
    }
}

/// Whether something else stands where the likelihoods of a value should: then what is around it does not speak for it.
fn is_odd(here: &Read, value: Option<&Json>, tree: Option<&Json>) -> bool {
    let is_alike = match (value, tree) {
        (_, None) => true,
        (Some(value), Some(tree)) => {
            matches!((value, tree), (Json::Object(_), Json::Object(_)) | (Json::List(_), Json::List(_)))
        }
        (None, Some(_)) => false,
    };
    matches!(here, Read::Nothing) && !is_alike
}

fn child<'v>(value: Option<&'v Json>, key: &str, work: &mut Work) -> Option<&'v Json> {
    match value? {
        Json::List(items) => items.get(key.parse::<usize>().ok()?),
        object @ Json::Object(entries) => {
            work.spend(entries.len() as u64 / 8);
            object.get(key)
        }
        _ => None,
    }
}
