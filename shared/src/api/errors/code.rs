//! The table of error codes: each code's status, what it means and what to do.

use lambda_http::http::StatusCode;

macro_rules! codes {
    ($($variant:ident, $status:ident, $code:literal, $meaning:literal, $advice:literal;)+) => {
        /// What went wrong, as a client tells errors apart.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code { $(#[doc = $meaning] $variant),+ }

        impl Code {
            /// All there are, in the order in which the documentation lists them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The code on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// The HTTP status that it comes with.
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$variant => StatusCode::$status),+ }
            }

            /// What it means. For the documentation.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning),+ }
            }

            /// What a client can do. For the documentation.
            pub const fn advice(self) -> &'static str {
                match self { $(Self::$variant => $advice),+ }
            }
        }
    };
}

codes! {
    Unauthenticated, UNAUTHORIZED, "unauthenticated",
        "The API key is missing, malformed, unknown, revoked or expired.",
        "Send a valid key in `Api-Key`, or as `Authorization: Bearer`.";
    Forbidden, FORBIDDEN, "forbidden",
        "The API key lacks the scope that the call needs.",
        "Use a key with the scope in `details.scope`.";
    RouteNotFound, NOT_FOUND, "route_not_found",
        "There is no such path.",
        "Check the path.";
    TrailingSlash, PERMANENT_REDIRECT, "trailing_slash",
        "The path ends with a slash, and the call is at the path without it.",
        "Send the request to `location`.";
    MethodNotAllowed, METHOD_NOT_ALLOWED, "method_not_allowed",
        "The path does not take this method.",
        "Use a method in `details.allow`.";
    ReviewNotFound, NOT_FOUND, "review_not_found",
        "There is no such review, or it belongs to another organization.",
        "Check the ids. The workflow may not have opened the review yet.";
    VersionNotFound, NOT_FOUND, "version_not_found",
        "The review has no version with this number.",
        "Versions are numbered from 0 to `head_seq`.";
    DocumentNotFound, NOT_FOUND, "document_not_found",
        "The review has no document with this id, or the document is no longer kept.",
        "Its `documents` lists the ids. Documents are kept as long as the deployment says, or until they are deleted on request.";
    WebhookNotFound, NOT_FOUND, "webhook_not_found",
        "There is no such webhook.",
        "List the webhooks.";
    PolicyNotFound, NOT_FOUND, "policy_not_found",
        "The workflow has no policy.",
        "Put one, with `version_stamp` 0.";
    MemberNotFound, NOT_FOUND, "member_not_found",
        "There is no such member.",
        "List the members.";
    InviteNotFound, NOT_FOUND, "invite_not_found",
        "There is no such invite: it was used or deleted, or it has ended.",
        "List the invites, or make another.";
    IssuerNotFound, NOT_FOUND, "issuer_not_found",
        "There is no such issuer.",
        "Read how people sign in.";
    SubscriptionNotFound, NOT_FOUND, "subscription_not_found",
        "There is no such subscription, or it is another's.",
        "List the subscriptions.";
    KeyNotFound, NOT_FOUND, "key_not_found",
        "There is no such API key, or it is no longer valid and so cannot be rotated.",
        "List the keys.";
    VersionConflict, CONFLICT, "version_conflict",
        "`version_stamp` is not the current `rev` of the review, or of the policy.",
        "Look at `details.changes`, decide again whether your change still applies, and send it with `details.rev`.";
    ReviewNotOpen, CONFLICT, "review_not_open",
        "The review is already decided.",
        "Reopen it first, or do nothing.";
    ReviewNotDecided, CONFLICT, "review_not_decided",
        "The review is not decided, so it cannot be reopened.",
        "Nothing to do: it already awaits review.";
    ReviewExists, CONFLICT, "review_exists",
        "The run and block already have a review with other content.",
        "See `details.differs`. Send `if_exists`, or append a version.";
    CommandIdReused, CONFLICT, "command_id_reused",
        "The `command_id` was used for a different request.",
        "Use a new id for each command.";
    ClaimEnded, CONFLICT, "claim_ended",
        "The claim that this `Idempotency-Key` took has ended.",
        "Send a new key to claim the next review.";
    AlreadyResumed, CONFLICT, "already_resumed",
        "The decision has been delivered to the run, or may have been.",
        "To reopen the review anyway, send `force: true`. The run is not undone.";
    NothingToResume, CONFLICT, "nothing_to_resume",
        "There is no failed delivery to retry.",
        "See `details.resume`.";
    NothingToAcknowledge, CONFLICT, "nothing_to_acknowledge",
        "The run does not poll for its decision.",
        "Only a review opened with `resume.kind` `poll` is acknowledged.";
    DecisionSuperseded, CONFLICT, "decision_superseded",
        "The decision is no longer the current one.",
        "Read the decision again before you act on it.";
    TooManyVersions, CONFLICT, "too_many_versions",
        "The review has as many versions as it can have.",
        "Approve or reject it as it is.";
    TooManyEscalations, CONFLICT, "too_many_escalations",
        "The review was escalated as often as it can be.",
        "Approve or reject it.";
    TooManyAssignments, CONFLICT, "too_many_assignments",
        "The review was assigned as often as it can be.",
        "Have it decided by whom it is assigned to, or escalate it.";
    TooManyReopenings, CONFLICT, "too_many_reopenings",
        "The review was reopened as often as it can be.",
        "Open a review for another run.";
    TooManyComments, CONFLICT, "too_many_comments",
        "The review has as many comments as it can have.",
        "Say it with the decision: its reason, or the note of a version.";
    NotAssigned, FORBIDDEN, "not_assigned",
        "The review is assigned to others, and its policy lets nobody else work on it.",
        "See `details.assigned_to`. Have it assigned to you, or leave it to them.";
    OwnVersion, FORBIDDEN, "own_version",
        "The policy asks for four eyes: who made a version may not approve it.",
        "Let somebody else approve it.";
    AlreadyApproved, CONFLICT, "already_approved",
        "You have approved this version before; the other approvals must come from others.",
        "Nothing to do: see `details.approvals`.";
    OutputInvalid, UNPROCESSABLE_ENTITY, "output_invalid",
        "What is approved does not fit its schema, and the policy asks that it does. Nothing has changed.",
        "Correct what `details.violations` names, and approve the correction.";
    MemberChanged, CONFLICT, "member_changed",
        "Somebody has changed the member since: `version_stamp` is not its `rev`.",
        "Read the member again, and send the change with `details.rev`.";
    LastAdmin, CONFLICT, "last_admin",
        "The organization would have no member left who may administer it.",
        "Make somebody else an administrator first.";
    SignInChanged, CONFLICT, "sign_in_changed",
        "Somebody has changed how people sign in since: `version_stamp` is not the `rev` of what it changes.",
        "Read the settings again, and send the change with `details.rev`; null means that there is none.";
    NoAdminSignsIn, CONFLICT, "no_admin_signs_in",
        "No administrator could sign in any more: without API keys, one must have signed in at an issuer that stays.",
        "Let API keys sign in, or have an administrator sign in at another issuer first.";
    TooManyIssuers, CONFLICT, "too_many_issuers",
        "The organization has as many issuers as it can have.",
        "Delete one first.";
    SubscriptionChanged, CONFLICT, "subscription_changed",
        "Somebody has changed the subscription since: `version_stamp` is not its `rev`.",
        "Read it again, and send the change with `details.rev`; null means that it was removed.";
    TooManySubscriptions, CONFLICT, "too_many_subscriptions",
        "The organization, the member or the group has as many subscriptions as it can have.",
        "Delete one first.";
    TooManyInvites, CONFLICT, "too_many_invites",
        "The organization has as many invites as it can have.",
        "Delete some, or wait until they end.";
    TooManyWebhooks, CONFLICT, "too_many_webhooks",
        "The organization has as many webhooks as it can have.",
        "Delete one first.";
    SnapshotTooLarge, PAYLOAD_TOO_LARGE, "snapshot_too_large",
        "The snapshot, or a body with one, is too large.",
        "Send a smaller snapshot. `details.limit_bytes` is the limit.";
    BodyTooLarge, PAYLOAD_TOO_LARGE, "body_too_large",
        "The body of a call without a snapshot is too large.",
        "Send a smaller body. `details.limit_bytes` is the limit.";
    ResponseTooLarge, PAYLOAD_TOO_LARGE, "response_too_large",
        "The answer is too large to be sent. A requested change has been made.",
        "Accept gzip, or read single versions.";
    ValidationError, UNPROCESSABLE_ENTITY, "validation_error",
        "The request is not valid.",
        "Correct each field in `details.errors`.";
    PageUnavailable, UNPROCESSABLE_ENTITY, "page_unavailable",
        "There is no picture of this page. `details.reason` says why.",
        "Download the document instead.";
    Throttled, TOO_MANY_REQUESTS, "throttled",
        "There are too many requests for the database. Nothing has changed.",
        "Retry after `retry-after` seconds.";
    ResumeTooSoon, TOO_MANY_REQUESTS, "resume_too_soon",
        "A retry of the delivery was requested within the last minute.",
        "Ask again after `retry-after` seconds, if that one fails.";
    RendererBusy, SERVICE_UNAVAILABLE, "renderer_busy",
        "Too many pages are rendered at the moment.",
        "Retry after `retry-after` seconds.";
    Internal, INTERNAL_SERVER_ERROR, "internal",
        "There is a defect on our side. It has been logged.",
        "Retry once. If it persists, report `x-request-id`.";
    Unavailable, SERVICE_UNAVAILABLE, "unavailable",
        "The database, or the store of documents, could not be reached.",
        "Retry: a change that was already made is not made twice.";
}

impl Code {
    /// The errors that every call can answer with.
    pub const EVERY_CALL: [Self; 6] = [
        Self::Unauthenticated,
        Self::Forbidden,
        Self::ValidationError,
        Self::Throttled,
        Self::Internal,
        Self::Unavailable,
    ];
}
