//! One request, read through the words of the contract.

use super::{Caller, Error, FieldErrors, Fields, parse};
use crate::review::{
    BlockId, CommandContext, CommandId, IdentifierError, RequestDigest, ReviewId, RunId, Seq, Timestamp,
};
use lambda_http::http::header;
use lambda_http::request::RequestContext;
use lambda_http::{Request, RequestExt};
use std::borrow::Cow;
use std::collections::HashMap;
use std::net::IpAddr;

/// Largest body of a call that carries a snapshot, in bytes: what Lambda itself can take.
pub const BODY_LIMIT: usize = 6 * 1024 * 1024;
/// Largest body of any other call, in bytes.
pub const SMALL_BODY_LIMIT: usize = 64 * 1024;

/// How much of a form is decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FormLimit {
    /// Of the body as it was sent.
    pub bytes: usize,
    /// Separated by `&`.
    pub fields: usize,
}

impl FormLimit {
    /// From somebody who is signed in: a page has 2,000 values at most, each with no more than a box and a few fields beside it.
    pub const PAGE: Self = Self { bytes: BODY_LIMIT, fields: 10_000 };
    /// What is kept of a form that came without a session, so that signing in brings it back.
    pub const DRAFT: Self = Self { bytes: 512 * 1024, fields: 10_000 };
    /// Signing in, with such a draft.
    pub const SIGN_IN: Self = Self { bytes: 1024 * 1024, fields: 8 };
}

/// One request.
pub struct Call {
    request: Request,
    request_id: String,
    now: Timestamp,
}

impl Call {
    /// The request, which came at `now`. All that is decided about it is decided for that instant.
    pub fn new(request: Request, now: Timestamp) -> Self {
        let from_gateway = match request.request_context_ref() {
            Some(RequestContext::ApiGatewayV2(context)) => context.request_id.clone(),
            _ => None,
        };
        let request_id = from_gateway.unwrap_or_else(|| uuid::Uuid::now_v7().simple().to_string());
        Self { request, request_id, now }
    }

    /// When it came.
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// What it is called in logs, in API Gateway's access log and in the answer's `x-request-id`.
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// The trace it belongs to: X-Ray's root, which Lambda hands on, or W3C's trace id. For the log, so only what looks like one.
    pub(super) fn trace_id(&self) -> Option<&str> {
        let is_id = |text: &&str| {
            text.len() <= 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
        };
        let x_ray = self.header("x-amzn-trace-id").and_then(|header| {
            header.split(';').find_map(|part| part.trim().strip_prefix("Root=")).filter(is_id)
        });
        let w3c = || self.header("traceparent")?.split('-').nth(1).filter(|id| id.len() == 32 && is_id(id));
        x_ray.or_else(w3c)
    }

    /// Its method.
    pub fn method(&self) -> &str {
        self.request.method().as_str()
    }

    /// Its path and its query, as they came.
    pub fn target(&self) -> String {
        let query = self.request.uri().query().map(|query| format!("?{query}"));
        format!("{}{}", self.path(), query.unwrap_or_default())
    }

    /// Its path.
    pub fn path(&self) -> &str {
        match self.request.raw_http_path() {
            "" => self.request.uri().path(),
            path => path,
        }
    }

    /// Where it came from: the address that API Gateway or the local server saw, never what a header says. Of an IPv6 address the
    /// first 64 bits, which is what one subscriber has.
    pub fn source_address(&self) -> String {
        let seen = match self.request.request_context_ref() {
            Some(RequestContext::ApiGatewayV2(context)) => {
                context.http.source_ip.as_deref().and_then(|text| text.parse().ok())
            }
            _ => self.request.extensions().get::<SourceAddress>().map(|address| address.0),
        };
        match seen {
            Some(IpAddr::V6(address)) => {
                let [a, b, c, d, ..] = address.segments();
                format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
            Some(address) => address.to_string(),
            None => "unknown".into(),
        }
    }

    /// Whether it came over API Gateway's catch-all route.
    pub(super) fn is_unrouted(&self) -> bool {
        match self.request.request_context_ref() {
            Some(RequestContext::ApiGatewayV2(context)) => context.route_key.as_deref() == Some("$default"),
            _ => false,
        }
    }

    /// A header; one that is no text is none.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.request.headers().get(name).and_then(|value| value.to_str().ok())
    }

    /// Whether it has a header of that name, whatever it says.
    pub(super) fn has_header(&self, name: &str) -> bool {
        self.request.headers().contains_key(name)
    }

