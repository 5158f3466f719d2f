//! How an organization's people may sign in, besides at its issuers.

use crate::review::OrganizationId;
use crate::store::access::administration::AdministrationEntry;
use crate::store::access::issuers::Issuer;
use crate::store::access::members::Member;
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::table::calls::Change;
use crate::store::table::codec::{self, Attributes, number};
use crate::store::table::transaction::Transacted;
use crate::store::table::{expressions, keys};
use aws_sdk_dynamodb::types::AttributeValue;
use serde::Deserialize;

/// The settings of signing in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignInSettings {
    /// Whether an API key signs in at the inbox. Keys of programs work either way.
    pub api_key_sign_in: bool,
    /// The number of changes; a change names the one that it was made on.
    pub rev: u64,
}

/// What became of changing the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum SettingsStored {
    /// They are stored.
    Stored,
    /// Somebody has changed them meanwhile.
    Changed,
    /// Nobody could sign in and administer any more: no active admin signs in at an issuer.
    NoAdmin,
}

#[derive(Deserialize)]
struct SettingsItem {
    #[serde(default = "yes")]
    api_key_sign_in: bool,
    #[serde(default)]
    rev: u64,
}

const fn yes() -> bool {
    true
}

impl Store {
    /// The settings of an organization; with none stored, API keys sign in.
    pub async fn sign_in_settings(
        &self,
        organization: &OrganizationId,
    ) -> Result<SignInSettings, StoreError> {
        let found = self.get(keys::issuers(organization), keys::SIGN_IN_SETTINGS.into()).await?;
        let found = found.map(codec::decode_item::<SettingsItem>).transpose()?;
        let found = found.unwrap_or(SettingsItem { api_key_sign_in: true, rev: 0 });
        Ok(SignInSettings { api_key_sign_in: found.api_key_sign_in, rev: found.rev })
    }

    /// Whether an active member who is an admin has signed in at one of these issuers. It reads all members.
    pub async fn has_admin_at(
        &self,
        organization: &OrganizationId,
        issuers: &[Issuer],
    ) -> Result<bool, StoreError> {
        let is_there = |member: &Member| {
            let identity = member.identity.as_ref();
            identity.is_some_and(|identity| issuers.iter().any(|issuer| issuer.url == identity.issuer))
        };
        Ok(self.members(organization).await?.iter().any(|member| member.administers() && is_there(member)))
    }

    /// Sets whether API keys sign in, as changed on `seen`, with the entry that says so. They are never switched off without an active
    /// member who is an admin and has signed in at an issuer that still is one of the organization's.
    pub async fn set_api_key_sign_in(
        &self,
        organization: &OrganizationId,
        is_allowed: bool,
        seen: u64,
        entry: &AdministrationEntry,
    ) -> Result<SettingsStored, StoreError> {
        if !is_allowed {
            let issuers = self.issuers(organization).await?;
            if !self.has_admin_at(organization, &issuers).await? {
                return Ok(SettingsStored::NoAdmin);
            }
        }
        let values = Attributes::from([
            (":allowed".to_owned(), AttributeValue::Bool(is_allowed)),
            (":seen".to_owned(), number(seen)),
            (":next".to_owned(), number(seen + 1)),
        ]);
        let condition = Some(expressions::SAME_SETTINGS);
        let change = Change { condition, ..Change::new(expressions::SET_KEY_SIGN_IN, values) };
        let key = (keys::issuers(organization), keys::SIGN_IN_SETTINGS.into());
        let writes =
            vec![self.transact_update(key, change)?, self.transact_create(entry.item(organization)?)?];
        Ok(match self.transact(writes).await? {
            Transacted::Written => SettingsStored::Stored,
            Transacted::Refused(_) => SettingsStored::Changed,
        })
    }
}
