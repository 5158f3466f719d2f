//! Warm calls: a handler's time, and its instructions, against the bare SDK calls that it needs.
//!
//! Three tables contain the same reviews. On the first, the handler's requests to DynamoDB are recorded; on the second, the handler is
//! timed; on the third, the SDK alone makes the same requests, in parallel where the handler's were. All three go through the same
//! calls in lock step, so that each finds the same state.

use crate::calls::{self, Recorder, Stages};
use crate::report::{Report, Table, ratio, thousands, whole};
use crate::sample::Sample;
use crate::test_app::{self, Request};
use clap::ValueEnum;
use local::emulator;
use local::gateway::dispatch;
use serde_json::{Value, json};
use std::process::Command;
use std::time::{Duration, Instant};
use tests::{REVIEWS, TestApp, rie};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::prelude::*;

/// What is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Verb {
    Claim,
    ClaimGzip,
    Release,
    Get,
    List,
    Edit,
    Approve,
}

impl Verb {
    const ALL: [Self; 7] =
        [Self::Claim, Self::ClaimGzip, Self::Release, Self::Get, Self::List, Self::Edit, Self::Approve];

    const fn name(self) -> &'static str {
        match self {
            Self::Claim => "claim",
            Self::ClaimGzip => "claim, answered in gzip",
            Self::Release => "release",
            Self::Get => "get",
            Self::List => "list of 50",
            Self::Edit => "edit",
            Self::Approve => "decide (approve)",
        }
    }

    fn request(self, run: &str, document: &Value) -> Request {
        let post = |below: &str, body| Request::post(test_app::path(run, below), body);
        match self {
            Self::Claim => post("/claim", json!({ "version_stamp": 0 })),
            Self::ClaimGzip => Request { gzip: true, ..Self::Claim.request(run, document) },
            Self::Release => post("/release", json!({ "version_stamp": 1 })),
            Self::Get => Request::get(test_app::path(run, "")),
            Self::List => Request::get(format!("{REVIEWS}?limit=50&status=awaiting_review")),
            Self::Edit => post("/versions", json!({ "version_stamp": 0, "snapshot": document })),
            Self::Approve => post("/decision", json!({ "version_stamp": 0, "verdict": "approved" })),
        }
    }
}

/// Which of the two variants of a call runs while instructions are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Way {
    Handler,
    Bare,
    Neither,
}

/// Three apps with the same reviews.
struct Triplets {
    recorder: Recorder,
    recorded: TestApp,
    handled: TestApp,
    bare: TestApp,
}

/// How large the documents are, as JSON, in bytes.
const DOCUMENT: usize = 4096;

impl Triplets {
    async fn new() -> Self {
        let recorder = Recorder::default();
        let client = recorder.client(tests::endpoint());
        Self {
            recorder,
            recorded: TestApp::with_client(client).await,
            handled: TestApp::new().await,
            bare: TestApp::new().await,
        }
    }

    const fn desks(&self) -> [&TestApp; 3] {
        [&self.recorded, &self.handled, &self.bare]
    }

    /// Opens the reviews that calls will be made on, claims them where that is what the call needs, and lets a second go by.
    async fn prepare(&self, verb: Verb, count: usize) {
        let document = test_app::document(DOCUMENT, 1);
        for app in self.desks() {
            for nth in 0..count {
                let run = run(verb, nth);
                Request::open(&run, &document).must(app).await;
                if verb == Verb::Release {
                    Verb::Claim.request(&run, &document).must(app).await;
                }
            }
            app.clock.advance_seconds(1);
            // The key is in the cache from here on.
            Request::get(test_app::path("none", "")).send(app).await;
        }
    }

    /// The call on the app that records requests: those that the SDK alone will make on the third table.
    async fn record(&self, request: &Request) -> Stages {
        self.recorder.take();
        request.must(&self.recorded).await;
        calls::of_table(self.recorder.take(), self.bare.inner.store.table())
    }

    async fn handle(&self, request: &Request) -> Duration {
        let request = request.made(&self.handled);
        let began = Instant::now();
        let answer = Box::pin(dispatch(&self.handled.inner, request)).await;
        let took = began.elapsed();
        assert!(answer.status().is_success(), "{:?}", answer.body());
        took
    }

    async fn replay(&self, stages: Stages) -> Duration {
        let client = self.bare.inner.store.client();
        let began = Instant::now();
        calls::replay(stages, client).await;
        began.elapsed()
    }
}

fn run(verb: Verb, nth: usize) -> String {
    format!("{verb:?}-{nth:05}")
}

/// Logs as on Lambda, but discards the lines: writing them is part of a handler's cost.
fn log_to_nowhere() {
    let layer = tracing_subscriber::fmt::layer().json().flatten_event(true).with_writer(std::io::sink);
    let _ = tracing_subscriber::registry().with(layer.with_filter(LevelFilter::INFO)).try_init();
}

