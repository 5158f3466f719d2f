//! The Lambda binary of `sweep`.

use shared::runtime::lambda::{Tick, run_triggered};
use shared::{api, metrics};
use sweep::{Bounds, sweep};

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    run_triggered("sweep", shared::runtime::config::Config::store, async |store, tick: Tick| {
        let now = api::system_time();
        let swept = sweep(store, tick.now(now), Bounds::default()).await;
        metrics::print(&metrics::line(store.table(), "sweep", now.millis(), &swept.metrics()));
        Ok(swept)
    })
    .await
}