    /// The run and the block that its path names, for the log: only what reads as such.
    pub(super) fn named_review(&self) -> Option<(String, String)> {
        let in_path = |run: &str, block: &str| {
            Some((RunId::parse(run).ok()?.to_string(), BlockId::parse(block).ok()?.to_string()))
        };
        if let Some(parameters) = self.request.path_parameters_ref() {
            let (run, block) = (parameters.first("run_id"), parameters.first("block_id"));
            if let (Some(run), Some(block)) = (run, block) {
                return in_path(run, block);
            }
        }
        // The inbox has one route for all of its pages.
        let (run, rest) = self.path().strip_prefix("/inbox/reviews/")?.split_once('/')?;
        in_path(run, rest.split('/').next()?)
    }

    /// The review its path names, in the caller's organization.
    pub fn review_id(&self, caller: &Caller, faults: &mut FieldErrors) -> Option<ReviewId> {
        let run = self.path_parameter("run_id", RunId::parse, faults);
        let block = self.path_parameter("block_id", BlockId::parse, faults);
        Some(ReviewId { organization: caller.organization.clone(), run: run?, block: block? })
    }

    pub(super) fn path_parameter<T, E: std::fmt::Display>(
        &self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
        faults: &mut FieldErrors,
    ) -> Option<T> {
        let parameters = self.request.path_parameters_ref();
        let text = parameters.and_then(|parameters| parameters.first(name)).unwrap_or_default();
        parse(text)
            .map_err(|error| faults.add(["path", name], "invalid_identifier", format!("{name} {error}")))
            .ok()
    }

    /// The version its path names.
    pub fn seq(&self, faults: &mut FieldErrors) -> Option<Seq> {
        let parse = |text: &str| {
            let number = text.parse::<u32>().ok().filter(|number| number.to_string() == text);
            number.map(Seq).ok_or("must be the number of a version")
        };
        self.path_parameter("seq", parse, faults)
    }

    /// What the client calls this command: its `Idempotency-Key` header.
    pub fn idempotency_key(&self, faults: &mut FieldErrors) -> Option<Option<CommandId>> {
        let Some(text) = self.request.headers().get("idempotency-key") else { return Some(None) };
        let text = text.to_str().unwrap_or("\0");
        if text.contains(',') {
            // So a gateway hands on two headers of one name; nobody may find one and overlook the other.
            let message = "must be one key, without a comma".into();
            faults.add(["header", "idempotency-key"], "invalid_identifier", message);
            return None;
        }
        let parsed = CommandId::parse(text);
        let fault = |fault: IdentifierError| {
            faults.add(["header", "idempotency-key"], "invalid_identifier", fault.to_string());
        };
        parsed.map_err(fault).ok().map(Some)
    }

    /// What the client calls this command: `command_id` of the body, or `Idempotency-Key`, which means the same.
    pub fn command_id(&self, body: &mut Fields<'_>, faults: &mut FieldErrors) -> Option<Option<CommandId>> {
        let header = self.idempotency_key(faults);
        let field = body.optional("command_id", faults, parse::identifier(CommandId::parse));
        match (header?, field?) {
            (Some(header), Some(field)) if header != field => {
                let message = "differs from command_id of the body, which means the same".into();
                faults.add(["header", "idempotency-key"], "invalid_value", message);
                None
            }
            (header, field) => Some(field.or(header)),
        }
    }

    /// Whether the client has this state already: `If-None-Match`, compared weakly (RFC 9110, 13.1.2).
    pub fn has(&self, tag: &str) -> bool {
        let tags = self.header("if-none-match").unwrap_or_default();
        tags.split(',').map(str::trim).any(|known| known == "*" || known.trim_start_matches("W/") == tag)
    }

    /// Whether it asks to be told only of a change.
    pub fn is_conditional(&self) -> bool {
        self.request.headers().contains_key(header::IF_NONE_MATCH)
    }

