//! `holdpoint keys`: create, list and revoke API keys, in the embedded store or a real table.

use crate::Error;
use shared::review::{Actor, ActorId, ActorKind, GroupId, MAX_GROUPS, OrganizationId, Timestamp, is_blank};
use shared::store::{ApiKey, KeyRecord, Scope, Store};

pub use shared::store::NewKey;

/// An actor from the command line's words.
pub fn actor(kind: &str, id: &str, display_name: &str) -> Result<Actor, Error> {
    let kind = ActorKind::parse(kind)
        .ok_or_else(|| Error::Usage("the kind must be human, agent or model".into()))?;
    let id = ActorId::parse(id).map_err(|fault| Error::Usage(format!("the actor's id {fault}")))?;
    if id.is_of_product() {
        return Err(Error::Usage(format!(
            "{id} is the id under which the product itself acts: choose another"
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

/// Who makes and ends keys here, for the audit of administration: whoever may use the table.
pub fn command_line() -> Actor {
    let id = ActorId::parse("command-line").unwrap_or_else(|_| unreachable!("letters"));
    Actor { kind: ActorKind::Agent, id, display_name: "Command line".into() }
}

/// Creates a key and returns it with its record: this is the only time that it is seen.
pub async fn create(store: &Store, new: NewKey, now: Timestamp) -> Result<(ApiKey, KeyRecord), Error> {
    if new.groups.len() > MAX_GROUPS {
        return Err(Error::Usage(format!("a key can have at most {MAX_GROUPS} groups")));
    }
    Ok(store.create_key(new, &command_line(), now).await?)
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
    let none = || Error::Usage(format!("{organization} has no active key {key_id}"));
    let old = store.key(organization, key_id).await?.filter(|old| old.is_live(now)).ok_or_else(none)?;
    store.rotate_key(&old, end, &command_line(), now).await?.ok_or_else(none)
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
