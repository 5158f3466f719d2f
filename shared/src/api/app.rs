//! What lives as long as the process.

use super::auth::{LookedUp, key_digest};
use super::caller::Caller;
use super::errors::Error;
use super::requests::Call;
use crate::bucket::Bucket;
use crate::egress::Egress;
use crate::metrics::{Level, Sink};
use crate::review::{ActorId, OrganizationId, Timestamp};
use crate::store::{ApiKeyDigest, KeyRecord, KeyUse, Member, Store};
use std::sync::Arc;

/// Tells the time. Passed in, so that tests can move it.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The system's clock.
pub fn system_time() -> Timestamp {
    chrono::Utc::now().into()
}

/// What lives as long as the process: the store, and what was looked up lately.
pub struct App {
    /// The table.
    pub store: Store,
    /// The bucket of documents, if this function uses it and the deployment has one.
    pub bucket: Option<Bucket>,
    /// Which URLs may be given to us to call.
    pub egress: Egress,
    /// Where metrics go; nowhere by default.
    pub metrics: Option<Sink>,
    /// Which of them are written.
    pub metrics_level: Level,
    /// Whether browsers reach us over https only, so that cookies are sent over nothing else.
    pub https: bool,
    /// Whose people sign in where nobody says for which organization.
    pub organization: Option<OrganizationId>,
    clock: Clock,
    keys: LookedUp<ApiKeyDigest, KeyRecord>,
    members: LookedUp<(OrganizationId, ActorId), Member>,
    /// Whose use this process has noted within a day.
    uses: LookedUp<KeyUse, ()>,
}

const DAY_MILLIS: i64 = 86_400_000;

impl App {
    /// A path of ours as a URL, at the host that the caller has called; the path alone if it names none.
    pub fn url(&self, call: &Call, path: &str) -> String {
        let scheme = if self.https { "https" } else { "http" };
        call.header("host").map_or_else(|| path.to_owned(), |host| format!("{scheme}://{host}{path}"))
    }

    /// With the system's clock.
    pub fn new(store: Store) -> Self {
        Self::with_clock(store, Arc::new(system_time))
    }

    /// With another clock.
    pub fn with_clock(store: Store, clock: Clock) -> Self {
        Self {
            store,
            bucket: None,
            egress: Egress::Public,
            metrics: None,
            metrics_level: Level::Full,
            https: true,
            organization: None,
            clock,
            keys: LookedUp::for_a_minute(),
            members: LookedUp::for_a_minute(),
            uses: LookedUp::lasting(DAY_MILLIS),
        }
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// The caller, by the key that the request carries, and whether the key was looked up for it.
    pub(super) async fn authenticate(&self, call: &Call) -> Result<(Caller, bool), Error> {
        self.look_up(key_digest(call)?, call.now()).await
    }

    /// The caller with the key of this digest, if the key is valid at `now`.
    pub async fn caller(&self, digest: ApiKeyDigest, now: Timestamp) -> Result<Caller, Error> {
        Ok(self.look_up(digest, now).await?.0)
    }

    async fn look_up(&self, digest: ApiKeyDigest, now: Timestamp) -> Result<(Caller, bool), Error> {
        let known = self.keys.get(&digest, now);
        let is_fresh = known.is_none();
        let record = if let Some(record) = known {
            record
        } else {
            let record = self.store.find_key(digest).await?.ok_or(Error::Unauthenticated)?;
            self.keys.put(digest, now, record.clone());
            record
        };
        if record.is_live(now) { Ok((record.into(), is_fresh)) } else { Err(Error::Unauthenticated) }
    }

    /// Notes that a caller's key was used, once a day in each process. A write that fails fails no call: the next process or the next
    /// day writes it.
    pub async fn note_key_use(&self, caller: &Caller, now: Timestamp) {
        let used = KeyUse { organization: caller.organization.clone(), key_id: caller.key_id.clone() };
        if self.uses.get(&used, now).is_some() {
            return;
        }
        self.uses.put(used.clone(), now, ());
        if let Err(error) = self.store.note_key_use(&used, now).await {
            tracing::warn!(target: "holdpoint", cause = %error, "the use of a key was not noted");
        }
    }

    /// The caller who signed in as this member, if the member may.
    pub async fn member(
        &self,
        organization: &OrganizationId,
        actor: &ActorId,
        now: Timestamp,
    ) -> Result<Caller, Error> {
        let who = (organization.clone(), actor.clone());
        let member = if let Some(member) = self.members.get(&who, now) {
            member
        } else {
            let member = self.store.member(organization, actor).await?.ok_or(Error::Unauthenticated)?;
            self.members.put(who, now, member.clone());
            member
        };
        if member.is_active() { Ok(Caller::of_member(member, now)) } else { Err(Error::Unauthenticated) }
    }
}
