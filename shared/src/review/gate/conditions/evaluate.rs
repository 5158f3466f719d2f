//! From a condition to what it was found to be: of the values that its path leads to, or of their likelihoods.

use super::SubCondition;
use crate::review::gate::evaluate::{Scene, unreadable};
use crate::review::gate::evaluation::{AnyJson, Evaluation, EvaluationOutcome as As};
use crate::review::gate::finding::{Finding, shown, too_much};
use crate::review::gate::predicates::likelihoods::Likelihoods;
use crate::review::gate::predicates::lowest::Places;
use crate::review::gate::predicates::read::{Read, needed_numbers};
use crate::review::gate::values::json::Json;
use crate::review::gate::values::path::{Found, Root};
use crate::review::gate::work::Work;
use crate::review::short;
use std::collections::{HashMap, HashSet};

/// What one value, or one likelihood, was found to be.
struct Answer {
    outcome: As,
    place: String,
    actual: AnyJson,
    is_likelihood: bool,
}

/// A place that a path into the likelihoods leads to: what the output and the tree have there.
struct Place<'v> {
    pointer: String,
    value: Option<&'v Json>,
    tree: Option<&'v Json>,
}

impl Scene<'_> {
    pub(crate) fn condition(&mut self, condition: &SubCondition) -> Evaluation {
        let path = condition.path.as_str();
        let answer = match condition.path.root {
            _ if self.is_unreadable() => None,
            Root::Data => self.data_condition(condition),
            Root::Likelihoods => self.likelihood_condition(condition),
        };
        let (finding, actual) = match answer {
            _ if self.is_unreadable() => (unreadable(), AnyJson::NULL),
            _ if self.work.is_used_up() => (too_much(), AnyJson::NULL),
            // All elements of an empty list: there is nothing to compare.
            None => {
                let outcome = condition.of(None, &mut self.work);
                let reason = format!("{path} is of an empty list; {}", condition.said(outcome));
                (Finding::new(outcome, reason), AnyJson::of("[]"))
            }
            Some(answer) => {
                let there = match (answer.outcome, answer.actual.as_str(), answer.is_likelihood) {
                    (As::NotKnown, ..) => format!("what was sent for {path} is no likelihood from 0 to 1"),
                    (_, "null", true) => format!("no likelihood was sent for {path}"),
                    (_, "null", false) => format!("{path} is missing or null"),
                    (_, actual, _) => format!("{path} is {actual}"),
                };
                let reason = format!("{there}; {}", condition.said(answer.outcome));
                (Finding::new(answer.outcome, reason).place(answer.place), answer.actual)
            }
        };
        let expected = condition.value.as_deref().map_or(AnyJson::NULL, AnyJson::of);
        let finding = finding.compared(condition.operator.as_str(), expected, actual).path(path);
        finding.into_evaluation("condition", Vec::new())
    }

    /// Of several values all must meet the condition: the first that does not decides, else the first.
    fn data_condition(&mut self, condition: &SubCondition) -> Option<Answer> {
        let found = condition.path.follow(&self.output, &mut self.work).into_iter();
        let work = &mut self.work;
        deciding(found.map(|Found { place, value }| {
            let outcome = condition.of(value, work);
            Answer { outcome, place, actual: shown(value), is_likelihood: false }
        }))
    }

    fn likelihood_condition(&mut self, condition: &SubCondition) -> Option<Answer> {
        let Self { output, likelihoods, work, .. } = self;
        let places = places(condition, output, likelihoods, work);
        deciding(places.into_iter().map(|place| of_likelihood(condition, place, output, likelihoods, work)))
    }
}

impl SubCondition {
    /// The operator, what it compares with, and what came of it.
    fn said(&self, outcome: As) -> String {
        let operator = self.operator.as_str();
        let value = self.value.as_deref().map(|value| format!(" {}", short(value, 100))).unwrap_or_default();
        let met = match outcome {
            As::NotMet => "not met",
            As::NotComparable => "cannot be compared, which counts as met",
            As::TooMuchWork => "too much work, which counts as met",
            _ => "met",
        };
        format!("{operator}{value}: {met}")
    }
}

