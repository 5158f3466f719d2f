//! When a partition gets too hot: a simulation of the units that each partition consumes per second under a load of reviews. What a
//! call writes to which index is measured; who does what when is random, and the same for the same seed.

use crate::calls::{self, Call, Recorder};
use crate::plot::{self, Axis};
use crate::report::{Report, Table, ratio, units, whole};
use crate::sample::{Dice, Sample};
use crate::test_app::{self, Request};
use aws_sdk_dynamodb::types::{AttributeValue, ConsumedCapacity};
use serde_json::json;
use std::collections::HashMap;
use tests::outbox::Ways;
use tests::{REVIEWS, TestApp};

/// What one partition can take a second: write units, and read units.
const WRITE_LIMIT: f64 = 1000.0;
const READ_LIMIT: f64 = 3000.0;

const ORGANIZATIONS: usize = 100;
const WORKFLOWS: usize = 5;
const REVIEWERS: usize = 20;
/// How often somebody looks at the queue for each review that is decided.
const LISTS: usize = 5;
const SHARDS: usize = 8;
const SECONDS: usize = 60;
const LOADS: [f64; 6] = [10.0, 50.0, 100.0, 500.0, 1000.0, 5000.0];

/// What happens to a review.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Step {
    Open,
    Claim,
    Edit,
    Approve,
    /// `publish` removes the lease of a claim that the decision has ended.
    Publish,
    List,
}

impl Step {
    const ALL: [Self; 6] = [Self::Open, Self::Claim, Self::Edit, Self::Approve, Self::Publish, Self::List];

    const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Claim => "claim",
            Self::Edit => "edit (4 KB)",
            Self::Approve => "approve",
            Self::Publish => "publish: its lease removed",
            Self::List => "list of 50",
        }
    }
}

/// Where units go. Each is spread over partitions by its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Place {
    /// The table, by review.
    Review,
    /// The table, by who claims.
    Holder,
    /// The index of an organization's queue.
    Queue,
    /// The same, by workflow.
    WorkflowQueue,
    /// The index of what is due, in eight shards.
    Due,
}

impl Place {
    const ALL: [Self; 5] = [Self::Review, Self::Holder, Self::Queue, Self::WorkflowQueue, Self::Due];

    const fn name(self) -> &'static str {
        match self {
            Self::Review => "table, one review",
            Self::Holder => "table, one holder's leases",
            Self::Queue => "queue, one organization's open ones",
            Self::WorkflowQueue => "queue by workflow, one's open ones",
            Self::Due => "due, one shard",
        }
    }

    /// As the head of a column.
    const fn short_name(self) -> &'static str {
        match self {
            Self::Review => "a review",
            Self::Holder => "a holder",
            Self::Queue => "a queue",
            Self::WorkflowQueue => "a workflow's queue",
            Self::Due => "a due shard",
        }
    }
}

/// Units by place.
type Spread = HashMap<Place, f64>;

/// What each step consumes and where: read and write units.
struct Consumed {
    reads: HashMap<Step, Spread>,
    writes: HashMap<Step, Spread>,
}

pub(crate) fn suite(seed: u64) -> Report {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let consumed = runtime.block_on(measure());
    let mut report = Report::new("hottest");
    report.text(format!(
        "A partition takes {WRITE_LIMIT} write units and {READ_LIMIT} read units a second. {ORGANIZATIONS} organizations, of which the nth has 1/n of \
         the first one's load, each with {WORKFLOWS} workflows and {REVIEWERS} reviewers in like proportion; each review is opened, claimed, corrected, approved, its lease \
         removed, each at a time of its own, and {LISTS} times somebody lists the queue. Run ids are random. {SECONDS} seconds; seed {seed}.",
    ));
    report.table(by_step(&consumed));
    let heats: Vec<Heat> = LOADS.iter().map(|load| simulate(*load, &consumed, seed)).collect();
    report.table(by_load(&heats));
    report.text(
        "The load is that of all organizations; the columns are the places of the table before, open reviews only in the queues. \
         Of each second the hottest partition, and of those seconds the 99th percentile. \
         What a decision moves from one queue to another is one unit in each.",
    );
    report.picture("partitions", "The hottest partition's write units by load", &picture(&heats));
    report.table(full(&consumed, heats.last().unwrap()));
    report.text(
        "By proportion, from the average of the hottest partition. On average: bursts within a second come on top, \
         and DynamoDB's own bursts and splits of hot ranges take some off.",
    );
    report
}

