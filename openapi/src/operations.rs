//! What each call does, takes and can answer.

use crate::requests::{
    ClaimNextRequest, ClaimRequest, CreateWebhookRequest, DecideRequest, EditRequest, OpenRequest,
    ReopenRequest, StampRequest,
};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Value, json};
use shared::http::{
    AuditPageView, CreatedView, Decided, Deliveries, QueuePage, Route, WebhookView, Webhooks, WholeOverlay,
    routes,
};
use shared::review::OutputVersion;

/// Makes the schema of a type.
pub type Describe = fn(&mut SchemaGenerator) -> Schema;

fn of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

/// One call.
pub struct Operation {
    /// Where it is.
    pub route: Route,
    /// What it does, in a few words.
    pub summary: &'static str,
    /// What else there is to know.
    pub about: &'static str,
    /// Its body, with an example.
    pub body: Option<(Describe, Value)>,
    /// Names of query parameters, each with its schema and what it means.
    pub query: Vec<(&'static str, Value, &'static str)>,
    /// Its answers, when all is well: status, what it means, body.
    pub answers: Vec<(u16, &'static str, Option<Describe>)>,
    /// Its errors besides those that every call can have: status and codes.
    pub errors: Vec<(u16, &'static [&'static str])>,
    /// Whether its body may be conditional, by `If-None-Match`.
    pub has_tag: bool,
    /// Whether it can be named by the header `Idempotency-Key`.
    pub has_command: bool,
}

const NOT_FOUND: (u16, &[&str]) = (404, &["review_not_found"]);
const NO_WEBHOOK: (u16, &[&str]) = (404, &["webhook_not_found"]);
const OPEN_ONLY: (u16, &[&str]) = (409, &["version_conflict", "review_not_open", "command_id_reused"]);
/// As [`OPEN_ONLY`], of a call that appends a version.
const APPENDS: (u16, &[&str]) =
    (409, &["version_conflict", "review_not_open", "command_id_reused", "too_many_versions"]);
const DECIDES: (u16, &[&str]) = (
    409,
    &[
        "version_conflict",
        "review_not_open",
        "command_id_reused",
        "too_many_versions",
        "too_many_escalations",
    ],
);
/// A small body, and an answer that may be large.
const SMALL: (u16, &[&str]) = (413, &["body_too_large", "response_too_large"]);
/// A body with a snapshot.
const LARGE: (u16, &[&str]) = (413, &["snapshot_too_large", "response_too_large"]);

const RETRY: &str = "It can be sent again blindly: a request that was carried out is not repeated.";