/// The first answer that does not fire, else the first.
fn deciding(answers: impl Iterator<Item = Answer>) -> Option<Answer> {
    let mut first = None;
    for answer in answers {
        if !answer.outcome.fires() {
            return Some(answer);
        }
        first = first.or(Some(answer));
    }
    first
}

/// Where a path leads to: values of the output, and likelihoods of what it does not have.
fn places<'v>(
    condition: &SubCondition,
    output: &'v Json,
    likelihoods: &'v Likelihoods,
    work: &mut Work,
) -> Vec<Place<'v>> {
    let path = &condition.path;
    let in_tree = likelihoods.tree.as_ref().map(|tree| path.follow(tree, work)).unwrap_or_default();
    let in_output = path.follow(output, work);
    if !path.has_all() {
        let tree = in_tree.into_iter().next().and_then(|it| it.value);
        let value = in_output.into_iter().next();
        return value.map(|it| Place { pointer: it.place, value: it.value, tree }).into_iter().collect();
    }
    let of_tree: HashMap<&str, &'v Json> =
        in_tree.iter().filter_map(|it| Some((it.place.as_str(), it.value?))).collect();
    let known: HashSet<&str> = in_output.iter().map(|it| it.place.as_str()).collect();
    let mut places: Vec<Place<'v>> = in_output
        .iter()
        .map(|it| (it, of_tree.get(it.place.as_str()).copied()))
        .filter(|(it, tree)| it.value.is_some() || tree.is_some())
        .map(|(it, tree)| Place { pointer: it.place.clone(), value: it.value, tree })
        .collect();
    let others = in_tree.iter().filter(|it| it.value.is_some() && !known.contains(it.place.as_str()));
    places.extend(others.map(|it| Place { pointer: it.place.clone(), value: None, tree: it.value }));
    if places.is_empty() {
        // It leads nowhere; of an empty list it leads to nothing.
        let nowhere = in_output.first();
        places.extend(nowhere.map(|it| Place { pointer: it.place.clone(), value: None, tree: None }));
    }
    places
}

/// One likelihood: of what holds several the lowest. Whether it is there can be asked; else one that is not there, or is none, fires.
fn of_likelihood(
    condition: &SubCondition,
    at: Place<'_>,
    output: &Json,
    likelihoods: &Likelihoods,
    work: &mut Work,
) -> Answer {
    let Place { pointer: place, value, tree } = at;
    let answer = |outcome: As, place: String, value: Option<&Json>| Answer {
        outcome,
        place,
        actual: shown(value),
        is_likelihood: true,
    };
    let listed = likelihoods.at(&place);
    if condition.operator.asks_for_presence() {
        let listed =
            if let Read::Known(likelihood) = listed { Some(Json::Number(likelihood.text)) } else { None };
        let value = tree.or(listed.as_ref());
        return answer(condition.of(value, work), place, value);
    }
    let group = tree.filter(|tree| matches!(tree, Json::List(_) | Json::Object(_)));
    let mut lowest = likelihoods.below(&place, value, output, work);
    if let (None, Some(group)) = (value, group) {
        // All that the tree has there is needed, and nothing else.
        lowest.missing = Places::default();
        lowest.unknown = likelihoods.lowest().unknown;
        lowest.read(listed, &place);
        needed_numbers(group, &place, &mut lowest, work);
    }
    let known = lowest.found.map(|(likelihood, _)| Json::Number(likelihood.text));
    if condition.compares_numbers() && known.is_some() {
        let outcome = condition.of(known.as_ref(), work);
        if outcome == As::Met {
            return answer(outcome, place, known.as_ref());
        }
    }
    if let Some(unknown) = lowest.unknown.first {
        return answer(As::NotKnown, unknown, tree);
    }
    if let Some(missing) = lowest.missing.first {
        return answer(As::NotSent, missing, None);
    }
    let value = if condition.compares_numbers() { known.as_ref() } else { group.or(known.as_ref()) };
    answer(condition.of(value, work), place, value)
}
