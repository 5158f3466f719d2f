//! `boundary_confidence_lt`: how likely the parts of a split and their pages are.

use super::likelihoods::Likelihoods;
use super::lowest::Lowest;
use super::read::{Read, numbers};
use super::splits::{Parts, is_part, name, no_parts, parts};
use crate::review::gate::evaluate::Scene;
use crate::review::gate::evaluation::{AnyJson, EvaluationOutcome as As};
use crate::review::gate::finding::{Finding, LESS, confidence};
use crate::review::gate::predicate::Bound;
use crate::review::gate::values::json::Json;
use crate::review::gate::values::path::below;
use crate::review::gate::work::Work;
use std::collections::HashMap;

impl Scene<'_> {
    pub(crate) fn boundary_confidence_lt(&mut self, threshold: &Bound) -> Finding {
        let Some(parts) = parts(&self.output, &mut self.work) else { return no_parts() };
        if parts.list.is_empty() {
            let expected = AnyJson::of(threshold.as_str());
            let finding = Finding::new(As::NotKnown, "there are no parts");
            return finding.compared(LESS, expected, AnyJson::NULL).at(parts.place());
        }
        confidence(&boundaries(&parts, &self.likelihoods, &mut self.work), None, threshold)
    }
}

/// The lowest likelihood of the parts and of their pages; a part without any is missing.
fn boundaries(parts: &Parts<'_>, likelihoods: &Likelihoods, work: &mut Work) -> Lowest {
    let mut lowest = likelihoods.lowest();
    let listed = listed(parts, likelihoods, work);
    let trees = trees(parts, likelihoods.tree.as_ref(), work);
    for (index, part) in parts.list.iter().enumerate() {
        let place = parts.place_of(index);
        work.spend(1);
        if work.is_used_up() {
            return lowest;
        }
        if !is_part(part) {
            lowest.unknown.add(&place);
            continue;
        }
        let mut of_part = Lowest::default();
        let tree = match trees.as_ref().map(|trees| trees(index, part)) {
            Some(Err(())) => {
                of_part.unknown.add(&place);
                None
            }
            Some(Ok(tree)) => tree,
            None => None,
        };
        let listed = listed.get(&index).map(Vec::as_slice).unwrap_or_default();
        of_one(part, tree, listed, &place, &mut of_part, work);
        if of_part.is_empty() {
            of_part.missing.add(&place);
        }
        lowest.join(of_part);
    }
    // None hides a doubt: likelihoods of parts that the output does not have.
    if let Some(Json::List(trees)) = tree_of(parts, likelihoods.tree.as_ref()) {
        for (index, tree) in trees.iter().enumerate().skip(parts.list.len()) {
            numbers(tree, &parts.place_of(index), &mut lowest, work);
        }
    }
    lowest
}

/// What the list says of each part, and of what is in it.
fn listed<'l>(
    parts: &Parts<'_>,
    likelihoods: &'l Likelihoods,
    work: &mut Work,
) -> HashMap<usize, Vec<(&'l str, &'l Read)>> {
    let start = format!("{}/", parts.place());
    let mut listed: HashMap<usize, Vec<(&str, &Read)>> = HashMap::new();
    for (place, read) in likelihoods.listed() {
        work.spend(1);
        let Some(rest) = place.strip_prefix(start.as_str()) else { continue };
        let (index, inside) = rest.split_once('/').unwrap_or((rest, ""));
        if let Ok(index) = index.parse() {
            listed.entry(index).or_default().push((inside, read));
        }
    }
    // In the same order each time.
    for places in listed.values_mut() {
        places.sort_by_key(|(inside, _)| *inside);
    }
    listed
}

/// The likelihoods of all parts.
fn tree_of<'v>(parts: &Parts<'_>, tree: Option<&'v Json>) -> Option<&'v Json> {
    let tree = tree?;
    if tree.list().is_some() { Some(tree) } else { tree.get(parts.key?) }
}

type TreeOf<'v> = Box<dyn Fn(usize, &Json) -> Result<Option<&'v Json>, ()> + 'v>;

