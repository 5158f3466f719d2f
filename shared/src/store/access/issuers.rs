//! Issuers of identities (OpenID Connect) at which an organization's members sign in.

use crate::egress::Egress;
use crate::review::{OrganizationId, is_blank};
use crate::store::access::administration::AdministrationEntry;
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::table::calls::Change;
use crate::store::table::codec::{self, Attributes, corrupt, number};
use crate::store::table::transaction::Transacted;
use crate::store::table::{expressions, keys};
use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use serde::{Deserialize, Serialize};

/// What is known of an issuer. Its secret is in the table as it is: the table is encrypted.
#[derive(Clone, PartialEq, Eq)]
pub struct Issuer {
    /// The tenant.
    pub organization: OrganizationId,
    /// What addresses and attempts call it: lower-case letters, digits and hyphens; see [`Issuer::is_id`].
    pub id: String,
    /// What people call it: `Entra`.
    pub name: String,
    /// Its issuer URL, exactly as it says it itself (`iss`).
    pub url: String,
    /// Who we are there.
    pub client_id: String,
    /// Our secret there, if it has given us one.
    pub client_secret: Option<String>,
    /// The domains of e-mail addresses that [`Issuer::lets_in`] means, in lower case.
    pub email_domains: Vec<String>,
    /// Whether people whom nobody has invited become reviewers, if their verified e-mail address is in one of the domains.
    pub lets_in: bool,
    /// The claim that lists somebody's groups.
    pub groups_claim: Option<String>,
    /// The number of changes; a change names the one that it was made on.
    pub rev: u64,
}

/// Without the secret.
impl std::fmt::Debug for Issuer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { organization, id, url, .. } = self;
        write!(f, "Issuer({organization}, {id}, {url})")
    }
}

/// What became of storing an issuer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum IssuerStored {
    /// It is stored.
    Stored,
    /// Somebody has changed, made or removed it meanwhile.
    Changed,
    /// The organization has [`Issuer::LIMIT`] of them.
    TooMany,
}

#[derive(Serialize, Deserialize)]
struct IssuerItem {
    pk: String,
    sk: String,
    organization: String,
    name: String,
    url: String,
    client_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    client_secret: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    email_domains: Vec<String>,
    #[serde(default)]
    lets_in: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    groups_claim: Option<String>,
    rev: u64,
}

impl Issuer {
    /// Issuers of one organization at most.
    pub const LIMIT: u64 = 10;
    /// Domains of one issuer at most.
    pub const DOMAINS: usize = 50;

    /// Whether a text can be an issuer's id: 1 to 40 lower-case letters, digits and hyphens.
    pub fn is_id(text: &str) -> bool {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        (1..=40).contains(&text.len()) && text.bytes().all(plain)
    }

    /// Longest name, in characters.
    pub const NAME_LIMIT: usize = 60;
    /// Longest client id, in characters.
    pub const CLIENT_ID_LIMIT: usize = 256;
    /// Longest client secret, in characters.
    pub const SECRET_LIMIT: usize = 4096;
    /// Longest name of a claim, in characters.
    pub const CLAIM_LIMIT: usize = 200;

    /// What cannot be stored: the field, and what is wrong with it. A deployment checks the URL once more when it calls.
    pub fn fault(&self, egress: Egress) -> Option<(&'static str, String)> {
        let is_plain = |text: &str, limit: usize| {
            !is_blank(text) && text.chars().count() <= limit && !text.chars().any(char::is_control)
        };
        let is_domain = |text: &String| {
            let plain = |letter: char| letter.is_alphanumeric() || letter == '-' || letter == '.';
            text.contains('.') && !text.starts_with('.') && text.len() <= 253 && text.chars().all(plain)
        };
        let in_one_line = |most: usize| format!("must be 1 to {most} characters, in one line");
        if !Self::is_id(&self.id) {
            return Some(("id", "must be 1 to 40 lower-case letters, digits and hyphens".into()));
        }
        if !is_plain(&self.name, Self::NAME_LIMIT) {
            return Some((
                "name",
                format!("must be 1 to {} characters, not blank, in one line", Self::NAME_LIMIT),
            ));
        }
        match egress.parse(&self.url) {
            Err(fault) => return Some(("url", fault.to_string())),
            Ok(url) if url.query().is_some() => return Some(("url", "must not have a query".into())),
            Ok(_) => {}
        }
        if !is_plain(&self.client_id, Self::CLIENT_ID_LIMIT) {
            return Some(("client_id", in_one_line(Self::CLIENT_ID_LIMIT)));
        }
        if self.client_secret.as_deref().is_some_and(|text| !is_plain(text, Self::SECRET_LIMIT)) {
            return Some(("client_secret", in_one_line(Self::SECRET_LIMIT)));
        }
        if self.email_domains.len() > Self::DOMAINS || !self.email_domains.iter().all(is_domain) {
            return Some((
                "email_domains",
                format!("must be at most {} domains such as example.com", Self::DOMAINS),
            ));
        }
        if self.lets_in && self.email_domains.is_empty() {
            return Some(("email_domains", "must name a domain, if people of its domains are let in".into()));
        }
        if self.groups_claim.as_deref().is_some_and(|text| !is_plain(text, Self::CLAIM_LIMIT)) {
            return Some(("groups_claim", in_one_line(Self::CLAIM_LIMIT)));
        }
        None
    }

