//! Why somebody is not signed in: one word for the log, one of a few sentences for the visitor.

use shared::api::Call;
use shared::egress::outbound::CallFault;

/// What is refused, or did not work.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("no_such_issuer")]
    NoSuchIssuer,
    #[error("{0}_unreachable")]
    Unreachable(&'static str, CallFault),
    #[error("{0}_status")]
    Status(&'static str, u16),
    #[error("{0}_redirects")]
    Redirects(&'static str),
    #[error("{0}_unreadable")]
    Unreadable(&'static str),
    #[error("discovery_of_another_issuer")]
    DiscoveryOfAnother,
    #[error("endpoint_not_allowed")]
    EndpointNotAllowed(&'static str),
    #[error("state_missing")]
    NoState,
    #[error("state_unknown_or_used")]
    UnknownState,
    #[error("state_expired")]
    StateExpired,
    #[error("other_browser")]
    OtherBrowser,
    #[error("iss_of_another_issuer")]
    OtherIssuer,
    #[error("iss_missing")]
    IssMissing,
    #[error("issuer_said_no")]
    IssuerSaidNo,
    #[error("code_missing")]
    NoCode,
    #[error("code_refused")]
    CodeRefused,
    #[error("token_unsigned")]
    Unsigned,
    #[error("token_algorithm")]
    Algorithm,
    #[error("token_signature")]
    Signature,
    #[error("token_key_unknown")]
    UnknownKey,
    #[error("token_issuer")]
    TokenIssuer,
    #[error("token_audience")]
    Audience,
    #[error("token_authorized_party")]
    AuthorizedParty,
    #[error("token_expired")]
    Expired,
    #[error("token_issued_at")]
    IssuedAt,
    #[error("token_not_yet_valid")]
    NotYetValid,
    #[error("token_nonce")]
    Nonce,
    #[error("token_subject")]
    Subject,
    #[error("token_invalid")]
    InvalidToken,
    #[error("member_disabled")]
    Disabled,
    #[error("email_unverified")]
    EmailUnverified,
    #[error("email_domain")]
    EmailDomain,
    #[error("not_a_member")]
    NotAMember,
    #[error("invite_invalid")]
    InviteInvalid,
    #[error("invite_of_nobody_who_may_invite")]
    InviteOfNobody,
    #[error("invite_of_another_address")]
    InviteOfAnother,
    #[error("member_changed_meanwhile")]
    ChangedMeanwhile,
}

/// What the visitor is told.
pub(crate) struct Said {
    pub(crate) status: u16,
    pub(crate) title: &'static str,
    pub(crate) sentence: &'static str,
}

impl Refusal {
    /// Writes one line for operators: no token, no code, no address.
    pub(crate) fn log(&self, call: &Call) {
        let (reason, request_id) = (self.to_string(), call.request_id());
        let cause = match self {
            Self::Unreachable(_, fault) => Some(fault.to_string()),
            Self::Status(_, status) => Some(format!("answered {status}")),
            Self::EndpointNotAllowed(which) => Some(format!("its {which} may not be called")),
            _ => None,
        };
        tracing::warn!(target: "holdpoint", request_id, reason, cause, "sign-in refused");
    }

    /// One of a few sentences: whoever tries something out learns nothing from them.
    pub(crate) fn said(&self) -> Said {
        let said = |status, title, sentence| Said { status, title, sentence };
        match self {
            Self::NoSuchIssuer => said(404, "Not here", "There is no such way to sign in. Start again."),
            Self::Unreachable(..) | Self::Status(..) | Self::Redirects(_) | Self::Unreadable(_) => said(
                502,
                "Not now",
                "The service at which you sign in does not answer as it should. Try again in a minute; if that does not help, tell \
                 an administrator.",
            ),
            Self::DiscoveryOfAnother | Self::EndpointNotAllowed(_) => said(
                502,
                "Not now",
                "The service at which you sign in is not set up as it should be. Tell an administrator.",
            ),
            Self::NoState
            | Self::UnknownState
            | Self::StateExpired
            | Self::OtherBrowser
            | Self::ChangedMeanwhile => said(
                400,
                "Start again",
                "This sign-in took too long, was used before, or began in another browser. Start again.",
            ),
            Self::IssuerSaidNo => said(
                403,
                "Not signed in",
                "The service at which you sign in did not let you through, or you turned back. Start again.",
            ),
            Self::Disabled => said(
                403,
                "Not signed in",
                "You are not an active member of this organization any more. Ask an administrator.",
            ),
            Self::EmailUnverified | Self::EmailDomain | Self::NotAMember => said(
                403,
                "Not a member",
                "You are not a member of this organization. Ask one of its administrators for an invite link, and open it.",
            ),
            Self::InviteInvalid | Self::InviteOfNobody | Self::InviteOfAnother => said(
                403,
                "Not invited",
                "This invite was used, has expired, or is for another address. Ask for a new one.",
            ),
            _ => said(
                400,
                "Not signed in",
                "The answer of the service at which you sign in cannot be trusted. Start again; if that does not help, tell an \
                 administrator.",
            ),
        }
    }
}
