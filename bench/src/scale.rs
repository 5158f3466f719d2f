//! How calls behave with many reviews, many claims, many clients.

use crate::load;
use crate::plot::{self, Axis};
use crate::report::{Report, Table, ratio, thousands, units};
use crate::sample::Sample;
use crate::test_app::{self, Request};
use futures_util::{StreamExt, stream};
use lambda_http::http::StatusCode;
use lambda_http::{Body, Response};
use local::gateway::dispatch;
use serde_json::{Value, json};
use shared::store::{Meter, Usage};
use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::time::Instant;
use tests::{REVIEWS, TestApp};

const CLIENTS: [usize; 4] = [1, 4, 16, 64];

pub(crate) fn suite(sizes: &[usize], rounds: usize) -> Report {
    test_app::log_errors();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut report = Report::new("scale");
    report.text(
        "All reviews are open, of one organization and one workflow, so all in one partition of each queue index. They are not opened \
         one by one: one opening is recorded as the store makes it, and its items are written under other run ids by `BatchWriteItem`.",
    );
    let (desks, loading) = runtime.block_on(async {
        let (mut desks, began) = (Vec::new(), Instant::now());
        for &size in sizes {
            eprintln!("loading {size} reviews");
            desks.push(load::desk_with(size).await);
        }
        (desks, began.elapsed())
    });
    let grown = runtime.block_on(grow(&desks, sizes, rounds));
    report.table(by_size(sizes, &grown));
    report.text(format!(
        "Units and round trips are those of every one of the {rounds} calls. Times are those of the emulator, which is SQLite: they say that \
         nothing of ours grows, not how fast DynamoDB is. Call by call alternating, each against the same call on {} reviews. \
         Loading took {:.0} s.",
        thousands(&sizes[0].to_string()),
        loading.as_secs_f64(),
    ));
    report.picture("time", "Time of calls by number of reviews", &picture(sizes, &grown));
    report.table(runtime.block_on(claimed_ahead()));
    report.text(
        "claim-next reads the queue from its hottest end, 20 rows, then 60, then 100 at a time, and passes by what is claimed: it costs by the \
         number of claims that stand, not by the number of reviews.",
    );
    report.table(runtime.block_on(many_clients()));
    report.text(
        "Clients of one process, on one thread, as many calls under way as there are clients, 256 in all, each number of clients on a table \
         of its own. On distinct reviews: each claims another. On one review: each tries with the last `rev` that it has been told, until \
         it has claimed it. claim-next: each asks for the hottest, while what was claimed before stays claimed. \
         All clients are one person's, so on one review her own refused tries put her lease back, which other people's would not. Clients wait for each other in the emulator, which does one \
         thing at a time: times say little here, units and calls are what counts.",
    );
    report
}

/// What is called at each size.
const CALLS: [&str; 3] = ["list of 50", "claim", "claim-next"];

/// What a call did at one size: its usages, and its times.
#[derive(Default)]
struct Grown {
    usages: Vec<Usage>,
    seconds: Vec<f64>,
}

/// For each size, for each call.
async fn grow(desks: &[TestApp], sizes: &[usize], rounds: usize) -> Vec<[Grown; 3]> {
    assert!(rounds <= sizes[0] / 5, "each round takes another review, and the first fifth is claim-next's");
    let mut grown: Vec<[Grown; 3]> = desks.iter().map(|_| Default::default()).collect();
    for app in desks {
        warm(app).await;
    }
    for round in 0..rounds {
        for (place, app) in desks.iter().enumerate() {
            // Spread over the last four fifths of the queue.
            let anywhere = load::run(sizes[place] / 5 + sizes[place] * 4 / 5 * round / rounds);
            let list = Request::get(format!("{REVIEWS}?limit=50&status=awaiting_review"));
            let next = Request::post(format!("{REVIEWS}/claim-next"), json!({}));
            for (call, request) in [list, claim(&anywhere, 0), next].into_iter().enumerate() {
                let (answer, usage, seconds) = timed(app, &request).await;
                assert_eq!(answer.status(), 200, "{:?}", answer.body());
                grown[place][call].usages.push(usage);
                grown[place][call].seconds.push(seconds);
                if call == 2 {
                    // Undone, so that the next one finds the same row: the cost by number of claims is another table.
                    let claimed = test_app::json_of(&answer);
                    reject(app, claimed["workflow_run_id"].as_str().unwrap()).await;
                }
            }
        }
    }
    grown
}