/// How the likelihoods of a part are found: by its place, or by its name. An error: two parts have that name, or it has none.
fn trees<'v>(parts: &Parts<'v>, tree: Option<&'v Json>, work: &mut Work) -> Option<TreeOf<'v>> {
    match tree_of(parts, tree)? {
        Json::List(items) => Some(Box::new(move |index, _| Ok(items.get(index)))),
        Json::Object(entries) => {
            work.spend((entries.len() + parts.list.len()) as u64);
            let mut of_name: HashMap<&str, (Option<&Json>, usize)> =
                entries.iter().map(|(name, tree)| (name.as_str(), (Some(tree), 0))).collect();
            for name in parts.list.iter().filter_map(name) {
                of_name.entry(name).or_default().1 += 1;
            }
            Some(Box::new(move |_, part| {
                let (tree, count) = name(part).and_then(|name| of_name.get(name)).ok_or(())?;
                if *count == 1 || tree.is_none() { Ok(*tree) } else { Err(()) }
            }))
        }
        // One for all, or none: it says nothing of each.
        _ => None,
    }
}

/// The likelihoods of one part: its own, and those of its pages. If one of its pages has its own, all need one, unless there is one
/// for the whole part.
fn of_one(
    part: &Json,
    tree: Option<&Json>,
    listed: &[(&str, &Read)],
    place: &str,
    lowest: &mut Lowest,
    work: &mut Work,
) {
    let mut is_whole = false;
    let mut by_page: HashMap<usize, Read> = HashMap::new();
    let mut has_pages = false;
    match tree {
        None => {}
        Some(Json::Object(entries)) => {
            for (key, tree) in entries {
                let place = below(place, key);
                match (key.as_str(), tree) {
                    ("pages", Json::List(pages)) => {
                        has_pages = true;
                        by_page.extend(pages.iter().map(Read::of).enumerate());
                    }
                    ("likelihood", leaf) => {
                        is_whole |= matches!(Read::of(leaf), Read::Known(_));
                        lowest.need(Read::of(leaf), &place);
                    }
                    ("name" | "type", tree) => lowest.need(Read::at(tree, Some(&Json::Null)), &place),
                    ("pages", Json::Null) => lowest.missing.add(&place),
                    ("pages", leaf @ Json::Number(_)) => {
                        is_whole = true;
                        lowest.need(Read::of(leaf), &place);
                    }
                    // Those of the first and the last page.
                    ("pages", Json::Object(pages)) if pages.is_empty() => lowest.missing.add(&place),
                    (_, tree) => numbers(tree, &place, lowest, work),
                }
            }
        }
        // Those of its pages.
        Some(Json::List(pages)) => {
            has_pages = true;
            by_page.extend(pages.iter().map(Read::of).enumerate());
        }
        Some(leaf) => {
            is_whole = matches!(Read::of(leaf), Read::Known(_));
            lowest.need(Read::of(leaf), place);
        }
    }
    for (inside, read) in listed {
        work.spend(1);
        let page = inside.strip_prefix("pages/").and_then(|page| page.parse::<usize>().ok());
        let place = if inside.is_empty() { place.to_owned() } else { format!("{place}/{inside}") };
        if let Some(page) = page {
            has_pages = true;
            // Beside what the tree says of it: the lower counts.
            if matches!(by_page.get(&page), None | Some(Read::Nothing | Read::Null)) {
                by_page.insert(page, (*read).clone());
            } else {
                lowest.read((*read).clone(), &place);
            }
        } else {
            is_whole |= matches!(*inside, "" | "pages");
            lowest.read((*read).clone(), &place);
        }
    }
    if !has_pages {
        return;
    }
    let count = part.get("pages").and_then(Json::list).map_or(0, <[Json]>::len);
    let mut others: Vec<usize> = by_page.keys().copied().filter(|page| *page >= count).collect();
    others.sort_unstable();
    for page in (0..count).chain(others) {
        work.spend(1);
        let place = format!("{place}/pages/{page}");
        match by_page.remove(&page) {
            Some(Read::Nothing) => lowest.unknown.add(&place),
            Some(read) => lowest.need(read, &place),
            None if is_whole => {}
            None => lowest.missing.add(&place),
        }
    }
}
