//! `top_margin_lt`: how close the first two choices of a classification are.

use super::choices::{Scores, category, scores};
use super::read::Likelihood;
use crate::review::gate::evaluate::Scene;
use crate::review::gate::evaluation::{AnyJson, EvaluationOutcome as As};
use crate::review::gate::finding::{Finding, LESS};
use crate::review::gate::predicate::Bound;
use crate::review::short;
use std::collections::HashSet;

/// Digits after the point that are counted. What is cut behind them is rounded to the side that fires.
const PLACES: i64 = 36;

impl Scene<'_> {
    pub(crate) fn top_margin_lt(&mut self, margin: &Bound) -> Finding {
        let expected = AnyJson::of(margin.as_str());
        let [first, second] = match self.first_two() {
            Ok(two) => two,
            Err((outcome, why)) => {
                let reason = format!("{why}, which counts as closer than {}", margin.as_str());
                return Finding::new(outcome, reason).compared(LESS, expected, AnyJson::NULL);
            }
        };
        // The first is at least so many units, the second and the margin are at most so many.
        let at_least = |of: &Likelihood| of.value.scaled(PLACES).map(|(units, _)| units);
        let at_most = |(units, is_exact): (u128, bool)| units + u128::from(!is_exact);
        let units = (
            at_least(&first),
            second.value.scaled(PLACES).map(at_most),
            margin.value.scaled(PLACES).map(at_most),
        );
        // One that is likelier than the chosen one is closer than anything.
        let difference = match units {
            (Some(first), Some(second), _) => first.checked_sub(second),
            _ => None,
        };
        let fired = difference.zip(units.2).is_none_or(|(difference, margin)| difference < margin);
        let actual = difference.map(decimal);
        let said = actual.clone().unwrap_or_else(|| "less than nothing".into());
        let relation = if fired { "less than" } else { "not less than" };
        let (first, second) = (short(&first.text, 40), short(&second.text, 40));
        let reason = format!(
            "the first two choices, {first} and {second}, differ by {said}, {relation} {}",
            margin.as_str()
        );
        let actual = actual.map_or(AnyJson::NULL, AnyJson::of);
        Finding::decided(fired, reason).compared(LESS, expected, actual)
    }

    /// The likelihoods of the chosen one and of the likeliest other; else why they are not known.
    fn first_two(&mut self) -> Result<[Likelihood; 2], (As, &'static str)> {
        let not_sent = Err((As::NotSent, "the likelihoods of the first two choices were not sent"));
        let not_known = |why: &'static str| Err((As::NotKnown, why));
        let Some((_, chosen)) = category(&self.output) else {
            return not_known("the output names no category");
        };
        let scores = match scores(&self.output, &self.likelihoods, &mut self.work) {
            Scores::None => return not_sent,
            Scores::Unknown => return not_known("a choice or its likelihood cannot be read"),
            Scores::All(scores) if scores.len() < 2 => return not_sent,
            Scores::All(scores) => scores,
        };
        let mut names = HashSet::new();
        if !scores.iter().all(|(name, _)| names.insert(*name)) {
            return not_known("two choices have the same name");
        }
        // The chosen one is the first, whatever its likelihood: another that is likelier is a doubt.
        let (of_chosen, others): (Vec<_>, Vec<_>) = scores.into_iter().partition(|(name, _)| *name == chosen);
        let second = others.into_iter().map(|(_, it)| it).max_by(|one, other| one.value.cmp(&other.value));
        match (of_chosen.into_iter().next(), second) {
            (Some((_, first)), Some(second)) => Ok([first, second]),
            _ => not_known("the chosen category is none of the choices"),
        }
    }
}

/// So many units as a decimal.
fn decimal(units: u128) -> String {
    let one = 10_u128.pow(u32::try_from(PLACES).unwrap_or_default());
    let text = format!("{}.{:036}", units / one, units % one);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