/// Takes a review that has just been claimed out of the queue.
async fn reject(app: &TestApp, run: &str) {
    let body = json!({ "version_stamp": 1, "verdict": "rejected", "reason": "Benchmark" });
    Request::post(test_app::path(run, "/decision"), body).must(app).await;
}

async fn warm(app: &TestApp) {
    Request::get(test_app::path("none", "")).send(app).await;
}

async fn timed(app: &TestApp, request: &Request) -> (Response<Body>, Usage, f64) {
    let request = request.made(app);
    let began = Instant::now();
    let (answer, usage) = Meter::measure(Box::pin(dispatch(&app.inner, request))).await;
    (answer, usage, began.elapsed().as_secs_f64())
}

/// `3.0`, or `3.0–4.0` where calls differ.
fn span(usages: &[Usage], of: impl Fn(&Usage) -> f64) -> String {
    let all = Sample::of(usages.iter().map(of));
    let (low, high) = (all.at(0.0), all.at(1.0));
    if low < high { format!("{low:.1}–{high:.1}") } else { format!("{low:.1}") }
}

fn by_size(sizes: &[usize], grown: &[[Grown; 3]]) -> Table {
    let mut table = Table::new(
        "By the number of reviews",
        &[
            "call",
            "reviews",
            "round trips",
            "read units",
            "write units",
            "time ÷ that of the smallest",
            "quartiles of pairs",
        ],
    );
    for (call, name) in CALLS.iter().enumerate() {
        for (size, grown_to) in sizes.iter().zip(grown) {
            let (Grown { usages, seconds }, base) = (&grown_to[call], &grown[0][call].seconds);
            let paired = Sample::of(seconds.iter().zip(base).map(|(seconds, base)| seconds / base));
            table.row([
                (*name).into(),
                (*size).into(),
                span(usages, |usage| usage.round_trips as f64).replace(".0", "").into(),
                span(usages, |usage| usage.read_units).into(),
                span(usages, |usage| usage.write_units).into(),
                ratio(paired.median()),
                paired.quartiles(1.0).into(),
            ]);
        }
    }
    table
}

fn picture(sizes: &[usize], grown: &[[Grown; 3]]) -> String {
    let line = |(call, name): (usize, &&str)| -> plot::Line {
        let base = &grown[0][call].seconds;
        let of = |grown: &[Grown; 3]| {
            Sample::of(grown[call].seconds.iter().zip(base).map(|(seconds, base)| seconds / base)).median()
        };
        ((*name).to_owned(), sizes.iter().zip(grown).map(|(size, grown)| (*size as f64, of(grown))).collect())
    };
    let lines: Vec<plot::Line> = CALLS.iter().enumerate().map(line).collect();
    let x = Axis { says: "reviews in the table (logarithmic)", logarithmic: true };
    let y = Axis { says: "time ÷ that of the smallest table", logarithmic: false };
    plot::lines("A call's time by the number of reviews", x, y, &lines, &[])
}

/// What claim-next costs if that many of the most urgent are claimed already.
async fn claimed_ahead() -> Table {
    let mut table = Table::new(
        "claim-next, by how many of the hottest reviews are claimed",
        &["claimed ahead", "round trips", "SDK calls", "read units", "write units"],
    );
    let app = load::desk_with(2000).await;
    warm(&app).await;
    let mut claimed = 0;
    for ahead in [0, 10, 49, 50, 100, 250, 500, 1000] {
        while claimed < ahead {
            let path = test_app::path(&load::run(claimed), "/claim");
            Request::post(path, json!({ "version_stamp": 0, "ttl_seconds": 86400 })).must(&app).await;
            claimed += 1;
        }
        let (answer, usage, _) =
            timed(&app, &Request::post(format!("{REVIEWS}/claim-next"), json!({}))).await;
        assert_eq!(test_app::json_of(&answer)["workflow_run_id"], load::run(ahead));
        claimed += 1;
        table.row([
            ahead.into(),
            usage.round_trips.into(),
            usage.calls.into(),
            units(usage.read_units),
            units(usage.write_units),
        ]);
    }
    table
}

/// How many calls each number of clients makes.
const CALLS_OF_ALL: usize = 256;

