//! What classifications and branch decisions say, in the shapes that there are: the reference's, and what others write.

use super::likelihoods::Likelihoods;
use super::lowest::Lowest;
use super::read::{Likelihood, Read};
use crate::review::gate::evaluation::{AnyJson, EvaluationOutcome as As};
use crate::review::gate::finding::{Finding, SHOWN};
use crate::review::gate::predicate::{text, texts};
use crate::review::gate::values::json::Json;
use crate::review::gate::work::Work;
use crate::review::short;

/// The keys that hold what was chosen.
const CATEGORIES: [&str; 3] = ["category", "label", "class"];
const BRANCHES: [&str; 4] = ["branch", "selected_branch", "branch_name", "result"];
/// The keys that hold the likelihoods of all choices: a list of objects, or an object by choice.
const SCORES: [&str; 5] = ["scores", "categories", "choices", "probabilities", "likelihoods"];
/// The keys that hold one likelihood.
const SCORE: [&str; 4] = ["likelihood", "score", "confidence", "probability"];

/// The first of these keys that is there, with its value.
pub(crate) fn first<'v>(output: &'v Json, keys: &'static [&'static str]) -> Option<(&'static str, &'v Json)> {
    keys.iter().find_map(|key| output.get(key).map(|value| (*key, value)))
}

/// What the first of these keys names; nothing where that is no text, whatever the next says.
fn named<'v>(output: &'v Json, keys: &'static [&'static str]) -> Option<(&'static str, &'v str)> {
    let (key, value) = first(output, keys)?;
    Some((key, value.text().filter(|text| !text.trim().is_empty())?))
}

/// The category that was chosen, with its key.
pub(crate) fn category(output: &Json) -> Option<(&'static str, &str)> {
    named(output, &CATEGORIES)
}

/// The branch that was taken, with its key.
pub(crate) fn branch(output: &Json) -> Option<(&'static str, &str)> {
    named(output, &BRANCHES)
}

/// What was chosen, and whether it is one of some.
pub(crate) fn chosen(what: &str, found: Option<(&'static str, &str)>, of: &[String]) -> Finding {
    let expected = AnyJson::of(texts(of));
    let Some((key, chosen)) = found else {
        let finding = Finding::new(As::NotKnown, format!("the output names no {what}"));
        return finding.compared("is_one_of", expected, AnyJson::NULL);
    };
    let fired = of.iter().any(|one| one == chosen);
    let said = if fired { "is one of those" } else { "is none of those" };
    let reason = format!("the {what} {} {said} that are reviewed", text(&short(chosen, SHOWN)));
    let actual = AnyJson::text(&short(chosen, SHOWN));
    Finding::decided(fired, reason).compared("is_one_of", expected, actual).at(format!("/{key}"))
}

/// How likely the chosen category is: of several likelihoods the least.
pub(crate) fn likelihood(output: &Json, likelihoods: &Likelihoods, work: &mut Work) -> Lowest {
    let tree = likelihoods.tree.as_ref();
    let key = category(output).map(|(key, _)| key);
    let place = key.map_or_else(String::new, |key| format!("/{key}"));
    let mut lowest = likelihoods.lowest();
    let of_key = key.and_then(|key| tree?.get(key)).map(|tree| Read::at(tree, Some(&Json::Null)));
    let of_all = tree.map(|tree| Read::at(tree, Some(&Json::Null)));
    // One that is said to be unknown needs one of its own in the list, whatever is said of all.
    let is_doubtful =
        matches!(of_key, Some(Read::Null | Read::Nothing)) || matches!(of_all, Some(Read::Null));
    let is_listed = lowest.read(likelihoods.at(&place), &place);
    let mut is_said = false;
    for read in [of_key, of_all, Some(likelihoods.at(""))].into_iter().flatten() {
        is_said |= lowest.read(read, &place);
    }
    if is_listed || (is_said && !is_doubtful) {
        return lowest;
    }
    if is_doubtful {
        lowest.missing.add(&place);
        return lowest;
    }
    match scores(output, likelihoods, work) {
        Scores::Unknown => lowest.unknown.add(&place),
        Scores::None => lowest.missing.add(&place),
        Scores::All(scores) => {
            let chosen = category(output).map(|(_, chosen)| chosen);
            let mut of_chosen = scores.into_iter().filter(|(name, _)| Some(*name) == chosen).peekable();
            if of_chosen.peek().is_none() {
                lowest.missing.add(&place);
            }
            of_chosen.for_each(|(_, likelihood)| lowest.add(likelihood, &place));
        }
    }
    lowest
}

/// The likelihoods of all choices.
pub(crate) enum Scores<'v> {
    /// Nobody sent them.
    None,
    /// One of them cannot be read, so it is not known which choices there are.
    Unknown,
    /// As they come.
    All(Vec<(&'v str, Likelihood)>),
}

/// The likelihoods of all choices: those beside the output, else those in it.
pub(crate) fn scores<'v>(output: &'v Json, likelihoods: &'v Likelihoods, work: &mut Work) -> Scores<'v> {
    // Likelihoods hold no names but keys: a list of them, or one number, mirrors the list of the output.
    let beside = likelihoods.tree.as_ref().and_then(|tree| first(tree, &SCORES));
    let beside = beside.map(|(_, scores)| scores).filter(|scores| {
        matches!(scores, Json::Object(entries) if !entries.is_empty()) || !is_mirror(scores, output)
    });
    let Some(scores) = beside.or_else(|| first(output, &SCORES).map(|(_, scores)| scores)) else {
        return Scores::None;
    };
    let score = |value: &Json| match value {
        Json::Object(_) => first(value, &SCORE).and_then(|(_, value)| Likelihood::of(value)),
        value => Likelihood::of(value),
    };
    let all: Option<Vec<(&str, Likelihood)>> = match scores {
        Json::Object(entries) => {
            work.spend(entries.len() as u64);
            entries.iter().map(|(name, value)| Some((name.as_str(), score(value)?))).collect()
        }
        Json::List(items) => {
            work.spend(items.len() as u64);
            let name = |item: &'v Json| match first(item, &CATEGORIES) {
                Some(_) => category(item).map(|(_, name)| name),
                None => item.get("name")?.text(),
            };
            items.iter().map(|item| Some((name(item)?, score(item)?))).collect()
        }
        _ => None,
    };
    all.map_or(Scores::Unknown, Scores::All)
}

/// Whether likelihoods of scores only say how sure the scores of the output are.
fn is_mirror(scores: &Json, output: &Json) -> bool {
    let is_plain = matches!(scores, Json::Null | Json::List(_)) || Likelihood::of(scores).is_some();
    let is_empty = matches!(scores, Json::Object(entries) if entries.is_empty());
    (is_plain || is_empty) && first(output, &SCORES).is_some()
}
