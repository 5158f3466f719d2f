//! The one table of errors: every way a call can fail, its status, its code, what it tells the client.

use super::{FieldError, FieldErrors, Reply};
use crate::review::{
    Actor, AuditEntry, Claim, MAX_ESCALATIONS, MAX_REOPENINGS, MAX_VERSIONS, Refusal, Rev, Review, Seq,
    Status, Timestamp,
};
use crate::store::{Scope, StoreError, TooLarge};
use lambda_http::http::{StatusCode, header};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

/// Why a call failed. Each variant is one row of the contract's table.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No usable key: missing, malformed, unknown, revoked or expired. One answer for all.
    #[error(
        "The API key is missing or not valid. Send one that is neither revoked nor expired, as Api-Key or Authorization: Bearer."
    )]
    Unauthenticated,
    /// The key is good but may not do this.
    #[error("This API key lacks the scope `{}`. Use a key that has it, or ask an administrator for one.", .scope.as_str())]
    Forbidden {
        /// What it lacks.
        scope: Scope,
    },
    /// No such review, or another organization's.
    #[error(
        "There is no review here. The workflow may not have reached its gate yet, or run_id or block_id is wrong."
    )]
    ReviewNotFound,
    /// The review has no such version.
    #[error("There is no version with this number here.")]
    VersionNotFound,
    /// The organization has no such webhook.
    #[error("There is no webhook with this id.")]
    WebhookNotFound,
    /// The organization has as many webhooks as it can have.
    #[error("There are {limit} webhooks already, which is the limit. Delete one first.")]
    TooManyWebhooks {
        /// How many there can be.
        limit: usize,
    },
    /// A form that no page of ours has sent.
    #[error(
        "This form was sent by another site, or by a page that is too old. Load the page again and retry."
    )]
    OtherOrigin,
    /// No such path.
    #[error("There is nothing at this path. Reviews are below /v1/workflows/reviews.")]
    RouteNotFound,
    /// The same path without its last slash is one of ours.
    #[error("This call is at {location}, without a slash at the end.")]
    TrailingSlash {
        /// Where it is.
        location: String,
    },
    /// Not with this method.
    #[error("This path does not take that method; it takes {allow}.")]
    MethodNotAllowed {
        /// What it takes.
        allow: String,
    },
    /// The review's own rules refuse.
    #[error("{}", refusal_message(*.refusal, .review, *.stamp, *.now, .caller.as_ref()))]
    Refused {
        /// Which rule.
        refusal: Refusal,
        /// The review as it stood.
        review: Box<Review>,
        /// What the caller had seen.
        stamp: Rev,
        /// When.
        now: Timestamp,
        /// Who is told, where that is known.
        caller: Option<Actor>,
    },
    /// The gate fired again with other content.
    #[error("{}", exists_message(.review, .differs))]
    ReviewExists {
        /// The review that is there.
        review: Box<Review>,
        /// The fields of the body whose content is another.
        differs: Vec<&'static str>,
    },
    /// A snapshot, or a body that can only be so large by its snapshot, is over the limit.
    #[error("{what} takes {size} bytes; the limit is {limit}.")]
    SnapshotTooLarge {
        /// What is too large.
        what: &'static str,
        /// In bytes.
        limit: usize,
        /// In bytes.
        size: usize,
    },
    /// A body without a snapshot is over the limit.
    #[error("The request body is too large: {size} bytes; the limit for this call is {limit}.")]
    BodyTooLarge {
        /// In bytes.
        limit: usize,
        /// In bytes.
        size: usize,
    },
    /// The answer is over what Lambda can carry.
    #[error(
        "The answer takes {size} bytes; the limit is {limit}. Accept gzip, or read single versions with GET \
         …/versions/{{seq}}. A change that was asked for has been made."
    )]
    ResponseTooLarge {
        /// In bytes.
        limit: usize,
        /// In bytes.
        size: usize,
    },
    /// The request does not say what it should.
    #[error("{}", invalid_message(.0))]
    Invalid(FieldErrors),
    /// The handler panicked: a defect of ours.
    #[error("Something went wrong on our side. It has been logged.")]
    Panicked,
    /// The store could not answer.
    #[error("{}", store_message(.0))]
    Store(#[from] StoreError),
}

