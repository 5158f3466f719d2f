//! The store: one table, one linearization point per review, one conditional write per mutation.
//!
//! Owns keys, items, expressions and the SDK client. It must not know HTTP. It is one concrete type on purpose:
//! a fake compare-and-swap would prove nothing. The seams are the endpoint URL and the SDK's own test clients.

mod access;
mod error;
mod handle;
mod items;
mod outbox;
mod outcome;
mod policies;
mod queue;
mod queue_memory;
mod reviews;
mod subscriptions;
mod table;

pub use access::addressees::KnownNames;
pub use access::administration::{AdministrationEntry, AdministrationPage};
pub use access::api_keys::{ApiKey, ApiKeyDigest, KeyRecord, Scope, Scopes};
pub use access::invites::{Invite, InviteToken};
pub use access::issuers::{Issuer, IssuerStored};
pub use access::key_register::{KeyUse, NewKey};
pub use access::member_changes::MemberPage;
pub use access::members::{Away, Identity, Member, Role, StandsInFor};
pub use access::sessions::{ListedSession, Session, SessionHolder, SessionToken};
pub use access::sign_in::SignInBudget;
pub use access::sign_in_attempts::SignInAttempt;
pub use access::sign_in_settings::{SettingsStored, SignInSettings};
pub use error::{StoreError, TooLarge};
pub use handle::Store;
pub use items::due::{DueItem, DuePage, DuePosition, DueWork};
pub use items::due_pages::{DuePages, ShardError};
pub use items::evidence::PackedOpening;
pub use items::meta::{JOURNAL_LIMIT, SCHEMA_VERSION};
pub use items::version::{PackedSnapshot, REVIEW_LIMIT, REVIEW_TEXT_LIMIT, SNAPSHOT_LIMIT};
pub use outbox::backlog_items::Backlog;
pub use outbox::delivery_log::DeliveryAttempt;
pub use outbox::notice_items::Digest;
pub use outbox::notices::MAX_NOTICES;
pub use outbox::redrive::Redriven;
pub use outbox::resume::ResumeAttempt;
pub use outbox::stream::{ReviewChange, StreamChange, StreamRecord};
pub use outbox::webhook::{PreviousSecret, Webhook};
pub use outbox::webhook_count::CreatedWebhook;
pub use outbox::webhook_tests::{RequestedTest, WebhookTest};
pub use outcome::{Outcome, Overlay};
pub use policies::{
    POLICY_AUDIT_PAGE, POLICY_LIST_PAGE, PolicyAuditCursor, PolicyAuditPage, PolicyChange, PolicyEntry,
    PolicyStamp, PutPolicy, StoredPolicy, policy_from_json, policy_to_json,
};
pub use queue::cursor::{Cursor, CursorError, Page};
pub use queue::filter::QueueFilter;
pub use reviews::change::Check;
pub use reviews::comment::Commented;
pub use reviews::deadline::DeadlineOutcome;
pub use reviews::deletion::DeletionRecorded;
pub use reviews::expiry::Expiry;
pub use reviews::read::audit::AuditPage;
pub use reviews::read::audit_cursor::{AuditCursor, AuditCursorError};
pub use reviews::read::history::AUDIT_SHOWN;
#[cfg(feature = "fuzzing")]
pub(crate) use reviews::read::load::{meta, overlay};
pub use subscriptions::SubscriptionStored;
pub use table::client::{
    EndpointKind, RetryTransactionConflicts, Roots, dynamodb, dynamodb_at, sdk, tls_context,
};
pub use table::keys::Due;
pub use table::meter::{Meter, Usage};
