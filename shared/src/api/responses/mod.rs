//! What goes out: answers, their bodies and how they are encoded.

mod comment;
mod decision;
mod document_deletion;
mod encoding;
mod evidence;
mod failure;
mod output_findings;
mod overlay;
mod policies;
mod reply;
pub(in crate::api) mod request_metrics;
mod upload;
mod webhooks;

pub use comment::{CommentView, commented};
pub use decision::{AcknowledgedView, DecisionView, acknowledged};
pub use document_deletion::DocumentDeletion;
pub(in crate::api) use encoding::{Encoded, Gzip, ResponseTooLarge};
pub use evidence::{EvidenceView, evidence, evidence_tag};
pub use failure::{ConflictDetails, PolicyConflictDetails};
pub use output_findings::{OutputFindings, OutputViolation};
pub use overlay::{AuditPageView, Decided, Gated, QueuePage, WholeOverlay};
pub use overlay::{
    audit_page, decided, held, mutated, not_opened, opened, overlay, overlay_tag, overlay_tag_with,
    queue_page, version,
};
pub use policies::{
    Policies, PolicyAudit, PolicyChangeView, PolicyEntryView, PolicyView, PolicyWarning, PutPolicyAnswer,
};
pub use reply::Reply;
pub use upload::UploadView;
pub use webhooks::{
    CreatedView, Deliveries, DeliveryView, TestDeliveryView, WebhookView, Webhooks, new_signing_secret,
};
