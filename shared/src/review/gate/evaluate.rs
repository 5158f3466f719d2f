//! From a predicate and an output to an evaluation. Every predicate is evaluated, also behind one that fired: a reviewer should know
//! all that is doubtful.

use super::conditions::{Answer, LogicalOperator, SubCondition};
use super::evaluation::{AnyJson, Evaluation};
use super::finding::{
    Finding, LESS, and_more, chosen, confidence, no_parts, of_pages, shown, together, too_much,
};
use super::predicate::{Bound, Predicate};
use super::predicates::likelihoods::{Likelihoods, Lowest, numbers};
use super::predicates::required::{Missing, missing};
use super::predicates::shapes;
use super::values::decimal::Decimal;
use super::values::json::Json;
use super::values::path::{Found, Path, Root};
use super::work::Work;
use crate::review::validation::{Violation, violations};
use crate::review::{BlockId, BlockType, JsonText, RunId, short};
use sha2::{Digest, Sha256};

/// What is evaluated.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The run.
    pub run: &'a RunId,
    /// The block.
    pub block: &'a BlockId,
    /// What kind of block it is.
    pub block_type: BlockType,
    /// Its output.
    pub snapshot: &'a JsonText,
    /// The output's schema.
    pub json_schema: Option<&'a JsonText>,
    /// How likely its values are, as a tree.
    pub likelihoods: Option<&'a JsonText>,
    /// How likely they are, as a list.
    pub evidence: Option<&'a JsonText>,
}

/// What was found.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The evaluation of the predicate.
    pub evaluation: Evaluation,
    /// If it fired: the predicate that is not made of others and fired first, as JSON.
    pub triggered_by: Option<String>,
    /// Whether all of it was evaluated within the work that one may be.
    pub is_complete: bool,
    #[cfg(test)]
    pub(crate) steps: u64,
}

/// Evaluates a predicate: a pure function, in time linear in what it is given.
pub fn evaluate(predicate: &Predicate, subject: Subject<'_>) -> Outcome {
    let mut work = Work::default();
    let sizes = [Some(subject.snapshot), subject.json_schema, subject.likelihoods, subject.evidence];
    let bytes: usize = sizes.into_iter().flatten().map(|text| text.as_str().len()).sum();
    work.spend(bytes as u64 / 16);
    let output = Json::parse(subject.snapshot.as_str()).unwrap_or(Json::Null);
    let text = |text: Option<&'_ JsonText>| text.map(|text| text.as_str().to_owned());
    let likelihoods =
        Likelihoods::of(&output, text(subject.likelihoods).as_deref(), text(subject.evidence).as_deref());
    let mut scene =
        Scene { subject, output, likelihoods, work, of_all: None, violations: None, missing: None };
    let evaluation = scene.evaluate(predicate);
    let triggered_by = first_fired(predicate, &evaluation).map(Predicate::json);
    Outcome {
        triggered_by,
        is_complete: !scene.work.is_used_up(),
        evaluation,
        #[cfg(test)]
        steps: scene.work.used(),
    }
}

/// The first predicate that fired and is not made of others.
fn first_fired<'p>(predicate: &'p Predicate, evaluation: &Evaluation) -> Option<&'p Predicate> {
    if !evaluation.fired {
        return None;
    }
    let mut inner = predicate.inner().iter().zip(&evaluation.evaluations);
    inner
        .find_map(|(predicate, evaluation)| first_fired(predicate, evaluation))
        .or_else(|| Some(first_leaf(predicate)))
}

/// The first predicate that is not made of others: what it is made of was not evaluated, which would have been too much work.
fn first_leaf(predicate: &Predicate) -> &Predicate {
    predicate.inner().first().map_or(predicate, first_leaf)
}

/// What is known of an output. What several predicates may ask for is found once.
struct Scene<'a> {
    subject: Subject<'a>,
    output: Json,
    likelihoods: Likelihoods,
    work: Work,
    of_all: Option<Lowest>,
    violations: Option<Result<Vec<Violation>, String>>,
    missing: Option<Missing>,
}

