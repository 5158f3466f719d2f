//! Running a binary on AWS Lambda: settings, logging, then one event after the other.

use crate::api::{App, Handler, Route, Site, StaticPage, serve, serve_page, serve_site, system_time};
use crate::bucket::Bucket;
use crate::metrics;
use crate::review::Timestamp;
use crate::runtime::config::{Config, ConfigError};
use chrono::DateTime;
use futures_util::FutureExt;
use lambda_http::http::Uri;
use lambda_http::lambda_runtime::{self, LambdaEvent};
use lambda_http::request::LambdaRequest;
use lambda_http::{Adapter, Body, Request, RequestExt, Response, Service, service_fn};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::convert::Infallible;
use std::future::ready;
use std::process::ExitCode;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::prelude::*;
use url::Url;

/// Runs an endpoint until Lambda ends the sandbox. An error at start-up is one line on standard error, and exit code 1.
pub async fn run(handler: Handler) -> ExitCode {
    let handler = &handler;
    let Some(app) = &app(handler.name, |_| Ok(None)) else { return ExitCode::FAILURE };
    end(handler.name, answer(|request| serve(app, handler, request)).await)
}

/// As [`run`], for an endpoint that uses the bucket of documents. The others do not link it.
pub async fn run_with_bucket(handler: Handler) -> ExitCode {
    let handler = &handler;
    let Some(app) = &app(handler.name, Config::bucket) else { return ExitCode::FAILURE };
    end(handler.name, answer(|request| serve(app, handler, request)).await)
}

/// As [`run`], for a function that answers several calls of the API, and a site's besides.
pub async fn run_calls_and_site(calls: &'static [(Route, Handler)], site: Site) -> ExitCode {
    let Some(app) = app(site.name, |_| Ok(None)) else { return ExitCode::FAILURE };
    answer_calls_and_site(&app, calls, &site).await
}

/// As [`run_calls_and_site`], with the bucket of documents.
pub async fn run_calls_and_site_with_bucket(calls: &'static [(Route, Handler)], site: Site) -> ExitCode {
    let Some(app) = app(site.name, Config::bucket) else { return ExitCode::FAILURE };
    answer_calls_and_site(&app, calls, &site).await
}

async fn answer_calls_and_site(app: &App, calls: &'static [(Route, Handler)], site: &Site) -> ExitCode {
    let one = async |request: Request| {
        let (method, path) = (request.method().clone(), request.raw_http_path().to_owned());
        let takes = |route: &Route| route.method == method && route.captures(&path).is_some();
        match calls.iter().find(|(route, _)| takes(route)) {
            Some((_, handler)) => serve(app, handler, request).await,
            None => serve_site(app, site, request).await,
        }
    };
    end(site.name, answer(|request| Box::pin(one(request))).await)
}

/// As [`run`], for a function that serves pages.
pub async fn run_site(site: Site) -> ExitCode {
    let site = &site;
    let Some(app) = &app(site.name, |_| Ok(None)) else { return ExitCode::FAILURE };
    end(site.name, answer(|request| serve_site(app, site, request)).await)
}

/// Runs a function that serves static pages, and answers every request that none of the API's `routes` takes.
pub async fn run_pages(
    name: &'static str,
    pages: &'static [StaticPage],
    routes: &'static [Route],
) -> ExitCode {
    if !is_lambda(name) {
        return ExitCode::FAILURE;
    }
    log();
    end(name, answer(|request| ready(serve_page(name, pages, routes, request, system_time(), true))).await)
}

/// Runs a function that is not triggered by requests. `handle` gets each event; its error is the run's, and is logged.
pub async fn run_triggered<S, E: DeserializeOwned, R: Serialize>(
    name: &'static str,
    prepare: impl FnOnce(Config) -> S,
    handle: impl AsyncFn(&S, E) -> Result<R, lambda_runtime::Error>,
) -> ExitCode {
    let Some(config) = begin(name) else { return ExitCode::FAILURE };
    let state = prepare(config);
    let (state, handle) = (&state, &handle);
    let handler = lambda_runtime::service_fn(move |event: LambdaEvent<E>| handle(state, event.payload));
    end(name, lambda_runtime::run(handler).await)
}