/// Makes each step once, and again by the SDK alone, with capacity reported by index, on a second table in the same state.
async fn measure() -> Consumed {
    let recorder = Recorder::default();
    let (mut app, twin) = (TestApp::with_stream().await, TestApp::new().await);
    app.inner = app.another_app(recorder.client(tests::endpoint()));
    let table = Some(recorder.client(tests::endpoint()));
    let outbox = app.outbox(Ways { table, ..Ways::default() }).await;
    let mut consumed = Consumed { reads: HashMap::new(), writes: HashMap::new() };
    let (first, second) = (test_app::document(4096, 1), test_app::document(4096, 2));
    Request { who: "agent", ..Request::get(test_app::path("none", "")) }.send(&app).await;
    Request::get(test_app::path("none", "")).send(&app).await;
    let run = "0f8fad5b-d9cb-469f-a165-70867728950e";
    let post = |below: &str, body| Request::post(test_app::path(run, below), body);
    for nth in 0..60 {
        recorder.take();
        Request::open(&format!("queued-{nth}"), &first).must(&app).await;
        calls::replay(calls::of_table(recorder.take(), twin.inner.store.table()), twin.inner.store.client())
            .await;
    }
    for (step, request) in [
        (Step::Open, Request::open(run, &first)),
        (Step::Claim, post("/claim", json!({ "version_stamp": 0 }))),
        (Step::Edit, post("/versions", json!({ "version_stamp": 1, "snapshot": second }))),
        (Step::Approve, post("/decision", json!({ "version_stamp": 2, "verdict": "approved" }))),
        (Step::List, Request::get(format!("{REVIEWS}?limit=50&status=awaiting_review"))),
    ] {
        recorder.take();
        request.must(&app).await;
        app.clock.advance_seconds(1);
        consumed.take(step, &recorder, &twin).await;
    }
    outbox.publish().await;
    consumed.take(Step::Publish, &recorder, &twin).await;
    // An organization's webhooks are read once for each batch, however many reviews are in it.
    if let Some(reads) = consumed.reads.get_mut(&Step::Publish) {
        reads.clear();
    }
    consumed
}

impl Consumed {
    /// Sends the recorded requests again, and records where their units went.
    async fn take(&mut self, step: Step, recorder: &Recorder, twin: &TestApp) {
        let (mut reads, mut writes) = (Spread::new(), Spread::new());
        for call in recorder.take().into_iter().flatten() {
            assert_shard(&call);
            let (table, is_read) = (home(&call), is_read(&call));
            let call = call.of_table(twin.inner.store.table()).by_index();
            for consumed in call.send(twin.inner.store.client()).await {
                let spread = if is_read { &mut reads } else { &mut writes };
                note(spread, table, &consumed);
            }
        }
        self.reads.insert(step, reads);
        self.writes.insert(step, writes);
    }

    fn of(spreads: &HashMap<Step, Spread>, step: Step, place: Place) -> f64 {
        spreads[&step].get(&place).copied().unwrap_or_default()
    }

    fn written(&self, step: Step, place: Place) -> f64 {
        let units = Self::of(&self.writes, step, place);
        // What a decision removes from the partition of open reviews; the rest goes to another partition.
        let moves = step == Step::Approve && matches!(place, Place::Queue | Place::WorkflowQueue);
        if moves { units / 2.0 } else { units }
    }

    fn read(&self, step: Step, place: Place) -> f64 {
        Self::of(&self.reads, step, place)
    }
}

fn note(spread: &mut Spread, table: Place, consumed: &ConsumedCapacity) {
    let of_table = consumed.table().and_then(aws_sdk_dynamodb::types::Capacity::capacity_units);
    *spread.entry(table).or_default() += of_table.unwrap_or_default();
    for (index, capacity) in consumed.global_secondary_indexes().into_iter().flatten() {
        let place = match index.as_str() {
            "queue" => Place::Queue,
            "queue-by-workflow" => Place::WorkflowQueue,
            "due" => Place::Due,
            other => panic!("an index that is new here: {other}"),
        };
        *spread.entry(place).or_default() += capacity.capacity_units().unwrap_or_default();
    }
}

const fn is_read(call: &Call) -> bool {
    matches!(call, Call::Get(_) | Call::Query(_) | Call::Batch(_))
}

