//! Who is signed in, and whether a form comes from them. Both are found out once for each call, before it is routed.

pub(crate) mod draft;
pub(crate) mod sign_in;

use crate::form::SubmittedForm;
use shared::api::{self, App, Call, Caller, Error, FormLimit, is_same_origin};
use shared::review::{BlockId, ReviewId, RunId};
use shared::store::{SessionHolder, SessionToken};

/// Somebody who is signed in.
pub struct SignedIn {
    /// Who they are, and what they may do.
    pub caller: Caller,
    /// Their session.
    pub token: SessionToken,
    /// Whose session it is.
    pub holder: SessionHolder,
}

impl SignedIn {
    /// The same, for pages.
    pub fn viewer(&self) -> Viewer<'_> {
        Viewer { caller: &self.caller, token: &self.token, form_token: self.token.form_token() }
    }

    /// A review of their organization; `None` if one of these is no identifier.
    pub(crate) fn review_id(&self, run: &str, block: &str) -> Option<ReviewId> {
        let organization = self.caller.organization.clone();
        Some(ReviewId { organization, run: RunId::parse(run).ok()?, block: BlockId::parse(block).ok()? })
    }
}

/// Who looks at a page, and what its forms must hold.
pub struct Viewer<'a> {
    /// Who they are.
    pub caller: &'a Caller,
    /// Their session.
    pub token: &'a SessionToken,
    /// The token that each form of the page holds.
    pub form_token: String,
}

/// A form that a page of ours has sent.
pub struct Posted {
    /// Its fields.
    pub form: SubmittedForm,
    /// Whether the page was made for this session: its form holds the session's token.
    pub is_of_session: bool,
}

/// Who is signed in, if anybody is: the session is active, and its key still valid.
pub async fn signed_in(app: &App, call: &Call) -> Result<Option<SignedIn>, Error> {
    let Some((caller, token, session)) = api::session(app, call).await? else { return Ok(None) };
    // A page that keeps itself up to date by its script is not somebody who uses it.
    if !(call.method() == "GET" && call.header("sec-fetch-dest") == Some("empty")) {
        app.store.use_session(&token, &session, call.now()).await?;
    }
    Ok(Some(SignedIn { caller, token, holder: session.holder }))
}

/// The form that a signed-in visitor has sent.
///
/// # Errors
/// If another site's page sent it, as far as the browser tells, or if it is too large.
pub fn posted(app: &App, call: &Call, token: &SessionToken) -> Result<Posted, Error> {
    let form = submitted(app, call, FormLimit::PAGE)?;
    let is_of_session = has_form_token(&form, token);
    Ok(Posted { form, is_of_session })
}

/// A form that a page of ours has sent, of whatever session.
///
/// # Errors
/// As [`posted`].
pub(crate) fn submitted(app: &App, call: &Call, limit: FormLimit) -> Result<SubmittedForm, Error> {
    require_same_origin(app, call)?;
    Ok(SubmittedForm::new(call.form(limit)?))
}

/// Refuses what another site's page has sent.
pub(crate) fn require_same_origin(app: &App, call: &Call) -> Result<(), Error> {
    if is_same_origin(app, call) { Ok(()) } else { Err(Error::OtherOrigin) }
}

/// Whether a form holds the session's token. The comparison takes the same time wherever they differ.
fn has_form_token(sent: &SubmittedForm, token: &SessionToken) -> bool {
    let (ours, theirs) = (token.form_token(), sent.get("form_token").unwrap_or_default());
    let differing = ours.bytes().zip(theirs.bytes()).fold(0, |differing, (a, b)| differing | (a ^ b));
    ours.len() == theirs.len() && differing == 0
}
