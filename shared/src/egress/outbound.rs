//! One call of a URL that a customer gave: only where `Egress` allows, whatever the name resolves to when it is called.
//!
//! hyper's own client, because it does nothing by itself: it follows no redirect and asks no proxy. A name is resolved by
//! us, once; what may not be called is taken out; the connection goes to what is left.

use super::Egress;
use crate::review::Timestamp;
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::rt::TokioExecutor;
use lambda_http::http::{HeaderMap, Request, Response, StatusCode, header};
use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;
use tower_service::Service;
use url::Url;

/// How long one call may take, its answer's head included.
const TIMEOUT: Duration = Duration::from_secs(10);
/// As [`TIMEOUT`], for a first attempt: a batch of the stream waits for it, and with the batch other organizations' events.
const FIRST_TIMEOUT: Duration = Duration::from_secs(3);
/// An answer that takes longer than this is slow.
const SLOW_AFTER: Duration = Duration::from_secs(1);
/// Longest host name of a redirect that is noted, in characters (RFC 1035).
const HOST_LIMIT: usize = 253;
/// How long connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

type Body = Full<VecDeque<u8>>;
type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Resolves a host name.
pub type Resolve = Arc<dyn Fn(String) -> BoxFuture<io::Result<Vec<IpAddr>>> + Send + Sync>;

/// What a receiver answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The status.
    pub status: u16,
    /// The host that it redirects to, which is not followed.
    pub redirect_host: Option<String>,
    /// When it asks to be called again.
    pub retry_after: Option<RetryAfter>,
}

/// When a receiver asks to be called again (`Retry-After`, RFC 9110, section 10.2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// After so many milliseconds.
    Millis(i64),
    /// Then, in milliseconds since 1970.
    At(i64),
}

impl RetryAfter {
    /// Longest that is waited because a receiver asks for it, in milliseconds: an hour.
    const LONGEST: i64 = 3_600_000;

    /// A header's value; `None` if it is none of the two.
    fn parse(value: &str) -> Option<Self> {
        let value = value.trim();
        if (1..=9).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_digit()) {
            return value.parse::<i64>().ok().map(|seconds| Self::Millis(seconds * 1000));
        }
        let at = chrono::DateTime::parse_from_rfc2822(value).ok()?;
        Some(Self::At(at.timestamp_millis()))
    }

    /// When that is, for an answer that came at `now`: at most an hour later, and never before.
    pub fn from(self, now: Timestamp) -> Timestamp {
        let wait = match self {
            Self::Millis(wait) => wait,
            Self::At(at) => at.saturating_sub(now.millis()),
        };
        now.plus_millis(wait.clamp(0, Self::LONGEST))
    }
}

impl Answered {
    /// Whether the receiver has accepted it.
    pub const fn is_success(&self) -> bool {
        matches!(self.status, 200..=299)
    }

    /// An error message for an answer that is no success.
    pub fn fault(&self) -> String {
        match &self.redirect_host {
            None => format!("answered {}", self.status),
            Some(host) => format!("answered {}, a redirect to {host}, which is not followed", self.status),
        }
    }
}

/// Why a call brought no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallFault {
    /// It may not be made, now or ever.
    #[error("{0}")]
    NotAllowed(String),
    /// It was not sent.
    #[error("could not connect: {0}")]
    NotSent(String),
    /// It was sent, as far as is known, and no answer came.
    #[error("no answer: {0}")]
    Lost(String),
}

/// Calls URLs that customers gave.
pub struct Outbound {
    egress: Egress,
    resolve: Resolve,
    timeout: Duration,
    first_timeout: Duration,
    /// An answer that takes longer is slow.
    pub slow_after: Duration,
    client: OnceLock<Client<HttpsConnector<HttpConnector<Guard>>, Body>>,
}

impl Outbound {
    /// With the system's resolver. Does no I/O.
    pub fn new(egress: Egress) -> Self {
        Self::with_resolver(egress, Arc::new(|name| Box::pin(system_resolver(name))))
    }

