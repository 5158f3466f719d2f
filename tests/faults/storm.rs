//! Thousands of random operations of the published client, under faults between the SDK and DynamoDB.
//!
//! `HOLDPOINT_OPERATIONS` makes it longer, `HOLDPOINT_SEED` rolls other dice.

use crate::checker;
use crate::driver::{self, Driver};
use crate::history::{self, Operation, Outcome};
use crate::table;
use crate::terms::Followed;
use local::{emulator, server};
use shared::api::{App, Clock};
use shared::review::Timestamp;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tests::fault_plan::{Dice, FaultPlan};
use tests::faults::Faults;
use tests::outbox::{Outbox, Ways};
use tests::{START, TestApp};

/// Time passes so much faster, so that claims run out while others write.
const HASTE: u32 = 60;

fn hasty_clock() -> Clock {
    let started = Instant::now();
    let passed = move || i64::try_from((started.elapsed() * HASTE).as_millis()).unwrap();
    Arc::new(move || START.plus_millis(passed()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn under_faults_what_is_acknowledged_is_there_once_and_nothing_is_half_there() {
    let seed = Dice::seed(7);
    let faults = Faults::default();
    let mut app = TestApp::with_stream().await;
    app.inner = app.another_app(faults.client(tests::endpoint()));
    let outbox = app.outbox(Ways { table: Some(faults.client(tests::endpoint())), ..Ways::default() }).await;
    let driver = Driver::new(&app, seed, "storm").await;
    let clock = hasty_clock();
    let listener = server::listen("127.0.0.1", 0).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let other_app = Arc::new(App::with_clock(app.inner.store.clone(), clock.clone()));
    let server = tokio::spawn(async move {
        server::serve(listener, other_app, &server::Reach::default(), std::future::pending()).await
    });
    let sweeping = tokio::spawn(sweep(app.inner.store.clone(), clock.clone()));
    let publishing = tokio::spawn(publish(outbox));

    faults.follow(FaultPlan::of(seed));
    let (operations, at_most) = driver::size(tests::amount(1400, 4000));
    let history = driver.run(&url, operations, at_most).await;
    sweeping.abort();
    publishing.abort();
    let fault_plan = faults.stop_faults().await.unwrap();
    server.abort();

    let plain = emulator::client(tests::endpoint());
    let after = app.another_app(plain.clone());
    let overlays = driver.overlays(&after, &history).await;
    let mut wrong = checker::check(&history, &overlays);
    wrong.extend(table::leftovers(&plain, after.store.table(), &overlays).await);
    let leases = table::leases(&plain, after.store.table(), &overlays, &history).await;
    println!("{leases}");
    assert!(leases.there > 0, "no claim stands: nothing was checked");
    wrong.extend(leases.missing);
    println!("seed {seed}; {}\n{fault_plan}", history::summary(&history));
    println!("{}; {} violations", driver::shape(&overlays), wrong.len());
    let followed = Followed::of(&history, &overlays);
    println!("{followed:?}");
    driver.conclude(&wrong);
    assert_it_was_a_storm(&history, &fault_plan);
    followed.assert_there_was_some_of_all();
}

/// A check that finds nothing because nothing happened is none.
fn assert_it_was_a_storm(history: &[Operation], fault_plan: &FaultPlan) {
    let of = |outcome| history.iter().filter(|it| it.outcome == outcome).count();
    assert!(of(Outcome::Done) > history.len() / 3, "{} were done", of(Outcome::Done));
    assert!(of(Outcome::Refused) > history.len() / 20, "{} were refused", of(Outcome::Refused));
    assert!(history.iter().any(|it| it.attempts > 1), "the client never retried");
    assert_eq!(fault_plan.faults.len(), 9, "each kind of fault happened: {fault_plan}");
    let internal = history.iter().filter(|it| it.status == Some(500)).count();
    assert_eq!(internal, 0, "no fault of DynamoDB's is a defect of ours");
}

/// What the stream says is told, and leases of ended claims go, while others write.
async fn publish(outbox: Outbox) {
    loop {
        outbox.publish().await;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn sweep(store: shared::store::Store, clock: Clock) {
    loop {
        let now: Timestamp = clock();
        sweep::sweep(&store, now, sweep::Bounds::default()).await;
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
