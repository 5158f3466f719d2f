//! `holdpoint keys`: create, list and revoke API keys, in the embedded store or a real table.

use crate::Error;
use shared::review::{
    Actor, ActorId, ActorKind, GroupId, MAX_GROUPS, OrganizationId, Timestamp, is_blank, is_same_name,
};
use shared::store::{ApiKey, KeyRecord, Scope, Scopes, Store};

/// What a new key is for.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// The tenant.
    pub organization: OrganizationId,
    /// Who acts when it is used.
    pub actor: Actor,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// The groups that its actor belongs to.
    pub groups: Vec<GroupId>,
    /// When it ends, if it does.
    pub expires_at: Option<Timestamp>,
}

/// The actor of expiries and of policies that act (`shared::store`).
const PRODUCT: &str = "holdpoint";

/// An actor from the command line's words.
pub fn actor(kind: &str, id: &str, display_name: &str) -> Result<Actor, Error> {
    let kind = ActorKind::parse(kind)
        .ok_or_else(|| Error::Usage("the kind must be human, agent or model".into()))?;
    let id = ActorId::parse(id).map_err(|fault| Error::Usage(format!("the actor's id {fault}")))?;
    if is_same_name(id.as_str(), PRODUCT) {
        return Err(Error::Usage(format!(
            "{PRODUCT} is the id under which the product itself acts: choose another"
        )));
    }
    if is_blank(display_name) || display_name.chars().count() > Actor::MAX_DISPLAY_NAME {
        return Err(Error::Usage(format!(
            "the name must be 1 to {} characters long, and not blank",
            Actor::MAX_DISPLAY_NAME
        )));
    }
    // It is printed on terminals and shown to other people, as the names in requests are.
    if display_name.chars().any(char::is_control) {
        return Err(Error::Usage("the name must not contain control characters".into()));
    }
    Ok(Actor { kind, id, display_name: display_name.to_owned() })
}

/// Creates a key and returns it with its record: this is the only time that it is seen.
pub async fn create(store: &Store, new: NewKey, now: Timestamp) -> Result<(ApiKey, KeyRecord), Error> {
    if new.groups.len() > MAX_GROUPS {
        return Err(Error::Usage(format!("a key can have at most {MAX_GROUPS} groups")));
    }
    let mut random = [0; 32];
    getrandom::fill(&mut random).map_err(|error| Error::Usage(format!("no randomness: {error}")))?;
    let key = ApiKey::from_random(random);
    let record = KeyRecord {
        key_id: key.digest().key_id(),
        organization: new.organization,
        actor: new.actor,
        scopes: Scopes(new.scopes),
        groups: new.groups,
        created_at: now,
        expires_at: new.expires_at,
        revoked_at: None,
    };
    store.create_key(key.digest(), &record).await?;
    Ok((key, record))
}

/// The scope of a word of the command line.
pub fn scope(word: &str) -> Result<Scope, Error> {
    Scope::parse(word.trim()).ok_or_else(|| {
        let known = Scope::ALL.map(Scope::as_str).join(", ");
        Error::Usage(format!("there is no scope {word}; the scopes are {known}"))
    })
}

/// The group of a word of the command line.
pub fn group(word: &str) -> Result<GroupId, Error> {
    GroupId::parse(word.trim()).map_err(|fault| Error::Usage(format!("a group's name {fault}")))
}

/// Creates a key for the actor and with the scopes of an old one, which ends at `end`; at once, if that is now.
pub async fn rotate(
    store: &Store,
    organization: &OrganizationId,
    key_id: &str,
    end: Timestamp,
    now: Timestamp,
) -> Result<(ApiKey, KeyRecord), Error> {
    let old = store.list_keys(organization).await?.into_iter().find(|record| record.key_id == key_id);
    let Some(old) = old.filter(|old| old.is_live(now)) else {
        return Err(Error::Usage(format!("{organization} has no active key {key_id}")));
    };
    // The new key is valid for as long as the old one was.
    let expires_at = old.expires_at.map(|end| now.plus_millis(end.millis() - old.created_at.millis()));
    let new = NewKey {
        organization: organization.clone(),
        actor: old.actor,
        scopes: old.scopes.0,
        groups: old.groups,
        expires_at,
    };
    let created = create(store, new, now).await?;
    if end <= now {
        store.revoke_key(organization, key_id, now).await?;
    } else if old.expires_at.is_none_or(|own| end < own) {
        store.expire_key(organization, key_id, end).await?;
    }
    Ok(created)
}

/// The details of a new key, for a person.
pub fn summary(record: &KeyRecord) -> String {
    let words: Vec<&str> = record.scopes.0.iter().map(|scope| scope.as_str()).collect();
    let end = record.expires_at.map_or_else(String::new, |end| format!(", until {end}"));
    format!(
        "{} of {} ({} {}), with the scopes {}{end}. It is shown only this once; the table holds its hash.",
        record.key_id,
        record.actor.display_name,
        record.actor.kind.as_str(),
        record.actor.id,
        words.join(", ")
    )
}

/// The same for a program, with the key.
pub fn json(key: &ApiKey, record: &KeyRecord) -> serde_json::Value {
    serde_json::json!({
        "key": key.reveal(),
        "key_id": record.key_id,
        "kind": record.actor.kind,
        "id": record.actor.id,
        "name": record.actor.display_name,
        "scopes": record.scopes,
        "expires_at": record.expires_at,
    })
}

/// The keys of an organization as a table for a terminal.
pub fn table(records: &[KeyRecord], now: Timestamp) -> String {
    let mut rows = vec![["KEY ID", "KIND", "ACTOR", "NAME", "SCOPES", "CREATED", "STATE"].map(str::to_owned)];
    rows.extend(records.iter().map(|record| {
        let words: Vec<&str> = record.scopes.0.iter().map(|scope| scope.as_str()).collect();
        let state = match (record.revoked_at, record.expires_at) {
            (Some(at), _) => format!("revoked {at}"),
            (None, Some(end)) if end <= now => format!("expired {end}"),
            (None, Some(end)) => format!("until {end}"),
            (None, None) => "active".into(),
        };
        [
            record.key_id.clone(),
            record.actor.kind.as_str().to_owned(),
            record.actor.id.to_string(),
            record.actor.display_name.clone(),
            words.join(","),
            record.created_at.to_string(),
            state,
        ]
    }));
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let widths: Vec<usize> = (0..7).map(width).collect();
    let line = |row: &[String; 7]| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}