/// The partition of the table that a call uses.
fn home(call: &Call) -> Place {
    let item = match call {
        Call::Put(input) => input.item.as_ref(),
        Call::Update(input) => input.key.as_ref(),
        Call::Delete(input) => input.key.as_ref(),
        _ => None,
    };
    let pk = item.and_then(|item| item["pk"].as_s().ok());
    if pk.is_some_and(|pk| pk.starts_with("HOLDER#")) { Place::Holder } else { Place::Review }
}

/// The simulation spreads leases as the store does.
fn assert_shard(call: &Call) {
    let Call::Put(input) = call else { return };
    let item = input.item.as_ref().unwrap();
    let Some(AttributeValue::S(there)) = item.get("due_shard") else { return };
    let (run, block) = item["sk"].as_s().unwrap().strip_prefix("LEASE#").unwrap().split_once('#').unwrap();
    assert_eq!(*there, format!("LEASES#{}", shard(&format!("REVIEW#org_a#{run}#{block}"))));
}

/// As `shared::store::Due` has it.
fn shard(review: &str) -> usize {
    let sum = review.bytes().fold(0_u8, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte));
    usize::from(sum) % SHARDS
}

/// A weighted random choice: the nth of `count` is chosen 1/n as often as the first.
struct Weighted(Vec<f64>);

impl Weighted {
    fn new(count: usize) -> Self {
        let mut sum = 0.0;
        let mut up_to: Vec<f64> = (1..=count)
            .map(|nth| {
                sum += 1.0 / nth as f64;
                sum
            })
            .collect();
        for part in &mut up_to {
            *part /= sum;
        }
        Self(up_to)
    }

    fn roll(&self, dice: &mut Dice) -> usize {
        let part = dice.part();
        self.0.partition_point(|up_to| *up_to <= part)
    }
}

/// How many of something that happens `rate` times on average.
fn poisson(rate: f64, dice: &mut Dice) -> usize {
    if rate > 20.0 {
        return poisson(rate / 2.0, dice) + poisson(rate / 2.0, dice);
    }
    let (floor, mut product, mut count) = ((-rate).exp(), dice.part(), 0);
    while product > floor {
        product *= dice.part();
        count += 1;
    }
    count
}

/// How hot partitions get at one load.
struct Heat {
    load: f64,
    /// Of each second, the units of the hottest partition.
    written: HashMap<Place, Vec<f64>>,
    read: HashMap<Place, Vec<f64>>,
    /// The average of the partition that is hottest on the whole.
    mean_written: HashMap<Place, f64>,
}

fn simulate(load: f64, consumed: &Consumed, seed: u64) -> Heat {
    let mut dice = Dice::new(seed);
    let [organizations, workflows, reviewers] = [ORGANIZATIONS, WORKFLOWS, REVIEWERS].map(Weighted::new);
    let mut heat = Heat { load, written: HashMap::new(), read: HashMap::new(), mean_written: HashMap::new() };
    let mut whole: HashMap<(Place, u64), f64> = HashMap::new();
    for _ in 0..SECONDS {
        let (mut written, mut read) = (HashMap::new(), HashMap::new());
        for step in Step::ALL {
            let rate = if step == Step::List { load * LISTS as f64 } else { load };
            for _ in 0..poisson(rate, &mut dice) {
                let organization = organizations.roll(&mut dice);
                let workflow = organization * WORKFLOWS + workflows.roll(&mut dice);
                let reviewer = organization * REVIEWERS + reviewers.roll(&mut dice);
                let review = dice.roll();
                for place in Place::ALL {
                    let key = match place {
                        Place::Review => review,
                        Place::Holder => reviewer as u64,
                        Place::Queue => organization as u64,
                        Place::WorkflowQueue => workflow as u64,
                        Place::Due => {
                            shard(&format!("REVIEW#org_{organization}#{review:016x}#extract")) as u64
                        }
                    };
                    *written.entry((place, key)).or_default() += consumed.written(step, place);
                    *read.entry((place, key)).or_default() += consumed.read(step, place);
                }
            }
        }
        for place in Place::ALL {
            heat.written.entry(place).or_default().push(hottest(&written, place));
            heat.read.entry(place).or_default().push(hottest(&read, place));
        }
        written.retain(|(place, _), _| *place != Place::Review);
        for (key, units) in written {
            *whole.entry(key).or_default() += units;
        }
    }
    for place in Place::ALL {
        heat.mean_written.insert(place, hottest(&whole, place) / SECONDS as f64);
    }
    heat
}

