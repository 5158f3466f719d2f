//! The HTTP edge: one request in, one answer out, the same on Lambda and locally.
//!
//! Owns authentication, parsing, the one table of errors, headers and the request's log line. It must not know the
//! table or the rules of a review. A function gives it a [`Route`] and a handler; [`serve`] does the rest.

mod auth;
mod call;
mod decision_view;
mod error;
mod fields;
mod parse;
mod reply;
mod request_metrics;
mod route;
mod site;
mod static_page;
mod view;
mod webhooks;

pub use auth::Caller;
pub use call::{BODY_LIMIT, Call, DeclaredSize, FormLimit, SMALL_BODY_LIMIT, SourceAddress};
pub use decision_view::{AcknowledgedView, DecisionView, acknowledged};
pub use error::{ConflictDetails, Error};
pub use fields::{FieldError, FieldErrors, Fields, RawObject, ValueError};
pub use parse::{
    MAX_NOTE, MAX_REASON, MAX_SHORT_TEXT, boolean, display_name, hashed_object, identifier, integer, one_of,
    page_limit, present, reason, short_text, text, ttl_seconds,
};
pub use reply::Reply;
pub use route::{PageRoute, Route, routes};
/// A JSON value as its text.
pub use serde_json::value::RawValue as RawJson;
pub use site::{Answered, Site, serve_site};
pub use static_page::{StaticPage, serve_page};
pub use view::{AuditPageView, Decided, QueuePage, WholeOverlay};
pub use view::{
    audit_page, decided, mutated, opened, overlay, overlay_tag, overlay_tag_with, queue_page, version,
};
pub use webhooks::{CreatedView, Deliveries, DeliveryView, TestDeliveryView, WebhookView, Webhooks};
pub use webhooks::{callable_url, event_types, new_signing_secret, signing_secret, webhook_id};

use crate::egress::Egress;
use crate::metrics::{self, Sink};
use crate::review::Timestamp;
use crate::store::{Meter, Store, Usage};
use auth::KeyCache;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use lambda_http::{Body, Request, Response};
use reply::{Encoded, Gzip};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

/// Tells the time. Injected, so that tests can move it.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The system's clock.
pub fn system_time() -> Timestamp {
    chrono::Utc::now().into()
}

/// What lives as long as the process: the store and the cache of API keys.
pub struct App {
    /// The table.
    pub store: Store,
    /// Which URLs may be given to us to call.
    pub egress: Egress,
    /// Where what requests count goes; nowhere unless told.
    pub metrics: Option<Sink>,
    /// Whether browsers reach us over https alone, and so may send their cookies over nothing else.
    pub https: bool,
    clock: Clock,
    keys: KeyCache,
}

impl App {
    /// With the system's clock.
    pub fn new(store: Store) -> Self {
        Self::with_clock(store, Arc::new(system_time))
    }

    /// With another clock.
    pub fn with_clock(store: Store, clock: Clock) -> Self {
        Self { store, egress: Egress::Public, metrics: None, https: true, clock, keys: KeyCache::default() }
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }
}

/// What a handler is: from an authenticated call to an answer.
pub type Handle = for<'a> fn(&'a App, &'a Caller, &'a Call) -> BoxFuture<'a, Result<Reply, Error>>;

/// One endpoint: its route and its handler. Each folder of `functions` exports one.
#[derive(Clone, Copy)]
pub struct Function {
    /// Where it is and what a key must be allowed to do there.
    pub route: Route,
    /// What it does.
    pub handle: Handle,
}

impl Function {
    /// Its name: the verb, as in the folder, the binary and the template.
    pub const fn name(&self) -> &'static str {
        self.route.name
    }

    /// What it answers to a caller who is known.
    pub async fn call(&self, app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
        caller.must_be_allowed(self.route.scope)?;
        let result = survive((self.handle)(app, caller, call), || Err(Error::Panicked)).await;
        result.map_err(|error| error.told_to(&caller.actor))
    }
}

/// Answers one request, whatever happens, and logs one line about it.
pub async fn serve(app: &App, function: &Function, request: Request) -> Response<Body> {
    let started = Instant::now();
    let call = Call::new(request, app.now());
    let ((caller, result), usage) = Meter::measure(answer(app, function, &call)).await;
    count(app, function.name(), &call, &result);
    let answered = Answer {
        name: function.name(),
        route: function.route.path,
        caller: caller.as_ref(),
        https: app.https,
        started,
        usage,
    };
    respond(&call, &answered, result.map_err(|error| (error.reply(), error)))
}

