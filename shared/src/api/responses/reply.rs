//! Answers: status, headers and body, and what the log and the metrics say about them.

use super::encoding::{Encoded, Gzip, ResponseTooLarge, encode};
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
            // Our own types have string keys and no failing serializer; should one ever fail, it is no success.
            Err(_) => Self::empty(StatusCode::INTERNAL_SERVER_ERROR),
        }
    }

    /// An answer without a body.
    pub fn empty(status: StatusCode) -> Self {
        Self {
            status,
            body: None,
            headers: Vec::new(),
            rev: None,
            measured: Vec::new(),
            code: None,
            review: None,
        }
    }

    /// Says which `rev` it shows, for the log.
    #[must_use]
    pub fn at_rev(mut self, rev: Rev) -> Self {
        self.rev = Some(rev);
        self
    }

    /// Says what went wrong, for the log and the metrics: a page that says so is still an answer.
    #[must_use]
    pub fn failed_with(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }

    /// What went wrong, if anything did.
    pub(in crate::api) const fn failure(&self) -> Option<&'static str> {
        self.code
    }

    /// Says which review it is about, for the log: not every call names one in its path.
    #[must_use]
    pub fn about(mut self, review: &ReviewId) -> Self {
        self.review = Some(Box::new(review.clone()));
        self
    }

    /// The run and the block of the review it is about.
    pub(in crate::api) fn named_review(&self) -> Option<(String, String)> {
        self.review.as_ref().map(|id| (id.run.to_string(), id.block.to_string()))
    }

    /// Says what is to be counted of what it answers.
    #[must_use]
    pub(in crate::api) fn measured(mut self, metrics: Vec<Metric>) -> Self {
        self.measured = metrics;
        self
    }

    /// Counts what the answer to a call of the API counts, for whoever made that call on a reader's behalf.
    #[must_use]
    pub fn counted_as(mut self, other: &Self) -> Self {
        self.measured.clone_from(&other.measured);
        self.rev = other.rev;
        self
    }

    /// Counts a stale stamp.
    #[must_use]
    pub fn counted_as_conflict(self) -> Self {
        self.measured(vec![request_metrics::CONFLICT])
    }

    /// Adds a header; a value that cannot be one is left out.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: &str) -> Self {
        self.headers.extend(HeaderValue::from_str(value).ok().map(|value| (name, value)));
        self
    }

    /// Tags it, or, if the client has that state already, turns it into 304. The tag is weak: the same content may come
    /// in other bytes, compressed or not (RFC 9110, 8.8.3).
    #[must_use]
    pub fn tagged(self, tag: &str, call: &Call) -> Self {
        let reply = if call.has(tag) {
            Self { rev: self.rev, ..Self::empty(StatusCode::NOT_MODIFIED) }
        } else {
            self
        };
        reply.with_header(header::ETAG, &format!("W/{tag}"))
    }

    /// Tags it by its content: the first 16 bytes of its SHA-256.
    #[must_use]
    pub fn tagged_by_content(self, call: &Call) -> Self {
        let hash = Sha256::digest(self.body.as_deref().unwrap_or_default());
        self.tagged(&format!("\"{}\"", hex(&hash[..16])), call)
    }

    /// A page for one reader: nobody may keep it.
    pub fn page(status: StatusCode, html: String) -> Self {
        Self { body: Some(html), ..Self::empty(status) }
            .with_header(header::CONTENT_TYPE, "text/html; charset=utf-8")
            .with_header(header::CACHE_CONTROL, "no-store")
    }

    /// Sends a browser on to another page, which it asks for with GET.
    pub fn see_other(path: &str) -> Self {
        Self::empty(StatusCode::SEE_OTHER)
            .with_header(header::LOCATION, path)
            .with_header(header::CACHE_CONTROL, "no-store")
    }

    /// A text whose path names its content: whoever has it need never ask again.
    pub fn asset(content_type: &str, text: &str) -> Self {
        Self::public(content_type, text)
            .with_header(header::CACHE_CONTROL, "public, max-age=31536000, immutable")
    }

    /// The body, until it is sent.
    pub fn body(&self) -> &str {
        self.body.as_deref().unwrap_or_default()
    }

    /// A text that is the same for everybody, and may be kept.
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
        self.body.take().map_or(Ok(Encoded::Nothing), |body| encode(body, accepts))
    }

    /// Headers that every answer has (OWASP ASVS 5, 3.4); what an answer says itself comes before them.
    pub(in crate::api) fn into_response(
        self,
        encoded: Encoded,
        request_id: &str,
        https: bool,
    ) -> Response<Body> {
        let mut response = Response::new(Body::Empty);
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        // Answers depend on the key and on the moment, and hold documents: nobody may keep them.
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
            headers.insert(name, value);
        }
        if matches!(encoded, Encoded::Gzip(_)) {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        *response.body_mut() = match encoded {
            Encoded::Nothing => Body::Empty,
            Encoded::Plain(text) => Body::Text(text),
            Encoded::Gzip(bytes) => Body::Binary(bytes),
        };
        response
    }
}