/// Times each call `rounds` times; counts the instructions of claims over `counted` of them.
pub(crate) fn suite(rounds: usize, counted: usize) -> Report {
    log_to_nowhere();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut table = Table::new(
        "A handler's time ÷ the bare SDK calls' time",
        &[
            "call",
            "SDK calls",
            "one after the other",
            "p50 ÷ p50",
            "quartiles of pairs",
            "p99 ÷ p99",
            "bare p50, ms",
        ],
    );
    for verb in Verb::ALL {
        eprintln!("{}", verb.name());
        let (shape, pairs) = runtime.block_on(time(verb, rounds));
        let handled = Sample::of(pairs.iter().map(|pair| pair.0.as_secs_f64()));
        let bare = Sample::of(pairs.iter().map(|pair| pair.1.as_secs_f64()));
        let paired = Sample::of(pairs.iter().map(|pair| pair.0.as_secs_f64() / pair.1.as_secs_f64()));
        table.row([
            verb.name().into(),
            shape.iter().sum::<usize>().into(),
            shape.len().into(),
            ratio(handled.median() / bare.median()),
            paired.quartiles(1.0).into(),
            ratio(handled.at(0.99) / bare.at(0.99)),
            ratio(bare.median() * 1e3),
        ]);
    }
    let mut report = Report::new("warm");
    report.text(
        "A handler in process, its key cached, its log line made, over the emulated DynamoDB; against the same requests made by the\n\
         SDK's client alone, with the same configuration and the same side by side, on a table with the same content. Requests are\n\
         built beforehand for the SDK alone, and its answers are not looked at.",
    );
    report.table(table);
    report.text(format!(
        "{rounds} pairs of each, each on a review of its own with one version of {} bytes, the order alternating. \
         The emulator answers within a millisecond; DynamoDB takes several, so on AWS these ratios are nearer to 1.",
        thousands(&DOCUMENT.to_string()),
    ));
    if counted > 0 {
        report.table(instructions(counted));
        report.text(format!(
            "Counted by `valgrind --tool=callgrind` over {counted} calls in a process of their own, the emulator in another; what the \
             process does besides is counted by a run without these calls, and taken off.",
        ));
    }
    report
}

/// How many requests a call makes in each stage, and the times of its pairs: the handler's, the bare SDK's.
async fn time(verb: Verb, rounds: usize) -> (Vec<usize>, Vec<(Duration, Duration)>) {
    let (desks, document) = (Triplets::new().await, test_app::document(DOCUMENT, 2));
    desks.prepare(verb, rounds.max(60)).await;
    let (mut shape, mut pairs) = (Vec::new(), Vec::new());
    for nth in 0..rounds {
        let request = verb.request(&run(verb, nth), &document);
        let stages = desks.record(&request).await;
        shape = stages.iter().map(Vec::len).collect();
        pairs.push(if nth % 2 == 0 {
            let handled = desks.handle(&request).await;
            (handled, desks.replay(stages).await)
        } else {
            let bare = desks.replay(stages).await;
            (desks.handle(&request).await, bare)
        });
    }
    (shape, pairs)
}

/// The program whose instructions `valgrind` counts: prepares, records, and then makes the calls one way, or not at all.
pub(crate) fn count(verb: Verb, way: Way, calls: usize) {
    log_to_nowhere();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (desks, document) = (Triplets::new().await, test_app::document(DOCUMENT, 2));
        desks.prepare(verb, calls).await;
        for nth in 0..calls {
            let request = verb.request(&run(verb, nth), &document);
            let stages = desks.record(&request).await;
            match way {
                Way::Handler => drop(desks.handle(&request).await),
                Way::Bare => drop(desks.replay(stages).await),
                Way::Neither => {}
            }
        }
    });
}

fn instructions(calls: usize) -> Table {
    let mut table = Table::new(
        "Instructions a call, thousands",
        &["call", "handler", "bare SDK calls", "the handler's own", "handler ÷ bare"],
    );
    let emulator = emulator::Emulator::ephemeral().unwrap();
    for verb in [Verb::Claim, Verb::ClaimGzip, Verb::Get, Verb::Edit] {
        let count = |way| counted(emulator.endpoint(), verb, way, calls);
        let neither = count(Way::Neither);
        let [handler, bare] =
            [Way::Handler, Way::Bare].map(|way| (count(way) - neither) / calls as f64 / 1e3);
        table.row([
            verb.name().into(),
            whole(handler),
            whole(bare),
            whole(handler - bare),
            ratio(handler / bare),
        ]);
    }
    table
}

/// The instructions of one process of this program.
fn counted(endpoint: &str, verb: Verb, way: Way, calls: usize) -> f64 {
    let name = |value: &dyn ToString| value.to_string();
    let verb = name(&verb.to_possible_value().unwrap().get_name());
    let way = name(&way.to_possible_value().unwrap().get_name());
    eprintln!("callgrind: {verb}, {way}");
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(std::env::current_exe().unwrap())
        .args(["count", &verb, &way, &calls.to_string()])
        .env("HOLDPOINT_TEST_ENDPOINT", endpoint)
        // Reading all of the system's would take minutes.
        .env("SSL_CERT_FILE", rie::workspace().join("shared/src/store/table/amazon-roots.pem"))
        .env_remove("SSL_CERT_DIR")
        .current_dir(rie::workspace())
        .output()
        .expect("valgrind");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let collected = said.lines().find_map(|line| line.split("Collected :").nth(1));
    collected.unwrap_or_else(|| panic!("{said}")).trim().parse().unwrap()
}