    /// With another resolver.
    pub fn with_resolver(egress: Egress, resolve: Resolve) -> Self {
        let (timeout, first_timeout, slow_after) = (TIMEOUT, FIRST_TIMEOUT, SLOW_AFTER);
        Self { egress, resolve, timeout, first_timeout, slow_after, client: OnceLock::new() }
    }

    /// With another time-out for a whole call, also for a first attempt.
    #[must_use]
    pub fn with_timeout(self, timeout: Duration) -> Self {
        Self { timeout, first_timeout: timeout, ..self }
    }

    /// With another time after which an answer is slow.
    #[must_use]
    pub fn with_slow_after(self, slow_after: Duration) -> Self {
        Self { slow_after, ..self }
    }

    /// Posts a JSON body and returns the answer. The body of the answer is not read: it is not needed, and may be endless.
    pub async fn post(&self, url: &str, headers: HeaderMap, body: String) -> Result<Answered, CallFault> {
        self.post_within(self.timeout, url, headers, body).await
    }

    /// As [`Outbound::post`], for an attempt that a batch of the stream waits for.
    pub async fn post_first(
        &self,
        url: &str,
        headers: HeaderMap,
        body: String,
    ) -> Result<Answered, CallFault> {
        self.post_within(self.first_timeout, url, headers, body).await
    }

    async fn post_within(
        &self,
        timeout: Duration,
        url: &str,
        headers: HeaderMap,
        body: String,
    ) -> Result<Answered, CallFault> {
        let url =
            self.egress.parse(url).map_err(|fault| CallFault::NotAllowed(format!("the URL {fault}")))?;
        let mut request = Request::post(url.as_str())
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::USER_AGENT, concat!("holdpoint/", env!("CARGO_PKG_VERSION")))
            .body(Body::new(body.into_bytes().into()))
            .map_err(|error| CallFault::NotAllowed(error.to_string()))?;
        request.headers_mut().extend(headers);
        match tokio::time::timeout(timeout, self.client()?.request(request)).await {
            Err(_) => Err(CallFault::Lost(format!("timed out after {} ms", timeout.as_millis()))),
            Ok(Ok(response)) => Ok(Answered {
                status: response.status().as_u16(),
                redirect_host: redirect_host(&url, response.status(), response.headers()),
                retry_after: retry_after(response.status(), response.headers()),
            }),
            Ok(Err(error)) if error.is_connect() => Err(CallFault::NotSent(chain(&error))),
            Ok(Err(error)) => Err(CallFault::Lost(chain(&error))),
        }
    }

    /// Sends a request and returns the answer with its body, which may have at most `limit` bytes. No redirect is followed.
    pub async fn call(
        &self,
        request: Request<Vec<u8>>,
        limit: usize,
    ) -> Result<Response<Vec<u8>>, CallFault> {
        let url = request.uri().to_string();
        self.egress.parse(&url).map_err(|fault| CallFault::NotAllowed(format!("the URL {fault}")))?;
        let request = request.map(|body| Body::new(body.into()));
        let client = self.client()?;
        let answered = async {
            let (head, body) = match client.request(request).await {
                Ok(answer) => answer.into_parts(),
                Err(error) if error.is_connect() => return Err(CallFault::NotSent(chain(&error))),
                Err(error) => return Err(CallFault::Lost(chain(&error))),
            };
            let body = Limited::new(body, limit).collect().await;
            let body = body.map_err(|error| CallFault::Lost(error.to_string()))?.to_bytes();
            Ok(Response::from_parts(head, body.to_vec()))
        };
        let timed_out = |_| CallFault::Lost(format!("timed out after {} ms", self.timeout.as_millis()));
        tokio::time::timeout(self.timeout, answered).await.map_err(timed_out)?
    }

    /// Prepares the client, so that the time for that is not counted as a receiver's. If it fails, the call fails, too.
    pub fn prepare(&self) {
        let _ = self.client();
    }

    /// Made before the first call: reading the system's root certificates takes its time.
    fn client(&self) -> Result<&Client<HttpsConnector<HttpConnector<Guard>>, Body>, CallFault> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let guard = Guard { egress: self.egress, resolve: self.resolve.clone() };
        let mut http = HttpConnector::new_with_resolver(guard);
        http.enforce_http(false);
        http.set_connect_timeout(Some(CONNECT_TIMEOUT));
        let https = HttpsConnectorBuilder::new()
            .with_native_roots()
            .map_err(|error| CallFault::NotSent(format!("no root certificates: {error}")))?
            .https_or_http()
            .enable_http1()
            .wrap_connector(http);
        // No connection is kept: a sandbox sleeps between its events, and finds kept ones dead.
        let client = Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(https);
        Ok(self.client.get_or_init(|| client))
    }
}

