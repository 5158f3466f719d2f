//! How a binary of ours runs on AWS Lambda: settings, logging, then one request after the other.

use crate::config::Config;
use crate::http::{App, Function, serve};
use lambda_http::{Request, service_fn};
use std::convert::Infallible;
use std::process::ExitCode;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::prelude::*;

/// Runs `function` until Lambda ends the sandbox. What is wrong at start-up is said in one line, with exit code 1.
pub async fn run(function: Function) -> ExitCode {
    if std::env::var_os("AWS_LAMBDA_RUNTIME_API").is_none() {
        eprintln!(
            "holdpoint {}: this binary runs inside AWS Lambda; `cargo run` starts it all locally",
            function.name()
        );
        return ExitCode::FAILURE;
    }
    let config = match Config::from_env() {
        Ok(config) => config,
        Err(error) => {
            eprintln!("holdpoint {}: {error}", function.name());
            return ExitCode::FAILURE;
        }
    };
    log_json();
    let app = App::new(config.store());
    let app = &app;
    let handler = service_fn(move |request: Request| async move {
        Ok::<_, Infallible>(serve(app, &function, request).await)
    });
    match lambda_http::run(handler).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("holdpoint {}: the Lambda runtime ended: {error}", function.name());
            ExitCode::FAILURE
        }
    }
}

/// One JSON object a line, on standard output: our own events, and only the errors of libraries.
fn log_json() {
    let ours = Targets::new().with_target("holdpoint", LevelFilter::INFO).with_default(LevelFilter::ERROR);
    let layer = tracing_subscriber::fmt::layer().json().flatten_event(true).with_current_span(false);
    tracing_subscriber::registry().with(layer.with_filter(ours)).init();
}
