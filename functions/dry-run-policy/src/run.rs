//! The evaluation of a policy on reviews that there are.

use futures_util::{StreamExt, stream};
use gate::predicate;
use schemars::JsonSchema;
use serde::Serialize;
use shared::review::gate::{Subject, evaluate};
use shared::review::{OrganizationId, Policy, Review, Seq, Status, WorkflowId};
use shared::store::{Store, StoreError};
use std::collections::BTreeMap;
use std::time::Duration;

/// How long it may take: API Gateway waits 30 seconds, a person less.
const TIME: Duration = Duration::from_secs(8);
/// Reviews that are read at once: each may hold megabytes.
const AT_ONCE: usize = 8;
/// Most examples of each kind.
const EXAMPLES: usize = 10;

/// What a policy would have held.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DryRun {
    /// How many reviews were looked at.
    pub looked_at: u32,
    /// How many outputs would have been held.
    pub held: u32,
    /// How many would not have been held.
    pub not_held: u32,
    /// How many blocks have a rule without a predicate, or no rule: there the caller of `gate` or `open` decides.
    pub without_predicate: u32,
    /// How many outputs the predicate cannot be asked of: `gate` would answer 422.
    pub not_fitting: u32,
    /// Whether all were looked at that were to be; if not, time ran out.
    pub is_complete: bool,
    /// The same for each rule that applied, by its name in the policy.
    pub by_block: Vec<BlockCount>,
    /// Some of those that would have been held, and some that would not: at most 10 each, the newest first.
    pub examples: Vec<Example>,
}

/// The counts of one rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct BlockCount {
    /// The rule's name: a block's id, or `*`.
    pub block_id: String,
    /// How many reviews were looked at.
    pub looked_at: u32,
    /// How many would have been held.
    pub held: u32,
    /// How many would not have been held.
    pub not_held: u32,
    /// How many the predicate cannot be asked of.
    pub not_fitting: u32,
}

/// One review that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Example {
    /// The workflow run.
    pub workflow_run_id: String,
    /// The block.
    pub block_id: String,
    /// The status of the review.
    pub status: Status,
    /// Whether its output would have been held.
    pub held: bool,
    /// Why, in words.
    pub reason: String,
}

/// What became of one review.
enum Found {
    WithoutPredicate,
    NotFitting,
    Evaluated {
        held: bool,
        reason: String,
    },
    /// It is gone.
    Nothing,
}

/// Evaluates the predicates of `policy` on version 0 and the evidence of the newest reviews of a workflow: at most `limit`, and for at
/// most 8 seconds.
///
/// # Errors
/// If the store cannot be read.
pub async fn dry_run(
    store: &Store,
    organization: &OrganizationId,
    workflow: &WorkflowId,
    policy: &Policy,
    limit: usize,
) -> Result<DryRun, StoreError> {
    let reviews = store.newest_reviews(organization, workflow, limit).await?;
    let mut done = DryRun::default();
    let mut by_block: BTreeMap<&str, BlockCount> = BTreeMap::new();
    let all = async {
        let looks: Vec<_> = reviews.iter().map(|review| look(store, policy, review)).collect();
        let mut found = stream::iter(looks).buffered(AT_ONCE);
        for review in &reviews {
            let Some(found) = found.next().await else { break };
            let rule = policy.rule(&review.id.block).map(|(name, _)| name);
            done.count(&mut by_block, rule, review, found?);
        }
        Ok::<(), StoreError>(())
    };
    let ended = tokio::time::timeout(TIME, all).await;
    done.is_complete = ended.is_ok();
    ended.unwrap_or(Ok(()))?;
    done.by_block = by_block.into_values().collect();
    Ok(done)
}

async fn look(store: &Store, policy: &Policy, review: &Review) -> Result<Found, StoreError> {
    let Some(text) = policy.rule(&review.id.block).and_then(|(_, rule)| rule.predicate.as_ref()) else {
        return Ok(Found::WithoutPredicate);
    };
    let Ok(predicate) = predicate::of_policy(review.block_type, text) else { return Ok(Found::NotFitting) };
    let Some(version) = store.load_version(&review.id, Seq(0)).await? else { return Ok(Found::Nothing) };
    let evidence = store.evidence_of(review).await?;
    let outcome = evaluate(
        &predicate,
        Subject {
            run: &review.id.run,
            block: &review.id.block,
            block_type: review.block_type,
            snapshot: &version.snapshot,
            json_schema: evidence.json_schema.as_ref(),
            likelihoods: evidence.likelihoods.as_ref(),
            evidence: evidence.evidence.as_ref(),
        },
    );
    // Other reviews are read meanwhile.
    tokio::task::yield_now().await;
    let held = outcome.triggered_by.is_some();
    let first = outcome.evaluation.fired_leaves().first().map(|leaf| leaf.reason.clone());
    let reason = first.unwrap_or(outcome.evaluation.reason);
    Ok(Found::Evaluated { held, reason })
}

impl DryRun {
    fn count<'p>(
        &mut self,
        by_block: &mut BTreeMap<&'p str, BlockCount>,
        rule: Option<&'p str>,
        review: &Review,
        found: Found,
    ) {
        if matches!(found, Found::Nothing) {
            return;
        }
        self.looked_at += 1;
        let mut unnamed = BlockCount::default();
        let block = match rule {
            Some(name) => by_block
                .entry(name)
                .or_insert_with(|| BlockCount { block_id: name.to_owned(), ..BlockCount::default() }),
            None => &mut unnamed,
        };
        block.looked_at += 1;
        match found {
            Found::WithoutPredicate | Found::Nothing => self.without_predicate += 1,
            Found::NotFitting => {
                self.not_fitting += 1;
                block.not_fitting += 1;
            }
            Found::Evaluated { held, reason } => {
                let (all, of_block) = if held {
                    (&mut self.held, &mut block.held)
                } else {
                    (&mut self.not_held, &mut block.not_held)
                };
                *all += 1;
                *of_block += 1;
                if self.examples.iter().filter(|example| example.held == held).count() < EXAMPLES {
                    self.examples.push(Example {
                        workflow_run_id: review.id.run.to_string(),
                        block_id: review.id.block.to_string(),
                        status: review.status,
                        held,
                        reason,
                    });
                }
            }
        }
    }
}
