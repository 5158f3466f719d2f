//! What clients did, as they saw it: one line of JSON an operation.

use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::Path;

/// What came of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Outcome {
    /// It was acknowledged.
    Done,
    /// It was refused, with a code.
    Refused,
    /// Nobody knows: 429, 5xx, or no answer at all.
    Unknown,
}

/// One operation of one client, its retries included.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Operation {
    /// Its name, unlike any other's.
    pub(crate) op: String,
    pub(crate) actor: String,
    pub(crate) call: String,
    /// The run of its review; of a claim-next that was answered, which one it got.
    pub(crate) run: Option<String>,
    pub(crate) stamp: Option<u64>,
    pub(crate) command: Option<String>,
    pub(crate) ttl: Option<i64>,
    /// Whether an approval appends a version.
    pub(crate) edited: bool,
    /// What an opening says.
    #[serde(default)]
    pub(crate) content: Option<String>,
    /// To whom it is escalated.
    #[serde(default)]
    pub(crate) escalate_to: Option<String>,
    /// The rule that a policy was given.
    #[serde(default)]
    pub(crate) rule: Option<Value>,
    /// How many HTTP requests it took.
    pub(crate) attempts: usize,
    /// On the client's own clock, in nanoseconds.
    pub(crate) start: u64,
    pub(crate) end: u64,
    pub(crate) outcome: Outcome,
    pub(crate) status: Option<u16>,
    pub(crate) code: Option<String>,
    /// The `rev` that was answered, by a conflict too.
    pub(crate) rev: Option<u64>,
    /// Of a list: the `rev` of each row.
    #[serde(default)]
    pub(crate) rows: BTreeMap<String, u64>,
}

impl Operation {
    /// The history in a file.
    pub(crate) fn read(file: &Path) -> Vec<Self> {
        let text = std::fs::read_to_string(file).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}")))
            .collect()
    }

    /// Whether it writes to no review.
    pub(crate) fn reads(&self) -> bool {
        matches!(self.call.as_str(), "get" | "list" | "policy")
    }

    /// How many audit entries may be its own.
    ///
    /// A retry of a call with a command id, or of a call that took its stamp's place, is the same call. That is not so
    /// of a claim-next without a key, each of whose tries may claim; and a retry without a command id, after somebody
    /// else has written, is told of a conflict though an earlier try had been done (contract: *Replay*, b).
    pub(crate) fn effects(&self) -> RangeInclusive<usize> {
        let tries = match (self.call.as_str(), &self.command) {
            ("claim-next", None) => self.attempts,
            _ => 1,
        };
        let retried = self.attempts > 1 && self.command.is_none();
        match self.outcome {
            _ if self.reads() => 0..=0,
            Outcome::Unknown => 0..=tries,
            // An earlier try of this command had claimed, and that claim is over.
            Outcome::Refused if self.code.as_deref() == Some("claim_ended") => 1..=1,
            Outcome::Refused if retried => 0..=tries,
            Outcome::Refused => 0..=0,
            Outcome::Done if self.did_nothing() => 0..=if retried { tries - 1 } else { 0 },
            Outcome::Done => 1..=tries,
        }
    }

    /// Whether it was acknowledged as having had nothing to do: no claim to drop, no review to claim.
    fn did_nothing(&self) -> bool {
        match self.call.as_str() {
            "release" => self.rev == self.stamp,
            "claim-next" => self.rev.is_none(),
            _ => false,
        }
    }

    /// The revs it was answered, by run.
    pub(crate) fn seen(&self) -> impl Iterator<Item = (&str, u64)> {
        let own = self.run.as_deref().zip(self.rev);
        own.into_iter().chain(self.rows.iter().map(|(run, rev)| (run.as_str(), *rev)))
    }
}

/// How many operations ended how, for a person to read.
pub(crate) fn summary(history: &[Operation]) -> String {
    let count = |outcome| history.iter().filter(|it| it.outcome == outcome).count();
    let retried = history.iter().filter(|it| it.attempts > 1).count();
    let mut codes = BTreeMap::new();
    for operation in history.iter().filter(|it| it.outcome != Outcome::Done) {
        *codes.entry(operation.code.as_deref().unwrap_or("none")).or_insert(0_usize) += 1;
    }
    let codes: Vec<String> = codes.into_iter().map(|(code, count)| format!("{code} {count}")).collect();
    format!(
        "{} operations: {} done, {} refused, {} unknown; {retried} retried by the client; {}",
        history.len(),
        count(Outcome::Done),
        count(Outcome::Refused),
        count(Outcome::Unknown),
        codes.join(", ")
    )
}
