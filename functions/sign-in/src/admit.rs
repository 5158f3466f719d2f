//! Who is let in: members, who has an invite, and who is of a domain whose people become reviewers.

use crate::Failed;
use crate::identity::Proven;
use crate::refusal::Refusal;
use shared::api::App;
use shared::new_id::entry_id;
use shared::review::{Actor, ActorKind, GroupId, Timestamp};
use shared::store::{AdministrationEntry, Invite, Issuer, Member, Role};

/// How often a member is written who changes at the same time.
const ATTEMPTS: usize = 3;

/// The member that somebody is, or becomes.
pub(crate) async fn admit(
    app: &App,
    issuer: &Issuer,
    proven: Proven,
    token: Option<&str>,
    now: Timestamp,
) -> Result<Member, Failed> {
    let id = proven.identity.actor_id();
    for _ in 0..ATTEMPTS {
        let known = app.store.member(&issuer.organization, &id).await?;
        if known.as_ref().is_some_and(|known| !known.is_active()) {
            return Err(Refusal::Disabled.into());
        }
        let invite = match token {
            Some(token) => invite(app, issuer, &proven, token, known.is_some(), now).await?,
            None => None,
        };
        let seen = known.as_ref().map(|known| known.rev);
        let (member, action) = member(issuer, &proven, known, invite.as_ref(), now)?;
        let entry = AdministrationEntry {
            id: entry_id(),
            actor: member.actor.clone(),
            at: now,
            action: action.into(),
            target: member.actor.id.to_string(),
            detail:
                serde_json::json!({ "issuer": issuer.id, "roles": member.roles, "groups": member.groups })
                    .to_string(),
        };
        let is_written = match token.filter(|_| invite.is_some()) {
            Some(token) => app.store.put_invited_member(&member, seen, &entry, token, now).await?,
            None => app.store.put_member(&member, seen, &entry).await?,
        };
        if is_written {
            return Ok(member);
        }
    }
    Err(Refusal::ChangedMeanwhile.into())
}

/// The invite, if it is for them. Members come in without: they may have opened the link a second time.
async fn invite(
    app: &App,
    issuer: &Issuer,
    proven: &Proven,
    token: &str,
    is_member: bool,
    now: Timestamp,
) -> Result<Option<Invite>, Failed> {
    let invite = app.store.invite(token, now).await?;
    let refused = |refusal: Refusal| if is_member { Ok(None) } else { Err(refusal.into()) };
    let Some(invite) = invite.filter(|it| it.organization == issuer.organization) else {
        return refused(Refusal::InviteInvalid);
    };
    // Who is put out must not come back by a link that they have kept.
    if !app.store.may_still_invite(&invite, now).await? {
        return refused(Refusal::InviteOfNobody);
    }
    let is_theirs = match &invite.email {
        None => true,
        Some(email) => proven.email.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(email)),
    };
    if is_theirs { Ok(Some(invite)) } else { refused(Refusal::InviteOfAnother) }
}

/// The member as they are now, and what that is called in the audit.
fn member(
    issuer: &Issuer,
    proven: &Proven,
    known: Option<Member>,
    invite: Option<&Invite>,
    now: Timestamp,
) -> Result<(Member, &'static str), Refusal> {
    let is_new = known.is_none();
    let mut member = if let Some(known) = known {
        Member { rev: known.rev + 1, ..known }
    } else {
        let roles = match (invite, &proven.email) {
            (Some(_), _) => Vec::new(),
            (None, Some(email)) if issuer.lets_in_address(email) => vec![Role::Reviewer],
            (None, _) if !issuer.lets_in => return Err(Refusal::NotAMember),
            (None, Some(_)) => return Err(Refusal::EmailDomain),
            (None, None) if proven.has_unverified_email => return Err(Refusal::EmailUnverified),
            (None, None) => return Err(Refusal::NotAMember),
        };
        let actor = Actor {
            kind: ActorKind::Human,
            id: proven.identity.actor_id(),
            display_name: proven.name.clone(),
        };
        Member {
            organization: issuer.organization.clone(),
            actor,
            email: None,
            roles,
            groups: Vec::new(),
            claimed_groups: Vec::new(),
            identity: Some(proven.identity.clone()),
            created_at: now,
            last_seen_at: None,
            disabled_at: None,
            away: None,
            stands_in_for: Vec::new(),
            rev: 0,
        }
    };
    member.actor.display_name.clone_from(&proven.name);
    member.email = proven.email.clone().or(member.email);
    member.last_seen_at = Some(now);
    if let Some(claimed) = &proven.groups {
        // Those that came from the claim before, and are not in it any more, go; those that were given here stay.
        let gone = std::mem::replace(&mut member.claimed_groups, claimed.clone());
        member.groups.retain(|group| !gone.contains(group));
        add(&mut member.groups, claimed);
    }
    if let Some(invite) = invite {
        add(&mut member.groups, &invite.groups);
        member.roles.extend(
            invite.roles.iter().filter(|role| !member.roles.contains(role)).copied().collect::<Vec<_>>(),
        );
    }
    let action = match (is_new, invite) {
        (true, _) => "member_joined",
        (false, Some(_)) => "member_extended",
        (false, None) => "member_signed_in",
    };
    Ok((member, action))
}

fn add(groups: &mut Vec<GroupId>, more: &[GroupId]) {
    for group in more {
        if !groups.contains(group) {
            groups.push(group.clone());
        }
    }
}