fn refusal_message(
    refusal: Refusal,
    review: &Review,
    stamp: Rev,
    now: Timestamp,
    caller: Option<&Actor>,
) -> String {
    match refusal {
        Refusal::VersionConflict => conflict_message(review, stamp, now, caller),
        Refusal::NotOpen => "The review is already decided; this needs one that awaits review.".into(),
        Refusal::NotDecided => "The review is not decided, so there is nothing to reopen.".into(),
        Refusal::NoSuchVersion { field, .. } => format!("{field} names a version that does not exist."),
        Refusal::CommandIdReused => "This command_id was used for a different request. Use a new one.".into(),
        Refusal::AlreadyResumed => {
            "The run has been resumed with the decision, or may have been. To open the review again all the same, send \
             force: true; the run will not be taken back."
                .into()
        }
        Refusal::NothingToResume => {
            "There is no failed delivery to try again: nobody waits, nothing is decided, or the run is resumed.".into()
        }
        Refusal::ResumeTooSoon { retry_at } => format!(
            "Another try was asked for a moment ago. Ask again in {} seconds, should it fail.",
            seconds_until(retry_at, now)
        ),
        Refusal::NothingToAcknowledge => {
            "The run does not ask for its decision: the review was opened without resume.kind `poll`.".into()
        }
        Refusal::DecisionSuperseded => {
            "This is not the decision that stands: the review was opened again, or decided anew. Read its decision again."
                .into()
        }
        Refusal::ClaimEnded => {
            "The claim that this Idempotency-Key took is over. Send another key to claim the next review.".into()
        }
        Refusal::TooManyVersions => {
            format!(
                "The review has {MAX_VERSIONS} versions, which is the limit. It can be approved or rejected as it is."
            )
        }
        Refusal::TooManyEscalations => {
            format!(
                "The review was escalated {MAX_ESCALATIONS} times, which is the limit. It can be approved or rejected."
            )
        }
        Refusal::TooManyReopenings => {
            format!("The review was reopened {MAX_REOPENINGS} times, which is the limit. Its last decision stands.")
        }
    }
}

fn conflict_message(review: &Review, stamp: Rev, now: Timestamp, caller: Option<&Actor>) -> String {
    let held = review.claim_at(now).map_or_else(String::new, |claim| {
        if caller.is_some_and(|caller| claim.holder.is(caller)) {
            format!(" You are reviewing it until {}.", claim.expires_at)
        } else {
            format!(" {} is reviewing it until {}.", claim.holder.display_name, claim.expires_at)
        }
    });
    let (stamp, rev) = (stamp.0, review.rev.0);
    if stamp > rev {
        // No answer of ours had this stamp, unless a backup was restored since.
        format!(
            "version_stamp is {stamp}, but the review is only at rev {rev}.{held} Send the rev that you have read."
        )
    } else {
        format!(
            "The review has moved on: version_stamp is {stamp}, its rev is {rev}.{held} Read it again and retry."
        )
    }
}

/// The seconds until a time, rounded up, at least 1.
fn seconds_until(time: Timestamp, now: Timestamp) -> i64 {
    (time.millis().saturating_sub(now.millis()).max(1) + 999) / 1000
}

fn exists_message(review: &Review, differs: &[&str]) -> String {
    let first = format!(
        "A review of this run and block exists, and {} is different. Opening is not updating. ",
        differs.join(", ")
    );
    let then = if review.status == Status::AwaitingReview {
        "Append a version to correct the output; or send if_exists: adopt to be answered with the review as it is, or if_exists: \
         supersede to append this output as a version of the model."
    } else {
        "It is decided. Send if_exists: adopt to be answered with the review as it is."
    };
    first + then
}

