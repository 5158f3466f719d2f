//! The queue: its order and pages, and the next review to claim.

mod claim_next;
mod index_lag;
mod list;
mod overdue;

use serde_json::Value;

/// The run of a review.
fn run(overlay: &Value) -> &str {
    overlay["workflow_run_id"].as_str().unwrap()
}

/// The runs of a page.
fn runs(page: &Value) -> Vec<&str> {
    page["data"].as_array().unwrap().iter().map(run).collect()
}
