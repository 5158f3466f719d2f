//! The store: one table, one linearization point per review, one conditional write per mutation.
//!
//! Owns keys, items, expressions and the SDK client. It must not know HTTP. It is one concrete type on purpose:
//! a fake compare-and-swap would prove nothing. The seams are the endpoint URL and the SDK's own test clients.

mod access;
mod api_keys;
mod audit;
mod backlog;
mod change;
mod claim_next;
mod claims;
mod client;
mod commit;
mod count;
mod decided;
mod due;
mod expiry;
mod expressions;
mod history;
mod item;
mod keys;
mod load;
mod meter;
mod open;
mod pages;
mod queue;
mod queue_memory;
mod redrive;
mod resume;
mod sessions;
mod sign_in;
mod snapshot;
mod stale;
mod stored;
mod stream;
mod webhook_count;
mod webhook_secrets;
mod webhook_tests;
mod webhooks;

pub use api_keys::{ApiKey, ApiKeyDigest, KeyRecord, Scope, Scopes};
pub use audit::{AuditCursor, AuditCursorFault, AuditPage};
pub use backlog::Backlog;
pub use client::{RetryTransactionConflicts, Roots, dynamodb, sdk};
pub use due::{DueItem, DuePage, DuePosition, DueWork};
pub use expiry::Expiry;
pub use history::AUDIT_SHOWN;
pub use item::{JOURNAL_LIMIT, SCHEMA_VERSION};
pub use keys::Due;
pub(crate) use keys::hex;
#[cfg(feature = "fuzzing")]
pub(crate) use load::{meta, overlay};
pub use meter::{Meter, Usage};
pub use queue::{Cursor, CursorFault, Page, QueueFilter};
pub use redrive::Redriven;
pub use resume::BegunResume;
pub use sessions::{Session, SessionToken};
pub use sign_in::SignInBudget;
pub use snapshot::{PackedSnapshot, REVIEW_LIMIT, REVIEW_TEXT_LIMIT, SNAPSHOT_LIMIT, TooLarge};
pub use stream::{ReviewNews, StreamNews, StreamRecord};
pub use webhook_count::CreatedWebhook;
pub use webhook_secrets::PreviousSecret;
pub use webhook_tests::{AskedTest, WebhookTest};
pub use webhooks::{DeliveryAttempt, Webhook};

use crate::review::{Actor, AuditEntry, Decision, OutputVersion, Refusal, Review, StaleWrite};
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use queue_memory::QueueMemory;
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
    pub const fn lasts(&self) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_dynamodb::operation::get_item::GetItemError;

    #[test]
    fn what_got_no_whole_answer_may_be_asked_again() {
        type Failed = SdkError<GetItemError, ()>;
        for error in [Failed::timeout_error("late"), Failed::response_error("cut off", ())] {
            let error = StoreError::from_sdk(&error);
            assert!(matches!(error, StoreError::Unavailable(_)) && !error.lasts(), "{error}");
        }
        assert!(StoreError::from_sdk(&Failed::construction_failure("no region")).lasts());
    }
}
