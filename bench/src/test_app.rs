//! The handlers as the gateway calls them, and documents of a given size.

use crate::sample::Dice;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use lambda_http::http::StatusCode;
use lambda_http::{Body, Response};
use local::gateway::dispatch;
use serde_json::{Value, json};
use std::io::Write as _;
use tests::{REVIEWS, TestApp};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::prelude::*;

/// A call as a client would make it.
#[derive(Clone)]
pub(crate) struct Request {
    pub(crate) who: &'static str,
    pub(crate) method: &'static str,
    pub(crate) path: String,
    pub(crate) body: Option<Value>,
    /// Whether the answer may come compressed.
    pub(crate) gzip: bool,
}

impl Request {
    pub(crate) const fn get(path: String) -> Self {
        Self { who: "dana", method: "GET", path, body: None, gzip: false }
    }

    pub(crate) const fn post(path: String, body: Value) -> Self {
        Self { who: "dana", method: "POST", path, body: Some(body), gzip: false }
    }

    /// The gate fires with that document.
    pub(crate) fn open(run: &str, document: &Value) -> Self {
        let mut body = tests::opening(run, "extract", 0);
        body["snapshot"] = document.clone();
        Self { who: "agent", ..Self::post(REVIEWS.into(), body) }
    }

    /// The request itself, made before anything is timed.
    pub(crate) fn made(&self, app: &TestApp) -> lambda_http::Request {
        let body = self.body.as_ref().map_or(Body::Empty, |body| Body::Text(body.to_string()));
        let mut request = app.request(self.who, self.method, &self.path, body);
        let coding = if self.gzip { "gzip" } else { "identity" };
        request.headers_mut().insert("accept-encoding", coding.parse().unwrap());
        request
    }

    /// Makes it, through the local gateway. Unlike in tests, the answer is not checked against the API's description.
    pub(crate) async fn send(&self, app: &TestApp) -> Response<Body> {
        Box::pin(dispatch(&app.inner, self.made(app))).await
    }

    /// Makes it; it must succeed.
    pub(crate) async fn must(&self, app: &TestApp) -> Response<Body> {
        let answer = self.send(app).await;
        assert!(answer.status().is_success(), "{} {}: {:?}", self.method, self.path, answer.body());
        answer
    }
}

/// The body of an answer.
pub(crate) fn json_of(answer: &Response<Body>) -> Value {
    serde_json::from_slice(answer.body()).unwrap()
}

/// The `rev` in an answer, if that is a conflict.
pub(crate) fn conflict(answer: &Response<Body>) -> Option<u64> {
    let conflict = answer.status() == StatusCode::CONFLICT;
    conflict.then(|| json_of(answer)["detail"]["details"]["rev"].as_u64().unwrap())
}

/// Prints the cause of each answer with 5xx to standard error.
pub(crate) fn log_errors() {
    let layer = tracing_subscriber::fmt::layer().json().with_writer(std::io::stderr);
    let _ = tracing_subscriber::registry().with(layer.with_filter(LevelFilter::ERROR)).try_init();
}

/// Below one review.
pub(crate) fn path(run: &str, below: &str) -> String {
    format!("{REVIEWS}/{run}/extract{below}")
}

/// An invoice as an extraction would make it, of about that many bytes of JSON. It deflates as such documents do.
pub(crate) fn document(bytes: usize, seed: u64) -> Value {
    const WORDS: [&str; 24] = [
        "steel",
        "bracket",
        "hinge",
        "left",
        "right",
        "galvanised",
        "M8",
        "bolt",
        "washer",
        "plate",
        "cable",
        "copper",
        "sheath",
        "black",
        "panel",
        "oak",
        "varnish",
        "litre",
        "service",
        "hour",
        "delivery",
        "pallet",
        "return",
        "deposit",
    ];
    let mut dice = Dice::new(seed);
    let mut lines: Vec<Value> = Vec::new();
    let mut size = 200;
    while size < bytes {
        let description: Vec<&str> = (0..4).map(|_| WORDS[dice.below(WORDS.len())]).collect();
        let line = json!({
            "sku": format!("{:08X}", dice.roll() & 0xffff_ffff),
            "description": description.join(" "),
            "quantity": dice.below(500),
            "unit_price": format!("{}.{:02}", dice.below(900), dice.below(100)),
            "confidence": (dice.part() * 1000.0).round() / 1000.0,
        });
        size += line.to_string().len() + 1;
        lines.push(line);
    }
    json!({
        "invoice_number": format!("INV-{:06}", dice.below(1_000_000)),
        "vendor": { "name": "Northwind Metalware Ltd", "vat_number": format!("GB{:09}", dice.below(1_000_000_000)) },
        "currency": "GBP",
        "issued_on": "2026-05-13",
        "lines": lines,
    })
}

/// A document as versions are stored.
pub(crate) fn deflated(document: &Value) -> Vec<u8> {
    let mut deflate = DeflateEncoder::new(Vec::new(), Compression::default());
    deflate.write_all(document.to_string().as_bytes()).unwrap();
    deflate.finish().unwrap()
}
