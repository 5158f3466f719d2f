//! What of an identity token is believed: nothing before its signature, its issuer, who it is for, its times and its nonce are checked.

use crate::issuer::Found;
use crate::refusal::Refusal;
use chrono::{DateTime, Utc};
use openidconnect::core::{
    CoreGenderClaim, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm as Algorithm,
};
use openidconnect::{
    AdditionalClaims, ClaimsVerificationError, ClientId, IdToken, IdTokenVerifier, IssuerUrl, Nonce,
    SignatureVerificationError,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared::review::{Actor, GroupId, Timestamp};
use shared::store::{Identity, Issuer, SignInAttempt};
use std::collections::BTreeMap;
use std::str::FromStr;

/// How far clocks may differ, in milliseconds.
const SKEW_MILLIS: i64 = 120_000;
/// Groups of one person that are read at most.
const GROUPS: usize = 200;

/// Algorithms with a public key. `none` and those with a shared secret are never among them.
const ALGORITHMS: [Algorithm; 6] = [
    Algorithm::RsaSsaPkcs1V15Sha256,
    Algorithm::RsaSsaPkcs1V15Sha384,
    Algorithm::RsaSsaPkcs1V15Sha512,
    Algorithm::EcdsaP256Sha256,
    Algorithm::EcdsaP384Sha384,
    Algorithm::EdDsa,
];

/// What is believed of somebody.
pub(crate) struct Proven {
    pub(crate) identity: Identity,
    pub(crate) name: String,
    /// Their e-mail address, if the issuer has verified it.
    pub(crate) email: Option<String>,
    /// Whether it named one that it has not verified.
    pub(crate) has_unverified_email: bool,
    /// Their groups, if the issuer names any.
    pub(crate) groups: Option<Vec<GroupId>>,
}

/// The claims that the specification does not name.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct OtherClaims {
    #[serde(flatten)]
    all: BTreeMap<String, Value>,
}

impl AdditionalClaims for OtherClaims {}

type Token = IdToken<OtherClaims, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, Algorithm>;

/// Checks an identity token.
pub(crate) fn verify(
    token: &str,
    settings: &Issuer,
    found: &Found,
    attempt: &SignInAttempt,
    now: Timestamp,
) -> Result<Proven, Refusal> {
    let token = Token::from_str(token).map_err(|_| Refusal::InvalidToken)?;
    let at = |now: Timestamp| DateTime::<Utc>::from_timestamp_millis(now.millis()).unwrap_or_default();
    let earliest = at(attempt.started_at.plus_millis(-SKEW_MILLIS));
    let latest = at(now.plus_millis(SKEW_MILLIS));
    let url = IssuerUrl::new(settings.url.clone()).map_err(|_| Refusal::TokenIssuer)?;
    let keys = openidconnect::JsonWebKeySet::<CoreJsonWebKey>::new(found.keys.keys().clone());
    // As a public client: a secret that two know proves nothing about either.
    let verifier = IdTokenVerifier::new_public_client(ClientId::new(settings.client_id.clone()), url, keys)
        .set_allowed_algs(ALGORITHMS)
        .set_time_fn(move || at(now));
    let claims = token.into_claims(&verifier, &Nonce::new(attempt.nonce.clone())).map_err(named)?;
    if !(earliest..=latest).contains(&claims.issue_time()) {
        return Err(Refusal::IssuedAt);
    }
    let other = &claims.additional_claims().all;
    if let Some(from) = other.get("nbf") {
        let from = from.as_f64().ok_or(Refusal::NotYetValid)?;
        #[allow(clippy::cast_precision_loss)] // seconds
        if from > latest.timestamp() as f64 {
            return Err(Refusal::NotYetValid);
        }
    }
    if claims.authorized_party().is_some_and(|party| party.as_str() != settings.client_id) {
        return Err(Refusal::AuthorizedParty);
    }
    let subject = claims.subject().as_str();
    if subject.is_empty() || subject.len() > 255 {
        return Err(Refusal::Subject);
    }
    let is_verified = claims.email_verified() == Some(true);
    let email = claims.email().map(|email| email.as_str()).filter(|it| is_address(it));
    let name = claims.name().and_then(|name| name.get(None)).map(|name| name.as_str());
    let user_name = claims.preferred_username().map(|name| name.as_str());
    let of_email = email.filter(|_| is_verified).and_then(|email| email.split('@').next());
    let groups = settings.groups_claim.as_ref().map(|claim| groups(other.get(claim)));
    Ok(Proven {
        identity: Identity { issuer: settings.url.clone(), subject: subject.to_owned() },
        name: [name, user_name, of_email]
            .into_iter()
            .flatten()
            .find_map(display_name)
            .unwrap_or("Member".into()),
        email: email.filter(|_| is_verified).map(str::to_owned),
        has_unverified_email: email.is_some() && !is_verified,
        groups,
    })
}

