//! What each call does, takes and can answer.

use crate::requests::{
    AcknowledgeRequest, ClaimNextRequest, ClaimRequest, CreateWebhookRequest, DecideRequest, EditRequest,
    OpenRequest, ReopenRequest, StampRequest,
};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Value, json};
use shared::api::{
    AcknowledgedView, AuditPageView, CreatedView, Decided, DecisionView, Deliveries, QueuePage, Route,
    TestDeliveryView, WebhookView, Webhooks, WholeOverlay, routes,
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
    let identifier = crate::identifier();
    vec![
        Operation {
            query: vec![
                ("workflow_id", identifier.clone(), "Only reviews of this workflow."),
                (
                    "status",
                    json!({
                        "type": "string",
                        "enum": ["awaiting_review", "approved", "rejected", "all"],
                        "default": "awaiting_review",
                    }),
                    "Only reviews that stand there.",
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
                "Open reviews come hottest first: priority descending, then the longest waiting. Decided ones come newest first. Pages \
                 neither skip nor repeat a review that stays in its place; one that an escalation moves ahead of the cursor is on \
                 the first page, whose `ETag` tells that it has changed.",
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
            errors: vec![
                (409, &["review_exists", "review_not_open", "too_many_versions"]),
                LARGE,
                (429, &["throttled", "resume_too_soon"]),
            ],
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
        {
            let mut resume = stamped(
                routes::RESUME,
                "Tell the run again",
                "Makes another try at telling the waiting run of the decision, after telling it has failed; once a minute for each \
                 review. It counts as the other tries do. `rev` does not advance.",
                (of::<StampRequest>, json!({ "version_stamp": 3 })),
                false,
                (409, &["version_conflict", "nothing_to_resume"]),
            );
            resume.has_command = false;
            resume.errors.push((429, &["throttled", "resume_too_soon"]));
            resume
        },
        Operation {
            answers: vec![(200, "How it stands.", Some(of::<DecisionView<'static>>))],
            errors: vec![NOT_FOUND, (413, &["response_too_large"])],
            has_tag: true,
            ..Operation::new(
                routes::GET_DECISION,
                "Read a run's decision",
                "For the run that waits, and asks instead of being called (`resume.kind` is `poll`), or besides that. Only who opened \
                 the review finds it. With `If-None-Match`, asking costs one read unit while nothing has changed. What is read is to \
                 be acknowledged, before it is acted on.",
            )
        },
        Operation {
            body: Some((
                of::<AcknowledgeRequest>,
                json!({ "decision_id": "01a2b3c4d5e6f708192a3b4c5d6e7f80" }),
            )),
            answers: vec![(200, "It is acknowledged, now or before.", Some(of::<AcknowledgedView<'static>>))],
            errors: vec![
                NOT_FOUND,
                (409, &["decision_superseded", "nothing_to_acknowledge"]),
                (413, &["body_too_large"]),
            ],
            ..Operation::new(
                routes::ACKNOWLEDGE,
                "Acknowledge a decision",
                "The run that asks has its decision: from then on, opening the review again must be forced. If the answer is \
                 `decision_superseded`, the decision does not stand any more: read it again. It can be sent again blindly. `rev` does \
                 not advance.",
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
        Operation {
            answers: vec![(
                200,
                "The webhook, and, this once, its new secret.",
                Some(of::<CreatedView<'static>>),
            )],
            errors: vec![NO_WEBHOOK],
            ..Operation::new(
                routes::ROTATE_WEBHOOK_SECRET,
                "Rotate a webhook's secret",
                "For 24 hours, deliveries are signed with the new secret and with the one before: `webhook-signature` holds both, \
                 parted by a space. A receiver that knows either of them accepts them. Of more than three secrets before, the oldest ends early.",
            )
        },
        Operation {
            answers: vec![(202, "It will be sent within a minute.", Some(of::<TestDeliveryView>))],
            errors: vec![NO_WEBHOOK],
            ..Operation::new(
                routes::TEST_WEBHOOK,
                "Test a webhook",
                "Sends the webhook one event of the type `webhook.test`, signed, once, also where it is disabled. What comes of it is \
                 among its deliveries. There is one test at a time: asking again before it is sent answers with the same one.",
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
        let scope = format!("Needs the scope `{}`.", self.route.scope.as_str());
        // claim-next names no review, so without a key each call is another one.
        let retried = self.route.method == "POST" && self.has_command && self.route != routes::CLAIM_NEXT;
        let retry = if retried { RETRY } else { "" };
        [self.about, retry, &scope].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ")
    }
}
