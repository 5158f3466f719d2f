//! What calls consume: capacity units, round trips and dollars, against obvious alternative designs.

use crate::alternative_designs::{Design, Reviews, Used};
use crate::plot::{self, Axis};
use crate::prices;
use crate::report::{Cell, Report, Table, ratio, units};
use crate::test_app::{self, Request};
use lambda_http::http::StatusCode;
use local::emulator;
use local::gateway::dispatch;
use serde_json::{Value, json};
use shared::store::{Meter, Usage};
use sweep::{Bounds, sweep};
use tests::outbox::{Outbox, Ways};
use tests::{REVIEWS, TestApp};

/// The sizes of snapshots, as JSON, in bytes.
const SIZES: [usize; 3] = [1024, 20 * 1024, 100 * 1024];
/// The changes of a typical review: opened, claimed, corrected, approved.
const CHANGES: f64 = 4.0;

/// One call, and what it consumed.
type Counted = (&'static str, Usage);

pub(crate) fn suite() -> Report {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (calls, lives) = runtime.block_on(async {
        let (mut calls, mut lives) = (Vec::new(), Vec::new());
        for size in SIZES {
            calls.push(count(size).await);
            lives.push(compare(size).await);
        }
        (calls, lives)
    });
    let idle = runtime.block_on(idle());
    let mut report = Report::new("units");
    let part = |size: &usize| {
        let document = test_app::document(*size, 1);
        format!(
            "{:.0}",
            100.0 * test_app::deflated(&document).len() as f64 / document.to_string().len() as f64
        )
    };
    report.text(format!(
        "As DynamoDB reports them (`ReturnConsumedCapacity`), counted where the calls are made; the emulator's figures follow AWS's\n\
         published rules. A failed condition\n\
         costs a unit or more that is reported nowhere: the row of the 409 is without it. Not verified: whether AWS also doubles index writes within a transaction (the emulator does not).\n\
         Snapshots are made-up invoices of 1, 20 and 100 KB of JSON, which deflate to {} % of that.",
        SIZES.each_ref().map(part).join(", "),
    ));
    report.table(by_call(&calls));
    report.table(by_design(&lives));
    report.text(
        "*trips* are round trips, *list* is a list of 50, *$* are DynamoDB's dollars. \
         *one item*: one item holds snapshots, audit, decisions and claim; each change is one conditional update of it. *one item, \
         snapshots deflated*: the same, compressed as ours are. *transaction of three items*: META, version, audit entry and lease are items, \
         changed in one transaction, then read. All have our indexes, keys only. The first two have no lease, \
         and cannot say who has claimed what without reading all; and they end at 400 KB, with the third snapshot of 100 KB uncompressed. \
         Only ours tells events: its life includes what `publish` consumes, for each change one look at the organization's webhooks, and once the lease.",
    );
    let title = "DynamoDB dollars for a million reviews: opened, claimed, corrected, approved";
    let x = Axis { says: "size of the snapshot, KB of JSON (logarithmic)", logarithmic: true };
    let y = Axis { says: "dollars a million (logarithmic)", logarithmic: true };
    let line = |place: usize| -> plot::Line {
        let of =
            |life: &Life| prices::of_units(life.designs[place].1.life.read, life.designs[place].1.life.write);
        let points = SIZES.iter().zip(&lives).map(|(size, life)| (*size as f64 / 1024.0, of(life)));
        (lives[0].designs[place].0.to_owned(), points.collect())
    };
    let drawn: Vec<plot::Line> = (0..lives[0].designs.len()).map(line).collect();
    report.picture(
        "life",
        "Dollars for a million reviews by design and size",
        &plot::lines(title, x, y, &drawn, &[]),
    );
    report.table(dollars(&lives));
    report.text(format!(
        "Each of the {CHANGES} changes: one request through the gateway, one invocation, and one of `publish` (so without any batching), {} ms billed \
         each at 512 MB, which is assumed. Not in it: looking (a get, a list, the inbox's pages and what they ask each 5 and 15 seconds), EventBridge, logs, traffic, storage, \
         free tiers. **Amazon A2I** has a price for each object, its page for the reviewer included; what it is could not be confirmed (below), so there is no ratio here.",
        prices::BILLED_MS,
    ));
    report.text(format!(
        "While nobody reviews: the sweep's look at an empty index is {} calls and {} read units a minute, and `redeliver`'s, which has one kind \
         of due items instead of two, is half of that: ${:.2} a month together; their invocations are ${:.2} more. What watches it costs more: docs/costs.md has the whole bill.",
        idle.calls,
        idle.read_units,
        1.5 * prices::of_units(idle.read_units, 0.0) * MINUTES / 1e6,
        prices::of_calls(0.0, 2.0) * MINUTES / 1e6,
    ));
    report.table(prices::table());
    report.text(prices::SOURCES);
    report
}

/// The minutes of a month.
const MINUTES: f64 = 43_800.0;

/// What a run of the sweep consumes if nothing is due.
async fn idle() -> Usage {
    let app = TestApp::new().await;
    let (_, usage) = Meter::measure(sweep(&app.inner.store, app.clock.now(), Bounds::default())).await;
    usage
}

/// Makes a request and returns what it consumed.
async fn metered(app: &TestApp, request: &Request, expected: StatusCode) -> Usage {
    let (answer, usage) = Meter::measure(Box::pin(dispatch(&app.inner, request.made(app)))).await;
    assert_eq!(answer.status(), expected, "{} {}: {:?}", request.method, request.path, answer.body());
    app.clock.advance_seconds(1);
    usage
}

/// Puts the callers' API keys into the cache.
async fn warm(app: &TestApp) {
    for who in ["dana", "ben", "agent"] {
        Request { who, ..Request::get(test_app::path("none", "")) }.send(app).await;
    }
}

/// Every call, on reviews whose snapshots have that size; each call on a review of its own, on which only what it needs was done before.
async fn count(size: usize) -> Vec<Counted> {
    let app = TestApp::new().await;
    let document = test_app::document(size, 1);
    warm(&app).await;
    let opened = metered(&app, &Request::open("run", &document), StatusCode::CREATED).await;
    let tag = Request::get(test_app::path("run", "")).must(&app).await.headers()["etag"].clone();
    let mut unchanged = Request::get(test_app::path("run", "")).made(&app);
    unchanged.headers_mut().insert("if-none-match", tag);
    let (answer, unchanged) = Meter::measure(Box::pin(dispatch(&app.inner, unchanged))).await;
    assert_eq!(answer.status(), StatusCode::NOT_MODIFIED);
    let mut counted = vec![("open", opened), ("get, unchanged (304)", unchanged)];

    let claim = |stamp: u64| ("dana", "/claim", json!({ "version_stamp": stamp }));
    let by_ben = |stamp: u64| ("ben", "/claim", json!({ "version_stamp": stamp }));
    let edit = ("dana", "/versions", json!({ "version_stamp": 0, "snapshot": test_app::document(size, 2) }));
    let decide = |verdict: &str| {
        let mut body = json!({ "version_stamp": 0, "verdict": verdict });
        match verdict {
            "approved" => {}
            "rejected" => body["reason"] = json!("Illegible"),
            _ => (body["reason"], body["escalate_to"]) = (json!("Too large"), json!("cfo")),
        }
        ("dana", "/decision", body)
    };
    let release = ("dana", "/release", json!({ "version_stamp": 1 }));
    let reopen = ("dana", "/reopen", json!({ "version_stamp": 1 }));
    let get = ("dana", "", Value::Null);
    for (name, before, call, status) in [
        ("get", None, get.clone(), 200),
        ("claim", None, claim(0), 200),
        ("claim, stale stamp (409)", Some(claim(0)), by_ben(0), 409),
        ("claim, renewed", Some(claim(0)), claim(1), 200),
        ("claim, taken over", Some(claim(0)), by_ben(1), 200),
        ("release", Some(claim(0)), release, 200),
        ("edit", None, edit.clone(), 200),
        ("decide: approve", None, decide("approved"), 200),
        ("reopen", Some(decide("approved")), reopen, 200),
        ("decide: escalate", None, decide("escalated"), 200),
        ("decide: reject", None, decide("rejected"), 200),
        ("get, two versions", Some(edit), get, 200),
    ] {
        let run = name.replace([' ', ',', ':', '(', ')'], "-");
        let request = |(who, below, body): (&'static str, &str, Value)| match body {
            Value::Null => Request { who, ..Request::get(test_app::path(&run, below)) },
            body => Request { who, ..Request::post(test_app::path(&run, below), body) },
        };
        Request::open(&run, &document).must(&app).await;
        if let Some(before) = before {
            request(before).must(&app).await;
            app.clock.advance_seconds(1);
        }
        let status = StatusCode::from_u16(status).unwrap();
        warm(&app).await;
        counted.push((name, metered(&app, &request(call), status).await));
    }
    for nth in 0..60 {
        Request::open(&format!("queued-{nth}"), &document).must(&app).await;
    }
    warm(&app).await;
    let list = Request::get(format!("{REVIEWS}?limit=50"));
    counted.push(("list of 50", metered(&app, &list, StatusCode::OK).await));
    let next = Request::post(format!("{REVIEWS}/claim-next"), json!({}));
    counted.push(("claim-next", metered(&app, &next, StatusCode::OK).await));
    counted.push(("API key, once a minute in each process", key_lookup(&app).await));
    counted
}

/// What a call consumes in addition if its API key is not in the cache.
async fn key_lookup(app: &TestApp) -> Usage {
    let get = Request::get(test_app::path("queued-0", ""));
    let warm = metered(app, &get, StatusCode::OK).await;
    app.clock.advance_seconds(61);
    let cold = metered(app, &get, StatusCode::OK).await;
    Usage {
        calls: cold.calls - warm.calls,
        round_trips: cold.round_trips - warm.round_trips,
        read_units: cold.read_units - warm.read_units,
        write_units: 0.0,
    }
}

/// What one design consumes: a claim, a list, a life.
#[derive(Clone, Copy, Default)]
struct Spent {
    claim: Used,
    get: Used,
    list: Used,
    life: Used,
}

/// What each design consumes for snapshots of one size.
struct Life {
    designs: Vec<(&'static str, Spent)>,
}

async fn compare(size: usize) -> Life {
    let mut designs = vec![("Holdpoint", ours(size).await)];
    for design in Design::ALL {
        designs.push((design.name(), theirs(size, design).await));
    }
    Life { designs }
}

fn used(usage: Usage) -> Used {
    Used { round_trips: usage.round_trips, read: usage.read_units, write: usage.write_units }
}

async fn ours(size: usize) -> Spent {
    let (first, second) = (test_app::document(size, 1), test_app::document(size, 2));
    let app = TestApp::with_stream().await;
    let outbox = app.outbox(Ways::default()).await;
    warm(&app).await;
    let edit = json!({ "version_stamp": 1, "snapshot": second });
    let approve = json!({ "version_stamp": 2, "verdict": "approved" });
    let open = metered(&app, &Request::open("run", &first), StatusCode::CREATED).await;
    let get = metered(&app, &Request::get(test_app::path("run", "")), StatusCode::OK).await;
    let mut life = used(open) + told(&outbox).await;
    let mut spent = Spent { get: used(get), ..Spent::default() };
    for (below, body) in
        [("/claim", json!({ "version_stamp": 0 })), ("/versions", edit), ("/decision", approve)]
    {
        let usage = metered(&app, &Request::post(test_app::path("run", below), body), StatusCode::OK).await;
        if below == "/claim" {
            spent.claim = used(usage);
        }
        life = life + used(usage) + told(&outbox).await;
    }
    for nth in 0..60 {
        Request::open(&format!("queued-{nth}"), &first).must(&app).await;
    }
    warm(&app).await;
    let list = Request::get(format!("{REVIEWS}?limit=50&status=awaiting_review"));
    spent.list = used(metered(&app, &list, StatusCode::OK).await);
    Spent { life, ..spent }
}

/// What `publish` consumes for the last changes if no webhook receives them: a read of the webhooks, and the deletion of the lease of
/// an ended claim.
async fn told(outbox: &Outbox) -> Used {
    let mut total = Used::default();
    for batch in outbox.take().await {
        let (_, usage) = Meter::measure(Box::pin(outbox.publisher.publish(batch))).await;
        total = total + Used { round_trips: 0, ..used(usage) };
    }
    total
}

async fn theirs(size: usize, design: Design) -> Spent {
    let (first, second) = (test_app::document(size, 1), test_app::document(size, 2));
    let reviews = Reviews::new(emulator::client(tests::endpoint()), design).await;
    let open = reviews.open("run", &first).await;
    let get = reviews.get("run").await;
    let claim = reviews.claim("run", 0).await;
    let edit = reviews.edit("run", 1, &second).await;
    let approve = reviews.approve("run", 2).await;
    for nth in 0..60 {
        reviews.open(&format!("queued-{nth}"), &first).await;
    }
    Spent { claim, get, list: reviews.list().await, life: [open, claim, edit, approve].into_iter().sum() }
}

fn by_call(sizes: &[Vec<Counted>]) -> Table {
    let mut table = Table::new(
        "Units and round trips of every call",
        &[
            "call",
            "round trips",
            "SDK calls",
            "read, 1 KB",
            "write, 1 KB",
            "read, 20 KB",
            "write, 20 KB",
            "read, 100 KB",
            "write, 100 KB",
        ],
    );
    for (place, (name, usage)) in sizes[0].iter().enumerate() {
        let mut row: Vec<Cell> = vec![(*name).into(), usage.round_trips.into(), usage.calls.into()];
        for counted in sizes {
            let usage = counted[place].1;
            row.extend([units(usage.read_units), units(usage.write_units)]);
        }
        table.row(row);
    }
    table
}

fn by_design(lives: &[Life]) -> Table {
    let mut table = Table::new(
        "Against other designs",
        &[
            "snapshot",
            "design",
            "claim, write",
            "claim, read",
            "claim, trips",
            "get, read",
            "list, read",
            "life, write",
            "life, read",
            "$ a million lives",
            "÷ ours",
        ],
    );
    for (size, life) in SIZES.iter().zip(lives) {
        let dollars = |spent: &Spent| prices::of_units(spent.life.read, spent.life.write);
        let ours = dollars(&life.designs[0].1);
        for (name, spent) in &life.designs {
            table.row([
                format!("{} KB", size / 1024).into(),
                (*name).into(),
                units(spent.claim.write),
                units(spent.claim.read),
                spent.claim.round_trips.into(),
                units(spent.get.read),
                units(spent.list.read),
                units(spent.life.write),
                units(spent.life.read),
                ratio(dollars(spent)),
                ratio(dollars(spent) / ours),
            ]);
        }
    }
    table
}

fn dollars(lives: &[Life]) -> Table {
    let mut table = Table::new(
        "Dollars for a million reviews, opened, claimed, corrected and approved",
        &["snapshot", "DynamoDB", "gateway and functions", "all"],
    );
    for (size, life) in SIZES.iter().zip(lives) {
        let spent = life.designs[0].1.life;
        let (units, calls) = (prices::of_units(spent.read, spent.write), prices::of_calls(CHANGES, CHANGES));
        table.row([format!("{} KB", size / 1024).into(), ratio(units), ratio(calls), ratio(units + calls)]);
    }
    table
}
