//! How likely each value is: a tree that mirrors the output, and a list of places. A likelihood that is needed and that nobody sent
//! counts as below every threshold.

use crate::review::gate::values::decimal::Decimal;
use crate::review::gate::values::json::Json;
use crate::review::gate::values::path::{Found, Path, below};
use crate::review::gate::work::Work;
use std::collections::HashMap;

/// All that is known of how likely values are.
#[derive(Debug, Default)]
pub(crate) struct Likelihoods {
    pub(crate) tree: Option<Json>,
    /// By JSON Pointer: of several the lowest.
    places: HashMap<String, Likelihood>,
}

/// One likelihood, as it was written.
#[derive(Clone, Debug)]
pub(crate) struct Likelihood {
    pub(crate) text: String,
    pub(crate) value: Decimal,
}

impl Likelihood {
    pub(crate) fn of(value: &Json) -> Option<Self> {
        match value {
            Json::Number(text) => Some(Self { text: text.clone(), value: Decimal::parse(text)? }),
            _ => None,
        }
    }
}

/// The lowest likelihood of some values, and which of them have none.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lowest {
    /// With its place.
    pub(crate) found: Option<(Likelihood, String)>,
    /// The first place that nobody sent a likelihood for.
    pub(crate) missing: Option<String>,
    /// How many there are.
    pub(crate) missing_count: usize,
}

impl Lowest {
    pub(crate) fn add(&mut self, likelihood: Likelihood, place: &str) {
        if self.found.as_ref().is_none_or(|(lowest, _)| likelihood.value < lowest.value) {
            self.found = Some((likelihood, place.to_owned()));
        }
    }

    pub(crate) fn miss(&mut self, place: &str) {
        self.missing.get_or_insert_with(|| place.to_owned());
        self.missing_count += 1;
    }

    fn join(&mut self, other: Self) {
        if let Some((likelihood, place)) = other.found {
            self.add(likelihood, &place);
        }
        self.missing = self.missing.take().or(other.missing);
        self.missing_count += other.missing_count;
    }
}

impl Likelihoods {
    /// Reads both. What encloses a tree of the reference's (`{"likelihoods": …}`) is taken off, unless the output has a field of that
    /// name.
    pub(crate) fn of(output: &Json, likelihoods: Option<&str>, evidence: Option<&str>) -> Self {
        let mut found = Self::default();
        if let Some(Json::List(entries)) = evidence.and_then(Json::parse) {
            for entry in &entries {
                let place = entry.get("path").and_then(Json::text);
                let likelihood = entry.get("confidence").and_then(Likelihood::of);
                if let (Some(place), Some(likelihood)) = (place, likelihood) {
                    let known = found.places.entry(place.to_owned()).or_insert_with(|| likelihood.clone());
                    if likelihood.value < known.value {
                        *known = likelihood;
                    }
                }
            }
        }
        found.tree = likelihoods.and_then(Json::parse).map(|tree| match tree {
            Json::Object(mut entries) => {
                let whole = entries.iter().position(|(key, _)| key == "likelihoods");
                match whole.filter(|_| output.get("likelihoods").is_none()) {
                    Some(index) => entries.swap_remove(index).1,
                    None => Json::Object(entries),
                }
            }
            tree => tree,
        });
        found
    }

    /// The likelihood of a place in the list.
    pub(crate) fn at(&self, place: &str) -> Option<&Likelihood> {
        self.places.get(place)
    }

    /// The lowest of all values of the output.
    pub(crate) fn of_all(&self, output: &Json, work: &mut Work) -> Lowest {
        let mut lowest = Lowest::default();
        self.walk(Some(output), self.tree.as_ref(), "", false, &mut lowest, work);
        // Those of places that the output does not have: none hides a doubt.
        let mut places: Vec<_> = self.places.iter().collect();
        places.sort_by_key(|(place, _)| *place);
        for (place, likelihood) in places {
            lowest.add(likelihood.clone(), place);
        }
        lowest
    }

    /// The lowest of what a path leads to; `None` where it leads to all elements of an empty list.
    pub(crate) fn of_path(&self, path: &Path, output: &Json, work: &mut Work) -> Option<Lowest> {
        let found = path.follow(output, work);
        let mut lowest = Lowest::default();
        for Found { place, value } in &found {
            lowest.join(self.below(place, *value, work));
        }
        (!found.is_empty()).then_some(lowest)
    }

