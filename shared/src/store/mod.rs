//! The store: one table, one linearization point per review, one conditional write per mutation.
//!
//! Owns keys, items, expressions and the SDK client. It must not know HTTP. It is one concrete type on purpose:
//! a fake compare-and-swap would prove nothing. The seams are the endpoint URL and the SDK's own test clients.

mod access;
mod items;
mod outbox;
mod queue;
mod reviews;
mod table;

pub use access::api_keys::{ApiKey, ApiKeyDigest, KeyRecord, Scope, Scopes};
pub use access::sessions::{Session, SessionToken};
pub use access::sign_in::SignInBudget;
pub use items::due::{DueItem, DuePage, DuePosition, DueWork};
pub use items::due_pages::{DuePages, ShardError};
pub use items::meta::{JOURNAL_LIMIT, SCHEMA_VERSION};
pub use items::version::{PackedSnapshot, REVIEW_LIMIT, REVIEW_TEXT_LIMIT, SNAPSHOT_LIMIT, TooLarge};
pub use outbox::backlog::Backlog;
pub use outbox::redrive::Redriven;
pub use outbox::resume::BegunResume;
pub use outbox::stream::{ReviewNews, StreamNews, StreamRecord};
pub use outbox::webhook_count::CreatedWebhook;
pub use outbox::webhook_secrets::PreviousSecret;
pub use outbox::webhook_tests::{AskedTest, WebhookTest};
pub use outbox::webhooks::{DeliveryAttempt, Webhook};
pub use queue::list::{Cursor, CursorError, Page, QueueFilter};
pub use reviews::audit::{AuditCursor, AuditCursorError, AuditPage};
pub use reviews::expiry::Expiry;
pub use reviews::history::AUDIT_SHOWN;
#[cfg(feature = "fuzzing")]
pub(crate) use reviews::load::{meta, overlay};
pub use table::client::{RetryTransactionConflicts, Roots, dynamodb, sdk};
pub use table::keys::Due;
pub(crate) use table::keys::hex;
pub use table::meter::{Meter, Usage};

use crate::review::{Actor, AuditEntry, Decision, OutputVersion, Refusal, Review, StaleWrite};
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use queue::memory::QueueMemory;
use std::sync::Arc;

/// The table behind a DynamoDB API.
#[derive(Clone, Debug)]
pub struct Store {
    client: aws_sdk_dynamodb::Client,
    table: String,
    queues: Arc<QueueMemory>,
}

impl Store {
    /// The table of that name behind `client`. Does no I/O.
    pub fn new(client: aws_sdk_dynamodb::Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into(), queues: Arc::new(QueueMemory::new()) }
    }

    /// The client it uses.
    pub fn client(&self) -> &aws_sdk_dynamodb::Client {
        &self.client
    }

    /// The table's name.
    pub fn table(&self) -> &str {
        &self.table
    }
}

/// A review with all that is kept beside it: what `get` answers.
#[derive(Clone, Debug, PartialEq)]
pub struct Overlay {
    /// The review.
    pub review: Review,
    /// All versions, ascending.
    pub versions: Vec<OutputVersion>,
    /// Audit entries that have left the journal, oldest first: the newest ones, as many as an answer shows, or more.
    pub older_audit: Vec<AuditEntry>,
    /// All decisions that have left the journal, oldest first.
    pub older_decisions: Vec<Decision>,
    /// The newest stale writes that were rejected, by their stamps.
    pub stale: Vec<StaleWrite>,
    /// What the versions take in the table, in bytes.
    pub(crate) stored_bytes: usize,
}

impl Overlay {
    /// Who opened it, if its first audit entry is among those at hand.
    fn opened_by_at_hand(&self) -> Option<&Actor> {
        let entries = self.older_audit.iter().chain(&self.review.journal);
        entries.take(1).find(|entry| entry.is_opening()).map(|entry| &entry.actor)
    }
}

/// What became of a mutating call.
#[must_use]
#[derive(Debug)]
pub enum Outcome {
    /// It is done, now or by an earlier try of the same request.
    Done {
        /// The overlay as it stands.
        overlay: Box<Overlay>,
        /// Whether an earlier request had done it.
        replayed: bool,
    },
    /// It is not done; the review as it stood when it was refused.
    Refused(Refusal, Box<Review>),
    /// It is not done: the gate fired again with other content; the review as it stood, and the fields that differ.
    Exists(Box<Review>, Vec<&'static str>),
    /// It is not done: its snapshot does not fit.
    TooLarge(TooLarge),
    /// There is no such review in this organization.
    Missing,
}

impl Outcome {
    pub(crate) fn done(overlay: Overlay, replayed: bool) -> Self {
        Self::Done { overlay: Box::new(overlay), replayed }
    }
}

/// Why the store could not answer.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// DynamoDB throttled past our retries.
    #[error("DynamoDB throttled: {0}")]
    Throttled(String),
    /// DynamoDB could not be reached, did not answer in time or failed.
    #[error("DynamoDB is unavailable: {0}")]
    Unavailable(String),
    /// DynamoDB refused a request that should not have been refused.
    #[error("DynamoDB refused the request: {0}")]
    Rejected(String),
    /// An item does not read as what its key says it is.
    #[error("the item is not readable: {0}")]
    Corrupt(String),
}

impl StoreError {
    /// Whether it will be the same a moment later: nothing but a person's doing ends it.
    pub const fn is_permanent(&self) -> bool {
        matches!(self, Self::Rejected(_) | Self::Corrupt(_))
    }

    /// Sorts an SDK error by what a caller can do about it.
    ///
    /// Only the error's code and message are kept: its debug form holds items, and items hold documents.
    pub fn from_sdk<E, R>(error: &SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata,
    {
        const THROTTLES: [&str; 5] = [
            "ProvisionedThroughputExceededException",
            "RequestLimitExceeded",
            "ThrottlingException",
            "TransactionConflictException",
            "TransactionInProgressException",
        ];
        match error {
            SdkError::ServiceError(service) => {
                let code = service.err().code().unwrap_or("unknown");
                let text = format!("{code}: {}", service.err().message().unwrap_or("no message"));
                match code {
                    code if THROTTLES.contains(&code) => Self::Throttled(text),
                    "InternalServerError" | "ServiceUnavailable" | "unknown" => Self::Unavailable(text),
                    _ => Self::Rejected(text),
                }
            }
            SdkError::TimeoutError(_) => Self::Unavailable("timed out".into()),
            SdkError::DispatchFailure(failure) => {
                let cause = failure.as_connector_error().map(|error| chain(error));
                Self::Unavailable(cause.unwrap_or_else(|| "dispatch failed".into()))
            }
            SdkError::ResponseError(_) => Self::Unavailable("the answer was cut off or unreadable".into()),
            _ => Self::Rejected("the request could not be built".into()),
        }
    }
}

/// An error and what caused it, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// The `?` of SDK calls.
trait SdkResult<T> {
    fn or_store_error(self) -> Result<T, StoreError>;
}

impl<T, E: ProvideErrorMetadata, R> SdkResult<T> for Result<T, SdkError<E, R>> {
    fn or_store_error(self) -> Result<T, StoreError> {
        self.map_err(|error| StoreError::from_sdk(&error))
    }
}