    /// A domain as it is stored: `@Example.COM` is `example.com`.
    pub fn domain(typed: &str) -> String {
        typed.trim().trim_start_matches('@').to_ascii_lowercase()
    }

    /// Whether it lets in whoever has this address, which it has verified.
    pub fn lets_in_address(&self, email: &str) -> bool {
        let domain = email.rsplit_once('@').map(|(_, domain)| domain.to_ascii_lowercase());
        self.lets_in && domain.is_some_and(|domain| self.email_domains.contains(&domain))
    }

    fn item(&self) -> Result<Attributes, StoreError> {
        codec::encode_item(&IssuerItem {
            pk: keys::issuers(&self.organization),
            sk: format!("{}{}", keys::ISSUER, self.id),
            organization: self.organization.to_string(),
            name: self.name.clone(),
            url: self.url.clone(),
            client_id: self.client_id.clone(),
            client_secret: self.client_secret.clone(),
            email_domains: self.email_domains.clone(),
            lets_in: self.lets_in,
            groups_claim: self.groups_claim.clone(),
            rev: self.rev,
        })
    }
}

impl IssuerItem {
    fn decode(self) -> Result<Issuer, StoreError> {
        Ok(Issuer {
            organization: OrganizationId::parse(&self.organization).map_err(|_| corrupt("organization")())?,
            id: self.sk.strip_prefix(keys::ISSUER).ok_or_else(corrupt("an issuer's id"))?.to_owned(),
            name: self.name,
            url: self.url,
            client_id: self.client_id,
            client_secret: self.client_secret,
            email_domains: self.email_domains,
            lets_in: self.lets_in,
            groups_claim: self.groups_claim,
            rev: self.rev,
        })
    }
}

impl Store {
    /// The issuers of an organization, by id. One query.
    pub async fn issuers(&self, organization: &OrganizationId) -> Result<Vec<Issuer>, StoreError> {
        let query = self
            .part(keys::issuers(organization), expressions::BEGINS_WITH)
            .expression_attribute_values(":prefix", AttributeValue::S(keys::ISSUER.into()));
        let found = self.gather(query, None).await?.into_iter();
        found.map(|item| codec::decode_item::<IssuerItem>(item)?.decode()).collect()
    }

    /// One issuer.
    pub async fn issuer(
        &self,
        organization: &OrganizationId,
        id: &str,
    ) -> Result<Option<Issuer>, StoreError> {
        if !Issuer::is_id(id) {
            return Ok(None);
        }
        let found = self.get(keys::issuers(organization), format!("{}{id}", keys::ISSUER)).await?;
        found.map(|item| codec::decode_item::<IssuerItem>(item)?.decode()).transpose()
    }

    /// Stores an issuer as changed on `seen`, none for a new one, with the entry that says so. `issuer.rev` must be the next one.
    pub async fn put_issuer(
        &self,
        issuer: &Issuer,
        seen: Option<u64>,
        entry: &AdministrationEntry,
    ) -> Result<IssuerStored, StoreError> {
        let put = self.transact_put_at(issuer.item()?, seen)?;
        let mut writes = vec![put, self.transact_create(entry.item(&issuer.organization)?)?];
        if seen.is_none() {
            writes.push(self.count_issuer(&issuer.organization, 1)?);
        }
        Ok(match self.transact(writes).await? {
            Transacted::Written => IssuerStored::Stored,
            Transacted::Refused(why) if !why.failed(0) && why.failed(2) => IssuerStored::TooMany,
            Transacted::Refused(_) => IssuerStored::Changed,
        })
    }

