//! API keys. The key itself is not stored; its SHA-256 is its item's key.

use crate::hex::hex;
use crate::new_id::random;
use crate::review::{Actor, FromWord, GroupId, OrganizationId, Timestamp, Word};
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::items::values::{StoredActor, decode_groups};
use crate::store::table::{codec, keys};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A key as a client sends it: `hp_` and 32 to 125 URL-safe characters. Never logged, never stored.
#[derive(Clone)]
pub struct ApiKey(String);

impl ApiKey {
    /// Parses the `Api-Key` header's text.
    pub fn parse(text: &str) -> Option<Self> {
        let secret = text.strip_prefix("hp_")?;
        let safe = secret.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        (safe && (32..=125).contains(&secret.len())).then(|| Self(text.to_owned()))
    }

    /// A new key.
    pub fn generate() -> Result<Self, StoreError> {
        Ok(Self::from_random(random()?))
    }

    /// Makes a key of 32 random bytes: 256 bits, 43 characters after the prefix.
    pub fn from_random(bytes: [u8; 32]) -> Self {
        Self(format!("hp_{}", URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// What is stored in its place. The key is random and long, so a plain hash is enough.
    pub fn digest(&self) -> ApiKeyDigest {
        ApiKeyDigest(Sha256::digest(&self.0).into())
    }

    /// The key's text, to hand to its owner once.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ApiKey(..)")
    }
}

/// SHA-256 of an API key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ApiKeyDigest([u8; 32]);

impl ApiKeyDigest {
    /// Reads what [`ApiKeyDigest::hex`] wrote.
    pub(in crate::store) fn from_hex(hex: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        let digits = hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
        for (place, byte) in bytes.iter_mut().enumerate().filter(|_| digits) {
            *byte = u8::from_str_radix(&hex[2 * place..2 * place + 2], 16).ok()?;
        }
        digits.then_some(Self(bytes))
    }

    pub(in crate::store) fn hex(self) -> String {
        hex(&self.0)
    }

    /// What people call the key: `key_` and the first 16 digits of the digest.
    pub fn key_id(self) -> String {
        format!("key_{}", &self.hex()[..16])
    }
}

/// What a key may do. Each call asks for exactly one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// List and read reviews.
    Read,
    /// Claim, release, correct and decide. Whoever decides must see on what, so it includes reading.
    Review,
    /// Open reviews: the workflow runtime's. It does not include reading what others did to them.
    Runtime,
    /// Administer the organization.
    Admin,
}

impl Scope {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Read, Self::Review, Self::Runtime, Self::Admin];

    /// Their words.
    pub const WORDS: [Word; 4] = {
        let mut words = [Word { text: "", meaning: "" }; 4];
        let mut index = 0;
        while index < words.len() {
            let scope = Self::ALL[index];
            words[index] = Word { text: scope.as_str(), meaning: scope.meaning() };
            index += 1;
        }
        words
    };

    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Review => "review",
            Self::Runtime => "runtime",
            Self::Admin => "admin",
        }
    }

    /// What it lets a key do, in a sentence.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Read => "List and read reviews.",
            Self::Review => "Claim, release, correct and decide; it includes reading.",
            Self::Runtime => "Open reviews, and what else a workflow runtime does.",
            Self::Admin => "Administer the organization: people, keys, webhooks, sign-in, policies.",
        }
    }

    /// The scope of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == word)
    }
}

impl FromWord for Scope {
    fn from_word(text: &str) -> Option<Self> {
        Self::parse(text)
    }
}

/// The scopes of one key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Scopes(pub Vec<Scope>);

impl Scopes {
    /// Whether the key may do what `scope` covers.
    pub fn allow(&self, scope: Scope) -> bool {
        self.0.contains(&scope) || (scope == Scope::Read && self.0.contains(&Scope::Review))
    }
}

/// What is known of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRecord {
    /// What people call it.
    pub key_id: String,
    /// The tenant.
    pub organization: OrganizationId,
    /// Who acts when it is used.
    pub actor: Actor,
    /// What it may do.
    pub scopes: Scopes,
    /// The groups that its actor belongs to.
    pub groups: Vec<GroupId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who made it. Only the register knows it, and not of keys from before it was noted.
    pub created_by: Option<Actor>,
    /// When it ends, if it does.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked, if it was.
    pub revoked_at: Option<Timestamp>,
    /// The day on which it was last used, as far as that is known. Only lists know it.
    pub last_used_at: Option<Timestamp>,
}

