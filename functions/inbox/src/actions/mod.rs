//! What a reviewer does to a review. Each action is a call of the API's own function on the viewer's behalf: the same rules, the
//! same answers. If it is refused, the page comes back with all that was typed.
//!
//! `attempt` does it. `typed`: what the form holds. `as_sent`, `merged`: the page again, as it was sent or on top of the newest
//! version. `asks`: questions before something typed would be lost. `refusal`: why the API refused. `next`: the next review.

mod as_sent;
mod asks;
mod attempt;
mod merged;
pub(crate) mod next;
mod refusal;
mod typed;

use crate::pages::review::comments::COMMENT_FIELDS;
pub(crate) use attempt::Attempt;
use shared::api::Handler;

/// What can be done to a review.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Claim,
    Release,
    Save,
    Approve,
    /// As [`Action::Approve`], and on to the next review.
    ApproveNext,
    /// Saves an earlier version's output as the newest version.
    Restore,
    Reject,
    Escalate,
    Reopen,
    Assign,
    /// Assigns it to nobody.
    Unassign,
    Comment,
    /// As [`Action::Reject`], confirmed: what was typed as a correction is dropped.
    RejectOnly,
    /// Nothing is written: what was typed is put onto the newest version, and shown.
    Merge,
    /// Nothing is written: what was typed is shown as a form.
    ShowForm,
    /// Nothing is written: what was typed is shown as JSON.
    ShowJson,
    /// Nothing is written: two versions are compared, beside what was typed.
    Compare,
    /// Goes to another review, if nothing was typed into this one.
    Next,
    /// Signs out, if nothing was typed.
    SignOut,
}

impl Action {
    /// The action that a path names.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "claim" => Self::Claim,
            "release" => Self::Release,
            "save" => Self::Save,
            "approve" => Self::Approve,
            "approve-next" => Self::ApproveNext,
            "restore" => Self::Restore,
            "reject" => Self::Reject,
            "escalate" => Self::Escalate,
            "reopen" => Self::Reopen,
            "assign" => Self::Assign,
            "unassign" => Self::Unassign,
            "comment" => Self::Comment,
            "reject-only" => Self::RejectOnly,
            "merge" => Self::Merge,
            "form" => Self::ShowForm,
            "json" => Self::ShowJson,
            "compare" => Self::Compare,
            "next" => Self::Next,
            "sign-out" => Self::SignOut,
            _ => return None,
        })
    }

    /// The API's function that does it; none for what writes nothing.
    const fn function(self) -> Option<&'static Handler> {
        Some(match self {
            Self::Claim => &const { claim::ENDPOINT.handler },
            Self::Release => &const { release::ENDPOINT.handler },
            Self::Save | Self::Restore => &const { edit::ENDPOINT.handler },
            Self::Approve | Self::ApproveNext | Self::Reject | Self::RejectOnly | Self::Escalate => {
                &const { decide::ENDPOINT.handler }
            }
            Self::Reopen => &const { reopen::ENDPOINT.handler },
            Self::Assign | Self::Unassign => &const { assign::ENDPOINT.handler },
            Self::Comment => &const { comment::ENDPOINT.handler },
            _ => return None,
        })
    }

    /// The word for it in the address of the page that follows.
    pub(crate) const fn done(self) -> &'static str {
        match self {
            Self::Claim => "claimed",
            Self::Release => "released",
            Self::Save | Self::Restore => "saved",
            Self::Approve | Self::ApproveNext => "approved",
            Self::Reject | Self::RejectOnly => "rejected",
            Self::Escalate => "escalated",
            Self::Reopen => "reopened",
            Self::Assign | Self::Unassign => "assigned",
            Self::Comment => "commented",
            _ => "",
        }
    }

    /// The extra fields that it sends.
    pub(crate) const fn sends(self) -> &'static [&'static str] {
        match self {
            Self::Save | Self::Approve | Self::ApproveNext => &["note"],
            Self::Reject | Self::RejectOnly => &["reject_reason"],
            Self::Escalate => &["escalate_to", "escalate_reason"],
            Self::Reopen => &["reopen_reason", "force"],
            Self::Assign | Self::Unassign => &["assign_groups", "assign_actors", "assign_reason"],
            Self::Comment => &COMMENT_FIELDS,
            _ => &[],
        }
    }
}
