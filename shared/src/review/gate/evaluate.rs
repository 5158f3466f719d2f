//! From a predicate and an output to an evaluation. Every predicate is evaluated, also behind one that fired: a reviewer should know
//! all that is doubtful.

use super::conditions::LogicalOperator;
use super::evaluation::{Evaluation, EvaluationOutcome as As};
use super::finding::{Finding, together, too_much};
use super::predicate::Predicate;
use super::predicates::choices::{self, chosen};
use super::predicates::likelihoods::Likelihoods;
use super::predicates::lowest::Lowest;
use super::predicates::required::Missing;
use super::values::json::Json;
use super::work::Work;
use crate::review::validation::{NotChecked, Violation};
use crate::review::{BlockId, BlockType, JsonText, RunId};

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
    work.spend(predicate.compiling());
    let output = Json::parse(subject.snapshot.as_str());
    let is_readable = output.is_some();
    let output = output.unwrap_or(Json::Null);
    let text = |text: Option<&'_ JsonText>| text.map(|text| text.as_str().to_owned());
    let likelihoods =
        Likelihoods::of(&output, text(subject.likelihoods).as_deref(), text(subject.evidence).as_deref());
    let mut scene = Scene {
        subject,
        output,
        is_readable,
        likelihoods,
        work,
        of_all: None,
        violations: None,
        missing: None,
    };
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
pub(crate) struct Scene<'a> {
    pub(crate) subject: Subject<'a>,
    pub(crate) output: Json,
    /// Whether the output could be read.
    is_readable: bool,
    pub(crate) likelihoods: Likelihoods,
    pub(crate) work: Work,
    pub(crate) of_all: Option<Lowest>,
    pub(crate) violations: Option<Result<Vec<Violation>, NotChecked>>,
    pub(crate) missing: Option<Missing>,
}

impl Scene<'_> {
    fn evaluate(&mut self, predicate: &Predicate) -> Evaluation {
        let kind = predicate.kind().as_str();
        if self.work.is_used_up() {
            return too_much().into_evaluation(kind, Vec::new());
        }
        let finding = match predicate {
            Predicate::JsonCondition(condition) => {
                let evaluations: Vec<Evaluation> =
                    condition.sub_conditions.iter().map(|it| self.condition(it)).collect();
                let is_and = condition.logical_operator == LogicalOperator::And;
                return together(kind, is_and, condition.logical_operator.as_str(), evaluations);
            }
            Predicate::AnyOf(predicates) | Predicate::AllOf(predicates) => {
                let evaluations = predicates.iter().map(|it| self.evaluate(it)).collect();
                let is_all = matches!(predicate, Predicate::AllOf(_));
                return together(kind, is_all, if is_all { "and" } else { "or" }, evaluations);
            }
            Predicate::Always => Finding::new(As::Met, "every run is reviewed"),
            Predicate::Sample { percent } => self.sample(percent),
            _ if !self.is_readable => unreadable(),
            Predicate::ValidationFailed => self.validation_failed(),
            Predicate::ConfidenceLt { threshold } => self.confidence_lt(threshold),
            Predicate::FieldConfidenceLt { path, threshold } => self.field_confidence_lt(path, threshold),
            Predicate::AnyRequiredFieldNull => self.any_required_field_null(),
            Predicate::CategoryIn { categories } => {
                chosen("category", choices::category(&self.output), categories)
            }
            Predicate::TopMarginLt { margin } => self.top_margin_lt(margin),
            Predicate::SplitCountNeq { expected } => self.split_count_neq(*expected),
            Predicate::AnySplitPagesLt { min_pages } => self.any_split_pages_lt(*min_pages),
            Predicate::BoundaryConfidenceLt { threshold } => self.boundary_confidence_lt(threshold),
            Predicate::BranchIn { branches } => chosen("branch", choices::branch(&self.output), branches),
        };
        let finding = if self.work.is_used_up() && !finding.outcome.fires() { too_much() } else { finding };
        finding.into_evaluation(kind, Vec::new())
    }

    /// Whether nothing can be said about the output.
    pub(crate) const fn is_unreadable(&self) -> bool {
        !self.is_readable
    }
}

/// The output is no JSON that is nested as deep as it may be.
pub(crate) fn unreadable() -> Finding {
    Finding::new(As::NotKnown, "the output could not be read")
}
