//! The Lambda binary of `redeliver`.

use redeliver::{Bounds, Publisher, Request};
use shared::runtime::lambda::run_triggered;
use shared::{api, metrics};

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    run_triggered("redeliver", Publisher::from_config, async |publisher, request: Request| {
        let done = publisher.redeliver(request, Bounds::default()).await;
        let now = api::system_time().millis();
        metrics::print(&metrics::line(publisher.table(), "redeliver", now, &done.metrics()));
        Ok(done)
    })
    .await
}
