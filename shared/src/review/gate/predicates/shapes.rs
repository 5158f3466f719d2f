//! What outputs of classifications, splits and branch decisions say, in the shapes that there are: the reference's, and what others
//! write.

use super::likelihoods::{Likelihood, Likelihoods, Lowest, numbers};
use crate::review::gate::values::json::Json;
use crate::review::gate::values::path::below;
use crate::review::gate::work::Work;

/// The keys that hold what was chosen.
const CATEGORIES: [&str; 3] = ["category", "label", "class"];
const BRANCHES: [&str; 4] = ["branch", "selected_branch", "branch_name", "result"];
/// The keys that hold the parts of a split. Else it is the only list that there is.
const PARTS: [&str; 5] = ["splits", "subdocuments", "parts", "documents", "partitions"];
/// The keys that hold the likelihoods of all choices: a list of objects, or an object by choice.
const SCORES: [&str; 5] = ["scores", "categories", "choices", "probabilities", "likelihoods"];
/// The keys that hold one likelihood.
const SCORE: [&str; 5] = ["likelihood", "score", "confidence", "probability", "value"];

fn first<'v>(output: &'v Json, keys: &'static [&'static str]) -> Option<(&'static str, &'v Json)> {
    keys.iter().find_map(|key| output.get(key).map(|value| (*key, value)))
}

/// The category that was chosen, with its key.
pub(crate) fn category(output: &Json) -> Option<(&'static str, &str)> {
    CATEGORIES.iter().find_map(|key| Some((*key, output.get(key)?.text()?)))
}

/// The branch that was taken, with its key.
pub(crate) fn branch(output: &Json) -> Option<(&'static str, &str)> {
    BRANCHES.iter().find_map(|key| Some((*key, output.get(key)?.text()?)))
}

/// How likely the chosen category is.
pub(crate) fn category_likelihood(
    output: &Json,
    likelihoods: &Likelihoods,
    work: &mut Work,
) -> Option<Likelihood> {
    let tree = likelihoods.tree.as_ref();
    let (key, category) = category(output).unzip();
    let of_all = tree
        .and_then(|tree| Likelihood::of(tree).or_else(|| tree.get("likelihood").and_then(Likelihood::of)));
    let of_key = key.and_then(|key| tree.and_then(|tree| tree.get(key)).and_then(Likelihood::of));
    let listed =
        key.and_then(|key| likelihoods.at(&format!("/{key}"))).or_else(|| likelihoods.at("")).cloned();
    // Of several the least counts.
    let said =
        [of_all, of_key, listed].into_iter().flatten().min_by(|one, other| one.value.cmp(&other.value));
    said.or_else(|| {
        let scores = scores(output, likelihoods, work)?;
        scores.into_iter().find(|(name, _)| Some(*name) == category).map(|(_, likelihood)| likelihood)
    })
}

/// The likelihoods of all choices, as they come.
fn scores<'v>(
    output: &'v Json,
    likelihoods: &'v Likelihoods,
    work: &mut Work,
) -> Option<Vec<(&'v str, Likelihood)>> {
    let places = [likelihoods.tree.as_ref(), Some(output)];
    places.into_iter().flatten().find_map(|place| {
        let scores: Vec<_> = match first(place, &SCORES)?.1 {
            Json::Object(entries) => {
                work.spend(entries.len() as u64);
                entries
                    .iter()
                    .filter_map(|(name, value)| Some((name.as_str(), Likelihood::of(value)?)))
                    .collect()
            }
            Json::List(items) => {
                work.spend(items.len() as u64);
                let one = |item: &'v Json| {
                    let name = category(item).map(|(_, name)| name).or_else(|| item.get("name")?.text())?;
                    Some((name, first(item, &SCORE).and_then(|(_, value)| Likelihood::of(value))?))
                };
                items.iter().filter_map(one).collect()
            }
            _ => Vec::new(),
        };
        (!scores.is_empty()).then_some(scores)
    })
}

