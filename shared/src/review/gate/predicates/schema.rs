//! `validation_failed`: whether the output fits its schema.

use crate::review::gate::evaluate::Scene;
use crate::review::gate::evaluation::{AnyJson, EvaluationOutcome as As};
use crate::review::gate::finding::{Finding, and_more};
use crate::review::validation::{NotChecked, violations};

impl Scene<'_> {
    pub(crate) fn validation_failed(&mut self) -> Finding {
        let Some(schema) = self.subject.json_schema else {
            return Finding::new(As::NotSent, "no schema was sent, so the output could not be checked");
        };
        let snapshot = self.subject.snapshot.as_str();
        match self.violations.get_or_insert_with(|| violations(schema.as_str(), snapshot)) {
            Err(why) => {
                let outcome = if *why == NotChecked::TooMuch { As::TooMuchWork } else { As::NotKnown };
                Finding::new(outcome, why.to_string().trim_end_matches('.'))
            }
            Ok(found) => {
                let (none, count) = (AnyJson::of("0"), found.len() as u64);
                let actual = AnyJson::of(count.to_string());
                let Some(first) = found.first() else {
                    let finding = Finding::new(As::NotMet, "the output fits its schema");
                    return finding.compared("is_greater_than", none, actual);
                };
                let at = if first.path.is_empty() { "the output" } else { &first.path };
                let reason = format!("{at} {}{}", first.text, and_more(count - 1));
                let finding = Finding::new(As::Met, reason).compared("is_greater_than", none, actual);
                finding.at(first.path.clone()).counting(count).detail(&first.text)
            }
        }
    }
}
