//! Which rows a page of the queue has: those of its tab, those that are searched for, in the order that is asked for.

use super::ROWS;
use super::query::{QueueQuery, Sort, Tab};
use crate::pages::reason;
use crate::pages::title::Row;
use crate::session::Viewer;
use futures_util::future::try_join_all;
use shared::api::{App, Caller, Error};
use shared::review::{BlockId, Reserved, Review, ReviewId, RunId, Status, Timestamp, Verdict};
use shared::store::{Page, QueueFilter};
use std::collections::BTreeSet;

/// Pages that are looked through for what is escalated to somebody: no index knows to whom.
pub(super) const PAGES: usize = 4;
/// Blocks that a run is looked for in, if only its id is known.
const BLOCKS: usize = 8;

/// The rows of a page, and what is known of those that were loaded for it.
pub(super) struct Found {
    pub(super) page: Page,
    /// How many rows were looked through.
    pub(super) loaded: usize,
    pub(super) workflows: BTreeSet<String>,
    pub(super) reasons: BTreeSet<String>,
}

/// Loads the rows.
pub(super) async fn find(
    app: &App,
    query: &QueueQuery,
    viewer: &Viewer<'_>,
    now: Timestamp,
) -> Result<Found, Error> {
    let mut page = app.store.list(&query.filter, ROWS, query.cursor.as_ref(), now).await?;
    if query.tab == Tab::Escalated {
        for _ in 1..PAGES {
            let Some(next) = page.next.take() else { break };
            let more = app.store.list(&query.filter, ROWS, Some(&next), now).await?;
            page.rows.extend(more.rows);
            page.next = more.next;
        }
        page.next = None;
        page.rows.retain(|review| is_escalated_to(review, viewer.caller));
    }
    let mut found = Found {
        loaded: page.rows.len(),
        workflows: page.rows.iter().map(|review| review.workflow_id.to_string()).collect(),
        reasons: page.rows.iter().map(|review| reason::kind(&review.triggered_by)).collect(),
        page,
    };
    found.workflows.extend((!query.workflow.is_empty()).then(|| query.workflow.clone()));
    found.reasons.extend((!query.reason.is_empty()).then(|| query.reason.clone()));
    found.narrow(app, query).await?;
    match query.sort {
        Sort::Queue => {}
        Sort::Longest => found.page.rows.sort_by_key(|review| review.awaiting_since),
        Sort::Newest => found.page.rows.sort_by_key(|review| std::cmp::Reverse(review.created_at)),
    }
    Ok(found)
}

impl Found {
    async fn narrow(&mut self, app: &App, query: &QueueQuery) -> Result<(), Error> {
        if !query.reason.is_empty() {
            self.page.rows.retain(|review| reason::kind(&review.triggered_by) == query.reason);
        }
        if query.text.is_empty() {
            return Ok(());
        }
        let blocks: BTreeSet<String> =
            self.page.rows.iter().map(|review| review.id.block.to_string()).take(BLOCKS).collect();
        let sought = query.text.to_lowercase();
        self.page.rows.retain(|review| Row::of(review).says(&sought));
        if self.page.rows.is_empty() {
            let ids = ids(&query.filter, &query.text, &blocks);
            let reviews = try_join_all(ids.iter().map(|id| app.store.peek(id))).await?;
            self.page.rows = reviews.into_iter().flatten().collect();
            self.page.next = None;
        }
        Ok(())
    }
}

/// The reviews that a text names: `run/block`, an address that ends so, or a run, in each of `blocks`.
fn ids(filter: &QueueFilter, text: &str, blocks: &BTreeSet<String>) -> Vec<ReviewId> {
    let id = |run: &str, block: &str| {
        let organization = filter.organization.clone();
        Some(ReviewId { organization, run: RunId::parse(run).ok()?, block: BlockId::parse(block).ok()? })
    };
    let mut steps = text.trim_end_matches('/').rsplit(['/', ' ']).filter(|step| !step.is_empty());
    match (steps.next(), steps.next()) {
        (Some(block), Some(run)) => id(run, block).into_iter().collect(),
        (Some(run), None) => blocks.iter().filter_map(|block| id(run, block)).collect(),
        _ => Vec::new(),
    }
}

/// Whether its last decision escalated it to this actor.
fn is_escalated_to(review: &Review, caller: &Caller) -> bool {
    let is_escalated = review.decisions.last().is_some_and(|decision| decision.verdict == Verdict::Escalated);
    let reserved = review.reserved_for(&caller.actor, &caller.standing);
    is_escalated && review.escalated_to.is_some() && matches!(reserved, Reserved::No)
}

/// How many reviews were decided since a time; counts up to [`ROWS`] of each kind.
pub(super) async fn decided_since(
    app: &App,
    query: &QueueQuery,
    since: Timestamp,
    now: Timestamp,
) -> Result<(usize, bool), Error> {
    let of = |status| QueueFilter { status: Some(status), ..query.filter.clone() };
    let filters = [Status::Approved, Status::Rejected].map(of);
    let pages = try_join_all(filters.iter().map(|filter| app.store.list(filter, ROWS, None, now))).await?;
    let recent = |review: &&Review| review.decided_at.is_some_and(|at| at > since);
    let counts: Vec<usize> = pages.iter().map(|page| page.rows.iter().filter(recent).count()).collect();
    Ok((counts.iter().sum(), counts.contains(&ROWS)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::review::OrganizationId;

    #[test]
    fn a_review_is_found_by_its_exact_ids() {
        let organization = OrganizationId::parse("org").unwrap();
        let filter = QueueFilter {
            organization,
            workflow: None,
            status: None,
            claimed_by: None,
            overdue: false,
            assigned: None,
        };
        let blocks = BTreeSet::from(["x".to_owned(), "y".to_owned()]);
        let found = |text: &str| {
            ids(&filter, text, &blocks)
                .iter()
                .map(|id| format!("{}/{}", id.run, id.block))
                .collect::<Vec<_>>()
        };
        assert_eq!(found("run_1"), ["run_1/x", "run_1/y"]);
        assert_eq!(found("run_1/z"), ["run_1/z"]);
        assert_eq!(found("https://h.example/inbox/reviews/run_1/z"), ["run_1/z"]);
        assert!(found("..").is_empty() && found("/").is_empty());
    }
}