impl KeyRecord {
    /// Whether it may be used at `now`.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }
}

/// KEY, under the key's digest, and the same under the organization's register, so that keys can be listed and
/// revoked by their id without a scan.
#[derive(Clone, Serialize, Deserialize)]
pub(in crate::store) struct KeyItem {
    pub(in crate::store) pk: String,
    pub(in crate::store) sk: String,
    pub(in crate::store) digest: String,
    key_id: String,
    organization: String,
    actor: StoredActor,
    scopes: Scopes,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    groups: Vec<String>,
    created_at: i64,
    /// In the register alone: nothing that a key is used for asks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    created_by: Option<StoredActor>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires_at: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    revoked_at: Option<i64>,
}

impl KeyItem {
    /// The item under the key's digest.
    pub(in crate::store) fn by_digest(digest: ApiKeyDigest, record: &KeyRecord) -> Self {
        Self {
            pk: keys::api_key(&digest.hex()),
            sk: keys::KEY.into(),
            digest: digest.hex(),
            key_id: record.key_id.clone(),
            organization: record.organization.to_string(),
            actor: StoredActor::from(&record.actor),
            scopes: record.scopes.clone(),
            groups: record.groups.iter().map(ToString::to_string).collect(),
            created_at: record.created_at.millis(),
            created_by: None,
            expires_at: record.expires_at.map(Timestamp::millis),
            revoked_at: record.revoked_at.map(Timestamp::millis),
        }
    }

    /// The same in its organization's register.
    pub(in crate::store) fn in_register(self, record: &KeyRecord) -> Self {
        Self {
            pk: keys::key_register(&record.organization),
            sk: record.key_id.clone(),
            created_by: record.created_by.as_ref().map(StoredActor::from),
            ..self
        }
    }

    pub(in crate::store) fn decode(self) -> Result<KeyRecord, StoreError> {
        let organization = OrganizationId::parse(&self.organization);
        Ok(KeyRecord {
            key_id: self.key_id,
            organization: organization
                .map_err(|_| StoreError::Corrupt("organization is not valid".into()))?,
            actor: self.actor.decode()?,
            scopes: self.scopes,
            groups: decode_groups(&self.groups)?,
            created_at: Timestamp::from_millis(self.created_at),
            created_by: self.created_by.map(StoredActor::decode).transpose()?,
            expires_at: self.expires_at.map(Timestamp::from_millis),
            revoked_at: self.revoked_at.map(Timestamp::from_millis),
            last_used_at: None,
        })
    }
}

impl Store {
    /// The key with that digest, live or not, read consistently.
    pub async fn find_key(&self, digest: ApiKeyDigest) -> Result<Option<KeyRecord>, StoreError> {
        let item = self.get_key_item(keys::api_key(&digest.hex()), keys::KEY.into()).await?;
        item.map(KeyItem::decode).transpose()
    }

    pub(in crate::store) async fn get_key_item(
        &self,
        pk: String,
        sk: String,
    ) -> Result<Option<KeyItem>, StoreError> {
        self.get(pk, sk).await?.map(codec::decode_item::<KeyItem>).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_hp_and_32_or_more_url_safe_characters() {
        let good = format!("hp_{}", "aZ0-_".repeat(8));
        assert!(ApiKey::parse(&good).is_some());
        assert!(ApiKey::parse(ApiKey::from_random([7; 32]).reveal()).is_some());
        for bad in
            ["", "hp_", "hp_short", &good[3..], &format!("{good}!"), &format!("hp_{}", "x".repeat(126))]
        {
            assert!(ApiKey::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_digest_is_read_from_its_own_hex_and_from_no_other_text() {
        let digest = ApiKey::from_random([7; 32]).digest();
        let hex = digest.hex();
        assert_eq!(ApiKeyDigest::from_hex(&hex), Some(digest));
        for bad in ["", &hex[2..], &format!("{hex}00"), &format!("+{}", &hex[1..]), &"é".repeat(32)] {
            assert_eq!(ApiKeyDigest::from_hex(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_scope_is_read_from_its_word_alone() {
        assert_eq!(Scope::ALL.map(|scope| Scope::parse(scope.as_str())), Scope::ALL.map(Some));
        assert_eq!(Scope::parse("root"), None);
    }

    #[test]
    fn the_debug_form_of_a_key_does_not_hold_it() {
        assert_eq!(format!("{:?}", ApiKey::from_random([7; 32])), "ApiKey(..)");
    }
}
