//! `confidence_lt` and `field_confidence_lt`: how likely a classification, all values or some of them are.

use super::choices;
use crate::review::BlockType;
use crate::review::gate::evaluate::Scene;
use crate::review::gate::evaluation::{AnyJson, EvaluationOutcome as As};
use crate::review::gate::finding::{Finding, LESS, confidence, nothing_to_compare};
use crate::review::gate::predicate::Bound;
use crate::review::gate::values::path::Path;

impl Scene<'_> {
    pub(crate) fn confidence_lt(&mut self, threshold: &Bound) -> Finding {
        if self.subject.block_type == BlockType::Classifier {
            let lowest = choices::likelihood(&self.output, &self.likelihoods, &mut self.work);
            return confidence(&lowest, None, threshold);
        }
        let lowest = self.of_all.get_or_insert_with(|| self.likelihoods.of_all(&self.output, &mut self.work));
        if lowest.is_empty() {
            let reason = "the output has no values, so there is nothing that could be sure";
            let expected = AnyJson::of(threshold.as_str());
            return Finding::new(As::NotKnown, reason).compared(LESS, expected, AnyJson::NULL);
        }
        confidence(lowest, None, threshold)
    }

    pub(crate) fn field_confidence_lt(&mut self, path: &Path, threshold: &Bound) -> Finding {
        match self.likelihoods.of_path(path, &self.output, &mut self.work) {
            None => nothing_to_compare("there are no elements", Some(path.as_str()), threshold),
            Some(lowest) => confidence(&lowest, Some(path.as_str()), threshold),
        }
    }
}