/// As `lambda_http::run`, which would panic at some events before our code runs ([`mend`]).
async fn answer<F>(mut answer: impl FnMut(Request) -> F) -> Result<(), lambda_runtime::Error>
where
    F: Future<Output = Response<Body>> + Send,
{
    let handler = service_fn(move |request| answer(request).map(Ok::<_, Infallible>));
    let mut adapter = Adapter::from(handler);
    let mended = move |mut event: LambdaEvent<LambdaRequest>| {
        mend(&mut event.payload);
        adapter.call(event)
    };
    lambda_runtime::run(service_fn(mended)).await
}

/// Repairs the query, host, scheme and path of API Gateway's event, which `lambda_http` assumes to form a valid URI. A query is
/// percent-encoded, as browsers do it; host and scheme are not used. A path begins with a slash.
pub(crate) fn mend(event: &mut LambdaRequest) {
    let LambdaRequest::ApiGatewayV2(event) = event else { return };
    if let Some(query) = &mut event.raw_query_string
        && !query.bytes().all(|byte| byte.is_ascii_graphic() && !br##""#<>"##.contains(&byte))
        && let Ok(mut url) = Url::parse("https://localhost/")
    {
        url.set_query(Some(query));
        url.query().unwrap_or_default().clone_into(query);
    }
    if let Some(path) = event.raw_path.as_mut().filter(|path| !path.starts_with('/')) {
        path.insert(0, '/');
    }
    let said = |name: &str| event.headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let scheme = said("x-forwarded-proto").unwrap_or("https");
    let host = said("host").or(event.request_context.domain_name.as_deref()).unwrap_or("localhost");
    let is_uri = |text: String| Url::parse(&text).is_ok_and(|url| Uri::try_from(url.as_str()).is_ok());
    if !is_uri(format!("{scheme}://{host}/")) {
        event.headers.remove("x-forwarded-proto");
        event.headers.remove("host");
        event.request_context.domain_name = None;
    }
}

/// The state of the process of a function that answers requests.
fn app(name: &str, bucket: impl FnOnce(&Config) -> Result<Option<Bucket>, ConfigError>) -> Option<App> {
    let config = begin(name)?;
    let bucket = bucket(&config).map_err(|error| cannot_start(name, &error)).ok()?;
    let (egress, level, organization) = (config.egress, config.metrics, config.organization.clone());
    let mut app = App::new(config.store());
    (app.egress, app.bucket, app.metrics_level) = (egress, bucket, level);
    app.organization = organization;
    app.metrics = Some(metrics::print);
    Some(app)
}

fn begin(name: &str) -> Option<Config> {
    if !is_lambda(name) {
        return None;
    }
    match Config::from_env() {
        Ok(config) => {
            log();
            Some(config)
        }
        Err(error) => {
            cannot_start(name, &error);
            None
        }
    }
}

fn cannot_start(name: &str, error: &ConfigError) {
    eprintln!("holdpoint {name}: {error}");
}

fn is_lambda(name: &str) -> bool {
    let is = std::env::var_os("AWS_LAMBDA_RUNTIME_API").is_some();
    if !is {
        eprintln!("holdpoint {name}: this binary runs inside AWS Lambda; `cargo run` starts it all locally");
    }
    is
}

fn end(name: &str, ended: Result<(), lambda_runtime::Error>) -> ExitCode {
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("holdpoint {name}: the Lambda runtime ended: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The event of a schedule: when it was due (the classic EventBridge event; its other fields are not used).
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Tick {
    time: Option<String>,
}

impl Tick {
    /// The time of this run: our own clock's, but never later than the schedule's, so that a jump of our clock cannot end active claims.
    pub fn now(&self, own: Timestamp) -> Timestamp {
        let said = self.time.as_deref().and_then(|time| DateTime::parse_from_rfc3339(time).ok());
        said.map_or(own, |said| own.min(said.to_utc().into()))
    }

    /// The times of this run of `function`. A late one is logged.
    pub fn times(&self, function: &'static str, own: Timestamp) -> RunTimes {
        let times = RunTimes { now: self.now(own), own };
        if times.is_late() {
            let age_ms = times.age_ms();
            tracing::warn!(target: "holdpoint", function, age_ms, "a late tick");
        }
        times
    }
}

/// The times of a run that a schedule started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunTimes {
    /// What is due by then is done ([`Tick::now`]).
    pub now: Timestamp,
    /// Our own clock's, by which lags are measured.
    pub own: Timestamp,
}

/// From this age on, in milliseconds, a tick is late: the next one has been sent.
const LATE_MILLIS: u64 = 60_000;

impl RunTimes {
    /// How old the tick was when its run began: Lambda keeps events that it cannot run at once.
    ///
    /// A late one does the work of its own time and no more. Our clock alone ends no claim, also here: who says that the tick is late,
    /// and not our clock fast? What became due since is the next tick's.
    pub fn age_ms(&self) -> u64 {
        u64::try_from(self.own.millis() - self.now.millis()).unwrap_or_default()
    }

    /// How long something has been due, in milliseconds: by our clock, not by the tick's, which would make it too short.
    pub fn lag_ms(&self, due_at: Timestamp) -> u64 {
        u64::try_from(self.own.millis() - due_at.millis()).unwrap_or_default()
    }

    /// The lag of a run that found nothing due: zero, unless its tick was late. What became due since then was not looked at, so
    /// a late run that reported zero would say that all is well.
    pub fn least_lag_ms(&self) -> u64 {
        if self.is_late() { self.age_ms() } else { 0 }
    }

    fn is_late(&self) -> bool {
        self.age_ms() > LATE_MILLIS
    }
}

/// Those of a run without a schedule.
impl From<Timestamp> for RunTimes {
    fn from(now: Timestamp) -> Self {
        Self { now, own: now }
    }
}

fn log() {
    log_json();
    log_panics();
}

/// A panic is one line in the log, with its location, without its message, which may contain data.
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        tracing::error!(target: "holdpoint", place, "panicked");
    }));
}

