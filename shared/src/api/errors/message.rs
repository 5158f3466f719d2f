//! The texts of errors, for people to read. Programs read the code and the details.

use super::FieldErrors;
use crate::api::responses::OutputFindings;
use crate::bucket::BucketError;
use crate::review::{
    Actor, MAX_ASSIGNMENTS, MAX_COMMENTS, MAX_ESCALATIONS, MAX_REOPENINGS, MAX_UNFINISHED_APPROVALS,
    MAX_VERSIONS, Refusal, Rev, Review, Status, Timestamp,
};
use crate::store::{StoreError, StoredPolicy};

pub(super) fn refusal_message(
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
            "The decision has been delivered to the run, or may have been. To reopen the review anyway, send \
             force: true; the run is not undone."
                .into()
        }
        Refusal::NothingToResume => {
            "There is no failed delivery to retry: no run waits, the review is not decided, or the decision is delivered.".into()
        }
        Refusal::ResumeTooSoon { retry_at } => format!(
            "A retry was requested a moment ago. If it fails, request another in {} seconds.",
            seconds_until(retry_at, now)
        ),
        Refusal::NothingToAcknowledge => {
            "The run does not poll for its decision: the review was not opened with resume.kind `poll`.".into()
        }
        Refusal::DecisionSuperseded => {
            "This is not the current decision: the review was reopened, or decided again. Read the decision again."
                .into()
        }
        Refusal::ClaimEnded => {
            "The claim that this Idempotency-Key took has ended. Send another key to claim the next review.".into()
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
        Refusal::TooManyComments => format!("The review has {MAX_COMMENTS} comments, which is the limit."),
        Refusal::NotAssigned => {
            "The review is assigned to others, and its policy lets nobody else work on it.".into()
        }
        Refusal::OwnVersion => {
            "You made this version, and the policy asks for four eyes: somebody else must approve it.".into()
        }
        Refusal::AlreadyApproved => {
            "You have approved this version before. The approvals that are still needed must come from others.".into()
        }
        Refusal::NotNewestVersion { field, .. } => {
            format!("{field} must be the newest version: the policy asks for approvals of it.")
        }
        Refusal::UnknownAddressee => {
            "escalate_to must be a group or an actor of the organization: the review's policy lets only those work on it whom it is \
             assigned to."
                .into()
        }
        Refusal::OutputInvalid => output_message(&OutputFindings::default()),
        Refusal::TooManyApprovals => format!(
            "The review has {MAX_UNFINISHED_APPROVALS} approvals that did not decide it, which is the limit: a new version would ask for \
             more. It can be approved or rejected as it is."
        ),
        Refusal::TooManyAssignments => {
            format!("The review was assigned {MAX_ASSIGNMENTS} times, which is the limit. Whom it is assigned to now can decide it.")
        }
        Refusal::TooManyReopenings => {
            format!("The review was reopened {MAX_REOPENINGS} times, which is the limit. Its last decision is final.")
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
        // We never sent this stamp, unless a backup has been restored since.
        format!(
            "version_stamp is {stamp}, but the review is only at rev {rev}.{held} Send the rev that you have read."
        )
    } else {
        format!(
            "The review has moved on: version_stamp is {stamp}, its rev is {rev}.{held} Read it again and retry."
        )
    }
}

pub(super) fn policy_conflict_message(stamp: Rev, policy: Option<&StoredPolicy>) -> String {
    let stamp = stamp.0;
    match policy {
        None => format!("version_stamp is {stamp}, but the workflow has no policy yet: create it with 0."),
        Some(StoredPolicy { blocks: None, rev, updated_by, .. }) => format!(
            "version_stamp is {stamp}, but {} has deleted the policy at rev {}: create it again with 0.",
            updated_by.display_name, rev.0
        ),
        Some(StoredPolicy { rev, updated_by, updated_at, .. }) => format!(
            "The policy has moved on: version_stamp is {stamp}, its rev is {}. {} changed it at {updated_at}. Read it again and retry.",
            rev.0, updated_by.display_name
        ),
    }
}

pub(super) fn output_message(findings: &OutputFindings) -> String {
    let first = match findings.violations.first() {
        Some(first) if first.path.is_empty() => format!(" {}.", first.message.trim_end_matches('.')),
        Some(first) => format!(" {}: {}.", first.path, first.message.trim_end_matches('.')),
        None => String::new(),
    };
    format!("The output does not fit its schema, so the policy does not let it be approved.{first}")
}

/// The seconds until a time, rounded up, at least 1.
pub(in crate::api) fn seconds_until(time: Timestamp, now: Timestamp) -> i64 {
    (time.millis().saturating_sub(now.millis()).max(1) + 999) / 1000
}

pub(super) fn exists_message(review: &Review, differs: &[&str]) -> String {
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

pub(super) fn invalid_message(FieldErrors { listed, omitted }: &FieldErrors) -> String {
    let Some(first) = listed.first() else { return "The request is not valid.".into() };
    let first_words = format!("{}: {}", first.loc.join("."), first.message);
    match listed.len() - 1 + omitted {
        0 => format!("{first_words}."),
        more => format!("{first_words}; and {more} more, see details.errors."),
    }
}

pub(super) const fn bucket_message(error: &BucketError) -> &'static str {
    match error {
        BucketError::Unavailable(_) => {
            "The store of documents is unavailable right now. Retry after a moment."
        }
        _ => "Something went wrong on our side. It has been logged.",
    }
}

pub(super) const fn store_message(error: &StoreError) -> &'static str {
    match error {
        StoreError::Throttled(_) => "Too many requests for the database right now. Retry after a moment.",
        StoreError::Unavailable(_) => {
            "The service is unavailable right now. Retry: a request that was already carried out is not repeated."
        }
        StoreError::Denied(_) | StoreError::Rejected(_) | StoreError::Corrupt(_) | StoreError::Newer(_) => {
            "Something went wrong on our side. It has been logged."
        }
    }
}
/// Why a page cannot be shown, and what to do.
pub(super) fn page_message(reason: &str) -> &'static str {
    match reason {
        "password_protected" => "The document needs a password. Download it and open it with the password.",
        "too_complex" => "The page takes more memory or time than it may. Download the document to see it.",
        "unsupported_type" => {
            "Documents of this type are not shown, or the file is not what it was declared to be. Download it."
        }
        "no_such_page" => "The document has fewer pages.",
        "too_large" => "The document is too large to be shown. Download it.",
        _ => "The document is broken and cannot be shown. Download it to see what can be saved.",
    }
}
