//! Every way in which a call can fail.

use super::message::{
    bucket_message, exists_message, invalid_message, output_message, page_message, policy_conflict_message,
    refusal_message, store_message,
};
use super::{Code, FieldErrors};
use crate::api::responses::OutputFindings;
use crate::bucket::BucketError;
use crate::review::{Actor, Refusal, Rev, Review, Timestamp};
use crate::store::{Scope, StoreError, StoredPolicy, TooLarge};
use lambda_http::http::StatusCode;

/// Why a call failed. [`Error::row`] gives each variant its code and status.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The key is missing, malformed, unknown, revoked or expired. The answer does not say which.
    #[error(
        "The API key is missing or not valid. Send one that is neither revoked nor expired, as Api-Key or Authorization: Bearer."
    )]
    Unauthenticated,
    /// The key is valid and lacks the scope.
    #[error("This API key lacks the scope `{}`. Use a key that has it, or ask an administrator for one.", .scope.as_str())]
    Forbidden {
        /// The scope that it lacks.
        scope: Scope,
    },
    /// There is no such review, or it belongs to another organization.
    #[error(
        "There is no review here. The workflow may not have reached its gate yet, or run_id or block_id is wrong."
    )]
    ReviewNotFound,
    /// The review has no such version.
    #[error("There is no version with this number here.")]
    VersionNotFound,
    /// The review has no such document, or it is no longer kept.
    #[error(
        "There is no document with this id here. It may have been deleted, on request or because of its age."
    )]
    DocumentNotFound,
    /// The deployment has no bucket for documents.
    #[error("This deployment keeps no documents: it has no bucket.")]
    NoBucket,
    /// A page of a document cannot be shown.
    #[error("{}", page_message(.reason))]
    PageUnavailable {
        /// Why, as a word.
        reason: &'static str,
    },
    /// Too many pages are rendered at the moment.
    #[error("Too many pages are rendered at the moment. Try again in a few seconds.")]
    RendererBusy,
    /// No page can be rendered: a defect of the deployment.
    #[error("Pages cannot be rendered at the moment. Try again in a few seconds.")]
    Renderer(String),
    /// The organization has no such webhook.
    #[error("There is no webhook with this id.")]
    WebhookNotFound,
    /// The workflow has no policy.
    #[error("The workflow has no policy.")]
    PolicyNotFound,
    /// A policy has changed since the caller has seen it.
    #[error("{}", policy_conflict_message(*.stamp, .policy.as_deref()))]
    PolicyConflict {
        /// The `version_stamp` that the caller sent.
        stamp: Rev,
        /// The policy as it is; none where there never was one.
        policy: Option<Box<StoredPolicy>>,
    },
    /// The organization has no such member.
    #[error("There is no member with this id.")]
    MemberNotFound,
    /// The organization has no such issuer.
    #[error("There is no issuer with this id.")]
    IssuerNotFound,
    /// The organization has no such invite.
    #[error("There is no invite with this id. It may have been used or deleted, or it has ended.")]
    InviteNotFound,
    /// The organization has no such key, or it is no longer valid.
    #[error("There is no API key with this id, or it is revoked or expired.")]
    KeyNotFound,
    /// Somebody has changed the member since.
    #[error("Somebody has changed this member: it is at rev {rev}. Read it again and retry.")]
    MemberChanged {
        /// The member's `rev`.
        rev: u64,
    },
    /// No administrator would be left.
    #[error(
        "Nobody would be left who administers the organization. Make another member an administrator first."
    )]
    LastAdmin,
    /// Somebody has changed how people sign in since.
    #[error("Somebody has changed this meanwhile. Read it again and retry.")]
    SignInChanged {
        /// The `rev` of what was to be changed; `None` if it is not there.
        rev: Option<u64>,
    },
    /// Nobody could sign in and administer any more.
    #[error(
        "No administrator could sign in any more: without API keys, one must have signed in at an issuer that stays."
    )]
    NoAdminSignsIn,
    /// The organization has as many issuers as it can have.
    #[error("There are {limit} issuers already, which is the limit. Delete one first.")]
    TooManyIssuers {
        /// How many there can be.
        limit: usize,
    },
    /// The organization has no such subscription, or it is another's.
    #[error("There is no subscription with this id.")]
    SubscriptionNotFound,
    /// Somebody has changed the subscription since.
    #[error("Somebody has changed this subscription meanwhile. Read it again and retry.")]
    SubscriptionChanged {
        /// Its `rev`; `None` if it is not there any more.
        rev: Option<u64>,
    },
    /// The organization, the member or the group has as many subscriptions as it can have.
    #[error("There are {limit} subscriptions already, which is the limit. Delete one first.")]
    TooManySubscriptions {
        /// How many there can be.
        limit: usize,
    },
    /// The organization has as many invites as it can have.
    #[error("There are {limit} invites already, which is the limit. Delete one first.")]
    TooManyInvites {
        /// How many there can be.
        limit: usize,
    },
    /// The organization has as many webhooks as it can have.
    #[error("There are {limit} webhooks already, which is the limit. Delete one first.")]
    TooManyWebhooks {
        /// How many there can be.
        limit: usize,
    },
    /// A form that did not come from one of our pages.
    #[error(
        "This form was sent by another site, or by a page that is too old. Load the page again and retry."
    )]
    OtherOrigin,
    /// There is no such path.
    #[error("There is nothing at this path. Reviews are below /v1/workflows/reviews.")]
    RouteNotFound,
    /// The same path without its last slash is a route.
    #[error("This call is at {location}, without a slash at the end.")]
    TrailingSlash {
        /// The path without the slash.
        location: String,
    },
    /// The path does not take this method.
    #[error("This path does not take that method; it takes {allow}.")]
    MethodNotAllowed {
        /// The methods that it takes.
        allow: String,
    },
    /// A rule of the review refuses the change.
    #[error("{}", refusal_message(*.refusal, .review, *.stamp, *.now, .caller.as_ref()))]
    Refused {
        /// Which rule.
        refusal: Refusal,
        /// The review at that time.
        review: Box<Review>,
        /// The `version_stamp` that the caller sent.
        stamp: Rev,
        /// When.
        now: Timestamp,
        /// The caller, where it is known.
        caller: Option<Actor>,
    },
    /// What is approved does not fit its schema, and the policy asks that it does.
    #[error("{}", output_message(.findings))]
    OutputInvalid {
        /// The review as it is.
        review: Box<Review>,
        /// What does not fit.
        findings: OutputFindings,
    },
    /// The review was opened before with other content.
    #[error("{}", exists_message(.review, .differs))]
    ReviewExists {
        /// The existing review.
        review: Box<Review>,
        /// The fields of the body that differ.
        differs: Vec<&'static str>,
    },
    /// A snapshot, or a body with one, is too large.
    #[error("{what} takes {size} bytes; the limit is {limit}.")]
    SnapshotTooLarge {
        /// What is too large.
        what: &'static str,
        /// In bytes.
        limit: usize,
        /// In bytes.
        size: usize,
    },
    /// A body without a snapshot is too large.
    #[error("The request body is too large: {size} bytes; the limit for this call is {limit}.")]
    BodyTooLarge {
        /// In bytes.
        limit: usize,
        /// In bytes.
        size: usize,
    },
    /// The answer is larger than Lambda can send.
    #[error(
        "The answer takes {size} bytes; the limit is {limit}. Accept gzip, or read single versions with GET \
         …/versions/{{seq}}. A requested change has been made."
    )]
    ResponseTooLarge {
        /// In bytes.
        limit: usize,
        /// In bytes.
        size: usize,
    },
    /// The request is not valid.
    #[error("{}", invalid_message(.0))]
    Invalid(FieldErrors),
    /// The handler panicked: a defect on our side.
    #[error("Something went wrong on our side. It has been logged.")]
    Panicked,
    /// The store could not answer.
    #[error("{}", store_message(.0))]
    Store(#[from] StoreError),
    /// The bucket of documents could not answer.
    #[error("{}", bucket_message(.0))]
    Bucket(BucketError),
}