/// What many clients did together.
struct Together {
    usages: Vec<Usage>,
    refused: usize,
    /// Attempts that were answered 503: time-outs, when the machine is busy.
    unavailable: usize,
    seconds: f64,
}

async fn many_clients() -> Table {
    let mut table = Table::new(
        "Many clients at once",
        &[
            "what",
            "clients",
            "claims",
            "refused (409)",
            "unavailable (503)",
            "SDK calls a claim",
            "write units a claim",
            "read units a claim",
            "time ÷ one client's",
        ],
    );
    for way in [Way::Distinct, Way::One, Way::Next] {
        let mut alone = 0.0;
        for clients in CLIENTS {
            let together = way.take(&load::desk_with(2 * CALLS_OF_ALL).await, clients).await;
            if clients == 1 {
                alone = together.seconds;
            }
            let claims = CALLS_OF_ALL as f64;
            let sum = |of: fn(&Usage) -> f64| together.usages.iter().map(of).sum::<f64>() / claims;
            table.row([
                way.name().into(),
                clients.into(),
                CALLS_OF_ALL.into(),
                together.refused.into(),
                together.unavailable.into(),
                ratio(sum(|usage| usage.calls as f64)),
                ratio(sum(|usage| usage.write_units)),
                ratio(sum(|usage| usage.read_units)),
                ratio(together.seconds / alone),
            ]);
        }
    }
    table
}

/// What many clients do.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Distinct,
    One,
    Next,
}

impl Way {
    const fn name(self) -> &'static str {
        match self {
            Self::Distinct => "claim, distinct reviews",
            Self::One => "claim, one review",
            Self::Next => "claim-next",
        }
    }

    async fn take(self, app: &TestApp, clients: usize) -> Together {
        warm(app).await;
        let (usages, refused, unavailable) = (RefCell::new(Vec::new()), Cell::new(0), Cell::new(0));
        let (told, claimed) = (Cell::new(0_u64), RefCell::new(HashSet::new()));
        let began = Instant::now();
        let calls = stream::iter(0..CALLS_OF_ALL).map(|nth| {
            let (told, usages, claimed) = (&told, &usages, &claimed);
            let (refused, unavailable) = (&refused, &unavailable);
            async move {
                let mut stamp = if self == Self::One { told.get() } else { 0 };
                loop {
                    let (answer, usage, _) = timed(app, &self.request(nth, stamp)).await;
                    usages.borrow_mut().push(usage);
                    if answer.status() == StatusCode::SERVICE_UNAVAILABLE {
                        unavailable.set(unavailable.get() + 1);
                        continue;
                    }
                    let Some(rev) = test_app::conflict(&answer) else {
                        assert_eq!(answer.status(), 200, "{:?}", answer.body());
                        let overlay = test_app::json_of(&answer);
                        told.set(told.get().max(overlay["rev"].as_u64().unwrap()));
                        claimed.borrow_mut().insert(self.identity(&overlay));
                        return;
                    };
                    refused.set(refused.get() + 1);
                    stamp = rev;
                }
            }
        });
        calls.buffer_unordered(clients).for_each(|()| std::future::ready(())).await;
        let seconds = began.elapsed().as_secs_f64();
        assert_eq!(claimed.borrow().len(), CALLS_OF_ALL, "a claim was given twice, or lost");
        let (refused, unavailable) = (refused.get(), unavailable.get());
        Together { usages: usages.into_inner(), refused, unavailable, seconds }
    }

    fn request(self, nth: usize, stamp: u64) -> Request {
        match self {
            Self::Distinct => claim(&load::run(nth), stamp),
            // Each has another claim time: the same request by the same person would count as a retry.
            Self::One => {
                let body = json!({ "version_stamp": stamp, "ttl_seconds": 900 + nth });
                Request::post(test_app::path(&load::run(0), "/claim"), body)
            }
            Self::Next => Request::post(format!("{REVIEWS}/claim-next"), json!({})),
        }
    }

    /// What no two claims may share: the review or, for the same review, its `rev`.
    fn identity(self, overlay: &Value) -> String {
        overlay[if self == Self::One { "rev" } else { "workflow_run_id" }].to_string()
    }
}

fn claim(run: &str, stamp: u64) -> Request {
    Request::post(test_app::path(run, "/claim"), json!({ "version_stamp": stamp }))
}
