//! Answers: status, headers and body, and what the log and the metrics say about them.

use super::encoding::{Encoded, Gzip, ResponseTooLarge, encode, encode_bytes};
use super::request_metrics;
use crate::api::requests::Call;
use crate::hex::hex;
use crate::metrics::Metric;
use crate::review::{Rev, ReviewId};
use lambda_http::http::{HeaderName, HeaderValue, StatusCode, header};
use lambda_http::{Body, Response};
use serde::Serialize;
use sha2::{Digest, Sha256};

/// One answer.
#[derive(Debug)]
pub struct Reply {
    status: StatusCode,
    body: Option<String>,
    /// A body that is no text, and is sent as it is.
    bytes: Option<Vec<u8>>,
    headers: Vec<(HeaderName, HeaderValue)>,
    rev: Option<Rev>,
    measured: Vec<Metric>,
    code: Option<&'static str>,
    review: Option<Box<ReviewId>>,
}

impl Reply {
    /// A JSON answer.
    pub fn json(status: StatusCode, body: &impl Serialize) -> Self {
        match serde_json::to_string(body) {
            Ok(body) => Self { body: Some(body), ..Self::empty(status) },
            // Our types have string keys and no failing serializer, so this does not happen.
            Err(_) => Self::empty(StatusCode::INTERNAL_SERVER_ERROR),
        }
    }

    /// An answer without a body.
    pub fn empty(status: StatusCode) -> Self {
        Self {
            status,
            body: None,
            bytes: None,
            headers: Vec::new(),
            rev: None,
            measured: Vec::new(),
            code: None,
            review: None,
        }
    }

    /// Sets the `rev` that it shows, for the log.
    #[must_use]
    pub fn at_rev(mut self, rev: Rev) -> Self {
        self.rev = Some(rev);
        self
    }

    /// Sets the code of an error, for the log and the metrics: a page about an error is an answer like any other.
    #[must_use]
    pub fn failed_with(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }

    /// The code of the error, if it is about one.
    pub(in crate::api) const fn failure(&self) -> Option<&'static str> {
        self.code
    }

    /// Sets the review that it is about, for the log: not every call has one in its path.
    #[must_use]
    pub fn about(mut self, review: &ReviewId) -> Self {
        self.review = Some(Box::new(review.clone()));
        self
    }

    /// The run and the block of the review it is about.
    pub(in crate::api) fn named_review(&self) -> Option<(String, String)> {
        self.review.as_ref().map(|id| (id.run.to_string(), id.block.to_string()))
    }

    /// Sets what the metrics count.
    #[must_use]
    pub(in crate::api) fn measured(mut self, metrics: Vec<Metric>) -> Self {
        self.measured = metrics;
        self
    }

    /// Counts what the answer to another call of the API counts: the inbox makes calls for its readers.
    #[must_use]
    pub fn counted_as(mut self, other: &Self) -> Self {
        self.measured.clone_from(&other.measured);
        self.rev = other.rev;
        self
    }

    /// Counts a conflict.
    #[must_use]
    pub fn counted_as_conflict(self) -> Self {
        self.measured(vec![request_metrics::CONFLICT])
    }

    /// Adds a header, unless its value is not a valid one.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: &str) -> Self {
        self.headers.extend(HeaderValue::from_str(value).ok().map(|value| (name, value)));
        self
    }

    /// Adds an `ETag`; if the client has that state, the answer becomes a 304. The tag is weak: the same content may be sent
    /// compressed or not (RFC 9110, 8.8.3).
    #[must_use]
    pub fn tagged(self, tag: &str, call: &Call) -> Self {
        let reply = if call.has(tag) {
            Self { rev: self.rev, ..Self::empty(StatusCode::NOT_MODIFIED) }
        } else {
            self
        };
        reply.with_header(header::ETAG, &format!("W/{tag}"))
    }

    /// Adds an `ETag` by its content: the first 16 bytes of its SHA-256.
    #[must_use]
    pub fn tagged_by_content(self, call: &Call) -> Self {
        let hash = Sha256::digest(self.body.as_deref().unwrap_or_default());
        self.tagged(&format!("\"{}\"", hex(&hash[..16])), call)
    }

    /// A page for one reader, which no cache may keep.
    pub fn page(status: StatusCode, html: String) -> Self {
        Self { body: Some(html), ..Self::empty(status) }
            .with_header(header::CONTENT_TYPE, "text/html; charset=utf-8")
            .with_header(header::CACHE_CONTROL, "no-store")
    }

    /// Sends a browser to another page, with GET.
    pub fn see_other(path: &str) -> Self {
        Self::empty(StatusCode::SEE_OTHER)
            .with_header(header::LOCATION, path)
            .with_header(header::CACHE_CONTROL, "no-store")
    }

    /// A file that never changes, for those who may see it, in their own browser's cache. No other site may embed it.
    pub fn file(content_type: &str, bytes: Vec<u8>) -> Self {
        Self { bytes: Some(bytes), ..Self::empty(StatusCode::OK) }
            .with_header(header::CONTENT_TYPE, content_type)
            .kept_by_its_reader()
    }

    /// Marks an answer that never changes, and which only its reader's browser may keep.
    #[must_use]
    pub fn kept_by_its_reader(self) -> Self {
        self.with_header(header::CACHE_CONTROL, "private, max-age=31536000, immutable")
            .with_header(HeaderName::from_static("cross-origin-resource-policy"), "same-origin")
    }

    /// Adds a strong `ETag`, of an answer that is always sent the same; if the client has it, the answer becomes a 304.
    #[must_use]
    pub fn tagged_strongly(self, tag: &str, call: &Call) -> Self {
        let reply =
            if call.has(tag) { Self::empty(StatusCode::NOT_MODIFIED).kept_by_its_reader() } else { self };
        reply.with_header(header::ETAG, tag)
    }

    /// Marks an answer that its reader's browser may keep, and has to ask about each time.
    #[must_use]
    pub fn asked_about(mut self) -> Self {
        self.headers.retain(|(name, _)| name != header::CACHE_CONTROL);
        self.with_header(header::CACHE_CONTROL, "private, no-cache")
    }

    /// A file whose path changes with its content, so that it can be cached for ever.
    pub fn asset(content_type: &str, text: &str) -> Self {
        Self::public(content_type, text)
            .with_header(header::CACHE_CONTROL, "public, max-age=31536000, immutable")
    }

    /// The body, until it is sent.
    pub fn body(&self) -> &str {
        self.body.as_deref().unwrap_or_default()
    }

    /// A text that is the same for everybody, and may be cached.
    pub(in crate::api) fn public(content_type: &str, text: &str) -> Self {
        let reply = Self { body: Some(text.to_owned()), ..Self::empty(StatusCode::OK) };
        reply
            .with_header(header::CONTENT_TYPE, content_type)
            .with_header(header::CACHE_CONTROL, "public, max-age=300")
            .with_header(header::VARY, "accept-encoding")
    }

    /// The status.
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    pub(in crate::api) fn metrics(&self) -> &[Metric] {
        &self.measured
    }

    pub(in crate::api) const fn rev(&self) -> Option<Rev> {
        self.rev
    }

    /// Encodes the body as the client accepts it and Lambda can carry it.
    pub(in crate::api) fn encode(&mut self, accepts: Gzip) -> Result<Encoded, ResponseTooLarge> {
        if let Some(bytes) = self.bytes.take() {
            return encode_bytes(bytes);
        }
        self.body.take().map_or(Ok(Encoded::Nothing), |body| encode(body, accepts))
    }

    /// Adds the headers of every answer (OWASP ASVS 5, 3.4). The answer's own headers replace them.
    pub(in crate::api) fn into_response(
        self,
        encoded: Encoded,
        request_id: &str,
        https: bool,
    ) -> Response<Body> {
        let mut response = Response::new(Body::Empty);
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        // Answers depend on the key and the time, and hold documents: no cache may keep them.
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        let policy = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        if https {
            let two_years = HeaderValue::from_static("max-age=63072000; includeSubDomains");
            headers.insert(header::STRICT_TRANSPORT_SECURITY, two_years);
        }
        headers.insert(
            header::VARY,
            HeaderValue::from_static("api-key, authorization, cookie, accept-encoding"),
        );
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        if let Ok(value) = HeaderValue::from_str(request_id) {
            headers.insert(HeaderName::from_static("x-request-id"), value);
        }
        if !matches!(encoded, Encoded::Nothing) {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        for (name, value) in self.headers {
            // An answer may set several cookies, each with a header of its own (RFC 6265, 3).
            if name == header::SET_COOKIE {
                headers.append(name, value);
            } else {
                headers.insert(name, value);
            }
        }
        if matches!(encoded, Encoded::Gzip(_)) {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        *response.body_mut() = match encoded {
            Encoded::Nothing => Body::Empty,
            Encoded::Plain(text) => Body::Text(text),
            Encoded::Gzip(bytes) | Encoded::Bytes(bytes) => Body::Binary(bytes),
        };
        response
    }
}
