//! What has happened in the demo: which policies its workflows have, and who did what to its reviews.

/// How many minutes ago the policies were put: before all reviews.
pub(super) const POLICIES_MINUTES_AGO: i64 = 26 * 60;

/// The policies: the workflow, and the body of the call that puts it.
pub(super) const POLICIES: [(&str, &str); 4] = [
    ("wf_invoices", include_str!("../../demo/policies/wf_invoices.json")),
    ("wf_procurement", include_str!("../../demo/policies/wf_procurement.json")),
    ("wf_reconciliation", include_str!("../../demo/policies/wf_reconciliation.json")),
    ("wf_supplier_data", include_str!("../../demo/policies/wf_supplier_data.json")),
];

/// What has happened to them since: who, how many minutes ago, on which review, which call, with which body.
pub(super) const STORY: [(Who, i64, &str, &str, &str); 9] = [
    // The classification was wrong.
    (
        Who::Dana,
        40,
        "run_7b3af650/block_classify",
        "decision",
        r#"{"version_stamp": 0, "verdict": "rejected", "reason": "It is a credit note: the total is negative."}"#,
    ),
    // The receipt's tip was corrected by the agent, and approved by Ben.
    (
        Who::Agent,
        150,
        "run_r8d20417/block_extract_receipt",
        "versions",
        include_str!("../../demo/corrections/receipt.json"),
    ),
    (
        Who::Ben,
        120,
        "run_r8d20417/block_extract_receipt",
        "decision",
        r#"{"version_stamp": 1, "verdict": "approved"}"#,
    ),
    // The branch decision was approved, and reopened.
    (
        Who::Dana,
        170,
        "run_e2076f41/block_needs_cfo",
        "decision",
        r#"{"version_stamp": 0, "verdict": "approved"}"#,
    ),
    (
        Who::Ben,
        30,
        "run_e2076f41/block_needs_cfo",
        "reopen",
        r#"{"version_stamp": 1, "reason": "The exchange rate was a week old."}"#,
    ),
    // The contract is above Dana's limit.
    (
        Who::Dana,
        5,
        "run_c51e09aa/block_extract_contract",
        "decision",
        r#"{"version_stamp": 0, "verdict": "escalated", "reason": "The notice period is unusual.", "escalate_to": "legal"}"#,
    ),
    // Ben has claimed this one, for the rest of the day.
    (Who::Ben, 8, "run_19d4c0be/block_split", "claim", r#"{"version_stamp": 0, "ttl_seconds": 28800}"#),
    // Two must approve a supplier's new account: Ben has.
    (
        Who::Ben,
        45,
        "run_sd3071/block_bank_details",
        "decision",
        r#"{"version_stamp": 0, "verdict": "approved", "reason": "The letter has the same account."}"#,
    ),
    // Dana has corrected this one, so two others must approve it.
    (
        Who::Dana,
        25,
        "run_sd3074/block_bank_details",
        "versions",
        include_str!("../../demo/corrections/bank-details-garrick.json"),
    ),
];

#[derive(Clone, Copy)]
pub(super) enum Who {
    Dana,
    Ben,
    Agent,
}
