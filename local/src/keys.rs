//! `holdpoint keys`: API keys of the embedded store, or of a table elsewhere.

use crate::cli::{CreateKey, Data, KeysCommand};
use crate::now;
use crate::open::Opened;
use local::Error;
use local::api_keys::{self, NewKey};
use local::emulator::Emulator;
use shared::review::{GroupId, OrganizationId};
use shared::store::{ApiKey, KeyRecord, Scope, Store};

/// The organization of the command line.
pub(crate) fn organization(text: &str) -> Result<OrganizationId, Error> {
    OrganizationId::parse(text).map_err(|fault| Error::Usage(format!("the organization {fault}")))
}

/// The store that is to be administered: that of a running product, if one has the data folder. `may_be_new`: it need not exist yet.
pub(crate) async fn existing(data: &Data, may_be_new: bool) -> Result<Opened, Error> {
    if data.ephemeral {
        return Err(Error::Usage("--ephemeral keeps nothing: leave it out".into()));
    }
    let elsewhere = data.aws || data.dynamodb_endpoint.is_some();
    if !elsewhere && !may_be_new && !data.folder.exists() {
        return Err(Error::Usage(format!("there is no data in {} yet", data.folder.display())));
    }
    match Emulator::running_in(&data.folder).filter(|_| !elsewhere) {
        Some(endpoint) => data.open_endpoint(&endpoint).await,
        None => data.open().await,
    }
}

/// Runs one command.
pub(crate) async fn keys(data: &Data, command: KeysCommand) -> Result<(), Error> {
    let opened = existing(data, matches!(command, KeysCommand::Create(_))).await?;
    match command {
        KeysCommand::Create(new) => create_key(&opened.store, organization(&new.organization)?, new).await,
        KeysCommand::Rotate { key_id, organization: text, keep_old_for_hours, json } => {
            rotate_key(&opened.store, &organization(&text)?, &key_id, keep_old_for_hours, json).await
        }
        KeysCommand::List { organization: text } => {
            let records = opened.store.list_keys(&organization(&text)?).await?;
            println!("{}", api_keys::table(&records, now()));
            Ok(())
        }
        KeysCommand::Revoke { key_id, organization: text } => {
            if opened
                .store
                .revoke_key(&organization(&text)?, &key_id, &api_keys::command_line(), now())
                .await?
            {
                println!("{key_id} is revoked; it stops working within a minute.");
                Ok(())
            } else {
                Err(Error::Usage(format!("{text} has no key {key_id}")))
            }
        }
    }
}

async fn create_key(store: &Store, organization: OrganizationId, new: CreateKey) -> Result<(), Error> {
    let scopes: Result<Vec<Scope>, Error> = new.scopes.iter().map(|word| api_keys::scope(word)).collect();
    let groups: Result<Vec<GroupId>, Error> = new.groups.iter().map(|word| api_keys::group(word)).collect();
    let json = new.json;
    let new = NewKey {
        organization,
        actor: api_keys::actor(&new.kind, &new.id, &new.name)?,
        scopes: scopes?,
        groups: groups?,
        expires_at: new.expires_in_days.end(now()),
    };
    let (key, record) = api_keys::create(store, new, now()).await?;
    print_key(&key, &record, json);
    Ok(())
}

async fn rotate_key(
    store: &Store,
    organization: &OrganizationId,
    key_id: &str,
    keep_old_for_hours: u32,
    json: bool,
) -> Result<(), Error> {
    let end = now().plus_millis(i64::from(keep_old_for_hours) * 3_600_000);
    let (key, record) = api_keys::rotate(store, organization, key_id, end, now()).await?;
    print_key(&key, &record, json);
    eprintln!("{key_id} stays valid until {end}.");
    Ok(())
}

/// The key on standard output, for a program to take; the rest on standard error, for a person.
fn print_key(key: &ApiKey, record: &KeyRecord, json: bool) {
    if json {
        println!("{}", api_keys::json(key, record));
    } else {
        println!("{}", key.reveal());
    }
    eprintln!("{}", api_keys::summary(record));
}