/// All calls, as one reads about them.
#[allow(clippy::too_many_lines)] // a table
pub fn all() -> Vec<Operation> {
    let overlay: Describe = of::<WholeOverlay<'static>>;
    let stamped = |route, summary, about, body: (Describe, Value), large, conflicts| Operation {
        body: Some(body),
        answers: vec![(200, "The review after the change.", Some(overlay))],
        errors: vec![NOT_FOUND, conflicts, if large { LARGE } else { SMALL }],
        has_command: true,
        ..Operation::new(route, summary, about)
    };
    let word = |words: &[&str]| json!({ "type": "string", "enum": words });
    let identifier = json!({ "type": "string", "pattern": "^[A-Za-z0-9_.~-]{1,128}$" });
    vec![
        Operation {
            query: vec![
                ("workflow_id", identifier.clone(), "Only reviews of this workflow."),
                (
                    "status",
                    word(&["awaiting_review", "approved", "rejected"]),
                    "Only reviews that stand there; all unless told.",
                ),
                (
                    "mine",
                    json!({ "type": "boolean", "default": false }),
                    "Only reviews that you have claimed; with a `status` of decided ones, those that you have decided. Of the latter a page \
                     may be short, or empty, and have a next one.",
                ),
                (
                    "limit",
                    json!({ "type": "integer", "minimum": 1, "maximum": 200, "default": 50 }),
                    "How many rows a page has at most.",
                ),
                (
                    "cursor",
                    json!({ "type": "string" }),
                    "`next_cursor` of the page before, with the same filter.",
                ),
            ],
            answers: vec![(200, "One page of the queue.", Some(of::<QueuePage<'static>>))],
            errors: vec![(413, &["response_too_large"])],
            has_tag: true,
            ..Operation::new(
                routes::LIST,
                "List the queue",
                "Open reviews come hottest first: priority descending, then the longest waiting. Decided ones come newest first.",
            )
        },
        Operation {
            body: Some((
                of::<OpenRequest>,
                json!({
                    "run_id": "run_abc123",
                    "block_id": "block_extract",
                    "workflow_id": "wf_invoices",
                    "workflow_version_id": "wfv_7",
                    "block_type": "extract",
                    "triggered_by": { "kind": "low_confidence", "threshold": 0.8 },
                    "snapshot": { "vendor": "Northwind", "total": 12.50 },
                    "priority": 5,
                }),
            )),
            answers: vec![
                (201, "The review, at `rev` 0.", Some(overlay)),
                (
                    200,
                    "It was there already, with this content; or with other content, and `if_exists` allows that.",
                    Some(overlay),
                ),
            ],
            errors: vec![(409, &["review_exists", "review_not_open", "too_many_versions"]), LARGE],
            ..Operation::new(
                routes::OPEN,
                "Open a review",
                "The gate of a workflow fires: a block's output waits for somebody to look. Of a review that is there with other \
                 content, `details.differs` names the fields that differ. `if_exists` says what then becomes of the call: `reject` \
                 refuses it; `adopt` answers with the review as it is; `supersede` appends the output as a version of the model, \
                 unless the review is decided, and changes nothing else of it.",
            )
        },
        Operation {
            answers: vec![(200, "The review.", Some(overlay))],
            errors: vec![NOT_FOUND, (413, &["response_too_large"])],
            has_tag: true,
            ..Operation::new(routes::GET, "Read a review", "Polling is cheap with `If-None-Match`.")
        },
        stamped(
            routes::CLAIM,
            "Claim a review",
            "Says that you work on it. A claim is advisory: it ends by itself and blocks nobody. Yours is renewed, another's is \
             taken over.",
            (of::<ClaimRequest>, json!({ "version_stamp": 0, "ttl_seconds": 900 })),
            false,
            OPEN_ONLY,
        ),
        stamped(
            routes::RELEASE,
            "Release a claim",
            "Drops the claim, whoever has it. With no claim to drop nothing is written.",
            (of::<StampRequest>, json!({ "version_stamp": 1 })),
            false,
            OPEN_ONLY,
        ),
        Operation {
            body: Some((of::<ClaimNextRequest>, json!({ "workflow_id": "wf_invoices", "ttl_seconds": 900 }))),
            answers: vec![
                (200, "The review, claimed by you.", Some(overlay)),
                (204, "Nothing waits that nobody has claimed.", None),
            ],
            errors: vec![(409, &["claim_ended", "command_id_reused"]), SMALL],
            has_command: true,
            ..Operation::new(
                routes::CLAIM_NEXT,
                "Claim the next review",
                "Claims the hottest open review that nobody has claimed; which is the hottest is known to within 5 seconds. A review that \
                 was escalated comes first to its addressee, the actor whose id or display name `escalate_to` is (case and outer space do \
                 not count); to others only where nothing else waits; and never to who escalated it. Each call claims another review. To \
                 send one again safely, name it by `Idempotency-Key`: then it answers with the same review while you hold the claim, and \
                 with `claim_ended` once that is over.",
            )
        },
        stamped(
            routes::EDIT,
            "Correct a review",
            "Appends a version, the whole output as it should be. The review stays open.",
            (
                of::<EditRequest>,
                json!({ "version_stamp": 1, "snapshot": { "vendor": "Northwind", "total": 125.00 }, "note": "Comma." }),
            ),
            true,
            APPENDS,
        ),
        Operation {
            answers: vec![(200, "The version.", Some(of::<OutputVersion>))],
            errors: vec![(404, &["review_not_found", "version_not_found"]), (413, &["response_too_large"])],
            has_tag: true,
            ..Operation::new(
                routes::GET_VERSION,
                "Read a version",
                "For reviews that are too large to be answered whole. A version never changes.",
            )
        },
        Operation {
            query: vec![
                (
                    "limit",
                    json!({ "type": "integer", "minimum": 1, "maximum": 200, "default": 50 }),
                    "How many entries a page has at most.",
                ),
                ("cursor", json!({ "type": "string" }), "`next_cursor` of the page before."),
            ],
            answers: vec![(200, "One page of the audit trail.", Some(of::<AuditPageView<'static>>))],
            errors: vec![NOT_FOUND, (413, &["response_too_large"])],
            has_tag: true,
            ..Operation::new(
                routes::LIST_AUDIT,
                "List the audit trail",
                "All entries, newest first: a review itself shows the newest 200. Rejected stale writes are kept for 90 days.",
            )
        },
        Operation {
            answers: vec![(200, "The review after the decision.", Some(of::<Decided<'static>>))],
            ..stamped(
                routes::DECIDE,
                "Decide a review",
                "Approves (as it is, or with a last correction), rejects or escalates it. Having claimed it is not needed.",
                (of::<DecideRequest>, json!({ "verdict": "approved", "version_stamp": 2 })),
                true,
                DECIDES,
            )
        },
        stamped(
            routes::REOPEN,
            "Reopen a review",
            "A decided review awaits review again; its next decision supersedes the last.",
            (of::<ReopenRequest>, json!({ "version_stamp": 3, "reason": "The vendor sent a new invoice." })),
            false,
            (
                409,
                &[
                    "version_conflict",
                    "review_not_decided",
                    "command_id_reused",
                    "already_resumed",
                    "too_many_reopenings",
                ],
            ),
        ),
        Operation {
            has_command: false,
            ..stamped(
                routes::RESUME,
                "Tell the run again",
                "Makes another try at telling the waiting run of the decision, after telling it has failed. `rev` does not advance.",
                (of::<StampRequest>, json!({ "version_stamp": 3 })),
                false,
                (409, &["version_conflict", "nothing_to_resume"]),
            )
        },
        Operation {
            body: Some((
                of::<CreateWebhookRequest>,
                json!({ "url": "https://hooks.example.com/holdpoint", "events": ["review.decided"] }),
            )),
            answers: vec![(
                201,
                "The webhook, and, this once, its secret.",
                Some(of::<CreatedView<'static>>),
            )],
            errors: vec![(409, &["too_many_webhooks"]), (413, &["body_too_large"])],
            ..Operation::new(
                routes::CREATE_WEBHOOK,
                "Create a webhook",
                "Events are told to its URL, signed (Standard Webhooks), at least once, in order for each review.",
            )
        },
        Operation {
            answers: vec![(200, "All of them.", Some(of::<Webhooks<'static>>))],
            ..Operation::new(routes::LIST_WEBHOOKS, "List the webhooks", "")
        },
        Operation {
            answers: vec![(204, "It is gone.", None)],
            errors: vec![NO_WEBHOOK],
            ..Operation::new(routes::DELETE_WEBHOOK, "Delete a webhook", "What it was still owed is dropped.")
        },
        Operation {
            answers: vec![(200, "The webhook.", Some(of::<WebhookView<'static>>))],
            errors: vec![NO_WEBHOOK],
            ..Operation::new(
                routes::ENABLE_WEBHOOK,
                "Enable a webhook",
                "One that was given up is told again, first of what it is owed.",
            )
        },
        Operation {
            answers: vec![(200, "The last tries.", Some(of::<Deliveries<'static>>))],
            errors: vec![NO_WEBHOOK],
            ..Operation::new(
                routes::LIST_DELIVERIES,
                "List deliveries",
                "The last 50 tries at telling a webhook.",
            )
        },
    ]
}

impl Operation {
    fn new(route: Route, summary: &'static str, about: &'static str) -> Self {
        Self {
            route,
            summary,
            about,
            body: None,
            query: Vec::new(),
            answers: Vec::new(),
            errors: Vec::new(),
            has_tag: false,
            has_command: false,
        }
    }

    /// What else there is to know, in sentences.
    pub fn description(&self) -> String {
        let scope = format!("Needs the scope `{}`.", self.route.scope.word());
        // claim-next names no review, so without a key each call is another one.
        let retried = self.route.method == "POST" && self.has_command && self.route != routes::CLAIM_NEXT;
        let retry = if retried { RETRY } else { "" };
        [self.about, retry, &scope].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ")
    }
}
