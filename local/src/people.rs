//! `holdpoint sso` and `holdpoint members`: issuers and people of an organization.

use crate::cli::{AddIssuer, Data, MembersCommand, SsoCommand};
use crate::keys::{existing, organization};
use crate::now;
use local::api_keys::group;
use local::{Error, api_keys};
use shared::egress::Egress;
use shared::new_id::entry_id;
use shared::review::{Actor, ActorId, OrganizationId};
use shared::store::{
    AdministrationEntry, Invite, InviteToken, Issuer, IssuerStored, Member, Role, SessionHolder,
    SettingsStored, Store,
};
use std::io::Read;

/// Runs one command of `holdpoint sso`.
pub(crate) async fn sso(data: &Data, command: SsoCommand) -> Result<(), Error> {
    let opened = existing(data, matches!(command, SsoCommand::Add(_))).await?;
    let store = &opened.store;
    match command {
        SsoCommand::Add(add) => add_issuer(store, data, add).await,
        SsoCommand::List { organization: text } => {
            for issuer in store.issuers(&organization(&text)?).await? {
                let secret =
                    if issuer.client_secret.is_some() { "with a secret" } else { "without a secret" };
                let lets_in =
                    if issuer.lets_in { issuer.email_domains.join(",") } else { "nobody by itself".into() };
                println!(
                    "{}  {}  {}  client {} ({secret}), lets in {lets_in}",
                    issuer.id, issuer.name, issuer.url, issuer.client_id
                );
            }
            Ok(())
        }
        SsoCommand::Remove { id, organization: text } => {
            let entry = entry("issuer_removed", &id, String::new())?;
            if store.delete_issuer(&organization(&text)?, &id, &entry).await? {
                println!("{id} is removed.");
                return Ok(());
            }
            Err(Error::Usage(format!("{text} has no issuer {id}")))
        }
        SsoCommand::KeySignIn { state, organization: text } => {
            let organization = organization(&text)?;
            let seen = store.sign_in_settings(&organization).await?.rev;
            let entry =
                entry("api_key_sign_in", organization.as_str(), format!("{{\"state\":\"{state}\"}}"))?;
            match store.set_api_key_sign_in(&organization, state == "on", seen, &entry).await? {
                SettingsStored::Stored => {
                    println!("Signing in with API keys is {state}.");
                    Ok(())
                }
                SettingsStored::Changed => Err(changed()),
                SettingsStored::NoAdmin => Err(Error::Usage(
                    "no active admin has signed in at an issuer: invite one first (holdpoint members invite --roles admin)".into(),
                )),
            }
        }
    }
}

async fn add_issuer(store: &Store, data: &Data, add: AddIssuer) -> Result<(), Error> {
    let organization = organization(&add.organization)?;
    let known = store.issuer(&organization, &add.id).await?;
    let client_secret = if add.client_secret_stdin {
        let mut secret = String::new();
        let read = std::io::stdin().take(4096).read_to_string(&mut secret);
        read.map_err(|error| Error::Usage(format!("the secret cannot be read: {error}")))?;
        Some(secret.trim().to_owned()).filter(|secret| !secret.is_empty())
    } else {
        known.as_ref().and_then(|known| known.client_secret.clone())
    };
    let seen = known.as_ref().map(|known| known.rev);
    let issuer = Issuer {
        organization,
        id: add.id,
        name: add.name,
        url: add.issuer,
        client_id: add.client_id,
        client_secret,
        email_domains: add.email_domains.iter().map(|it| Issuer::domain(it)).collect(),
        lets_in: add.lets_in,
        groups_claim: add.groups_claim,
        rev: seen.map_or(0, |seen| seen + 1),
    };
    // What a deployment may call is checked there once more, when it calls.
    let egress = if data.aws { Egress::Public } else { Egress::PublicAndLoopback };
    if let Some((field, fault)) = issuer.fault(egress) {
        let flag = if field == "url" { "issuer".to_owned() } else { field.replace('_', "-") };
        return Err(Error::Usage(format!("--{flag} {fault}")));
    }
    let detail = serde_json::json!({ "url": issuer.url, "client_id": issuer.client_id, "lets_in": issuer.lets_in,
        "email_domains": issuer.email_domains, "groups_claim": issuer.groups_claim });
    let action = if seen.is_some() { "issuer_changed" } else { "issuer_added" };
    match store.put_issuer(&issuer, seen, &entry(action, &issuer.id, detail.to_string())?).await? {
        IssuerStored::Stored => {
            println!(
                "{} can sign in with {}. Its redirect URI is https://YOUR-HOST/inbox/sign-in/callback.",
                issuer.organization, issuer.name
            );
            Ok(())
        }
        IssuerStored::Changed => Err(changed()),
        IssuerStored::TooMany => {
            Err(Error::Usage(format!("an organization has at most {} issuers", Issuer::LIMIT)))
        }
    }
}

