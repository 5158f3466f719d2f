//! Answers.

use crate::review::Rev;
use lambda_http::http::{HeaderName, HeaderValue, StatusCode, header};
use lambda_http::{Body, Response};
use serde::Serialize;

/// One answer.
#[derive(Debug)]
pub struct Reply {
    status: StatusCode,
    body: Option<String>,
    headers: Vec<(HeaderName, HeaderValue)>,
    rev: Option<Rev>,
}

impl Reply {
    /// A JSON answer.
    pub fn json(status: StatusCode, body: &impl Serialize) -> Self {
        // Our own types have string keys and no failing serializer; should one ever fail, the status still tells.
        Self { status, body: serde_json::to_string(body).ok(), headers: Vec::new(), rev: None }
    }

    /// Says which `rev` it shows, for the log.
    #[must_use]
    pub fn at_rev(mut self, rev: Rev) -> Self {
        self.rev = Some(rev);
        self
    }

    /// Adds a header; a value that cannot be one is left out.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: &str) -> Self {
        self.headers.extend(HeaderValue::from_str(value).ok().map(|value| (name, value)));
        self
    }

    pub(super) const fn status(&self) -> StatusCode {
        self.status
    }

    pub(super) const fn rev(&self) -> Option<Rev> {
        self.rev
    }

    pub(super) fn into_response(self, request_id: &str) -> Response<Body> {
        let has_body = self.body.is_some();
        let mut response = Response::new(self.body.map_or(Body::Empty, Body::Text));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        if has_body {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        // Answers depend on the key and on the moment: no cache between us and the client may keep them.
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        if let Ok(value) = HeaderValue::from_str(request_id) {
            headers.insert(HeaderName::from_static("x-request-id"), value);
        }
        headers.extend(self.headers);
        response
    }
}