/// The name of what was wrong.
fn named(error: ClaimsVerificationError) -> Refusal {
    use SignatureVerificationError as Signature;
    match error {
        ClaimsVerificationError::Expired(_) => Refusal::Expired,
        ClaimsVerificationError::InvalidAudience(_) => Refusal::Audience,
        ClaimsVerificationError::InvalidIssuer(_) => Refusal::TokenIssuer,
        ClaimsVerificationError::InvalidNonce(_) => Refusal::Nonce,
        ClaimsVerificationError::InvalidSubject(_) => Refusal::Subject,
        ClaimsVerificationError::SignatureVerification(error) => match error {
            Signature::NoSignature => Refusal::Unsigned,
            Signature::DisallowedAlg(_) | Signature::UnsupportedAlg(_) => Refusal::Algorithm,
            Signature::NoMatchingKey => Refusal::UnknownKey,
            _ => Refusal::Signature,
        },
        _ => Refusal::InvalidToken,
    }
}

/// Whether a text looks like one address, and can be shown and compared.
fn is_address(text: &str) -> bool {
    let plain = text.chars().all(|it| !it.is_control() && !it.is_whitespace());
    plain
        && text.len() <= 254
        && text.matches('@').count() == 1
        && !text.starts_with('@')
        && !text.ends_with('@')
}

/// A name without what cannot be shown, as long as names are.
fn display_name(text: &str) -> Option<String> {
    let name: String = text.chars().filter(|it| !it.is_control()).take(Actor::MAX_DISPLAY_NAME).collect();
    (!shared::review::is_blank(&name)).then(|| name.trim().to_owned())
}

/// The groups in a claim: a list of texts, or one. What is no name of a group is left out.
fn groups(claim: Option<&Value>) -> Vec<GroupId> {
    let texts: Vec<&str> = match claim {
        Some(Value::String(text)) => vec![text],
        Some(Value::Array(list)) => list.iter().take(GROUPS).filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let mut groups: Vec<GroupId> = Vec::new();
    for group in texts.into_iter().filter_map(|text| GroupId::parse(text).ok()) {
        if !groups.contains(&group) {
            groups.push(group);
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn groups_are_a_list_or_one_text_and_nothing_else() {
        let of = |claim: Value| groups(Some(&claim)).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(of(json!(["finance", "legal", "finance", 7, "", "a#b"])), ["finance", "legal"]);
        assert_eq!(of(json!("finance")), ["finance"]);
        assert!(of(json!({ "finance": true })).is_empty() && groups(None).is_empty());
        let many: Vec<String> = (0..100_000).map(|it| format!("g{it}")).collect();
        assert_eq!(of(json!(many)).len(), GROUPS);
    }

    #[test]
    fn an_address_has_one_at_sign_and_a_name_can_be_shown() {
        assert!(is_address("dana@example.com"));
        for bad in ["", "dana", "@example.com", "dana@", "a@b@c", "a b@c", "a\u{7}@c"] {
            assert!(!is_address(bad), "{bad}");
        }
        assert_eq!(display_name(" Dana\n Rivera ").as_deref(), Some("Dana Rivera"));
        assert_eq!(display_name(" \u{200b}"), None);
        assert_eq!(display_name(&"a".repeat(1000)).map(|it| it.len()), Some(Actor::MAX_DISPLAY_NAME));
    }
}
