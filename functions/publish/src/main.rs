//! The Lambda binary of `publish`.

use publish::Publisher;
use shared::runtime::lambda::run_triggered;
use shared::{api, metrics};

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    run_triggered("publish", Publisher::from_config, async |publisher, batch| {
        let done = publisher.publish(batch).await;
        let now = api::system_time().millis();
        metrics::print(&metrics::line(publisher.table(), "publish", now, &done.metrics()));
        Ok(done)
    })
    .await
}
