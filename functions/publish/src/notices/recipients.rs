//! An organization's subscriptions, and which of them is told of an event.

use super::relevance::{Audience, News};
use futures_util::{StreamExt, TryStreamExt, stream};
use shared::event::{Notice, NotificationKind, Receiver, Subscription};
use shared::review::{ActorId, OrganizationId};
use shared::store::{Member, Store, StoreError};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OnceCell;

/// Members that are read in parallel.
const AT_ONCE: usize = 16;

type CachedMember = Arc<OnceCell<Option<Member>>>;

/// Whom an organization's events may be told, read once in a batch: its subscriptions with one query, a member when it may be told.
pub(crate) struct Recipients {
    organization: OrganizationId,
    subscriptions: Vec<Subscription>,
    members: Mutex<HashMap<ActorId, CachedMember>>,
}

impl Recipients {
    /// Reads an organization's subscriptions.
    pub(crate) async fn of(store: &Store, organization: &OrganizationId) -> Result<Self, StoreError> {
        let subscriptions = store.subscriptions(organization).await?;
        Ok(Self { organization: organization.clone(), subscriptions, members: Mutex::default() })
    }

    /// Who is told of some news, and as what.
    pub(crate) async fn of_news(
        &self,
        store: &Store,
        news: &News<'_>,
    ) -> Result<Vec<(&Subscription, Notice)>, StoreError> {
        let workflow = &news.review.workflow_id;
        let in_scope = |it: &&Subscription| it.workflows.is_empty() || it.workflows.contains(workflow);
        let told = self.subscriptions.iter().filter(|it| !it.paused).filter(in_scope);
        let kinds: Vec<_> = told.map(|subscription| self.kind_for(store, subscription, news)).collect();
        let told: Vec<_> = stream::iter(kinds).buffered(AT_ONCE).try_collect().await?;
        let told = told.into_iter().flatten();
        let notice = |kind| Notice::of_review((news.id, kind, news.at), news.review, news.by);
        Ok(told.map(|(subscription, kind)| (subscription, notice(kind))).collect())
    }

    /// Who is told of something that concerns everybody and no review.
    pub(crate) async fn of_kind(
        &self,
        store: &Store,
        kind: NotificationKind,
    ) -> Result<Vec<&Subscription>, StoreError> {
        let mut told = Vec::new();
        for subscription in self.subscriptions.iter().filter(|it| !it.paused && it.events.contains(&kind)) {
            let is_told = match &subscription.receiver {
                Receiver::Group(_) => true,
                Receiver::Member(actor) => self.member(store, actor).await?.is_some(),
            };
            told.extend(is_told.then_some(subscription));
        }
        Ok(told)
    }

    /// As what a subscription is told of some news; `None` if it is not.
    async fn kind_for<'a>(
        &self,
        store: &Store,
        subscription: &'a Subscription,
        news: &News<'_>,
    ) -> Result<Option<(&'a Subscription, NotificationKind)>, StoreError> {
        let wanted = news.kinds.iter().filter(|(kind, _)| subscription.events.contains(kind));
        let wanted: Vec<&(NotificationKind, Audience)> = wanted.collect();
        let actor = match &subscription.receiver {
            Receiver::Group(group) => {
                return Ok(wanted
                    .iter()
                    .find(|(_, audience)| audience.has_group(group))
                    .map(|(kind, _)| (subscription, *kind)));
            }
            Receiver::Member(actor) => actor,
        };
        // Nobody is told of what he did himself.
        let is_own_act = news.by.is_some_and(|by| by.id == *actor);
        if is_own_act || !wanted.iter().any(|(_, audience)| audience.may_have(actor)) {
            return Ok(None);
        }
        let Some(member) = self.member(store, actor).await? else { return Ok(None) };
        let is_told = |kind: NotificationKind| kind != NotificationKind::Waiting || news.may_decide(&member);
        let first = wanted.iter().find(|(kind, audience)| audience.has_member(&member) && is_told(*kind));
        Ok(first.map(|(kind, _)| (subscription, *kind)))
    }

    /// A member who may be told anything; `None` if it was removed or disabled.
    async fn member(&self, store: &Store, actor: &ActorId) -> Result<Option<Member>, StoreError> {
        let cell = {
            let mut members = self.members.lock().unwrap_or_else(PoisonError::into_inner);
            members.entry(actor.clone()).or_default().clone()
        };
        let read = async || active_member(store, &self.organization, actor).await;
        Ok(cell.get_or_try_init(read).await?.clone())
    }
}

/// A member who may be told anything; `None` if it was removed or disabled.
async fn active_member(
    store: &Store,
    organization: &OrganizationId,
    actor: &ActorId,
) -> Result<Option<Member>, StoreError> {
    Ok(store.member(organization, actor).await?.filter(Member::is_active))
}

/// Whether a subscription's receiver may still be told anything.
pub(crate) async fn is_still_told(
    store: &Store,
    organization: &OrganizationId,
    subscription: &Subscription,
) -> Result<bool, StoreError> {
    match &subscription.receiver {
        _ if subscription.paused => Ok(false),
        Receiver::Group(_) => Ok(true),
        Receiver::Member(actor) => Ok(active_member(store, organization, actor).await?.is_some()),
    }
}
