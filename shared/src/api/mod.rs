//! The HTTP edge: one request in, one answer out, the same on Lambda and locally.
//!
//! It owns authentication, parsing, the table of errors, headers and the request's log line. It must not know the table or the rules
//! of a review. A function passes the [`Handler`] of its [`Endpoint`] to [`serve`].
//!
//! - `requests`: what comes in, and the declarations by which it is read. `responses`: what goes out. `errors`: what goes wrong.
//! - `endpoint`: what one endpoint is. `serve`: from a request to an answer. `app`, `auth`, `caller`, `session`: who calls.
//! - `payload`: what Lambda carries.
//! - `documents`: the document that a path names.

mod app;
mod auth;
mod caller;
mod documents;
mod endpoint;
mod errors;
mod payload;
mod requests;
mod responses;
mod serve;
mod session;
mod way_back;

pub use app::{App, Clock, system_time};
pub use caller::Caller;
pub use documents::{document_path, download, find_document, upload_path};
pub use endpoint::{Answer, Describe, Endpoint, Handle, Handler, Route, schema_of};
pub use errors::{Code, Error, FieldError, FieldErrors, ValueError};
pub use payload::{ANSWER_LIMIT, EVENT_LIMIT, size_as_base64, size_as_text};
pub use requests::*;
pub use responses::{
    AcknowledgedView, AuditPageView, CommentView, ConflictDetails, CreatedView, Decided, DecisionView,
    Deliveries, DeliveryView, DocumentDeletion, EvidenceView, Gated, OutputFindings, OutputViolation,
    Policies, PolicyAudit, PolicyChangeView, PolicyConflictDetails, PolicyEntryView, PolicyView,
    PolicyWarning, PutPolicyAnswer, QueuePage, Reply, TestDeliveryView, UploadView, WebhookView, Webhooks,
    WholeOverlay, acknowledged, audit_page, commented, decided, evidence, evidence_tag, held, mutated,
    new_signing_secret, not_opened, opened, overlay, overlay_tag, overlay_tag_with, queue_page, version,
};
pub use serve::{Answered, Site, StaticPage, serve, serve_page, serve_site, unrouted};
pub use session::{cookie_name_for, is_same_origin, session, session_cookie, session_token, signed_in};
pub use way_back::way_back;