fn limited(review: &Review, limit: usize) -> Value {
    json!({ "rev": review.rev, "status": review.status, "limit": limit })
}

fn invalid_message(FieldErrors { listed, omitted }: &FieldErrors) -> String {
    let Some(first) = listed.first() else { return "The request is not valid.".into() };
    let first_words = format!("{}: {}", first.loc.join("."), first.message);
    match listed.len() - 1 + omitted {
        0 => format!("{first_words}."),
        more => format!("{first_words}; and {more} more, see details.errors."),
    }
}

const fn store_message(error: &StoreError) -> &'static str {
    match error {
        StoreError::Throttled(_) => "Too many requests for the database right now. Retry after a moment.",
        StoreError::Unavailable(_) => {
            "The service is unavailable right now. Retry: a request that was already carried out is not repeated."
        }
        StoreError::Rejected(_) | StoreError::Corrupt(_) => {
            "Something went wrong on our side. It has been logged."
        }
    }
}

/// The wire's shape of every error: what the published client parses.
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
    Other(Value),
}

/// What a caller whose `version_stamp` is stale needs to go on.
#[derive(Serialize, JsonSchema)]
pub struct ConflictDetails<'a> {
    /// What was sent.
    version_stamp: Rev,
    /// What it would have to be.
    rev: Rev,
    /// Where the review stands.
    status: Status,
    /// Who works on it.
    claim: Option<&'a Claim>,
    /// The newest version.
    head_seq: Seq,
    /// What has happened since, newest last, as far as the journal reaches.
    changes: Vec<&'a AuditEntry>,
}

impl From<TooLarge> for Error {
    fn from(TooLarge { what, limit, size }: TooLarge) -> Self {
        Self::SnapshotTooLarge { what, limit, size }
    }
}

