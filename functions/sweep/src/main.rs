//! The Lambda binary of `sweep`.

use shared::runtime::config::Config;
use shared::runtime::lambda::{Tick, run_triggered};
use shared::{api, metrics};
use sweep::{Bounds, sweep};

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    let prepare = |config: Config| (config.metrics, config.store());
    run_triggered("sweep", prepare, async |(level, store), tick: Tick| {
        let times = tick.times("sweep", api::system_time());
        let swept = sweep(store, times, Bounds::default()).await;
        metrics::print_line(*level, (store.table(), "sweep"), times.own.millis(), &swept.metrics());
        Ok(swept)
    })
    .await
}
