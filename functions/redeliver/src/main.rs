//! The Lambda binary of `redeliver`.

use redeliver::{Bounds, Publisher, Request};
use shared::runtime::config::Config;
use shared::runtime::lambda::run_triggered;
use shared::{api, metrics};

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    let prepare = |config: Config| (config.metrics, Publisher::from_config(config));
    run_triggered("redeliver", prepare, async |(level, publisher), request: Request| {
        let done = publisher.redeliver(request, Bounds::default()).await;
        let now = api::system_time().millis();
        metrics::print_line(*level, (publisher.table(), "redeliver"), now, &done.metrics());
        Ok(done)
    })
    .await
}