/// Answers a request that no route of ours takes.
pub fn unrouted(app: &App, request: Request) -> Response<Body> {
    let started = Instant::now();
    let call = Call::new(request, app.now());
    let error = route::unmatched(&call);
    let answered = Answer {
        name: "none",
        route: "$default",
        caller: None,
        https: app.https,
        started,
        usage: Usage::default(),
    };
    respond(&call, &answered, Err((error.reply(), error)))
}

/// One line of metrics, if the request did something that is counted.
fn count(app: &App, name: &'static str, call: &Call, result: &Result<Reply, Error>) {
    let Some(sink) = app.metrics else { return };
    let refused = match result {
        Ok(reply) => reply.failure(),
        Err(error) => Some(error.code()),
    };
    let counted = match (result, refused) {
        (_, Some("unauthenticated")) => &[request_metrics::UNAUTHENTICATED],
        (_, Some("forbidden")) => &[request_metrics::FORBIDDEN],
        (Err(error), _) if error.is_conflict() => &[request_metrics::CONFLICT],
        (Ok(reply), _) => reply.metrics(),
        (Err(_), _) => &[],
    };
    if !counted.is_empty() {
        sink(&metrics::line(app.store.table(), name, call.now().millis(), counted));
    }
}

async fn answer(app: &App, function: &Function, call: &Call) -> (Option<Caller>, Result<Reply, Error>) {
    if call.is_unrouted() {
        return (None, Err(route::unmatched(call)));
    }
    match app.authenticate(call).await {
        Err(error) => (None, Err(error)),
        Ok(caller) => {
            let result = function.call(app, &caller, call).await;
            (Some(caller), result)
        }
    }
}

/// Runs a handler. A panic of it is a defect, which costs this one request a 500, and the process nothing: what lives
/// longer than a request, the store and the cache of keys, is in no state that a request could leave half-made.
async fn survive<T>(handled: impl Future<Output = T>, panicked: impl FnOnce() -> T) -> T {
    AssertUnwindSafe(handled).catch_unwind().await.unwrap_or_else(|_| panicked())
}

/// What is known of an answer besides what it says.
struct Answer<'a> {
    /// The function's name.
    name: &'static str,
    /// The route, as API Gateway spells it.
    route: &'static str,
    /// Who called, if that is known.
    caller: Option<&'a Caller>,
    /// Whether browsers reach us over https alone.
    https: bool,
    started: Instant,
    usage: Usage,
}

/// Encodes the answer, and logs one line about the request.
fn respond(call: &Call, answer: &Answer<'_>, result: Result<Reply, (Reply, Error)>) -> Response<Body> {
    let Answer { name, route, caller, https, started, usage } = answer;
    let (mut reply, mut code, cause) = match result {
        Ok(reply) => {
            let code = reply.failure().unwrap_or("ok");
            (reply, code, None)
        }
        Err((reply, error)) => (reply, error.code(), error.cause()),
    };
    let accepts = Gzip::of(call.header("accept-encoding"));
    let encoded = reply.encode(accepts).or_else(|error| {
        (reply, code) = (error.reply(), error.code());
        reply.encode(accepts)
    });
    // The second time it is an error's few bytes.
    let encoded = encoded.unwrap_or(Encoded::Nothing);
    let duration_ms = started.elapsed().as_secs_f64() * 1e3;
    let review = call.named_review().or_else(|| reply.named_review());
    let (run, block) = review.as_ref().map(|(run, block)| (run.as_str(), block.as_str())).unzip();
    if let Some(cause) = cause {
        tracing::error!(target: "holdpoint", request_id = call.request_id(), function = name, run, block, code, cause, "failed");
    }
    tracing::info!(
        target: "holdpoint",
        request_id = call.request_id(),
        trace_id = call.trace_id(),
        function = name,
        route,
        run,
        block,
        status = reply.status().as_u16(),
        code,
        organization = caller.map(|caller| caller.organization.as_str()),
        actor = caller.map(|caller| caller.actor.id.as_str()),
        key_id = caller.map(|caller| caller.key_id.as_str()),
        rev = reply.rev().map(|rev| rev.0),
        duration_ms,
        calls = usage.calls,
        round_trips = usage.round_trips,
        read_units = usage.read_units,
        write_units = usage.write_units,
        "request"
    );
    reply.into_response(encoded, call.request_id(), *https)
}
