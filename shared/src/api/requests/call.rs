//! One request: who sent it, when, and what its path and its headers name.

use super::common::COMMAND_ID;
use super::fields::Fields;
use crate::api::caller::Caller;
use crate::api::errors::FieldErrors;
use crate::review::{
    BlockId, CommandContext, CommandId, IdentifierError, RequestDigest, ReviewId, RunId, Seq, Timestamp,
    WorkflowId,
};
use lambda_http::http::header;
use lambda_http::request::RequestContext;
use lambda_http::{Request, RequestExt};
use std::collections::HashMap;
use std::net::IpAddr;

/// One request.
pub struct Call {
    pub(super) request: Request,
    request_id: String,
    now: Timestamp,
}

impl Call {
    /// A request that arrived at `now`. Everything about it is decided for that instant.
    pub fn new(request: Request, now: Timestamp) -> Self {
        let from_gateway = match request.request_context_ref() {
            Some(RequestContext::ApiGatewayV2(context)) => context.request_id.clone(),
            _ => None,
        };
        let request_id = from_gateway.unwrap_or_else(|| uuid::Uuid::now_v7().simple().to_string());
        Self { request, request_id, now }
    }

    /// When it arrived.
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// Its id, in our logs, in API Gateway's access log and in the answer's `x-request-id`.
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// Its trace, for the log: X-Ray's root, which Lambda passes on, or W3C's trace id. Anything else is ignored.
    pub(in crate::api) fn trace_id(&self) -> Option<&str> {
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

    /// Its path and its query, as they were sent.
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

    /// The address of its sender, as API Gateway or the local server saw it, never from a header. Of an IPv6 address the first 64
    /// bits, which belong to one subscriber.
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

    /// Whether it came by API Gateway's catch-all route.
    pub(in crate::api) fn is_unrouted(&self) -> bool {
        match self.request.request_context_ref() {
            Some(RequestContext::ApiGatewayV2(context)) => context.route_key.as_deref() == Some("$default"),
            _ => false,
        }
    }

    /// A header, if it is there and is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.request.headers().get(name).and_then(|value| value.to_str().ok())
    }

    /// Whether it has a header of that name, even one that is not text.
    pub(in crate::api) fn has_header(&self, name: &str) -> bool {
        self.request.headers().contains_key(name)
    }

    /// The run and the block in its path, for the log, if they are valid.
    pub(in crate::api) fn named_review(&self) -> Option<(String, String)> {
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

    /// The review in its path, in the caller's organization.
    pub fn review_id(&self, caller: &Caller, errors: &mut FieldErrors) -> Option<ReviewId> {
        let run = self.path_parameter("run_id", RunId::parse, errors);
        let block = self.path_parameter("block_id", BlockId::parse, errors);
        Some(ReviewId { organization: caller.organization.clone(), run: run?, block: block? })
    }

    /// A parameter of its path, parsed.
    pub fn path_parameter<T, E: std::fmt::Display>(
        &self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
        errors: &mut FieldErrors,
    ) -> Option<T> {
        let parameters = self.request.path_parameters_ref();
        let text = parameters.and_then(|parameters| parameters.first(name)).unwrap_or_default();
        parse(text)
            .map_err(|error| errors.add(["path", name], "invalid_identifier", format!("{name} {error}")))
            .ok()
    }

    /// The workflow in its path.
    pub fn workflow_id(&self, errors: &mut FieldErrors) -> Option<WorkflowId> {
        self.path_parameter("workflow_id", WorkflowId::parse, errors)
    }

    /// The version in its path.
    pub fn seq(&self, errors: &mut FieldErrors) -> Option<Seq> {
        let parse = |text: &str| {
            let number = text.parse::<u32>().ok().filter(|number| number.to_string() == text);
            number.map(Seq).ok_or("must be the number of a version")
        };
        self.path_parameter("seq", parse, errors)
    }

    /// The page in its path.
    pub fn page(&self, errors: &mut FieldErrors) -> Option<u32> {
        let parse = |text: &str| {
            let number = text.parse::<u32>().ok().filter(|number| *number > 0 && number.to_string() == text);
            number.ok_or("must be the number of a page, from 1")
        };
        self.path_parameter("page", parse, errors)
    }

    /// The id of this command, from the header `Idempotency-Key`.
    pub fn idempotency_key(&self, errors: &mut FieldErrors) -> Option<Option<CommandId>> {
        let Some(text) = self.request.headers().get("idempotency-key") else { return Some(None) };
        let text = text.to_str().unwrap_or("\0");
        if text.contains(',') {
            // A gateway joins two headers of one name by a comma; of two keys, none may be ignored.
            let message = "must be one key, without a comma".into();
            errors.add(["header", "idempotency-key"], "invalid_identifier", message);
            return None;
        }
        let parsed = CommandId::parse(text);
        let report = |error: IdentifierError| {
            errors.add(["header", "idempotency-key"], "invalid_identifier", error.to_string());
        };
        parsed.map_err(report).ok().map(Some)
    }

    /// The id of this command: `command_id` of the body, or `Idempotency-Key`, which means the same.
    pub fn command_id(&self, body: &mut Fields<'_, '_>) -> Option<Option<CommandId>> {
        let header = self.idempotency_key(body.errors());
        let field = body.read(&COMMAND_ID);
        match (header?, field?) {
            (Some(header), Some(field)) if header != field => {
                let message = "differs from command_id of the body, which means the same".into();
                body.errors().add(["header", "idempotency-key"], "invalid_value", message);
                None
            }
            (header, field) => Some(field.or(header)),
        }
    }

    /// Whether the client has this state: `If-None-Match`, compared weakly (RFC 9110, 13.1.2).
    pub fn has(&self, tag: &str) -> bool {
        let tags = self.header("if-none-match").unwrap_or_default();
        tags.split(',').map(str::trim).any(|known| known == "*" || known.trim_start_matches("W/") == tag)
    }

    /// Whether it has the header `If-None-Match`.
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

    /// A call of the API about a review, with a JSON body, on behalf of the sender of this one.
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

    /// As [`Call::inner`], with these parameters of the path.
    #[must_use]
    pub fn inner_at(&self, parameters: &[(&str, &str)], body: String) -> Self {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let request = Request::new(lambda_http::Body::Text(body));
        let request = request.with_path_parameters(parameters.iter().map(owned).collect::<HashMap<_, _>>());
        Self { request, request_id: self.request_id.clone(), now: self.now }
    }

    /// The context of what `caller` does by this call: when, and as which audit entry.
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
            standing: caller.standing.clone(),
        }
    }
}