/// One JSON object a line, on standard output: our own events, and only the errors of libraries.
fn log_json() {
    let ours = Targets::new().with_target("holdpoint", LevelFilter::INFO).with_default(LevelFilter::ERROR);
    let layer = tracing_subscriber::fmt::layer().json().flatten_event(true).with_current_span(false);
    tracing_subscriber::registry().with(layer.with_filter(ours)).init();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schedules_clock_bounds_our_own() {
        let tick = |text: &str| serde_json::from_str::<Tick>(text).unwrap();
        let at = Timestamp::from_millis;
        let said =
            tick(r#"{"detail-type": "Scheduled Event", "time": "1970-01-01T00:00:10Z", "detail": {}}"#);
        assert_eq!(said.now(at(10_400)), at(10_000));
        assert_eq!(said.now(at(9_000)), at(9_000));
        assert_eq!(tick("{}").now(at(7)), at(7));
    }

    #[test]
    fn a_late_tick_knows_its_age_and_measures_lags_by_our_clock() {
        let at = Timestamp::from_millis;
        let tick: Tick = serde_json::from_str(r#"{"time": "1970-01-01T00:00:10Z"}"#).unwrap();
        let times = |own: i64| tick.times("sweep", at(own));
        let late = times(10_000 + 300_000);
        assert_eq!((late.now, late.age_ms(), late.least_lag_ms()), (at(10_000), 300_000, 300_000));
        assert_eq!(late.lag_ms(at(9_000)), 301_000, "not one second");
        let usual = times(10_400);
        assert_eq!((usual.age_ms(), usual.least_lag_ms(), usual.lag_ms(at(9_000))), (400, 0, 1_400));
        assert_eq!((times(9_000).now, times(9_000).age_ms()), (at(9_000), 0), "our clock is slow");
        assert_eq!((times(70_000).least_lag_ms(), times(70_001).least_lag_ms()), (0, 60_001));
        assert_eq!(Tick::default().times("sweep", at(7)), RunTimes::from(at(7)));
    }
}