/// Runs one command of `holdpoint members`.
pub(crate) async fn members(data: &Data, command: MembersCommand) -> Result<(), Error> {
    let opened = existing(data, matches!(command, MembersCommand::Invite { .. })).await?;
    let store = &opened.store;
    match command {
        MembersCommand::Invite { organization: text, roles, groups, email, url } => {
            let roles = roles.iter().map(|word| role(word)).collect::<Result<Vec<_>, _>>()?;
            let groups = groups.iter().map(|word| group(word)).collect::<Result<Vec<_>, _>>()?;
            let (created_at, made_by) = (now(), operator()?);
            let expires_at = created_at.plus_millis(Invite::MILLIS);
            let organization = organization(&text)?;
            let invite = Invite {
                id: String::new(),
                organization,
                roles,
                groups,
                email,
                made_by,
                made_with: None,
                created_at,
                expires_at,
            };
            let token = InviteToken::generate()?;
            let invite = store.create_invite(&token, invite).await?;
            println!("{}/inbox/sign-in?invite={}", url.trim_end_matches('/'), token.reveal());
            eprintln!(
                "It works once, until {expires_at}. It is shown only this once; the table holds its hash."
            );
            if store.issuers(&invite.organization).await?.is_empty() {
                eprintln!("{text} has no issuer yet: holdpoint sso add --help");
            }
            Ok(())
        }
        MembersCommand::List { organization: text } => {
            for member in store.members(&organization(&text)?).await? {
                let roles: Vec<&str> = member.roles.iter().map(|role| role.as_str()).collect();
                let groups: Vec<String> = member.groups.iter().map(ToString::to_string).collect();
                let state = if member.is_active() { "active" } else { "disabled" };
                let email = member.email.as_deref().unwrap_or("-");
                println!(
                    "{}  {}  {email}  {}  {}  {state}",
                    member.actor.id,
                    member.actor.display_name,
                    roles.join(","),
                    groups.join(",")
                );
            }
            Ok(())
        }
        MembersCommand::Disable { id, organization: text } => {
            disable(store, &organization(&text)?, &id).await
        }
    }
}

async fn disable(store: &Store, organization: &OrganizationId, id: &str) -> Result<(), Error> {
    let unknown = || Error::Usage(format!("{organization} has no member {id}"));
    let actor = ActorId::parse(id).map_err(|_| unknown())?;
    let member = store.member(organization, &actor).await?.ok_or_else(unknown)?;
    let seen = member.rev;
    let member = Member { disabled_at: member.disabled_at.or(Some(now())), rev: seen + 1, ..member };
    if !store.put_member(&member, Some(seen), &entry("member_disabled", id, String::new())?).await? {
        return Err(changed());
    }
    store.end_sessions(&SessionHolder::Member(organization.clone(), actor)).await?;
    println!("{id} is disabled.");
    Ok(())
}

fn role(word: &str) -> Result<Role, Error> {
    Role::parse(word.trim())
        .ok_or_else(|| Error::Usage(format!("there is no role {word}; the roles are reviewer, lead, admin")))
}

fn changed() -> Error {
    Error::Usage("somebody has changed it meanwhile: try again".into())
}

/// Who administers at the command line.
fn operator() -> Result<Actor, Error> {
    api_keys::actor("agent", "holdpoint_command_line", "The command line")
}

fn entry(action: &str, target: &str, detail: String) -> Result<AdministrationEntry, Error> {
    Ok(AdministrationEntry {
        id: entry_id(),
        actor: operator()?,
        at: now(),
        action: action.into(),
        target: target.into(),
        detail,
    })
}
