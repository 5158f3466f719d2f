//! Errors as answers: the body that clients parse, and the headers that belong to it.

use super::Reply;
use crate::api::errors::{Error, FieldError, FieldErrors, seconds_until};
use crate::bucket::BucketError;
use crate::review::{
    Actor, AuditEntry, Claim, MAX_ASSIGNMENTS, MAX_COMMENTS, MAX_ESCALATIONS, MAX_REOPENINGS,
    MAX_UNFINISHED_APPROVALS, MAX_VERSIONS, Refusal, Rev, Review, Seq, Status, Timestamp,
};
use crate::store::{StoreError, StoredPolicy};
use lambda_http::http::header;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

/// The shape of every error on the wire: what the published client parses.
#[derive(Serialize)]
struct Body<'a> {
    detail: Detail<'a>,
}

#[derive(Serialize)]
struct Detail<'a> {
    code: &'static str,
    message: String,
    details: Details<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Details<'a> {
    Conflict(ConflictDetails<'a>),
    Policy(PolicyConflictDetails<'a>),
    Other(Value),
}

/// The details of `version_conflict`.
#[derive(Serialize, JsonSchema)]
pub struct ConflictDetails<'a> {
    /// The `version_stamp` that was sent.
    version_stamp: Rev,
    /// The current `rev`.
    rev: Rev,
    /// The status of the review.
    status: Status,
    /// The active claim; null if there is none.
    claim: Option<&'a Claim>,
    /// The newest version.
    head_seq: Seq,
    /// The audit entries since then, newest last, as far as they are kept in the review.
    changes: Vec<&'a AuditEntry>,
}

/// The details of `version_conflict` of a policy.
#[derive(Serialize, JsonSchema)]
pub struct PolicyConflictDetails<'a> {
    /// The `version_stamp` that was sent.
    version_stamp: Rev,
    /// The current `rev`; 0 if the workflow never had a policy.
    rev: Rev,
    /// Whether there is a policy; not if it was deleted, or never was.
    exists: bool,
    /// When it was last changed.
    updated_at: Option<Timestamp>,
    /// By whom.
    updated_by: Option<&'a Actor>,
}

impl<'a> PolicyConflictDetails<'a> {
    fn of(stamp: Rev, policy: Option<&'a StoredPolicy>) -> Self {
        Self {
            version_stamp: stamp,
            rev: policy.map_or(Rev(0), |policy| policy.rev),
            exists: policy.is_some_and(|policy| policy.blocks.is_some()),
            updated_at: policy.map(|policy| policy.updated_at),
            updated_by: policy.map(|policy| &policy.updated_by),
        }
    }
}

fn limited(review: &Review, limit: usize) -> Value {
    json!({ "rev": review.rev, "status": review.status, "limit": limit })
}