/// An extension of a request that did not come through API Gateway: the address of its sender.
#[derive(Clone, Copy, Debug)]
pub struct SourceAddress(pub IpAddr);

/// An extension of a request whose body was too large to be read: its size, in bytes.
#[derive(Clone, Copy, Debug)]
pub struct DeclaredSize(pub usize);

#[cfg(test)]
mod tests {
    use super::*;
    use lambda_http::Body;

    fn over_gateway(route_key: &str, source_ip: &str) -> Call {
        let mut context = lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpRequestContext::default();
        context.route_key = Some(route_key.into());
        context.request_id = Some("its-id".into());
        context.http.source_ip = Some(source_ip.into());
        let request = Request::new(Body::Empty);
        let context = RequestContext::ApiGatewayV2(context);
        Call::new(request.with_request_context(context), Timestamp::from_millis(0))
    }

    #[test]
    fn api_gateway_says_which_request_it_is_of_which_route_and_from_where() {
        let call = over_gateway("GET /v1/workflows/reviews", "198.51.100.7");
        assert_eq!((call.request_id(), call.source_address().as_str()), ("its-id", "198.51.100.7"));
        assert!(!call.is_unrouted());
        let call = over_gateway("$default", "2001:db8:1:2:3:4:5:6");
        assert_eq!(call.source_address(), "2001:db8:1:2::/64");
        assert!(call.is_unrouted());
        assert_eq!(over_gateway("$default", "nonsense").source_address(), "unknown");
    }

    #[test]
    fn only_what_looks_like_a_trace_is_logged_as_one() {
        const W3C: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
        for (header, value, trace) in [
            ("traceparent", format!("00-{W3C}-00f067aa0ba902b7-01"), Some(W3C)),
            ("traceparent", format!("00-{W3C}0-00f067aa0ba902b7-01"), None),
            ("traceparent", "00-injected words of thirty-two by--01".into(), None),
            ("traceparent", "00-zzf92f3577b34da6a3ce929d0e0e4736-00-01".into(), None),
            ("x-amzn-trace-id", "Self=1-2;Root=1-67891233-abcdef".into(), Some("1-67891233-abcdef")),
            ("x-amzn-trace-id", "Root=1-6789 forged".into(), None),
        ] {
            let request = lambda_http::http::Request::builder().header(header, &value).body(Body::Empty);
            let call = Call::new(request.unwrap(), Timestamp::from_millis(0));
            assert_eq!(call.trace_id(), trace, "{value}");
        }
    }
}
