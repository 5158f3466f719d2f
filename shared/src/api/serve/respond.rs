//! The end of every request: its answer is encoded, counted, and logged in one line.

use crate::api::app::App;
use crate::api::caller::Caller;
use crate::api::errors::Error;
use crate::api::requests::Call;
use crate::api::responses::{Encoded, Gzip, Reply, ResponseTooLarge, request_metrics};
use crate::metrics;
use crate::store::Usage;
use lambda_http::{Body, Response};
use std::time::Instant;

/// What the log line says of a request besides its answer.
pub(super) struct RequestLog<'a> {
    /// The function's name.
    pub(super) name: &'static str,
    /// The route, as API Gateway spells it.
    pub(super) route: &'static str,
    /// Who called, if that is known.
    pub(super) caller: Option<&'a Caller>,
    /// Whether browsers reach us over https only.
    pub(super) https: bool,
    /// When it came.
    pub(super) started: Instant,
    /// What it cost at the table.
    pub(super) usage: Usage,
}

/// Encodes the answer, and logs one line about the request.
pub(super) fn respond(
    call: &Call,
    log: &RequestLog<'_>,
    result: Result<Reply, (Reply, Error)>,
) -> Response<Body> {
    let RequestLog { name, route, caller, https, started, usage } = log;
    let (mut reply, mut code, cause) = match result {
        Ok(reply) => {
            let code = reply.failure().unwrap_or("ok");
            (reply, code, None)
        }
        Err((reply, error)) => (reply, error.code(), error.cause()),
    };
    let accepts = Gzip::of(call.header("accept-encoding"));
    let encoded = reply.encode(accepts).or_else(|ResponseTooLarge { limit, size }| {
        let error = Error::ResponseTooLarge { limit, size };
        (reply, code) = (error.reply(), error.code());
        reply.encode(accepts)
    });
    // The body of an error is short.
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

/// One line of metrics, if the request did something that is counted.
pub(super) fn count(app: &App, name: &'static str, call: &Call, result: &Result<Reply, Error>) {
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
    let of = (app.store.table(), name);
    if let Some(line) = metrics::line(app.metrics_level, of, call.now().millis(), counted) {
        sink(&line);
    }
}