/// The host that a redirect leads to: not its path, which may hold secrets, and no more of it than a host can have.
fn redirect_host(url: &Url, status: StatusCode, headers: &HeaderMap) -> Option<String> {
    if !status.is_redirection() {
        return None;
    }
    let location = headers.get(header::LOCATION)?.to_str().ok().filter(|it| it.len() <= Egress::URL_LIMIT)?;
    let host = url.join(location).ok()?.host_str()?.to_owned();
    Some(host.chars().take(HOST_LIMIT).collect())
}

/// When it asks to be called again: with the two statuses alone that say that it cannot take a message now.
fn retry_after(status: StatusCode, headers: &HeaderMap) -> Option<RetryAfter> {
    let cannot_now = matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE);
    let value = headers.get(header::RETRY_AFTER).filter(|_| cannot_now)?;
    RetryAfter::parse(value.to_str().ok()?)
}

/// The error and its causes, the innermost of which says what happened.
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |error| error.source());
    causes.last().map_or_else(|| error.to_string(), ToString::to_string)
}

async fn system_resolver(name: String) -> io::Result<Vec<IpAddr>> {
    Ok(tokio::net::lookup_host((name, 0)).await?.map(|address| address.ip()).collect())
}

/// A resolver that knows only what may be called. (Addresses in URLs never get here; `Egress::parse` checks those.)
#[derive(Clone)]
struct Guard {
    egress: Egress,
    resolve: Resolve,
}

impl Service<Name> for Guard {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = BoxFuture<io::Result<Self::Response>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let (egress, resolved) = (self.egress, (self.resolve)(name.as_str().to_owned()));
        Box::pin(async move {
            let addresses = resolved.await?;
            // One that may not be called makes the whole name suspect: no honest name has both.
            if addresses.is_empty() || !addresses.iter().all(|ip| egress.allows_at(name.as_str(), *ip)) {
                let text = "the name does not resolve to public addresses only";
                return Err(io::Error::new(io::ErrorKind::PermissionDenied, text));
            }
            let sockets: Vec<SocketAddr> = addresses.into_iter().map(|ip| (ip, 0).into()).collect();
            Ok(sockets.into_iter())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receiver_is_called_again_when_it_asks_but_within_an_hour() {
        // Sun, 06 Nov 1994 08:49:37 GMT
        let now = Timestamp::from_millis(784_111_777_000);
        let wait = |value: &str| RetryAfter::parse(value).map(|it| it.from(now).millis() - now.millis());
        for (value, expected) in [
            ("30", Some(30_000)),
            (" 0 ", Some(0)),
            ("999999999", Some(3_600_000)),
            ("Sun, 06 Nov 1994 08:50:07 GMT", Some(30_000)),
            ("Sun, 06 Nov 1994 08:49:00 GMT", Some(0)),
            ("Fri, 31 Dec 9999 23:59:59 GMT", Some(3_600_000)),
            ("", None),
            ("-1", None),
            ("1.5", None),
            ("99999999999999999999", None),
            ("soon", None),
        ] {
            assert_eq!(wait(value), expected, "{value}");
        }
    }

    #[test]
    fn an_answer_that_took_the_message_asks_for_nothing() {
        let headers = HeaderMap::from_iter([(header::RETRY_AFTER, "30".parse().unwrap())]);
        for (status, asks) in [(200, false), (302, false), (429, true), (500, false), (503, true)] {
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(retry_after(status, &headers).is_some(), asks, "{status}");
        }
    }
}