    /// A cookie's value (RFC 6265).
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let cookies = self.request.headers().get_all(header::COOKIE).into_iter();
        let pairs = cookies.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(';'));
        pairs
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value)
    }

    /// The fields of a form that was sent. Its bytes and its fields are counted before any of it is decoded.
    pub fn form(&self, limit: FormLimit) -> Result<Vec<(String, String)>, Error> {
        let body: &[u8] = self.request.body();
        let size = self.declared_size().unwrap_or_default().max(body.len());
        if size > limit.bytes {
            return Err(Error::SnapshotTooLarge { what: "The form", limit: limit.bytes, size });
        }
        let fields = body.split(|byte| *byte == b'&').count();
        if fields > limit.fields {
            let mut faults = FieldErrors::new();
            let message = format!("the form has {fields} fields; the limit is {}", limit.fields);
            faults.add(["body"], "too_many_fields", message);
            return Err(Error::Invalid(faults));
        }
        Ok(form_urlencoded::parse(body).into_owned().collect())
    }

    /// A call of the API on behalf of who sent this one, about a review, with a JSON body.
    #[must_use]
    pub fn inner(&self, review: Option<(&str, &str)>, body: String) -> Self {
        let mut request = Request::new(lambda_http::Body::Text(body));
        if let Some((run, block)) = review {
            let parameters = HashMap::from([("run_id", run), ("block_id", block)]);
            let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
            request =
                request.with_path_parameters(parameters.into_iter().map(owned).collect::<HashMap<_, _>>());
        }
        Self { request, request_id: self.request_id.clone(), now: self.now }
    }

    /// Its query, decoded; a parameter that is not in `known`, or comes twice, is a fault.
    pub fn query(&self, known: &[&str], faults: &mut FieldErrors) -> Vec<(String, String)> {
        let query = self.request.uri().query().unwrap_or_default();
        let mut seen: Vec<(String, String)> = Vec::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            if !known.contains(&name.as_ref()) {
                let message = format!("is not a query parameter of this call; it takes {}", known.join(", "));
                faults.add(["query", &name], "unknown_field", message);
            } else if seen.iter().any(|(before, _)| *before == name) {
                faults.add(["query", &name], "duplicate_field", "is given more than once".into());
            } else {
                seen.push((name.into_owned(), value.into_owned()));
            }
        }
        seen
    }

    /// The fields of its JSON body of at most `limit` bytes; `None` when it is no JSON object, which is a fault.
    pub fn body(&self, limit: usize, faults: &mut FieldErrors) -> Result<Option<Fields<'_>>, Error> {
        let body: &[u8] = self.request.body();
        let size = self.declared_size().unwrap_or_default().max(body.len());
        if size > limit {
            return Err(if limit == BODY_LIMIT {
                Error::SnapshotTooLarge { what: "The request body", limit, size }
            } else {
                Error::BodyTooLarge { limit, size }
            });
        }
        if !self.says_json() {
            let message = "must be application/json".into();
            faults.add(["header", "content-type"], "wrong_type", message);
            return Ok(None);
        }
        if body.iter().all(u8::is_ascii_whitespace) {
            faults.add(["body"], "missing", "the body is empty; it must be a JSON object".into());
            return Ok(None);
        }
        Ok(parse::body_fields(body, faults))
    }

    /// How long a server that stopped reading says the body is.
    fn declared_size(&self) -> Option<usize> {
        self.request.extensions().get::<DeclaredSize>().map(|size| size.0)
    }

    fn says_json(&self) -> bool {
        let Some(value) = self.request.headers().get(header::CONTENT_TYPE) else { return true };
        let essence = value.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim();
        let essence: Cow<'_, str> = essence.to_ascii_lowercase().into();
        essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
    }

    /// What `caller` does with this call: now, as a new audit entry.
    pub fn command_context(
        &self,
        caller: &Caller,
        request: RequestDigest,
        command_id: Option<CommandId>,
    ) -> CommandContext {
        CommandContext {
            actor: caller.actor.clone(),
            at: self.now,
            entry_id: crate::new_id::entry_id(),
            request,
            command_id,
        }
    }
}

/// An extension of a request that came to no gateway: where from.
#[derive(Clone, Copy, Debug)]
pub struct SourceAddress(pub IpAddr);

/// An extension of a request whose body was too long to be kept: its length, in bytes.
#[derive(Clone, Copy, Debug)]
pub struct DeclaredSize(pub usize);

#[cfg(test)]
mod tests {
    use super::*;
    use lambda_http::Body;

    fn form(body: String, limit: FormLimit) -> Result<Vec<(String, String)>, Error> {
        let request = Request::new(Body::Text(body));
        Call::new(request, Timestamp::from_millis(0)).form(limit)
    }

    #[test]
    fn a_form_is_counted_before_it_is_decoded() {
        let limit = FormLimit { bytes: 100, fields: 3 };
        assert_eq!(form("a=1&b=2&c".into(), limit).unwrap().len(), 3);
        assert!(matches!(form("a&b&c&d".into(), limit), Err(Error::Invalid(_))));
        assert!(matches!(form("&&&".into(), limit), Err(Error::Invalid(_))));
        assert_eq!(form("x".repeat(100), limit).unwrap().len(), 1);
        assert!(matches!(form("x".repeat(101), limit), Err(Error::SnapshotTooLarge { size: 101, .. })));
    }
}