impl From<TooLarge> for Error {
    fn from(TooLarge { what, limit, size }: TooLarge) -> Self {
        Self::SnapshotTooLarge { what, limit, size }
    }
}

/// What is not there is a document that is not there.
impl From<BucketError> for Error {
    fn from(error: BucketError) -> Self {
        if error == BucketError::NotFound { Self::DocumentNotFound } else { Self::Bucket(error) }
    }
}

impl From<FieldErrors> for Error {
    fn from(errors: FieldErrors) -> Self {
        Self::Invalid(errors)
    }
}

impl Error {
    /// Its row of the table of codes.
    pub const fn row(&self) -> Code {
        match self {
            Self::Unauthenticated => Code::Unauthenticated,
            Self::Forbidden { .. } | Self::OtherOrigin => Code::Forbidden,
            Self::ReviewNotFound => Code::ReviewNotFound,
            Self::VersionNotFound => Code::VersionNotFound,
            Self::DocumentNotFound => Code::DocumentNotFound,
            Self::PageUnavailable { .. } => Code::PageUnavailable,
            Self::RendererBusy => Code::RendererBusy,
            Self::WebhookNotFound => Code::WebhookNotFound,
            Self::PolicyNotFound => Code::PolicyNotFound,
            Self::PolicyConflict { .. } => Code::VersionConflict,
            Self::TooManyWebhooks { .. } => Code::TooManyWebhooks,
            Self::MemberNotFound => Code::MemberNotFound,
            Self::InviteNotFound => Code::InviteNotFound,
            Self::KeyNotFound => Code::KeyNotFound,
            Self::MemberChanged { .. } => Code::MemberChanged,
            Self::LastAdmin => Code::LastAdmin,
            Self::SignInChanged { .. } => Code::SignInChanged,
            Self::NoAdminSignsIn => Code::NoAdminSignsIn,
            Self::TooManyIssuers { .. } => Code::TooManyIssuers,
            Self::IssuerNotFound => Code::IssuerNotFound,
            Self::SubscriptionNotFound => Code::SubscriptionNotFound,
            Self::SubscriptionChanged { .. } => Code::SubscriptionChanged,
            Self::TooManySubscriptions { .. } => Code::TooManySubscriptions,
            Self::TooManyInvites { .. } => Code::TooManyInvites,
            Self::RouteNotFound => Code::RouteNotFound,
            Self::TrailingSlash { .. } => Code::TrailingSlash,
            Self::MethodNotAllowed { .. } => Code::MethodNotAllowed,
            Self::Refused { refusal, .. } => match refusal {
                Refusal::VersionConflict => Code::VersionConflict,
                Refusal::NotOpen => Code::ReviewNotOpen,
                Refusal::NotDecided => Code::ReviewNotDecided,
                Refusal::NoSuchVersion { .. }
                | Refusal::NotNewestVersion { .. }
                | Refusal::UnknownAddressee => Code::ValidationError,
                Refusal::CommandIdReused => Code::CommandIdReused,
                Refusal::AlreadyResumed => Code::AlreadyResumed,
                Refusal::NothingToResume => Code::NothingToResume,
                Refusal::ResumeTooSoon { .. } => Code::ResumeTooSoon,
                Refusal::NothingToAcknowledge => Code::NothingToAcknowledge,
                Refusal::DecisionSuperseded => Code::DecisionSuperseded,
                Refusal::ClaimEnded => Code::ClaimEnded,
                Refusal::TooManyVersions | Refusal::TooManyApprovals => Code::TooManyVersions,
                Refusal::TooManyAssignments => Code::TooManyAssignments,
                Refusal::TooManyEscalations => Code::TooManyEscalations,
                Refusal::TooManyReopenings => Code::TooManyReopenings,
                Refusal::TooManyComments => Code::TooManyComments,
                Refusal::NotAssigned => Code::NotAssigned,
                Refusal::OwnVersion => Code::OwnVersion,
                Refusal::AlreadyApproved => Code::AlreadyApproved,
                Refusal::OutputInvalid => Code::OutputInvalid,
            },
            Self::OutputInvalid { .. } => Code::OutputInvalid,
            Self::ReviewExists { .. } => Code::ReviewExists,
            Self::SnapshotTooLarge { .. } => Code::SnapshotTooLarge,
            Self::ResponseTooLarge { .. } => Code::ResponseTooLarge,
            Self::BodyTooLarge { .. } => Code::BodyTooLarge,
            Self::Invalid(_) => Code::ValidationError,
            Self::Store(StoreError::Throttled(_)) => Code::Throttled,
            Self::Store(StoreError::Unavailable(_))
            | Self::Bucket(BucketError::Unavailable(_))
            | Self::NoBucket
            | Self::Renderer(_) => Code::Unavailable,
            Self::Store(_) | Self::Bucket(_) | Self::Panicked => Code::Internal,
        }
    }

    /// Its code on the wire.
    pub const fn code(&self) -> &'static str {
        self.row().as_str()
    }

    /// Its HTTP status.
    pub const fn status(&self) -> StatusCode {
        self.row().status()
    }

    /// Whether the `version_stamp` was stale.
    pub const fn is_conflict(&self) -> bool {
        matches!(self, Self::Refused { refusal: Refusal::VersionConflict, .. })
    }

    /// The cause, for the log alone.
    pub(in crate::api) fn cause(&self) -> Option<String> {
        match self {
            Self::Store(error) => Some(error.to_string()),
            Self::Bucket(error) => Some(error.to_string()),
            Self::NoBucket => Some("HOLDPOINT_BUCKET is not set".into()),
            Self::Renderer(error) => Some(error.clone()),
            // The panic hook has logged the place. The message is not logged: it may hold parts of a document.
            Self::Panicked => Some("the handler panicked".into()),
            _ => None,
        }
    }

    /// Names the caller: a message about the caller's own claim should not name a third person.
    #[must_use]
    pub(in crate::api) fn addressed_to(mut self, actor: &Actor) -> Self {
        if let Self::Refused { caller, .. } = &mut self {
            *caller = Some(actor.clone());
        }
        self
    }
}