impl Error {
    const fn row(&self) -> (StatusCode, &'static str) {
        match self {
            Self::Unauthenticated => (StatusCode::UNAUTHORIZED, "unauthenticated"),
            Self::Forbidden { .. } | Self::OtherOrigin => (StatusCode::FORBIDDEN, "forbidden"),
            Self::ReviewNotFound => (StatusCode::NOT_FOUND, "review_not_found"),
            Self::VersionNotFound => (StatusCode::NOT_FOUND, "version_not_found"),
            Self::WebhookNotFound => (StatusCode::NOT_FOUND, "webhook_not_found"),
            Self::TooManyWebhooks { .. } => (StatusCode::CONFLICT, "too_many_webhooks"),
            Self::RouteNotFound => (StatusCode::NOT_FOUND, "route_not_found"),
            Self::TrailingSlash { .. } => (StatusCode::PERMANENT_REDIRECT, "trailing_slash"),
            Self::MethodNotAllowed { .. } => (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"),
            Self::Refused { refusal, .. } => match refusal {
                Refusal::VersionConflict => (StatusCode::CONFLICT, "version_conflict"),
                Refusal::NotOpen => (StatusCode::CONFLICT, "review_not_open"),
                Refusal::NotDecided => (StatusCode::CONFLICT, "review_not_decided"),
                Refusal::NoSuchVersion { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "validation_error"),
                Refusal::CommandIdReused => (StatusCode::CONFLICT, "command_id_reused"),
                Refusal::AlreadyResumed => (StatusCode::CONFLICT, "already_resumed"),
                Refusal::NothingToResume => (StatusCode::CONFLICT, "nothing_to_resume"),
                Refusal::ResumeTooSoon { .. } => (StatusCode::TOO_MANY_REQUESTS, "resume_too_soon"),
                Refusal::NothingToAcknowledge => (StatusCode::CONFLICT, "nothing_to_acknowledge"),
                Refusal::DecisionSuperseded => (StatusCode::CONFLICT, "decision_superseded"),
                Refusal::ClaimEnded => (StatusCode::CONFLICT, "claim_ended"),
                Refusal::TooManyVersions => (StatusCode::CONFLICT, "too_many_versions"),
                Refusal::TooManyEscalations => (StatusCode::CONFLICT, "too_many_escalations"),
                Refusal::TooManyReopenings => (StatusCode::CONFLICT, "too_many_reopenings"),
            },
            Self::ReviewExists { .. } => (StatusCode::CONFLICT, "review_exists"),
            Self::SnapshotTooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "snapshot_too_large"),
            Self::ResponseTooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "response_too_large"),
            Self::BodyTooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "body_too_large"),
            Self::Invalid(_) => (StatusCode::UNPROCESSABLE_ENTITY, "validation_error"),
            Self::Store(StoreError::Throttled(_)) => (StatusCode::TOO_MANY_REQUESTS, "throttled"),
            Self::Store(StoreError::Unavailable(_)) => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
            Self::Store(_) | Self::Panicked => (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
        }
    }

    /// The contract's code.
    pub const fn code(&self) -> &'static str {
        self.row().1
    }

    /// The contract's status.
    pub const fn status(&self) -> StatusCode {
        self.row().0
    }

    /// Whether the stamp was stale.
    pub const fn is_conflict(&self) -> bool {
        matches!(self, Self::Refused { refusal: Refusal::VersionConflict, .. })
    }

    /// What only the log is told.
    pub(super) fn cause(&self) -> Option<String> {
        match self {
            Self::Store(error) => Some(error.to_string()),
            // Where, the panic hook has said; what, may hold anything.
            Self::Panicked => Some("the handler panicked".into()),
            _ => None,
        }
    }

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
            Self::Refused { refusal: Refusal::ClaimEnded, review, .. } => json!({
                "rev": review.rev,
                "status": review.status,
                "workflow_run_id": review.id.run,
                "block_id": review.id.block,
            }),
            Self::Refused { refusal: Refusal::TooManyVersions, review, .. } => {
                limited(review, MAX_VERSIONS as usize)
            }
            Self::Refused { refusal: Refusal::TooManyEscalations, review, .. } => {
                limited(review, MAX_ESCALATIONS)
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
            Self::TooManyWebhooks { limit } => json!({ "limit": limit }),
            Self::Forbidden { scope } => json!({ "scope": scope.as_str() }),
            Self::MethodNotAllowed { allow } => json!({ "allow": allow }),
            Self::Invalid(FieldErrors { listed, omitted: 0 }) => json!({ "errors": listed }),
            Self::Invalid(FieldErrors { listed, omitted }) => json!({ "errors": listed, "omitted": omitted }),
            Self::Unauthenticated
            | Self::OtherOrigin
            | Self::ReviewNotFound
            | Self::VersionNotFound
            | Self::WebhookNotFound
            | Self::RouteNotFound
            | Self::TrailingSlash { .. }
            | Self::Panicked
            | Self::Store(_) => Value::Null,
        })
    }

    pub(super) fn reply(&self) -> Reply {
        let (status, code) = self.row();
        let detail = Detail { code, message: self.to_string(), details: self.details() };
        let reply = self.with_headers(Reply::json(status, &Body { detail }));
        match self {
            Self::Refused { review, .. } | Self::ReviewExists { review, .. } => {
                reply.at_rev(review.rev).about(&review.id)
            }
            _ => reply,
        }
    }

    /// Says who is told: a message about the caller's own claim should not name a third person.
    #[must_use]
    pub(super) fn told_to(mut self, actor: &Actor) -> Self {
        if let Self::Refused { caller, .. } = &mut self {
            *caller = Some(actor.clone());
        }
        self
    }

    /// The headers that an answer with this error has, whatever its body.
    pub fn with_headers(&self, reply: Reply) -> Reply {
        match self {
            Self::Store(StoreError::Throttled(_) | StoreError::Unavailable(_)) => {
                reply.with_header(header::RETRY_AFTER, "1")
            }
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
