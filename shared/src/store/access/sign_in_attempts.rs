//! Attempts to sign in at an issuer: what is remembered between leaving for the issuer and coming back. Each is used once.

use crate::hex::hex;
use crate::review::{OrganizationId, Timestamp};
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::table::codec::{self, corrupt};
use crate::store::table::keys;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// One attempt, kept under the digest of its `state`.
#[derive(Clone, PartialEq, Eq)]
pub struct SignInAttempt {
    /// Whose issuer it is.
    pub organization: OrganizationId,
    /// Which of its issuers.
    pub issuer: String,
    /// What the identity token must hold.
    pub nonce: String,
    /// What proves to the issuer that the code is ours (PKCE, RFC 7636).
    pub verifier: String,
    /// Where the issuer sends the browser to; it is named again when the code is exchanged.
    pub redirect_uri: String,
    /// The page to come back to.
    pub way_back: String,
    /// The digest of what the browser's cookie holds.
    pub browser: String,
    /// The invite that it began with.
    pub invite: Option<String>,
    /// When it began.
    pub started_at: Timestamp,
}

impl SignInAttempt {
    /// How long an attempt may take, in milliseconds.
    pub const MILLIS: i64 = 600_000;

    /// The digest of what a browser's cookie holds.
    pub fn browser(cookie: &str) -> String {
        hex(&Sha256::digest(format!("holdpoint browser {cookie}")))
    }

    /// Whether it can still end at `now`.
    pub fn is_valid(&self, now: Timestamp) -> bool {
        now < self.started_at.plus_millis(Self::MILLIS)
    }
}

/// Nothing of it is to be logged.
impl std::fmt::Debug for SignInAttempt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SignInAttempt({}, {})", self.organization, self.issuer)
    }
}

#[derive(Serialize, Deserialize)]
struct AttemptItem {
    pk: String,
    sk: String,
    organization: String,
    issuer: String,
    nonce: String,
    verifier: String,
    redirect_uri: String,
    way_back: String,
    browser: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    invite: Option<String>,
    started_at: i64,
    ttl: i64,
}

fn partition(state: &str) -> String {
    keys::sign_in_attempt(&hex(&Sha256::digest(state)))
}

impl Store {
    /// Remembers an attempt under its `state`.
    pub async fn begin_sign_in(&self, state: &str, attempt: &SignInAttempt) -> Result<(), StoreError> {
        let item = AttemptItem {
            pk: partition(state),
            sk: keys::ATTEMPT.into(),
            organization: attempt.organization.to_string(),
            issuer: attempt.issuer.clone(),
            nonce: attempt.nonce.clone(),
            verifier: attempt.verifier.clone(),
            redirect_uri: attempt.redirect_uri.clone(),
            way_back: attempt.way_back.clone(),
            browser: attempt.browser.clone(),
            invite: attempt.invite.clone(),
            started_at: attempt.started_at.millis(),
            ttl: attempt.started_at.plus_millis(SignInAttempt::MILLIS).millis() / 1000,
        };
        self.put(codec::encode_item(&item)?).await
    }

    /// The attempt of a `state`, if there is one.
    pub async fn sign_in_attempt(&self, state: &str) -> Result<Option<SignInAttempt>, StoreError> {
        self.get(partition(state), keys::ATTEMPT.into()).await?.map(decode).transpose()
    }

    /// Takes the attempt of a `state`: of several calls at once, one gets it.
    pub async fn take_sign_in(&self, state: &str) -> Result<Option<SignInAttempt>, StoreError> {
        self.take(partition(state), keys::ATTEMPT.into()).await?.map(decode).transpose()
    }
}

fn decode(item: codec::Attributes) -> Result<SignInAttempt, StoreError> {
    let item: AttemptItem = codec::decode_item(item)?;
    Ok(SignInAttempt {
        organization: OrganizationId::parse(&item.organization).map_err(|_| corrupt("organization")())?,
        issuer: item.issuer,
        nonce: item.nonce,
        verifier: item.verifier,
        redirect_uri: item.redirect_uri,
        way_back: item.way_back,
        browser: item.browser,
        invite: item.invite,
        started_at: Timestamp::from_millis(item.started_at),
    })
}
