//! An organization's subscriptions, and which of them is told of an event.

use super::relevance::{Audience, News};
use futures_util::{StreamExt, TryStreamExt, stream};
use shared::event::{Notice, NotificationKind, Receiver, Subscription};
use shared::review::{ActorId, OrganizationId};
use shared::store::{Member, Role, Store, StoreError};
use std::collections::{BTreeSet, HashMap};
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
        let stand_ins = self.stand_ins(store, news).await?;
        let stand_ins = stand_ins.as_slice();
        let kinds: Vec<_> =
            told.map(|subscription| self.kind_for(store, subscription, news, stand_ins)).collect();
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
                Receiver::Group(_) => self.is_managed(store, subscription).await?,
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
        stand_ins: &[(ActorId, String)],
    ) -> Result<Option<(&'a Subscription, NotificationKind)>, StoreError> {
        let wanted = news.kinds.iter().filter(|(kind, _)| subscription.events.contains(kind));
        let wanted: Vec<&(NotificationKind, Audience)> = wanted.collect();
        let actor = match &subscription.receiver {
            Receiver::Group(group) => {
                let found = wanted.iter().find(|(_, audience)| audience.has_group(group));
                return Ok(match found {
                    Some((kind, _)) if self.is_managed(store, subscription).await? => {
                        Some((subscription, *kind))
                    }
                    _ => None,
                });
            }
            Receiver::Member(actor) => actor,
        };
        // Nobody is told of what he did himself.
        let is_own_act = news.by.is_some_and(|by| by.id == *actor);
        let stands_in = |kind: NotificationKind, audience: &Audience| {
            passes_on(kind)
                && stand_ins.iter().any(|(away, to)| to == actor.as_str() && audience.actors().contains(away))
        };
        let may_concern =
            wanted.iter().any(|(kind, audience)| audience.may_have(actor) || stands_in(*kind, audience));
        if is_own_act || !may_concern {
            return Ok(None);
        }
        let Some(member) = self.member(store, actor).await? else { return Ok(None) };
        let is_told = |kind: NotificationKind| kind != NotificationKind::Waiting || news.may_decide(&member);
        let first = wanted.iter().find(|(kind, audience)| {
            (audience.has_member(&member) || stands_in(*kind, audience)) && is_told(*kind)
        });
        Ok(first.map(|(kind, _)| (subscription, *kind)))
    }

    /// Of those whom the news names, who is out of office, and who stands in. Only they are read, and only if somebody wants the news.
    async fn stand_ins(&self, store: &Store, news: &News<'_>) -> Result<Vec<(ActorId, String)>, StoreError> {
        let is_wanted =
            |kind: &NotificationKind| self.subscriptions.iter().any(|it| it.events.contains(kind));
        let named = news.kinds.iter().filter(|(kind, _)| passes_on(*kind) && is_wanted(kind));
        let named: BTreeSet<&ActorId> = named.flat_map(|(_, audience)| audience.actors()).collect();
        let mut found = Vec::new();
        for actor in named {
            let member = self.member(store, actor).await?;
            let away = member.as_ref().and_then(|member| member.away_at(news.at));
            found.extend(away.map(|away| (actor.clone(), away.to.clone())));
        }
        Ok(found)
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

    /// Whether who made a group's subscription may still make it.
    async fn is_managed(&self, store: &Store, subscription: &Subscription) -> Result<bool, StoreError> {
        is_managed(store, &self.organization, subscription).await
    }
}

/// Whether who stands in for somebody is told, too: of work, not of what was done to the other's.
const fn passes_on(kind: NotificationKind) -> bool {
    use NotificationKind as Kind;
    matches!(kind, Kind::Waiting | Kind::Assigned | Kind::Escalated | Kind::DueSoon | Kind::Overdue)
}

/// A member who may be told anything; `None` if it was removed or disabled.
async fn active_member(
    store: &Store,
    organization: &OrganizationId,
    actor: &ActorId,
) -> Result<Option<Member>, StoreError> {
    Ok(store.member(organization, actor).await?.filter(Member::is_active))
}

/// Whether who made a group's subscription may still make it: a member who leads or administers. A key is no member, and was an admin's.
async fn is_managed(
    store: &Store,
    organization: &OrganizationId,
    subscription: &Subscription,
) -> Result<bool, StoreError> {
    let maker = store.member(organization, &subscription.created_by.id).await?;
    Ok(maker.is_none_or(|maker| {
        maker.is_active() && maker.roles.iter().any(|role| matches!(role, Role::Lead | Role::Admin))
    }))
}

/// Whether a subscription's receiver may still be told anything.
pub(crate) async fn is_still_told(
    store: &Store,
    organization: &OrganizationId,
    subscription: &Subscription,
) -> Result<bool, StoreError> {
    match &subscription.receiver {
        _ if subscription.paused => Ok(false),
        Receiver::Group(_) => is_managed(store, organization, subscription).await,
        Receiver::Member(actor) => Ok(active_member(store, organization, actor).await?.is_some()),
    }
}
