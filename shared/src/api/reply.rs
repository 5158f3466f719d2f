//! Answers: their headers, their compression, and the limit of what Lambda can carry.

use super::{Call, Error};
use crate::hex::hex;
use crate::metrics::Metric;
use crate::review::{Rev, ReviewId};
use flate2::Compression;
use flate2::write::GzEncoder;
use lambda_http::http::{HeaderName, HeaderValue, StatusCode, header};
use lambda_http::{Body, Response};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::io::Write;

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

/// A body in the form in which it is sent.
pub(super) enum Encoded {
    Nothing,
    Plain(String),
    Gzip(Vec<u8>),
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
    pub(super) const fn failure(&self) -> Option<&'static str> {
        self.code
    }

    /// Says which review it is about, for the log: not every call names one in its path.
    #[must_use]
    pub fn about(mut self, review: &ReviewId) -> Self {
        self.review = Some(Box::new(review.clone()));
        self
    }

    /// The run and the block of the review it is about.
    pub(super) fn named_review(&self) -> Option<(String, String)> {
        self.review.as_ref().map(|id| (id.run.to_string(), id.block.to_string()))
    }

    /// Says what is to be counted of what it answers.
    #[must_use]
    pub(super) fn measured(mut self, metrics: Vec<Metric>) -> Self {
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
        self.measured(vec![super::request_metrics::CONFLICT])
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
    pub(super) fn public(content_type: &str, text: &str) -> Self {
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

    pub(super) fn metrics(&self) -> &[Metric] {
        &self.measured
    }

    pub(super) const fn rev(&self) -> Option<Rev> {
        self.rev
    }

    /// Encodes the body as the client likes it and Lambda can carry it.
    pub(super) fn encode(&mut self, accepts: Gzip) -> Result<Encoded, Error> {
        /// Below this, compression saves nothing worth its time.
        const WORTH_COMPRESSING: usize = 1024;
        let Some(body) = self.body.take() else { return Ok(Encoded::Nothing) };
        let carried = carried_as_text(&body);
        let fits = carried <= LAMBDA_LIMIT;
        let wanted = accepts == Gzip::Welcome && body.len() >= WORTH_COMPRESSING;
        if fits && !wanted {
            return Ok(Encoded::Plain(body));
        }
        if accepts == Gzip::Refused {
            return Err(Error::ResponseTooLarge { limit: LAMBDA_LIMIT, size: carried });
        }
        match gzip(body.as_bytes()) {
            Some(bytes) if carried_as_bytes(&bytes) <= LAMBDA_LIMIT => Ok(Encoded::Gzip(bytes)),
            Some(bytes) => {
                Err(Error::ResponseTooLarge { limit: LAMBDA_LIMIT, size: carried_as_bytes(&bytes) })
            }
            None => Ok(Encoded::Plain(body)),
        }
    }

    /// Headers that every answer has (OWASP ASVS 5, 3.4); what an answer says itself comes before them.
    pub(super) fn into_response(self, encoded: Encoded, request_id: &str, https: bool) -> Response<Body> {
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

/// What Lambda can answer with, in bytes, less what headers may take: 6 MB, of which the body is a JSON string.
const LAMBDA_LIMIT: usize = 6 * 1024 * 1024 - 16 * 1024;

/// How long a text is as a JSON string.
fn carried_as_text(body: &str) -> usize {
    body.bytes()
        .map(|byte| match byte {
            b'"' | b'\\' | b'\n' | b'\r' | b'\t' => 2,
            0..0x20 => 6,
            _ => 1,
        })
        .sum()
}

/// How long bytes are as base64.
const fn carried_as_bytes(bytes: &[u8]) -> usize {
    bytes.len().div_ceil(3) * 4
}

fn gzip(plain: &[u8]) -> Option<Vec<u8>> {
    /// Below the usual 6: answers are written once and read once, so time counts more than the last bytes.
    const LEVEL: u32 = 4;
    let mut encoder = GzEncoder::new(Vec::with_capacity(plain.len() / 4), Compression::new(LEVEL));
    encoder.write_all(plain).ok()?;
    encoder.finish().ok()
}

/// What a client says about gzip (RFC 9110, 12.5.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gzip {
    /// It accepts it.
    Welcome,
    /// It says nothing about encodings: any will do, but plain is what it expects.
    Unsaid,
    /// It does not accept it.
    Refused,
}

impl Gzip {
    pub(super) fn of(accept_encoding: Option<&str>) -> Self {
        let Some(list) = accept_encoding else { return Self::Unsaid };
        let mut any = None;
        for item in list.split(',') {
            let mut parts = item.split(';').map(str::trim);
            let coding = parts.next().unwrap_or_default();
            let refused = parts.any(|part| {
                let weight = part.strip_prefix("q=").or_else(|| part.strip_prefix("Q="));
                weight.is_some_and(|weight| weight.parse() == Ok(0.0_f32))
            });
            let verdict = if refused { Self::Refused } else { Self::Welcome };
            if coding.eq_ignore_ascii_case("gzip") || coding.eq_ignore_ascii_case("x-gzip") {
                return verdict;
            }
            if coding == "*" {
                any = Some(verdict);
            }
        }
        any.unwrap_or(Self::Refused)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_welcome_unsaid_or_refused() {
        for (header, expected) in [
            (None, Gzip::Unsaid),
            (Some("gzip, deflate"), Gzip::Welcome),
            (Some("br;q=1.0, GZIP;q=0.5"), Gzip::Welcome),
            (Some("*"), Gzip::Welcome),
            (Some("gzip;q=0"), Gzip::Refused),
            (Some("*, gzip; q=0.0"), Gzip::Refused),
            (Some("identity"), Gzip::Refused),
            (Some(""), Gzip::Refused),
        ] {
            assert_eq!(Gzip::of(header), expected, "{header:?}");
        }
    }

    #[test]
    fn what_lambda_carries_is_counted_as_it_carries_it() {
        for text in ["plain", "\"quoted\" \\ \n\t\r", "\u{1}\u{1f}", "é€😀"] {
            assert_eq!(carried_as_text(text) + 2, serde_json::to_string(text).unwrap().len(), "{text:?}");
        }
        assert_eq!(carried_as_bytes(&[0; 4]), 8);
    }
}