impl Scene<'_> {
    fn evaluate(&mut self, predicate: &Predicate) -> Evaluation {
        let kind = predicate.kind().as_str();
        if self.work.is_used_up() {
            return too_much().into_evaluation(kind, Vec::new());
        }
        let finding = match predicate {
            Predicate::Always => Finding::new(true, "every run is reviewed"),
            Predicate::ValidationFailed => self.validation_failed(),
            Predicate::ConfidenceLt { threshold } => self.confidence_lt(threshold),
            Predicate::FieldConfidenceLt { path, threshold } => self.field_confidence_lt(path, threshold),
            Predicate::AnyRequiredFieldNull => self.any_required_field_null(),
            Predicate::CategoryIn { categories } => {
                chosen("category", shapes::category(&self.output), categories)
            }
            Predicate::TopMarginLt { margin } => self.top_margin_lt(margin),
            Predicate::SplitCountNeq { expected } => self.split_count_neq(*expected),
            Predicate::AnySplitPagesLt { min_pages } => self.any_split_pages_lt(*min_pages),
            Predicate::BoundaryConfidenceLt { threshold } => {
                match shapes::boundaries(&self.output, &self.likelihoods, &mut self.work) {
                    Some(lowest) => confidence(&lowest, None, threshold),
                    None => no_parts(),
                }
            }
            Predicate::BranchIn { branches } => chosen("branch", shapes::branch(&self.output), branches),
            Predicate::JsonCondition(condition) => {
                let evaluations: Vec<Evaluation> =
                    condition.sub_conditions.iter().map(|it| self.condition(it)).collect();
                let is_and = condition.logical_operator == LogicalOperator::And;
                return together(kind, is_and, condition.logical_operator.as_str(), evaluations);
            }
            Predicate::Sample { percent } => self.sample(percent),
            Predicate::AnyOf(predicates) | Predicate::AllOf(predicates) => {
                let evaluations = predicates.iter().map(|it| self.evaluate(it)).collect();
                let is_all = matches!(predicate, Predicate::AllOf(_));
                return together(kind, is_all, if is_all { "and" } else { "or" }, evaluations);
            }
        };
        let finding = if self.work.is_used_up() && !finding.fired { too_much() } else { finding };
        finding.into_evaluation(kind, Vec::new())
    }

    fn validation_failed(&mut self) -> Finding {
        let Some(schema) = self.subject.json_schema else {
            return Finding::new(true, "no schema was sent, so the output could not be checked");
        };
        let snapshot = self.subject.snapshot.as_str();
        let found = self
            .violations
            .get_or_insert_with(|| violations(schema.as_str(), snapshot).map_err(|why| why.to_string()));
        match found {
            Err(why) => Finding::new(true, why.trim_end_matches('.').to_owned()),
            Ok(found) => {
                let actual = AnyJson::of(found.len().to_string());
                let Some(first) = found.first() else {
                    return Finding::new(false, "the output fits its schema").compared(
                        "is_greater_than",
                        AnyJson::of("0"),
                        actual,
                    );
                };
                let at = if first.path.is_empty() { "the output" } else { &first.path };
                let reason = format!("{at} {}{}", first.text, and_more(found.len() - 1));
                Finding::new(true, reason)
                    .compared("is_greater_than", AnyJson::of("0"), actual)
                    .at(first.path.clone())
            }
        }
    }

    fn confidence_lt(&mut self, threshold: &Bound) -> Finding {
        if self.subject.block_type == BlockType::Classifier {
            let mut lowest = Lowest::default();
            let place = shapes::category(&self.output).map_or_else(String::new, |(key, _)| format!("/{key}"));
            match shapes::category_likelihood(&self.output, &self.likelihoods, &mut self.work) {
                Some(likelihood) => lowest.add(likelihood, &place),
                None => lowest.miss(&place),
            }
            return confidence(&lowest, None, threshold);
        }
        let lowest = self.of_all.get_or_insert_with(|| self.likelihoods.of_all(&self.output, &mut self.work));
        if lowest.found.is_none() && lowest.missing.is_none() {
            return Finding::new(false, "the output has no values").compared(
                LESS,
                AnyJson::of(threshold.as_str()),
                AnyJson::NULL,
            );
        }
        confidence(lowest, None, threshold)
    }

    fn field_confidence_lt(&mut self, path: &Path, threshold: &Bound) -> Finding {
        let lowest = self.likelihoods.of_path(path, &self.output, &mut self.work);
        let empty = |reason: &str| {
            Finding::new(false, reason)
                .compared(LESS, AnyJson::of(threshold.as_str()), AnyJson::NULL)
                .at(path.as_str())
        };
        match lowest {
            None => empty("there are no elements"),
            Some(lowest) if lowest.found.is_none() && lowest.missing.is_none() => empty("it holds no values"),
            Some(lowest) => confidence(&lowest, Some(path.as_str()), threshold),
        }
    }

    fn any_required_field_null(&mut self) -> Finding {
        let Some(schema) = self.subject.json_schema else {
            return Finding::new(true, "no schema was sent, so it is not known which fields are required");
        };
        let (output, work) = (&self.output, &mut self.work);
        let found = self.missing.get_or_insert_with(|| {
            // It was read when it came.
            let schema = serde_json::from_str(schema.as_str()).unwrap_or_default();
            missing(&schema, output, work)
        });
        match found {
            Missing { first: None, .. } => Finding::new(false, "all required fields are there"),
            Missing { first: Some((place, how)), count } => {
                let reason = format!("{place} is required, and {how}{}", and_more(*count - 1));
                let actual = if *how == "empty" { AnyJson::text("") } else { AnyJson::NULL };
                Finding::new(true, reason).compared("is_not_empty", AnyJson::NULL, actual).at(place.clone())
            }
        }
    }

    fn top_margin_lt(&mut self, margin: &Bound) -> Finding {
        let expected = AnyJson::of(margin.as_str());
        let Some([first, second]) = shapes::first_two(&self.output, &self.likelihoods, &mut self.work) else {
            let reason = format!(
                "the likelihoods of the first two choices were not sent, which counts as closer than {}",
                margin.as_str()
            );
            return Finding::new(true, reason).compared(LESS, expected, AnyJson::NULL);
        };
        let [first_units, second_units, margin_units] =
            [&first.value, &second.value, &margin.value].map(Decimal::units);
        let known = first_units.zip(second_units).zip(margin_units);
        let (fired, difference) = known.map_or((true, None), |((first, second), margin)| {
            // One that is likelier than the chosen one is closer than anything.
            let difference = first.checked_sub(second);
            (difference.is_none_or(|difference| difference < margin), difference)
        });
        let units = 10_u128.pow(u32::try_from(Decimal::UNITS).unwrap_or_default());
        let actual = difference.map(|difference| {
            let fraction = format!("{:017}", difference % units);
            let text = format!("{}.{fraction}", difference / units);
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        });
        let said = actual.clone().unwrap_or_else(|| "less than nothing".into());
        let relation = if fired { "less than" } else { "not less than" };
        let (first, second) = (short(&first.text, 40), short(&second.text, 40));
        let reason = format!(
            "the first two choices, {first} and {second}, differ by {said}, {relation} {}",
            margin.as_str()
        );
        Finding::new(fired, reason).compared(LESS, expected, actual.map_or(AnyJson::NULL, AnyJson::of))
    }

    fn split_count_neq(&self, expected: u32) -> Finding {
        let Some((place, parts)) = shapes::parts(&self.output) else { return no_parts() };
        let count = parts.len();
        let fired = u64::try_from(count).is_ok_and(|count| count != u64::from(expected));
        let reason = if fired {
            format!("the document was split into {count}, not {expected}")
        } else {
            format!("the document was split into {count}, as expected")
        };
        let (expected, actual) = (AnyJson::of(expected.to_string()), AnyJson::of(count.to_string()));
        Finding::new(fired, reason).compared("is_not_equal_to", expected, actual).at(place)
    }

    fn any_split_pages_lt(&mut self, min_pages: u32) -> Finding {
        let Some((place, parts)) = shapes::parts(&self.output) else { return no_parts() };
        let mut least: Option<(u64, usize)> = None;
        let mut unknown = None;
        for (index, part) in parts.iter().enumerate() {
            match shapes::pages(part, &mut self.work) {
                Some(pages) if least.is_none_or(|(least, _)| pages < least) => least = Some((pages, index)),
                Some(_) => {}
                None => unknown = unknown.or(Some(index)),
            }
        }
        let expected = || AnyJson::of(min_pages.to_string());
        let at = |index: usize| format!("{place}/{index}");
        match (least, unknown) {
            (Some((pages, index)), _) if pages < u64::from(min_pages) => {
                let reason =
                    format!("part {} has {pages} {}, fewer than {min_pages}", index + 1, of_pages(pages));
                Finding::new(true, reason)
                    .compared(LESS, expected(), AnyJson::of(pages.to_string()))
                    .at(at(index))
            }
            (_, Some(index)) => {
                let reason = format!("it is not known how many pages part {} has", index + 1);
                Finding::new(true, reason).compared(LESS, expected(), AnyJson::NULL).at(at(index))
            }
            (Some((pages, index)), None) => {
                let reason =
                    format!("each part has at least {pages} {}, not fewer than {min_pages}", of_pages(pages));
                Finding::new(false, reason)
                    .compared(LESS, expected(), AnyJson::of(pages.to_string()))
                    .at(at(index))
            }
            (None, None) => {
                Finding::new(false, "there are no parts").compared(LESS, expected(), AnyJson::NULL).at(place)
            }
        }
    }

    fn sample(&self, percent: &Bound) -> Finding {
        let mut hasher = Sha256::new();
        // No identifier holds it.
        hasher.update([self.subject.run.as_str(), self.subject.block.as_str()].join("\n"));
        let digest: [u8; 32] = hasher.finalize().into();
        let (head, _) = digest.split_first_chunk::<8>().unwrap_or((&[0; 8], &[]));
        let place = u128::from(u64::from_be_bytes(*head));
        // place / 2^64 < percent / 100
        let hundred = 100 * 10_u128.pow(u32::try_from(Decimal::UNITS).unwrap_or_default());
        let fired = percent.value.units().is_none_or(|units| place * hundred < units << 64);
        let said = if fired { "is" } else { "is not" };
        Finding::new(fired, format!("the run {said} in the sample of {} %", percent.as_str())).compared(
            "sample",
            AnyJson::of(percent.as_str()),
            AnyJson::NULL,
        )
    }

    fn condition(&mut self, condition: &SubCondition) -> Evaluation {
        let path = &condition.path;
        let found = match path.root {
            Root::Data => self.data_condition(condition),
            Root::Likelihoods => self.likelihood_condition(condition),
        };
        let finding = match found {
            _ if self.work.is_used_up() => too_much(),
            // All elements of an empty list: there is nothing, and nothing to compare.
            None => {
                let fired = condition.of(None, &mut self.work).fires();
                Finding::new(fired, format!("{} leads to nothing", path.as_str()))
            }
            Some((answer, actual, is_likelihood)) => {
                let there = match (actual.as_str(), is_likelihood) {
                    ("null", true) => format!("no likelihood was sent for {}", path.as_str()),
                    ("null", false) => format!("{} is missing or null", path.as_str()),
                    (actual, _) => format!("{} is {actual}", path.as_str()),
                };
                let operator = condition.operator.as_str();
                let value = condition
                    .value
                    .as_deref()
                    .map(|value| format!(" {}", short(value, 100)))
                    .unwrap_or_default();
                let met = match answer {
                    Answer::Decided(true) => format!("{operator}{value}: met"),
                    Answer::Decided(false) => format!("{operator}{value}: not met"),
                    Answer::WrongType => {
                        format!("{operator}{value}: cannot be compared, which counts as met")
                    }
                    Answer::TooMuch => format!("{operator}{value}: too much work, which counts as met"),
                };
                Finding { actual, ..Finding::new(answer.fires(), format!("{there}; {met}")) }
            }
        };
        let expected = condition.value.as_deref().map_or(AnyJson::NULL, AnyJson::of);
        let finding =
            Finding { operator: Some(condition.operator.as_str()), expected, ..finding }.at(path.as_str());
        finding.into_evaluation("condition", Vec::new())
    }

    /// The answer, what was there, and whether that is a likelihood. Of several values all must meet the condition: the first that
    /// does not decides, else the first.
    fn data_condition(&mut self, condition: &SubCondition) -> Option<(Answer, AnyJson, bool)> {
        let mut decided: Option<(Answer, AnyJson, bool)> = None;
        for Found { value, .. } in condition.path.follow(&self.output, &mut self.work) {
            let answer = condition.of(value, &mut self.work);
            if !answer.fires() || decided.is_none() {
                decided = Some((answer, shown(value), false));
            }
            if !answer.fires() {
                break;
            }
        }
        decided
    }

    fn likelihood_condition(&mut self, condition: &SubCondition) -> Option<(Answer, AnyJson, bool)> {
        let Self { output, likelihoods, work, .. } = self;
        let path = &condition.path;
        let mut places: Vec<(String, Option<&Json>)> = Vec::new();
        if let Some(tree) = &likelihoods.tree {
            places.extend(path.follow(tree, work).into_iter().map(|it| (it.place, it.value)));
        }
        // A value of the output that nobody sent a likelihood for is one that is missing.
        if path.has_all() || places.is_empty() {
            let known: std::collections::HashSet<&str> =
                places.iter().map(|(place, _)| place.as_str()).collect();
            let of_output = path.follow(output, work).into_iter();
            let others: Vec<_> = of_output
                .filter(|it| {
                    (it.value.is_some() || !path.has_all() || known.is_empty())
                        && !known.contains(it.place.as_str())
                })
                .map(|it| (it.place, None))
                .collect();
            places.extend(others);
        }
        let mut decided: Option<(Answer, AnyJson, bool)> = None;
        for (place, value) in places {
            let (answer, actual) = of_likelihood(condition, likelihoods, &place, value, work);
            if !answer.fires() || decided.is_none() {
                decided = Some((answer, actual, true));
            }
            if !answer.fires() {
                break;
            }
        }
        decided
    }
}

/// One likelihood: a number; of what holds several the lowest; else one of the list of places.
fn of_likelihood(
    condition: &SubCondition,
    likelihoods: &Likelihoods,
    place: &str,
    value: Option<&Json>,
    work: &mut Work,
) -> (Answer, AnyJson) {
    let mut lowest = Lowest::default();
    if let Some(value) = value {
        numbers(value, place, &mut lowest, work);
    }
    if let Some(likelihood) = likelihoods.at(place) {
        lowest.add(likelihood.clone(), place);
    }
    if !condition.compares_numbers() {
        let listed = lowest.found.map(|(likelihood, _)| Json::Number(likelihood.text));
        let value = value.or(listed.as_ref());
        return (condition.of(value, work), shown(value));
    }
    match lowest.found {
        Some((likelihood, _)) => {
            let value = Json::Number(likelihood.text);
            (condition.of(Some(&value), work), shown(Some(&value)))
        }
        None => (condition.of_missing_likelihood(work), AnyJson::NULL),
    }
}
