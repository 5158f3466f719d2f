//! What a split says: its parts and their pages.

use super::choices::first;
use crate::review::gate::evaluate::Scene;
use crate::review::gate::evaluation::{AnyJson, EvaluationOutcome as As};
use crate::review::gate::finding::{Finding, LESS};
use crate::review::gate::values::json::Json;
use crate::review::gate::values::path::below;
use crate::review::gate::work::Work;
use std::collections::HashSet;

/// The keys that hold the parts of a split. Else it is the only list that there is, if it is one of parts.
const PARTS: [&str; 5] = ["splits", "subdocuments", "parts", "documents", "partitions"];
/// The keys that hold the name of a part.
const NAMES: [&str; 2] = ["name", "type"];
const COUNTS: [&str; 3] = ["page_count", "pages_count", "num_pages"];
const FIRST: [&str; 4] = ["first", "start", "first_page", "start_page"];
const LAST: [&str; 4] = ["last", "end", "last_page", "end_page"];

/// The parts of a split.
pub(crate) struct Parts<'v> {
    /// The key of their list; `None`: it is the output itself.
    pub(crate) key: Option<&'v str>,
    pub(crate) list: &'v [Json],
}

impl Parts<'_> {
    /// The pointer to their list.
    pub(crate) fn place(&self) -> String {
        self.key.map_or_else(String::new, |key| below("", key))
    }

    pub(crate) fn place_of(&self, index: usize) -> String {
        below(&self.place(), &index.to_string())
    }
}

/// The parts; `None` where the list that should hold them is none, or cannot be told from others.
pub(crate) fn parts<'v>(output: &'v Json, work: &mut Work) -> Option<Parts<'v>> {
    if let Some(list) = output.list() {
        return Some(Parts { key: None, list });
    }
    if let Some((key, named)) = first(output, &PARTS) {
        return Some(Parts { key: Some(key), list: named.list()? });
    }
    let Json::Object(entries) = output else { return None };
    let mut lists = entries.iter().filter_map(|(key, value)| Some((key, value.list()?)));
    let (key, list) = lists.next()?;
    work.spend(entries.len() as u64 + list.len() as u64);
    let is_of_parts = |item: &Json| name(item).is_some() || pages(item, work).is_some();
    let is_only = lists.next().is_none() && !list.is_empty() && list.iter().all(is_of_parts);
    is_only.then_some(Parts { key: Some(key), list })
}

/// Whether something is a part at all.
pub(crate) fn is_part(part: &Json) -> bool {
    matches!(part, Json::Object(entries) if !entries.is_empty())
}

/// The name of a part.
pub(crate) fn name(part: &Json) -> Option<&str> {
    first(part, &NAMES)?.1.text().filter(|name| !name.trim().is_empty())
}

/// How many pages a part has, by any of the ways to say it: of several the fewest. `None` where one of them cannot be read.
pub(crate) fn pages(part: &Json, work: &mut Work) -> Option<u64> {
    let counted = first(part, &COUNTS).map(|(_, count)| whole(count));
    let listed = part.get("pages").map(|pages| match pages {
        Json::List(pages) => {
            work.spend(pages.len() as u64);
            // A page that is named twice is one.
            let numbers: Option<HashSet<u64>> = pages.iter().map(whole).collect();
            numbers.map(|numbers| numbers.len() as u64)
        }
        Json::Object(_) => range(pages),
        pages => whole(pages),
    });
    match (counted, listed) {
        (Some(counted), Some(listed)) => Some(counted?.min(listed?)),
        (Some(only), None) | (None, Some(only)) => only,
        (None, None) => range(part),
    }
}

fn whole(value: &Json) -> Option<u64> {
    match value {
        Json::Number(text) => text.parse::<u64>().ok(),
        _ => None,
    }
}

fn range(of: &Json) -> Option<u64> {
    let bound = |keys: &'static [&'static str]| first(of, keys).and_then(|(_, value)| whole(value));
    let (first, last) = (bound(&FIRST)?, bound(&LAST)?);
    (first <= last).then(|| (last - first).saturating_add(1))
}

pub(crate) fn no_parts() -> Finding {
    Finding::new(As::NotKnown, "the output has no list of parts")
}

impl Scene<'_> {
    pub(crate) fn split_count_neq(&mut self, expected: u32) -> Finding {
        let Some(parts) = parts(&self.output, &mut self.work) else { return no_parts() };
        let count = parts.list.len();
        let (wanted, actual) = (AnyJson::of(expected.to_string()), AnyJson::of(count.to_string()));
        let compared = |finding: Finding| finding.compared("is_not_equal_to", wanted, actual);
        let fired = u64::try_from(count).is_ok_and(|count| count != u64::from(expected));
        if let Some(odd) = parts.list.iter().position(|part| !is_part(part)).filter(|_| !fired) {
            let reason = format!("it is not known what part {} is", odd + 1);
            return compared(Finding::new(As::NotKnown, reason)).at(parts.place_of(odd));
        }
        let reason = if fired {
            format!("the document was split into {count}, not {expected}")
        } else {
            format!("the document was split into {count}, as expected")
        };
        compared(Finding::decided(fired, reason)).at(parts.place())
    }

    pub(crate) fn any_split_pages_lt(&mut self, min_pages: u32) -> Finding {
        let Some(parts) = parts(&self.output, &mut self.work) else { return no_parts() };
        let mut least: Option<(u64, usize)> = None;
        let mut unknown: Option<(usize, u64)> = None;
        for (index, part) in parts.list.iter().enumerate() {
            match pages(part, &mut self.work) {
                Some(pages) if least.is_none_or(|(least, _)| pages < least) => least = Some((pages, index)),
                Some(_) => {}
                None => unknown = Some(unknown.map_or((index, 1), |(first, count)| (first, count + 1))),
            }
        }
        let expected = || AnyJson::of(min_pages.to_string());
        let of = |outcome: As, pages: Option<u64>, reason: String| {
            let actual = pages.map_or(AnyJson::NULL, |pages| AnyJson::of(pages.to_string()));
            Finding::new(outcome, reason).compared(LESS, expected(), actual)
        };
        match (least, unknown) {
            (Some((pages, index)), _) if pages < u64::from(min_pages) => {
                let reason =
                    format!("part {} has {pages} {}, fewer than {min_pages}", index + 1, of_pages(pages));
                of(As::Met, Some(pages), reason).at(parts.place_of(index))
            }
            (_, Some((index, count))) => {
                let reason = format!("it is not known how many pages part {} has", index + 1);
                of(As::NotKnown, None, reason).at(parts.place_of(index)).counting(count)
            }
            (Some((pages, index)), None) => {
                let reason =
                    format!("each part has at least {pages} {}, not fewer than {min_pages}", of_pages(pages));
                of(As::NotMet, Some(pages), reason).at(parts.place_of(index))
            }
            (None, None) => of(As::NotKnown, None, "there are no parts".into()).at(parts.place()),
        }
    }
}

const fn of_pages(count: u64) -> &'static str {
    if count == 1 { "page" } else { "pages" }
}