    /// Removes an issuer, with the entry that says so; returns whether it was there. Sessions that it has begun go on.
    pub async fn delete_issuer(
        &self,
        organization: &OrganizationId,
        id: &str,
        entry: &AdministrationEntry,
    ) -> Result<bool, StoreError> {
        let key = (keys::issuers(organization), format!("{}{id}", keys::ISSUER));
        let writes = vec![
            self.transact_delete(key, expressions::PRESENT)?,
            self.transact_create(entry.item(organization)?)?,
            self.count_issuer(organization, -1)?,
        ];
        Ok(matches!(self.transact(writes).await?, Transacted::Written))
    }

    fn count_issuer(&self, organization: &OrganizationId, by: i64) -> Result<TransactWriteItem, StoreError> {
        let mut values = Attributes::from([(":one".to_owned(), number(by))]);
        let is_more = by > 0;
        if is_more {
            values.insert(":limit".to_owned(), number(Issuer::LIMIT));
        }
        let condition = is_more.then_some(expressions::ROOM_FOR_ISSUER);
        let change = Change { condition, ..Change::new(expressions::COUNT_ISSUER, values) };
        self.transact_update((keys::issuers(organization), keys::SIGN_IN_SETTINGS.into()), change)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issuer() -> Issuer {
        Issuer {
            organization: OrganizationId::parse("org").unwrap(),
            id: "entra".into(),
            name: "Entra".into(),
            url: "https://issuer.example".into(),
            client_id: "us".into(),
            client_secret: Some("hush".into()),
            email_domains: vec!["example.com".into()],
            lets_in: true,
            groups_claim: Some("groups".into()),
            rev: 3,
        }
    }

    #[test]
    fn an_issuer_reads_back_as_stored_and_does_not_show_its_secret() {
        let issuer = issuer();
        let item: IssuerItem = codec::decode_item(issuer.item().unwrap()).unwrap();
        assert_eq!(item.decode().unwrap(), issuer);
        assert!(!format!("{issuer:?}").contains("hush"));
    }

    #[test]
    fn an_address_is_let_in_by_its_whole_domain() {
        let issuer = issuer();
        let of = |email: &str| issuer.lets_in_address(email);
        assert!(of("a@example.com") && of("a@Example.COM"));
        for other in ["a@evil-example.com", "a@sub.example.com", "example.com", "a@example.com@evil.com", ""]
        {
            assert!(!of(other), "{other}");
        }
        assert!(!Issuer { lets_in: false, ..issuer }.lets_in_address("a@example.com"));
    }

    #[test]
    fn what_is_wrong_with_an_issuer_is_said_of_its_field() {
        assert_eq!(issuer().fault(Egress::Public), None);
        let long = |length: usize| "x".repeat(length);
        for (field, wrong) in [
            ("id", Issuer { id: "A".into(), ..issuer() }),
            ("name", Issuer { name: " ".into(), ..issuer() }),
            ("name", Issuer { name: long(61), ..issuer() }),
            ("name", Issuer { name: "a\nb".into(), ..issuer() }),
            ("url", Issuer { url: "http://issuer.example".into(), ..issuer() }),
            ("url", Issuer { url: "https://10.0.0.1".into(), ..issuer() }),
            ("url", Issuer { url: "https://issuer.example?a=b".into(), ..issuer() }),
            ("url", Issuer { url: "https://a:b@issuer.example".into(), ..issuer() }),
            ("client_id", Issuer { client_id: long(257), ..issuer() }),
            ("client_secret", Issuer { client_secret: Some(long(4097)), ..issuer() }),
            ("email_domains", Issuer { email_domains: vec!["com".into()], ..issuer() }),
            ("email_domains", Issuer { email_domains: vec!["a@b.com".into()], ..issuer() }),
            ("email_domains", Issuer { email_domains: vec!["a.com".into(); 51], ..issuer() }),
            ("email_domains", Issuer { email_domains: Vec::new(), ..issuer() }),
            ("groups_claim", Issuer { groups_claim: Some(String::new()), ..issuer() }),
        ] {
            let found = wrong.fault(Egress::Public);
            assert_eq!(found.as_ref().map(|(field, _)| *field), Some(field), "{found:?}");
        }
    }

    #[test]
    fn an_issuers_id_is_plain() {
        assert!(Issuer::is_id("entra-2"));
        for bad in ["", "A", "a#b", "a/b", "é", &"a".repeat(41)] {
            assert!(!Issuer::is_id(bad), "{bad}");
        }
    }
}