    /// The lowest of what is at a place of the output.
    pub(crate) fn below(&self, place: &str, value: Option<&Json>, work: &mut Work) -> Lowest {
        let mut lowest = Lowest::default();
        let (mut tree, mut at) = (self.tree.as_ref(), String::new());
        // A number for a whole list is one for each of its elements that has none of its own.
        let mut enclosing: Option<Likelihood> = None;
        for step in place.split('/').skip(1) {
            work.spend(1);
            for likelihood in tree.and_then(Likelihood::of).into_iter().chain(self.at(&at).cloned()) {
                if enclosing.as_ref().is_none_or(|known| likelihood.value < known.value) {
                    enclosing = Some(likelihood);
                }
            }
            let key = step.replace("~1", "/").replace("~0", "~");
            tree = match tree {
                Some(Json::List(items)) => key.parse::<usize>().ok().and_then(|index| items.get(index)),
                Some(object @ Json::Object(entries)) => {
                    work.spend(entries.len() as u64 / 8);
                    object.get(&key)
                }
                _ => None,
            };
            at.push('/');
            at.push_str(step);
        }
        self.walk(value, tree, place, enclosing.is_some(), &mut lowest, work);
        if lowest.found.is_none()
            && let Some(likelihood) = enclosing
        {
            lowest.add(likelihood, place);
        }
        lowest
    }

    /// Goes through a value and its likelihoods side by side.
    fn walk(
        &self,
        value: Option<&Json>,
        tree: Option<&Json>,
        place: &str,
        is_covered: bool,
        lowest: &mut Lowest,
        work: &mut Work,
    ) {
        work.spend(1 + place.len() as u64 / 64);
        if work.is_used_up() {
            return;
        }
        let of_object = |tree: &Json| match value {
            // `{"likelihood": 0.8, …}` of a value that has no such field itself.
            Some(value) if value.get("likelihood").is_none() => {
                tree.get("likelihood").and_then(Likelihood::of)
            }
            _ => None,
        };
        let here = tree.and_then(|tree| Likelihood::of(tree).or_else(|| of_object(tree)));
        let listed = self.at(place).cloned();
        let is_covered = is_covered || here.is_some() || listed.is_some();
        for likelihood in here.into_iter().chain(listed) {
            lowest.add(likelihood, place);
        }
        match value {
            Some(Json::Object(entries)) => {
                let mut of_keys: HashMap<&str, &Json> = match tree {
                    Some(Json::Object(entries)) => {
                        entries.iter().map(|(key, tree)| (key.as_str(), tree)).collect()
                    }
                    _ => HashMap::new(),
                };
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
            Some(Json::List(items)) => {
                let of_items = tree.and_then(Json::list).unwrap_or_default();
                for (index, item) in items.iter().enumerate() {
                    let place = below(place, &index.to_string());
                    self.walk(Some(item), of_items.get(index), &place, is_covered, lowest, work);
                }
                for (index, tree) in of_items.iter().enumerate().skip(items.len()) {
                    numbers(tree, &below(place, &index.to_string()), lowest, work);
                }
            }
            _ => {
                if !is_covered {
                    lowest.miss(place);
                }
                if let Some(tree) = tree {
                    numbers(tree, place, lowest, work);
                }
            }
        }
    }
}

/// All numbers of a tree.
pub(crate) fn numbers(tree: &Json, place: &str, lowest: &mut Lowest, work: &mut Work) {
    work.spend(1 + place.len() as u64 / 64);
    if work.is_used_up() {
        return;
    }
    match tree {
        Json::Number(_) => {
            if let Some(likelihood) = Likelihood::of(tree) {
                lowest.add(likelihood, place);
            }
        }
        Json::List(items) => {
            for (index, item) in items.iter().enumerate() {
                numbers(item, &below(place, &index.to_string()), lowest, work);
            }
        }
        Json::Object(entries) => {
            for (key, value) in entries {
                numbers(value, &below(place, key), lowest, work);
            }
        }
        Json::Null | Json::Bool(_) | Json::Text(_) => {}
    }
}
