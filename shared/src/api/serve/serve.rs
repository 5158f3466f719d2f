//! One request in, one answer out, one line in the log: the same on Lambda and locally.

use super::respond::{RequestLog, count, respond};
use crate::api::app::App;
use crate::api::caller::Caller;
use crate::api::endpoint::Handler;
use crate::api::errors::Error;
use crate::api::requests::Call;
use crate::api::responses::Reply;
use crate::store::Meter;
use futures_util::join;
use lambda_http::{Body, Request, Response};
use std::time::Instant;

/// Answers one request, whatever happens, and logs one line about it.
pub async fn serve(app: &App, handler: &Handler, request: Request) -> Response<Body> {
    let started = Instant::now();
    let call = Call::new(request, app.now());
    let ((caller, result), usage) = Meter::measure(answer(app, handler, &call)).await;
    count(app, handler.name, &call, &result);
    let log = RequestLog {
        name: handler.name,
        route: handler.path,
        caller: caller.as_ref(),
        https: app.https,
        started,
        usage,
    };
    respond(&call, &log, result.map_err(|error| (error.reply(), error)))
}

async fn answer(app: &App, handler: &Handler, call: &Call) -> (Option<Caller>, Result<Reply, Error>) {
    if call.is_unrouted() {
        return (None, Err(Error::RouteNotFound));
    }
    match app.authenticate(call).await {
        Err(error) => (None, Err(error)),
        Ok((caller, is_fresh)) => {
            let noted = async {
                if is_fresh && handler.notes_key_use() && caller.may(handler.scope) {
                    app.note_key_use(&caller, call.now()).await;
                }
            };
            // In parallel: it adds no round trip.
            let (result, ()) = join!(handler.call(app, &caller, call), noted);
            (Some(caller), result)
        }
    }
}