/// The likelihoods of the first two choices; `None` where fewer than two are known.
pub(crate) fn first_two(
    output: &Json,
    likelihoods: &Likelihoods,
    work: &mut Work,
) -> Option<[Likelihood; 2]> {
    let mut scores = scores(output, likelihoods, work)?;
    let count = scores.len() as u64;
    work.spend(count * u64::from(count.max(1).ilog2() + 1) / 4);
    // The chosen one is the first, whatever its likelihood: another that is likelier is a doubt.
    scores.sort_by(|(_, one), (_, other)| other.value.cmp(&one.value));
    let chosen = category(output).and_then(|(_, chosen)| scores.iter().position(|(name, _)| *name == chosen));
    if let Some(chosen) = chosen {
        let chosen = scores.remove(chosen);
        scores.insert(0, chosen);
    }
    let mut scores = scores.into_iter().map(|(_, likelihood)| likelihood);
    Some([scores.next()?, scores.next()?])
}

/// The parts of a split, with the pointer to their list.
pub(crate) fn parts(output: &Json) -> Option<(String, &[Json])> {
    if let Some(parts) = output.list() {
        return Some((String::new(), parts));
    }
    let named = PARTS.iter().find_map(|key| Some((*key, output.get(key)?.list()?)));
    if let Some((key, parts)) = named {
        return Some((below("", key), parts));
    }
    let Json::Object(entries) = output else { return None };
    let mut lists = entries.iter().filter_map(|(key, value)| Some((below("", key), value.list()?)));
    let only = lists.next()?;
    lists.next().is_none().then_some(only)
}

/// How many pages a part has, by any of the ways to say it.
pub(crate) fn pages(part: &Json, work: &mut Work) -> Option<u64> {
    let whole = |value: &Json| match value {
        Json::Number(text) => text.parse::<u64>().ok(),
        _ => None,
    };
    let range = |of: &Json| {
        let bound = |keys: &[&str]| keys.iter().find_map(|key| of.get(key).and_then(whole));
        let first = bound(&["first", "start", "first_page", "start_page"])?;
        let last = bound(&["last", "end", "last_page", "end_page"])?;
        (first <= last).then(|| (last - first).saturating_add(1))
    };
    match part.get("pages") {
        Some(Json::List(pages)) => {
            work.spend(pages.len() as u64);
            // A page that is named twice is one.
            let numbers: Option<std::collections::HashSet<u64>> = pages.iter().map(whole).collect();
            numbers.map(|numbers| numbers.len() as u64)
        }
        Some(pages @ Json::Number(_)) => whole(pages),
        Some(pages @ Json::Object(_)) => range(pages),
        _ => ["page_count", "pages_count", "num_pages"]
            .iter()
            .find_map(|key| part.get(key).and_then(whole))
            .or_else(|| range(part)),
    }
}

/// The lowest likelihood of the parts of a split and of their pages; a part without any is missing.
pub(crate) fn boundaries(output: &Json, likelihoods: &Likelihoods, work: &mut Work) -> Option<Lowest> {
    let (list, parts) = parts(output)?;
    let tree = likelihoods.tree.as_ref();
    let of_parts = tree
        .and_then(|tree| tree.list().map_or_else(|| tree.get(list.trim_start_matches('/')), |_| Some(tree)));
    let mut lowest = Lowest::default();
    for (index, part) in parts.iter().enumerate() {
        let place = below(&list, &index.to_string());
        let mut of_part = Lowest::default();
        match of_parts {
            Some(Json::List(items)) => {
                if let Some(item) = items.get(index) {
                    numbers(item, &place, &mut of_part, work);
                }
            }
            // By the names of the parts.
            Some(named @ Json::Object(entries)) => {
                work.spend(entries.len() as u64 / 8);
                let name = part.get("name").or_else(|| part.get("type")).and_then(Json::text);
                if let Some(item) = name.and_then(|name| named.get(name)) {
                    numbers(item, &place, &mut of_part, work);
                }
            }
            _ => {}
        }
        for listed in [place.clone(), format!("{place}/name"), format!("{place}/pages")] {
            if let Some(likelihood) = likelihoods.at(&listed) {
                of_part.add(likelihood.clone(), &listed);
            }
        }
        match of_part.found {
            Some((likelihood, at)) => lowest.add(likelihood, &at),
            None => lowest.miss(&place),
        }
        if work.is_used_up() {
            break;
        }
    }
    Some(lowest)
}