impl Error {
    #[allow(clippy::too_many_lines)] // one arm for each kind of details
    fn details(&self) -> Details<'_> {
        Details::Other(match self {
            Self::Refused { refusal: Refusal::VersionConflict, review, stamp, now, .. } => {
                return Details::Conflict(ConflictDetails {
                    version_stamp: *stamp,
                    rev: review.rev,
                    status: review.status,
                    claim: review.claim_at(*now),
                    head_seq: review.head_seq,
                    changes: review.changes_since(*stamp).collect(),
                });
            }
            Self::PolicyConflict { stamp, policy } => {
                return Details::Policy(PolicyConflictDetails::of(*stamp, policy.as_deref()));
            }
            Self::Refused { refusal: Refusal::NoSuchVersion { field, newest }, .. } => {
                let message = format!("must be at most {}, the newest version", newest.0);
                let loc = vec!["body".to_owned(), (*field).to_owned()];
                json!({ "errors": [FieldError { loc, code: "out_of_range", message }] })
            }
            Self::Refused {
                refusal:
                    Refusal::AlreadyResumed
                    | Refusal::NothingToResume
                    | Refusal::ResumeTooSoon { .. }
                    | Refusal::NothingToAcknowledge,
                review,
                ..
            } => {
                json!({ "rev": review.rev, "status": review.status, "resume": review.resume })
            }
            Self::Refused { refusal: Refusal::NotNewestVersion { field, newest }, .. } => {
                let message = format!("must be {}, the newest version", newest.0);
                let loc = vec!["body".to_owned(), (*field).to_owned()];
                json!({ "errors": [FieldError { loc, code: "out_of_range", message }] })
            }
            Self::Refused { refusal: Refusal::UnknownAddressee, .. } => {
                let message = "must be a group or an actor of the organization".to_owned();
                let loc = vec!["body".to_owned(), "escalate_to".to_owned()];
                json!({ "errors": [FieldError { loc, code: "invalid_value", message }] })
            }
            Self::OutputInvalid { review, findings } => json!({
                "rev": review.rev,
                "status": review.status,
                "violations": findings.violations,
                "omitted": findings.omitted,
            }),
            Self::Refused { refusal: Refusal::NotAssigned, review, .. } => json!({
                "rev": review.rev,
                "status": review.status,
                "assigned_to": review.terms.assignment,
            }),
            Self::Refused { refusal: Refusal::OwnVersion | Refusal::AlreadyApproved, review, .. } => json!({
                "rev": review.rev,
                "status": review.status,
                "approvals": review.terms.approvals,
            }),
            Self::Refused { refusal: Refusal::ClaimEnded, review, .. } => json!({
                "rev": review.rev,
                "status": review.status,
                "workflow_run_id": review.id.run,
                "block_id": review.id.block,
            }),
            Self::Refused { refusal: Refusal::TooManyVersions, review, .. } => {
                limited(review, MAX_VERSIONS as usize)
            }
            Self::Refused { refusal: Refusal::TooManyApprovals, review, .. } => {
                limited(review, MAX_UNFINISHED_APPROVALS)
            }
            Self::Refused { refusal: Refusal::TooManyEscalations, review, .. } => {
                limited(review, MAX_ESCALATIONS)
            }
            Self::Refused { refusal: Refusal::TooManyAssignments, review, .. } => {
                limited(review, usize::from(MAX_ASSIGNMENTS))
            }
            Self::Refused { refusal: Refusal::TooManyComments, review, .. } => {
                limited(review, MAX_COMMENTS as usize)
            }
            Self::Refused { refusal: Refusal::TooManyReopenings, review, .. } => {
                limited(review, MAX_REOPENINGS)
            }
            Self::ReviewExists { review, differs } => json!({
                "rev": review.rev,
                "status": review.status,
                "head_seq": review.head_seq,
                "resume": review.resume,
                "differs": differs,
            }),
            Self::Refused { review, .. } => json!({ "rev": review.rev, "status": review.status }),
            Self::SnapshotTooLarge { limit, size, .. }
            | Self::BodyTooLarge { limit, size }
            | Self::ResponseTooLarge { limit, size } => {
                json!({ "limit_bytes": limit, "size_bytes": size })
            }
            Self::TooManyWebhooks { limit }
            | Self::TooManyInvites { limit }
            | Self::TooManySubscriptions { limit }
            | Self::TooManyIssuers { limit } => json!({ "limit": limit }),
            Self::SubscriptionChanged { rev } | Self::SignInChanged { rev } => json!({ "rev": rev }),
            Self::MemberChanged { rev } => json!({ "rev": rev }),
            Self::PageUnavailable { reason } => json!({ "reason": reason }),
            Self::Forbidden { scope } => json!({ "scope": scope.as_str() }),
            Self::MethodNotAllowed { allow } => json!({ "allow": allow }),
            Self::Invalid(FieldErrors { listed, omitted: 0 }) => json!({ "errors": listed }),
            Self::Invalid(FieldErrors { listed, omitted }) => json!({ "errors": listed, "omitted": omitted }),
            Self::Unauthenticated
            | Self::OtherOrigin
            | Self::ReviewNotFound
            | Self::VersionNotFound
            | Self::DocumentNotFound
            | Self::NoBucket
            | Self::Bucket(_)
            | Self::WebhookNotFound
            | Self::PolicyNotFound
            | Self::MemberNotFound
            | Self::InviteNotFound
            | Self::KeyNotFound
            | Self::LastAdmin
            | Self::IssuerNotFound
            | Self::SubscriptionNotFound
            | Self::NoAdminSignsIn
            | Self::RendererBusy
            | Self::Renderer(_)
            | Self::RouteNotFound
            | Self::TrailingSlash { .. }
            | Self::Panicked
            | Self::Store(_) => Value::Null,
        })
    }

    /// The error as an answer.
    pub fn reply(&self) -> Reply {
        let detail = Detail { code: self.code(), message: self.to_string(), details: self.details() };
        let reply = self.with_headers(Reply::json(self.status(), &Body { detail }));
        match self {
            Self::Refused { review, .. }
            | Self::ReviewExists { review, .. }
            | Self::OutputInvalid { review, .. } => reply.at_rev(review.rev).about(&review.id),
            _ => reply,
        }
    }

    /// Adds the headers that belong to this error, whatever the body.
    pub fn with_headers(&self, reply: Reply) -> Reply {
        match self {
            Self::RendererBusy => reply.with_header(header::RETRY_AFTER, "3"),
            Self::Store(StoreError::Throttled(_) | StoreError::Unavailable(_))
            | Self::Bucket(BucketError::Unavailable(_))
            | Self::Renderer(_) => reply.with_header(header::RETRY_AFTER, "1"),
            Self::Refused { refusal: Refusal::ResumeTooSoon { retry_at }, now, .. } => {
                reply.with_header(header::RETRY_AFTER, &seconds_until(*retry_at, *now).to_string())
            }
            Self::MethodNotAllowed { allow } => reply.with_header(header::ALLOW, allow),
            Self::Unauthenticated => reply.with_header(header::WWW_AUTHENTICATE, "Bearer, Api-Key"),
            Self::TrailingSlash { location } => reply.with_header(header::LOCATION, location),
            _ => reply,
        }
    }
}
