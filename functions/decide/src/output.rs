//! Whether what an approval approves fits its schema, where the terms of the review ask for it.

use shared::api::OutputFindings;
use shared::review::{OutputCheck, Refusal, Verdict, Written, violations};
use shared::store::{Check, Overlay, Store, StoreError};
use std::sync::{Mutex, PoisonError};

/// The check of one decision. It keeps what it found last.
#[derive(Default)]
pub(crate) struct OutputRule {
    findings: Mutex<OutputFindings>,
}

impl OutputRule {
    /// What does not fit in the output that was looked at last.
    pub(crate) fn into_findings(self) -> OutputFindings {
        self.findings.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn found(&self, findings: OutputFindings) {
        *self.findings.lock().unwrap_or_else(PoisonError::into_inner) = findings;
    }
}

impl Check for OutputRule {
    /// Looks at the version that is approved. An output that cannot be checked counts as one that does not fit.
    async fn check(
        &self,
        store: &Store,
        overlay: &Overlay,
        written: &Written,
    ) -> Result<Result<(), Refusal>, StoreError> {
        self.found(OutputFindings::default());
        let review = &written.review;
        let Some(rule) = review.terms.output.filter(|_| review.has_schema) else { return Ok(Ok(())) };
        let approval = review.decisions.last().filter(|decision| decision.verdict == Verdict::Approved);
        let Some(approval) = approval else { return Ok(Ok(())) };
        // An approval short of those required is of the version that it looked at.
        let seq = approval.effective_seq.unwrap_or(approval.on_seq);
        let version = written.version.iter().chain(&overlay.versions).find(|version| version.seq == seq);
        let missing = || StoreError::Corrupt("the approved version is missing".into());
        let output = version.ok_or_else(missing)?.snapshot.as_str();
        let evidence = store.evidence_of(&overlay.review).await?;
        let Some(schema) = &evidence.json_schema else { return Ok(Ok(())) };
        let findings = match violations(schema.as_str(), output) {
            Ok(found) => OutputFindings::of(found.into_iter().map(|found| (found.path, found.text))),
            Err(why) => OutputFindings::of([(String::new(), why.to_string())]),
        };
        let refused = rule == OutputCheck::Enforce && !findings.is_empty();
        self.found(findings);
        Ok(if refused { Err(Refusal::OutputInvalid) } else { Ok(()) })
    }
}
