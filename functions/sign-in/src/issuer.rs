//! What an issuer says of itself: its metadata (OpenID Connect Discovery 1.0) and its keys, kept for ten minutes.

use crate::refusal::Refusal;
use lambda_http::http::{Request, Response, header};
use lru::LruCache;
use openidconnect::core::CoreJsonWebKeySet;
use serde::Deserialize;
use shared::egress::Egress;
use shared::egress::outbound::Outbound;
use shared::review::Timestamp;
use std::num::NonZeroUsize;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;

/// Largest metadata, in bytes. Those of large issuers have 2 to 10 kB.
const METADATA_LIMIT: usize = 64 * 1024;
/// Largest set of keys, in bytes.
const KEYS_LIMIT: usize = 256 * 1024;
/// How long one call may take. A sign-in makes four at most; the function has 29 seconds.
const TIMEOUT: Duration = Duration::from_secs(5);
/// How long what an issuer says of itself is believed, in milliseconds.
const KEPT_MILLIS: i64 = 600_000;
/// Issuers that are remembered at most.
const REMEMBERED: NonZeroUsize = NonZeroUsize::new(100).unwrap();

/// The metadata that is used.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Metadata {
    pub(crate) issuer: String,
    pub(crate) authorization_endpoint: String,
    pub(crate) token_endpoint: String,
    jwks_uri: String,
    #[serde(default)]
    pub(crate) token_endpoint_auth_methods_supported: Option<Vec<String>>,
    /// Whether its answers name it (RFC 9207).
    #[serde(default)]
    pub(crate) authorization_response_iss_parameter_supported: bool,
}

/// An issuer as it was found.
pub(crate) struct Found {
    pub(crate) metadata: Metadata,
    pub(crate) keys: CoreJsonWebKeySet,
    at: Timestamp,
    egress: Egress,
}

type Memory = LazyLock<Mutex<LruCache<String, Arc<Found>>>>;
static FOUND: Memory = LazyLock::new(|| Mutex::new(LruCache::new(REMEMBERED)));

/// What calls issuers.
pub(crate) fn outbound(egress: Egress) -> Arc<Outbound> {
    static CLIENTS: Mutex<Vec<(Egress, Arc<Outbound>)>> = Mutex::new(Vec::new());
    let mut clients = CLIENTS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, client)) = clients.iter().find(|(own, _)| *own == egress) {
        return client.clone();
    }
    let client = Arc::new(Outbound::new(egress).with_timeout(TIMEOUT));
    clients.push((egress, client.clone()));
    client
}

/// The issuer of a URL, as it was found lately, or is found now.
pub(crate) async fn find(egress: Egress, url: &str, now: Timestamp) -> Result<Arc<Found>, Refusal> {
    let known = FOUND.lock().unwrap_or_else(PoisonError::into_inner).get(url).cloned();
    if let Some(known) =
        known.filter(|it| it.egress == egress && it.at <= now && now < it.at.plus_millis(KEPT_MILLIS))
    {
        return Ok(known);
    }
    let address = format!("{}/.well-known/openid-configuration", url.trim_end_matches('/'));
    let metadata: Metadata = read(egress, "discovery", &address, METADATA_LIMIT).await?;
    // Exactly, as the specification has it (4.3): else another issuer of the same host could speak for this one.
    if metadata.issuer != url {
        return Err(Refusal::DiscoveryOfAnother);
    }
    for (which, endpoint) in [
        ("authorization_endpoint", &metadata.authorization_endpoint),
        ("token_endpoint", &metadata.token_endpoint),
        ("jwks_uri", &metadata.jwks_uri),
    ] {
        egress.parse(endpoint).map_err(|_| Refusal::EndpointNotAllowed(which))?;
    }
    let keys = read(egress, "keys", &metadata.jwks_uri, KEYS_LIMIT).await?;
    Ok(remember(url, Found { metadata, keys, at: now, egress }))
}

/// The same, with its keys as they are now: a token was signed with one that is not known.
pub(crate) async fn with_new_keys(url: &str, known: &Found) -> Result<Arc<Found>, Refusal> {
    let keys = read(known.egress, "keys", &known.metadata.jwks_uri, KEYS_LIMIT).await?;
    Ok(remember(url, Found { metadata: known.metadata.clone(), keys, at: known.at, egress: known.egress }))
}

fn remember(url: &str, found: Found) -> Arc<Found> {
    let found = Arc::new(found);
    FOUND.lock().unwrap_or_else(PoisonError::into_inner).put(url.to_owned(), found.clone());
    found
}

async fn read<T: serde::de::DeserializeOwned>(
    egress: Egress,
    what: &'static str,
    url: &str,
    limit: usize,
) -> Result<T, Refusal> {
    let request = Request::get(url)
        .header(header::ACCEPT, "application/json")
        .body(Vec::new())
        .map_err(|_| Refusal::EndpointNotAllowed(what))?;
    let body = success(what, send(egress, what, request, limit).await?)?;
    serde_json::from_slice(&body).map_err(|_| Refusal::Unreadable(what))
}

/// Sends a request to an issuer: only where our rules for outgoing calls let it, and to no redirect's address.
pub(crate) async fn send(
    egress: Egress,
    what: &'static str,
    mut request: Request<Vec<u8>>,
    limit: usize,
) -> Result<Response<Vec<u8>>, Refusal> {
    let agent = header::HeaderValue::from_static(concat!("holdpoint/", env!("CARGO_PKG_VERSION")));
    request.headers_mut().insert(header::USER_AGENT, agent);
    let answer = outbound(egress).call(request, limit).await;
    let answer = answer.map_err(|fault| Refusal::Unreachable(what, fault))?;
    if answer.status().is_redirection() { Err(Refusal::Redirects(what)) } else { Ok(answer) }
}

fn success(what: &'static str, answer: Response<Vec<u8>>) -> Result<Vec<u8>, Refusal> {
    let status = answer.status();
    if status.is_success() { Ok(answer.into_body()) } else { Err(Refusal::Status(what, status.as_u16())) }
}