fn hottest(units: &HashMap<(Place, u64), f64>, of: Place) -> f64 {
    units.iter().filter(|((place, _), _)| *place == of).map(|(_, units)| *units).fold(0.0, f64::max)
}

fn percentile(seconds: &[f64]) -> f64 {
    Sample::of(seconds.iter().copied()).at(0.99)
}

fn by_step(consumed: &Consumed) -> Table {
    let columns = [
        "step",
        "table, review",
        "table, holder",
        "queue",
        "queue by workflow",
        "due",
        "read, table",
        "read, indexes",
    ];
    let mut table = Table::new("Where a review's units go, measured: write units, and read units", &columns);
    for step in Step::ALL {
        let write = |place| units(Consumed::of(&consumed.writes, step, place));
        let read = |places: &[Place]| units(places.iter().map(|place| consumed.read(step, *place)).sum());
        table.row([
            step.name().into(),
            write(Place::Review),
            write(Place::Holder),
            write(Place::Queue),
            write(Place::WorkflowQueue),
            write(Place::Due),
            read(&[Place::Review, Place::Holder]),
            read(&[Place::Queue, Place::WorkflowQueue, Place::Due]),
        ]);
    }
    table
}

fn by_load(heats: &[Heat]) -> Table {
    let mut columns = vec!["reviews a second".to_owned()];
    columns.extend(Place::ALL.map(|place| format!("{}, write", place.short_name())));
    columns.push(format!("{}, read", Place::Queue.short_name()));
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    let mut table = Table::new("The hottest partition, units a second", &columns);
    for heat in heats {
        let mut row = vec![whole(heat.load)];
        row.extend(Place::ALL.map(|place| whole(percentile(&heat.written[&place]))));
        row.push(whole(percentile(&heat.read[&Place::Queue])));
        table.row(row);
    }
    table
}

fn picture(heats: &[Heat]) -> String {
    let places = [Place::Queue, Place::WorkflowQueue, Place::Due, Place::Holder];
    let lines: Vec<plot::Line> = places
        .iter()
        .map(|place| {
            let points = heats.iter().map(|heat| (heat.load, percentile(&heat.written[place]).max(1.0)));
            (place.name().to_owned(), points.collect())
        })
        .collect();
    let x = Axis { says: "reviews a second, all organizations (logarithmic)", logarithmic: true };
    let y = Axis { says: "write units a second (logarithmic)", logarithmic: true };
    let limits = [(WRITE_LIMIT, "what a partition takes: 1,000")];
    plot::lines("The hottest partition", x, y, &lines, &limits)
}

/// At which load a partition is full.
fn full(consumed: &Consumed, heat: &Heat) -> Table {
    let columns = [
        "partition",
        "units a review",
        "full at, this mix of organizations, reviews a second",
        "full at, one organization alone",
    ];
    let mut table = Table::new("The load at which a partition is full", &columns);
    for place in [Place::Queue, Place::WorkflowQueue, Place::Due, Place::Holder] {
        let a_review: f64 = Step::ALL
            .iter()
            .filter(|step| **step != Step::List)
            .map(|step| consumed.written(*step, place))
            .sum();
        // Alone, an organization has one partition of its queue, the shards of all, and its first workflow's and reviewer's share.
        let share = match place {
            Place::Queue | Place::Review => 1.0,
            Place::WorkflowQueue => first_share(WORKFLOWS),
            Place::Holder => first_share(REVIEWERS),
            Place::Due => 1.0 / SHARDS as f64,
        };
        table.row([
            format!("{}, write", place.name()).into(),
            ratio(a_review),
            whole(heat.load * WRITE_LIMIT / heat.mean_written[&place]),
            whole(WRITE_LIMIT / (a_review * share)),
        ]);
    }
    let listed = LISTS as f64 * consumed.read(Step::List, Place::Queue);
    table.row([
        format!("{}, read by {LISTS} lists a review", Place::Queue.name()).into(),
        ratio(listed),
        whole(READ_LIMIT / (listed * first_share(ORGANIZATIONS))),
        whole(READ_LIMIT / listed),
    ]);
    table
}

/// The probability of the first of that many.
fn first_share(count: usize) -> f64 {
    Weighted::new(count).0[0]
}
